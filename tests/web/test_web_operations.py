"""The pages of workers, queues and limits, and of event handlers."""

from __future__ import annotations

from urllib.parse import quote

import httpx
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from posting import posted
from web_story import HOSTILE, Story

from podium import EventHandler
from podium.model.definitions import RateLimitConfig, TaskDef, WorkflowDef, WorkflowTask


def test_who_polls_what_waits_and_what_nobody_serves(story: Story, page: Tab) -> None:
    """A poll over HTTP stands beside its queue; work that nobody asks for is told so; failures have their reason."""
    asked = {"count": 1, "timeout": 100, "workerid": "machine-7"}
    httpx.get(f"{story.server.api}/tasks/poll/batch/resize", params=asked)
    task = WorkflowTask(name="forgotten", task_reference_name="a")
    story.client.register(TaskDef(name="forgotten"), WorkflowDef(name="left", tasks=(task,)))
    story.client.start("left")
    page.goto(story.url("/workers"))
    queues = page.get_by_label("Queues")
    expect(queues.locator("tr", has_text="resize")).to_contain_text("machine-7")
    asking = page.get_by_label("Workers", exact=True).locator("tr", has_text="machine-7")
    expect(asking).to_contain_text("python-httpx")
    expect(queues.locator("tr", has_text="forgotten")).to_contain_text("nobody asks")
    expect(page.get_by_label("Workers", exact=True)).to_contain_text("an amount is not negative")
    story.client.terminate(story.client.search(name="left")[0].workflow_id)


def test_who_holds_a_limit_and_who_waits(story: Story) -> None:
    """A limit of runs says who has its slots and who waits for one."""
    ask = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    limit = RateLimitConfig(rate_limit_key="one", concurrent_exec_limit=1)
    story.client.register(WorkflowDef(name="single", tasks=(ask,), rate_limit_config=limit))
    runs = [story.client.start("single"), story.client.start("single")]
    text = httpx.get(story.url("/workers")).text
    assert all(run in text for run in runs)
    for run in reversed(runs):
        story.client.terminate(run)


def test_a_handler_is_made_tried_and_turned_off(story: Story, page: Tab) -> None:
    """A handler is put together by a form; a test event starts its workflow; off, it does nothing; then it is gone."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(story.url("/events"))
    page.get_by_role("link", name="New handler").click()
    page.get_by_label("Name", exact=False).first.fill("ship it")
    page.get_by_label("Event").fill("conductor:shop:paid")
    page.get_by_label("Only if").fill("$.state == 'PAID'")
    page.get_by_label("Workflow").fill("quick")
    page.get_by_label("Input").fill('{"amount": "${sum}"}')
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#said")).to_contain_text("ship it is saved")
    handler = story.client.event_handlers.get("ship it")
    body = {"name": "quick", "input": {"amount": "${sum}"}}
    assert handler.actions == ({"action": "start_workflow", "start_workflow": body},)
    assert handler.active
    for state, runs in (("OPEN", 0), ("PAID", 1)):
        page.goto(story.url("/events"))
        page.locator("[name='event']").fill("conductor:shop:paid")
        page.get_by_label("Message").fill(f'{{"state": "{state}", "sum": 77}}')
        page.get_by_role("button", name="Send it").click()
        expect(page.locator("#said")).to_contain_text("1 handler dealt with")
        assert len(story.client.search(name="quick", input={"amount": 77})) == runs
    page.get_by_role("button", name="Turn ship it off").click()
    assert not story.client.event_handlers.get("ship it").active
    page.get_by_role("button", name="Delete ship it").click()
    expect(page.locator("#said")).to_contain_text("is deleted")


def test_another_kind_of_action_is_chosen(story: Story, page: Tab) -> None:
    """The form shows the fields of the action that is chosen."""
    page.goto(story.url("/events/paid"))
    expect(page.get_by_label("Workflow")).to_have_value("quick")
    page.locator("[name='choice:handler/actions/0']").select_option("Terminate a run")
    page.get_by_label("Run").fill("${runId}")
    page.get_by_label("Reason").fill("stop")
    page.get_by_role("button", name="Save").last.click()
    body = {"workflowId": "${runId}", "terminationReason": "stop"}
    expect(page.locator("#said")).to_contain_text("paid is saved")
    handler = story.client.event_handlers.get("paid")
    assert handler.actions == ({"action": "terminate_workflow", "terminate_workflow": body},)


def test_handlers_and_events_that_cannot_be_are_refused(story: Story) -> None:
    """What is wrong with a handler is told with its place; a message is a JSON object; nobody may be listening."""
    right = {"act": "save", "handler/name": "refused", "handler/event": "conductor:a:b"}
    right["choice:handler/actions/0"] = "0"
    answer = posted(story, "/event", right)
    assert answer.status_code == 400
    assert "actions[0].start_workflow" in answer.text
    filled = {**right, "handler/actions/0/start_workflow/name": "quick"}
    wrong = posted(story, "/event", {**filled, "handler/event": "nowhere"})
    assert wrong.status_code == 400
    assert "kind:queue" in wrong.text
    assert posted(story, "/event", filled).status_code == 303
    assert posted(story, "/event", filled).status_code == 400
    assert posted(story, "/events/publish", {"event": "conductor:a:b", "payload": "[1]"}).status_code == 400
    assert posted(story, "/events/publish", {"event": "conductor:a:b", "payload": "{"}).status_code == 400
    assert posted(story, "/events/publish", {"event": "conductor:none:none", "payload": "{}"}).status_code == 303


def test_a_handler_keeps_what_its_form_cannot_show(story: Story) -> None:
    """A handler with a dangerous name, and values that its form has no fields for, is shown and keeps them."""
    start = {"name": "quick", "input": "${all}", "own": [1]}
    odd = {"action": "start_workflow", "start_workflow": start}
    handler = EventHandler(name=HOSTILE, event="conductor:x:y", actions=[odd], active=False, extra={"tags": [1]})
    story.client.event_handlers.add(handler)
    assert "<script>alert" not in httpx.get(story.url("/events")).text
    page = httpx.get(f"{story.server.url}/events/{quote(HOSTILE, safe='')}").text
    assert "${all}" in page
    assert "tags" in page
    story.client.event_handlers.delete(HOSTILE)
