"""The pages of what is set up: secrets, variables, schedules, task definitions, schemas."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from posting import posted
from web_story import HOSTILE, Story

from podium import Schedule
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.server.web.calendar import calendar_of
from podium.server.web.pages import PAGES

SECRET = "sk-live-" + "4242" * 4


def _tab_of(story: Story, page: Tab, path: str) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(story.url(path))


def test_a_secret_is_added_and_no_page_shows_it(story: Story, page: Tab) -> None:
    """What is typed is kept, found by tasks, and on no page of the table; it is replaced and deleted by its name."""
    _tab_of(story, page, "/settings/secrets")
    page.get_by_label("Name").fill("stripe")
    page.get_by_label("Value").fill(SECRET)
    page.get_by_role("button", name="Save secret").click()
    expect(page.locator("#said")).to_contain_text("stripe is saved")
    assert "stripe" in {each.name for each in story.client.secrets.list()}
    for row in PAGES:
        if row.method == "GET":
            assert SECRET not in httpx.get(story.url(row.path), follow_redirects=True).text, row.path
    page.get_by_role("link", name="Replace stripe").click()
    expect(page.get_by_label("Value")).to_have_value("")
    page.get_by_role("button", name="Delete stripe").click()
    expect(page.locator("#said")).to_contain_text("is deleted")
    assert "stripe" not in {each.name for each in story.client.secrets.list()}


def test_a_secret_that_cannot_be_is_not_echoed(story: Story) -> None:
    """A name with other letters is refused, with what it may be, and the value does not come back."""
    answer = posted(story, "/settings/secrets", {"name": "a.b", "value": SECRET})
    assert answer.status_code == 400
    assert "letters, digits" in answer.text
    assert SECRET not in answer.text


def test_missing_and_used_values_are_told(story: Story) -> None:
    """Who asks for a secret or a variable is told, and what nobody has set."""
    inputs = {"key": "${workflow.secrets.absent}", "at": "${workflow.env.absent_place}"}
    task = WorkflowTask(name="price", task_reference_name="a", input_parameters=inputs)
    story.client.register(WorkflowDef(name="asking", tasks=(task,)))
    assert "absent" in httpx.get(story.url("/settings/secrets")).text
    assert "absent_place" in httpx.get(story.url("/settings/environment")).text


def test_variables_are_set_changed_and_deleted(story: Story, page: Tab) -> None:
    """A variable is shown, changed in the form, cut where it is long, and deleted."""
    _tab_of(story, page, "/settings/environment")
    page.get_by_label("Name").fill("region")
    page.get_by_label("Value").fill("eu-1")
    page.get_by_role("button", name="Set variable").click()
    page.get_by_role("link", name="Change region", exact=True).click()
    expect(page.get_by_label("Value")).to_have_value("eu-1")
    page.get_by_label("Value").fill("x" * 5_000)
    page.get_by_role("button", name="Set variable").click()
    expect(page.locator("tr", has_text="region")).to_contain_text("more characters")
    assert story.client.environment.list()["region"] == "x" * 5_000
    page.get_by_role("button", name="Delete region").click()
    expect(page.locator("#said")).to_contain_text("is deleted")
    assert posted(story, "/settings/environment", {"name": "a b", "value": "1"}).status_code == 400


def test_a_schedule_is_made_shown_paused_and_run_now(story: Story, page: Tab) -> None:
    """The next moments show while it is typed; then it stands in the calendar, is paused, resumed, and run at once."""
    _tab_of(story, page, "/schedules")
    page.get_by_label("New schedule of").select_option("quick")
    page.get_by_role("button", name="New schedule").click()
    page.get_by_label("Name").fill("evening")
    page.get_by_label("Cron expression").fill("0 25 * * *")
    expect(page.locator("#next .wrong")).to_be_visible()
    page.get_by_label("Cron expression").fill("0 18 * * *")
    expect(page.locator("#next li").first).to_contain_text("18:00:00")
    page.get_by_label("If the run before has not ended").select_option("pass the moment over")
    page.get_by_label("amount").fill("4")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#said")).to_contain_text("evening is saved")
    schedule = story.client.schedules.get("evening").schedule
    assert (schedule.cron, schedule.overlap.value, dict(schedule.input)) == (("0 18 * * *",), "skip", {"amount": 4})
    page.get_by_label("Why it is paused").fill("holidays")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main")).to_contain_text("paused: holidays")
    page.get_by_label("priority").fill("5")
    page.get_by_role("button", name="Save").last.click()
    assert story.client.schedules.get("evening").schedule.paused
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#said")).to_contain_text("goes on")
    page.goto(story.url("/schedules"))
    expect(page.locator(".calendar")).to_contain_text("18:00 evening")
    page.get_by_role("button", name="Run evening now").click()
    page.wait_for_url(re.compile("/runs/"))
    assert story.client.get(page.url.rpartition("/")[2]).input["amount"] == 4
    page.goto(story.url("/schedules/evening"))
    page.get_by_role("button", name="Delete").click()
    assert "evening" not in {each.name for each in story.client.schedules.list()}


@pytest.mark.parametrize("day", range(7))
def test_the_calendar_shows_four_weeks_from_any_day_on(day: int) -> None:
    """Whole weeks, with the day and at least the 27 that follow."""
    days = calendar_of([], (1_767_225_600 + day * 86_400) * 1000, "UTC").days
    assert len(days) % 7 == 0
    assert sum(not each.is_past for each in days) >= 28


def test_schedules_that_cannot_be_are_refused(story: Story) -> None:
    """A wrong expression, a zone that is none, a name that is there: each is told, and nothing typed is lost."""
    right = {"act": "save", "workflow": "quick", "schedule/name": "refused", "schedule/cron/0": "0 6 * * *"}
    for wrong, words in (
        ({"schedule/cron/0": "never"}, "never"),
        ({"schedule/zone": "Mars/Base"}, "Mars/Base"),
        ({"schedule/name": "morning"}, "already"),
        ({"schedule/priority": "100"}, "100"),
        ({"workflow": "none"}, "none"),
    ):
        answer = posted(story, "/schedule", {**right, **wrong})
        assert answer.status_code in {400, 404}, wrong
        assert words in answer.text
    assert "refused" not in {each.name for each in story.client.schedules.list()}


def test_a_schedule_keeps_what_its_form_does_not_show(story: Story) -> None:
    """Keys of others, and a first moment in another zone, are there after a change."""
    story.client.schedules.add(
        Schedule.from_dict(
            {
                "name": "kept",
                "cronExpression": "0 0 6 * * *",
                "scheduleStartTime": 1_900_000_000_000,
                "startWorkflowRequest": {"name": "quick", "input": {"amount": 1}},
                "ownKey": {"a": 1},
            }
        )
    )
    before = story.client.schedules.get("kept").schedule
    page = httpx.get(story.url("/schedules/kept")).text
    sent = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    assert posted(story, "/schedules/kept", {**sent, "act": "save"}).status_code == 303
    after = story.client.schedules.get("kept").schedule
    assert (after.extra, after.start_ms, after.cron) == (before.extra, before.start_ms, before.cron)


def test_task_definitions_are_made_and_changed_by_a_form(story: Story, page: Tab) -> None:
    """A task that workflows use without a definition gets one; what the form does not show stays in it."""
    task = WorkflowTask(name="undefined_one", task_reference_name="a")
    story.client.register(WorkflowDef(name="uses_it", tasks=(task,)))
    _tab_of(story, page, "/task-definitions")
    page.get_by_role("link", name="undefined_one").click()
    expect(page.get_by_label("Name")).to_have_value("undefined_one")
    page.get_by_label("Retries").fill("5")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#said")).to_contain_text("undefined_one is saved")
    [made] = [each for each in story.client.task_defs() if each.name == "undefined_one"]
    assert made.retry_count == 5
    expect(page.locator("main")).to_contain_text("uses_it")
    page.get_by_role("button", name="Remove").click()
    assert "undefined_one" not in {each.name for each in story.client.task_defs()}


def test_a_task_definition_keeps_all_that_it_holds(story: Story) -> None:
    """Saving a form that nobody changed changes nothing but the time, also for what the form does not show."""
    made = TaskDef(name="whole", retry_count=0, input_template={"a": [1]}, isolation_group_id="g", extra={"own": 1})
    story.client.register(made)
    page = httpx.get(story.url("/task-definitions/whole")).text
    assert "isolationGroupId" in page
    wrong = posted(story, "/task-definitions/whole", {"act": "save", "task/name": "whole", "task/retryCount": "-1"})
    assert wrong.status_code == 400
    assert "less than the minimum of 0" in wrong.text


def test_schemas_are_registered_and_drawn(story: Story, page: Tab) -> None:
    """A schema is kept under its name and version; its form shows beside it; what is none is refused."""
    _tab_of(story, page, "/schemas")
    page.get_by_label("Name").fill("address")
    page.get_by_label("JSON Schema").fill('{"type": "object", "properties": {"city": {"type": "string"}}}')
    page.get_by_role("button", name="Register").click()
    page.get_by_role("link", name="address").click()
    expect(page.get_by_role("complementary")).to_contain_text("city")
    for text in ("{", '{"type": "nothing"}', "[]"):
        assert posted(story, "/schemas", {"name": "bad", "version": "1", "text": text}).status_code == 400


def test_dangerous_names_are_texts(story: Story, page: Tab) -> None:
    """Names of tasks and schedules that hold markup are shown as what they are."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    story.client.register(TaskDef(name=HOSTILE, description=HOSTILE))
    story.client.schedules.add(Schedule("0 6 * * *", name=HOSTILE[:200], workflow="quick", description=HOSTILE))
    for path in ("/task-definitions", "/schedules"):
        page.goto(story.url(path))
        expect(page.locator("main")).to_contain_text("alert('x')")
        page.locator("tbody th a", has_text="alert").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("alert('x')")
    assert heard == []
