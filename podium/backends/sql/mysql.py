"""
A store in a MySQL or MariaDB database, through PyMySQL.

Several engine processes may work on it, on any machines. Each of them counts its commits in a row of its own, and looks
at the counts of the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pymysql
from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable, LargeBinary, Table, cast, func, literal_column
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

from podium.backends.sql.connecting import MYSQL_TIME
from podium.backends.sql.counting import CountListening
from podium.backends.sql.database import Cursor
from podium.backends.sql.mysql_bulk import BulkCursor
from podium.backends.sql.server import IDLE_S, LOCK_S, Driver, open_server
from podium.backends.sql.store import SqlBackend
from podium.model.errors import StoreUnavailable

if TYPE_CHECKING:
    from podium.backends.sql.spelling import SqlSpelling
    from podium.engine.ports import Heard, Listening

#: Deadlock, a lock that was not to be had, a row that has changed since it was read (MariaDB).
_LOST_RACES = frozenset({1213, 1205, 1020})
#: A value is longer than its column.
_TOO_LONG = 1406
_REFUSALS = (pymysql.ProgrammingError, pymysql.DataError, pymysql.IntegrityError, pymysql.NotSupportedError)

#: Seconds between two looks at the counts where it has been quiet.
_CALM_S = 0.02
#: Milliseconds after which the count of a process that says nothing more may go: it has ended long since.
_COUNT_KEPT_MS = 24 * 3600 * 1000


class MysqlSpelling:
    """The `podium.backends.sql.spelling.SqlSpelling` of MySQL and MariaDB."""

    dialect: Dialect = MySQLDialect_pymysql(paramstyle="format")
    empty_bytes = "X''"
    list_tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = database()"

    def keep(self, table: Table) -> Executable:
        """Insert a row, or leave the one that is there; IGNORE would pass over other faults too."""
        key = next(iter(table.primary_key))
        return mysql.insert(table).on_duplicate_key_update({key.name: key})

    def put(self, table: Table) -> Executable:
        """Insert a row, or overwrite the one that is there."""
        row = mysql.insert(table)
        return row.on_duplicate_key_update(
            {column.name: row.inserted[column.name] for column in table.c if not column.primary_key}
        )

    def contains(self, text: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text has another one in it; the columns' collation tells a from A."""
        return func.instr(text, part) > literal_column("0")

    like_any, like_special, like_escape = "%", "%_!", "!{}"

    def like(self, text: ColumnElement[Any], pattern: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text fits a pattern."""
        return text.like(pattern, escape="!")

    def holds(self, payload: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that bytes of JSON have a text in them, as UTF-8."""
        return func.instr(payload, cast(part, LargeBinary())) > literal_column("0")


class MysqlDriver:
    """The `podium.backends.sql.server.Driver` of PyMySQL."""

    spelling: SqlSpelling = MysqlSpelling()
    options: dict[str, Any] = {"connect_timeout": 10}  # noqa: RUF012  # a constant
    time = MYSQL_TIME
    error = pymysql.Error
    tells_what = False

    def __init__(self) -> None:
        self._name = f"commits:{os.getpid()}-{uuid4().hex[:8]}"

    def set_up(self, connection: Any) -> None:
        """Let transactions begin and end where we say so, without locks on gaps, and nothing be cut short."""
        connection.autocommit(value=True)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_S}")
            with suppress(pymysql.err.OperationalError):  # MySQL does not know it
                cursor.execute(f"SET SESSION idle_transaction_timeout = {IDLE_S}")

    def writer(self, connection: Any) -> BulkCursor:
        """Return a cursor that changes many rows by one statement."""
        return BulkCursor(connection)

    def searcher(self, connection: Any) -> Cursor:
        """Return a plain cursor: PyMySQL writes values into the text, and the server plans for them."""
        cursor: Cursor = connection.cursor()
        return cursor

    def begin(self, writer: BulkCursor) -> None:
        """Begin a transaction."""
        writer.execute("START TRANSACTION")

    def begin_reading(self, cursor: Cursor) -> None:
        """Begin a transaction that sees one moment."""
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")

    def lock_schema(self, cursor: Cursor) -> None:
        """Take a lock that ends with the connection."""
        cursor.execute("SELECT GET_LOCK('podium_schema', 60)")
        if [row[0] for row in cursor.fetchall()] != [1]:
            raise StoreUnavailable("another process is making or upgrading the schema, and does not end")

    def unlock_schema(self, cursor: Cursor) -> None:
        """Release the lock of `lock_schema`."""
        cursor.execute("SELECT RELEASE_LOCK('podium_schema')")

    def announce(self, writer: BulkCursor) -> None:
        """
        Count the commit.

        In a row of this process's own, so that commits of several do not wait for each other; by the time, so that a
        row that has not grown for a day can be told from one that has.
        """
        writer.execute(
            "INSERT INTO meta (name, value) VALUES (%s, floor(unix_timestamp(now(3)) * 1000))"
            " ON DUPLICATE KEY UPDATE value = greatest(value + 1, floor(unix_timestamp(now(3)) * 1000))",
            (self._name,),
        )

    def commit(self, writer: BulkCursor, about: Heard | None) -> None:  # it was told before
        """Commit."""
        writer.execute("COMMIT")

    def roll_back(self, writer: BulkCursor) -> None:
        """Roll back."""
        writer.execute("ROLLBACK")

    def listen(self, connect: Callable[[], Any]) -> Listening:
        """Begin to look at the counts of the others."""
        count = CommitCounts(connect, self._name)
        count.tidy()
        return CountListening(count, known=count(), calm_s=_CALM_S)

    def is_lost_race(self, error: Exception) -> bool:
        """Say whether the server undid the transaction in favour of another one."""
        return isinstance(error, pymysql.OperationalError) and error.args[:1] in {(code,) for code in _LOST_RACES}

    def is_callers_fault(self, error: Exception) -> bool:
        """Say whether the server refuses what it got."""
        return isinstance(error, _REFUSALS)

    def is_too_long(self, error: Exception) -> bool:
        """Say whether a text does not fit into its column."""
        return isinstance(error, pymysql.err.DataError) and error.args[0] == _TOO_LONG

    def refuses_text(self, error: Exception) -> bool:
        """Say that it keeps every text of Unicode."""
        return False


class CommitCounts:
    """The commits of all other processes, as one number that changes with each."""

    def __init__(self, connect: Callable[[], Any], name: str) -> None:
        self._connect = connect
        self._name = name

    def __call__(self) -> int:
        """Return the number."""
        rows = self._run(
            "SELECT COALESCE(SUM(value), 0) FROM meta WHERE name LIKE 'commits:%%' AND name <> %s", (self._name,)
        )
        return int(rows[0][0])

    def tidy(self) -> None:
        """Remove the rows of processes that ended long ago."""
        self._run(
            "DELETE FROM meta WHERE name LIKE 'commits:%%' AND value < unix_timestamp() * 1000 - %s", (_COUNT_KEPT_MS,)
        )

    def _run(self, sql: str, parameters: tuple[Any, ...]) -> Any:
        connection = self._connect()
        try:
            cursor = connection.cursor()
            cursor.execute(sql, parameters)
            rows = cursor.fetchall()
        except pymysql.Error as error:
            connection.invalidate()
            raise StoreUnavailable(f"the counts of commits cannot be read: {error}") from error
        finally:
            connection.close()
        return rows


def open_backend(url: str) -> SqlBackend:
    """
    Open, and if need be make or upgrade, the store in a MySQL or MariaDB database.

    Args:
        url: ``mysql://user:password@host:3306/database``, also ``mariadb://``, ``mysql+pymysql://``; options of PyMySQL
            behind a question mark, such as ``?ssl_ca=/path``.

    Raises:
        BackendError: The URL makes no sense, or the database is not Podium's, or is from a newer Podium.
        StoreUnavailable: The server cannot be reached.
    """
    return open_server(url, "mysql+pymysql", MysqlDriver())


if TYPE_CHECKING:
    _conforms: type[Driver[BulkCursor]] = MysqlDriver
