"""
Attempts of tasks, as the API shows them, and what workers say of them.

Times are epoch milliseconds, 0 means "not yet"; ``*_at`` properties give aware UTC datetimes.
Conductor: ``common/metadata/tasks/Task.java``, ``TaskResult.java``, ``TaskExecLog.java``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import overload

from attrs import field, frozen

from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.statuses import TaskStatus
from podium.model.values import JsonObject


def as_datetime(epoch_ms: int) -> datetime | None:
    """Return epoch milliseconds as an aware UTC datetime, None for 0."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC) if epoch_ms else None


@frozen(kw_only=True, repr=False)
class TaskRun:
    """One attempt of one task of a run (``Task`` on the wire)."""

    #: What runs it: the worker's queue name, or the system task's type.
    task_type: str
    status: TaskStatus
    input_data: JsonObject = field(factory=dict)
    #: Unique in its run; with ``__<iteration>`` inside loops.
    reference_task_name: str = ""
    #: 0 for the first attempt.
    retry_count: int = 0
    #: Position in the run, from 1, growing.
    seq: int = 0
    correlation_id: str | None = None
    poll_count: int = 0
    task_def_name: str | None = None
    scheduled_time: int = 0
    start_time: int = 0
    end_time: int = 0
    update_time: int = 0
    start_delay_in_seconds: float = 0
    retried_task_id: str | None = None
    #: A newer attempt replaces this one.
    retried: bool = False
    #: The engine has acted on its end.
    executed: bool = False
    callback_from_worker: bool = True
    response_timeout_seconds: float = 0
    workflow_instance_id: str | None = None
    workflow_type: str | None = None
    task_id: str = ""
    reason_for_incompletion: str | None = None
    callback_after_seconds: float = 0
    worker_id: str | None = None
    output_data: JsonObject = field(factory=dict)
    workflow_task: WorkflowTask | None = None
    domain: str | None = None
    rate_limit_per_frequency: int = 0
    rate_limit_frequency_in_seconds: int = 0
    external_input_payload_storage_path: str | None = None
    external_output_payload_storage_path: str | None = None
    workflow_priority: int = 0
    execution_name_space: str | None = None
    isolation_group_id: str | None = None
    #: 0 outside loops; the innermost loop's iteration inside.
    iteration: int = 0
    sub_workflow_id: str | None = None
    subworkflow_changed: bool = False
    parent_task_id: str | None = None
    first_start_time: int = 0
    execution_metadata: JsonObject = field(factory=dict)
    runtime_metadata: Mapping[str, str] | None = None
    extra: JsonObject = field(factory=dict)

    def __repr__(self) -> str:
        # One line: the fields hold whole payloads and definitions.
        return f"<TaskRun {self.reference_task_name or self.task_type} {self.status} {self.task_id}>"

    @property
    def run_id(self) -> str:
        """The run's id (``workflow_instance_id``); empty for an attempt that came without it."""
        return self.workflow_instance_id or ""

    @property
    def task_definition(self) -> TaskDef | None:
        """The task definition that this attempt runs under."""
        return self.workflow_task.task_definition if self.workflow_task else None

    @property
    def loop_over_task(self) -> bool:
        """It belongs to a loop."""
        return self.iteration > 0

    @property
    def queue_wait_time(self) -> int:
        """Milliseconds between scheduling and start; 0 while it has not started."""
        return max(0, self.start_time - self.scheduled_time) if self.start_time else 0

    @property
    def scheduled_at(self) -> datetime | None:
        """When the attempt was created."""
        return as_datetime(self.scheduled_time)

    @property
    def started_at(self) -> datetime | None:
        """When the attempt began."""
        return as_datetime(self.start_time)

    @property
    def ended_at(self) -> datetime | None:
        """When the attempt ended."""
        return as_datetime(self.end_time)


class LazyAttempts(Sequence[TaskRun]):
    """
    Attempts that are made when somebody looks at them: most who read a long run look at few of them, or only count.

    It equals a tuple of the same attempts, and is copied and pickled as one.

    Args:
        size: How many there are.
        make: Gives one by its place, counted from 0.

    Example:
        >>> attempts = LazyAttempts(3, lambda place: TaskRun(task_type=f"t{place}", status=TaskStatus.COMPLETED))
        >>> len(attempts), attempts[-1].task_type, [each.task_type for each in attempts[:2]]
        (3, 't2', ['t0', 't1'])
    """

    __slots__ = ("_made", "_make")

    def __init__(self, size: int, make: Callable[[int], TaskRun]) -> None:
        self._made: list[TaskRun | None] = [None] * size
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> TaskRun: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[TaskRun, ...]: ...

    def __getitem__(self, place: int | slice) -> TaskRun | tuple[TaskRun, ...]:
        places = range(len(self._made))[place]
        return self._at(places) if isinstance(places, int) else tuple(map(self._at, places))

    def __iter__(self) -> Iterator[TaskRun]:
        return map(self._at, range(len(self._made)))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, tuple | LazyAttempts) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[tuple[TaskRun, ...]], tuple[tuple[TaskRun, ...]]]:
        return tuple, (tuple(self),)

    def _at(self, place: int) -> TaskRun:
        found = self._made[place]
        if found is None:  # two threads may make the same one; either is as good
            found = self._made[place] = self._make(place)
        return found


@frozen(kw_only=True)
class TaskLog:
    """One line that a worker logged for an attempt."""

    log: str
    task_id: str = ""
    #: Epoch milliseconds.
    created_time: int = 0
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class TaskResult:
    """What a worker says of an attempt."""

    workflow_instance_id: str = ""
    task_id: str = ""
    reason_for_incompletion: str | None = None
    #: Seconds after which an attempt that is IN_PROGRESS is handed out again, to the millisecond.
    callback_after_seconds: float = 0
    worker_id: str | None = None
    #: One of `podium.model.statuses.REPORTABLE`.
    status: TaskStatus = TaskStatus.COMPLETED
    #: Replaces the attempt's earlier output.
    output_data: JsonObject = field(factory=dict)
    logs: tuple[TaskLog, ...] = ()
    sub_workflow_id: str | None = None
    #: Only extend the lease; everything else is ignored.
    extend_lease: bool = False
    extra: JsonObject = field(factory=dict)


def chosen_case(switch: TaskRun) -> str | None:
    """Return the value that a SWITCH or DECISION came to (Conductor: ``SwitchTaskMapper``); None if it has not."""
    output = switch.output_data
    values = output.get("evaluationResult") or output.get("caseOutput") or [output.get("selectedCase")]
    value = values[0] if isinstance(values, list | tuple) and values else values
    return value if isinstance(value, str) else None if value is None else str(value)
