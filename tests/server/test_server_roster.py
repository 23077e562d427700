"""Who asks for work, as a server remembers it."""

from __future__ import annotations

import pytest

from podium.server import roster as module
from podium.server.roster import Roster


def test_a_worker_is_remembered_with_its_program() -> None:
    """Since when, when last, and with which program; another queue of the same worker is another line."""
    roster = Roster()
    roster.uses("w1", "podium/1.2")
    roster.asks("resize", None, "w1", 5)
    roster.asks("resize", None, "w1", 9)
    roster.asks("resize", "blue", "w1", 7)
    roster.uses("w1", "")
    found = {(each.domain, each.since, each.last, each.agent) for each in roster}
    assert found == {(None, 5, 9, "podium/1.2"), ("blue", 7, 7, "podium/1.2")}


def test_what_has_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many workers come and go, no more are remembered than may be."""
    monkeypatch.setattr(module, "_WORKERS_MAX", 2)
    roster = Roster()
    for at, worker in enumerate(("a", "b", "a", "c")):
        roster.uses(worker, f"{worker}/1")
        roster.asks("t", None, worker, at)
    assert {each.worker for each in roster} == {"a", "c"}
