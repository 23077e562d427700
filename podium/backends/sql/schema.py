"""Sees to it that the database has the schema that this version knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podium.backends.sql.database import Cursor, StoreDatabase
from podium.backends.sql.statements import Statements
from podium.model.errors import BackendError, PodiumError

#: The stamp, instead of a revision, of a store into which another is being copied begins with this.
COPYING = "copying "

#: The stamp of a store whose tables are being made: on MySQL each of them is a commit of its own.
MAKING = "making"


def prepare(database: StoreDatabase, sql: Statements, upgrade: Callable[[], None]) -> None:
    """
    Make the schema in an empty database, or bring an older one up to date.

    Any number of processes may do this at once. A current schema costs two small reads.

    Args:
        database: The database.
        sql: Its texts.
        upgrade: Runs the migrations; called without a transaction, when the schema is older.

    Raises:
        BackendError: The schema is newer than this version, or the tables are somebody else's; or a copy into it has
            not ended.
        StoreUnavailable: The database cannot be reached.
    """
    revision = _revision(sql, lambda text: database.fetch(text, ()))
    if revision in {None, MAKING}:
        with database.exclusive() as cursor:

            def fetch(text: str) -> list[Any]:
                cursor.execute(text)
                return list(cursor.fetchall())

            # Another process may have been here since; now nobody else can be.
            revision = _revision(sql, fetch)
            if revision in {None, MAKING}:
                _make(cursor, sql, again=revision == MAKING)
                revision = sql.revision
    assert revision is not None
    if revision.startswith(COPYING):
        raise BackendError(
            "a copy into this store has begun and not ended, so not all is here: run the same 'podium copy' again,"
            " which goes on where it broke off",
        )
    if revision > sql.revision:
        raise BackendError(
            f"this store was written by a newer Podium: its schema has revision {revision}, and this version knows"
            f" revisions up to {sql.revision}. Install a newer podium to open it",
        )
    if revision < sql.revision:
        upgrade()


def _make(cursor: Cursor, sql: Statements, *, again: bool) -> None:
    """Make all tables; *again* instead of those that a process has left that died over it, in which nothing is yet."""
    if again:
        made = [command.split()[2] for command in sql.create if command.startswith("CREATE TABLE")]
        for table in reversed(made):  # that of the stamp comes first, and goes last
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for command in sql.create:
        cursor.execute(command)
    cursor.execute(f"UPDATE schema_version SET version_num = '{sql.revision}'")  # noqa: S608  # our own words


def _revision(sql: Statements, fetch: Callable[[str], list[Any]]) -> str | None:
    """Return the revision in the database's stamp, "" if it is from before the first, None without tables."""
    present = {name for (name,) in fetch(sql.list_tables)}
    has_tables = "runs" in present
    if "schema_version" in present:
        try:
            revision = max((revision for (revision,) in fetch(sql.stored_revision)), default="")
        except PodiumError:
            if has_tables:
                raise  # else it is another program's, with other columns
        else:
            if has_tables or revision in {"", MAKING}:
                return revision
    taken = sorted(present.intersection(sql.tables))
    if taken:
        raise BackendError(
            f"this database has tables of another program in the place of Podium's ({', '.join(taken)}):"
            " give Podium a database of its own",
        )
    return None
