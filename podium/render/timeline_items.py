"""The tasks of a run as items of a timeline: where each belongs, what tells it from its siblings, what it did when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from podium.model.durations import in_milliseconds
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskType
from podium.model.task_types import OF_OTHERS, TASK_KINDS, Pace
from podium.model.walk import walk
from podium.render.attempts import base_name, stand_in
from podium.render.iterations import loops_of
from podium.render.timeline_parts import Segment, SegmentKind

#: What each kind of stretch is called.
WORDS: Final[Mapping[SegmentKind, str]] = MappingProxyType(
    {
        SegmentKind.QUEUE: "waited for a worker",
        SegmentKind.DELAY: "not yet due",
        SegmentKind.WORK: "worked",
        SegmentKind.HOLD: "waited for others or for time",
    }
)
#: Types whose time is that of others, or passes by itself.
_HOLDING: Final = OF_OTHERS | {name for name, kind in TASK_KINDS.items() if kind.pace is Pace.WAIT}
_SUFFIX: Final = re.compile(r"(__\d+)+$")


@frozen(kw_only=True)
class TimelineItem:
    """One name in a run with all its attempts, the oldest first."""

    name: str
    #: What it is an instance of: the name in the definition, or of a dynamic fork its branches.
    place: str
    #: Loops, dynamic forks and sub-workflows around it.
    depth: int
    attempts: tuple[TaskRun, ...]

    @property
    def newest(self) -> TaskRun:
        """The newest attempt."""
        return self.attempts[-1]


def items_of(run: WorkflowRun) -> list[TimelineItem]:
    """Return the tasks of a run in the order in which they were created."""
    definition = run.workflow_definition or stand_in(run)
    depths = {visit.task.task_reference_name: len(loops_of(visit)) for visit in walk(definition.tasks)}
    by_name: dict[str, list[TaskRun]] = {}
    branch_of: dict[str, str] = {}
    for attempt in run.tasks:
        by_name.setdefault(attempt.reference_task_name, []).append(attempt)
        for branch in _branch_names(attempt):
            branch_of[branch] = base_name(attempt.reference_task_name, depths) or attempt.reference_task_name
    found: list[TimelineItem] = []
    for name, attempts in by_name.items():
        place, depth = base_name(name, depths), 0
        if place is None:
            fork = branch_of.get(name)
            place, depth = (f"{fork} branches", depths.get(fork, 0) + 1) if fork else (_SUFFIX.sub("", name), 0)
        else:
            depth = depths[place]
        found.append(TimelineItem(name=name, place=place, depth=depth, attempts=tuple(attempts)))
    return found


def _branch_names(fork: TaskRun) -> Iterator[str]:
    """Yield the names of a dynamic fork's branches; a record in a loop may leave the loop's suffix out."""
    names = fork.input_data.get("forkedTasks")
    if fork.task_type in {"FORK", TaskType.FORK_JOIN_DYNAMIC} and isinstance(names, list):
        for name in names:
            yield str(name)
            if fork.iteration:
                yield f"{name}__{fork.iteration}"


# -- what an item did when ---------------------------------------------------------------------------------------------


def segments_of(item: TimelineItem, horizon_ms: int) -> tuple[Segment, ...]:
    """
    Return the stretches of all attempts of an item, in the order of time.

    Args:
        item: The item.
        horizon_ms: Where the bars of what has not ended end; epoch milliseconds.
    """
    found: list[Segment] = []
    for number, attempt in enumerate(item.attempts, 1):
        own = list(_segments(attempt, number, horizon_ms))
        if found and own and own[0].start_ms > found[-1].end_ms:
            before = found[-1].end_ms
            found.append(_segment(SegmentKind.DELAY, before, own[0].start_ms, attempt, number))
        found += own
    return tuple(found)


def _segments(attempt: TaskRun, number: int, horizon: int) -> Iterator[Segment]:
    start, end = attempt.start_time, attempt.end_time
    created = attempt.scheduled_time or start or end
    if start:
        created = min(created, start)
    if not created:
        return
    over = (end or max(attempt.update_time, created)) if attempt.status.is_terminal else max(horizon, created)
    began = min(max(start, created), over) if start else over
    due = min(created + in_milliseconds(attempt.start_delay_in_seconds), began)
    waits = not start and not attempt.status.is_terminal
    if due > created:
        yield _segment(SegmentKind.DELAY, created, due, attempt, number)
    if began > due:
        yield _segment(SegmentKind.QUEUE, due, began, attempt, number, is_open=waits)
    if start or (over > began and not waits):
        span = SegmentKind.HOLD if attempt.task_type in _HOLDING else SegmentKind.WORK
        yield _segment(span, began, over, attempt, number, is_open=not attempt.status.is_terminal)


def _segment(
    span: SegmentKind, start: int, end: int, attempt: TaskRun, number: int, *, is_open: bool = False
) -> Segment:
    return Segment(span=span, start_ms=start, end_ms=end, status=attempt.status.value, attempt=number, is_open=is_open)
