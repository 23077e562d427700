"""The schema of a store as it is: its revision, and where it differs from the tables that this version knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, LargeBinary, NullPool, String, Text, create_engine
from sqlalchemy.exc import DBAPIError

from podium.backends.sql.connecting import engine_of, is_missing, shown_place
from podium.backends.sql.schema import COPYING, MAKING
from podium.backends.sql.tables import SCHEMA_REVISION, metadata, schema_version, sqlite_metadata
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
        revision = context.get_current_revision()
        if revision is None:
            return ["there is no store; 'podium db upgrade' makes one"]
        known = [metadata, sqlite_metadata] if context.dialect.name == "sqlite" else [metadata]
        found = compare_metadata(context, known)  # type: ignore[arg-type]  # takes several, as documented elsewhere
    return [*_of_revision(revision), *(line for one in found for line in _of_tables(one))]


def _of_revision(revision: str) -> Iterator[str]:
    if revision.startswith(COPYING):
        yield "a copy into this store has begun and not ended: run the same 'podium copy' again"
    elif revision == MAKING:
        yield "the process that made the tables died over it; 'podium db upgrade' makes them anew"
    elif revision != SCHEMA_REVISION:
        advice = "install a newer podium" if revision > SCHEMA_REVISION else "'podium db upgrade' brings it up to date"
        yield f"the schema has revision {revision}, and this version knows {SCHEMA_REVISION}: {advice}"


def _of_tables(difference: Any) -> Iterator[str]:
    """Say what Alembic has found; of a column it gives a list, all else is a tuple."""
    if isinstance(difference, list):
        for kind, _, table, column, _, there, known in difference:
            what = f"column {column} of {table}: {kind.removeprefix('modify_')}"
            yield f"{what} is {there!r}, and this version knows {known!r}"
        return
    action, *_, thing = difference
    verb, _, kind = action.partition("_")
    if thing is schema_version:
        return  # Alembic leaves its own table out of what it finds, and misses it then
    of = "" if kind == "table" else f" of {thing.table.name}"
    yield f"{kind} {thing.name}{of} {'is missing' if verb == 'add' else 'is there, and this version does not know it'}"


@contextmanager
def _context(url: str) -> Iterator[MigrationContext]:
    engine = engine_of(url)
    if is_missing(engine):  # as empty as this one
        engine = create_engine("sqlite://", poolclass=NullPool)
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


def _types_differ(context: MigrationContext, column: Any, _: Any, there: Any, known: Any) -> bool | None:
    """Leave the decision to Alembic, but for long texts and bytes, of which MySQL has four kinds each, and its keys."""
    if isinstance(known, LargeBinary | Text):
        return False
    if isinstance(known, String) and context.dialect.name == "mysql":
        key: Any = known.dialect_impl(context.dialect)
        collation = there.collation or column.table.kwargs.get("mysql_collate", "")
        # The stamp, which is Alembic's, has no collation of ours; all others name that of each server.
        return bool(key.length != there.length or (key.collation and collation not in key.collation.split()))
    return None


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """Leave out the tables of others in the same database."""
    return kind != "table" or name in {*metadata.tables, *sqlite_metadata.tables}
