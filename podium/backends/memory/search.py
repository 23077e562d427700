"""Runs by what people search them by, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import RunFilter, RunRow


class MemorySearch(MemoryPart):
    """The `podium.engine.ports.SearchStore` in memory."""

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        with self._lock:
            ids: Iterable[str] = (
                self._tables.runs if where.parent_id is None else self._tables.children.get(where.parent_id, ())
            )
            found = [run for run in map(self._tables.runs.__getitem__, ids) if _matches(run, where)]
        found.sort(key=lambda run: (run.created_at, run.run_id), reverse=True)
        return [run._replace(input=b"", output=b"", variables=b"") for run in found[offset : offset + limit]]


def _matches(run: RunRow, where: RunFilter) -> bool:
    return (
        (where.name is None or run.name == where.name)
        and (where.status is None or run.status == where.status)
        and (where.correlation_id is None or run.correlation_id == where.correlation_id)
        and (where.parent_id is None or run.parent_id == where.parent_id)
    )
