"""What many runs have in common, counted in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from podium.backends.memory.search import MemorySearch
from podium.engine.rows import RunFilter, RunRow, TaskRow
from podium.model.later import later

if TYPE_CHECKING:
    from podium.model import statistics
else:
    statistics = later("podium.model.statistics")


class MemoryStatistics(MemorySearch):
    """The `podium.engine.ports.StatisticsStore` in memory."""

    def run_statistics(self, where: RunFilter, limit: int) -> Sequence[statistics.Tally]:
        """Return what the newest runs come to, by workflow and status."""
        found = self.list_runs(where, limit, 0)
        return statistics.tallies(
            statistics.Sample(
                statistics.RUN, one.name, one.status, one.run_id, took=_between(one.created_at, one.ended_at)
            )
            for one in found
        )

    def task_statistics(
        self, where: RunFilter, places: Collection[str], limit: int, most: int
    ) -> Sequence[statistics.Tally]:
        """Return what the attempts of the newest runs come to, by place or type, and status."""
        named = frozenset(places)
        found = self.list_runs(where, limit, 0)
        with self._lock:
            rows = list(islice(self._attempts_of(found), most))
        return statistics.tallies(_sample(row, named) for row in rows)

    def _attempts_of(self, found: Sequence[RunRow]) -> Iterator[TaskRow]:
        for run in found:
            attempts = self._tables.attempts.get(run.run_id)
            yield from () if attempts is None else attempts.pick(sorted(attempts.seqs))


def _sample(row: TaskRow, places: frozenset[str]) -> statistics.Sample:
    kind, key = (statistics.PLACE, row.base_ref) if row.base_ref in places else (statistics.TYPE, row.task_type)
    took, waited = _between(row.started_at, row.ended_at), _between(row.scheduled_at, row.started_at)
    return statistics.Sample(kind, key, row.status, row.run_id, row.ref, row.seq, took, waited)


def _between(first: int, last: int) -> int:
    return abs(last - first) if first and last else 0
