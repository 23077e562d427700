"""What holds for every page of the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from web_story import CANARY, Story, told

from podium.client.sealing import KEY_VARIABLE, new_key
from podium.engine.requests import Register
from podium.server.access import APPLICATION, AccessApplication, with_new_key
from podium.server.people import USER, User
from podium.server.roles import Role
from podium.server.settings import ServerSettings
from podium.server.web.pages import PAGES
from podium.server.web.ranks import suffices
from podium.server.web.table import Page
from podium.testing.serving import RunningServer, running_server

WHOLE = [page for page in PAGES if page.method == "GET" and not page.is_part]


def _named(page: Page) -> str:
    return f"{page.method} {page.path}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("row", WHOLE, ids=_named)
def test_axe_finds_nothing_on_any_page(story: Story, page: Tab, row: Page, theme: str) -> None:
    """Every page can be used by whoever hears it, or sees little, in both themes."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    answer = page.goto(story.url(row.path))
    assert answer is not None
    assert answer.status == 200
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("row", WHOLE, ids=_named)
def test_no_page_is_wider_than_a_phone(story: Story, page: Tab, row: Page) -> None:
    """On a phone nobody scrolls sideways, but within a table or a picture."""
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(story.url(row.path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize("row", PAGES, ids=_named)
def test_headers_are_by_the_book(story: Story, row: Page) -> None:
    """No page lets anything run that is not a file of the server, or is shown in a frame, or kept."""
    answer = httpx.request(row.method, story.url(row.path))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("row", [page for page in PAGES if page.method == "POST"], ids=_named)
def test_a_form_without_the_token_is_refused(story: Story, row: Page) -> None:
    """Another site's form does nothing: it knows no token; nor does one that knows it, but comes from elsewhere."""
    with httpx.Client() as browser:
        assert browser.post(story.url(row.path)).status_code == 403
        browser.get(story.url("/"))
        token = browser.cookies["podium_csrf"]
        assert browser.post(story.url(row.path), data={"csrf": "x" + token}).status_code == 403
        foreign = {"origin": "https://elsewhere.example"}
        assert browser.post(story.url(row.path), data={"csrf": token}, headers=foreign).status_code == 403


def test_a_server_for_its_own_machine_answers_to_no_other_name(story: Story) -> None:
    """A site that lets its name lead to the loopback address reads no page, and no stream, with its scripts."""
    for path in ("/", "/runs", "/live/runs"):
        assert httpx.get(story.url(path), headers={"host": "elsewhere.example"}).status_code == 421
    assert httpx.get(story.url("/runs"), headers={"host": "localhost:8080"}).status_code == 200


@pytest.fixture(scope="module")
def asking() -> Iterator[RunningServer]:
    """A server that asks who calls."""
    with running_server(settings=ServerSettings(asks_who=True)) as server:
        yield server


def _key(server: RunningServer, *roles: Role) -> tuple[str, str]:
    assert server.client is not None
    name = "-".join(roles) or "nobody"
    application, key, secret = with_new_key(AccessApplication(id=name, name=name, roles=roles), 1)
    server.client.kernel.register(Register(entries=[(APPLICATION, name, application.body())])).wait()
    return key, secret


@contextmanager
def _signed_in(server: RunningServer, key: str, secret: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as browser:
        browser.get("/signin")
        form = {"key": key, "secret": secret, "csrf": browser.cookies["podium_csrf"]}
        assert browser.post("/signin", data=form).status_code == 303
        yield browser


@pytest.mark.parametrize("row", [page for page in PAGES if page.least is not None], ids=_named)
def test_a_page_asks_who_calls(asking: RunningServer, row: Page) -> None:
    """Who has not signed in is sent to do so, whatever he asks for."""
    answer = httpx.request(row.method, f"{asking.url}{_filled(row.path)}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin")


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "x", path)


def test_each_page_is_refused_to_who_may_not_have_it(asking: RunningServer) -> None:
    """Roles hold as in the API: a worker sees no page, and a viewer changes nothing."""
    for role, may in ((Role.WORKER, set()), (Role.VIEWER, {Role.VIEWER}), (Role.EDITOR, {Role.VIEWER, Role.EDITOR})):
        with _signed_in(asking, *_key(asking, role)) as browser:
            for row in PAGES:
                if row.least is not None and row.least not in may:
                    token = browser.cookies["podium_csrf"]
                    answer = browser.request(row.method, _filled(row.path), headers={"x-csrf-token": token})
                    assert answer.status_code == 403, (role, row.path)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_nobody_is_offered_what_he_may_not_have(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page has a form, a button or a link of ours for which the role of who sees it does not suffice."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with running_server(settings=ServerSettings(asks_who=True)) as server:
        story = told(server)
        rows = [(_pattern(row), row) for row in PAGES]
        with _signed_in(server, *_key(server, role)) as browser:
            for page in PAGES:
                answer = browser.get(story.url(page.path)) if page.method == "GET" else None
                if answer is None or answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
                    continue
                for method, path in _offered(answer.text):
                    fitting = [row for pattern, row in rows if row.method == method and pattern.fullmatch(path)]
                    assert not fitting or suffices((role,), fitting[0].least), (page.path, method, path)
            # Who may not change a schedule sees what it says all the same.
            assert "Input of each run" in browser.get(story.url("/schedules/morning")).text


def _pattern(row: Page) -> re.Pattern[str]:
    """Return what the paths of a row look like."""
    parts = re.split(r"\{[^}]*\}", row.path)
    return re.compile("[^?]+".join(map(re.escape, parts)))


def _offered(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a page offers to be asked for: the method, and the path without parameters."""
    for form in re.findall(r"<form[^>]*>", text):
        action = re.search(r'action="([^"?#]*)', form)
        if action and action[1]:
            yield "POST" if 'method="post"' in form else "GET", action[1]
    for method, path in re.findall(r'(href|hx-get|hx-post)="(/[^"?#]*)', text):
        yield "POST" if method == "hx-post" else "GET", path


def test_a_person_signs_in_with_a_password(asking: RunningServer) -> None:
    """People have names and passwords where programs have keys and secrets; the page says who is signed in."""
    assert asking.client is not None
    ann = User(id="ann", name="Ann", roles=(Role.VIEWER,)).with_password("a long password", 1)
    asking.client.kernel.register(Register(entries=[(USER, "ann", ann.body())])).wait()
    with _signed_in(asking, "ann", "a long password") as browser:
        assert "Ann" in browser.get("/runs").text


def test_a_session_ends_when_one_signs_out(asking: RunningServer) -> None:
    """After signing out the page asks again who calls; a wrong secret begins no session."""
    key, secret = _key(asking, Role.ADMIN)
    with _signed_in(asking, key, secret) as browser:
        assert browser.get("/runs").status_code == 200
        browser.post("/signout", headers={"x-csrf-token": browser.cookies["podium_csrf"]})
        assert browser.get("/runs").status_code == 303
        form = {"key": key, "secret": secret + "x", "csrf": browser.cookies["podium_csrf"]}
        assert browser.post("/signin", data=form).status_code == 401
        assert browser.get("/runs").status_code == 303


def test_nobody_may_guess_for_long() -> None:
    """Who tries too many secrets, at the API or in the page, is told to wait."""
    with running_server(settings=ServerSettings(asks_who=True)) as server, httpx.Client(base_url=server.url) as browser:
        browser.get("/signin")
        form = {"key": "ann", "secret": "guess", "csrf": browser.cookies["podium_csrf"]}
        assert browser.post("/signin", data=form).status_code == 401
        while browser.post("/api/token", json={"keyId": "ann", "keySecret": "guess"}).status_code != 429:
            pass
        answer = browser.post("/signin", data=form)
        assert answer.status_code == 429
        assert "wait a moment" in answer.text


@pytest.mark.parametrize("row", WHOLE, ids=_named)
def test_no_page_shows_a_secret(story: Story, row: Page) -> None:
    """A secret of the store stands on no page."""
    assert CANARY not in httpx.get(story.url(row.path)).text


def test_unknown_pages_and_bugs_show_no_trace(story: Story) -> None:
    """A path that is no page, and a run that is not there, are pages too."""
    for path in ("/nothing", "/runs/nothing", "/static/nothing.js"):
        answer = httpx.get(story.url(path))
        assert answer.status_code == 404
        assert "Traceback" not in answer.text
        assert "Podium" in answer.text
