"""
A store in an SQLite file.

Other processes of the same machine may use the file at the same time: writers take turns, readers never wait. The
journal is a write-ahead log (WAL), so the file has two companions, ``-wal`` and ``-shm``, while it is open.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import TYPE_CHECKING, Any

from attrs import frozen

from podium.backends.sql.counting import CountListening
from podium.backends.sql.database import Values, Writer
from podium.backends.sql.schema import prepare
from podium.backends.sql.sqlite_payloads import PUT, set_apart
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.backends.sql.store import SqlBackend
from podium.model.errors import BackendError, CommitUncertain, InternalError, PodiumError, StoreUnavailable

if TYPE_CHECKING:
    from podium.backends.sql.database import StoreDatabase
    from podium.engine.ports import Heard, Listening

_HELP = "write sqlite:///relative.db or sqlite:////absolute.db"
_SYNCHRONOUS = ("FULL", "NORMAL", "EXTRA")

#: What a message about a file that is gone ends with.
_GONE = "it was deleted, moved or replaced while it was open. Nothing was written; put it back, or connect anew"

#: Most connections that wait for the next reader; more readers at once open more, and close them.
_IDLE_READERS_MAX = 4

#: How long a query waits for another one's connection when no file can be opened, in seconds.
_IDLE_PATIENCE_S = 0.2

#: Time between two tries to get the write lock from another process, in seconds; about as long as a commit takes.
_BUSY_PAUSE_S = 0.001

#: Time between two looks whether the log is still the same file, in seconds.
_LOG_S = 0.1

_BEGIN = "BEGIN IMMEDIATE"


@frozen(kw_only=True)
class SqliteOptions:
    """What a URL says after its question mark."""

    #: With FULL a commit survives a crash of the machine; with NORMAL the last ones may be lost then, but not when only
    #: the process dies.
    synchronous: str = "FULL"
    #: How long to wait for other processes that write, in milliseconds.
    busy_timeout_ms: int = 10_000


def open_backend(url: str) -> SqlBackend:
    """
    Open, and if need be make or upgrade, the store in a file.

    Args:
        url: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``, perhaps with ``?synchronous=NORMAL`` or
            ``?busy_timeout_ms=500``; see `SqliteOptions`.

    Raises:
        BackendError: The URL makes no sense, the file is not a database, is not Podium's, or is from a newer Podium.
        StoreUnavailable: The file cannot be opened, or another process locked it for too long.
    """
    path, options = _parse(url)
    _refuse_place(path)
    database = SqliteDatabase(path, options)
    try:
        prepare(database, STATEMENTS, database.upgrade)
    except BaseException:
        database.close()
        raise
    return SqlBackend(database, STATEMENTS)


def file_of(url: str) -> str:
    """
    Return the absolute path of the file that a URL names.

    Raises:
        BackendError: The URL makes no sense.
    """
    return _parse(url)[0]


def _parse(url: str) -> tuple[str, SqliteOptions]:
    """Read a URL: the file's absolute path, and the options."""
    place, _, query = url.partition("?")
    _, slashes, path = place.partition(":///")
    if not slashes or path in {"", ":memory:"}:
        raise BackendError(f"an SQLite store is a file: {_HELP}, or memory:// for a store that ends with the process")
    given: dict[str, Any] = {}
    for item in filter(None, query.split("&")):
        name, _, value = item.partition("=")
        if name == "synchronous" and value.upper() in _SYNCHRONOUS:
            given[name] = value.upper()
        elif name == "busy_timeout_ms" and value.isdecimal():
            given[name] = int(value)
        else:
            raise BackendError(
                f"an SQLite store has no option {item!r}; known are synchronous={'|'.join(_SYNCHRONOUS)}"
                " and busy_timeout_ms=<milliseconds>",
            )
    # The process may change its folder before the next connection is opened, and SQLite keeps the log beside the file
    # that a link leads to.
    return os.path.realpath(path), SqliteOptions(**given)


def _refuse_place(path: str) -> None:
    """Refuse a path where no file can be, which SQLite calls no more than a file that it cannot open."""
    folder = os.path.dirname(path)  # noqa: PTH120 - as in `_parse`
    if os.path.isdir(path):  # noqa: PTH112 - as in `_parse`
        raise StoreUnavailable(f"the SQLite file {path} is a folder; {_HELP}")
    if not os.path.isdir(folder):  # noqa: PTH112 - as in `_parse`
        raise StoreUnavailable(f"the SQLite file {path} has no folder to be in; make {folder}, or name another")


class _Transactions:
    """
    One transaction after the other, as a context manager; no generator, because each step of a run needs one.

    Args:
        lock: Held as long as a transaction lasts.
        begin: Begins one.
        end: Ends it; is told the error that broke it off, or None.
    """

    __slots__ = ("_begin", "_end", "_lock")

    def __init__(self, lock: Lock, begin: Callable[[], Writer], end: Callable[[BaseException | None], None]) -> None:
        self._lock = lock
        self._begin = begin
        self._end = end

    def __enter__(self) -> Writer:
        self._lock.acquire()
        try:
            return self._begin()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            self._end(error)
        finally:
            self._lock.release()


class _WritingCursor(sqlite3.Cursor):
    """The `podium.backends.sql.database.Writer` of a transaction."""

    def change(self, sql: str, parameters: Sequence[Values], or_else: Callable[[], Exception]) -> None:
        """Run a statement that must change a row for each row of parameters."""
        parameters, payloads = set_apart(sql, parameters)
        try:
            self.executemany(sql, parameters)
        except sqlite3.IntegrityError as error:
            raise or_else() from error
        if self.rowcount != len(parameters):
            raise or_else()
        if payloads:
            self.executemany(PUT, payloads)


class SqliteDatabase:
    """The `podium.backends.sql.database.StoreDatabase` of one file: one connection that writes, a few that read."""

    is_shared = True
    is_serial = True
    is_durable = True
    tells_what = False
    mark = "?"

    def __init__(self, path: str, options: SqliteOptions) -> None:
        self._path = path
        self._log_path = f"{path}-wal"
        self._options = options
        self._closed = False
        self._writer_lock = Lock()
        self._transactions = _Transactions(self._writer_lock, self._begin, self._end)
        self._writer: sqlite3.Connection | None = None
        #: Idle connections; append and pop of a list need no lock.
        self._readers: list[sqlite3.Connection] = []
        #: Device and number of the database file and of its log, as they were first seen.
        self._files: dict[str, tuple[int, int]] = {}
        self._log_seen_at = -_LOG_S

    # -- transactions --------------------------------------------------------------------------------------------------

    def write(self, about: Heard | None = None) -> AbstractContextManager[Writer]:  # a count tells
        """Run a transaction; see `podium.backends.sql.database.StoreDatabase.write`."""
        return self._transactions

    #: SQLite lets one process write at a time, the schema as all else.
    exclusive = write

    def meet(self, *, has_company: bool) -> None:
        """Nothing: SQLite counts commits by itself."""

    def _begin(self) -> Writer:
        """Start the transaction with the write lock: one that reads first could find itself unable to write."""
        try:
            if self._closed:
                raise StoreUnavailable(f"the SQLite file {self._path} was closed")
            writer = self._writer or self._open_writer()
            self._refuse_if_gone(self._path)
            try:
                writer.execute(_BEGIN)
            except sqlite3.OperationalError:
                self._patiently(writer, _BEGIN)
        except (sqlite3.Error, MemoryError) as error:
            raise self._translated(error) from error
        try:
            self._refuse_if_log_is_gone()
            return writer.cursor(_WritingCursor)
        except BaseException as error:
            self._end(error)
            raise

    def _end(self, error: BaseException | None) -> None:
        """Commit what was written, or undo it because of an error."""
        writer = self._writer
        assert writer is not None, "a transaction has begun"
        if error is None:
            self._finish(writer)
            return
        self._undo(writer)
        if isinstance(error, sqlite3.Error | MemoryError):
            raise self._translated(error) from error

    def _open_writer(self) -> sqlite3.Connection:
        self._writer = self._connect()
        # SQLite waits ever longer between two tries, up to 0.1 s, and starves beside a busy process.
        self._writer.execute("PRAGMA busy_timeout = 0")
        return self._writer

    def reserve(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query for each set of parameters: there is no lock of a row here, only one of the whole file."""
        return self.fetch(sql, *parameters)

    def time(self) -> None:
        """Return nothing: the file is on this machine."""

    def listen(self) -> Listening:
        """Begin to hear of commits by other processes; see `podium.engine.ports.Backend`."""
        with self._writer_lock:  # the count must be known before this process writes, or that is taken for another's
            return CountListening(self._count, known=self._data_version())

    def _count(self) -> int | None:
        """Return a number that changes with each commit of another process; None while this one writes."""
        if not self._writer_lock.acquire(blocking=False):
            return None
        try:
            return self._data_version()
        finally:
            self._writer_lock.release()

    def _data_version(self) -> int | None:
        if self._closed:
            return None
        try:
            # On the connection that writes, so that what this process commits does not count.
            ((count,),) = (self._writer or self._open_writer()).execute("PRAGMA data_version").fetchall()
            return int(count)
        except (sqlite3.Error, MemoryError) as error:
            if _code(error) == sqlite3.SQLITE_BUSY:
                return None
            raise self._translated(error) from error

    def _refuse_if_gone(self, path: str) -> None:
        """
        Look whether a file that is open still has its name: what is written into one that has none is lost.

        Raises:
            StoreUnavailable: It has not.
        """
        try:
            found = os.stat(path)  # noqa: PTH116 - once for each commit, and pathlib costs as much again
        except OSError as error:
            raise StoreUnavailable(f"the SQLite file {path} is gone ({error.strerror}): {_GONE}") from error
        if self._files.setdefault(path, (found.st_dev, found.st_ino)) != (found.st_dev, found.st_ino):
            raise StoreUnavailable(f"the SQLite file {path} is another one than was opened: {_GONE}")

    def _refuse_if_log_is_gone(self) -> None:
        """Look whether the log has its name, and now and then whether that is still the same file's."""
        # Who asks for the times of a file makes the system write them down anew with the file's next write (Linux since
        # 6.13): a tenth of the time of a run alone. To ask whether there is a file asks for no times.
        now = time.monotonic()
        if now < self._log_seen_at + _LOG_S and os.access(self._log_path, os.F_OK):
            return
        self._refuse_if_gone(self._log_path)  # it is there as soon as something was read
        self._log_seen_at = now

    def _patiently(self, connection: sqlite3.Connection, command: str) -> list[Any]:
        """Run a command until no other process is in its way, or the time is up."""
        deadline: float | None = None
        while True:
            try:
                return connection.execute(command).fetchall()
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                deadline = deadline or now + self._options.busy_timeout_ms / 1000
                if _code(error) != sqlite3.SQLITE_BUSY or now >= deadline:
                    raise
            time.sleep(_BUSY_PAUSE_S)

    def _undo(self, connection: sqlite3.Connection) -> None:
        """Roll back; a connection that cannot do that is dropped, and what it wrote goes with it."""
        try:
            connection.rollback()
        except (sqlite3.Error, MemoryError):
            self._writer = None
            connection.close()
            self._files.pop(self._log_path, None)  # the last connection to close removes it
            self._log_seen_at = -_LOG_S

    def _finish(self, connection: sqlite3.Connection) -> None:
        """Commit."""
        try:
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(connection)
            if not isinstance(error, sqlite3.Error | MemoryError):
                raise
            if _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}:
                raise self._translated(error) from error
            # The log may have got the commit's mark before the error, and then the next process to open it believes it.
            raise CommitUncertain(f"the SQLite file {self._path} broke off during a commit: {error}") from error

    def fetch(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query for each set of parameters; see `podium.backends.sql.database.StoreDatabase.fetch`."""
        reader = self._reader()
        try:
            if len(parameters) == 1:
                rows: list[Any] = reader.execute(sql, parameters[0]).fetchall()
            else:
                reader.execute("BEGIN")
                rows = [row for values in parameters for row in reader.execute(sql, values)]
                reader.execute("COMMIT")
        except BaseException as error:
            reader.close()
            if isinstance(error, UnicodeEncodeError):
                return []  # the store holds nothing but Unicode, so nothing in it is what was asked for
            if isinstance(error, sqlite3.Error | MemoryError):
                raise self._translated(error) from error
            raise
        self._readers.append(reader)
        if self._closed:
            self._drop_readers(0)
        elif len(self._readers) > _IDLE_READERS_MAX:
            self._drop_readers(_IDLE_READERS_MAX)
        return rows

    def search(self, sql: str, parameters: Values) -> list[Any]:
        """Run a query; SQLite plans by the indexes, whatever the values."""
        return self.fetch(sql, parameters)

    def _reader(self) -> sqlite3.Connection:
        """Take an idle connection, or open one; where none can be opened for now, wait a moment for an idle one."""
        deadline = time.monotonic() + _IDLE_PATIENCE_S
        while True:
            try:
                return self._readers.pop()
            except IndexError:
                pass
            try:
                return self._connect_reader()
            except StoreUnavailable:
                if self._closed or time.monotonic() >= deadline:
                    raise
            time.sleep(_BUSY_PAUSE_S)

    def _drop_readers(self, keep: int) -> None:
        """Close idle readers; other threads may do the same, or take one, at the same time."""
        while len(self._readers) > keep:
            try:
                self._readers.pop().close()
            except IndexError:
                return

    def close(self) -> None:
        """Close all connections; closing twice is fine."""
        self._closed = True
        with self._writer_lock:
            self._drop_readers(0)
            if self._writer is not None:
                # Last, because the last connection to close tidies the log away.
                self._writer.close()
                self._writer = None

    # -- connections ---------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        """Open a connection that may write."""
        if self._files:
            self._refuse_if_gone(self._path)  # SQLite would make a new one, or read another one
        connection = sqlite3.connect(
            self._path,
            timeout=self._options.busy_timeout_ms / 1000,
            isolation_level=None,  # transactions begin and end where we say so
            check_same_thread=False,  # one thread at a time uses it; which one may change
        )
        try:
            self._set_up(connection)
            self._refuse_if_gone(self._path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        # While two processes make a new file, SQLite itself does not wait here.
        ((mode,),) = self._patiently(connection, "PRAGMA journal_mode = WAL")
        if mode != "wal":
            raise BackendError(f"{self._path} is on a file system where SQLite cannot keep a write-ahead log")
        connection.execute(f"PRAGMA synchronous = {self._options.synchronous}")

    def _connect_reader(self) -> sqlite3.Connection:
        """Open a connection for queries."""
        if self._closed:
            raise StoreUnavailable(f"the SQLite file {self._path} was closed")
        try:
            connection = self._connect()
            connection.execute("PRAGMA query_only = 1")
        except (sqlite3.Error, MemoryError) as error:
            raise self._translated(error) from error
        return connection

    def upgrade(self) -> None:
        """Bring an older schema up to date."""
        from sqlalchemy import NullPool, create_engine
        from sqlalchemy.exc import DBAPIError

        from podium.backends.sql import migrations

        engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                # Holds other processes off until all steps are done; who waits here finds nothing left to do.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                migrations.upgrade(connection)
                connection.commit()
        except sqlite3.Error as error:
            raise self._translated(error) from error
        except DBAPIError as error:
            raise StoreUnavailable(f"the SQLite file {self._path} could not be upgraded: {error.orig}") from error

    def _translated(self, error: sqlite3.Error | MemoryError) -> PodiumError:
        """Return our word for an error of SQLite's; the only place that knows both."""
        message = f"the SQLite file {self._path}: {str(error) or 'out of memory'}"
        if self._closed:
            return StoreUnavailable(f"the SQLite file {self._path} was closed")
        try:
            self._refuse_if_gone(self._path)  # says more than "no such table" and "disk I/O error"
        except StoreUnavailable as gone:
            return gone
        if _code(error) == sqlite3.SQLITE_NOTADB:
            return BackendError(message)
        if _code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} and (why := _why_not_written(self._path)):
            message += f" ({why})"
        if isinstance(error, sqlite3.OperationalError | MemoryError) or type(error) is sqlite3.DatabaseError:
            return StoreUnavailable(message)
        return InternalError(message)


def _why_not_written(path: str) -> str | None:
    """Say why a file cannot be written, for SQLite does not; None if it can be, as far as is seen."""
    folder = os.path.dirname(path) or "."  # noqa: PTH120  # nothing here needs pathlib
    for place, name in ((path, "the file"), (folder, "its folder, where the log of writes belongs,")):
        if os.path.exists(place) and not os.access(place, os.W_OK):  # noqa: PTH110  # as above
            return f"{name} is read-only for this process"
    return None


def _code(error: Exception) -> int:
    """Return the primary result code; errors that come from Python's own module have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


if TYPE_CHECKING:
    _conforms: type[StoreDatabase] = SqliteDatabase
