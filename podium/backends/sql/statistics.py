"""What many runs have in common, counted by a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from podium.backends.sql.part import SqlPart
from podium.engine.rows import RunFilter
from podium.model.later import later

if TYPE_CHECKING:
    from podium.model import statistics
else:
    statistics = later("podium.model.statistics")


class SqlStatistics(SqlPart):
    """The `podium.engine.ports.StatisticsStore` over a database."""

    def run_statistics(self, where: RunFilter, limit: int) -> Sequence[statistics.Tally]:
        """Return what the newest runs come to, by workflow and status."""
        tests, values = self._conditions(where)
        rows = self._database.fetch(self._sql.run_statistics.replace("{where}", tests), (*values, limit))
        return sorted(statistics.Tally(statistics.RUN, *_plain(row)) for row in rows)

    def task_statistics(
        self, where: RunFilter, places: Collection[str], limit: int, most: int
    ) -> Sequence[statistics.Tally]:
        """Return what the attempts of the newest runs come to, by place or type, and status."""
        tests, values = self._conditions(where)
        named = sorted(places)
        marks = ", ".join([self._database.mark] * len(named)) or "NULL"
        text = self._sql.task_statistics.replace("{where}", tests).replace("{places}", marks)
        # In the order of the text: its columns ask about places first, twice, and only then come the conditions.
        rows = self._database.fetch(text, (*named, *named, *values, limit, most))
        return sorted(statistics.Tally(statistics.PLACE if row[0] else statistics.TYPE, *_plain(row)) for row in rows)

    def _conditions(self, where: RunFilter) -> tuple[str, list[object]]:
        tests = zip(self._sql.run_conditions, where, strict=True)
        asked = [(test, value) for test, value in tests if value is not None]
        mark = self._database.mark
        return (
            " AND ".join(test for test, _ in asked) or "1 = 1",
            [value for test, value in asked for _ in range(test.count(mark))],
        )


def _plain(row: Sequence[Any]) -> Any:
    """Return a row without its first column; databases give sums as decimals."""
    _, key, status, *numbers = row
    return (key, status, *map(int, numbers))
