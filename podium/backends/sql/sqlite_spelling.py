"""How SQLite spells what databases spell differently; needed to write its SQL texts, not to run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable, LargeBinary, Table, cast, func, literal_column
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from podium.backends.sql.spelling import SqlSpelling


class SqliteSpelling:
    """The `podium.backends.sql.spelling.SqlSpelling` of SQLite."""

    dialect: Dialect = sqlite.dialect(paramstyle="qmark")
    empty_bytes = "X''"
    list_tables = "SELECT name FROM sqlite_master WHERE type = 'table'"

    def keep(self, table: Table) -> Executable:
        """Insert a row, or leave the one that is there."""
        return sqlite.insert(table).on_conflict_do_nothing()

    def put(self, table: Table) -> Executable:
        """Insert a row, or overwrite the one that is there."""
        row = sqlite.insert(table)
        return row.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={column.name: row.excluded[column.name] for column in table.c if not column.primary_key},
        )

    def contains(self, text: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text has another one in it; LIKE would not tell a from A."""
        return func.instr(text, part) > literal_column("0")

    like_any, like_special, like_escape = "*", "*?[", "[{}]"

    def like(self, text: ColumnElement[Any], pattern: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text fits a pattern; LIKE would not tell a from A."""
        return text.op("GLOB", is_comparison=True)(pattern)

    def holds(self, payload: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that bytes of JSON have a text in them, as UTF-8."""
        return func.instr(payload, cast(part, LargeBinary())) > literal_column("0")


if TYPE_CHECKING:
    _conforms: type[SqlSpelling] = SqliteSpelling
