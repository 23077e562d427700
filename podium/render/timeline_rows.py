"""From a run to its timeline: which tasks have a row of their own, and which share one."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from podium.model.definitions import WorkflowDef
from podium.model.durations import duration_text
from podium.model.moments import Moment, changes, moment_ms
from podium.model.runs import WorkflowRun, as_datetime
from podium.model.statuses import TaskStatus
from podium.model.walk import walk
from podium.render.attempts import DRAWN_MAX, stand_in
from podium.render.children import child_of, failing_path
from podium.render.item_names import item_names
from podium.render.iterations import check_iterations, only_iterations
from podium.render.naming import clean, lines_of
from podium.render.options import Runs
from podium.render.palette import style_of
from podium.render.tallies import counts, worst
from podium.render.timeline_items import TimelineItem, items_of, segments_of
from podium.render.timeline_parts import Segment, TimelineRow
from podium.render.timeline_scale import find_gaps
from podium.render.timelines import Timeline

#: Rows of a timeline before the tasks of one place share a row.
ROWS_MAX: Final = 60
#: Rows that are drawn at all.
_DRAWN_ROWS_MAX: Final = 1_000
#: Members in trouble that a group names one by one.
_NAMED_MAX: Final = 5

_BAD: Final = frozenset({TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR, TaskStatus.TIMED_OUT})


@frozen(kw_only=True)
class Choices:
    """What is drawn of a run."""

    #: Places that are opened: every task has its row.
    opened: frozenset[str] = frozenset()
    iteration: Mapping[str, int]
    runs: Runs | None = None
    #: How many levels of sub-workflows are shown.
    expand: int = 0
    rows_max: int = ROWS_MAX


def timeline_of(run: WorkflowRun, choices: Choices, *, now: Moment | None, theme: str, width: int) -> Timeline:
    """
    Make the timeline of a run.

    Raises:
        RenderError: There is no such loop or iteration.
    """
    known = changes(run)
    start = known[0] if known else 0
    last = known[-1] if known else 0
    horizon = last if run.status.is_terminal else max(last, _now_ms(run, now))
    rows = _rows(run, choices, horizon, 0)
    if len(rows) > _DRAWN_ROWS_MAX:
        rows = [*rows[: _DRAWN_ROWS_MAX - 1], _rest(rows[_DRAWN_ROWS_MAX - 1 :])]
    ends = [segment.end_ms for row in rows for segment in row.segments]
    starts = [row.segments[0].start_ms for row in rows if row.segments]
    start, end = min([start or horizon, *starts]), max([horizon, *ends])
    definition = run.workflow_definition
    name = f"{definition.name} version {definition.version}" if definition else "a run without its definition"
    return Timeline(
        title=clean(name),
        subtitle=_subtitle(run, start, horizon, choices.runs),
        status=run.status.value,
        rows=tuple(rows),
        start_ms=start,
        end_ms=end,
        now_ms=None if run.status.is_terminal else horizon,
        gaps=find_gaps(rows, start, end),
        theme=theme,
        width=width,
    )


def _now_ms(run: WorkflowRun, now: Moment | None) -> int:
    """Return the present moment; 0 for a run that comes from nowhere, whose last change is the newest that is known."""
    if now is not None:
        return moment_ms(run, now)
    return round(time.time() * 1000) if run.source is not None else 0


def _subtitle(run: WorkflowRun, start: int, horizon: int, runs: Runs | None) -> tuple[str, ...]:
    style = style_of(run.status)
    word = "for" if not run.status.is_terminal else "in" if run.status.is_successful else "after"
    took = f"{word} {duration_text(max(0, horizon - start))}"
    began = as_datetime(start)
    when = f", began {began:%Y-%m-%d %H:%M:%S} UTC" if began else ""
    lines = [clean(f"Run {run.workflow_id}: {style.icon} {style.word} {took}{when}")]
    place, reason = failing_path(run, runs)
    if place or run.reason:
        text = f"{place}: {reason or run.reason}" if place else run.reason or ""
        lines += lines_of(text, width=110, count=2)
    return tuple(lines)


def _rows(run: WorkflowRun, choices: Choices, horizon: int, depth: int) -> list[TimelineRow]:
    definition = run.workflow_definition or stand_in(run)
    items = _chosen(items_of(run), definition, choices.iteration)
    places: dict[str, list[TimelineItem]] = {}
    for item in items:
        places.setdefault(item.place, []).append(item)
    crowded = len(items) > choices.rows_max
    masked = definition.masked_fields
    rows: list[TimelineRow] = []
    done: set[str] = set()
    labels = {
        place: item_names({each.name: each.newest for each in members}, masked) if _are_branches(place) else {}
        for place, members in places.items()
    }
    for item in items:
        members = places[item.place]
        if crowded and len(members) > DRAWN_MAX and not _is_open(item.place, choices.opened):
            if item.place not in done:
                done.add(item.place)
                rows += _group(item.place, members, labels[item.place], horizon, depth)
            continue
        rows.append(_row(item, labels[item.place].get(item.name, ""), horizon, depth))
        rows += _below(item, choices, horizon, depth)
    return rows


def _are_branches(place: str) -> bool:
    return place.endswith(" branches")


def _is_open(place: str, opened: Collection[str]) -> bool:
    return place in opened or place.removesuffix(" branches") in opened


def _chosen(items: list[TimelineItem], definition: WorkflowDef, iteration: Mapping[str, int]) -> list[TimelineItem]:
    """Leave out what belongs to other iterations than the chosen ones."""
    if not iteration:
        return items
    visits = list(walk(definition.tasks))
    known = {visit.task.task_reference_name for visit in visits}
    tries = {
        place: [item.newest for item in items if item.place == place]
        for place in dict.fromkeys(item.place for item in items)
        if place in known
    }
    check_iterations(tries, visits, iteration)
    kept = {task.reference_task_name for tasks in only_iterations(tries, visits, iteration).values() for task in tasks}
    return [item for item in items if item.name in kept or item.place not in known]


def _row(item: TimelineItem, label: str, horizon: int, depth: int) -> TimelineRow:
    newest = item.newest
    return TimelineRow(
        reference=clean(item.name) or "(no name)",
        item=label,
        depth=depth + item.depth,
        task_type=newest.task_type,
        status=newest.status.value,
        attempts=max(len(item.attempts), newest.retry_count + 1),
        reason=clean(newest.reason_for_incompletion or "") if newest.status is not TaskStatus.COMPLETED else "",
        segments=segments_of(item, horizon),
    )


def _group(
    place: str, members: list[TimelineItem], labels: Mapping[str, str], horizon: int, depth: int
) -> list[TimelineRow]:
    """Return one row for all members, and one for each of the first that failed; these are not counted again."""
    newest = [member.newest.status for member in members]
    group = TimelineRow(
        reference=clean(place),
        depth=depth + members[0].depth,
        task_type=members[0].newest.task_type,
        status=worst(newest),
        attempts=max(len(member.attempts) for member in members),
        segments=_in_order(segment for member in members for segment in segments_of(member, horizon)),
        count=len(members),
        counts=counts(newest),
    )
    bad = [member for member in members if member.newest.status in _BAD][:_NAMED_MAX]
    rows = [_row(member, labels.get(member.name, ""), horizon, depth + 1) for member in bad]
    return [group, *(evolve(row, count=0) for row in rows)]


def _below(item: TimelineItem, choices: Choices, horizon: int, depth: int) -> list[TimelineRow]:
    """Return the rows of the run that a sub-workflow's task started."""
    child = child_of(item.newest, choices.runs) if choices.expand > 0 else None
    if child is None:
        return []
    inner = evolve(choices, expand=choices.expand - 1, iteration={}, rows_max=max(10, choices.rows_max // 2))
    return _rows(child, inner, horizon, depth + item.depth + 1)


def _rest(rows: list[TimelineRow]) -> TimelineRow:
    """Put the rows that are too many into one."""
    segments = _in_order(one for row in rows for one in row.segments)
    status = worst({row.status for row in rows})
    count = max(2, sum(row.count for row in rows))
    text = f"{len(rows):,} rows that are not drawn"
    return TimelineRow(reference="more tasks", status=status, segments=segments, count=count, counts=text)


def _in_order(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(segments, key=lambda one: (one.start_ms, one.end_ms)))
