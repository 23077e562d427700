"""A backend with a witness: every commit that reached the store is checked, and the process can die in one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from podium.testing.fragile import FragileDatabase
from podium.testing.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from podium.engine.ports import Backend
    from podium.engine.rows import WriteSet


class EngineDied(BaseException):  # a dead process handles nothing
    """The engine's process was killed in a commit."""


class Witness:
    """
    Stands between a store and the faults in front of it.

    Attributes:
        ledger: Checks each commit and keeps every row.
        dies_before: The next commit kills the process before anything is written.
        dies_after: The next commit kills the process as soon as everything is written.
        dies_within: The next commit kills the process in the middle of it: from 0 for its beginning to 1 for its end.
            None for never.
        fragile: The database in the store, which makes that possible; without it the process dies before the commit.

    Args:
        inner: The store.
        note: Called with each commit in one line.
    """

    def __init__(self, inner: Backend, note: Callable[[str], None]) -> None:
        self.inner = inner
        self.ledger = Ledger()
        self.dies_before = False
        self.dies_after = False
        self.dies_within: float | None = None
        self.fragile: FragileDatabase | None = None
        self._note = note

    @property
    def as_backend(self) -> Backend:
        """This, as the port that it stands for: what is not said here comes from the store by `__getattr__`."""
        return cast("Backend", self)

    def commit(self, writes: WriteSet) -> None:
        """Write, unless the process dies before; check what was written."""
        if self.dies_before:
            self.dies_before = False
            raise EngineDied
        if self.dies_within is not None:
            self._die_within(writes, self.dies_within)
        self.inner.commit(writes)
        self._note(self.ledger.take(writes))
        if self.dies_after:
            self.dies_after = False
            raise EngineDied

    def _die_within(self, writes: WriteSet, part: float) -> None:
        """Kill the process in the middle of a commit."""
        self.dies_within = None
        if self.fragile is not None:
            # Each part takes a statement at least, and the commit itself is a step.
            steps = iter(range(int(part * (len(writes.parts()) + 1))))

            def look() -> None:
                if next(steps, None) is None:
                    raise EngineDied

            self.fragile.before = look
            try:
                with suppress(Exception):  # a dead process hears of no refusal; the store in memory has none to tell
                    self.inner.commit(writes)
            finally:
                self.fragile.before = None
        raise EngineDied

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
