"""
Statements as PostgreSQL prepares them: for one row, or for any number of rows at once, which come as an array a column.

What is rewritten for many rows are the two shapes of statement that `podium.backends.sql.queries` writes most, INSERT
and UPDATE by key; every other runs once for each row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from struct import error as StructError  # noqa: N812  # it is a class
from struct import pack
from typing import Any

import psycopg
from attrs import frozen

from podium.backends.sql.bulk import MARK, Update, parse_update
from podium.backends.sql.database import Values

#: Most rows of one statement, and most bytes: the server takes 1 GB.
_ROWS_MAX, _BYTES_MAX = 1_024, 64_000_000

_INSERT = re.compile(
    r"(INSERT INTO \w+ \([\w, ]+\)) VALUES \(([^()]*)\)(?: RETURNING [\w.]+)?(| ON CONFLICT DO NOTHING)"
)
_MARK = re.compile(MARK)

#: Ends the transaction with an error (22012, division by zero) unless as many rows were changed as there should be: so
#: that is known before the commit, and without a word from us.
_CHECKED = "WITH changed AS ({} RETURNING 1) SELECT 1 / (count(*) = {})::int FROM changed"
#: That error, and the one of a key that exists (SQLSTATE).
MISSED, EXISTS = "22012", "23505"

_NULL = pack(">i", -1)
#: What stands before a value: its length.
_LENGTHS = [pack(">i", length) for length in range(1_024)]
#: The number of the type of an array's elements.
_TYPES = {"::BIGINT": 20, "::VARCHAR": 1043, "": 17}
_ARRAYS = {20: "int8[]", 1043: "varchar[]", 17: "bytea[]"}


def one_row(sql: str, *, is_checked: bool) -> bytes:
    """Return the statement with numbered marks, as it is prepared; a checked one fails unless it changes one row."""
    return _one_row(sql, is_checked and sql.startswith("UPDATE"))


@lru_cache(maxsize=512)
def _one_row(sql: str, is_checked: bool) -> bytes:  # a key of the cache
    numbers = count(1)
    text = _MARK.sub(lambda mark: f"${next(numbers)}{mark['cast']}", sql).replace("%%", "%")
    return (_CHECKED.format(text, 1) if is_checked else text).encode()


def values_of(row: Values) -> list[bytes | None]:
    """Return the parameters of a statement in PostgreSQL's binary form."""
    try:
        return [_ONE[type(value)](value) for value in row]
    except StructError as error:
        raise psycopg.DataError(f"a number has more than 64 bits: {error}") from error
    except KeyError as error:
        raise psycopg.ProgrammingError(f"this cannot be a value of a column: {error}") from error


def _same(value: Any) -> Any:
    return value


class _Forms(dict[type, Callable[[Any], bytes | None]]):
    """How a value is written, by its type; a kind of text or number, such as a status, is written as what it is."""

    def __missing__(self, kind: type) -> Callable[[Any], bytes | None]:
        form = next((self[base] for base in kind.__mro__[1:] if base in self), None)
        if form is None:
            raise KeyError(kind)
        self[kind] = form
        return form


_ONE = _Forms(
    {int: lambda value: pack(">q", value), str: lambda value: value.encode(), bytes: _same, type(None): _same}
)


@frozen
class ManyRows:
    """
    A statement for any number of rows.

    Attributes:
        text: As it is prepared.
        types: Of the columns of the rows, see `_TYPES`.
        update: What it changes; None for an INSERT.
        is_checked: It takes the number of rows as its last parameter, and fails unless so many are changed.
    """

    text: bytes
    types: tuple[int, ...]
    update: Update | None
    is_checked: bool

    def calls(self, rows: Sequence[Values]) -> Iterator[list[bytes | None]]:
        """Return the parameters of the calls that write the rows."""
        for start in range(0, len(rows), _ROWS_MAX):
            yield from self._calls(rows[start : start + _ROWS_MAX])

    def _calls(self, rows: Sequence[Values]) -> Iterator[list[bytes | None]]:
        try:
            arrays: list[bytes | None] = list(map(_array, self.types, zip(*rows, strict=True)))
        except StructError as error:
            raise psycopg.DataError(f"a number has more than 64 bits: {error}") from error
        if len(rows) > 1 and sum(len(array) for array in arrays if array is not None) > _BYTES_MAX:
            middle = len(rows) // 2
            yield from self._calls(rows[:middle])
            yield from self._calls(rows[middle:])
            return
        if self.is_checked:
            arrays.append(pack(">q", len(rows)))
        yield arrays


def _array(kind: int, values: Sequence[Any]) -> bytes:
    """Return an array in PostgreSQL's binary form: dimensions, whether it has NULLs, type, length, first index."""
    head = pack(">iiiii", 1, None in values, kind, len(values), 1)
    if kind == _TYPES["::BIGINT"]:
        if None not in values:
            numbers = [8] * (2 * len(values))
            numbers[1::2] = values
            return head + pack(">" + "iq" * len(values), *numbers)
        return head + b"".join([_NULL if value is None else pack(">iq", 8, value) for value in values])
    if kind != _TYPES[""]:
        values = [None if value is None else value.encode() for value in values]
    return head + b"".join([_NULL if value is None else _length(value) + value for value in values])


def _length(value: bytes) -> bytes:
    length = len(value)
    return _LENGTHS[length] if length < len(_LENGTHS) else pack(">i", length)


@lru_cache(maxsize=512)
def many_rows(sql: str, *, is_checked: bool) -> ManyRows | None:
    """Return the statement for many rows that does what one does for each; None if there is none."""
    match = _INSERT.fullmatch(sql)
    if match is not None:
        types = tuple(_type_of(mark["cast"]) for mark in _MARK.finditer(match[2]))
        text = f"{match[1]} SELECT * FROM {_rows(types)}{match[3]}"  # noqa: S608  # our own words
        return ManyRows(text.encode(), types, None, is_checked=False)
    update = parse_update(sql)
    if update is None:
        return None
    types = tuple(map(_type_of, update.casts))
    names = ", ".join(f"c{number}" for number in range(len(types)))
    text = f"UPDATE {update.table} SET {update.changes()} FROM {_rows(types)} AS v ({names}) WHERE {update.keys}"  # noqa: S608  # our own words
    if is_checked:
        text = _CHECKED.format(text, f"${len(types) + 1}::int8")
    return ManyRows(text.encode(), types, update, is_checked)


def _rows(types: Sequence[int]) -> str:
    arrays = ", ".join(f"${number}::{_ARRAYS[kind]}" for number, kind in enumerate(types, 1))
    return f"unnest({arrays})"


def _type_of(cast: str) -> int:
    return _TYPES[cast.partition(" ")[0]]
