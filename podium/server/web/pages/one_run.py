"""One run: what it waits for or why it failed, its views, and what is downloaded of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from podium.model.codec import to_json
from podium.model.payloads import dump
from podium.model.runs import WorkflowRun
from podium.server.errors import Refusal
from podium.server.web.answers import Answer, Download, View
from podium.server.web.run_actions import VerbButton, offers
from podium.server.web.run_parts import LARGE, RunHeader, RunView, first_head, head_of
from podium.server.web.run_views import BESIDE, VIEWS
from podium.server.web.table import part, show
from podium.server.web.visits import Visit


@frozen(kw_only=True)
class OneRun:
    """What the page of a run shows."""

    head: RunHeader
    offers: Sequence[VerbButton]
    views: Sequence[RunView]
    beside: Sequence[tuple[str, str]]
    view: RunView
    #: What the view shows; None for a large run, whose view comes with a second request.
    shown: Any
    #: The address of the view, as it is asked for when the run changes.
    part: str


@frozen(kw_only=True)
class ShownView:
    """What a view shows, with the tabs around it."""

    head: RunHeader
    view: RunView
    shown: Any
    part: str


def one_run(visit: Visit) -> Answer:
    """Show a run."""
    run_id, view = visit.path["run_id"], _view(visit)
    bare = visit.client.get(run_id, include_tasks=False)
    count = visit.desk.finder.attempts_of(run_id)
    run = visit.run(run_id) if count <= LARGE else None
    head = head_of(visit, run) if run is not None else first_head(bare, count)
    return View(
        "runs/one.html",
        OneRun(
            head=head,
            offers=offers(visit, bare),
            views=VIEWS,
            beside=BESIDE,
            view=view,
            shown=None if run is None else view.make(visit, run),
            part=_part(visit),
        ),
    )


def head_part(visit: Visit) -> Answer:
    """Show the header of a run anew."""
    run = visit.run(visit.path["run_id"])
    return View(
        "runs/head.html",
        OneRun(
            head=head_of(visit, run), offers=offers(visit, run), views=(), beside=(), view=VIEWS[0], shown=None, part=""
        ),
    )


def view_part(visit: Visit) -> Answer:
    """Show a view of a run anew."""
    run, view = visit.run(visit.path["run_id"]), _view(visit)
    head = RunHeader(run=run, is_whole=True, tasks=len(run.tasks))
    return View("runs/view.html", ShownView(head=head, view=view, shown=view.make(visit, run), part=_part(visit)))


def _view(visit: Visit) -> RunView:
    wanted = visit.query.text("view", VIEWS[0].key)
    return next((view for view in VIEWS if view.key == wanted), VIEWS[0])


def _part(visit: Visit) -> str:
    path, _, query = visit.address.partition("?")
    return f"{path.removesuffix('/view')}/view" + (f"?{query}" if query else "")


def file(visit: Visit) -> Answer:
    """Return what went into a run or came out of it, or all of it, as a file."""
    what = visit.path["what"]
    run = visit.client.get(visit.path["run_id"], include_tasks=what == "run")
    whole: Mapping[str, bytes] = {"run": to_json(run).encode()} if what == "run" else _payloads(run)
    if what not in whole:
        raise Refusal(404, f"a run has no file {what}")
    return Download(whole[what], f"{run.workflow_name}-{run.workflow_id}-{what}.json")


def _payloads(run: WorkflowRun) -> Mapping[str, bytes]:
    return {"input": dump(run.input), "output": dump(run.output), "variables": dump(run.variables)}


PAGES = (
    show("/runs/{run_id}", one_run),
    part("/runs/{run_id}/head", head_part),
    part("/runs/{run_id}/view", view_part),
    part("/runs/{run_id}/files/{what}.json", file),
)
