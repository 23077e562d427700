"""Messages to runs in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.database import Cursor
from podium.backends.sql.part import SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import MessageRow, WriteSet


class SqlInboxes(SqlPart):
    """The `podium.engine.ports.InboxStore` over a database."""

    def load_messages(self, run_id: str, after: int, limit: int) -> Sequence[MessageRow]:
        """Return the messages to a run with a number above *after*, by number."""
        rows = self._database.fetch(self._sql.load_messages, (run_id, after, limit))
        return [MessageRow._make(row) for row in rows]


def write_messages(cursor: Cursor, sql: Statements, writes: WriteSet) -> None:
    """Write what a commit does to the messages of runs."""
    if writes.emptied_inboxes:
        cursor.executemany(sql.empty_inbox, [(run_id,) for run_id in writes.emptied_inboxes])
    if writes.taken_messages:
        cursor.executemany(sql.delete_message, writes.taken_messages)
    if writes.new_messages:
        cursor.executemany(sql.put_message, writes.new_messages)
