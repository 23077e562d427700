"""The first page: what fails and why, what waits and for what, how fast things go."""

from __future__ import annotations

from attrs import frozen

from podium.server.web.answers import Answer, View
from podium.server.web.table import show
from podium.server.web.visits import Visit


@frozen
class Overview:
    """What the first page shows."""

    statuses: tuple[tuple[str, int], ...]


def overview(visit: Visit) -> Answer:
    """Show how things stand."""
    return View("overview.html", Overview(()))


PAGES = (show("/", overview, nav="Overview"),)
