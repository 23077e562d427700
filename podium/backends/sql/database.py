"""The seam between the store and a database: connections, transactions, and whose fault an error is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from podium.engine.ports import Listening

#: A row, or the parameters of a statement, by position.
Values: TypeAlias = Sequence[Any]


class Cursor(Protocol):
    """The part of a DB-API cursor (PEP 249) that the store uses."""

    @property
    def rowcount(self) -> int:
        """How many rows the last call changed; of `executemany`, all rows together."""

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once."""

    def executemany(self, sql: str, parameters: Sequence[Values], /) -> object:
        """Run a statement for each row of parameters, in their order."""

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last call found, as tuples."""


class Database(Protocol):
    """
    A database that the store may use, from any thread.

    Raises:
        StoreUnavailable: It cannot be reached, is locked for too long, or was closed. Nothing was written.
        CommitUncertain: It broke off during the commit.
        InternalError: It refuses what the store sent.
    """

    #: Other processes can work on it.
    is_shared: bool
    #: What a committed change survives: the process, or nothing.
    is_durable: bool
    #: The mark of a parameter.
    mark: str

    @property
    def duplicate_error(self) -> type[Exception]:
        """What a cursor raises when a key exists already."""

    def write(self) -> AbstractContextManager[Cursor]:
        """
        Run a transaction: committed and durable when the block ends, undone when it raises.

        Writers of this process wait for each other. The block's own error is passed on, the database's is translated.
        """

    def exclusive(self) -> AbstractContextManager[Cursor]:
        """Run a transaction that may change the schema, as `write` does; no other process may at that time."""

    def fetch(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query for each set of parameters, and give all their rows as of one moment."""

    def reserve(self, sql: str, *parameters: Values) -> list[Any]:
        """
        Run a query as `fetch` does, and lock the rows that it finds; it passes over those that another process locked.

        The locks end when the next `write` begins, or after a moment. Without locks of rows it is the same as `fetch`.
        """

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits; see `podium.engine.ports.WorkStore.listen`."""

    def time(self) -> int | None:
        """Return the time of the machine that the database is on; None if that is this machine."""

    def close(self) -> None:
        """Close all connections; closing twice is fine."""
