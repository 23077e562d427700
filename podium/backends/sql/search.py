"""Runs by what people search them by, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.part import SqlPart
from podium.engine.rows import RunFilter, RunRow


class SqlSearch(SqlPart):
    """The `podium.engine.ports.SearchStore` over a database."""

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        asked = [
            (test, value) for test, value in zip(self._sql.run_conditions, where, strict=True) if value is not None
        ]
        tests = " AND ".join(test for test, _ in asked) or "1 = 1"
        text = self._sql.list_runs.replace("{where}", tests).replace("{offset}", str(int(offset)))
        mark = self._database.mark
        values = [value for test, value in asked for _ in range(test.count(mark))]
        rows = self._database.fetch(text, (*values, limit))
        return [RunRow._make(row) for row in rows]
