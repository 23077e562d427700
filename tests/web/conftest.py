"""A server with runs of all kinds, and a browser, for the tests of its pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from web_story import Story, told

from podium.client.sealing import KEY_VARIABLE, new_key
from podium.testing.serving import running_server

# Patience is not what these tests measure: the machine may have much else to do.
expect.set_options(timeout=20_000)

#: The names that Debian's and others' packages have for it.
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    The Chromium of this machine, without a window.

    It ends with its module: while Playwright is there a loop runs in this thread, so no other test could run one.
    """
    found = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium on the PATH (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """A server with a story in it: runs that go on, wait, failed and ended; shared by the tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, new_key())
        with running_server() as server:
            yield told(server)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile of its own: cookies, no cache."""
    with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
        context.set_default_timeout(30_000)
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; what it complains of (a refused style, an error of a script) fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_refusal = "the server responded with a status of 4" in message.text or "Status Error Code 4" in message.text
        if message.type == "error" and not is_refusal:
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
