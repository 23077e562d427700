"""
What the engine needs from the world.

Each port is a contract: order of results, units, state after each error. `podium.testing` holds the conformance suite
that every backend passes. Times are epoch milliseconds everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from podium.engine.rows import (
    AuditFilter,
    AuditRow,
    CachedRow,
    DefinitionRow,
    DueRow,
    EndedRow,
    EngineRow,
    EntryRow,
    HeldRun,
    HeldTask,
    LogRow,
    MessageRow,
    OpenRow,
    OutboxRow,
    PulseRow,
    RunFilter,
    RunRow,
    ScheduleRow,
    SchemaRow,
    SlotRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)
from podium.expressions.evaluators import ScriptEvaluators
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.engine.searches import Condition, Search
    from podium.model.statistics import Tally


class RunStore(Protocol):
    """Runs, their attempts, logs and definitions: what one commit writes, and what the engine reads of one run."""

    def commit(self, writes: WriteSet) -> None:
        """
        Write everything in *writes*, or nothing; durable when it returns.

        Raises:
            StaleRun: A revision of a run or a schedule did not match, a new run exists, or a start key is taken, by
                another run than the one that gives it up, or a slot is. Nothing was written.
            InternalError: A new attempt exists, or a changed one does not: the caller's bug. Nothing was written.
            StoreUnavailable: Nothing was written.
            CommitUncertain: It may or may not have been written; the caller must read to find out.
        """

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""

    def pulses(self, run_ids: Collection[str]) -> Mapping[str, PulseRow]:
        """Return revision and status of the runs that exist, by id: what those who wait ask for."""

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""

    def load_current_tasks(self, run_ids: Collection[str]) -> Mapping[str, Sequence[TaskRow]]:
        """
        Return the attempts of some runs that still matter: the highest seq of each base_ref, and every live attempt.

        By run, and of each run by seq; a run without attempts is left out. A few reads, however many runs.
        """

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq; what loop outputs are made from."""

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first (created_at, then in the order written)."""

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""


class WorkStore(Protocol):
    """What waits for an engine: times that come, attempts that anybody may take, runs without a holder."""

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """
        Return what becomes due at or before *until*, earliest first, then by run_id and seq.

        Terminal runs and attempts have no due time, and those of a PAUSED run are given too.
        """

    def claim(self, rooms: Mapping[str, int], limit: int, claimant: str) -> Sequence[OpenRow]:
        """
        Return attempts that lie open (``open_queue``) for an engine process that has room for them.

        Whoever gets them commits that it has them; until then they are open. A store with row locks sets them aside for
        the claimant for a moment, and gives others the next ones (SKIP LOCKED). A store without gives the same ones to
        whoever asks, and the revisions of the runs let one commit go through.

        Args:
            rooms: How many at most of each queue.
            limit: How many at most in all.
            claimant: The engine process that asks.

        Returns:
            By rank (priority, then age), then by run_id and seq.
        """

    def lying_in(self, queue: str, limit: int) -> Sequence[OpenRow]:
        """Return attempts that lie in a queue (``open_queue``), by rank, run_id and seq; nothing is set aside."""

    def queue_sizes(self) -> Mapping[str, int]:
        """Return how many attempts lie open, by queue; queues in which none does are left out."""

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs (RUNNING, PAUSED) with this holder, or with none, by id."""

    def held(self, run_ids: Collection[str]) -> Mapping[str, tuple[HeldRun, Sequence[HeldTask]]]:
        """Return little of the runs that exist, and of their attempts that `RunStore.load_current_tasks` gives."""

    def listen(self) -> Listening | None:
        """
        Begin to hear of other processes' commits; None for a store that has no other processes.

        A commit is the notification: a store that must send one (PostgreSQL's NOTIFY) sends it with the commit.
        """


class SlotStore(Protocol):
    """
    The slots of limits, and who waits for one; `RunStore.commit` takes and frees them.

    An attempt that waits lies open under the limit's name (``open_queue``), and a run has it as its holder: so
    `WorkStore.claim` and `WorkStore.held_runs` say who is next.
    """

    def slots(self, name: str | None = None) -> Sequence[SlotRow]:
        """Return the slots of a limit, or of all, that are taken or were until they expired, by name and number."""

    def awaited_limit(self, after: str = "#") -> str | None:
        """Return the first name after *after*, of those that begin with ``#``, that somebody waits for, or None."""


class SearchStore(Protocol):
    """Runs and attempts by what people search them by."""

    def search_runs(self, search: Search) -> Sequence[RunRow]:
        """Return runs that meet a condition, whole, in the order that is asked for."""

    def count_runs(self, where: Condition) -> int:
        """Return how many runs meet a condition."""

    def search_tasks(self, search: Search) -> Sequence[TaskRow]:
        """Return attempts that meet a condition, in the order that is asked for."""

    def count_tasks(self, where: Condition) -> int:
        """Return how many attempts meet a condition."""

    def search_runs_by_tasks(self, search: Search) -> Sequence[RunRow]:
        """Return runs that have an attempt which meets a condition of attempts; the order is one of runs."""

    def count_runs_by_tasks(self, where: Condition) -> int:
        """Return how many runs have an attempt which meets a condition of attempts."""

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """
        Return runs, newest first (created_at, then run_id, both descending).

        ``input``, ``output`` and ``variables`` are left out (empty); ``data`` is there.
        """


class StatisticsStore(Protocol):
    """
    What many runs have in common, counted where they are.

    Of all runs that a filter lets through only the newest count (created_at, then run_id, both descending), so that
    what is read has a bound. The tallies come by kind, key and status.
    """

    def run_statistics(self, where: RunFilter, limit: int) -> Sequence[Tally]:
        """Return what the newest *limit* runs come to, by the name of their workflow."""

    def task_statistics(self, where: RunFilter, places: Collection[str], limit: int, most: int) -> Sequence[Tally]:
        """
        Return what the attempts of the newest *limit* runs come to.

        Args:
            where: The runs.
            places: Reference names: attempts of these count by their ``base_ref``, all others by their ``task_type``.
            limit: Most runs that count.
            most: Most attempts that count, those of the newest runs.
        """


class RegistryStore(Protocol):
    """
    Workflows and schemas by name and version, task definitions by name, and what else people set up by kind and name.

    `RunStore.commit` writes them.
    """

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""

    def workflows(self) -> Sequence[WorkflowRow]:
        """Return every registered workflow, by name and version."""

    def task_def(self, name: str) -> TaskDefRow | None:
        """Return a registered task definition."""

    def task_defs(self) -> Sequence[TaskDefRow]:
        """Return every registered task definition, by name."""

    def schema(self, name: str, version: int | None) -> SchemaRow | None:
        """Return a registered schema; without a version the greatest one."""

    def schemas(self) -> Sequence[SchemaRow]:
        """Return every registered schema, by name and version."""

    def entry(self, kind: str, name: str) -> EntryRow | None:
        """Return an entry, or None."""

    def entries(self, kind: str) -> Sequence[EntryRow]:
        """Return every entry of a kind, by name."""

    def registry_version(self) -> int:
        """Return a number that changes whenever any of these is written, by any process."""


class ResultStore(Protocol):
    """Outputs that may be used again, by key; `RunStore.commit` writes them."""

    def cached(self, key: str, now: int) -> CachedRow | None:
        """Return the output that is kept under a key and expires after *now*, or None."""

    def forget_expired(self, now: int) -> int:
        """Remove what has expired at *now*, in a commit of its own; gives how many there were."""


class InboxStore(Protocol):
    """Messages to runs that nobody has taken; `RunStore.commit` writes and removes them."""

    def load_messages(self, run_id: str, after: int, limit: int) -> Sequence[MessageRow]:
        """Return at most *limit* messages to a run with a number above *after*, by number."""


class OutboxStore(Protocol):
    """Messages that wait to be sent; `RunStore.commit` writes them together with what they tell of."""

    def unsent(self, limit: int) -> Sequence[OutboxRow]:
        """Return messages that wait, oldest first (created_at, then event_id)."""

    def forget_sent(self, event_ids: Collection[str]) -> None:
        """Remove messages that were sent, in a commit of its own; unknown ids are fine."""


class AuditStore(Protocol):
    """Who has changed what: rows that are written once and go by their age only."""

    def keep_audit(self, rows: Sequence[AuditRow]) -> None:
        """Write rows, in a commit of its own; durable when it returns. One whose id is there is left as it is."""

    def audit(self, where: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        """Return rows that meet a filter, newest first (at, then audit_id, both descending)."""

    def forget_audit(self, until: int) -> int:
        """Remove what is from *until* or before, in a commit of its own; gives how many rows there were."""


class ScheduleStore(Protocol):
    """Schedules; `RunStore.commit` writes them together with the runs that they start."""

    def schedule(self, name: str) -> ScheduleRow | None:
        """Return a schedule, or None."""

    def schedules(self) -> Sequence[ScheduleRow]:
        """Return every schedule, by name."""

    def due_schedules(self, until: int, limit: int) -> Sequence[ScheduleRow]:
        """Return the schedules that are due at or before *until*, earliest first, then by name."""

    def next_schedule_at(self) -> int | None:
        """Return the earliest moment at which a schedule is due, or None."""


class RetentionStore(Protocol):
    """
    The end of runs that have ended.

    A run goes whole, with its attempts, logs and start key, and with all runs below it (its sub-workflows and theirs).
    It stays while it or one below it is open (RUNNING, PAUSED), and a run whose parent is there goes with that only.
    Definitions stay: another process may be about to start a run of one.
    """

    def ended_runs(self, until: int, name: str | None, after: EndedRow | None, limit: int) -> Sequence[EndedRow]:
        """
        Return runs without a parent that ended at or before *until*, oldest first (created_at, then run_id).

        Args:
            until: The last moment that counts; none of them began after it, whatever the clocks say.
            name: Of the workflow; None for any.
            after: The last one of the part before; None for the beginning. So a run that stays is passed by.
            limit: Most runs to give.
        """

    def deletable_runs(self, run_ids: Collection[str]) -> Mapping[str, str]:
        """Return all that `delete_runs` would remove: ids of runs, those below included, and the workflows' names."""

    def delete_runs(self, run_ids: Collection[str], revisions: Mapping[str, int] | None = None) -> Mapping[str, str]:
        """
        Remove the runs that may go, in one commit, and return them as `deletable_runs` does; others stay.

        Args:
            run_ids: The runs, with all below them.
            revisions: Where given, the revision in which each run that goes must still be, those below included.
        """


class MembershipStore(Protocol):
    """The engine processes that work on the store."""

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row; a commit of its own."""

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that is not forgotten, by id; one that said good-bye has ``heartbeat_at`` 0."""

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""

    def meet(self, *, has_company: bool) -> None:
        """
        Say whether other processes work on the store: while none does, a store need not tell of commits.

        Until it is said there may be some. A heartbeat is told all the same, so that those who come are noticed.
        """

    def time(self) -> int | None:
        """Return the time that all who work on the store go by; None if they share a machine, and its clock."""


class Backend(
    RunStore,
    WorkStore,
    SlotStore,
    SearchStore,
    StatisticsStore,
    RegistryStore,
    ResultStore,
    InboxStore,
    OutboxStore,
    AuditStore,
    ScheduleStore,
    RetentionStore,
    MembershipStore,
    Protocol,
):
    """
    A store: every duty over one database.

    ``commit`` is called by one thread at a time; all else may come from any thread at any time. Each read sees whole
    commits only. Every method may raise `StoreUnavailable`: nothing was changed; after ``close`` every method does.
    Text is ordered by code points, as Python orders it. A new duty is a Protocol of its own beside these, a module in
    each backend, and a part of the conformance suite.
    """

    #: Other processes can work on the same store.
    is_shared: bool
    #: What a committed change survives: the process, or nothing.
    is_durable: bool

    def close(self) -> None:
        """Free what the backend holds; closing twice is fine."""


class Heard(NamedTuple):
    """
    What other processes have committed, as far as the store tells it; without any argument, anything.

    What a run is said to be it may not be: what was to be committed is told, and sometimes it was not.
    """

    #: The runs that have ended; None if that is not told.
    ended: frozenset[str] | None = None
    #: The runs that were changed by another process than their holder; None if that is not told.
    taken: frozenset[str] | None = None
    #: The queues in which attempts lie open by it; None if that is not told.
    queues: frozenset[str] | None = None
    #: There was nothing but runs and their attempts: no slot is free by it, no process came or went.
    is_plain: bool = False

    @property
    def concerns_nobody(self) -> bool:
        """Whether nobody has to do anything because of it: runs went on where they were, and go on there."""
        return self.is_plain and not any(part is None or part for part in self[:3])

    def and_also(self, other: Heard) -> Heard:
        """Return both together."""
        ended, taken, queues = (
            None if one is None or another is None else one | another
            for one, another in zip(self[:3], other[:3], strict=True)
        )
        return Heard(ended, taken, queues, is_plain=self.is_plain and other.is_plain)


class Listening(Protocol):
    """Hears when other processes commit. One thread waits; the other methods may be called from any."""

    def wait(self, timeout_s: float) -> Heard | None:
        """
        Wait until another process commits something, or has since the last call; None if none does in time.

        It may hear without reason, but is never deaf to a commit for longer than some hundredths of a second, unless
        it knows that the commit concerns nobody (`Heard.concerns_nobody`).
        What this process commits does not count. At the end of `close` it returns at once.

        Raises:
            StoreUnavailable: The store cannot be reached.
        """

    def hurry(self) -> None:
        """Say that somebody waits for another process's commit: hear of it as soon as can be."""

    def close(self) -> None:
        """End the wait; closing twice is fine."""


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Return the time in epoch milliseconds; it never goes backwards within a process."""

    def passed(self) -> int:
        """
        Return the last moment that has passed for certain: what is due by then is due.

        A clock that cuts the time to milliseconds may have cut nearly one from the moment at which a wait began: for
        such a clock this is a millisecond before `now`.
        """


class IdSource(Protocol):
    """New ids."""

    def run_id(self) -> str:
        """Return the id of a new run, in the form of `podium.engine.ids`."""

    def child_id(self, parent: str, parent_task: str, retry_count: int) -> str:
        """Return the id of the run that an attempt calls; the arguments are those of `podium.engine.ids.child_id`."""


class Random(Protocol):
    """Randomness, for the jitter of retries."""

    def random(self) -> float:
        """Return a number from 0 (included) to 1 (excluded)."""


class Processes(Protocol):
    """The engine processes of this machine, as the operating system knows them."""

    def identity(self) -> str:
        """Say who this process is, in a form that no later process of this machine shares."""

    def is_alive(self, identity: str) -> bool | None:
        """Return whether that process lives; None when it cannot be known from here (another machine)."""


class Scripts(ScriptEvaluators, Protocol):
    """The evaluators of scripts and queries that decisions use."""

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """
        Return the first and all results of a jq query.

        Raises:
            JqError: The query failed, or took too long.
        """
