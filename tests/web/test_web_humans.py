"""The inbox of human tasks: found, claimed, answered by a form, failed."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from posting import posted
from web_story import HOSTILE, Story

import podium
from podium import workflow
from podium.dsl import people
from podium.model.definitions import SchemaDef, TaskDef
from podium.model.statuses import RunStatus, SchemaType

FORM = SchemaDef(
    name="approval form",
    version=1,
    type=SchemaType.JSON,
    data={
        "type": "object",
        "required": ["decision"],
        "properties": {
            "decision": {"title": "Decision", "enum": ["yes", "no"]},
            "note": {"title": "Note", "type": "string", "maxLength": 1000},
            "amount": {"title": "Amount", "type": "number"},
        },
    },
)
DEFINED = SchemaDef(name="vote", type=SchemaType.JSON, data={"properties": {"vote": {"type": "boolean"}}})


@workflow
def approval(amount: float = 3.0) -> Any:
    """Ask with a form."""
    anna = people.user("anna@example.org")
    asked = people.ask("ask", display_name="Approve it?", form="approval form", assignments=[anna], amount=amount)
    return asked.output


@workflow
def question(text: str = "") -> Any:
    """Ask without a form."""
    asked = podium.human("decide", question=text, facts={"deep": [1, {"x": text}]})
    with podium.switch("which", asked.output.answer) as chosen:
        with chosen.case("go"):
            podium.set_variable("keep", said=asked.output.reason)
        with chosen.case("stop"):
            podium.set_variable("stopped", said="stop")
    return asked.output


@workflow
def voting() -> Any:
    """Ask by what the task's definition says."""
    return podium.human("vote").output


@workflow
def inner() -> None:
    """Ask twice."""
    with podium.loop("rounds", max_iterations=5) as rounds:
        podium.human("again", hint="say more")
        rounds.until(rounds.iteration >= 2)


@workflow
def outer() -> Any:
    """Ask within another workflow."""
    return inner().output


@pytest.fixture(scope="module", autouse=True)
def registered(story: Story) -> None:
    """Workflows that ask in three ways, and in a loop of a sub-workflow."""
    story.client.register(outer)
    story.client.register(FORM, approval, question, voting, TaskDef(name="vote", output_schema=DEFINED))


def _asked(story: Story, run_id: str) -> str:
    [task] = [each for each in story.client.pending_humans() if each.workflow_instance_id == run_id]
    return f"{story.server.url}/tasks/{task.task_id}"


def test_a_task_is_found_claimed_and_completed(story: Story, page: Tab) -> None:
    """From the inbox to the answer: the run goes on with what was typed, and who claimed it is known."""
    run_id = story.client.start(approval)
    page.goto(story.url("/tasks"))
    row = page.locator("tr", has_text=run_id)
    expect(row).to_contain_text("anna@example.org")
    row.get_by_role("link", name="Approve it?").click()
    page.get_by_label("Your name").fill("anna")
    page.get_by_role("button", name="Claim").click()
    expect(page.locator("#said")).to_contain_text("anna has claimed it")
    expect(page.get_by_label("Amount")).to_have_value("3.0")
    page.get_by_role("button", name="Complete", exact=True).last.click()
    expect(page.locator(".field", has=page.get_by_label("Decision"))).to_contain_text("is missing")
    page.get_by_label("Decision").select_option("yes")
    page.get_by_label("Note").fill("two\nlines")
    page.get_by_role("button", name="Complete", exact=True).last.click()
    page.wait_for_url(re.compile("/tasks$"))
    run = story.client.wait(run_id, 10)
    assert run.output["result"] == {"decision": "yes", "note": "two\nlines", "amount": 3.0}
    assert run.tasks[0].worker_id == "anna"


def test_who_comes_second_is_told(story: Story) -> None:
    """A claimed task is not claimed by another one unless he says so."""
    url = _asked(story, story.client.start(approval)).removeprefix(story.server.url)
    posted(story, f"{url}/claim", {"who": "anna"})
    posted(story, f"{url}/claim", {"who": "bert"})
    task_id = url.rpartition("/")[2]
    assert story.client.task(task_id).worker_id == "anna"
    posted(story, f"{url}/claim", {"who": "bert", "anyway": "1"})
    assert story.client.task(task_id).worker_id == "bert"
    assert posted(story, f"{url}/claim", {}).status_code == 400


def test_a_form_of_what_the_workflow_asks_of_the_answer(story: Story, page: Tab) -> None:
    """Without a schema the fields are those that later steps read, and the cases of a switch are offered."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    run_id = story.client.start(question, {"text": HOSTILE})
    page.goto(_asked(story, run_id))
    expect(page.locator("main")).to_contain_text("alert('x')")
    assert page.locator("datalist option").evaluate_all("all => all.map(each => each.value)") == ["go", "stop"]
    page.get_by_label("answer").fill("go")
    page.get_by_label("reason").fill("because")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.get_by_label("reason")).to_have_value("because")
    page.get_by_role("button", name="Complete", exact=True).last.click()
    page.wait_for_url(re.compile("/tasks$"))
    run = story.client.wait(run_id, 10)
    assert run.output["result"] == {"answer": "go", "reason": "because"}
    assert run.variables == {"said": "because"}


def test_a_form_of_the_tasks_definition(story: Story) -> None:
    """The schema of a task definition's output is the form; a value of another type is refused at its field."""
    run_id = story.client.start(voting)
    url = _asked(story, run_id).removeprefix(story.server.url)
    assert posted(story, url, {"act": "complete", "answer/vote": "7"}).status_code == 400
    assert posted(story, url, {"act": "complete", "answer/vote": "0"}).status_code == 303
    assert story.client.wait(run_id, 10).output["result"] == {"vote": True}


def test_each_round_of_a_loop_in_a_sub_workflow_asks_anew(story: Story) -> None:
    """A task of a sub-workflow stands in the inbox, each iteration for itself, and an answer brings the next."""
    run_id = story.client.start(outer)
    for name in ("again__1", "again__2"):
        [asked] = [each for each in story.client.pending_humans() if each.workflow_type == "inner"]
        assert asked.reference_task_name == name
        url = f"/tasks/{asked.task_id}"
        assert posted(story, f"{url}/claim", {"who": "anna"}).status_code == 303
        said = {"key:answer/~20": "said", "answer/~20": name}
        assert posted(story, url, {"act": "complete", **said}).status_code == 303
        done = story.client.task(asked.task_id)
        assert (done.output_data, done.worker_id) == ({"said": name}, "anna")
    assert story.client.wait(run_id, 10).status is RunStatus.COMPLETED


def test_a_task_fails_with_a_reason(story: Story, page: Tab) -> None:
    """A task that cannot be done fails for the reason that was typed; without one nothing happens."""
    run_id = story.client.start(approval)
    page.goto(_asked(story, run_id))
    page.get_by_text("It cannot be done").click()
    page.get_by_role("button", name="Fail the task").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_label("Why").fill("nobody knows")
    page.get_by_label("Do not ask again").check()
    page.get_by_role("button", name="Fail the task").click()
    page.wait_for_url(re.compile("/tasks$"))
    run = story.client.wait(run_id, 10)
    assert run.status is RunStatus.FAILED
    assert "nobody knows" in (run.reason_for_incompletion or "")


def test_what_has_ended_says_so(story: Story) -> None:
    """A task that somebody else has completed shows no form, and an answer that comes late changes nothing."""
    run_id = story.client.start(voting)
    url = _asked(story, run_id).removeprefix(story.server.url)
    story.client.complete_task(run_id, "vote", {"vote": False})
    assert "It has ended" in httpx.get(f"{story.server.url}{url}").text
    late = posted(story, url, {"act": "complete", "answer/vote": "0"})
    assert late.status_code == 400
    assert 'role="alert"' in late.text  # who answers late is told that it was not taken
    assert httpx.get(story.url("/tasks/nothing")).status_code == 404


def test_the_inbox_is_searched(story: Story) -> None:
    """By a part of anything, and by whether somebody has claimed it."""
    run_id = story.client.start(question, {"text": "needle"})
    found = httpx.get(story.url("/tasks?q=needle")).text
    assert run_id in found
    assert "needle</span>" in found
    assert "No task that waits is like this" in httpx.get(story.url("/tasks?q=nothing-like-it")).text
    posted(story, f"{_asked(story, run_id).removeprefix(story.server.url)}/claim", {"who": "anna"})
    assert run_id not in httpx.get(story.url("/tasks?q=needle&whose=free")).text
