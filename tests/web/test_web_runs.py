"""The list of runs: searched, completed while one types, and acted on many at a time."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from playwright.sync_api import Page, expect
from posting import posted
from web_story import HOSTILE, Story, order, price, quick

from podium.model.statuses import RunStatus
from podium.server.desk import Desk
from podium.server.web.completing import RUN_FIELDS, TASK_FIELDS, QueryField, offers
from podium.server.web.visits import Fields, Visit, Visitor
from podium.testing.serving import running_server


def _visit(story: Story) -> Visit:
    polls = {("price", None): ("worker-1", 1)}
    at_desk = SimpleNamespace(client=story.client, engine=story.client.engine, polls=polls)
    desk = cast("Desk", at_desk)  # all that offers ask of it
    return Visit(desk=desk, user=Visitor(), path={}, query=Fields({}))


@pytest.mark.parametrize(
    ("typed", "fields", "first"),
    [
        ("", RUN_FIELDS, "status"),
        ("work", RUN_FIELDS, "workflowType"),
        ("status ", RUN_FIELDS, "="),
        ("status = ", RUN_FIELDS, "RUNNING"),
        ("status = FA", RUN_FIELDS, "FAILED"),
        ("status =FA", RUN_FIELDS, "FAILED"),
        ("status IN (FAILED, TI", RUN_FIELDS, "TIMED_OUT"),
        ("status = FAILED ", RUN_FIELDS, "AND"),
        ("status = FAILED AND ", RUN_FIELDS, "status"),
        ("(status = FAILED OR vers", RUN_FIELDS, "version"),
        ("workflowType = ", RUN_FIELDS, "order"),
        ("workflowType = qui", RUN_FIELDS, "quick"),
        ("correlationId = c-", RUN_FIELDS, "c-17"),
        ("version BETWEEN 1 AND ", RUN_FIELDS, "1"),
        ("endTime IS ", RUN_FIELDS, "NULL"),
        ("input ", RUN_FIELDS, "="),
        ("taskDefName = ", TASK_FIELDS, "price"),
        ("workerId = ", TASK_FIELDS, "worker-1"),
        ("status = SCH", TASK_FIELDS, "SCHEDULED"),
    ],
)
def test_a_query_is_completed_by_what_may_come_next(
    story: Story, typed: str, fields: dict[str, QueryField], first: str
) -> None:
    """Fields, operators, values that there are, and the words that join: the best one stands first."""
    assert offers(_visit(story), typed, fields)[0].text == first


def test_an_offer_replaces_the_word_that_is_being_typed(story: Story) -> None:
    """What was typed of a word is part of what is offered for it."""
    typed = "status = FAILED AND workf"
    offer = offers(_visit(story), typed, RUN_FIELDS)[0]
    assert typed[: offer.begin] + offer.text == "status = FAILED AND workflowType"


def test_the_keyboard_alone_writes_a_query_and_opens_what_it_finds(story: Story, page: Page) -> None:
    """Arrows and Enter choose what is offered; the address keeps the search; the run is a link."""
    page.goto(story.url("/runs"))
    box = page.get_by_role("combobox", name="Runs that …")
    box.press_sequentially("status = FA")
    expect(page.get_by_role("option", name="FAILED")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("status = FAILED ")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"query=status"))
    expect(page.locator("tbody tr").first).to_contain_text("an amount is not negative")
    expect(page.locator("tbody .badge").first).to_contain_text("failed")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/runs?status=FAILED", {"failed"}),
        ("/runs?query=correlationId+%3D+c-17", {"failed"}),
        ("/runs?tasks=taskDefName+%3D+price+AND+status+%3D+FAILED", {"failed"}),
        ("/runs?tasks=taskDefName+%3D+approve&status=RUNNING", {"waiting"}),
        ("/runs?text=hostile+nothing", set()),
        ("/runs?text=alert", {"waiting"}),
        ("/runs?query=output+%3D+6.0", {"done"}),
        ("/runs?query=workflowType+%3D+order", {"waiting", "paused"}),
        ("/runs?status=PAUSED&status=COMPLETED&span=1h&top=1", {"paused", "done"}),
        ("/runs?start=2&sort=startTime:ASC", {"waiting", "paused"}),
    ],
)
def test_a_search_finds_by_status_name_payload_task_and_more(story: Story, address: str, found: set[str]) -> None:
    """The whole search stands in the address, so that it can be kept and sent."""
    shown = httpx.get(story.url(address)).text
    with_links = {name for name, run_id in story.runs.items() if f'href="/runs/{run_id}"' in shown}
    assert with_links == found


def test_a_query_that_cannot_be_read_says_why(story: Story) -> None:
    """Nothing is found by a wrong query but the word that is wrong; a field that nobody knows is named."""
    for query in ("status+%3D", "workflowType+%3D+'open"):
        answer = httpx.get(story.url(f"/runs?query={query}"))
        assert "cannot be read" in answer.text
        assert 'name="query"' in answer.text  # what was typed can be mended where it stands
    assert "There is no field state" in httpx.get(story.url("/runs?query=state+%3D+FAILED")).text
    assert httpx.get(story.url("/runs?status=SLEEPING")).status_code == 400


def test_a_bulk_action_says_first_to_which_runs_it_would_be_done(story: Story, page: Page) -> None:
    """The dry run counts and names runs, and those that it would pass over; only then is it done to just these."""
    ids = [story.client.start(order) for _ in range(3)]
    story.client.pause(ids[2])
    page.goto(story.url("/runs?query=workflowType+%3D+order"))
    for run_id in ids:
        page.get_by_label(f"Choose order {run_id}").check()
    page.get_by_role("button", name="Pause…").click()
    expect(page.locator("h1")).to_have_text("Pause 2 runs?")
    expect(page.locator("main")).to_contain_text("Not for 1, because of their status: PAUSED 1")
    assert story.client.get(ids[0]).status is RunStatus.RUNNING
    page.get_by_role("button", name="Pause 2").click()
    expect(page.locator("h1")).to_have_text("Pause: done for 2")
    assert [story.client.get(run_id).status for run_id in ids] == [RunStatus.PAUSED] * 3


def test_all_that_a_search_finds_can_be_meant(story: Story, page: Page) -> None:
    """A bulk action may mean all runs of the search instead of those that are ticked."""
    with story.client.workers([price]):
        for _ in range(2):
            story.client.run(quick, {"amount": -5.0}, correlation_id="many", timeout=30)
    page.goto(story.url("/runs?query=correlationId+%3D+many"))
    page.get_by_label("Which runs").select_option("all")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 2").click()
    expect(page.locator("h1")).to_have_text("Delete: done for 2")
    assert len(story.client.search(correlation_id="many")) == 0


def test_an_empty_list_says_why(story: Story) -> None:
    """Where there is no run yet the page leads to where one is started; where a search finds none, it says so."""
    assert "No run matches" in httpx.get(story.url("/runs?query=workflowType+%3D+nothing")).text
    with running_server("memory://") as server:
        assert "There is no run yet" in httpx.get(f"{server.url}/runs").text


def test_a_bulk_action_without_a_run_says_how_to_choose(story: Story, page: Page) -> None:
    """Where nothing is ticked nothing is offered to be done to no run."""
    page.goto(story.url("/runs"))
    page.get_by_role("button", name="Retry…").click()
    expect(page.locator("main")).to_contain_text("no run is chosen")


def test_a_new_run_appears_in_the_list_by_itself(story: Story, page: Page) -> None:
    """The list hears of what is committed; nobody loads the page anew."""
    page.goto(story.url("/runs"))
    page.evaluate("window.isSamePage = true")
    expect(page.locator("[data-is-live]")).to_be_attached()
    run_id = story.client.start(order)
    expect(page.locator(f'a[href="/runs/{run_id}"]')).to_be_visible()
    assert page.evaluate("window.isSamePage")


def test_a_view_is_kept_under_a_name_for_everybody(story: Story, page: Page) -> None:
    """What is searched for gets a name; whoever opens the list finds it there, until somebody deletes it."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(story.url("/runs?status=FAILED&query=workflowType+%3D+quick"))
    page.get_by_text("Keep this view").click()
    page.get_by_label("Name").fill(HOSTILE[:60].replace("\u202e", ""))
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#said")).to_contain_text("is kept")
    expect(page.get_by_text("Keep this view")).to_have_count(0)
    page.goto(story.url("/runs"))
    page.get_by_role("list", name="Views").get_by_role("link").click()
    expect(page.get_by_role("combobox", name="Runs that …")).to_have_value("workflowType = quick")
    expect(page.locator(".views [aria-current]")).to_be_visible()
    page.get_by_role("button", name="Delete this view").click()
    expect(page.locator("#said")).to_contain_text("is deleted")
    expect(page.get_by_role("list", name="Views")).to_have_count(0)


def test_a_view_has_a_name_that_can_be_read(story: Story) -> None:
    """No name, a long one, and one with characters that nobody sees are refused; nothing is kept."""
    for name in ("", "x" * 61, "a\u202eb"):
        answer = posted(story, "/runs/views", {"view": name, "status": "FAILED"})
        assert answer.status_code == 400
    assert 'aria-label="Views"' not in httpx.get(story.url("/runs")).text


def test_addresses_that_conductors_sdks_print_lead_to_our_pages(story: Story) -> None:
    """Of a run, of a workflow's definition and of a task's."""
    for theirs, ours in (
        (f"/execution/{story.runs['failed']}", f"/runs/{story.runs['failed']}"),
        ("/workflowDef/order", "/definitions/order"),
        ("/workflowDef/order/2", "/definitions/order"),
        ("/taskDef/price", "/task-definitions/price"),
    ):
        answer = httpx.get(story.url(theirs), follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, ours)
