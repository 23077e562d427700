"""
Many rows at once in PostgreSQL.

psycopg runs a statement once for each row, which costs the server and Python several times what COPY and one UPDATE of
all rows cost. What is rewritten here are the few shapes of statement that `podium.backends.sql.queries` writes; every
other is left to psycopg.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg

from podium.backends.sql.bulk import MARK, Update, parse_update
from podium.backends.sql.database import Cursor, Values

if TYPE_CHECKING:
    from psycopg.abc import Query

#: Fewer rows are not worth it, and more go in several statements. Powers of two: each number of rows is a statement of
#: its own, which the server prepares once.
_FEWEST, _MOST = 4, 64

_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \([^()]*\)(?: RETURNING [\w.]+)?")

_Text: TypeAlias = Callable[[int], "Query"]


class BulkCursor:
    """
    A `podium.backends.sql.database.Cursor` that writes many rows in one go.

    Args:
        connection: psycopg's.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor: Any = connection.cursor()
        #: Takes ``$1``: psycopg would look through a text of a thousand marks at each call.
        self._raw: Any = psycopg.RawCursor(connection)
        self._rowcount: int | None = None

    @property
    def rowcount(self) -> int:
        """How many rows the last call changed; of `executemany`, all rows together."""
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
        is_many = len(parameters) >= _FEWEST
        if is_many and (target := _copy_text(sql)) is not None:
            self._copy(target, parameters)
        elif is_many and (update := parse_update(sql)) is not None and (rows := update.in_order(parameters)):
            self._update(sql, update, rows)
        elif is_many:
            self._cursor.executemany(sql, parameters)
        else:
            self._one_by_one(sql, parameters)
        return self

    def _one_by_one(self, sql: str, rows: Sequence[Values]) -> None:
        """Run a statement for each of a few rows; psycopg's way for many logs a warning where one of them fails."""
        changed = 0
        for row in rows:
            changed += self._cursor.execute(sql, row).rowcount
        self._rowcount = changed

    def _copy(self, target: str, rows: Sequence[Values]) -> None:
        with self._cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)

    def _update(self, sql: str, update: Update, rows: Sequence[Values]) -> None:
        changed, text = 0, update_text(update)
        for part in _parts(rows):
            if len(part) < _FEWEST:
                self._one_by_one(sql, part)
                changed += self.rowcount
            else:
                self._raw.execute(text(len(part)), [value for row in part for value in row], prepare=True)
                changed += self._raw.rowcount
        self._rowcount = changed


def _parts(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """Cut rows into parts whose lengths are powers of two, and one short rest."""
    start, size = 0, _MOST
    while len(rows) - start >= _FEWEST:
        while size > len(rows) - start:
            size //= 2
        yield rows[start : start + size]
        start += size
    if start < len(rows):
        yield rows[start:]


@lru_cache(maxsize=64)
def _copy_text(sql: str) -> str | None:
    """Return the COPY that does what an INSERT does, or None."""
    match = _INSERT.fullmatch(re.sub(MARK, "%s", sql))
    return None if match is None else f"COPY {match[1]} ({match[2]}) FROM STDIN"


@lru_cache(maxsize=64)
def update_text(update: Update) -> _Text:
    """Return what writes the UPDATE of a number of rows."""
    casts = update.casts
    names = ", ".join(f"c{number}" for number in range(len(casts)))

    @cache
    def text(count: int) -> Query:
        rows = (
            "(" + ", ".join(f"${row * len(casts) + at + 1}{cast}" for at, cast in enumerate(casts)) + ")"
            for row in range(count)
        )
        source = f"(VALUES {', '.join(rows)}) AS v ({names})"
        return f"UPDATE {update.table} SET {update.changes()} FROM {source} WHERE {update.keys}".encode()  # noqa: S608  # our own words

    return text


if TYPE_CHECKING:
    _conforms: type[Cursor] = BulkCursor
