"""
The engine's working copies of a run and its attempts.

They are mutable within one decision, because a chain of copies would cost more than the work. What leaves the engine is
frozen: `podium.engine.rows` towards the store, `podium.engine.views` towards callers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import Any

import orjson
from attrs import define, field, setters

from podium.engine import ids
from podium.engine.plan import Node
from podium.engine.rows import HeldRun, HeldTask, RunRow, TaskRow
from podium.engine.traits import Traits
from podium.model.assignments import limit_queue, queue_of
from podium.model.payloads import dump, fitted, parse
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.texts import storable
from podium.model.values import JsonValue


def _packed(keys: tuple[str, ...], values: tuple[JsonValue, ...]) -> bytes:
    """Pack the values that are not falsy; for each step, so without a line of Python for each value."""
    data = dict(compress(zip(keys, values, strict=True), values))
    try:
        return fitted(orjson.dumps(data))
    except TypeError:  # a text that is no Unicode
        return orjson.dumps({key: storable(value) if isinstance(value, str) else value for key, value in data.items()})


@lru_cache(maxsize=1024)
def _packed_attempt(values: tuple[JsonValue, ...]) -> bytes:
    """Pack the values of an attempt; those of most attempts are alike, for they hold no moments of their own."""
    return _packed(_TASK_SHORT, values)


@lru_cache(maxsize=1024)
def _unpacked_attempt(data: bytes) -> Mapping[str, Any]:
    """Return what was packed of an attempt, by attribute: no more than texts, numbers and truth values."""
    return _unpacked(data, _TASK_NAMES)


def _unpacked(data: bytes, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what was packed, by attribute; what a newer version has added is left out."""
    return {names[key]: value for key, value in orjson.loads(data).items() if key in names}


# No hooks of attrs when an attribute is set: they would cost a tenth of a step.
@define(slots=True, eq=False, kw_only=True, on_setattr=setters.NO_OP)
class TaskRecord:
    """One attempt, while the engine works on it."""

    run_id: str
    seq: int
    node: Node
    #: With ``__<iteration>`` per enclosing loop, outermost first.
    ref: str
    #: The iterations of the enclosing loops, outermost first.
    iterations: tuple[int, ...]
    task_type: str
    task_def_name: str
    status: TaskStatus
    input: dict[str, JsonValue]
    output: dict[str, JsonValue] = field(factory=dict)
    retry_count: int = 0
    reason: str | None = None
    scheduled_at: int = 0
    #: When the first attempt was scheduled, if this is another one; else 0.
    first_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    updated_at: int = 0
    start_delay_s: float = 0
    callback_after_s: float = 0
    poll_count: int = 0
    worker_id: str | None = None
    retried_task_id: str | None = None
    sub_workflow_id: str | None = None
    domain: str | None = None
    #: A newer attempt replaces this one.
    retried: bool = False
    #: Its end has been acted on.
    executed: bool = False
    #: A worker inside the holder's process has it: if that process dies, the attempt is offered again.
    is_local: bool = False
    #: How many processes died with it in hand; see `podium.engine.process_deaths`.
    deaths: int = 0
    #: When the attempt itself asked to be woken: SCHEDULED, to begin; IN_PROGRESS, to go on. 0 for never.
    wake_at: int = 0
    #: When the engine must look at it: `wake_at` or its next timeout, whichever is sooner.
    due_at: int | None = None
    #: The queue in which any process may take it, ``@<engine>`` if a process that does not hold the run serves it.
    open_queue: str | None = None
    #: Its place in that queue, smaller first; see `open_rank`.
    open_rank: int = 0
    #: The key under which its output is kept for others; None if it is not.
    cache_key: str | None = None
    #: The states that were told of it, with blanks between them (`podium.engine.state_events`).
    told: str = ""
    #: SUB_WORKFLOW: it waits for a run that somebody else has started.
    is_follower: bool = False
    #: DO_WHILE: it ended within an iteration, and its output holds what it had seen of that one.
    is_broken: bool = False
    #: The payloads as they were packed when they were measured; None for those that are packed when they are written.
    input_bytes: bytes | None = None
    output_bytes: bytes | None = None
    #: The timeouts of which somebody was told, and nothing more, as bits; see `podium.engine.deadlines`.
    alerted: int = 0
    #: The number of its slot, where its task is limited; 0 for none. See `podium.engine.slots`.
    slot: int = 0
    #: The store does not have it yet.
    is_new: bool = False
    #: What `podium.engine.rows.beside_end` gives of the row that the store has; None for one that it may not have.
    stored: tuple[object, ...] | None = None
    #: JOIN, EXCLUSIVE_JOIN: how many of the awaited attempts have not ended. Derived, not stored.
    awaited: int = 0

    @property
    def first_scheduled_at(self) -> int:
        """When the first attempt was scheduled."""
        return self.first_at or self.scheduled_at

    @property
    def base_ref(self) -> str:
        """The reference name in the definition."""
        return self.node.ref

    @property
    def traits(self) -> Traits:
        """What is known of the type that it shows."""
        return self.node.traits.of_attempt(self.task_type)

    @property
    def task_id(self) -> str:
        """The attempt's id."""
        return ids.task_id(self.run_id, self.seq)

    @property
    def queue(self) -> str:
        """The queue in which workers find it."""
        return queue_of(self.task_type, self.domain) if self.domain else self.task_type

    @property
    def is_open(self) -> bool:
        """Any process may take it."""
        return self.open_queue is not None and self.open_queue == self.queue

    @property
    def is_at_work(self) -> bool:
        """It is in progress, or with the workers of a process."""
        if self.status is not TaskStatus.SCHEDULED:
            return self.status is TaskStatus.IN_PROGRESS
        return not self.wake_at and (self.open_queue is None or self.open_queue.startswith("@"))

    @property
    def iteration(self) -> int:
        """The innermost loop's iteration; 0 outside loops."""
        return self.iterations[-1] if self.iterations else 0

    @property
    def shown_iteration(self) -> int:
        """What readers see as its iteration: a loop shows how often it has begun its body."""
        if not self.node.traits.is_loop:
            return self.iteration
        number = self.output.get("iteration")
        return number if isinstance(number, int) else 0

    @property
    def suffix(self) -> str:
        """What its iterations add to a reference name of the definition."""
        return "".join(f"__{n}" for n in self.iterations)

    @property
    def is_pending(self) -> bool:
        """It lives, or its end has not been acted on."""
        return not (self.executed or self.retried)

    @property
    def loop_ref(self) -> str | None:
        """The reference name of the loop record that this attempt belongs to."""
        loop = self.node.loop
        return loop.ref_in(self.iterations[:-1]) if loop is not None else None

    def row(self, *, is_new: bool) -> TaskRow:
        """Return the attempt as the store keeps it; the input only for a new one, because it does not change later."""
        # For each step twice, hence the attributes behind properties.
        iterations, reason = self.iterations, self.reason
        return TaskRow(
            self.run_id,
            self.seq,
            self.ref,
            self.node.task.task_reference_name,
            iterations[-1] if iterations else 0,
            self.task_type,
            self.task_def_name,
            self.status._value_,
            self.scheduled_at,
            self.started_at,
            self.ended_at,
            self.updated_at,
            self.due_at,
            self.open_queue,
            self.open_rank,
            reason and storable(reason),
            _packed_attempt(_read_task(self)),
            (self.input_bytes or dump(self.input)) if is_new else b"",
            self.output_bytes or (dump(self.output) if self.output else b"{}"),
        )


#: Short keys in ``TaskRow.data``; falsy values are left out.
_TASK_KEYS = (
    ("n", "retry_count"),
    ("first", "first_at"),
    ("delay", "start_delay_s"),
    ("cb", "callback_after_s"),
    ("polls", "poll_count"),
    ("worker", "worker_id"),
    ("of", "retried_task_id"),
    ("sub", "sub_workflow_id"),
    ("dom", "domain"),
    ("ret", "retried"),
    ("exe", "executed"),
    ("local", "is_local"),
    ("wake", "wake_at"),
    ("died", "deaths"),
    ("broken", "is_broken"),
    ("slot", "slot"),
    ("fol", "is_follower"),
    ("ck", "cache_key"),
    ("told", "told"),
    ("al", "alerted"),
)
_TASK_SHORT, _TASK_NAMES = tuple(key for key, _ in _TASK_KEYS), dict(_TASK_KEYS)
_read_task = attrgetter(*(name for _, name in _TASK_KEYS))


def open_rank(priority: int, since: int) -> int:
    """
    Return the place of an attempt among those that lie open: by its run's priority, larger first, then by its age.

    Args:
        priority: 0 to 99.
        since: When it was scheduled, in epoch milliseconds.

    Example:
        >>> open_rank(9, 6) < open_rank(9, 7) < open_rank(0, 5)
        True
    """
    return (99 - priority << 44) + since


def attempt_rests(row: HeldTask) -> bool:
    """Return whether an attempt goes on, or is done with, whoever holds its run: that one has nothing of it in hand."""
    data = orjson.loads(row.data)
    if TaskStatus(row.status).is_terminal:
        return bool(data.get("exe") or data.get("ret"))
    if row.status == TaskStatus.SCHEDULED:
        return row.open_queue is not None or bool(data.get("wake"))
    return row.open_queue is not None or not data.get("local")


#: By name: to ask the enumeration takes as long as all else of an attempt that is read.
_STATUSES: Mapping[str, TaskStatus] = {status.value: status for status in TaskStatus}


def stored_domain(row: TaskRow) -> str | None:
    """Return the domain of the workers that an attempt is for."""
    domain: str | None = orjson.loads(row.data).get("dom")
    return domain


def task_record(row: TaskRow, node: Node) -> TaskRecord:
    """Take an attempt up from the store."""
    return TaskRecord(
        run_id=row.run_id,
        seq=row.seq,
        node=node,
        ref=row.ref,
        iterations=node.iterations_of(row.ref),
        task_type=row.task_type,
        task_def_name=row.task_def_name,
        status=_STATUSES[row.status],
        scheduled_at=row.scheduled_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        open_queue=row.open_queue,
        open_rank=row.open_rank,
        reason=row.reason,
        input=parse(row.input),
        output=parse(row.output),
        **_unpacked_attempt(row.data),
    )


# No hooks of attrs when an attribute is set: they would cost a tenth of a step.
@define(slots=True, eq=False, kw_only=True, on_setattr=setters.NO_OP)
class RunRecord:
    """One run, while the engine works on it."""

    run_id: str
    #: The revision that the store has; 0 before the first commit.
    revision: int = 0
    name: str
    version: int
    digest: str
    status: RunStatus = RunStatus.RUNNING
    correlation_id: str | None = None
    parent_id: str | None = None
    parent_seq: int = 0
    #: How many runs called each other to come to this one.
    depth: int = 0
    created_at: int = 0
    ended_at: int = 0
    updated_at: int = 0
    due_at: int | None = None
    holder: str | None = None
    input: dict[str, JsonValue] = field(factory=dict)
    output: dict[str, JsonValue] = field(factory=dict)
    variables: dict[str, JsonValue] = field(factory=dict)
    reason: str | None = None
    priority: int = 0
    task_to_domain: dict[str, str] = field(factory=dict)
    #: Sets that keep their order.
    failed_refs: dict[str, None] = field(factory=dict)
    failed_names: dict[str, None] = field(factory=dict)
    failed_task_id: str | None = None
    last_retried_at: int = 0
    event: str | None = None
    created_by: str | None = None
    idempotency_key: str | None = None
    #: The schedule that wants to hear of its end.
    schedule: str | None = None
    #: Permissive failures by reference name: task id, status and reason of the last attempt.
    permissive: dict[str, tuple[str, str, str | None]] = field(factory=dict)
    #: The number of the next attempt; never used twice, also not after a restart.
    next_seq: int = 1
    #: The number of the last message that came for it, and of the last that a task took; those between them wait.
    received: int = 0
    taken: int = 0
    #: The ids of the last messages: one that comes again, because its commit was uncertain, is known by its id.
    receipts: Sequence[str] = ()
    #: Where the failure workflow that this run started is.
    failure_run_id: str | None = None
    #: Names of fields that it masks beside those of its definition: those of the runs around it.
    masks: Sequence[str] = ()
    #: Attempts of other runs that wait for its end and have not started it: run id and seq.
    followers: Sequence[tuple[str, int]] = ()
    #: What is still to be done, as `podium.engine.agenda` packs it; up to date only when it is written.
    agenda: dict[str, Any] = field(factory=dict)
    #: The run has its final status, and not all that lived in it is cancelled (`podium.engine.ending`): the store and
    #: everybody who looks there see it RUNNING until then.
    ending: str | None = None
    #: Places of loops that are skipped when the run comes to them, by full reference name: input and output.
    skips: dict[str, tuple[Mapping[str, JsonValue], Mapping[str, JsonValue]]] = field(factory=dict)
    #: Somebody was told that it takes longer than its timeout, which does nothing more.
    is_alerted: bool = False
    #: What the run is limited by: the key that its definition's ``rateLimitConfig`` gives for it.
    rate_limit_key: str | None = None
    #: The number of its slot; 0 for none, and as long as it waits for one.
    slot: int = 0
    #: The trace that it is part of, as `podium.model.tracing` has it.
    trace: str | None = None
    #: The payloads' bytes as last written; None when they must be made anew.
    input_bytes: bytes | None = None
    output_bytes: bytes | None = b"{}"
    variables_bytes: bytes | None = None
    #: What `podium.engine.rows.beside_step` gives of the row that the store has; None for one that it may not have.
    stored: tuple[object, ...] | None = None

    @property
    def limit_name(self) -> str:
        """The name of the limit that its key belongs to."""
        return limit_queue("runs", f"{self.name}:{self.rate_limit_key}")

    @property
    def awaits_slot(self) -> bool:
        """It has not begun: it waits for a slot, and nobody works on it."""
        return self.holder is not None and self.holder.startswith("#")

    def row(self, revision: int) -> RunRow:
        """Return the run as the store keeps it, under a new revision."""
        if self.input_bytes is None:
            self.input_bytes = dump(self.input)
        if self.output_bytes is None:
            self.output_bytes = dump(self.output)
        if self.variables_bytes is None:
            self.variables_bytes = dump(self.variables)
        return RunRow(
            self.run_id,
            revision,
            self.name,
            self.version,
            self.digest,
            self.status._value_ if self.ending is None else RunStatus.RUNNING._value_,
            self.priority,
            self.correlation_id,
            self.parent_id,
            self.parent_seq,
            self.created_at,
            self.updated_at,
            self.ended_at if self.ending is None else 0,
            self.due_at,
            self.holder,
            self.reason and storable(self.reason),
            # With the status that a run has which is being ended.
            _packed_run(self.next_seq, _read_run(self), None if self.ending is None else self.status._value_),
            self.input_bytes,
            self.output_bytes,
            self.variables_bytes,
        )


_RUN_KEYS = (
    ("dom", "task_to_domain"),
    ("frefs", "failed_refs"),
    ("fnames", "failed_names"),
    ("ftask", "failed_task_id"),
    ("again", "last_retried_at"),
    ("event", "event"),
    ("by", "created_by"),
    ("key", "idempotency_key"),
    ("sched", "schedule"),
    ("perm", "permissive"),
    ("got", "received"),
    ("took", "taken"),
    ("ids", "receipts"),
    ("frun", "failure_run_id"),
    ("deep", "depth"),
    ("fol", "followers"),
    ("mask", "masks"),
    ("todo", "agenda"),
    ("ending", "ending"),
    ("skip", "skips"),
    ("limit", "rate_limit_key"),
    ("al", "is_alerted"),
    ("slot", "slot"),
    ("tp", "trace"),
)
_RUN_SHORT = tuple(key for key, _ in _RUN_KEYS)
_RUN_NAMES = {**dict(_RUN_KEYS), "seq": "next_seq", "final": "final_status"}
_read_run = attrgetter(*(name for _, name in _RUN_KEYS))


def _packed_run(next_seq: int, values: tuple[JsonValue, ...], final: str | None) -> bytes:
    """Pack the number of the next attempt, and the values that are not falsy; most runs have none beside it."""
    if any(values):
        return _packed(("seq", "final", *_RUN_SHORT), (next_seq, final, *values))
    return b'{"seq":%d}' % next_seq


def run_rests(row: HeldRun) -> bool:
    """Return whether nothing is left to be done in a run until something happens."""
    data = orjson.loads(row.data)
    return not data.get("todo") and not data.get("ending")


def run_record(row: RunRow) -> RunRecord:
    """Take a run up from the store."""
    fields = _unpacked(row.data, _RUN_NAMES)
    final = fields.pop("final_status", None)
    return RunRecord(
        run_id=row.run_id,
        revision=row.revision,
        name=row.name,
        version=row.version,
        digest=row.digest,
        status=RunStatus(final or row.status),
        priority=row.priority,
        correlation_id=row.correlation_id,
        parent_id=row.parent_id,
        parent_seq=row.parent_seq,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        due_at=row.due_at,
        holder=row.holder,
        reason=row.reason,
        input=parse(row.input),
        output=parse(row.output),
        variables=parse(row.variables),
        input_bytes=row.input,
        output_bytes=row.output,
        variables_bytes=row.variables,
        **fields,
    )
