"""
A store that fails on purpose, for simulations and tests.

It stands around another backend and, at rates that the caller sets, refuses commits, loses them, or leaves it open
whether they happened. What it does follows from its random numbers alone, so a seed repeats a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from podium.engine.ports import Backend, Listening, Random
from podium.engine.rows import (
    DefinitionRow,
    DueRow,
    EngineRow,
    LogRow,
    RunFilter,
    RunRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import CommitUncertain, InvalidRequest, StoreUnavailable

_T = TypeVar("_T")


class Fault(StrEnum):
    """What the store does wrong."""

    #: A commit was turned away at its start: StoreUnavailable, nothing written.
    REFUSED = "REFUSED"
    #: A commit was broken off at its end: StoreUnavailable, nothing written.
    LOST = "LOST"
    #: A commit was written, and its answer lost: CommitUncertain.
    DONE_UNSEEN = "DONE_UNSEEN"
    #: A commit was broken off, and its answer lost: CommitUncertain, nothing written.
    LOST_UNSEEN = "LOST_UNSEEN"
    #: A read, a heartbeat or a farewell failed: StoreUnavailable, nothing written.
    READ = "READ"


@frozen(kw_only=True)
class FaultRates:
    """
    How often each `Fault` happens: from 0 for never to 1 for always.

    A commit suffers at most one fault, so the rates of the four commit faults add up to at most 1.
    """

    refused: float = 0.0
    lost: float = 0.0
    done_unseen: float = 0.0
    lost_unseen: float = 0.0
    read: float = 0.0

    def __attrs_post_init__(self) -> None:
        rates = (self.refused, self.lost, self.done_unseen, self.lost_unseen, self.read)
        if not all(0 <= rate <= 1 for rate in rates) or sum(rates[:4]) > 1:
            raise InvalidRequest(f"fault rates are from 0 to 1, those of a commit also together: {self}")


class FaultyBackend:
    """
    A `podium.engine.ports.Backend` that fails at given rates, and otherwise does what the inner one does.

    A stale commit is never made up: `StaleRun` comes from the inner store only.

    Attributes:
        inner: The store that keeps the truth; for checks that no fault may disturb.
        faults: How often each fault happened.

    Args:
        inner: The store to stand around; `close` closes it.
        rng: Asked once per call, whatever the rates, so that a change of rates does not shift what comes after.
        rates: How often what goes wrong.

    Example:
        >>> import random
        >>> from podium.backends.memory import MemoryBackend
        >>> store = FaultyBackend(MemoryBackend(), random.Random(7), FaultRates(refused=1.0))
        >>> store.commit(WriteSet())
        Traceback (most recent call last):
        ...
        podium.model.errors.StoreUnavailable: the commit was refused (on purpose)
        >>> store.heal()
        >>> store.commit(WriteSet())
        >>> store.faults[Fault.REFUSED]
        1
    """

    def __init__(self, inner: Backend, rng: Random, rates: FaultRates) -> None:
        self.inner = inner
        self.is_shared = inner.is_shared
        self.is_durable = inner.is_durable
        self.faults: Counter[Fault] = Counter()
        self._rng = rng
        self._rates = rates

    def heal(self) -> None:
        """Fail no more."""
        self._rates = FaultRates()

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing, and sometimes do not say which."""
        fault = self._commit_fault()
        if fault is Fault.REFUSED:
            raise StoreUnavailable("the commit was refused (on purpose)")
        if fault is Fault.LOST:
            raise StoreUnavailable("the commit was lost (on purpose)")
        if fault is Fault.LOST_UNSEEN:
            raise CommitUncertain("the commit may have happened (on purpose)")
        self.inner.commit(writes)
        if fault is Fault.DONE_UNSEEN:
            # Counted here: a commit that the inner store refused did not suffer from us.
            self.faults[fault] += 1
            raise CommitUncertain("the commit may have happened (on purpose)")

    def _commit_fault(self) -> Fault | None:
        """Draw what happens to a commit."""
        rates = self._rates
        left = self._rng.random()
        for fault, rate in (
            (Fault.REFUSED, rates.refused),
            (Fault.LOST, rates.lost),
            (Fault.LOST_UNSEEN, rates.lost_unseen),
            (Fault.DONE_UNSEEN, rates.done_unseen),
        ):
            if left < rate:
                if fault is not Fault.DONE_UNSEEN:
                    self.faults[fault] += 1
                return fault
            left -= rate
        return None

    def _call(self, action: Callable[[], _T]) -> _T:
        """Do what is not a commit, or fail before it."""
        if self._rng.random() < self._rates.read:
            self.faults[Fault.READ] += 1
            raise StoreUnavailable("the store did not answer (on purpose)")
        return action()

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""
        return self._call(lambda: self.inner.load_runs(run_ids))

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""
        return self._call(lambda: self.inner.load_tasks(run_id))

    def load_current_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return, by seq, the newest attempt of each place and every live attempt."""
        return self._call(lambda: self.inner.load_current_tasks(run_id))

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""
        return self._call(lambda: self.inner.load_task(run_id, seq))

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq."""
        return self._call(lambda: self.inner.load_bodies(run_id, base_refs, after))

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first."""
        return self._call(lambda: self.inner.load_logs(run_id, seq))

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""
        return self._call(lambda: self.inner.load_definition(digest))

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        return self._call(lambda: self.inner.due(until, limit))

    def open_tasks(self, queues: Collection[str], limit: int) -> Sequence[TaskRow]:
        """Return attempts that any engine may take from these queues, by run_id and seq."""
        return self._call(lambda: self.inner.open_tasks(queues, limit))

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        return self._call(lambda: self.inner.held_runs(holder, limit))

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""
        return self._call(lambda: self.inner.run_of_key(name, key))

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        return self._call(lambda: self.inner.list_runs(where, limit, offset))

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""
        return self._call(lambda: self.inner.workflow(name, version))

    def workflows(self) -> Sequence[WorkflowRow]:
        """Return every registered workflow, by name and version."""
        return self._call(self.inner.workflows)

    def task_def(self, name: str) -> TaskDefRow | None:
        """Return a registered task definition."""
        return self._call(lambda: self.inner.task_def(name))

    def task_defs(self) -> Sequence[TaskDefRow]:
        """Return every registered task definition, by name."""
        return self._call(self.inner.task_defs)

    def registry_version(self) -> int:
        """Return a number that changes whenever a workflow or a task definition is written."""
        return self._call(self.inner.registry_version)

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row."""
        self._call(lambda: self.inner.heartbeat(engine))

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that has not said good-bye, by id."""
        return self._call(self.inner.engines)

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""
        self._call(lambda: self.inner.forget_engine(engine_id))

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits."""
        return self.inner.listen()

    def close(self) -> None:
        """Close the inner store; never fails on purpose."""
        self.inner.close()


if TYPE_CHECKING:
    _conforms: type[Backend] = FaultyBackend
