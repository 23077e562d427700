"""What waits for an engine, in a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from podium.backends.sql.part import SqlPart, current, lists_of
from podium.engine.rows import DueRow, HeldRun, HeldTask, OpenRow, TaskRow

if TYPE_CHECKING:
    from podium.engine.ports import Listening

_of_task = attrgetter(*HeldTask._fields)
_open_order = attrgetter("rank", "run_id", "seq")


class SqlWork(SqlPart):
    """The `podium.engine.ports.WorkStore` over a database."""

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        return [DueRow._make(row) for row in self._database.fetch(self._sql.due, (until, limit, until, limit, limit))]

    def claim(self, rooms: Mapping[str, int], limit: int, claimant: str) -> Sequence[OpenRow]:
        """Return open attempts, by rank, run_id and seq; whoever commits first has them."""
        if not rooms:
            return []
        asked = [(queue, min(room, limit)) for queue, room in rooms.items()]
        # Each queue has a statement of its own: one for all would sort all queues before it takes the first rows.
        rows = map(OpenRow._make, self._database.reserve(self._sql.claim, *asked))
        return sorted(rows, key=_open_order)[:limit]

    def lying_in(self, queue: str, limit: int) -> Sequence[OpenRow]:
        """Return attempts that lie in a queue, by rank, run_id and seq."""
        return [OpenRow._make(row) for row in self._database.fetch(self._sql.lying_in, (queue, limit))]

    def queue_sizes(self) -> Mapping[str, int]:
        """Return how many attempts lie open, by queue."""
        return dict(self._database.fetch(self._sql.queue_sizes, ()))

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        if holder is None:
            rows = self._database.fetch(self._sql.unheld_runs, (limit, limit, limit))
        else:
            rows = self._database.fetch(self._sql.held_runs, (holder, limit, holder, limit, limit))
        return [run_id for (run_id,) in rows]

    def held(self, run_ids: Collection[str]) -> Mapping[str, tuple[HeldRun, Sequence[HeldTask]]]:
        """Return little of the runs that exist, and of their current attempts, by run."""
        lists = lists_of(run_ids)
        runs = self._fetch_listed(self._sql.load_held, "{run_ids}", lists, [*lists])
        attempts: dict[str, list[HeldTask]] = defaultdict(list)
        for task in map(HeldTask._make, self._fetch_listed(self._sql.load_held_tasks, "{run_ids}", lists, [*lists])):
            attempts[task.run_id].append(task)
        # Asked afterwards: a run that has grown long in between is read once more, and as a whole.
        for (run_id,) in self._fetch_listed(self._sql.long_runs, "{run_ids}", lists, [*lists]):
            attempts[run_id] = [
                HeldTask(*_of_task(TaskRow._make(row)))
                for row in self._database.fetch(self._sql.load_current_tasks, (run_id,) * 6)
            ]
        return {run.run_id: (run, current(attempts.get(run.run_id, ()))) for run in map(HeldRun._make, runs)}

    def listen(self) -> Listening | None:
        """Begin to hear of other processes' commits; None if there are no others."""
        return self._database.listen()
