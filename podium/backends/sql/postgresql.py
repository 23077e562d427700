"""
A store in a PostgreSQL database, through psycopg 3.

Several engine processes may work on it, on any machines. Each commit notifies the others (``NOTIFY podium``).
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable, Table, func, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from podium.backends.sql.connecting import POSTGRESQL_TIME
from podium.backends.sql.database import Cursor
from podium.backends.sql.postgresql_pipeline import PipelineCursor
from podium.backends.sql.server import IDLE_S, LOCK_S, Driver, open_server
from podium.backends.sql.store import SqlBackend
from podium.engine.ports import Heard
from podium.model.errors import BackendError, StoreUnavailable

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

    from podium.backends.sql.spelling import SqlSpelling
    from podium.engine.ports import Listening

#: The number of the lock that keeps two processes from making the schema at once; any number that nobody else takes.
_SCHEMA_LOCK = 0x706F6469756D

#: Most bytes of what a notification says; PostgreSQL takes 8,000.
_TOLD_MAX = 7_900

#: Classes of errors (SQLSTATE) in which the server refuses what it got: data, constraints, syntax, features, limits.
_REFUSALS = ("0A", "21", "22", "23", "42", "54")
#: A text that the server's encoding does not have.
_NO_TEXT = "22021"
#: The user may not do that: somebody will let him, or open the store as another one.
_NO_RIGHT = "42501"
#: A limit of the server's own, such as that of a row of an index.
_TOO_LONG = "54000"
#: Serialisation failures and deadlocks; a lock that was not to be had.
_LOST_RACES = ("40", "55P03")

#: Each of our statements has its index, and rows are to be found and locked in the order that is asked for. A server
#: that knows nothing yet of a table that grows fast would read all of it, and keep to that plan for each commit.
_SESSION = "; ".join(
    f"SET {name} = {value}"
    for name, value in {
        "idle_in_transaction_session_timeout": f"'{IDLE_S}s'",
        "lock_timeout": f"'{LOCK_S}s'",
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
    }.items()
)


class PostgresqlSpelling:
    """The `podium.backends.sql.spelling.SqlSpelling` of PostgreSQL."""

    dialect: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]  # SQLAlchemy's
    empty_bytes = "''::bytea"
    list_tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"

    def keep(self, table: Table) -> Executable:
        """Insert a row, or leave the one that is there."""
        return postgresql.insert(table).on_conflict_do_nothing()

    def put(self, table: Table) -> Executable:
        """Insert a row, or overwrite the one that is there."""
        row = postgresql.insert(table)
        return row.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={column.name: row.excluded[column.name] for column in table.c if not column.primary_key},
        )

    def contains(self, text: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text has another one in it."""
        return func.strpos(text, part) > literal_column("0")

    like_any, like_special, like_escape = "%", "%_!", "!{}"

    def like(self, text: ColumnElement[Any], pattern: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that a text fits a pattern."""
        return text.like(pattern, escape="!")

    def holds(self, payload: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Say that bytes of JSON have a text in them, as UTF-8."""
        return func.pg_catalog.position(payload, func.convert_to(part, literal_column("'UTF8'"))) > literal_column("0")


class PostgresqlDriver:
    """The `podium.backends.sql.server.Driver` of psycopg."""

    spelling: SqlSpelling = PostgresqlSpelling()
    #: A server that is gone without a word is noticed within half a minute.
    options: dict[str, Any] = {  # noqa: RUF012  # a constant
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "application_name": "podium",
    }
    time = POSTGRESQL_TIME
    error = psycopg.Error
    tells_what = True

    def __init__(self) -> None:
        #: Who notifies, so that a process does not hear itself.
        self._token = f"{os.getpid()}-{uuid4().hex[:8]}"

    def set_up(self, connection: Any) -> None:
        """Let transactions begin and end where we say so, and those of a client that is gone not hold others up."""
        encoding = (connection.pgconn.parameter_status(b"server_encoding") or b"").decode()
        if encoding not in {"UTF8", "SQL_ASCII"}:
            raise BackendError(f"the database's encoding is {encoding}, which has not all letters; make it with UTF8")
        connection.autocommit = True
        connection.execute(_SESSION, prepare=False)

    def writer(self, connection: Any) -> PipelineCursor:
        """Return a cursor that sends a transaction as a whole."""
        return PipelineCursor(connection)

    def searcher(self, connection: Any) -> Cursor:
        """Return a cursor that writes values into the text: with marks, the server would plan for any value."""
        return psycopg.ClientCursor(connection)

    def begin(self, writer: PipelineCursor) -> None:
        """Make sure that the server is there: a transaction begins with its first statement."""
        writer.begin()

    def begin_reading(self, cursor: Cursor) -> None:
        """Begin a transaction that sees one moment."""
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def lock_schema(self, cursor: Cursor) -> None:
        """Take a lock that ends with the connection."""
        cursor.execute("SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = 0")
        cursor.execute(f"SELECT pg_advisory_lock({_SCHEMA_LOCK})")

    def unlock_schema(self, cursor: Cursor) -> None:
        """Release the lock of `lock_schema`."""
        cursor.execute(f"SELECT pg_advisory_unlock({_SCHEMA_LOCK})")

    def announce(self, writer: PipelineCursor) -> None:
        """Nothing: commits that notify go one by one through the whole server, and none could share a flush."""

    def commit(self, writer: PipelineCursor, about: Heard | None) -> None:
        """Commit, and notify right behind it: a transaction of its own, which has nothing to flush."""
        writer.commit(None if about is None else _written(self._token, about))

    def roll_back(self, writer: PipelineCursor) -> None:
        """Roll back."""
        writer.rollback()

    def listen(self, connect: Callable[[], Any]) -> Listening:
        """Begin to listen."""
        return PostgresqlListening(connect, self._token)

    def is_lost_race(self, error: Exception) -> bool:
        """Say whether the server undid the transaction in favour of another one."""
        return _state(error).startswith(_LOST_RACES)

    def is_callers_fault(self, error: Exception) -> bool:
        """Say whether the server refuses what it got."""
        # psycopg itself refuses what it cannot write, a text with a NUL for instance: without a state.
        state = _state(error)
        if state == _NO_RIGHT:
            return False
        return state.startswith(_REFUSALS) or type(error) in {
            psycopg.DataError,
            psycopg.ProgrammingError,
        }

    def is_too_long(self, error: Exception) -> bool:
        """Say whether a text does not fit into an index, which takes some 2,700 bytes."""
        return _state(error) == _TOO_LONG

    def refuses_text(self, error: Exception) -> bool:
        """Say whether there is a U+0000 in it, which psycopg refuses itself, or the server."""
        return _state(error) == _NO_TEXT or (type(error) is psycopg.DataError and "NUL (0x00)" in str(error))


def _written(token: str, about: Heard) -> bytes:
    """Return what a notification says: who, and what was done, or nothing if that is too long."""
    told = [None if part is None else list(part) for part in about[:3]]
    text = orjson.dumps([token, *told, about.is_plain])
    return text if len(text) <= _TOLD_MAX else orjson.dumps([token, None, None, None, False])


def _read(payload: bytes) -> Heard:
    """Return what a notification says; who sends another one says no more than that there was a commit."""
    try:
        _, *told, is_plain = orjson.loads(payload)
        ended, taken, queues = (None if part is None else frozenset(part) for part in told)
    except (ValueError, TypeError):
        return Heard()
    return Heard(ended, taken, queues, is_plain=bool(is_plain))


def _state(error: Exception) -> str:
    return getattr(error, "sqlstate", None) or ""


class PostgresqlListening:
    """
    Waits for notifications on a connection of its own.

    Args:
        connect: Opens a connection.
        token: What this process notifies with.
    """

    def __init__(self, connect: Callable[[], Any], token: str) -> None:
        self._connect = connect
        #: How all begins that this process says itself.
        self._own = orjson.dumps([token])[:-1]
        self._is_closed = False
        #: Held while the connection is used, so that nobody closes it under the one who waits.
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = self._listen()

    def _listen(self) -> psycopg.Connection[Any]:
        pooled = self._connect()
        connection: psycopg.Connection[Any] = pooled.driver_connection
        pooled.detach()  # it is never given back
        result = connection.pgconn.exec_(b"LISTEN podium")
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
        return connection

    def wait(self, timeout_s: float) -> Heard | None:
        """Wait for a commit of another process; see `podium.engine.ports.Listening.wait`."""
        with self._lock:
            if self._is_closed:
                return None
            try:
                if self._connection is None:
                    self._connection = self._listen()
                    return Heard()  # who knows what was said meanwhile
                others = self._others(self._connection.pgconn, monotonic() + timeout_s)
                return reduce(Heard.and_also, map(_read, others)) if others else None
            except psycopg.Error as error:
                if not self._is_closed:  # else another thread has ended it
                    self._hang_up()
                    raise StoreUnavailable(f"the connection that listens was lost: {error}") from error

    def _others(self, line: PGconn, deadline: float) -> list[bytes]:
        """Wait for what others say, by libpq itself: psycopg takes ten times as long for each notification."""
        poll = select.poll()
        poll.register(line.socket, select.POLLIN)
        while True:
            poll.poll(max(0.0, deadline - monotonic()) * 1_000)
            line.consume_input()
            told = list(iter(line.notifies, None))
            others = [one.extra for one in told if not one.extra.startswith(self._own)]
            if others or monotonic() >= deadline:
                return others

    def hurry(self) -> None:
        """Nothing: a notification comes at once."""

    def close(self) -> None:
        """End the wait, and the connection."""
        self._is_closed = True
        connection = self._connection
        if connection is not None:
            # Wakes the one who waits: psycopg itself must not be called by two threads at once.
            with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def open_backend(url: str) -> SqlBackend:
    """
    Open, and if need be make or upgrade, the store in a PostgreSQL database.

    Args:
        url: ``postgresql://user:password@host:5432/database``, also ``postgresql+psycopg://``; options of libpq behind
            a question mark, such as ``?sslmode=require``.

    Raises:
        BackendError: The URL makes no sense, or the database is not Podium's, or is from a newer Podium.
        StoreUnavailable: The server cannot be reached.
    """
    return open_server(url, "postgresql+psycopg", PostgresqlDriver())


if TYPE_CHECKING:
    _conforms: type[Driver[PipelineCursor]] = PostgresqlDriver
    _listens: type[Listening] = PostgresqlListening
