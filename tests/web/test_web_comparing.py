"""Pages that compare: two runs, many runs, how one would have gone, and a run played back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from web_story import HOSTILE, Story

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.server.settings import ServerSettings
from podium.server.web.pages import comparing
from podium.testing.serving import running_server


def test_a_run_is_compared_with_one_that_went_well(story: Story, page: Tab) -> None:
    """From the failed run to the good one, and to what is to blame, in two clicks."""
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("link", name=story.runs["done"]).click()

    expect(page.locator(".first li").first).to_have_text("the input differs: amount: -1.0 -> 3.0")
    expect(page.locator("#diff [id='n_price']")).to_contain_text("A ✗ failed")
    expect(page.locator(".steps")).to_contain_text("ended otherwise")
    page.get_by_role("link", name="The other way round").click()
    expect(page.locator(".first li").first).to_have_text("the input differs: amount: 3.0 -> -1.0")


def test_a_run_is_compared_with_an_id_that_was_typed(story: Story, page: Tab) -> None:
    """An id goes to the comparison; one that is none to the page that says so."""
    page.goto(story.url(f"/runs/{story.runs['failed']}/diff"))
    page.get_by_label("With the run").fill(story.runs["done"])
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("/diff/" + story.runs["done"]))
    assert httpx.get(story.url(f"/runs/{story.runs['failed']}/diff?other=nobody")).status_code == 404


def test_hostile_values_are_only_text(story: Story, page: Tab) -> None:
    """What a user wrote into a run stands in the comparison as he wrote it, and runs nowhere."""
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(story.url(f"/runs/{story.runs['waiting']}/diff/{story.runs['paused']}"))

    expect(page.locator(".first")).to_contain_text("<script>alert('x')</script>")
    assert page.locator("img[src='x']").count() == 0
    assert HOSTILE[:10] in page.inner_text("main")


def test_what_if_says_what_would_have_come_of_it(story: Story, page: Tab) -> None:
    """A step is chosen, and how it had gone: the run as it would have ended stands beside what happened."""
    page.goto(story.url(f"/runs/{story.runs['done']}"))
    page.get_by_role("link", name="What if?").click()
    page.get_by_label("Step").select_option("price")
    page.get_by_label("How").select_option("failed")
    page.get_by_label("Reason, or value").fill("no price today")
    page.get_by_role("button", name="Simulate").click()

    expect(page.get_by_role("heading", name="If 'price' had failed: no price today")).to_be_visible()
    expect(page.locator(".cause")).to_contain_text("failed")
    expect(page.locator("#would [id='n_price']")).to_contain_text("B: no price today")
    assert story.client.get(story.runs["done"]).status == "COMPLETED"
    assert Axe().run(page).violations_count == 0


def test_what_if_takes_values_and_says_what_is_wrong(story: Story, page: Tab) -> None:
    """A value as JSON or as text, another input; what cannot be is told on the page."""
    done = story.url(f"/runs/{story.runs['done']}/what-if")
    page.goto(f"{done}?step=price&how=value&value=7")
    expect(page.locator(".first")).to_contain_text("came to another output (result: 6.0 -> 7)")
    page.goto(f"{done}?how=input&value=%7B%22amount%22%3A%204%7D")
    expect(page.locator(".first")).to_contain_text("the input differs: amount: 3.0 -> 4")
    page.goto(f"{done}?step=prize&how=failed")
    expect(page.get_by_role("alert")).to_contain_text("did you mean 'price'")
    page.goto(f"{done}?step=price&how=failed&value=")
    expect(page.locator(".cause")).to_contain_text("as if it had failed")
    page.goto(f"{done}?how=input&value=7")
    expect(page.get_by_role("alert")).to_contain_text("the input is a JSON object")


def test_a_server_that_does_not_simulate_says_so(page: Tab) -> None:
    """A server without the rooms for it has no such page."""
    with running_server(settings=ServerSettings()) as server:
        assert httpx.get(f"{server.url}/runs/x/what-if").status_code == 501


def test_a_definition_is_coloured_by_its_runs(story: Story, page: Tab) -> None:
    """What failed leads to the runs in which it did, and the colours tell what is chosen."""
    page.goto(story.url("/definitions/quick/heat"))
    expect(page.locator("#heat [id='n_price']")).to_contain_text("1 failed (50 %)")
    page.get_by_label("The colours tell").select_option("time")
    expect(page).to_have_url(re.compile("heat=time"))
    expect(page.locator("#heat [id='n_price']")).to_have_class(re.compile("status-heat-0"))
    page.locator("td a").first.click()
    expect(page.locator("main")).to_contain_text("price")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_run_is_played_back(story: Story, page: Tab) -> None:
    """The slider, the buttons and the keyboard go from moment to moment; the caption tells each."""
    page.goto(story.url(f"/runs/{story.runs['failed']}?view=playback"))
    said = page.locator(".playback output")
    last = re.compile(r"^(\d) of \1: .*price failed")  # two moments, or three
    expect(said).to_have_text(last)
    page.get_by_role("button", name="Back").click()
    expect(said).not_to_have_text(last)
    slider = page.get_by_label("Moment of the run")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text(last)
    assert page.locator(".playback [visibility='hidden']").count() > 0
    page.get_by_role("button", name="Play").click()
    expect(said).to_have_text(last)
    assert Axe().run(page).violations_count == 0


def test_large_runs_are_compared_with_a_second_request(
    story: Story, page: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page stands at once; what differs follows, and all of it can be had as a file."""
    monkeypatch.setattr(comparing, "LARGE", 1)
    here = story.url(f"/runs/{story.runs['failed']}/diff/{story.runs['done']}")
    assert "Where they begin to differ" not in httpx.get(here).text
    page.goto(here)
    expect(page.locator(".first li").first).to_have_text("the input differs: amount: -1.0 -> 3.0")
    expect(page.locator("#diff svg")).to_be_visible()
    assert httpx.get(f"{here}/difference.json").json()["first"] == ["the input differs: amount: -1.0 -> 3.0"]


def test_a_workflow_that_is_nowhere_has_no_heat(story: Story) -> None:
    """Neither registered nor in a run: there is no such page."""
    assert httpx.get(story.url("/definitions/nothing/heat")).status_code == 404
    assert httpx.get(story.url("/definitions/quick/heat?span=soon")).status_code == 200
    assert httpx.get(story.url("/definitions/quick/heat/found?span=soon")).status_code == 400


def test_hostile_names_lead_to_their_runs(story: Story) -> None:
    """A workflow and a task may be called anything: what failed is found by the links of the page all the same."""
    name = f"a/b {HOSTILE}"
    step = WorkflowTask(name="step", task_reference_name=HOSTILE, type="SIMPLE")
    story.client.register(WorkflowDef(name=name, tasks=(step,)))
    run_id = story.client.start(name)
    story.client.fail_task(run_id, HOSTILE, "no", terminal=True)

    for span in ("all", "24h"):
        page = httpx.get(story.url(f"/definitions/{quote(name, safe='')}/heat/found?span={span}"))
        links = [unescape(link) for link in re.findall(r'href="(/runs\?[^"]*)"', page.text)]
        assert len(links) == 2
        assert all(run_id in httpx.get(story.url(link)).text for link in links)
        assert "<script>alert" not in page.text
