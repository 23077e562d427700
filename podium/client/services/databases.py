"""JDBC: SQL databases by way of SQLAlchemy, under the names that definitions call them by."""

from __future__ import annotations

import base64
import os
import re
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from podium.engine.service_ports import Databases, Statement, StatementRefused, WrongCount
from podium.engine.tasks.jdbc import run_statement
from podium.engine.tasks.outcome import Outcome
from podium.model.assignments import Assignment
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

#: What a question mark may stand in, where it is no parameter: texts, names, comments; and two of them.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|\?\??|:", re.DOTALL
)
_PREFIX = "PODIUM_DATABASE_"
_URL = re.compile(r"[A-Za-z][\w.]*(\+\w+)?://")


@frozen(kw_only=True)
class Database:
    """
    A database that JDBC tasks may use.

    Example:
        >>> shop = Database(url="sqlite:///shop.db", rows_max=100)
        >>> client = podium.connect("memory://", databases={"shop": shop})  # doctest: +SKIP
    """

    #: As SQLAlchemy writes it, such as ``postgresql+psycopg://user:secret@db.example.com/shop``.
    url: str = field(repr=False)
    #: Most rows that a SELECT may give; one that gives more fails.
    rows_max: int = 10_000
    #: More arguments of SQLAlchemy's ``create_engine``, such as ``connect_args`` and ``pool_size``.
    options: Mapping[str, Any] = field(factory=dict, repr=False)


class Jdbc:
    """Runs the statements of JDBC tasks; *databases* are those that they may name."""

    task_type: str = TaskType.JDBC.value
    size: int = 8

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    def perform(self, assignment: Assignment) -> Outcome:
        """Run a statement."""
        return run_statement(assignment.input, self._databases)

    def close(self) -> None:
        """Close connections."""
        self._databases.close()


class SqlDatabases:
    """Databases by name; each is connected to when it is first asked."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._known = dict(databases)
        self._lock = threading.Lock()
        self._engines: dict[str, Engine] = {}

    @property
    def names(self) -> Collection[str]:
        """The names of the databases that are there."""
        return self._known.keys()

    def select(self, statement: Statement) -> list[JsonValue]:
        """Return the rows that a statement gives; see `podium.engine.service_ports.Databases`."""
        most = self._known[statement.database].rows_max
        with self._transaction(statement.database) as connection:
            result = connection.execute(*_prepared(statement))
            if not result.returns_rows:
                raise StatementRefused("the statement gives no rows; its type is UPDATE")
            rows = result.mappings().fetchmany(most + 1)
        if len(rows) > most:
            raise StatementRefused(f"the statement gives more than {most:,} rows, the limit; let it give fewer (LIMIT)")
        return [{str(name): _as_json(value) for name, value in row.items()} for row in rows]

    def update(self, statement: Statement, expected: int) -> int:
        """Change rows; see `podium.engine.service_ports.Databases`."""
        with self._transaction(statement.database) as connection:
            count = max(0, connection.execute(*_prepared(statement)).rowcount)
            if expected > 0 and count != expected:
                raise WrongCount(count, expected)
        return count

    @contextmanager
    def _transaction(self, name: str) -> Iterator[Connection]:
        """Begin a transaction, which is rolled back if anything is raised; say errors in the database's own words."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            with self._engine(name).begin() as connection:
                yield connection
        except DBAPIError as error:
            raise OSError(str(error.orig)) from None  # the statement and its values may hold secrets
        except SQLAlchemyError as error:
            raise OSError(f"{type(error).__name__}: {error}") from None

    def _engine(self, name: str) -> Engine:
        with self._lock:
            if name not in self._engines:
                self._engines[name] = _made(name, self._known[name])
            return self._engines[name]

    def close(self) -> None:
        """Close connections; closing twice is fine."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def checked_databases(given: Mapping[str, str | Database] | None) -> Mapping[str, Database]:
    """
    Return databases by name: those that are given, and before them those that the environment names.

    ``PODIUM_DATABASE_shop`` is the address of the database ``shop``, for programs that take no arguments.

    Raises:
        InvalidRequest: One of them is no address of a database.
    """
    if not isinstance(given or {}, Mapping):
        raise InvalidRequest(
            f"databases= maps names to addresses, such as {{'shop': 'sqlite:///shop.db'}}, not {shown(given)}"
        )
    of_environment = {name.removeprefix(_PREFIX): url for name, url in os.environ.items() if name.startswith(_PREFIX)}
    return {name: _checked(name, one) for name, one in {**of_environment, **(given or {})}.items()}


def _checked(name: str, given: str | Database) -> Database:
    database = Database(url=given) if isinstance(given, str) else given
    if not isinstance(database, Database) or not isinstance(database.url, str) or not _URL.match(database.url):
        raise InvalidRequest(
            f"databases: {name!r} must be an address such as 'sqlite:///shop.db' or "
            "'postgresql+psycopg://user@host/shop', or a podium.client.Database"
        )
    return database


def _made(name: str, database: Database) -> Engine:
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import StaticPool

    options: dict[str, Any] = {"pool_pre_ping": True}
    try:
        url = sqlalchemy.make_url(database.url)
        if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
            # It lives in its connection, so all threads share that one.
            options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        return sqlalchemy.create_engine(url, **{**options, **database.options})
    except (NoSuchModuleError, ImportError) as error:
        raise StatementRefused(f"the driver of the database {name!r} is not installed: {error}") from None
    except (ArgumentError, TypeError, ValueError):
        words = "its address or its options are not what SQLAlchemy takes"
        raise StatementRefused(f"the database {name!r} cannot be used: {words}") from None


def _prepared(statement: Statement) -> tuple[Any, dict[str, Any]]:
    """Return a statement and its parameters by name, as SQLAlchemy writes them for every driver."""
    from sqlalchemy import text

    marks = 0

    def named(match: re.Match[str]) -> str:
        nonlocal marks
        if match[0] == "?":
            marks += 1
            return f":p{marks}"
        # A colon would begin a parameter for SQLAlchemy, in texts and comments too.
        return "?" if match[0] == "??" else match[0].replace(":", "\\:")

    written = _TOKEN.sub(named, statement.text)
    if marks != len(statement.parameters):
        count = len(statement.parameters)
        raise StatementRefused(f"the statement has {marks} ? for parameters, and {count} are given")
    values = {f"p{number}": value for number, value in enumerate(statement.parameters, 1)}
    return text(written), values


def _as_json(value: Any) -> JsonValue:
    """Return a value of a column as JSON: moments in ISO 8601, bytes in base64, what else there is as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        is_whole = value.is_finite() and value == value.to_integral_value()
        return int(value) if is_whole else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    return str(value)


if TYPE_CHECKING:
    _conforms: type[Databases] = SqlDatabases
