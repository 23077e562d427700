"""SQLAlchemy's engine for a store's URL: for what looks at its tables from outside."""

from __future__ import annotations

from sqlalchemy import Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from podium.model.errors import BackendError

#: Our schemes to SQLAlchemy's.
_DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}


def engine_of(url: str) -> Engine:
    """
    Return an engine for a database; nothing is opened yet, and no connection is kept.

    Raises:
        BackendError: The URL names no database.
    """
    try:
        parsed = make_url(url)
        dialect = _DIALECTS[parsed.get_backend_name()]
    except (ArgumentError, KeyError) as error:
        raise BackendError(f"this is no URL of a database; known are {', '.join(_DIALECTS)}") from error
    if dialect == "sqlite":
        parsed = parsed.set(query={})  # the options are Podium's own
    return create_engine(parsed.set(drivername=dialect), poolclass=NullPool)


def shown_place(engine: Engine) -> str:
    """Return the URL as messages show it: without the password."""
    return engine.url.render_as_string(hide_password=True)
