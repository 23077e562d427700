"""Runs that have ended and may go, in memory."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence

from podium.backends.families import FamilyMember, deletable
from podium.backends.memory.part import MemoryPart
from podium.engine.rows import EndedRow


class MemoryRetention(MemoryPart):
    """The `podium.engine.ports.RetentionStore` in memory."""

    def ended_runs(self, until: int, name: str | None, after: EndedRow | None, limit: int) -> Sequence[EndedRow]:
        """Return runs without a parent that ended at or before *until*, oldest first."""
        with self._lock:
            rows = (
                EndedRow(run.created_at, run.run_id)
                for run in self._tables.runs.values()
                if 0 < run.ended_at <= until >= run.created_at and run.parent_id is None and name in {None, run.name}
            )
            return heapq.nsmallest(limit, (row for row in rows if after is None or after < row))

    def deletable_runs(self, run_ids: Collection[str]) -> Mapping[str, str]:
        """Return all that `delete_runs` would remove, with the workflows' names."""
        with self._lock:
            return deletable(self._members(run_ids))

    def delete_runs(self, run_ids: Collection[str], revisions: Mapping[str, int] | None = None) -> Mapping[str, str]:
        """Remove the runs that may go, and return them."""
        with self._lock:
            found = deletable(self._members(run_ids), revisions)
            self._tables.delete_runs(found)
            return found

    def _members(self, run_ids: Collection[str]) -> Iterator[FamilyMember]:
        tables = self._tables
        for root in sorted(set(run_ids).intersection(tables.runs)):
            family, seen = [root], {root}
            # The list grows while it is walked: children of children, each once.
            for run_id in family:
                run = tables.runs[run_id]
                parent_id = run.parent_id if run.parent_id in tables.runs else None
                yield FamilyMember(root, run_id, run.name, run.status, parent_id, run.revision)
                below = tables.children.get(run_id, set()) - seen
                seen |= below
                family += below
