"""A database whose process dies in the middle of a transaction: before any of its statements, and before its commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.backends.sql.database import StoreDatabase, Values, Writer
    from podium.engine.ports import Heard


class FragileDatabase:
    """
    A `podium.backends.sql.database.StoreDatabase` that calls a function before each step of a transaction.

    A step is a statement, or the commit at the end. The function may raise, as a store does that fails, or a process
    that is killed: whatever has been written until then has to be gone.

    Attributes:
        before: Called before each step; None for nothing.

    Args:
        inner: The database.
    """

    def __init__(self, inner: StoreDatabase) -> None:
        self._inner = inner
        self.before: Callable[[], None] | None = None

    @contextmanager
    def write(self, about: Heard | None = None) -> Iterator[Writer]:
        """Run a transaction; see `podium.backends.sql.database.StoreDatabase.write`."""
        with self._inner.write(about) as cursor:
            yield _FragileCursor(cursor, self._look)
            self._look()

    def _look(self) -> None:
        if self.before is not None:
            self.before()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _FragileCursor:
    """A cursor that calls a function before each statement."""

    def __init__(self, inner: Writer, before: Callable[[], None]) -> None:
        self._inner = inner
        self._before = before

    @property
    def rowcount(self) -> int:
        """How many rows the last call changed."""
        return self._inner.rowcount

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once."""
        self._before()
        return self._inner.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> object:
        """Run a statement for each row of parameters."""
        self._before()
        return self._inner.executemany(sql, parameters)

    def change(self, sql: str, parameters: Any, or_else: Callable[[], Exception]) -> None:
        """Run a statement that must change a row for each row of parameters."""
        self._before()
        self._inner.change(sql, parameters, or_else)

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last call found."""
        return self._inner.fetchall()
