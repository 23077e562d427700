"""
What a store keeps: plain rows, and the set of writes that one commit makes.

A store looks at the named columns only; ``data``, ``input``, ``output``, ``variables`` and ``body`` are JSON bytes
that it keeps as they are. Times are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

from attrs import define


class RunRow(NamedTuple):
    """One run."""

    run_id: str
    #: Grows by one with each commit that touches the run, from 1.
    revision: int
    name: str
    version: int
    #: Which definition the run keeps; key of `DefinitionRow`.
    digest: str
    status: str
    priority: int
    correlation_id: str | None
    parent_id: str | None
    #: Number of the parent's attempt that started this run; 0 without a parent.
    parent_seq: int
    created_at: int
    updated_at: int
    #: 0 while the run lives.
    ended_at: int
    #: When the engine must look at the run itself; None for never.
    due_at: int | None
    #: The engine process that works on the run; None when nobody does.
    holder: str | None
    #: Why it is not done, or did not end well.
    reason: str | None
    data: bytes
    input: bytes
    output: bytes
    variables: bytes


#: What most commits change of a run, and what changes of most attempts when they end. No index holds any of it, but for
#: the status of attempts in long runs.
RUN_STEP = ("revision", "updated_at", "data")
TASK_END = ("status", "started_at", "ended_at", "updated_at", "reason", "data", "output")


class PulseRow(NamedTuple):
    """What a run is known by to have changed, or to have ended."""

    run_id: str
    revision: int
    status: str


class HeldRun(NamedTuple):
    """What of a run tells whether it goes on by itself, whoever holds it; the columns of `RunRow`."""

    run_id: str
    revision: int
    digest: str
    status: str
    due_at: int | None
    holder: str | None
    data: bytes


class HeldTask(NamedTuple):
    """The same of an attempt; the columns of `TaskRow`."""

    run_id: str
    seq: int
    base_ref: str
    status: str
    due_at: int | None
    open_queue: str | None
    data: bytes


class HandOverRow(NamedTuple):
    """A run that gets another holder, and keeps all else."""

    run_id: str
    #: One more than is stored.
    revision: int
    holder: str


class TaskRow(NamedTuple):
    """One attempt of one task; key is (run_id, seq)."""

    run_id: str
    #: Position in the run, from 1, never used twice.
    seq: int
    #: Reference name with ``__<iteration>`` suffixes.
    ref: str
    #: Reference name in the definition; the newest row of each base is what expressions see.
    base_ref: str
    #: The innermost loop's iteration; 0 outside loops.
    iteration: int
    #: Queue of the worker, or the system task's type.
    task_type: str
    #: The definition that says how often it is tried and how long it may take; "" where none has a say.
    task_def_name: str
    status: str
    scheduled_at: int
    #: 0 before it has begun.
    started_at: int
    #: 0 while it lives.
    ended_at: int
    updated_at: int
    #: When the engine must look at the attempt; None for never.
    due_at: int | None
    #: The queue in which any engine process may take the attempt; None when the run's holder serves it, or nobody
    #: waits.
    open_queue: str | None
    #: Its order within that queue, smaller first; 0 while it is in none.
    open_rank: int
    #: Why it is not done, or did not end well.
    reason: str | None
    data: bytes
    input: bytes
    output: bytes


#: What a row holds beside these: if that is what the store has, there is less to write.
beside_step: Callable[[RunRow], tuple[object, ...]] = attrgetter(*(n for n in RunRow._fields if n not in RUN_STEP))
beside_end: Callable[[TaskRow], tuple[object, ...]] = attrgetter(
    *(n for n in TaskRow._fields if n not in {*TASK_END, "run_id", "seq", "ref", "base_ref", "iteration", "input"})
)


class LogRow(NamedTuple):
    """One line logged for an attempt."""

    run_id: str
    seq: int
    created_at: int
    text: str


class DefinitionRow(NamedTuple):
    """A definition as runs keep it: canonical JSON under its digest, stored once, never changed."""

    digest: str
    body: bytes


class WorkflowRow(NamedTuple):
    """The registry's entry for a workflow name and version."""

    name: str
    version: int
    created_at: int
    updated_at: int
    body: bytes


class TaskDefRow(NamedTuple):
    """The registry's entry for a task name."""

    name: str
    body: bytes


class StartKeyRow(NamedTuple):
    """A run's idempotency key; (name, key) is unique."""

    name: str
    key: str
    run_id: str
    #: The run that has the key in the store and gives it up; None for a key that nobody has.
    replaces: str | None = None


class SchemaRow(NamedTuple):
    """The registry's entry for a schema's name and version."""

    name: str
    version: int
    body: bytes


class EntryRow(NamedTuple):
    """One of the small things that people set up beside definitions: an event handler, a policy, a secret, a user."""

    #: What it is, such as ``event_handler``.
    kind: str
    name: str
    changed_at: int
    body: bytes


class AuditRow(NamedTuple):
    """A change that somebody asked for: who, when, what, from where, and what came of it."""

    #: Ids of one moment are in the order in which they were written.
    audit_id: str
    at: int
    #: Such as ``user:ann`` or ``app:<id>``.
    who: str
    #: From where; the address of a connection, or the name of a machine.
    address: str
    verb: str
    #: What it was done to, such as ``run`` or ``secret``.
    kind: str
    name: str
    run_id: str | None
    #: ``OK``, or the name of the error.
    result: str
    #: The rest, as JSON.
    body: bytes


class AuditFilter(NamedTuple):
    """Which changes are shown: those that meet all that is not None. Moments are included at both ends."""

    who: str | None = None
    address: str | None = None
    verb: str | None = None
    kind: str | None = None
    name: str | None = None
    run_id: str | None = None
    result: str | None = None
    since: int | None = None
    until: int | None = None


class CachedRow(NamedTuple):
    """An output that other attempts with the same key may take until it expires."""

    key: str
    expires_at: int
    body: bytes


class MessageRow(NamedTuple):
    """A message to a run that nobody has taken; key is (run_id, number)."""

    run_id: str
    #: From 1, in the order in which they came, never used twice.
    number: int
    created_at: int
    message_id: str
    #: The payload.
    body: bytes


class OutboxRow(NamedTuple):
    """A message that was committed with what it tells of, and waits to be sent."""

    #: The same each time that it is sent.
    event_id: str
    #: The engine process that sends it.
    holder: str
    created_at: int
    body: bytes


class ScheduleRow(NamedTuple):
    """A schedule, and how it stands."""

    name: str
    #: Grows by one with each commit that writes it, from 1.
    revision: int
    #: The name of the workflow that it starts.
    workflow: str
    #: The next moment; None for never.
    due_at: int | None
    updated_at: int
    #: The schedule as users see it.
    body: bytes
    #: What the engine keeps of it.
    data: bytes


class DueRow(NamedTuple):
    """Something that becomes due: a run (seq 0) or an attempt."""

    due_at: int
    run_id: str
    seq: int
    #: The holder of the run.
    holder: str | None


class EngineRow(NamedTuple):
    """An engine process that works on this store."""

    engine_id: str
    #: Who it is to the operating system, so that its death can be noticed at once; see `podium.engine.ports.Processes`.
    identity: str
    heartbeat_at: int
    #: The queues that it serves, as a JSON list; empty for none.
    queues: str = ""


class OpenRow(NamedTuple):
    """An attempt that any engine process may take."""

    queue: str
    #: Smaller first; see `podium.engine.records.open_rank`.
    rank: int
    run_id: str
    seq: int


class SlotRow(NamedTuple):
    """A slot of a limit that is taken; key is (name, number). See `podium.engine.slots`."""

    name: str
    #: From 1.
    number: int
    run_id: str
    #: The attempt that has it; 0 for the run itself.
    seq: int
    taken_at: int
    #: When it is free by itself; 0 for one that is freed in the commit in which its holder ends.
    expires_at: int


class RunFilter(NamedTuple):
    """Which runs a list shows: those that meet all that is not None. Moments are included at both ends."""

    name: str | None = None
    status: str | None = None
    correlation_id: str | None = None
    parent_id: str | None = None
    version: int | None = None
    priority: int | None = None
    #: A part of the reason, letter by letter.
    reason: str | None = None
    started_from: int | None = None
    started_to: int | None = None
    updated_from: int | None = None
    updated_to: int | None = None
    #: With either of these, only runs that have ended.
    ended_from: int | None = None
    ended_to: int | None = None
    #: A part of the input, or of the output, as it is stored: compact JSON, letter by letter.
    input: str | None = None
    output: str | None = None
    #: A part of the input, the output, the variables, the reason or the correlation id.
    text: str | None = None


class EndedRow(NamedTuple):
    """A run that has ended, and the place of it among all runs by age."""

    created_at: int
    run_id: str


@define
class WriteSet:
    """
    Everything that one commit writes, all of it or nothing.

    Order within a commit: definitions, new runs, changed runs, emptied runs, new tasks, changed tasks, and the rest.
    """

    #: Left as they are if their digest exists.
    definitions: Sequence[DefinitionRow] = ()
    #: Runs that must not exist yet.
    new_runs: Sequence[RunRow] = ()
    #: Runs whose stored revision must be one less than the row's. The caller sees to it that what they are found by
    #: stays: name, priority, parent_id and parent_seq for ever, correlation_id and created_at but for `moved_runs`.
    runs: Sequence[RunRow] = ()
    #: How many of `runs`, from the first, differ from the stored rows in nothing but `RUN_STEP`: the rest is there.
    stepped_runs: int = 0
    #: Live runs that are in no other part; their stored revision must be one less.
    handed_over: Sequence[HandOverRow] = ()
    new_tasks: Sequence[TaskRow] = ()
    #: All columns but run_id, seq, ref, base_ref, iteration and input change.
    tasks: Sequence[TaskRow] = ()
    #: How many of `tasks`, from the first, differ from the stored rows in nothing but `TASK_END`.
    ended_tasks: int = 0
    #: (run_id, seq); their logs go too, and unknown ones are fine.
    deleted_tasks: Sequence[tuple[str, int]] = ()
    #: Runs that lose all their attempts and logs (restart); before new_tasks is applied.
    emptied_runs: Sequence[str] = ()
    start_keys: Sequence[StartKeyRow] = ()
    #: Freed before others are taken; one that somebody else has meanwhile stays.
    freed_slots: Sequence[SlotRow] = ()
    #: Slots that must not be taken, but by one that has expired when this one is taken.
    slots: Sequence[SlotRow] = ()
    logs: Sequence[LogRow] = ()
    #: Changed runs that, as far as is known, somebody else than the writer held: others may have them in memory.
    taken_runs: Sequence[str] = ()
    #: Changed runs whose created_at or correlation_id has changed too.
    moved_runs: Sequence[str] = ()
    #: New, or overwriting the entry of that name and version.
    workflows: Sequence[WorkflowRow] = ()
    #: New, or overwriting the entry of that name.
    task_defs: Sequence[TaskDefRow] = ()
    #: New, or overwriting the entry of that name and version.
    schemas: Sequence[SchemaRow] = ()
    #: New, or overwriting the entry of that kind and name.
    entries: Sequence[EntryRow] = ()
    #: (name, version) of entries that go before new ones are written; unknown ones are fine. Runs keep what they run.
    deleted_workflows: Sequence[tuple[str, int]] = ()
    #: Names of entries that go, likewise.
    deleted_task_defs: Sequence[str] = ()
    #: (name, version) of entries that go, likewise.
    deleted_schemas: Sequence[tuple[str, int]] = ()
    #: (kind, name) of entries that go, likewise.
    deleted_entries: Sequence[tuple[str, str]] = ()
    #: New, or overwriting the entry of that key.
    cached: Sequence[CachedRow] = ()
    #: Left as they are if their event_id exists.
    outbox: Sequence[OutboxRow] = ()
    #: Schedules whose stored revision must be one less than the row's; that must not exist yet for revision 1.
    schedules: Sequence[ScheduleRow] = ()
    #: Names of schedules that go; unknown ones are fine.
    deleted_schedules: Sequence[str] = ()

    #: Runs that lose all their messages; before the new ones are written.
    emptied_inboxes: Sequence[str] = ()
    #: (run_id, number); unknown ones are fine.
    taken_messages: Sequence[tuple[str, int]] = ()
    #: New, or overwriting the message of that number.
    new_messages: Sequence[MessageRow] = ()

    def is_of_registry(self) -> bool:
        """Return whether anything of the registry is written or goes."""
        return bool(
            self.workflows
            or self.task_defs
            or self.schemas
            or self.entries
            or self.deleted_workflows
            or self.deleted_task_defs
            or self.deleted_schemas
            or self.deleted_entries
        )

    def is_of_runs(self) -> bool:
        """Return whether nothing is written but runs, attempts and what hangs on them, as by nearly all commits."""
        return not any(_beside_runs(self))

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.runs or self.new_runs or any(_all_parts(self)))  # as nearly every commit writes of a run

    def parts(self) -> list[str]:
        """Return the names of the fields in which there is something to write."""
        return [name for name in _PARTS if getattr(self, name)]


_PARTS = tuple(name for name in WriteSet.__annotations__ if name not in {"stepped_runs", "ended_tasks", "taken_runs"})
_all_parts: Callable[[WriteSet], tuple[object, ...]] = attrgetter(*_PARTS)
_OF_RUNS = frozenset(
    {
        *("definitions", "new_runs", "runs", "handed_over", "moved_runs", "emptied_runs", "start_keys"),
        *("new_tasks", "tasks", "deleted_tasks", "logs"),
    }
)
_beside_runs: Callable[[WriteSet], tuple[object, ...]] = attrgetter(*(name for name in _PARTS if name not in _OF_RUNS))
