"""
What workers get and give back, and the way it goes: nouns of engines, clients and workers alike.

Times are epoch milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

#: Most letters of a limit's name: stores index it.
_LIMIT_NAME_MAX = 200


def limit_queue(kind: str, name: str) -> str:
    """
    Return where those wait whom a limit does not let in; it begins with ``#``, as no queue of workers does.

    Args:
        kind: ``task``, ``rate`` or ``runs``.
        name: What is limited; a long one is shortened, and told apart by its digest.

    Example:
        >>> limit_queue("task", "charge")
        '#task:charge'
    """
    text = f"#{kind}:{name}"
    if len(text) <= _LIMIT_NAME_MAX:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: _LIMIT_NAME_MAX - 33]}~{digest[:32]}"


def queue_of(task_type: str, domain: str | None) -> str:
    """
    Return the queue in which workers find a task (Conductor: ``QueueUtils.java``).

    Example:
        >>> queue_of("resize", None), queue_of("resize", "gpu")
        ('resize', 'gpu:resize')
    """
    return f"{domain}:{task_type}" if domain else task_type


#: An attempt: its run's id, and its seq.
AttemptKey: TypeAlias = "tuple[str, int]"


class Assignment(NamedTuple):
    """One attempt, handed to a consumer. Do not change ``input``: it is the engine's own."""

    run_id: str
    seq: int
    task_id: str
    queue: str
    ref: str
    retry_count: int
    input: Mapping[str, JsonValue]
    output: Mapping[str, JsonValue]
    workflow_name: str
    correlation_id: str | None
    priority: int
    task_def: TaskDef
    #: How many processes died with it in hand. If any did, it begins when that is recorded (`TaskStarted`), and not
    #: before.
    deaths: int = 0
    #: Texts of what it works with that must not be shown: whoever has it writes none of them into a log of its own.
    #: None for a run that hides nothing.
    hidden: frozenset[str] | None = None
    #: What `podium.model.attempts.TaskRun` shows of it beside these, for workers elsewhere.
    task: WorkflowTask | None = None
    scheduled_at: int = 0
    #: 0 unless it was in progress before.
    started_at: int = 0
    poll_count: int = 0
    iteration: int = 0
    retried_task_id: str | None = None
    #: The trace that its run is part of, as `podium.model.tracing` has it.
    trace: str | None = None


class Report(NamedTuple):
    """A worker, or somebody outside, says how an attempt stands."""

    run_id: str
    seq: int
    status: TaskStatus
    output: Mapping[str, JsonValue] = {}
    reason: str | None = None
    worker_id: str | None = None
    #: To the millisecond.
    callback_after_s: float = 0
    #: When the work began, if the hand-out was not recorded before.
    started_at: int = 0
    #: (time, text) of each line logged.
    logs: Sequence[tuple[int, str]] = ()
    #: Only say that the worker lives, which extends its lease; everything else is ignored.
    is_heartbeat: bool = False
    #: A run that the worker has started for it, to be shown; None keeps what is known.
    sub_workflow_id: str | None = None


class TaskStarted(NamedTuple):
    """An attempt is in a worker's hands."""

    run_id: str
    seq: int
    worker_id: str
    started_at: int
    #: The worker lives in the engine's own process.
    is_local: bool = False


#: What workers say of attempts.
Word: TypeAlias = Report | TaskStarted


class Consumer(Protocol):
    """Takes ready attempts of some queues."""

    #: The queues that it serves: ``task``, or ``domain:task``.
    queues: frozenset[str]
    #: Attempts may wait with it as long as nobody else could take them. Otherwise it gets no more than it has room for.
    is_patient: bool

    def room(self, queue: str) -> int:
        """
        Return how many more attempts of a queue it could begin at once; negative if some wait with it.

        Its queues share the room: whatever it takes leaves less for all. Called often, by the thread that hands out.
        """

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take attempts, in order. Called by the thread that hands out: it must return at once.

        One that raises is detached, and its attempts are offered to others. If what it raises is a passing shortage,
        such as of threads, it stays, has taken nothing, and is offered them again; see `podium.model.shortages`.
        """

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return attempts of these queues that have not begun, the last ones, for others who have room."""

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """
        Hear that attempts are wanted no longer: their run has ended, or they have, without a word from here.

        Whatever is said of them changes nothing any more. Some may be unknown here. Must return at once.
        """

    def withdraw(self) -> Sequence[Assignment]:
        """Return the attempts that have not begun. Called once, when the consumer is detached."""


class Loan(Protocol):
    """The thread that hands out, lent to a consumer because it has nothing else to do."""

    @property
    def is_wanted(self) -> bool:
        """Whether it is wanted back, or has been replaced: begin nothing more on it."""

    def call_off(self) -> None:
        """It does not come back soon: let another thread take its place. Any thread may say so."""


@runtime_checkable
class Lender(Protocol):
    """What has a thread to lend: a transport in the process of its engine."""

    def lend(self, work: Callable[[Loan], None]) -> bool:
        """
        Do some quick work on this thread, which hands out just now, as soon as it has nothing else to do.

        Args:
            work: Does as much as it can while the thread is not wanted, and gives the rest to others.

        Returns:
            False if this is not that thread, or it must not be held up: the work is to be done elsewhere.
        """


class Transport(Protocol):
    """
    The way between workers and an engine, in the same process or elsewhere. Every method may be called by any thread.

    A transport hands attempts to the consumers that are attached to it, however it comes by them, and takes their
    words. Lines that a worker logs are part of its `Report`, and so is the extension of a lease.
    """

    def now(self) -> int:
        """Return the time as the engine has it."""

    def attach(self, consumer: Consumer) -> None:
        """Hand attempts of a consumer's queues to it from now on."""

    def detach(self, consumer: Consumer) -> None:
        """Hand nothing more to a consumer, and see to what it had not begun."""

    def report(self, words: Sequence[Word]) -> None:
        """
        Pass words on, in order; return at once.

        Raises:
            EngineStopped: Nobody is there any more who would take them.
        """

    def confirm(self, word: TaskStarted) -> None:
        """
        Pass a word on, and return when it is durable.

        Raises:
            StoreError, Shortage: It is not, for now; try again.
            EngineStopped: It never will be.
        """

    def reveal(self, value: JsonValue) -> JsonValue:
        """Return a value of an attempt's input as a worker may see it: with the secrets that it names."""
