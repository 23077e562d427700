"""What waits for an engine, in a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from podium.backends.sql.part import SqlPart, lists_of
from podium.engine.rows import DueRow, TaskRow

if TYPE_CHECKING:
    from podium.engine.ports import Listening

_by_run_and_number = attrgetter("run_id", "seq")


class SqlWork(SqlPart):
    """The `podium.engine.ports.WorkStore` over a database."""

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        return [DueRow._make(row) for row in self._database.fetch(self._sql.due, (until, limit, until, limit, limit))]

    def open_tasks(self, queues: Collection[str], limit: int) -> Sequence[TaskRow]:
        """Return attempts that any engine may take from these queues, by run_id and seq."""
        lists = lists_of(queues)
        rows = self._fetch_listed(self._sql.open_tasks, "{queues}", lists, [(*names, limit) for names in lists])
        return sorted(map(TaskRow._make, rows), key=_by_run_and_number)[:limit]

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        if holder is None:
            rows = self._database.fetch(self._sql.unheld_runs, (limit,))
        else:
            rows = self._database.fetch(self._sql.held_runs, (holder, limit))
        return [run_id for (run_id,) in rows]

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits; None if there are no others."""
        return self._database.listen()
