"""Runs that have ended and may go, in a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podium.backends.sql.part import SqlPart, lists_of
from podium.engine.rows import EndedRow
from podium.model.later import later

if TYPE_CHECKING:
    from podium.backends import families
else:
    families = later("podium.backends.families")


class SqlRetention(SqlPart):
    """The `podium.engine.ports.RetentionStore` over a database."""

    def ended_runs(self, until: int, name: str | None, after: EndedRow | None, limit: int) -> Sequence[EndedRow]:
        """Return runs without a parent that ended at or before *until*, oldest first."""
        created_at, run_id = after or (0, "")
        if name is None:
            rows = self._database.fetch(self._sql.ended_runs, (until, until, created_at, created_at, run_id, limit))
        else:
            place = (until, until, name, created_at, created_at, run_id, limit)
            rows = self._database.fetch(self._sql.ended_runs_of_name, place)
        return [EndedRow._make(row) for row in rows]

    def deletable_runs(self, run_ids: Collection[str]) -> Mapping[str, str]:
        """Return all that `delete_runs` would remove, with the workflows' names."""
        lists = lists_of(run_ids)
        return families.deletable(
            map(families.FamilyMember._make, self._fetch_listed(self._sql.families, "{run_ids}", lists, [*lists]))
        )

    def delete_runs(self, run_ids: Collection[str], revisions: Mapping[str, int] | None = None) -> Mapping[str, str]:
        """Remove the runs that may go, and return them."""
        with self._database.write() as cursor:
            # Looked at within the transaction: another process may have made one of them live again.
            rows: list[Any] = []
            for part in lists_of(run_ids):
                cursor.execute(self._with_list(self._sql.families, "{run_ids}", part), part)
                rows += cursor.fetchall()
            found = families.deletable(map(families.FamilyMember._make, rows), revisions)
            keys = [(run_id,) for run_id in found]
            if keys:
                for command in (
                    self._sql.empty_run,
                    self._sql.empty_run_logs,
                    self._sql.empty_inbox,
                    self._sql.delete_start_keys,
                    self._sql.delete_run,
                ):
                    cursor.executemany(command, keys)
        return found
