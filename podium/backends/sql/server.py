"""
A store in a database server: connections from SQLAlchemy's pool, transactions, and whose fault an error is.

What PostgreSQL and MySQL do differently is a `Driver` each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import URL, Engine, NullPool, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from podium.backends.sql.connecting import new_engine, server_url
from podium.backends.sql.database import Cursor, Values, Writer
from podium.backends.sql.queries import compile_statements
from podium.backends.sql.schema import prepare
from podium.backends.sql.spelling import SqlSpelling
from podium.backends.sql.store import SqlBackend
from podium.engine.ports import Heard
from podium.model.errors import (
    CommitUncertain,
    InternalError,
    LimitExceeded,
    PodiumError,
    StaleRun,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from podium.backends.sql.database import StoreDatabase
    from podium.engine.ports import Listening

#: Connections that are kept, and how many more there may be at once; a reader waits so long for one, in seconds.
_POOL_SIZE, _POOL_MORE, _POOL_PATIENCE_S = 5, 15, 10

#: Seconds for which rows stay locked that were reserved, if nothing is written meanwhile.
_RESERVED_S = 1.0

#: Seconds after which a server ends a transaction in which its client does nothing: it was stopped, or its machine is
#: gone; and how long a statement waits for a lock.
IDLE_S, LOCK_S = 10, 5


WriterT = TypeVar("WriterT", bound=Writer)


class Refused(Exception):  # it says what the server did
    """The server has undone the transaction that was to be committed; the cause says why."""


class Driver(Protocol[WriterT]):
    """What is different from server to server."""

    spelling: SqlSpelling
    #: Options of a new connection, beside those of the URL.
    options: dict[str, Any]
    #: Gives the server's time in epoch milliseconds.
    time: str
    #: See `podium.backends.sql.database.StoreDatabase`.
    tells_what: bool

    @property
    def error(self) -> type[Exception]:
        """The root of the driver's errors."""

    def set_up(self, connection: Any) -> None:
        """Prepare a new connection: reads without a transaction, rows that are committed."""

    def writer(self, connection: Any) -> WriterT:
        """Return a cursor that writes many rows at once as the database likes it; nobody else uses the connection."""

    def searcher(self, connection: Any) -> Cursor:
        """Return a cursor whose queries are planned for their values."""

    def begin(self, writer: WriterT) -> None:
        """Begin a transaction that writes, on a connection that may have been closed meanwhile."""

    def begin_reading(self, cursor: Cursor) -> None:
        """Begin a transaction that sees one moment."""

    def lock_schema(self, cursor: Cursor) -> None:
        """Hold off all other processes that would change the schema, as long as the connection does not end it."""

    def unlock_schema(self, cursor: Cursor) -> None:
        """Release the lock of `lock_schema`, so that other processes may migrate."""

    def announce(self, writer: WriterT) -> None:
        """Tell other processes of the commit that follows, in its transaction; see `listen`."""

    def commit(self, writer: WriterT, about: Heard | None) -> None:
        """
        Commit; with *about*, tell other processes, where it is told after the commit.

        Raises:
            Refused: Nothing was written.
            PodiumError: Likewise: what `Cursor.change` was given to raise.
            Exception: The driver's: it may or may not have been written.
        """

    def roll_back(self, writer: WriterT) -> None:
        """Undo a transaction."""

    def listen(self, connect: Callable[[], Any]) -> Listening:
        """Begin to hear of other processes' commits."""

    def is_lost_race(self, error: Exception) -> bool:
        """Say whether the server undid the transaction in favour of another one (a deadlock, for instance)."""

    def is_callers_fault(self, error: Exception) -> bool:
        """Say whether the server understood what it got, and refuses it for good."""

    def is_too_long(self, error: Exception) -> bool:
        """Say whether something that is found by its text has one that is longer than the server keeps."""

    def refuses_text(self, error: Exception) -> bool:
        """Say whether the server can keep no text such as one that it got; nothing that it holds is equal to that."""


class _Writer(NamedTuple, Generic[WriterT]):
    """The connection that writes."""

    connection: PoolProxiedConnection
    cursor: WriterT


class ServerDatabase(Generic[WriterT]):
    """The `podium.backends.sql.database.StoreDatabase` of a server: one connection that writes, a pool for reading."""

    is_shared = True
    is_serial = False
    is_durable = True
    mark = "%s"

    def __init__(self, url: URL, driver: Driver[WriterT]) -> None:
        self._driver = driver
        self.tells_what = driver.tells_what
        #: As errors show it: without the password.
        self._place = url.render_as_string(hide_password=True)
        self._engine: Engine = new_engine(
            url,
            driver.options,
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_MORE,
            pool_timeout=_POOL_PATIENCE_S,
            pool_reset_on_return=None,  # it is given back without a transaction
        )
        self._closed = False
        self._writer_lock = Lock()
        self._writer: _Writer[WriterT] | None = None
        self._has_company = True
        #: Since when it has been in a transaction for the sake of `reserve`; None if it is not.
        self._reserved_at: float | None = None

    # -- transactions --------------------------------------------------------------------------------------------------

    @contextmanager
    def write(self, about: Heard | None = None) -> Iterator[Writer]:
        """Run a transaction; see `podium.backends.sql.database.StoreDatabase.write`."""
        with self._writer_lock:
            # The locks have served: to wait for others while they hold would be to wait in a circle.
            self._release()
            cursor = self._begin()
            try:
                yield cursor
                if self._has_company:
                    self._driver.announce(cursor)
            except self._driver.error as error:
                self._undo()
                raise self._translated(error) from error
            except BaseException:
                self._undo()
                raise
            about = about or Heard()
            self._finish(cursor, about if self._has_company and not about.concerns_nobody else None)

    def meet(self, *, has_company: bool) -> None:
        """Tell others of commits from now on, or nobody."""
        self._has_company = has_company

    def reserve(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query that locks; see `podium.backends.sql.database.StoreDatabase.reserve`."""
        if not self.fetch(sql, *parameters):
            return []  # as most often, and then there is nothing to begin and to end
        with self._writer_lock:
            if self._reserved_at is not None and monotonic() - self._reserved_at > _RESERVED_S:
                self._release()  # others have waited long enough for what is not wanted here
            cursor = self._begin()
            rows: list[Any] = []
            try:
                for values in parameters:
                    cursor.execute(f"{sql} FOR UPDATE SKIP LOCKED", values)
                    rows += cursor.fetchall()
            except BaseException as error:
                self._undo()
                if isinstance(error, self._driver.error):
                    raise self._translated(error) from error
                raise
            if rows and self._reserved_at is None:
                self._reserved_at = monotonic()
            elif self._reserved_at is None:
                self._undo()
        return rows

    def _release(self) -> None:
        """Give up the locks of `reserve`."""
        if self._reserved_at is not None:
            self._undo()

    def _begin(self) -> WriterT:
        """Begin a transaction on the connection that writes, or go on with the one that `reserve` has begun."""
        if self._writer is not None:
            cursor = self._writer.cursor
            if self._reserved_at is not None:
                return cursor
            try:
                self._driver.begin(cursor)
            except self._driver.error:
                # The server has closed it meanwhile, and perhaps all that are idle. Nothing was asked of it yet.
                self._drop_writer()
                self._engine.dispose()
            else:
                return cursor
        connection = self._connect()
        try:
            cursor = self._driver.writer(connection.driver_connection)
            self._writer = _Writer(connection, cursor)
            self._driver.begin(cursor)
        except BaseException as error:
            self._drop_writer()
            if isinstance(error, self._driver.error):
                raise self._translated(error) from error
            raise
        return cursor

    def _finish(self, cursor: WriterT, about: Heard | None) -> None:
        try:
            self._driver.commit(cursor, about)
        except Refused as refused:
            raise self._translated(refused.__cause__ or refused) from refused.__cause__
        except PodiumError:
            raise
        except BaseException as error:
            self._drop_writer()
            if not isinstance(error, self._driver.error):
                raise
            if self._driver.is_lost_race(error):
                raise self._translated(error) from error
            # The connection may have ended after the server had committed.
            raise CommitUncertain(f"{self._place} broke off during a commit: {error}") from error

    def _undo(self) -> None:
        """Roll back; a connection that cannot do that is dropped, and what it wrote goes with it."""
        self._reserved_at = None
        if self._writer is not None:
            try:
                self._driver.roll_back(self._writer.cursor)
            except (self._driver.error, Refused):
                self._drop_writer()

    def _drop_writer(self) -> None:
        self._reserved_at = None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.connection.invalidate()
            writer.connection.close()

    @contextmanager
    def exclusive(self) -> Iterator[Cursor]:
        """Run a transaction that changes the schema, while no other process may."""
        with self._writer_lock:
            connection = self._connect()
            try:
                cursor = connection.cursor()
                self._driver.lock_schema(cursor)
                cursor.execute("START TRANSACTION")
                yield cursor
                cursor.execute("COMMIT")
                self._driver.unlock_schema(cursor)
            except self._driver.error as error:
                raise self._translated(error) from error
            finally:
                # With the connection ends the lock, whatever happened.
                connection.invalidate()
                connection.close()

    def fetch(self, sql: str, *parameters: Values) -> list[Any]:
        """Run a query for each set of parameters; see `podium.backends.sql.database.StoreDatabase.fetch`."""
        return self._reading(partial(self._fetch, sql, parameters))

    def search(self, sql: str, parameters: Values) -> list[Any]:
        """Run a query that is planned for its values; see `podium.backends.sql.database.StoreDatabase.search`."""
        return self._reading(partial(self._fetch, sql, (parameters,), self._driver.searcher))

    def _reading(self, read: Callable[[], list[Any]]) -> list[Any]:
        try:
            return read()
        except UnicodeEncodeError:
            return []  # the store holds nothing but Unicode, so nothing in it is what was asked for
        except StoreUnavailable as error:
            # Not where no connection was free: a new pool would open more than there may be.
            if self._closed or not isinstance(error.__cause__, self._driver.error):
                raise
            # The server may have closed connections that were idle; a second try gets a new one.
            self._engine.dispose()
            return read()

    def _fetch(
        self, sql: str, parameters: tuple[Values, ...], cursor_of: Callable[[Any], Any] | None = None
    ) -> list[Any]:
        connection = self._connect()
        try:
            cursor: Any = connection.cursor() if cursor_of is None else cursor_of(connection.driver_connection)
            if len(parameters) == 1:
                cursor.execute(sql, parameters[0])
                rows = list(cursor.fetchall())
            else:
                self._driver.begin_reading(cursor)
                rows = []
                for values in parameters:
                    cursor.execute(sql, values)
                    rows += cursor.fetchall()
                cursor.execute("COMMIT")
        except BaseException as error:
            connection.invalidate()
            connection.close()
            if not isinstance(error, self._driver.error):
                raise
            if isinstance(error, Exception) and self._driver.refuses_text(error):
                return []
            raise self._translated(error) from error
        connection.close()
        return rows

    def listen(self) -> Listening:
        """Begin to hear of commits by other processes; see `podium.engine.ports.WorkStore.listen`."""
        return self._driver.listen(self._connect)

    def time(self) -> int:
        """Return the server's time."""
        return int(self.fetch(self._driver.time, ())[0][0])

    def close(self) -> None:
        """Close all connections; closing twice is fine."""
        self._closed = True
        with self._writer_lock:
            self._drop_writer()
        self._engine.dispose()

    # -- connections ---------------------------------------------------------------------------------------------------

    def _connect(self) -> PoolProxiedConnection:
        if self._closed:
            raise StoreUnavailable(f"{self._place} was closed")
        try:
            connection = self._engine.raw_connection()
        except self._driver.error as error:
            raise self._translated(error, begun=False) from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"{self._place}: {error}") from error
        if not connection.info.get("podium"):
            try:
                self._driver.set_up(connection.driver_connection)
            except BaseException as error:
                connection.invalidate()
                connection.close()
                if isinstance(error, self._driver.error):
                    raise self._translated(error, begun=False) from error
                raise
            connection.info["podium"] = True
        return connection

    def upgrade(self) -> None:
        """Bring an older schema up to date."""
        from podium.backends.sql import migrations

        engine = new_engine(self._engine.url, self._driver.options, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                cursor: Any = connection.connection.cursor()
                self._driver.lock_schema(cursor)
                with connection.begin():
                    migrations.upgrade(connection)
        except DBAPIError as error:
            raise self._translated(error.orig or error) from error
        finally:
            engine.dispose()

    def _translated(self, error: BaseException, *, begun: bool = True) -> PodiumError:
        """Say what an error of the driver means."""
        message = f"{self._place}: {' '.join(str(error).split())}"
        if not isinstance(error, Exception):
            return StoreUnavailable(message)
        if self._driver.is_lost_race(error):
            return StaleRun(message)
        if begun and self._driver.is_too_long(error):
            return LimitExceeded("a name or an id is longer than this database keeps; 255 characters always fit")
        if begun and self._driver.is_callers_fault(error):
            return InternalError(message)
        return StoreUnavailable(message)


def open_server(url: str, driver_name: str, driver: Driver[WriterT]) -> SqlBackend:
    """
    Open, and if need be make or upgrade, the store in a server's database.

    Args:
        url: ``scheme://user:password@host:port/database``; what stands behind a question mark goes to the driver.
        driver_name: The scheme with which SQLAlchemy finds dialect and driver.
        driver: The differences.

    Raises:
        BackendError: The URL makes no sense, or the database is not Podium's, or is from a newer Podium.
        StoreUnavailable: The server cannot be reached.
    """
    parsed = server_url(url, driver_name)
    database = ServerDatabase(parsed, driver)
    statements = compile_statements(driver.spelling)
    try:
        prepare(database, statements, database.upgrade)
    except BaseException:
        database.close()
        raise
    return SqlBackend(database, statements)


if TYPE_CHECKING:
    _conforms: type[StoreDatabase] = ServerDatabase[Any]
