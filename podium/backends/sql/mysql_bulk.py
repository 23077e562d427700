"""
Many rows at once in MySQL and MariaDB.

PyMySQL inserts many rows by one statement, and updates them one by one: a round trip each, and three times the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pymysql

from podium.backends.sql.bulk import Update, parse_update
from podium.backends.sql.database import Values, Writer

#: Most rows and characters of one statement. A server takes 16 MB as it comes, and a row of its own may be as large.
_MOST, _LENGTH_MAX = 256, 1_000_000


class BulkCursor:
    """
    A `podium.backends.sql.database.Writer` that writes many rows in one go.

    Args:
        connection: PyMySQL's.
    """

    def __init__(self, connection: Any) -> None:
        self._cursor: Any = connection.cursor()
        self._rowcount: int | None = None

    @property
    def rowcount(self) -> int:
        """How many rows the last call found, changed or not; of `executemany`, all rows together."""
        return self._rowcount if self._rowcount is not None else int(self._cursor.rowcount)

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once."""
        self._rowcount = None
        return self._cursor.execute(sql, parameters)

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last call found, as tuples."""
        rows: Sequence[Any] = self._cursor.fetchall()
        return rows

    def executemany(self, sql: str, parameters: Sequence[Values], /) -> object:
        """Run a statement for each row of parameters."""
        self._rowcount = None
        update = parse_update(sql) if len(parameters) > 1 else None
        rows = update.in_order(parameters) if update is not None else None
        if update is None or rows is None:
            return self._cursor.executemany(sql, parameters)
        self._rowcount = sum(map(self._cursor.execute, self._texts(update, rows)))
        return self

    def change(self, sql: str, parameters: Sequence[Values], or_else: Callable[[], Exception]) -> None:
        """Run a statement that must change a row for each row of parameters."""
        try:
            self.executemany(sql, parameters)
        except pymysql.IntegrityError as error:
            raise or_else() from error
        if self.rowcount != len(parameters):
            raise or_else()

    def _texts(self, update: Update, ordered: Sequence[Values]) -> Iterator[str]:
        """
        Write the rows as a table ``v`` to join with.

        Joined straight, they are gone through in their order, and each row is found by its key, whatever the server
        believes to know of the table's size.
        """
        names = (f"%s AS c{number}" for number in range(len(update.casts)))
        first, other = f"SELECT {', '.join(names)}", f"SELECT {', '.join(['%s'] * len(update.casts))}"
        target, changes = update.table, update.changes(f"{update.table}.")
        for rows in self._parts(first, other, ordered):
            source = f"({' UNION ALL '.join(rows)}) AS v"
            yield f"UPDATE {source} STRAIGHT_JOIN {target} ON {update.keys} SET {changes}"  # noqa: S608  # our own words

    def _parts(self, first: str, other: str, rows: Sequence[Values]) -> Iterator[list[str]]:
        part: list[str] = []
        length = 0
        for row in rows:
            if part and (len(part) == _MOST or length >= _LENGTH_MAX):
                yield part
                part, length = [], 0
            part.append(self._cursor.mogrify(other if part else first, row))
            length += len(part[-1])
        yield part


if TYPE_CHECKING:
    _conforms: type[Writer] = BulkCursor
