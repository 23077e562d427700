"""What pages show after something was done: as usable by whoever hears them as when they come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from web_story import Story


def _views(view: str) -> Callable[[Story, Page], None]:
    def go(story: Story, page: Page) -> None:
        page.goto(story.url(f"/runs/{story.runs['failed']}?view={view}"))

    return go


def _panel(story: Story, page: Page) -> None:
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    page.locator('[id="n_price"]').click()
    expect(page.locator("#detail h2")).to_be_visible()


def _dialog(story: Story, page: Page) -> None:
    page.goto(story.url(f"/runs/{story.runs['failed']}"))
    page.get_by_role("button", name="Rerun from…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _more(story: Story, page: Page) -> None:
    page.goto(story.url(f"/runs/{story.runs['waiting']}"))
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("button", name="Jump to…")).to_be_visible()


def _offers(story: Story, page: Page) -> None:
    page.goto(story.url("/runs"))
    page.get_by_role("combobox", name="Runs that …").press_sequentially("sta")
    expect(page.get_by_role("option").first).to_be_visible()


def _dry_run(story: Story, page: Page) -> None:
    page.goto(story.url("/runs?status=FAILED"))
    page.get_by_label("Choose all runs of this page").check()
    page.get_by_role("button", name="Retry…").click()
    expect(page.locator("h1")).to_contain_text("Retry")


def _refused(story: Story, page: Page) -> None:
    page.goto(story.url("/runs/nothing"))


def _whole_overview(story: Story, page: Page) -> None:
    page.goto(story.url("/"))
    expect(page.locator("#flow table").first).to_be_visible()
    expect(page.locator("#waits table")).to_be_visible()


STATES = {
    **{view: _views(view) for view in ("timeline", "tasks", "data")},
    "panel": _panel,
    "dialog": _dialog,
    "more": _more,
    "offers": _offers,
    "dry run": _dry_run,
    "refused": _refused,
    "overview": _whole_overview,
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state(story: Story, page: Page, state: str, theme: str) -> None:
    """Views, dialogs, offers, dry runs and errors are as usable as the pages that they come from, in both themes."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of two texts
    STATES[state](story, page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("state", STATES)
def test_no_state_is_wider_than_a_phone(story: Story, page: Page, state: str) -> None:
    """On a phone nobody scrolls sideways, but within a table or a picture."""
    page.set_viewport_size({"width": 375, "height": 740})
    STATES[state](story, page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_what_answers_a_form_is_not_sent_twice(story: Story, page: Page) -> None:
    """Loaded anew, or gone back to, a page that answers a form is the page that the form was on."""
    page.goto(story.url("/runs?status=FAILED"))
    page.get_by_label("Choose all runs of this page").check()
    page.get_by_role("button", name="Retry…").click()
    expect(page.locator("h1")).to_contain_text("Retry 1 run")
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("h1")).to_have_text("Settings")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Runs")
    page.goto(story.url(f"/runs/{story.runs['failed']}/do/rerun"))
    page.get_by_label("Input of price").fill("{")
    page.get_by_role("button", name="Rerun from").click()
    expect(page.get_by_role("alert")).to_contain_text("not JSON")
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("h1")).to_contain_text("Rerun")
