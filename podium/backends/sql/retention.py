"""Runs that have ended and may go, in a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from podium.backends.sql.database import Writer
from podium.backends.sql.part import SqlPart, lists_of
from podium.engine.rows import EndedRow
from podium.model.errors import StaleRun, StoreUnavailable
from podium.model.later import later

if TYPE_CHECKING:
    from podium.backends import families
else:
    families = later("podium.backends.families")

#: Looks at runs that others change or delete at the same time.
_TRIES_MAX = 20


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
        for _ in range(_TRIES_MAX):
            try:
                return self._delete_runs(run_ids, revisions)
            except StaleRun:
                continue  # another process has changed or deleted one of them since: look again
        raise StoreUnavailable("the runs to be deleted kept changing; none of these was deleted")

    def _delete_runs(self, run_ids: Collection[str], revisions: Mapping[str, int] | None) -> Mapping[str, str]:
        with self._database.write() as cursor:
            # Looked at within the transaction: another process may have made one of them live again.
            members: list[families.FamilyMember] = []
            for part in lists_of(run_ids):
                cursor.execute(self._with_list(self._sql.families, "{run_ids}", part), part)
                members += map(families.FamilyMember._make, cursor.fetchall())
            found = families.deletable(members, revisions)
            keys = [(run_id,) for run_id in found]
            if keys:
                if not self._database.is_serial:
                    self._hold(cursor, {one.run_id: one.revision for one in members if one.run_id in found})
                for command in (
                    self._sql.empty_run,
                    self._sql.empty_run_logs,
                    self._sql.empty_inbox,
                    self._sql.delete_start_keys,
                    self._sql.delete_run,
                ):
                    cursor.executemany(command, keys)
        return found

    def _hold(self, cursor: Writer, revisions: Mapping[str, int]) -> None:
        """Let nobody change these runs until they are gone, who would bring one to life again."""
        held = [(revision + 1, None, run_id, revision) for run_id, revision in revisions.items()]
        cursor.change(self._sql.hand_over_run, held, lambda: StaleRun("another process changed a run first"))
