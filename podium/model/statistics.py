"""
What many runs of a workflow have in common: how often each of its tasks ran, how it ended, and how long it took.

A store counts by itself, and gives `Tally`s; `tallies` counts what is in memory in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from podium.model.codec import from_dict, to_dict
from podium.model.definitions import WorkflowDef
from podium.model.drawing import Drawable
from podium.model.records import Record
from podium.model.run_facts import RunFacts
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonObject, JsonValue
from podium.model.walk import walk

#: What a tally counts: runs by their workflow's name, attempts by their place, other attempts by their type.
RUN, PLACE, TYPE = "run", "place", "type"


class Sample(NamedTuple):
    """One run or attempt, as it is counted."""

    kind: str
    key: str
    status: str
    run_id: str
    #: Of an attempt: its name in the run; attempts of one name are one execution and its retries.
    ref: str = ""
    #: Of an attempt: its number, growing.
    seq: int = 0
    #: Milliseconds from its start to its end, and from its scheduling to its start; 0 where one is not known.
    took: int = 0
    waited: int = 0


class Tally(NamedTuple):
    """What is counted of all runs or attempts of one key that have one status; times in milliseconds."""

    kind: str
    key: str
    status: str
    #: Runs or attempts.
    number: int
    #: Those that are the newest attempt of their execution, and of their place in the run.
    newest: int
    newest_in_run: int
    took_p50: int
    took_p95: int
    took_max: int
    waited_p50: int
    waited_p95: int
    waited_max: int


def tallies(samples: Iterable[Sample]) -> list[Tally]:
    """Return what samples come to, by kind, key and status; a percentile is the least value that so many are within."""
    groups: defaultdict[tuple[str, str, str], list[Sample]] = defaultdict(list)
    newest: dict[tuple[str, ...], Sample] = {}
    for each in sorted(samples, key=lambda one: one.seq):
        groups[each.kind, each.key, each.status].append(each)
        newest[each.run_id, each.ref] = newest[each.kind, each.key, each.run_id] = each
    last, last_in_run = defaultdict[Any, int](int), defaultdict[Any, int](int)
    for place, each in newest.items():
        counted = last if len(place) == 2 else last_in_run
        counted[each.kind, each.key, each.status] += 1
    return [
        Tally(*key, len(group), last[key], last_in_run[key], *_spread(group, "took"), *_spread(group, "waited"))
        for key, group in sorted(groups.items())
    ]


def _spread(group: Sequence[Sample], name: str) -> tuple[int, int, int]:
    values = sorted(getattr(each, name) for each in group)
    p50, p95 = (values[-(-len(values) * percent // 100) - 1] for percent in (50, 95))
    return p50, p95, values[-1]


def samples_of(runs: Iterable[RunFacts], places: frozenset[str]) -> Iterator[Sample]:
    """Yield runs and their attempts as samples; attempts outside of *places* count by their type."""
    for number, run in enumerate(runs):
        run_id = f"{number}"  # simulated runs may have the same id
        took = run.end_time - run.create_time if run.end_time else 0
        yield Sample(RUN, run.workflow_name, run.status.value, run_id, took=took)
        for one in run.tasks:
            base = one.workflow_task.task_reference_name if one.workflow_task else one.reference_task_name
            worked = max(0, one.end_time - one.start_time) if one.start_time and one.end_time else 0
            kind, key = (PLACE, base) if base in places else (TYPE, one.task_type)
            waited = one.queue_wait_time
            own = (one.status.value, run_id, one.reference_task_name, one.seq, worked, waited)
            yield Sample(kind, key, *own)


def places_of(definition: WorkflowDef) -> frozenset[str]:
    """Return the reference names of a definition."""
    return frozenset(visit.task.task_reference_name for visit in walk(definition.tasks))


@frozen(kw_only=True)
class Times:
    """How long something took, in milliseconds: half of all `p50` at most, and 95 of 100 `p95` at most."""

    p50: int
    p95: int
    longest: int


@frozen(kw_only=True)
class WorkflowStatistics:
    """What became of the runs of one workflow."""

    #: Status to the number of runs that have it.
    runs: Mapping[str, int]
    #: From start to end, of those that completed; None if none did.
    took: Times | None

    @property
    def count(self) -> int:
        """How many runs."""
        return sum(self.runs.values())

    @property
    def failed(self) -> int:
        """How many of them failed or timed out."""
        return sum(self.runs.get(status, 0) for status in (RunStatus.FAILED, RunStatus.TIMED_OUT))


@frozen(kw_only=True)
class TaskStatistics:
    """What became of one task in many runs. An execution is one turn of a task, with all its retries."""

    #: Status to the number of attempts that have it.
    attempts: Mapping[str, int]
    #: Status to the number of executions whose newest attempt has it.
    executions: Mapping[str, int]
    #: In how many runs it was reached.
    runs: int
    #: From start to end, and from scheduling to start, of attempts that completed; None if none did.
    took: Times | None
    waited: Times | None

    @property
    def count(self) -> int:
        """How many executions."""
        return sum(self.executions.values())

    @property
    def retries(self) -> int:
        """How many attempts were made beyond the first ones."""
        return sum(self.attempts.values()) - self.count

    @property
    def failed(self) -> int:
        """How many executions ended badly; those that others ended do not count."""
        return sum(self.executions.get(status, 0) for status in BAD)

    @property
    def done(self) -> int:
        """How many executions are over so that the run could go on."""
        return sum(self.executions.get(status, 0) for status in _DONE)


#: How an attempt fails.
BAD: Final = (TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR, TaskStatus.TIMED_OUT)
_DONE: Final = tuple(status for status in TaskStatus if status.is_successful)


@frozen(kw_only=True)
class RunStatistics(Drawable):
    """
    What many runs come to; `podium.Client.statistics` gives it.

    It draws itself: the definition, coloured by what became of each of its tasks. Printed, it is an outline.
    """

    #: Workflow to what became of its runs.
    workflows: Mapping[str, WorkflowStatistics] = field(factory=dict)
    #: Reference name in the definition to what became of its task.
    tasks: Mapping[str, TaskStatistics] = field(factory=dict)
    #: Task type to what became of all other tasks: branches of dynamic forks; all, where no workflow was asked for.
    types: Mapping[str, TaskStatistics] = field(factory=dict)
    #: The definition that was asked for; None for all workflows.
    definition: WorkflowDef | None = None
    #: First and last start that counts, in epoch milliseconds; None for no bound.
    started_from: int | None = None
    started_to: int | None = None
    #: There were more runs, or attempts, than were to be counted; the newest runs are.
    is_partial: bool = False

    @property
    def count(self) -> int:
        """How many runs."""
        return sum(one.count for one in self.workflows.values())

    @property
    def failed(self) -> int:
        """How many of them failed or timed out."""
        return sum(one.failed for one in self.workflows.values())

    def to_records(self) -> list[Record]:
        """Return a table, one flat dictionary for each task, such as ``pandas.DataFrame`` takes; times are in ms."""
        named = [*(("task", *one) for one in self.tasks.items()), *(("type", *one) for one in self.types.items())]
        return [
            {
                what: name,
                "runs": one.runs,
                "executions": one.count,
                "retries": one.retries,
                "failed": one.failed,
                **{f"took_{k}_ms": getattr(one.took, k, None) for k in _TIMES},
                **{f"waited_{k}_ms": getattr(one.waited, k, None) for k in _TIMES},
            }
            for what, name, one in named
        ]

    def __str__(self) -> str:
        if self.definition is not None:
            return self.describe()
        lines = [f"{self.count:,} runs, {self.failed:,} failed"]
        lines += (f"  {name}: {one.count:,} runs, {one.failed:,} failed" for name, one in self.workflows.items())
        lines += (f"  {name}: {one.count:,} tasks, {one.failed:,} failed" for name, one in self.types.items())
        return "".join(f"{line}\n" for line in lines)


_TIMES: Final = ("p50", "p95", "longest")


def statistics_from(rows: Iterable[Tally], **about: Any) -> RunStatistics:
    """
    Make statistics of tallies.

    Args:
        rows: What was counted.
        about: The other fields of `RunStatistics`.
    """
    grouped: defaultdict[str, defaultdict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row.kind][row.key].append(row)
    return RunStatistics(
        workflows={
            name: WorkflowStatistics(
                runs={one.status: one.number for one in found}, took=_times(found, "took", (RunStatus.COMPLETED,))
            )
            for name, found in grouped[RUN].items()
        },
        tasks={ref: _task(found) for ref, found in grouped[PLACE].items()},
        types={name: _task(found) for name, found in grouped[TYPE].items()},
        **about,
    )


def _task(rows: Sequence[Tally]) -> TaskStatistics:
    return TaskStatistics(
        attempts={one.status: one.number for one in rows},
        executions={one.status: one.newest for one in rows if one.newest},
        runs=sum(one.newest_in_run for one in rows),
        took=_times(rows, "took", (TaskStatus.COMPLETED,)),
        waited=_times(rows, "waited", (TaskStatus.COMPLETED,)),
    )


def _times(rows: Iterable[Tally], name: str, statuses: Sequence[str]) -> Times | None:
    for one in rows:
        if one.status in statuses:
            p50, p95, longest = (getattr(one, f"{name}_{part}") for part in ("p50", "p95", "max"))
            return Times(p50=p50, p95=p95, longest=longest)
    return None


def statistics_of(
    runs: Iterable[RunFacts], definition: WorkflowDef | None = None, *, is_whole: bool = True
) -> RunStatistics:
    """
    Return what runs in memory come to, such as simulated ones.

    Args:
        runs: The runs, with their tasks.
        definition: What their tasks are told apart by; that of the first run that has one if it is not given.
        is_whole: They are runs of one workflow; if not, their tasks are counted by type.
    """
    listed = list(runs)
    first = next((one.workflow_definition for one in listed if one.workflow_definition), None)
    known = (definition or first) if is_whole else None
    rows = tallies(samples_of(listed, frozenset() if known is None else places_of(known)))
    return statistics_from(rows, definition=known)


def statistics_to_dict(found: RunStatistics) -> JsonObject:
    """Return statistics as plain JSON data: what Podium's own part of the API carries."""
    return {
        "workflows": {
            name: {"runs": dict(one.runs), "took": _times_to_dict(one.took)} for name, one in found.workflows.items()
        },
        "tasks": {ref: _task_to_dict(one) for ref, one in found.tasks.items()},
        "types": {name: _task_to_dict(one) for name, one in found.types.items()},
        "definition": None if found.definition is None else to_dict(found.definition),
        "startedFrom": found.started_from,
        "startedTo": found.started_to,
        "isPartial": found.is_partial,
    }


def statistics_from_dict(data: Mapping[str, Any]) -> RunStatistics:
    """
    Read what `statistics_to_dict` gives.

    Example:
        >>> statistics_from_dict(statistics_to_dict(RunStatistics())) == RunStatistics()
        True
    """
    return RunStatistics(
        workflows={
            name: WorkflowStatistics(runs=one["runs"], took=_times_from_dict(one["took"]))
            for name, one in data["workflows"].items()
        },
        tasks={ref: _task_from_dict(one) for ref, one in data["tasks"].items()},
        types={name: _task_from_dict(one) for name, one in data["types"].items()},
        definition=None if data["definition"] is None else from_dict(data["definition"], WorkflowDef),
        started_from=data["startedFrom"],
        started_to=data["startedTo"],
        is_partial=data["isPartial"],
    )


def _task_to_dict(one: TaskStatistics) -> JsonObject:
    times = {"took": _times_to_dict(one.took), "waited": _times_to_dict(one.waited)}
    return {"attempts": dict(one.attempts), "executions": dict(one.executions), "runs": one.runs, **times}


def _task_from_dict(data: Mapping[str, Any]) -> TaskStatistics:
    times = {name: _times_from_dict(data[name]) for name in ("took", "waited")}
    return TaskStatistics(attempts=data["attempts"], executions=data["executions"], runs=data["runs"], **times)


def _times_to_dict(times: Times | None) -> dict[str, JsonValue] | None:
    return None if times is None else {name: getattr(times, name) for name in _TIMES}


def _times_from_dict(data: Mapping[str, int] | None) -> Times | None:
    return None if data is None else Times(**data)
