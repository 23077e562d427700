"""Workflows, task definitions and schemas in memory."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import EntryRow, SchemaRow, TaskDefRow, WorkflowRow


class MemoryRegistry(MemoryPart):
    """The `podium.engine.ports.RegistryStore` in memory."""

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""
        with self._lock:
            wanted = self._tables.newest_version.get(name) if version is None else version
            return None if wanted is None else self._tables.workflows.get((name, wanted))

    def workflows(self) -> Sequence[WorkflowRow]:
        """Return every registered workflow, by name and version."""
        with self._lock:
            return [self._tables.workflows[key] for key in sorted(self._tables.workflows)]

    def task_def(self, name: str) -> TaskDefRow | None:
        """Return a registered task definition."""
        with self._lock:
            return self._tables.task_defs.get(name)

    def task_defs(self) -> Sequence[TaskDefRow]:
        """Return every registered task definition, by name."""
        with self._lock:
            return [self._tables.task_defs[name] for name in sorted(self._tables.task_defs)]

    def schema(self, name: str, version: int | None) -> SchemaRow | None:
        """Return a registered schema; without a version the greatest one."""
        with self._lock:
            known = self._tables.schemas
            wanted = max((v for n, v in known if n == name), default=None) if version is None else version
            return None if wanted is None else known.get((name, wanted))

    def schemas(self) -> Sequence[SchemaRow]:
        """Return every registered schema, by name and version."""
        with self._lock:
            return [self._tables.schemas[key] for key in sorted(self._tables.schemas)]

    def entry(self, kind: str, name: str) -> EntryRow | None:
        """Return an entry, or None."""
        with self._lock:
            return self._tables.entries.get((kind, name))

    def entries(self, kind: str) -> Sequence[EntryRow]:
        """Return every entry of a kind, by name."""
        with self._lock:
            return [self._tables.entries[key] for key in sorted(self._tables.entries) if key[0] == kind]

    def registry_version(self) -> int:
        """Return a number that changes whenever any of these is written."""
        with self._lock:
            return self._tables.registry_version
