"""The pages of users and keys, of the audit and of retention, on a server that asks who calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect
from playwright.sync_api import Page as Tab
from web_story import HOSTILE, price, quick

from podium.client.embedded import EmbeddedClient
from podium.server.accounts import Accounts
from podium.server.roles import Role
from podium.server.settings import ServerSettings
from podium.testing.serving import RunningServer, running_server

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def asking() -> Iterator[RunningServer]:
    """A server that asks who calls, with an administrator."""
    with running_server(settings=ServerSettings(asks_who=True)) as server:
        _client(server).register(quick)
        _accounts(server).save_user("root", name="Root", roles=[Role.ADMIN], groups=[], password=PASSWORD)
        yield server


def _client(server: RunningServer) -> EmbeddedClient:
    assert server.client is not None
    return server.client


class _Desk:
    """What `Accounts` asks of a desk, over a client."""

    def __init__(self, client: EmbeddedClient) -> None:
        self.engine, self.kernel, self.gate = client.engine, client.kernel, None


def _accounts(server: RunningServer) -> Accounts:
    return Accounts(_Desk(_client(server)))  # type: ignore[arg-type]  # all that it asks for


def _sign_in(page: Tab, server: RunningServer, name: str, password: str) -> None:
    page.goto(f"{server.url}/signin")
    page.locator("[name='key']").fill(name)
    page.locator("[name='secret']").fill(password)
    page.locator("form.card button").click()
    page.wait_for_url(lambda url: "/signin" not in url)


def test_a_key_is_shown_once_and_can_be_refused(asking: RunningServer, page: Tab) -> None:
    """An application gets a key on a page that shows its secret once; the key works until it is refused."""
    page.on("dialog", lambda dialog: dialog.accept())
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/settings/access")
    page.get_by_label("Name of the application").fill("billing workers")
    page.get_by_role("button", name="Save application").click()
    page.get_by_role("button", name="New key for billing workers").click()
    told = page.get_by_label("The key and its secret").inner_text()
    key, secret = re.findall(r"=(\S+)", told)
    credentials = {"keyId": key, "keySecret": secret}
    assert httpx.post(f"{asking.api}/token", json=credentials).status_code == 200
    page.goto(f"{asking.url}/settings/access")
    assert secret not in page.content()
    page.get_by_role("button", name=f"Revoke the key {key}").click()
    expect(page.locator("#said")).to_contain_text("revoked")
    assert httpx.post(f"{asking.api}/token", json=credentials).status_code == 401
    page.get_by_role("button", name=f"Allow the key {key}").click()
    assert httpx.post(f"{asking.api}/token", json=credentials).status_code == 200
    page.get_by_role("button", name=f"Delete the key {key}").click()
    assert httpx.post(f"{asking.api}/token", json=credentials).status_code == 401
    page.get_by_role("button", name="Delete the application billing workers").click()
    expect(page.locator("main")).not_to_contain_text("billing workers")


def test_a_user_is_made_and_may_what_the_group_may(asking: RunningServer, page: Tab) -> None:
    """A person signs in with what the page has kept, and sees what the roles of the group allow."""
    page.on("dialog", lambda dialog: dialog.accept())
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/settings/access")
    group = page.locator("#group")
    group.get_by_label("Group").fill("support")
    group.get_by_label("EDITOR").check()
    group.get_by_role("button", name="Save group").click()
    user = page.locator("#user")
    user.get_by_label("User", exact=True).fill("ann")
    user.get_by_label("Password").fill("short")
    user.evaluate("form => form.noValidate = true")
    user.get_by_role("button", name="Save user").click()
    expect(page.get_by_role("alert")).to_contain_text("10 characters")
    user.get_by_label("User", exact=True).fill("ann")
    user.get_by_label("Password").fill(PASSWORD)
    user.get_by_label("support").check()
    user.get_by_role("button", name="Save user").click()
    expect(page.get_by_label("Users", exact=True)).to_contain_text("VIEWER, EDITOR")
    page.get_by_role("button", name="Sign out").click()
    _sign_in(page, asking, "ann", PASSWORD)
    page.goto(f"{asking.url}/settings/secrets")
    expect(page.get_by_role("button", name="Save secret")).to_be_visible()
    answer = page.goto(f"{asking.url}/settings/access")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main")).not_to_contain_text("Retention")


def test_the_audit_tells_what_pages_have_changed(asking: RunningServer, page: Tab) -> None:
    """What an administrator does in the pages stands in the audit, with who, and never with what was typed."""
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/settings/environment")
    page.get_by_label("Name").fill("region")
    page.get_by_label("Value").fill("typed-value")
    page.get_by_role("button", name="Set variable").click()
    page.goto(f"{asking.url}/settings/audit")
    page.get_by_label("To what").fill("variable")
    page.get_by_role("button", name="Search").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("put")
    expect(row).to_contain_text("region")
    expect(row).to_contain_text("Root")
    expect(page.locator("main")).not_to_contain_text("typed-value")
    page.get_by_label("Keep changes").fill("400 days")
    page.get_by_role("button", name="Set").click()
    assert _client(asking).audit.kept() == "400 days"
    page.goto(f"{asking.url}/settings/audit?since=2099-01-01T00:00")
    expect(page.locator("main")).to_contain_text("No change is like this")


def test_policies_of_retention_are_set_tried_and_removed(asking: RunningServer, page: Tab) -> None:
    """A policy tells what would go before anything goes; an age that is none is refused."""
    page.on("dialog", lambda dialog: dialog.accept())
    client = _client(asking)
    with client.workers([price]):
        client.run(quick, {"amount": 1.0}, timeout=30)
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/settings/retention")
    page.get_by_label("Workflow").fill("quick")
    page.get_by_label("Stays").fill("some time")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("alert")).to_contain_text("some time")
    expect(page.get_by_label("Workflow")).to_have_value("quick")  # or what is mended would be said of all workflows
    page.get_by_label("Stays").fill("0s")
    page.get_by_role("button", name="Set").click()
    page.get_by_role("button", name="What would go now?").click()
    expect(page.get_by_label("What would go")).to_be_visible()
    page.get_by_role("button", name="Remove the policy of quick").click()
    expect(page.locator("main")).to_contain_text("every run stays for ever")


def test_dangerous_names_of_accounts_are_texts(asking: RunningServer, page: Tab) -> None:
    """Names of applications and people are shown as what they are."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    _accounts(asking).save_application("", name=HOSTILE[:150], roles=[])
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/settings/access")
    expect(page.locator("main")).to_contain_text("alert('x')")
    assert heard == []


def test_a_session_that_is_over_takes_nothing_away(asking: RunningServer, page: Tab) -> None:
    """Who types for long is told, signs in in another tab, comes back, and saves what he has typed."""
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/editor?workflow=quick")
    context = page.context
    context.clear_cookies(name="podium_session")
    text = page.get_by_label("JSON of the definition")
    text.fill(text.input_value().replace('"name": "quick"', '"name": "typed_for_long"', 1))
    said = page.locator("#said")
    expect(said).to_contain_text("Your session is over")
    page.get_by_role("button", name="Save as a new version").click()
    expect(said).to_contain_text("what you have typed here stays")
    with context.expect_page() as opened:
        said.get_by_role("link").click()
    other = opened.value
    _sign_in(other, asking, "root", PASSWORD)
    other.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(said).to_be_empty()
    page.get_by_role("button", name="Save as a new version").click()
    page.wait_for_url(re.compile("/definitions/typed_for_long"))


def test_who_is_signed_out_by_a_server_that_is_away_is_told_so(asking: RunningServer, context: BrowserContext) -> None:
    """Whether the session goes on cannot be asked then, so nothing is said of it, and nothing sent."""
    page = context.new_page()  # a browser complains of what it cannot reach
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/editor?workflow=quick")
    context.clear_cookies(name="podium_session")
    text = page.get_by_label("JSON of the definition")
    text.fill(text.input_value().replace('"name": "quick"', '"name": "away"', 1))
    said = page.locator("#said")
    expect(said).to_contain_text("Your session is over")
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("button", name="Save as a new version").click()
    expect(said).to_contain_text("The server does not answer")


def test_a_list_whose_session_is_over_stays_where_it_is(asking: RunningServer, page: Tab) -> None:
    """What a page asks for by itself leads nowhere, least of all to a part of a page."""
    _sign_in(page, asking, "root", PASSWORD)
    page.goto(f"{asking.url}/runs")
    expect(page.locator("[data-is-live]")).to_be_attached()
    page.context.clear_cookies(name="podium_session")
    _client(asking).start(quick)
    expect(page.locator("#said")).to_contain_text("Your session is over")
    assert page.url == f"{asking.url}/runs"
    assert "next=%2Fruns" in str(page.locator("#said a").get_attribute("href"))
