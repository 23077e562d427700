"""The seam between the store and a database: connections, transactions, and whose fault an error is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from podium.engine.ports import Heard, Listening

#: A row, or the parameters of a statement, by position.
Values: TypeAlias = Sequence[Any]


class Cursor(Protocol):
    """The part of a DB-API cursor (PEP 249) that the store uses."""

    @property
    def rowcount(self) -> int:
        """How many rows the last `execute` changed."""

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once."""

    def executemany(self, sql: str, parameters: Sequence[Values], /) -> object:
        """Run a statement for each row of parameters, in their order, before the next `execute` or the commit."""

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last call found, as tuples."""


class Writer(Cursor, Protocol):
    """The cursor of a transaction that writes."""

    def change(self, sql: str, parameters: Sequence[Values], or_else: Callable[[], Exception]) -> None:
        """
        Run a statement as `executemany` does that must insert or update one row for each row of parameters.

        Args:
            sql: An INSERT or UPDATE.
            parameters: At least one row.
            or_else: Gives what to raise if a key exists already, or a row is not there: now, or at the commit.
        """


class StoreDatabase(Protocol):
    """
    A database that the store may use, from any thread.

    Raises:
        StoreUnavailable: It cannot be reached, is locked for too long, or was closed. Nothing was written.
        CommitUncertain: It broke off during the commit.
        InternalError: It refuses what the store sent.
    """

    #: Other processes can work on it.
    is_shared: bool
    #: Transactions that write come one after the other, those of other processes too.
    is_serial: bool
    #: What a committed change survives: the process, or nothing.
    is_durable: bool
    #: Other processes are told what a commit does, and not only that there was one.
    tells_what: bool
    #: The mark of a parameter.
    mark: str

    def write(self, about: Heard | None = None) -> AbstractContextManager[Writer]:
        """
        Run a transaction: committed and durable when the block ends, undone when it raises.

        Writers of this process wait for each other. The block's own error is passed on, the database's is translated.

        Args:
            about: What it does, for other processes; None for something that all may want to know.
        """

    def meet(self, *, has_company: bool) -> None:
        """Take note whether anybody is to be told of commits; see `podium.engine.ports.MembershipStore.meet`."""

    def exclusive(self) -> AbstractContextManager[Cursor]:
        """Run a transaction that may change the schema, as `write` does; no other process may at that time."""

    def fetch(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query for each set of parameters, and give all their rows as of one moment."""

    def search(self, sql: str, parameters: Values) -> list[Any]:
        """
        Run a query as `fetch` does that is planned for these very values.

        What people search by is found in very different ways: a name that most runs have, and one that none has.
        """

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
