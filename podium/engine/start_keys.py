"""
Idempotency keys: of several starts of a workflow with one key, which one makes a run.

A key belongs to a workflow's name and is written in the commit of its run, on the condition that nobody else has taken
it since it was read: so it holds among processes too. Orkes Conductor's documentation tells what the strategies mean;
the open-source server ignores them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from podium.engine.rows import StartKeyRow
from podium.engine.state import RunState
from podium.model.statuses import IdempotencyStrategy


class KeyHolder(NamedTuple):
    """The run that has a key, and how it stands."""

    run_id: str
    has_ended: bool
    parent_id: str | None = None
    parent_seq: int = 0


class KeyTaken(Exception):  # no error: whoever starts a run says what it means
    """
    Another run has the key.

    Attributes:
        holder: That run.
        may_share: The caller is content with it.
        is_passing: The key will be free when it has ended.
    """

    def __init__(self, name: str, key: str, holder: KeyHolder, strategy: IdempotencyStrategy) -> None:
        self.holder = holder
        self.may_share = strategy is IdempotencyStrategy.RETURN_EXISTING
        self.is_passing = strategy is IdempotencyStrategy.FAIL_ON_RUNNING
        words = f"the idempotency key {key!r} was used for run {holder.run_id} of workflow {name!r}"
        super().__init__(f"{words}, which has not ended" if self.is_passing else words)


class StartKeys:
    """
    The keys that one group of events takes.

    Args:
        stored: Gives the run that has a key in the store; raises `Missing` until it has been read.
        touched: The runs that the group has to do with, which know better than the store how they stand.
    """

    def __init__(self, stored: Callable[[str, str], KeyHolder | None], touched: Mapping[str, RunState]) -> None:
        self._stored = stored
        self._touched = touched
        self._taken: dict[tuple[str, str], str] = {}
        #: The runs of the store that keys were taken over from; they must be as they were when the commit is made.
        self._given_up: dict[tuple[str, str], str | None] = {}
        #: What the item in work has taken, and who had it before.
        self.undone: list[tuple[tuple[str, str], str | None]] = []

    def take(
        self,
        name: str,
        key: str,
        strategy: IdempotencyStrategy,
        run_id: str,
        gives_up: Callable[[KeyHolder], bool] = lambda _: False,
    ) -> None:
        """
        Take a key for a new run.

        Args:
            name: The workflow.
            key: The key.
            strategy: What happens if another run has it.
            run_id: The new run.
            gives_up: Says of a run that has ended that the key is free again, whatever the strategy.

        Raises:
            KeyTaken: Another run has it and keeps it.
            Missing: The store has not been asked yet.
        """
        holder = self._holder(name, key)
        if holder is not None and holder.run_id != run_id:
            is_free = strategy is IdempotencyStrategy.FAIL_ON_RUNNING or gives_up(holder)
            if not (holder.has_ended and is_free):
                raise KeyTaken(name, key, holder, strategy)
        self.undone.append(((name, key), self._taken.get((name, key))))
        self._taken[name, key] = run_id

    def _holder(self, name: str, key: str) -> KeyHolder | None:
        stored = self._stored(name, key)
        self._given_up[name, key] = None if stored is None else stored.run_id
        run_id = self._taken.get((name, key))
        if run_id is None and stored is not None:
            run_id = stored.run_id
        if run_id is None:
            return None
        state = self._touched.get(run_id)
        if state is not None:
            run = state.run
            has_ended = run.status.is_terminal and run.ending is None
            return KeyHolder(run_id, has_ended, run.parent_id, run.parent_seq)
        return stored if stored is not None and stored.run_id == run_id else KeyHolder(run_id, has_ended=False)

    @property
    def are_taken(self) -> bool:
        """Whether any key was taken by the item in work."""
        return bool(self._taken)

    def mark(self) -> None:
        """Begin another item of the group: `undo` goes back to here."""
        self.undone.clear()

    def undo(self) -> None:
        """Give back what the item in work has taken."""
        while self.undone:
            key, before = self.undone.pop()
            if before is None:
                self._taken.pop(key, None)
            else:
                self._taken[key] = before

    def rows(self, new_runs: Collection[str]) -> Iterator[StartKeyRow]:
        """Yield what is to be written, of those keys that new runs have taken."""
        for (name, key), run_id in self._taken.items():
            if run_id in new_runs:
                yield StartKeyRow(name, key, run_id, self._given_up[name, key])
