"""Pages that follow what happens: what somebody types or looks at stays, what was missed is caught up."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route, expect
from web_story import Story, order, quick

from podium.testing.serving import running_server


def _opened(story: Story, page: Page) -> str:
    """Start a run that waits for a worker, and open its page; gives the run's id."""
    run_id = story.client.start(order, {"amount": 2.0})
    page.goto(story.url(f"/runs/{run_id}"))
    expect(page.locator("[data-is-live]")).to_be_attached()
    return run_id


def test_the_chosen_task_stays_beside_the_graph_and_follows_it(story: Story, page: Page) -> None:
    """A run that goes on is drawn anew; the task that stands beside the picture stays there, as it is then."""
    run_id = _opened(story, page)
    page.locator('[id="n_price"]').click()
    detail = page.locator("#detail")
    expect(detail.locator("h2 .badge")).to_contain_text("scheduled")
    story.client.complete_task(run_id, "price", {"result": 4.0})
    expect(detail.locator("h2 .badge")).to_contain_text("completed")
    expect(page.locator('[id="n_price"]')).to_contain_text("completed")


def test_what_somebody_types_is_not_taken_away(story: Story, page: Page) -> None:
    """The rest of the page goes on; what is typed in stays until it is sent or taken back, and is then made anew."""
    run_id = _opened(story, page)
    near = page.get_by_label("Near")
    near.fill("app")
    story.client.complete_task(run_id, "price", {"result": 4.0})
    expect(page.locator("#head")).to_contain_text("'approve' waits for somebody")
    expect(near).to_have_value("app")
    expect(page.locator('[id="n_price"]')).not_to_contain_text("completed")
    near.fill("")
    near.blur()
    expect(page.locator('[id="n_price"]')).to_contain_text("completed")


def test_an_answer_that_comes_while_somebody_types_takes_nothing_away(story: Story, page: Page) -> None:
    """A part was asked for before he began; what comes then is let go, and asked for again when he has left it."""
    run_id = story.client.start(order, {"amount": 2.0})
    story.client.complete_task(run_id, "price", {"result": 4.0})
    held: list[Route] = []
    page.route("**/tasks/approve", lambda route: held.append(route) if _is_part(route) else route.continue_())
    with page.expect_request(lambda request: "hx-request" in request.headers):  # by the first word of the stream
        page.goto(story.url(f"/runs/{run_id}/tasks/approve"))
    output = page.get_by_label("Output, merged into what it has given")
    output.fill('{"by": "Ann"}')
    with page.expect_response("**/tasks/approve"):
        held[0].continue_()
    expect(page.locator("#task:not(.htmx-request)")).to_be_attached()
    expect(output).to_have_value('{"by": "Ann"}')


def _is_part(route: Route) -> bool:
    return "hx-request" in route.request.headers


def test_the_keyboard_stays_where_it_is(story: Story, page: Page) -> None:
    """A button that is put in the place of the same one has the focus that this one had."""
    run_id = _opened(story, page)
    page.get_by_role("button", name="Terminate").focus()
    story.client.complete_task(run_id, "price", {"result": 4.0})
    expect(page.locator("#head")).to_contain_text("'approve' waits for somebody")
    expect(page.get_by_role("button", name="Terminate")).to_be_focused()


def test_the_page_of_a_task_is_live(story: Story, page: Page) -> None:
    """Who looks at a task sees it end; what he has typed for it stays."""
    run_id = story.client.start(order, {"amount": 2.0})
    page.goto(story.url(f"/runs/{run_id}/tasks/price"))
    expect(page.locator("[data-is-live]")).to_be_attached()
    story.client.complete_task(run_id, "price", {"result": 4.0})
    expect(page.locator("h1 .badge")).to_contain_text("completed")


def _hide(page: Page, *, hidden: bool) -> None:
    """Tell a page that its tab is behind another, or before it; Playwright shows all its tabs at once."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_tab_behind_others_is_caught_up_with_when_it_is_looked_at(story: Story, page: Page) -> None:
    """It hears of nothing, and so holds no connection; what it has missed is there when it comes to the front."""
    run_id = _opened(story, page)
    _hide(page, hidden=True)
    expect(page.locator("[data-is-live]")).to_have_count(0)
    story.client.complete_task(run_id, "price", {"result": 4.0})
    _hide(page, hidden=False)
    expect(page.locator("#head")).to_contain_text("'approve' waits for somebody")
    story.client.complete_task(run_id, "approve")
    expect(page.locator("h1 .badge")).to_contain_text("completed")


def test_many_tabs_are_open_at_once(story: Story, context: BrowserContext) -> None:
    """A browser has six connections to a server; who opens a tab for each of ten runs sees them all."""
    run_id = story.client.start(order, {"amount": 2.0})
    for _ in range(10):
        page = context.new_page()
        page.goto(story.url(f"/runs/{run_id}"), timeout=15_000)
        expect(page.locator("[data-is-live]")).to_be_attached()
        _hide(page, hidden=True)


def test_a_server_that_was_away_is_said_and_caught_up_with(context: BrowserContext, tmp_path: Path) -> None:
    """While nobody answers the page says so; when the server is back it shows what has happened meanwhile."""
    store = f"sqlite:///{tmp_path / 'podium.db'}"
    page = context.new_page()
    with running_server(store) as server:
        port = int(server.url.rsplit(":", 1)[1])
        page.goto(f"{server.url}/runs")
        expect(page.locator("[data-is-live]")).to_be_attached()
        expect(page.locator("main")).to_contain_text("There is no run yet")
    said = page.locator("#said")
    expect(said).to_contain_text("The server does not answer")
    with running_server(store, port=port) as server:
        assert server.client is not None
        server.client.start(quick)
        expect(page.locator("main")).to_contain_text("quick")
        expect(said).to_be_empty()
        page.close()
