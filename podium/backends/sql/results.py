"""Outputs that may be used again, in a database."""

from __future__ import annotations

from podium.backends.sql.database import Cursor
from podium.backends.sql.part import OF_NO_RUN, SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import CachedRow, WriteSet


class SqlResults(SqlPart):
    """The `podium.engine.ports.ResultStore` over a database."""

    def cached(self, key: str, now: int) -> CachedRow | None:
        """Return the output that is kept under a key and expires after *now*, or None."""
        rows = self._database.fetch(self._sql.cached, (key, now))
        return CachedRow._make(rows[0]) if rows else None

    def forget_expired(self, now: int) -> int:
        """Remove what has expired at *now*; gives how many there were."""
        with self._database.write(OF_NO_RUN) as cursor:
            cursor.execute(self._sql.delete_expired, (now,))
            return cursor.rowcount


def write_results(cursor: Cursor, sql: Statements, writes: WriteSet) -> None:
    """Write the outputs of a commit that are to be used again."""
    if writes.cached:
        cursor.executemany(sql.put_cached, writes.cached)
