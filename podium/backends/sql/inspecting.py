"""The schema of a store as it is: its revision, and where it differs from the tables that this version knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, LargeBinary, Text
from sqlalchemy.exc import DBAPIError

from podium.backends.sql.connecting import engine_of, shown_place
from podium.backends.sql.tables import metadata, schema_version
from podium.model.errors import StoreUnavailable


def current_revision(url: str) -> str | None:
    """
    Return the revision of a store's schema; None for a database without one. Nothing is changed.

    Raises:
        BackendError: The URL names no database.
        StoreUnavailable: It cannot be reached.
    """
    with _context(url) as context:
        return context.get_current_revision()


def differences(url: str) -> list[str]:
    """
    Return what of a store's schema is not as this version knows it, a line each; nothing if all is.

    Raises:
        BackendError: The URL names no database.
        StoreUnavailable: It cannot be reached.
    """
    with _context(url) as context:
        found = compare_metadata(context, metadata)
    return [" ".join(str(one).split()) for one in found if not _is_stamp(one)]


def _is_stamp(difference: Any) -> bool:
    # Alembic leaves its own table out of what it finds, and misses it then.
    return bool(difference[0] == "add_table" and difference[1].name == schema_version.name)


@contextmanager
def _context(url: str) -> Iterator[MigrationContext]:
    engine = engine_of(url)
    try:
        with engine.connect() as connection:
            yield _configured(connection)
    except DBAPIError as error:
        raise StoreUnavailable(f"{shown_place(engine)}: {error.orig}") from error
    finally:
        engine.dispose()


def _configured(connection: Connection) -> MigrationContext:
    options = {"version_table": schema_version.name, "compare_type": _types_differ, "include_name": _is_ours}
    return MigrationContext.configure(connection, opts=options)


def _types_differ(_1: Any, _2: Any, _3: Any, _4: Any, known: Any) -> bool | None:
    """Leave the decision to Alembic, but for long texts and bytes, of which MySQL has four kinds each."""
    return False if isinstance(known, LargeBinary | Text) else None


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """Leave out the tables of others in the same database."""
    return kind != "table" or name in metadata.tables
