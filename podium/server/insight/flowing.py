"""How fast things go: runs and tasks of a time by what they are, how many, how long, and how spread over it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from podium.client.interface import Client
from podium.model.run_facts import RunSummary
from podium.model.statistics import RunStatistics, Times
from podium.model.statuses import RunStatus, TaskType

#: Most runs that are counted, and whose starts are spread over time: the newest ones.
_RUNS_MAX: Final = 3_000
_BINS: Final = 40
_ROWS_MAX: Final = 30
#: What only leads from task to task takes no time that anybody asks for.
_FLOW_TYPES: Final = frozenset(
    {
        *(TaskType.SWITCH, TaskType.DECISION, TaskType.FORK_JOIN, TaskType.FORK_JOIN_DYNAMIC, TaskType.DO_WHILE),
        *(TaskType.JOIN, TaskType.EXCLUSIVE_JOIN, TaskType.SET_VARIABLE, TaskType.NOOP, TaskType.TERMINATE, "FORK"),
    }
)
_BAD: Final = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT})


class WorkflowFlow(NamedTuple):
    """The runs of one workflow."""

    name: str
    number: int
    failed: int
    took: Times | None
    #: Runs by the time of their start, oldest first, and those of them that failed.
    starts: Sequence[int]
    failures: Sequence[int]


class TaskFlow(NamedTuple):
    """The attempts of one task type."""

    name: str
    number: int
    failed: int
    retries: int
    took: Times | None
    waited: Times | None


class Flow(NamedTuple):
    """How fast things go, the most frequent first."""

    workflows: Sequence[WorkflowFlow]
    tasks: Sequence[TaskFlow]
    #: The time that the spread is over, in epoch milliseconds.
    begin: int
    end: int
    #: There were more runs in the time than were counted.
    is_partial: bool


def flow(client: Client, since: int, now: int) -> Flow:
    """
    Return how fast things go.

    Args:
        client: Knows the runs.
        since: Only runs that were started from then on, in epoch milliseconds.
        now: The end of the time.
    """
    span = (datetime.fromtimestamp(since / 1000, UTC), None)
    statistics = client.statistics(started=span, limit=_RUNS_MAX)
    newest = client.search(started=span, limit=_RUNS_MAX)
    begin = newest[-1].create_time if len(newest) == _RUNS_MAX else since
    return Flow(_workflows(statistics, newest, begin, now), _tasks(statistics), begin, now, statistics.is_partial)


def _workflows(statistics: RunStatistics, newest: Sequence[RunSummary], begin: int, end: int) -> list[WorkflowFlow]:
    starts, failures = (defaultdict[str, list[int]](lambda: [0] * _BINS) for _ in range(2))
    width = max(1, (end - begin) / _BINS)
    for run in newest:
        place = min(_BINS - 1, max(0, int((run.create_time - begin) / width)))
        starts[run.workflow_type][place] += 1
        failures[run.workflow_type][place] += run.status in _BAD
    found = [
        WorkflowFlow(name, one.count, one.failed, one.took, starts[name], failures[name])
        for name, one in statistics.workflows.items()
    ]
    return sorted(found, key=lambda one: (-one.number, one.name))[:_ROWS_MAX]


def _tasks(statistics: RunStatistics) -> list[TaskFlow]:
    found = [
        TaskFlow(name, one.count, one.failed, one.retries, one.took, one.waited)
        for name, one in statistics.types.items()
        if name not in _FLOW_TYPES
    ]
    return sorted(found, key=lambda one: (-one.number, one.name))[:_ROWS_MAX]
