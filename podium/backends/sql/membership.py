"""The engine processes that work on a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.part import OF_PROCESSES, SqlPart
from podium.engine.rows import EngineRow


class SqlMembership(SqlPart):
    """The `podium.engine.ports.MembershipStore` over a database."""

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row; a commit of its own."""
        self._database.meet(has_company=True)
        with self._database.write(OF_PROCESSES) as cursor:
            cursor.executemany(self._sql.put_engine, [engine])

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that has not said good-bye, by id."""
        return [EngineRow._make(row) for row in self._database.fetch(self._sql.engines, ())]

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""
        with self._database.write(OF_PROCESSES) as cursor:
            cursor.executemany(self._sql.delete_engine, [(engine_id,)])

    def meet(self, *, has_company: bool) -> None:
        """Say whether other processes work on the store."""
        self._database.meet(has_company=has_company)

    def time(self) -> int | None:
        """Return the time of a server; None where the database is a file."""
        return self._database.time()
