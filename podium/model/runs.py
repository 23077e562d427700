"""
What an engine made of a definition: runs and their task attempts, as the API shows them.

Times are epoch milliseconds, 0 means "not yet"; ``*_at`` properties give aware UTC datetimes.
Conductor: ``common/metadata/tasks/Task.java``, ``common/run/Workflow.java``, ``TaskResult.java``, ``TaskExecLog.java``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from podium.model import extensions
from podium.model.compensation import Undoing
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.sources import RunSource
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from podium.model.moments import Frame, Moment  # which is made of what stands here

_ITERATIONS: Final = re.compile(r"(?:__\d+)+$")

#: Marks a field that stays in this process: `podium.model.codec` neither writes nor reads it.
LOCAL: Final = {"local": True}


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
    start_delay_in_seconds: int = 0
    retried_task_id: str | None = None
    #: A newer attempt replaces this one.
    retried: bool = False
    #: The engine has acted on its end.
    executed: bool = False
    callback_from_worker: bool = True
    response_timeout_seconds: int = 0
    workflow_instance_id: str | None = None
    workflow_type: str | None = None
    task_id: str = ""
    reason_for_incompletion: str | None = None
    callback_after_seconds: int = 0
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


@frozen(kw_only=True, repr=False)
class WorkflowRun:
    """One execution of a definition (``Workflow`` on the wire)."""

    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    status: RunStatus
    end_time: int = 0
    workflow_id: str = ""
    parent_workflow_id: str | None = None
    parent_workflow_task_id: str | None = None
    #: Attempts in the order they were created.
    tasks: tuple[TaskRun, ...] = ()
    input: JsonObject = field(factory=dict)
    output: JsonObject = field(factory=dict)
    correlation_id: str | None = None
    re_run_from_workflow_id: str | None = None
    reason_for_incompletion: str | None = None
    event: str | None = None
    task_to_domain: Mapping[str, str] = field(factory=dict)
    failed_reference_task_names: tuple[str, ...] = ()
    failed_task_names: tuple[str, ...] = ()
    workflow_definition: WorkflowDef | None = None
    external_input_payload_storage_path: str | None = None
    external_output_payload_storage_path: str | None = None
    priority: int = 0
    variables: JsonObject = field(factory=dict)
    last_retried_time: int = 0
    history: tuple[JsonValue, ...] = ()
    idempotency_key: str | None = None
    rate_limit_key: str | None = None
    rate_limited: bool = False
    extra: JsonObject = field(factory=dict)
    #: Gives the run anew, if it came from a client; no part of its value, and not in its JSON.
    source: RunSource | None = field(default=None, eq=False, repr=False, metadata=LOCAL)
    #: What became of the steps that can be undone, if the run failed and came from a client.
    undoing: Undoing = field(default=Undoing(), eq=False, repr=False, metadata=LOCAL)

    def __repr__(self) -> str:
        name = f"{self.workflow_name} version {self.workflow_version} " if self.workflow_definition else ""
        undone = f", undone: {', '.join(self.undone)}" if self.undone else ""
        return f"<WorkflowRun {name}{self.status} {self.workflow_id}, {len(self.tasks)} tasks{undone}>"

    @property
    def undone(self) -> tuple[str, ...]:
        """
        The steps that were undone because the run failed, in that order, see ``step.undo``.

        Only a run that came from a client knows them: what undoes it is a run of its own.
        """
        return self.undoing.undone

    @property
    def not_undone(self) -> tuple[str, ...]:
        """The steps that can be undone and were done, and are still: what undoes them failed, or is not there yet."""
        return self.undoing.left

    @property
    def reason(self) -> str | None:
        """Why the run did not complete, or None."""
        return self.reason_for_incompletion

    @property
    def workflow_name(self) -> str:
        """The definition's name; empty if the run came without its definition."""
        return self.workflow_definition.name if self.workflow_definition else ""

    @property
    def workflow_version(self) -> int:
        """The definition's version; 0 if the run came without its definition."""
        return self.workflow_definition.version if self.workflow_definition else 0

    @property
    def start_time(self) -> int:
        """When the run was created, in epoch milliseconds."""
        return self.create_time

    def task(self, reference_name: str) -> TaskRun | None:
        """
        Return the newest attempt of a task, or None.

        Args:
            reference_name: The name in the definition, or with ``__<iteration>`` for one iteration of a loop.
        """
        newest = None
        for attempt in self.tasks:
            if attempt.reference_task_name == reference_name or _is_iteration_of(attempt, reference_name):
                newest = attempt
        return newest

    @property
    def failing_task(self) -> TaskRun | None:
        """The last attempt that ended badly and was not retried, or None."""
        bad = [t for t in self.tasks if t.status.is_terminal and not t.status.is_successful and not t.retried]
        failed = [t for t in bad if t.status is not TaskStatus.CANCELED]
        return failed[-1] if failed else bad[-1] if bad else None

    def at(self, moment: Moment) -> WorkflowRun:
        """
        Return the run as it was at a moment, told from its own records; from its last change on, the run itself.

        Args:
            moment: An aware datetime; a timedelta or a number of seconds from the run's start; or epoch milliseconds.

        Raises:
            InvalidRequest: The datetime has no time zone, or *moment* is nothing of these.

        Example:
            >>> WorkflowRun(status=RunStatus.COMPLETED, create_time=1_000, end_time=3_000).at(1.0).status
            <RunStatus.RUNNING: 'RUNNING'>
        """
        from podium.model.moments import run_at

        return run_at(self, moment)

    def frames(self, count: int | None = None) -> tuple[Frame, ...]:
        """
        Return the run at each moment at which something changed, in their order.

        Args:
            count: Most frames to give, evenly through the changes, the first and the last among them; None for all.

        Raises:
            InvalidRequest: *count* is less than 1.
        """
        from podium.model.moments import frames

        return frames(self, count)

    def refresh(self) -> WorkflowRun:
        """
        Return the run as it stands now, from where it came.

        Raises:
            InvalidRequest: It came from no client, such as a run that was read from JSON.
            PodiumError: As the client's ``get`` has it, such as `RunNotFound`.
        """
        if self.source is None:
            raise InvalidRequest(f"run {self.workflow_id} does not know where it came from; use client.get(run_id)")
        return self.source()

    def live(self, *, interval: float = 0.25) -> Any:
        """
        Show the run while it goes on.

        As the last line of a notebook's cell it is a picture that changes in place until the run has ended; its last
        state stays in the saved notebook. ``run.live().wait()`` shows it and waits for the end, also on a terminal.

        Args:
            interval: Seconds between two looks at the run, at least 0.25.

        Returns:
            A `podium.render.live.Live`.

        Raises:
            InvalidRequest: The run has not ended, and it came from no client, so that it will never change.
        """
        return extensions.call("render.live", self, interval=interval)

    def to_records(self) -> list[dict[str, JsonValue]]:
        """
        Return the run as a table, one flat dictionary for each attempt, such as ``pandas.DataFrame`` takes.

        `podium.model.records.attempt_records` tells the columns.
        """
        from podium.model.records import attempt_records

        return attempt_records(self)

    def render(self, path: str, **options: JsonValue) -> str:
        """
        Draw the run into a file; the suffix chooses the format.

        Args:
            path: Such as ``run.svg``, ``.png``, ``.pdf``, ``.dot``, ``.mmd`` or ``.txt``.
            options: As `podium.render.render_file` takes them.

        Returns:
            The path.

        Raises:
            RenderError: The format is unknown or cannot be made here.
        """
        return str(extensions.call("render.file", self, path, **options))

    def playback(self, **options: JsonValue) -> JsonValue:
        """
        Return the pictures of the run at the moments at which something changed.

        A notebook shows it with a slider.

        Args:
            options: As `podium.render.playback` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return extensions.call("render.playback", self, **options)

    def animate(self, path: str, **options: JsonValue) -> str:
        """
        Write the playback of the run into a file: ``.svg`` plays by itself, ``.html`` has a slider, ``.txt`` tells it.

        Args:
            path: Where to write.
            options: As `podium.render.animate` takes them.

        Returns:
            The path.

        Raises:
            RenderError: The suffix is another, an option is wrong, or the file cannot be written.
        """
        return str(extensions.call("render.animate", self, path, **options))

    def timeline(self, **options: JsonValue) -> JsonValue:
        """
        Return when each task waited, worked and ended, as a `podium.render.timelines.Timeline`.

        Args:
            options: As `podium.render.timeline` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return extensions.call("render.timeline", self, **options)

    def draw(self, **options: JsonValue) -> JsonValue:
        """Return the run as a ``graphviz.Digraph``; options as `podium.render.draw` takes them."""
        return extensions.call("render.draw", self, **options)

    def graph(self, **options: JsonValue) -> JsonValue:
        """Return the run as a ``networkx.DiGraph``; `podium.render.graph` tells its attributes and options."""
        return extensions.call("render.graph", self, **options)

    def to_mermaid(self, **options: JsonValue) -> str:
        """Return the run as Mermaid text; options as `podium.render.mermaid` takes them."""
        return str(extensions.call("render.mermaid", self, **options))

    def describe(self, **options: JsonValue) -> str:
        """Return the run as an indented text outline; options as `podium.render.outline` takes them."""
        return str(extensions.call("render.outline", self, **options))

    def _repr_mimebundle_(self, include: JsonValue = None, exclude: JsonValue = None) -> dict[str, str]:
        return dict(extensions.call("render.mimebundle", self, include=include, exclude=exclude))


def _is_iteration_of(attempt: TaskRun, reference_name: str) -> bool:
    """Return whether an attempt in a loop is of the place with this name; names may hold ``__`` themselves."""
    if not attempt.iteration:
        return False
    place = attempt.workflow_task
    return (place is not None and place.task_reference_name == reference_name) or (
        _ITERATIONS.sub("", attempt.reference_task_name) == reference_name
    )


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
    #: Seconds after which an attempt that is IN_PROGRESS is handed out again.
    callback_after_seconds: int = 0
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


@frozen(kw_only=True)
class RunSummary:
    """One line of a list of runs."""

    workflow_id: str
    workflow_type: str
    version: int
    status: RunStatus
    correlation_id: str | None = None
    #: Epoch milliseconds.
    create_time: int = 0
    end_time: int = 0
    reason_for_incompletion: str | None = None
    parent_workflow_id: str | None = None
