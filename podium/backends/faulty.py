"""
A store that fails on purpose, for simulations and tests.

It stands around another backend and, at rates that the caller sets, refuses commits, loses them, or leaves it open
whether they happened. What it does follows from its random numbers alone, so a seed repeats a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, cast

from attrs import frozen

from podium.engine.ports import Backend, Listening, Random
from podium.engine.rows import WriteSet
from podium.model.errors import CommitUncertain, InvalidRequest, StoreUnavailable


class StoreFault(StrEnum):
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
    How often each `StoreFault` happens: from 0 for never to 1 for always.

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
        >>> store.faults[StoreFault.REFUSED]
        1
    """

    def __init__(self, inner: Backend, rng: Random, rates: FaultRates) -> None:
        self.inner = inner
        self.is_shared = inner.is_shared
        self.is_durable = inner.is_durable
        self.faults: Counter[StoreFault] = Counter()
        self._rng = rng
        self._rates = rates

    @property
    def as_backend(self) -> Backend:
        """This, as the port that it stands for: what is not said here comes from the inner store by `__getattr__`."""
        return cast("Backend", self)

    def heal(self) -> None:
        """Stop failing: from now on every commit is the inner store's."""
        self._rates = FaultRates()

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing, and sometimes do not say which."""
        fault = self._commit_fault()
        if fault is StoreFault.REFUSED:
            raise StoreUnavailable("the commit was refused (on purpose)")
        if fault is StoreFault.LOST:
            raise StoreUnavailable("the commit was lost (on purpose)")
        if fault is StoreFault.LOST_UNSEEN:
            raise CommitUncertain("the commit may have happened (on purpose)")
        self.inner.commit(writes)
        if fault is StoreFault.DONE_UNSEEN:
            # Counted here: a commit that the inner store refused did not suffer from us.
            self.faults[fault] += 1
            raise CommitUncertain("the commit may have happened (on purpose)")

    def _commit_fault(self) -> StoreFault | None:
        """Draw what happens to a commit."""
        rates = self._rates
        left = self._rng.random()
        for fault, rate in (
            (StoreFault.REFUSED, rates.refused),
            (StoreFault.LOST, rates.lost),
            (StoreFault.LOST_UNSEEN, rates.lost_unseen),
            (StoreFault.DONE_UNSEEN, rates.done_unseen),
        ):
            if left < rate:
                if fault is not StoreFault.DONE_UNSEEN:
                    self.faults[fault] += 1
                return fault
            left -= rate
        return None

    def _call(self, action: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if self._rng.random() < self._rates.read:
            self.faults[StoreFault.READ] += 1
            raise StoreUnavailable("the store did not answer (on purpose)")
        return action(*args, **named)

    def __getattr__(self, name: str) -> Any:
        """Do what is no commit as the inner store does it, or fail before it."""
        inner = getattr(self.inner, name)
        return partial(self._call, inner) if callable(inner) else inner

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits; never fails on purpose."""
        return self.inner.listen()

    def close(self) -> None:
        """Close the inner store; never fails on purpose."""
        self.inner.close()
