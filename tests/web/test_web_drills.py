"""Failure drill: from the start page to the cause of each broken system in three clicks at most."""

from __future__ import annotations

import re

import pytest
from drills import DRILLS, Drill
from playwright.sync_api import Locator, expect
from playwright.sync_api import Page as Tab

from podium.client.sealing import KEY_VARIABLE, new_key
from podium.testing.serving import running_server

#: So many clicks may lead to the cause.
CLICKS_MAX = 3


def _region(page: Tab, name: str) -> Locator:
    """Return a part of the page by its heading; all of it without one."""
    return page.get_by_role("region", name=re.compile(f"^{re.escape(name)}")) if name else page.locator("body")


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_the_start_page_leads_to_the_cause(page: Tab, drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start page says that something is broken, and a few clicks lead to what says why."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with running_server() as server:
        drill.build(server)
        page.goto(server.url)
        expect(page.locator("main")).to_contain_text(re.compile(drill.start, re.DOTALL))
        for part, link in drill.clicks:
            _region(page, part).get_by_role("link", name=re.compile(link)).first.click()
            page.wait_for_load_state("load")
        expect(page.locator("main")).to_contain_text(re.compile(drill.cause, re.DOTALL))
        page.close()

    assert len(drill.clicks) <= CLICKS_MAX


def test_there_are_ten_drills_at_least() -> None:
    """Each breaks something else."""
    assert len({drill.name for drill in DRILLS}) == len({drill.build for drill in DRILLS}) >= 10
