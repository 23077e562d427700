"""SQLAlchemy's engine for a store's URL: for what looks at its tables from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from ssl import SSLError
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from podium.backends.sql.sqlite import file_of
from podium.model.errors import BackendError

#: Our schemes to SQLAlchemy's.
_DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}


#: All text is Unicode, whatever the server's settings say.
_UNICODE = {"postgresql": {"client_encoding": "utf8"}, "mysql": {"charset": "utf8mb4"}}

#: Arguments of the driver's own whose values are no texts.
_OPTIONS_OF_PYTHON = {
    "postgresql": frozenset({"autocommit", "context", "cursor_factory", "prepare_threshold", "row_factory"}),
    "mysql": frozenset({"autocommit", "conv", "cursorclass", "ssl"}),
}

#: What gives a server's time in epoch milliseconds.
POSTGRESQL_TIME = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)"
MYSQL_TIME = "SELECT floor(unix_timestamp(now(3)) * 1000)"
_TIMES = {"postgresql": POSTGRESQL_TIME, "mysql": MYSQL_TIME}


def engine_of(url: str) -> Engine:
    """
    Return an engine for a database; nothing is opened yet, and no connection is kept.

    Raises:
        BackendError: The URL names no database.
    """
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in _DIALECTS:
        raise BackendError(f"this is no URL of a database; known are {', '.join(_DIALECTS)}")
    is_file = scheme == "sqlite"  # by its path as it stands, whatever is in it
    place = URL.create(scheme, database=file_of(url)) if is_file else server_url(url, _DIALECTS[scheme])
    if place.get_backend_name() != "mysql":
        return new_engine(place, poolclass=NullPool)
    engine = new_engine(place, poolclass=NullPool, paramstyle="format")  # as the store's own statements are
    event.listen(engine, "do_execute", _execute_in_parts)
    event.listen(engine, "do_executemany", _execute_in_parts)
    return engine


def new_engine(place: URL, options: Mapping[str, Any] | None = None, **more: Any) -> Engine:
    """
    Return an engine for a database.

    Args:
        place: The database; what stands behind a question mark goes to the driver.
        options: What the driver gets beside it.
        more: What else SQLAlchemy gets.

    Raises:
        BackendError: The driver cannot make sense of an option; also when it connects.
    """
    name = place.get_backend_name()
    if wrong := sorted(_OPTIONS_OF_PYTHON.get(name, set()).intersection(place.query)):
        raise BackendError(f"{_shown(place)}: a URL cannot say {wrong[0]!r}")
    wanted = {key: value for key, value in (options or {}).items() if key not in place.query}
    try:
        engine = create_engine(place, connect_args={**wanted, **_UNICODE.get(name, {})}, **more)
    except (ValueError, TypeError) as error:
        raise BackendError(f"{_shown(place)}: an option makes no sense: {error}") from error
    if name != "sqlite":
        event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: Dialect, _: object, words: Sequence[Any], options: dict[str, Any]) -> Any:
    """Connect, with passwords in Unicode, and words for what the driver stumbles over."""
    if dialect.name == "mysql" and isinstance(options.get("password"), str):
        options["password"] = options["password"].encode()  # PyMySQL takes it for Latin-1
    try:
        return dialect.connect(*words, **options)
    except (TypeError, ValueError, AttributeError, FileNotFoundError, SSLError, RuntimeError) as error:
        # An option that it does not know or cannot read, a package that it lacks.
        raise BackendError(f"the driver of the database cannot connect as the URL says: {error}") from error


def _execute_in_parts(cursor: Any, sql: str, rows: Any, context: Any) -> bool:
    """Insert what may be larger than a statement on MySQL, as the store itself does; leave all else to SQLAlchemy."""
    from podium.backends.sql.mysql_bulk import BulkCursor, is_large  # loads the driver

    rows = rows if context.executemany else [rows]
    if not (context.isinsert and any(map(is_large, rows))):
        return False
    BulkCursor(cursor.connection).executemany(sql, rows)
    return True


def server_url(url: str, driver_name: str) -> URL:
    """
    Return the parts of the URL of a database in a server.

    Args:
        url: ``scheme://user:password@host:port/database``.
        driver_name: The scheme with which SQLAlchemy finds dialect and driver.

    Raises:
        BackendError: It is no URL, or names no database.

    Example:
        >>> server_url("mysql://me@host:3306/podium", "mysql+pymysql").port
        3306
    """
    try:
        parsed = make_url(url).set(drivername=driver_name)
    except (ArgumentError, ValueError):
        parsed = None
    # With a second @, a part of the password would be taken for the host, and shown. No text is shown here either.
    if parsed is None or url.partition("?")[0].count("@") > 1:
        raise BackendError(
            f"this is no URL of a database; write {driver_name}://user:password@host:port/database, and signs in a"
            " password as in a web address: %40 for @, %25 for %"
        )
    if not parsed.database:
        raise BackendError(f"the URL names no database; write {driver_name}://user:password@host/database")
    return parsed


def is_missing(engine: Engine) -> bool:
    """Return whether a database is a file that is not there: to connect would make it."""
    return engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).exists()


def time_there(connection: Connection) -> int | None:
    """Return the time of the machine that a database is on, in epoch milliseconds; None if that is this machine."""
    text = _TIMES.get(connection.dialect.name)
    return None if text is None else int(connection.exec_driver_sql(text).scalar_one())


def shown_place(engine: Engine) -> str:
    """Return the URL as messages show it: without the password."""
    return _shown(engine.url)


def _shown(place: URL) -> str:
    if place.get_backend_name() == "sqlite":
        return f"sqlite:///{place.database}"  # as it is written, whatever is in it
    return place.render_as_string(hide_password=True)
