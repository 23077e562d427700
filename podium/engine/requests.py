"""What callers ask of the kernel, beside the events of a single run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from podium.engine.events import Undone
from podium.engine.rows import LogRow
from podium.model.assignments import Consumer
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.statuses import IdempotencyStrategy
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.model.schedules import Schedule


class StartRequest(NamedTuple):
    """Start a run; the answer is its id."""

    #: The id that the run will have.
    run_id: str
    input: Mapping[str, JsonValue]
    #: A registered workflow, unless a definition is given.
    name: str | None = None
    version: int | None = None
    definition: WorkflowDef | None = None
    correlation_id: str | None = None
    priority: int = 0
    task_to_domain: Mapping[str, str] = {}
    created_by: str | None = None
    idempotency_key: str | None = None
    idempotency_strategy: IdempotencyStrategy = IdempotencyStrategy.FAIL
    #: Why the run can only be recorded as FAILED.
    fault: str | None = None
    #: The schedule that wants to hear of the run's end.
    schedule: str | None = None
    #: The name of the event that started it.
    event: str | None = None
    #: The trace that it is part of, as `podium.model.tracing` has it.
    trace: str | None = None


class SaveSchedule(NamedTuple):
    """Put a schedule into the store, or change it."""

    #: With both its names.
    schedule: Schedule
    #: One that is there stays paused if it is.
    keeps_pause: bool = False
    #: Its workflow need not be registered yet.
    is_early: bool = False

    @property
    def run_id(self) -> str:
        """Empty: the request is about no run."""
        return ""


class PauseSchedule(NamedTuple):
    """Let a schedule start nothing any more."""

    name: str
    reason: str | None = None

    @property
    def run_id(self) -> str:
        """Empty: the request is about no run."""
        return ""


class ResumeSchedule(NamedTuple):
    """Let a schedule go on, from now."""

    name: str

    @property
    def run_id(self) -> str:
        """Empty: the request is about no run."""
        return ""


class DeleteSchedule(NamedTuple):
    """Remove a schedule; its runs stay."""

    name: str

    @property
    def run_id(self) -> str:
        """Empty: the request is about no run."""
        return ""


class RunSchedule(NamedTuple):
    """Start a run of a schedule now, whatever its policies are; the answer is its id."""

    name: str
    #: The id that the run will have.
    run_id: str


class FireSchedule(NamedTuple):
    """A moment of a schedule has come."""

    name: str
    #: The first that was not dealt with.
    due_at: int

    @property
    def run_id(self) -> str:
        """Empty: the request is about no run."""
        return ""


ScheduleRequest: TypeAlias = SaveSchedule | PauseSchedule | ResumeSchedule | DeleteSchedule | RunSchedule | FireSchedule


class RestartRequest(NamedTuple):
    """Begin an ended run anew."""

    run_id: str
    use_latest: bool = False
    undone: Undone | None = None


class UpgradeRequest(NamedTuple):
    """Let a live run go on by another version of its workflow."""

    run_id: str
    #: None for the greatest.
    version: int | None = None
    input: Mapping[str, JsonValue] | None = None
    #: Of tasks that are passed over, by reference name.
    outputs: Mapping[str, Mapping[str, JsonValue]] = {}


class Register(NamedTuple):
    """Put definitions into the registry, replacing those of the same name and version, or take some out."""

    workflows: Sequence[WorkflowDef] = ()
    task_defs: Sequence[TaskDef] = ()
    schemas: Sequence[SchemaDef] = ()
    #: Names and versions, or names; what is not there is fine.
    gone_workflows: Sequence[tuple[str, int]] = ()
    gone_task_defs: Sequence[str] = ()
    gone_schemas: Sequence[tuple[str, int]] = ()
    #: Lines for attempts, whatever has become of these; as they may be shown.
    logs: Sequence[LogRow] = ()
    #: Kind, name and body of what people set up beside definitions; all is refused where one of *new_entries* is there.
    entries: Sequence[tuple[str, str, bytes]] = ()
    new_entries: Sequence[tuple[str, str, bytes]] = ()
    gone_entries: Sequence[tuple[str, str]] = ()
    #: Refuse all where a workflow of that name and version is there.
    keeps_workflows: bool = False


class Attach(NamedTuple):
    """A consumer serves its queues from now on."""

    consumer: Consumer


class Detach(NamedTuple):
    """A consumer stops; what it had not begun is offered to others."""

    consumer: Consumer
