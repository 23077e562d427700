"""
A store's whole content, copied from one database into another.

One mechanism for all tables: both are read side by side in the order of their keys, and what the other one lacks is
inserted. So a copy that broke off goes on where it was, and a row that is there with other content is found. While it
lasts the destination's stamp says so (`podium.backends.sql.schema.COPYING`), and nobody can open it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Engine, Table, func, insert, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from podium.backends.loader import open_backend
from podium.backends.sql.connecting import engine_of, is_missing, shown_place, time_there
from podium.backends.sql.schema import COPYING
from podium.backends.sql.tables import (
    SCHEMA_REVISION,
    cached,
    engines,
    entries,
    live_run,
    logs,
    meta,
    metadata,
    runs,
    schema_version,
    workflows,
)
from podium.engine.rows import EngineRow
from podium.model.errors import BackendError, Conflict, StoreUnavailable

_Row: TypeAlias = tuple[Any, ...]

#: What a store keeps of itself, and not of its content.
OWN_TABLES = (meta, schema_version)

#: Columns that need not agree where a row of the same key is there already: the destination's stay.
_OWN_COLUMNS = {
    workflows: ("created_at", "updated_at"),
    cached: ("expires_at", "body"),
    entries: ("changed_at",),
    engines: ("identity", "heartbeat_at", "queues"),
}

#: Tables whose rows the database numbers: what they are found by instead, together with their order there.
_NUMBERED = {logs: ("run_id", "seq")}

#: Most rows and bytes of one commit, and rows of one fetch: few, for each may have payloads of 10 MB, and more at once
#: are no quicker.
_ROWS_MAX, _BYTES_MAX, _FETCHED = 1_000, 4_000_000, 16

#: Contradicting rows that an error names.
_NAMED_MAX = 5


class CopiedTable(NamedTuple):
    """A table that was copied."""

    name: str
    #: The source's rows, all of which the destination has.
    rows: int
    #: Those of them that were there already.
    found: int
    #: SHA-256 over the content of these rows in the order of their keys: the same in the source and the destination.
    digest: str


class StoreCopy(NamedTuple):
    """What was copied."""

    tables: tuple[CopiedTable, ...]
    #: Runs that had not ended, and go on at the destination.
    live_runs: int


def copy_store(
    source_url: str,
    target_url: str,
    *,
    is_worked_on: Callable[[Sequence[EngineRow], int | None], bool],
    merge: bool = False,
    tell: Callable[[str, int], None] = lambda _name, _rows: None,
) -> StoreCopy:
    """
    Copy all that a store holds into another, and compare both afterwards.

    Args:
        source_url: A database; brought up to date if an older version wrote it, and otherwise not changed.
        target_url: A database; the schema is made if it is empty.
        is_worked_on: Says of the engine processes that a store knows, and by the time of its machine (`time_there`),
            whether one of them lives.
        merge: Add to what the destination holds. Nothing is written if a row is there already with other content.
        tell: Hears the table and how many of its rows were seen, after each commit.

    Raises:
        Conflict: An engine works on one of the two; the destination holds something else, or contradicts the source.
        BackendError: A URL names no database, the source has no store, or the destination cannot hold what it has.
        StoreUnavailable: One of the two cannot be reached; the same call goes on where it was.
    """
    source, target = engine_of(source_url), engine_of(target_url)
    if source.url == target.url:
        raise BackendError(f"{shown_place(source)} is the source and the destination")
    with suppress(DBAPIError):  # why it cannot be read is told by who opens it
        if _stamp(source) is None:
            raise BackendError(f"{shown_place(source)} holds no store, so there is nothing to copy")
    open_backend(source_url).close()  # brings an older one up to date
    with _said(target):
        is_resumed = _begun(target)
    if not is_resumed:
        open_backend(target_url).close()
    with _said(target), ExitStack() as stack:
        copy = _Copy(source, target, stack, is_worked_on, tell)
        copy.refuse_engines()
        if not is_resumed:
            copy.refuse_content(merge=merge)
        copy.stamp(f"{COPYING}{SCHEMA_REVISION}")
        copied = tuple(map(copy.copy_table, copy.tables))
        copy.settle()
        copy.refuse_engines()
        copy.stamp(SCHEMA_REVISION)
        return StoreCopy(copied, copy.live_runs())


@contextmanager
def _said(target: Engine) -> Iterator[None]:
    """Say what errors of a database mean."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise BackendError(f"{shown_place(target)} cannot hold what the source does: {error.orig}") from error
    except DBAPIError as error:
        raise StoreUnavailable(f"the copy broke off, and goes on when it is called again: {error.orig}") from error


def _begun(target: Engine) -> bool:
    """
    Return whether a copy into a store has begun and not ended.

    Raises:
        BackendError: A version with another schema has begun it.
    """
    stamp = _stamp(target) or ""
    if stamp.startswith(COPYING) and stamp != f"{COPYING}{SCHEMA_REVISION}":
        raise BackendError(f"another version of Podium has begun to copy into {shown_place(target)}; empty it first")
    return stamp.startswith(COPYING)


def _stamp(engine: Engine) -> str | None:
    """Return the revision of a store's schema, or what stands in its place; None if there is no store."""
    if is_missing(engine):
        return None
    with engine.connect() as connection:
        if not all(engine.dialect.has_table(connection, table.name) for table in (schema_version, runs)):
            return None  # the stamp alone is another program's, or that of a store that is not made
        return connection.scalar(select(schema_version.c.version_num)) or ""


class _Copy:
    """
    A copy under way.

    Args:
        source: Is read, all of it as of one moment.
        target: Is read and written, on two connections.
        stack: Closes the connections.
        is_worked_on: See `copy_store`.
        tell: See `copy_store`.
    """

    def __init__(
        self,
        source: Engine,
        target: Engine,
        stack: ExitStack,
        is_worked_on: Callable[[Sequence[EngineRow], int | None], bool],
        tell: Callable[[str, int], None],
    ) -> None:
        self._source_engine, self._target_engine = source, target
        self._source = stack.enter_context(_snapshot(source))
        self._writer = stack.enter_context(target.connect())
        self._is_worked_on = is_worked_on
        self._tell = tell
        #: Engines first: a run whose holder is unknown would be nobody's.
        self.tables = [table for table in metadata.sorted_tables if table not in OWN_TABLES]

    def refuse_engines(self) -> None:
        """Raise `Conflict` if an engine works on one of the two."""
        for engine, role in ((self._source_engine, "source"), (self._target_engine, "destination")):
            with engine.connect() as connection:
                rows = [EngineRow(*row) for row in connection.execute(select(engines))]
                now = time_there(connection)
            if self._is_worked_on(rows, now):
                raise Conflict(f"an engine works on the {role} {shown_place(engine)}: stop it, and copy again")

    def refuse_content(self, *, merge: bool) -> None:
        """Raise `Conflict` if the destination holds anything, or, if that may be, what contradicts the source."""
        if not merge:
            for table in self.tables:
                if table is not engines and self._writer.execute(select(table).limit(1)).first() is not None:
                    raise Conflict(
                        f"{shown_place(self._target_engine)} holds something already (in the table {table.name});"
                        " --merge adds to it"
                    )
        else:
            for table in self.tables:
                for _ in self._lacking(table):
                    pass
        self._writer.rollback()

    def stamp(self, revision: str) -> None:
        """Stamp the destination."""
        with self._writer.begin():
            self._writer.execute(update(schema_version).values(version_num=revision))

    def copy_table(self, table: Table) -> CopiedTable:
        """Insert what the destination lacks of a table, then compare both anew."""
        serial, inserted = table.autoincrement_column, 0
        columns = [column.name for column in table.c if column is not serial]
        with closing(self._lacking(table)) as lacking:
            for batch in _batches(lacking):
                with self._writer.begin():
                    self._writer.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in batch])
                inserted += len(batch)
                self._tell(table.name, inserted)
        rows, digest = self._compared(table)
        return CopiedTable(table.name, rows, rows - inserted, digest)

    def _lacking(self, table: Table) -> Generator[_Row, None, None]:
        """Yield the rows that the destination lacks, and raise `Conflict` for those that it has otherwise."""
        contradicting = []
        with closing(self._paired(table)) as pairs:
            for key, row, there in pairs:
                if there is None:
                    yield row
                elif _content(table, row) != _content(table, there):
                    contradicting.append(" ".join(map(str, key)))
        if contradicting:
            more = len(contradicting) - _NAMED_MAX
            named = ", ".join(contradicting[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
            raise Conflict(
                f"{shown_place(self._target_engine)} has other content than the source in {table.name}: {named}."
                " If it is left from a copy of before the source went on, empty it first"
            )

    def _compared(self, table: Table) -> tuple[int, str]:
        """Return number and digest of a table's rows, which both have."""
        here, yonder, count = hashlib.sha256(), hashlib.sha256(), 0
        for _, row, there in self._paired(table):
            count += 1
            here.update(repr(_content(table, row)).encode())
            yonder.update(repr(there and _content(table, there)).encode())
        if here.digest() != yonder.digest():
            raise Conflict(f"the table {table.name} was changed while it was copied: copy again")
        return count, here.hexdigest()

    def _paired(self, table: Table) -> Generator[tuple[_Row, _Row, _Row | None], None, None]:
        """Yield key and row of the source's rows by key, and what the destination has under that key."""
        with (
            _snapshot(self._target_engine) as target,
            closing(_keyed(target, table)) as theirs,
            closing(_keyed(self._source, table)) as ours,
        ):
            there = next(theirs, None)
            for key, row in ours:
                while there is not None and there[0] < key:
                    there = next(theirs, None)
                yield key, row, there[1] if there is not None and there[0] == key else None

    def settle(self) -> None:
        """Let the destination number on, and its other readers know that its registry is new."""
        with self._writer.begin():
            registry = update(meta).where(meta.c.name == "registry").values(value=meta.c.value + 1)
            self._writer.execute(registry)

    def live_runs(self) -> int:
        """Return how many runs of the source have not ended."""
        return int(self._source.scalar(select(func.count()).select_from(runs).where(live_run)) or 0)


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a connection whose reads are all as of one moment."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # sqlite3 begins nothing for what only reads
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection
        connection.rollback()


def _keyed(connection: Connection, table: Table) -> Generator[tuple[_Row, _Row], None, None]:
    """Yield a table's rows by their keys, and without the numbers that the database has given."""
    serial = table.autoincrement_column
    columns = [column for column in table.c if column is not serial]
    order = [table.c[name] for name in _NUMBERED[table]] if table in _NUMBERED else list(table.primary_key)
    places = [columns.index(column) for column in order]
    wanted = select(*columns).order_by(*order, *([] if serial is None else [serial]))
    before: _Row = ()
    number = 0
    with connection.execute(wanted.execution_options(yield_per=_FETCHED)) as result:
        for found in result:
            row = tuple(found)
            key = tuple(row[place] for place in places)
            if serial is not None:
                number = number + 1 if key == before else 1
                before, key = key, (*key, number)
            yield key, row


def _content(table: Table, row: _Row) -> _Row:
    """Return what of a row must be the same in both."""
    own = _OWN_COLUMNS.get(table, ())
    columns = [column.name for column in table.c if column is not table.autoincrement_column]
    return tuple(value for name, value in zip(columns, row, strict=True) if name not in own) if own else row


def _batches(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Put rows together for one commit each."""
    batch: list[_Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, bytes | str))
        if len(batch) >= _ROWS_MAX or size >= _BYTES_MAX:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
