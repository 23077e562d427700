"""Messages that wait to be sent, in a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from podium.backends.sql.database import Cursor
from podium.backends.sql.part import OF_NO_RUN, SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import OutboxRow, WriteSet


class SqlOutbox(SqlPart):
    """The `podium.engine.ports.OutboxStore` over a database."""

    def unsent(self, limit: int) -> Sequence[OutboxRow]:
        """Return messages that wait, oldest first."""
        return [OutboxRow._make(row) for row in self._database.fetch(self._sql.unsent, (limit,))]

    def forget_sent(self, event_ids: Collection[str]) -> None:
        """Remove messages that were sent; unknown ids are fine."""
        with self._database.write(OF_NO_RUN) as cursor:
            cursor.executemany(self._sql.delete_outbox, [(event_id,) for event_id in event_ids])


def write_outbox(cursor: Cursor, sql: Statements, writes: WriteSet) -> None:
    """Write the messages of a commit."""
    if writes.outbox:
        cursor.executemany(sql.keep_outbox, writes.outbox)
