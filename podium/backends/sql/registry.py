"""Workflows, task definitions and schemas in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.database import Cursor
from podium.backends.sql.part import SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import EntryRow, SchemaRow, TaskDefRow, WorkflowRow, WriteSet

#: The least and the largest whole number of a column.
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class SqlRegistry(SqlPart):
    """The `podium.engine.ports.RegistryStore` over a database."""

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""
        if version is None:
            rows = self._database.fetch(self._sql.newest_workflow, (name,))
        else:
            rows = self._database.fetch(self._sql.workflow, (name, version)) if _is_kept(version) else []
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

    def schema(self, name: str, version: int | None) -> SchemaRow | None:
        """Return a registered schema; without a version the greatest one."""
        if version is None:
            rows = self._database.fetch(self._sql.newest_schema, (name,))
        else:
            rows = self._database.fetch(self._sql.schema, (name, version)) if _is_kept(version) else []
        return SchemaRow._make(rows[0]) if rows else None

    def schemas(self) -> Sequence[SchemaRow]:
        """Return every registered schema, by name and version."""
        return [SchemaRow._make(row) for row in self._database.fetch(self._sql.schemas, ())]

    def entry(self, kind: str, name: str) -> EntryRow | None:
        """Return an entry, or None."""
        rows = self._database.fetch(self._sql.entry, (kind, name))
        return EntryRow._make(rows[0]) if rows else None

    def entries(self, kind: str) -> Sequence[EntryRow]:
        """Return every entry of a kind, by name."""
        return [EntryRow._make(row) for row in self._database.fetch(self._sql.entries, (kind,))]

    def registry_version(self) -> int:
        """Return a number that changes whenever any of these is written, by any process."""
        return int(self._database.fetch(self._sql.registry_version, ())[0][0])


def _is_kept(version: int) -> bool:
    """Return whether a database can have a version; under any other there is nothing."""
    return _LEAST <= version <= _MOST


def write_registry(cursor: Cursor, sql: Statements, writes: WriteSet) -> None:
    """Write the registry's part of a commit, and say to all processes that it changed."""
    # Deletions first, as the port says: a definition may be replaced in one commit.
    if writes.deleted_workflows:
        cursor.executemany(sql.delete_workflow, writes.deleted_workflows)
    if writes.deleted_task_defs:
        cursor.executemany(sql.delete_task_def, [(name,) for name in writes.deleted_task_defs])
    if writes.deleted_schemas:
        cursor.executemany(sql.delete_schema, writes.deleted_schemas)
    if writes.deleted_entries:
        cursor.executemany(sql.delete_entry, writes.deleted_entries)
    if writes.workflows:
        cursor.executemany(sql.put_workflow, writes.workflows)
    if writes.task_defs:
        cursor.executemany(sql.put_task_def, writes.task_defs)
    if writes.schemas:
        cursor.executemany(sql.put_schema, writes.schemas)
    if writes.entries:
        cursor.executemany(sql.put_entry, writes.entries)
    # One number for all kinds: processes look at it, and read anew only when it has changed.
    if writes.is_of_registry():
        cursor.executemany(sql.bump_registry, [()])
