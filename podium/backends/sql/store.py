"""
The `podium.engine.ports.Backend` over a database.

It turns write sets into a few statements with many rows each, and answers into rows. The statements come from
`podium.backends.sql.queries`, connections and transactions from `podium.backends.sql.database`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from podium.backends.sql.database import Cursor, Database, Values
from podium.backends.sql.statements import Statements
from podium.engine.rows import (
    DefinitionRow,
    DueRow,
    EngineRow,
    LogRow,
    RunFilter,
    RunRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import InternalError, StaleRun
from podium.model.statuses import TaskStatus

if TYPE_CHECKING:
    from podium.engine.ports import Backend, Listening

_LIVE_TASK = frozenset(status.value for status in TaskStatus if not status.is_terminal)

# The columns that `Statements.update_task` wants, out of a row.
_changed = itemgetter(5, 6, 7, 8, 9, 11, 0, 1)
_key = itemgetter(0, 1)

#: Most values in one list of a query; databases take 32,000 parameters and more.
_LIST_MAX = 8192


class SqlBackend:
    """A `podium.engine.ports.Backend` over a `podium.backends.sql.database.Database`."""

    def __init__(self, database: Database, statements: Statements) -> None:
        self._database = database
        self._sql = statements
        self.is_shared = database.is_shared
        self.is_durable = database.is_durable

    # -- writing -------------------------------------------------------------------------------------------------------

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing; see `podium.engine.ports.Backend.commit`."""
        with self._database.write() as cursor:
            self._write_runs(cursor, writes)
            self._write_tasks(cursor, writes)
            self._write_registry(cursor, writes)

    def _write_runs(self, cursor: Cursor, writes: WriteSet) -> None:
        if writes.definitions:
            cursor.executemany(self._sql.keep_definition, writes.definitions)
        if writes.new_runs:
            try:
                cursor.executemany(self._sql.insert_run, writes.new_runs)
            except self._database.duplicate_error as error:
                raise StaleRun(f"a run exists already: one of {_ids(writes.new_runs)}") from error
        if writes.runs:
            rows = [(*run[1:], run[0], run[1] - 1) for run in writes.runs]
            cursor.executemany(self._sql.update_run, rows)
            if cursor.rowcount != len(rows):
                raise StaleRun(f"another process changed a run first: one of {_ids(writes.runs)}")
        if writes.start_keys:
            try:
                cursor.executemany(self._sql.insert_start_key, writes.start_keys)
            except self._database.duplicate_error as error:
                keys = ", ".join(f"{row.key!r} of {row.name}" for row in writes.start_keys)
                raise StaleRun(f"a start key is taken: one of {keys}") from error

    def _write_tasks(self, cursor: Cursor, writes: WriteSet) -> None:
        if writes.emptied_runs:
            runs = [(run_id,) for run_id in writes.emptied_runs]
            cursor.executemany(self._sql.empty_run, runs)
            cursor.executemany(self._sql.empty_run_logs, runs)
        if writes.new_tasks:
            try:
                cursor.executemany(self._sql.insert_task, writes.new_tasks)
            except self._database.duplicate_error as error:
                raise InternalError(f"an attempt exists already: one of {_attempts(writes.new_tasks)}") from error
        if writes.tasks:
            _change(cursor, self._sql.update_task, list(map(_changed, writes.tasks)), writes.tasks)
        if writes.deleted_tasks:
            cursor.executemany(self._sql.delete_task, writes.deleted_tasks)
            cursor.executemany(self._sql.delete_task_logs, writes.deleted_tasks)
        if writes.logs:
            cursor.executemany(self._sql.insert_log, writes.logs)

    def _write_registry(self, cursor: Cursor, writes: WriteSet) -> None:
        if writes.workflows:
            cursor.executemany(self._sql.put_workflow, writes.workflows)
        if writes.task_defs:
            cursor.executemany(self._sql.put_task_def, writes.task_defs)
        if writes.workflows or writes.task_defs:
            cursor.execute(self._sql.bump_registry)

    # -- reading runs --------------------------------------------------------------------------------------------------

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""
        lists = _lists(run_ids)
        rows = self._fetch_listed(self._sql.load_runs, "{run_ids}", lists, [*lists])
        return {row[0]: RunRow._make(row) for row in rows}

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""
        return [TaskRow._make(row) for row in self._database.fetch(self._sql.load_tasks, (run_id,))]

    def load_current_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return, by seq, the newest attempt of each place and every live attempt."""
        rows = [TaskRow._make(row) for row in self._database.fetch(self._sql.load_current_tasks, (run_id,) * 6)]
        newest = {row.base_ref: row.seq for row in rows}
        return [row for row in rows if newest[row.base_ref] == row.seq or row.status in _LIVE_TASK]

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""
        rows = self._database.fetch(self._sql.load_task, (run_id, seq))
        return TaskRow._make(rows[0]) if rows else None

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq."""
        lists = _lists(base_refs)
        rows = self._fetch_listed(
            self._sql.load_bodies,
            "{base_refs}",
            lists,
            [(run_id, after, *refs, run_id, run_id, after, *refs) for refs in lists],
        )
        return [TaskRow._make(row) for row in sorted(rows, key=_key)]

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first."""
        return [LogRow._make(row) for row in self._database.fetch(self._sql.load_logs, (run_id, seq))]

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""
        rows = self._database.fetch(self._sql.load_definition, (digest,))
        return DefinitionRow._make(rows[0]) if rows else None

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        return [DueRow._make(row) for row in self._database.fetch(self._sql.due, (until, limit, until, limit, limit))]

    def open_tasks(self, queues: Collection[str], limit: int) -> Sequence[TaskRow]:
        """Return attempts that any engine may take from these queues, by run_id and seq."""
        lists = _lists(queues)
        rows = self._fetch_listed(self._sql.open_tasks, "{queues}", lists, [(*names, limit) for names in lists])
        return [TaskRow._make(row) for row in sorted(rows, key=_key)[:limit]]

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        if holder is None:
            rows = self._database.fetch(self._sql.unheld_runs, (limit,))
        else:
            rows = self._database.fetch(self._sql.held_runs, (holder, limit))
        return [run_id for (run_id,) in rows]

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""
        rows = self._database.fetch(self._sql.run_of_key, (name, key))
        return str(rows[0][0]) if rows else None

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        conditions = [(name, value) for name, value in zip(RunFilter._fields, where, strict=True) if value is not None]
        # The names are those of our own row: nothing of the caller's gets into the text.
        tests = " AND ".join(f"runs.{name} = {self._database.mark}" for name, _ in conditions) or "1 = 1"
        parameters = (*(value for _, value in conditions), limit, offset)
        rows = self._database.fetch(self._sql.list_runs.replace("{where}", tests), parameters)
        return [RunRow._make(row) for row in rows]

    # -- reading the registry ------------------------------------------------------------------------------------------

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""
        if version is None:
            rows = self._database.fetch(self._sql.newest_workflow, (name,))
        else:
            rows = self._database.fetch(self._sql.workflow, (name, version))
        return WorkflowRow._make(rows[0]) if rows else None

    def workflows(self) -> Sequence[WorkflowRow]:
        """Return every registered workflow, by name and version."""
        return [WorkflowRow._make(row) for row in self._database.fetch(self._sql.workflows, ())]

    def task_def(self, name: str) -> TaskDefRow | None:
        """Return a registered task definition."""
        rows = self._database.fetch(self._sql.task_def, (name,))
        return TaskDefRow._make(rows[0]) if rows else None

    def task_defs(self) -> Sequence[TaskDefRow]:
        """Return every registered task definition, by name."""
        return [TaskDefRow._make(row) for row in self._database.fetch(self._sql.task_defs, ())]

    def registry_version(self) -> int:
        """Return a number that changes whenever a workflow or a task definition is written, by any process."""
        return int(self._database.fetch(self._sql.registry_version, ())[0][0])

    # -- engines -------------------------------------------------------------------------------------------------------

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row; a commit of its own."""
        with self._database.write() as cursor:
            cursor.execute(self._sql.put_engine, engine)

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that has not said good-bye, by id."""
        return [EngineRow._make(row) for row in self._database.fetch(self._sql.engines, ())]

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""
        with self._database.write() as cursor:
            cursor.execute(self._sql.delete_engine, (engine_id,))

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits; None if there are no others."""
        return self._database.listen()

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self._database.close()

    def _fetch_listed(self, sql: str, place: str, lists: list[list[str]], parameters: list[Values]) -> list[Any]:
        """Run a query that has lists in it; see `_lists`."""
        if not lists:
            return []
        return self._database.fetch(_with_marks(sql, place, self._database.mark, len(lists[0])), *parameters)


def _change(cursor: Cursor, sql: str, rows: Sequence[Values], tasks: Sequence[Any]) -> None:
    cursor.executemany(sql, rows)
    if cursor.rowcount != len(rows):
        raise InternalError(f"an attempt does not exist: one of {_attempts(tasks)}")


def _ids(runs: Sequence[RunRow]) -> str:
    return ", ".join(run.run_id for run in runs)


def _attempts(tasks: Sequence[Any]) -> str:
    return ", ".join(f"{task[1]} of run {task[0]}" for task in tasks)


def _lists(values: Collection[str]) -> list[list[str]]:
    """
    Cut values into lists of one length, a power of two; the last value is repeated to fill the last list.

    So a query is needed in a few lengths only, and the database finds most of them prepared.
    """
    distinct = list(dict.fromkeys(values))
    size = min(_LIST_MAX, 1 << max(0, len(distinct) - 1).bit_length())
    lists = [distinct[at : at + size] for at in range(0, len(distinct), size)]
    if lists:
        lists[-1].extend([distinct[-1]] * (size - len(lists[-1])))
    return lists


@lru_cache(maxsize=64)
def _with_marks(sql: str, place: str, mark: str, count: int) -> str:
    """Put *count* parameter marks in the place of a list."""
    return sql.replace(place, ", ".join([mark] * count))


if TYPE_CHECKING:
    _conforms: type[Backend] = SqlBackend
