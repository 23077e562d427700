"""The list of runs."""

from __future__ import annotations

from attrs import frozen

from podium.model.run_facts import RunSummary
from podium.server.web.answers import Answer, View
from podium.server.web.table import show
from podium.server.web.visits import Visit


@frozen
class Runs:
    """What the list shows."""

    rows: tuple[RunSummary, ...]


def runs(visit: Visit) -> Answer:
    """Show runs, newest first."""
    return View("runs/list.html", Runs(tuple(visit.client.search(limit=50))))


PAGES = (show("/runs", runs, nav="Runs"),)
