"""What every database spells differently: the seam between `podium.backends.sql.queries` and a dialect."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Dialect, Executable, Table, literal_column
from sqlalchemy.sql.elements import ClauseElement

#: Where a limit has no offset, SQLAlchemy adds a parameter for it on some databases.
NO_OFFSET: ColumnElement[int] = literal_column("0", BigInteger)


class SqlSpelling(Protocol):
    """How one database spells what the queries say."""

    #: SQLAlchemy's knowledge of the database, with positional parameters.
    dialect: Dialect
    #: An empty byte string.
    empty_bytes: str
    #: Gives the names of all tables.
    list_tables: str

    def keep(self, table: Table) -> Executable:
        """Insert a row, or leave the one that is there."""

    def put(self, table: Table) -> Executable:
        """Insert a row, or overwrite the one that is there."""

    def contains(self, text: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text has another one in it, letter by letter; one that is NULL has not."""

    #: How `like` writes any letters; the letters that mean something in a pattern; and what it has for such a letter.
    like_any: str
    like_special: str
    like_escape: str

    def like(self, text: ColumnElement[Any], pattern: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text fits a pattern, letter by letter."""

    def holds(self, payload: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that bytes of JSON have a text in them, as UTF-8."""


class StatementCompiler(Protocol):
    """What makes the text of a statement for one database."""

    def __call__(self, statement: ClauseElement | Executable, *parameters: str) -> str:
        """Return the text of a statement with these parameters, in this order."""
