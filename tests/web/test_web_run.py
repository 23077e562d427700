"""The page of one run: seen live, seen failing, mended."""

from __future__ import annotations

import re

import httpx
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect
from web_story import HOSTILE, Story, order, price, quick

from podium import TaskContext, fork, human, task, workflow
from podium.model.statuses import RunStatus
from podium.server.web.folding import folded


def test_a_failed_run_says_first_what_failed_and_why(story: Story, page: Page) -> None:
    """The failing task and its reason stand above all else, and lead to its attempt."""
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    cause = page.locator(".cause").first
    expect(cause).to_contain_text("price")
    expect(cause).to_contain_text("ValueError: an amount is not negative: -1.0")
    cause.get_by_role("link", name="price").click()
    expect(page.locator("h1")).to_contain_text("price")
    expect(page.get_by_role("region", name="Input")).to_contain_text("-1.0")


def test_a_run_is_mended_with_another_input_and_ends_before_ones_eyes(story: Story, page: Page) -> None:
    """Started, failed, rerun with an edited input after its dialog has said what happens: the page sees it complete."""
    run_id = story.client.start(quick, {"amount": -3.0})
    with story.client.workers([price]):
        page.goto(story.url(f"/runs/{run_id}"))
        expect(page.locator("h1 .badge")).to_contain_text("failed")
    page.get_by_role("button", name="Rerun from…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A new attempt of price begins.")
    dialog.get_by_label("Input of price").fill('{"amount": 4}')
    dialog.get_by_role("button", name="Rerun from").click()
    expect(page.get_by_role("status").first).to_contain_text("goes on from price")
    expect(page.locator("h1 .badge")).to_contain_text("in progress")
    page.evaluate("window.isSamePage = true")
    with story.client.workers([price]):
        expect(page.locator("h1 .badge")).to_contain_text("completed")
        expect(page.locator('.graph [id="n_price"]')).to_have_class(re.compile("status-completed"))
    assert page.evaluate("window.isSamePage"), "it was loaded anew instead of hearing of the end"
    assert story.client.get(run_id).result == 8


def test_a_dialog_keeps_what_was_typed_when_it_cannot_be_done(story: Story, page: Page) -> None:
    """Input that is no JSON is told of where it was typed, and nothing is done."""
    page.goto(story.url(f"/runs/{story.runs['failed']}/do/rerun"))
    page.get_by_label("Input of price").fill("{amount: 4}")
    page.get_by_role("button", name="Rerun from").click()
    expect(page.get_by_role("alert")).to_contain_text("this is not JSON")
    expect(page.get_by_label("Input of price")).to_have_value("{amount: 4}")
    assert story.client.get(story.runs["failed"]).status is RunStatus.FAILED


def test_somebody_completes_what_waits_for_him(story: Story, page: Page) -> None:
    """A HUMAN task is completed from the words of what the run waits for: two clicks, and the output typed."""
    with story.client.workers([price]):
        run_id = story.client.start(order, {"amount": 2.0})
        page.goto(story.url(f"/runs/{run_id}"))
        waiting = page.locator(".cause").get_by_role("link")
        expect(waiting).to_contain_text("'approve' waits for somebody to complete it")
    waiting.click()
    page.get_by_label("Output, merged into what it has given").fill('{"by": "Ann"}')
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.locator("h1 .badge")).to_contain_text("completed")
    assert story.client.wait(run_id, timeout=30).tasks[-1].output_data == {"by": "Ann"}


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("pause", "waiting", RunStatus.PAUSED), ("resume", "waiting", RunStatus.RUNNING)],
)
def test_a_run_is_paused_and_resumed(story: Story, page: Page, verb: str, before: str, after: RunStatus) -> None:
    """Each verb says what it will do, and does it."""
    run_id = story.client.start(order)
    if verb == "resume":
        story.client.pause(run_id)
    page.goto(story.url(f"/runs/{run_id}"))
    page.get_by_role("button", name=verb.capitalize()).click()
    page.get_by_role("dialog").get_by_role("button", name=verb.capitalize()).click()
    expect(page.get_by_role("status").first).not_to_be_empty()
    assert story.client.get(run_id).status is after


def test_a_run_is_terminated_with_a_reason(story: Story, page: Page) -> None:
    """The dialog names what is canceled; the reason is kept."""
    run_id = story.client.start(order)
    page.goto(story.url(f"/runs/{run_id}"))
    page.get_by_role("button", name="Terminate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Canceled: price")
    dialog.get_by_label("Reason").fill("a wrong order")
    dialog.get_by_role("button", name="Terminate").click()
    expect(page.locator("h1 .badge")).to_contain_text("terminated")
    assert story.client.get(run_id).reason == "a wrong order"


def test_a_run_jumps_over_what_lies_between(story: Story, page: Page) -> None:
    """The dialog says what is skipped before it is done; the run goes on at the chosen task."""
    run_id = story.client.start(order)
    page.goto(story.url(f"/runs/{run_id}"))
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Jump to…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The run goes on at approve, at once.")
    expect(dialog).to_contain_text("Skipped, with their sub-workflows: price.")
    dialog.get_by_role("button", name="Jump to").click()
    expect(page.get_by_role("status").first).to_contain_text("goes on at approve")
    approve = story.client.get(run_id).task("approve")
    assert approve is not None
    assert not approve.status.is_terminal


def test_a_run_goes_on_by_another_version(story: Story, page: Page) -> None:
    """Only versions that there are can be chosen; the run's page says which one it has."""
    run_id = story.client.start(order)
    definition = story.client.get(run_id).workflow_definition
    assert definition is not None
    story.client.register(evolve(definition, version=3))
    page.goto(story.url(f"/runs/{run_id}/do/upgrade"))
    page.get_by_label("Version").select_option("version 3")
    page.get_by_role("button", name="Change version").click()
    expect(page.locator("h1")).to_contain_text("v3")
    story.client.unregister_workflow("order", 3)


def test_a_task_is_rerun_from_its_own_page(story: Story, page: Page) -> None:
    """What one looks at is where it goes on: the dialog has chosen the task already."""
    page.goto(story.url(f"/runs/{story.runs['done']}/tasks/price"))
    page.get_by_role("button", name="Rerun from here…").click()
    expect(page.get_by_role("dialog").get_by_label("From")).to_have_value("price")


#: Whether a picture fills its stage, at one moment: the page above it may grow while it is asked.
_FILLS = """() => {
  const stage = document.querySelector('.graph-stage');
  const [around, within] = [stage, stage.querySelector(':scope > svg')].map((each) => each.getBoundingClientRect());
  return ['x', 'y', 'width', 'height'].every((side) => around[side] === within[side]);
}"""


def test_a_large_graph_has_a_small_map_and_finds_its_tasks(story: Story, page: Page) -> None:
    """Beyond 60 nodes a small map shows where one is; what is searched for is brought into sight."""

    @workflow(name="long")
    def long() -> None:
        for number in range(70):
            price(1.0).as_(f"step_{number}")

    run_id = story.client.start(long)
    page.goto(story.url(f"/runs/{run_id}?collapse=none"))
    expect(page.locator("svg.minimap .view")).to_be_visible()
    before = page.locator(".graph-stage > svg").get_attribute("viewBox")
    page.get_by_role("searchbox", name="Find a task in the picture").fill("step_66")
    expect(page.locator(".graph-found")).to_have_text("1 found")
    assert page.locator(".graph-stage > svg").get_attribute("viewBox") != before
    # It fills its stage, also after the run was drawn anew because it is live.
    assert page.evaluate(_FILLS)
    page.locator("svg.minimap").click(position={"x": 5, "y": 5})
    page.get_by_role("button", name="Whole").click()
    whole = page.locator(".graph-stage > svg").get_attribute("viewBox") or ""
    assert float(whole.split()[3]) >= page.evaluate("document.querySelector('.graph-stage > svg').height.baseVal.value")


def test_escape_closes_a_dialog_and_nothing_is_done(story: Story, page: Page) -> None:
    """The keyboard opens a dialog with the space bar, and Escape closes it."""
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    page.get_by_role("button", name="Restart").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert story.client.get(story.runs["failed"]).status is RunStatus.FAILED


def test_the_keyboard_goes_through_the_graph(story: Story, page: Page) -> None:
    """Tab goes from task to task, Enter shows one beside the graph, and plus makes the picture larger."""
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    stage = page.locator(".graph-stage")
    stage.focus()
    before = page.locator(".graph-stage > svg").get_attribute("viewBox")
    page.keyboard.press("+")
    assert page.locator(".graph-stage > svg").get_attribute("viewBox") != before
    page.locator('[id="n_price"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_contain_text("price")


def test_hostile_names_stay_text_on_every_view(story: Story, page: Page) -> None:
    """What a caller writes runs nowhere and closes no tag; the text is there as it was written."""
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for view in ("graph", "timeline", "tasks", "data"):
        page.goto(story.url(f"/runs/{story.runs['waiting']}?view={view}"))
        assert page.locator("img[src='x']").count() == 0
    expect(page.get_by_role("region", name="Input")).to_contain_text("<script>alert('x')</script>")


def test_a_hostile_reason_and_worker_stay_text(story: Story, page: Page) -> None:
    """A worker may say whatever it likes: of its failure, in its output and its log."""

    @task(name="hostile", retries=0)
    def hostile(context: TaskContext, text: str) -> str:
        context.log(text)
        raise ValueError(text)

    @workflow
    def runs_hostile(text: str) -> None:
        hostile(text)

    with story.client.workers([hostile]):
        run_id = story.client.run(runs_hostile, {"text": HOSTILE}, timeout=30).workflow_id
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for path in ("", "?view=tasks", "?view=timeline", "/tasks/hostile", "/do/rerun"):
        page.goto(story.url(f"/runs/{run_id}{path}"))
        assert page.locator("img[src='x']").count() == 0
        expect(page.locator("main")).to_contain_text("<script>alert('x')</script>")


def test_files_hold_the_whole_of_what_is_shown(story: Story) -> None:
    """Input, output and the whole run are files, with names that any system can save."""
    run_id = story.runs["failed"]
    answer = httpx.get(story.url(f"/runs/{run_id}/files/input.json"))
    assert answer.json() == {"amount": -1.0}
    assert answer.headers["content-disposition"] == f'attachment; filename="quick-{run_id}-input.json"'
    assert httpx.get(story.url(f"/runs/{run_id}/files/run.json")).json()["status"] == "FAILED"
    assert httpx.get(story.url(f"/runs/{run_id}/files/nothing.json")).status_code == 404


def test_the_audit_tells_what_was_done_in_the_page(story: Story, page: Page) -> None:
    """Each form that changes something is told of once, with what came of it; a dry run is not."""
    run_id = story.client.start(order)
    page.goto(story.url(f"/runs/{run_id}/do/pause"))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").first).to_contain_text("paused")
    page.goto(story.url(f"/runs/{run_id}/do/retry"))
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("alert")).to_be_visible()
    told = [(each.verb, each.kind, each.who, each.result) for each in story.client.audit.list(run_id=run_id)]
    assert told == [("retry", "run", "anonymous", "StillRunning"), ("pause", "run", "anonymous", "OK")]


def test_many_waits_that_are_alike_are_few_lines(story: Story) -> None:
    """A run that waits for a worker sixty times says so thrice, and how often else; another wait stands there too."""

    @workflow
    def crowded() -> None:
        with fork("all") as branches:
            for number in range(60):
                with branches.branch():
                    price(1.0).as_(f"p{number}")
            with branches.branch():
                human("ask")

    run_id = story.client.start(crowded, {})
    head = httpx.get(story.url(f"/runs/{run_id}/head")).text

    assert head.count("waits for a worker") == 3
    assert "57 more like &#39;p2&#39;" in head
    assert "&#39;ask&#39; waits for somebody" in head


def test_a_large_value_leaves_room_for_those_behind_it() -> None:
    """A list that is cut hides no key of the object that it stands in."""
    root = folded({"items": [{"number": number} for number in range(8_000)], "key": "k", "last": [1, 2]}, "input").root

    assert [node.key for node in root.items] == ["items", "key", "last"]
    assert [node.told for node in root.items[1:]] == ['"k"', "[2 values]"]
    assert root.items[0].items[-1].told.startswith("… 7")


@given(st.lists(st.integers(0, 300), max_size=30))
def test_no_more_is_shown_than_a_browser_likes(sizes: list[int]) -> None:
    """What is shown and what is said to be left out are all; each list of a few is there, if only by its size."""
    tree = folded([list(range(size)) for size in sizes], "input")
    shown = [[each for each in node.items if not each.told.startswith("…")] for node in tree.root.items]
    assert len(tree.root.items) == len(sizes)
    assert sum(map(len, shown)) + tree.left_out == sum(sizes)
    assert 1 + len(sizes) + sum(map(len, shown)) <= 500
    assert tree.left_out == 0 or 1 + len(sizes) + sum(sizes) > 500


def test_a_name_that_turns_the_direction_of_writing_turns_nothing_beside_it(story: Story, page: Page) -> None:
    """The version and the status stand to the right of it, and are read from the left."""
    definition = evolve(quick.definition, name="order \u202edetrevni")
    story.client.register(definition)
    # One that has ended: the page of a live one takes another heading meanwhile.
    run_id = story.client.start(definition, {"amount": 1.0})
    story.client.terminate(run_id, "over")
    page.goto(story.url(f"/runs/{run_id}"))
    name, version = page.locator("h1 bdi").bounding_box(), page.locator("h1 .version").bounding_box()
    assert name is not None
    assert version is not None
    assert version["x"] >= name["x"] + name["width"]


@pytest.mark.parametrize("path", ["/", "/definitions", "/workers", "/runs"])
def test_a_long_name_makes_no_table_wider(story: Story, page: Page, path: str) -> None:
    """Columns behind it stay where they are seen."""
    long = "a_name_without_a_space_" * 12
    work = evolve(quick.definition.tasks[0], name=long, task_definition=None)
    definition = evolve(quick.definition, name=long, tasks=(work,))
    story.client.register(definition)
    run_id = story.client.start(definition, {})
    story.client.update_task_by_name(run_id, work.task_reference_name, "FAILED", worker_id=long, reason=long)
    story.client.start(definition, {})
    page.goto(story.url(path))
    expect(page.locator(".table").first).to_be_visible()
    widths = page.locator(".table").evaluate_all("(all) => all.map((each) => [each.scrollWidth, each.clientWidth])")
    assert [pair for pair in widths if pair[0] > pair[1] + 1] == []
