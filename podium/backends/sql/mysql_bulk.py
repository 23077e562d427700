"""
Many rows at once, and large ones, in MySQL and MariaDB.

PyMySQL inserts many rows by one statement, and updates them one by one: a round trip each, and three times the work.
And it writes values into the statement, which a server limits (``max_allowed_packet``, 16 MB as it comes): large values
go there one by one, before the statement that has them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pymysql

from podium.backends.sql.bulk import Update, parse_update
from podium.backends.sql.database import Values, Writer
from podium.model.errors import LimitExceeded

#: Most rows and characters of one statement.
_MOST, _LENGTH_MAX = 256, 1_000_000

#: Bytes from which on a value goes to the server before the statement that has it.
_APART_MIN = 1_000_000

#: Bytes of a statement beside the value.
_SPARE = 1_000


class _Variable(NamedTuple):
    """What stands in a statement for a value that the server has already: a variable of the session."""

    name: str


class BulkCursor:
    """
    A `podium.backends.sql.database.Writer` that writes many rows in one go.

    Args:
        connection: PyMySQL's.
    """

    def __init__(self, connection: Any) -> None:
        self._cursor: Any = connection.cursor()
        self._rowcount: int | None = None
        connection.encoders[_Variable] = _name_of

    @property
    def rowcount(self) -> int:
        """How many rows the last call found, changed or not; of `executemany`, all rows together."""
        return self._rowcount if self._rowcount is not None else int(self._cursor.rowcount)

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once."""
        self._rowcount = None
        return self._execute(sql, parameters)

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last call found, as tuples."""
        rows: Sequence[Any] = self._cursor.fetchall()
        return rows

    def executemany(self, sql: str, parameters: Sequence[Values], /) -> object:
        """Run a statement for each row of parameters."""
        self._rowcount = None
        update = parse_update(sql) if len(parameters) > 1 else None
        rows = update.in_order(parameters) if update is not None else None
        if any(map(is_large, parameters)):
            self._rowcount = sum(self._execute(sql, row) for row in rows or parameters)
            return self
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

    def _execute(self, sql: str, row: Values) -> int:
        if not is_large(row):
            return int(self._cursor.execute(sql, row))
        names = {at: f"@podium_{at}" for at, value in enumerate(row) if _is_apart(value)}
        for at, name in names.items():
            self._cursor.execute(f"SET {name} = {self._written(row[at])}")
        count = self._cursor.execute(sql, [_Variable(names[at]) if at in names else row[at] for at in range(len(row))])
        # The server would keep them as long as the connection lasts.
        self._cursor.execute(f"SET {', '.join(f'{name} = NULL' for name in names.values())}")
        return int(count)

    def _written(self, value: bytes) -> str:
        """
        Return bytes as SQL, as short as may be: what is full of quotes takes twice its length, but in base 64.

        Raises:
            LimitExceeded: They are more than the server takes.
        """
        text = f"_binary{self._cursor.connection.escape(value)}"
        if len(text) > len(value) * 4 / 3:
            text = f"from_base64('{b64encode(value).decode()}')"
        self._cursor.execute("SELECT @@max_allowed_packet")
        ((most,),) = self._cursor.fetchall()
        if len(text) + _SPARE > most:
            raise LimitExceeded(
                f"a payload of {len(value)} bytes is more than this database takes at once: its max_allowed_packet is"
                f" {most}; let it be {len(text) + _SPARE} or more"
            )
        return text

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


def _is_apart(value: object) -> bool:
    return type(value) is bytes and len(value) >= _APART_MIN


def is_large(row: Values) -> bool:
    """Return whether a row has values that go to the server one by one."""
    return any(map(_is_apart, row))


def _name_of(variable: _Variable, _: object) -> str:
    return variable.name


if TYPE_CHECKING:
    _conforms: type[Writer] = BulkCursor
