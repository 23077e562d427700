"""One run."""

from __future__ import annotations

from attrs import frozen

from podium.model.runs import WorkflowRun
from podium.server.web.answers import Answer, View
from podium.server.web.pictures import Picture, run_picture
from podium.server.web.table import show
from podium.server.web.visits import Visit


@frozen
class OneRun:
    """What the page of a run shows."""

    run: WorkflowRun
    picture: Picture


def one_run(visit: Visit) -> Answer:
    """Show a run."""
    run = visit.client.get(visit.path["run_id"])
    return View("runs/one.html", OneRun(run, run_picture(run)))


PAGES = (show("/runs/{run_id}", one_run),)
