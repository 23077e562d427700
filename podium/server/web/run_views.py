"""The views of a run: its graph, its timeline, its tasks, what went in and came out; the table of its page's tabs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from attrs import frozen

from podium.model.errors import RenderError
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus, TaskType
from podium.render import playback as played_back
from podium.render.playback_svg import frame_lines
from podium.server.web.folding import FoldedValue, folded
from podium.server.web.paging import Pager, pager
from podium.server.web.pictures import PagePicture, in_page, run_picture
from podium.server.web.run_parts import LARGE, RunView
from podium.server.web.visits import Visit
from podium.server.web.writing import segment

_PAGE = 100
#: Most attempts that are drawn one by one.
_OPEN_MAX = 3_000
#: Most moments of a playback, and of that of a large run.
_FRAMES, _FRAMES_OF_LARGE = 60, 12


@frozen(kw_only=True)
class ShownLoop:
    """A loop of a run, of which one iteration is drawn."""

    ref: str
    count: int
    shown: int


@frozen(kw_only=True)
class Graph:
    """The graph of a run, and how it is drawn."""

    run_id: str
    picture: PagePicture | None
    trouble: str = ""
    focus: str = ""
    hops: int = 2
    collapse: str = "auto"
    direction: str = "TB"
    expand: int = 0
    undo: bool = False
    loops: Sequence[ShownLoop] = ()


def graph(visit: Visit, run: WorkflowRun) -> Graph:
    """Draw the run as the address asks for it."""
    query = visit.query
    collapse = query.text("collapse", "auto")
    loops = _loops(visit, run)
    is_too_large = collapse == "none" and len(run.tasks) > _OPEN_MAX
    shown = {
        "run_id": run.workflow_id,
        "focus": query.text("focus"),
        "hops": query.number("hops", 2, most=20),
        "collapse": collapse if collapse in {"auto", "all", "none"} else "auto",
        "direction": "LR" if query.text("direction") == "LR" else "TB",
        "expand": query.number("expand", 0, most=10),
        "undo": query.is_on("undo"),
        "loops": loops,
    }
    if is_too_large:
        few = f"a picture of {len(run.tasks):,} attempts is too large for a page; look near a task, or close its parts"
        return Graph(picture=None, trouble=few, **shown)  # type: ignore[arg-type]  # by name, as above
    draw = partial(
        run_picture,
        run,
        collapse={"auto": "auto", "all": True, "none": False}[str(shown["collapse"])],
        direction=shown["direction"],
        undo=shown["undo"],
        iteration={loop.ref: loop.shown for loop in loops if loop.shown},
    )
    if shown["focus"]:
        draw = partial(draw, focus=shown["focus"], hops=shown["hops"])
    if shown["expand"] or shown["undo"]:
        draw = partial(draw, expand=shown["expand"], runs=visit.client.get)
    try:
        return Graph(picture=draw(), **shown)  # type: ignore[arg-type]  # by name, as above
    except RenderError as error:
        return Graph(picture=None, trouble=str(error), **shown)  # type: ignore[arg-type]  # as above


def _loops(visit: Visit, run: WorkflowRun) -> tuple[ShownLoop, ...]:
    newest = {each.reference_task_name: each for each in run.tasks if each.task_type == TaskType.DO_WHILE}
    found = []
    for ref, each in newest.items():
        if each.iteration > 1 and "__" not in ref:
            shown = visit.query.number(f"iteration.{ref}", 0, most=each.iteration)
            found.append(ShownLoop(ref=ref, count=each.iteration, shown=shown))
    return tuple(found[:5])


@frozen
class RunTimes:
    """The timeline of a run."""

    picture: PagePicture


def times(visit: Visit, run: WorkflowRun) -> RunTimes:
    """Draw the run along time."""
    return RunTimes(in_page(run.timeline(now=visit.now).svg()))


@frozen(kw_only=True)
class Tasks:
    """A page of the attempts of a run."""

    run_id: str
    rows: Sequence[TaskRun]
    pager: Pager
    text: str
    status: str
    statuses: Sequence[str]


def tasks(visit: Visit, run: WorkflowRun) -> Tasks:
    """List the attempts that the address asks for."""
    text, status = visit.query.text("text"), visit.query.text("status")
    rows = [each for each in run.tasks if _fits(each, text.lower(), status)]
    start = visit.query.number("start", 0)
    path = f"/runs/{segment(run.workflow_id)}"
    return Tasks(
        run_id=run.workflow_id,
        rows=rows[start : start + _PAGE],
        pager=pager(path, start, _PAGE, len(rows), view="tasks", text=text, status=status),
        text=text,
        status=status,
        statuses=[each.value for each in TaskStatus],
    )


def _fits(attempt: TaskRun, text: str, status: str) -> bool:
    if status and attempt.status != status:
        return False
    places = (attempt.reference_task_name, attempt.task_type, attempt.worker_id, attempt.reason_for_incompletion)
    return not text or any(text in (place or "").lower() for place in places)


@frozen(kw_only=True)
class Payloads:
    """What went into a run and came out of it."""

    folds: Sequence[tuple[str, FoldedValue]]
    facts: Sequence[tuple[str, object]]


def payloads(visit: Visit, run: WorkflowRun) -> Payloads:
    """Show input, output and variables."""
    path = f"/runs/{segment(run.workflow_id)}/files"
    parts = {"Input": run.input, "Output": run.output, "Variables": run.variables}
    return Payloads(
        folds=[(name, folded(value, name, f"{path}/{name.lower()}.json")) for name, value in parts.items()],
        facts=[
            ("Idempotency key", run.idempotency_key),
            ("Event", run.event),
            ("Domains of tasks", ", ".join(f"{task}: {domain}" for task, domain in run.task_to_domain.items())),
            ("Rate limit key", run.rate_limit_key),
            ("Owner", run.owner_app),
            ("Rerun of", run.re_run_from_workflow_id),
        ],
    )


@frozen(kw_only=True)
class PlaybackView:
    """A run at each moment at which something changed."""

    picture: PagePicture
    #: JSON: a text for each moment.
    captions: str
    caption: str
    last: int


def playback(visit: Visit, run: WorkflowRun) -> PlaybackView:
    """Draw the run at its moments, of a large run at a few of them."""
    played = played_back(run, count=_FRAMES if len(run.tasks) <= LARGE else _FRAMES_OF_LARGE)
    told = [frame.caption for frame in played.frames]
    drawn = "".join(f"{line}\n" for line in frame_lines(played, "played_"))
    return PlaybackView(picture=in_page(drawn), captions=json.dumps(told), caption=told[-1], last=len(told) - 1)


#: The tabs of a run's page, in order.
VIEWS: tuple[RunView, ...] = (
    RunView(key="graph", title="Graph", template="runs/graph.html", make=graph),
    RunView(key="timeline", title="Timeline", template="runs/timeline.html", make=times),
    RunView(key="playback", title="Playback", template="runs/playback.html", make=playback, is_live=False),
    RunView(key="tasks", title="Tasks", template="runs/tasks.html", make=tasks),
    RunView(key="data", title="Input and output", template="runs/data.html", make=payloads),
)

#: Pages of their own about the same run, behind the tabs: what they are called, and the end of their path.
BESIDE: tuple[tuple[str, str], ...] = (("Compare", "diff"), ("What if?", "what-if"))
