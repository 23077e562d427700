"""Runs by what people search them by, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.part import SqlPart
from podium.engine.rows import RunFilter, RunRow


class SqlSearch(SqlPart):
    """The `podium.engine.ports.SearchStore` over a database."""

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        conditions = [(name, value) for name, value in zip(RunFilter._fields, where, strict=True) if value is not None]
        # The names are those of our own row: nothing of the caller's gets into the text.
        tests = " AND ".join(f"runs.{name} = {self._database.mark}" for name, _ in conditions) or "1 = 1"
        parameters = (*(value for _, value in conditions), limit, offset)
        rows = self._database.fetch(self._sql.list_runs.replace("{where}", tests), parameters)
        return [RunRow._make(row) for row in rows]
