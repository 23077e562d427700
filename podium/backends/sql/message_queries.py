"""The SQL of messages, those to runs and those to sinks; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, delete, select

from podium.backends.sql.spelling import NO_OFFSET, SqlSpelling, StatementCompiler
from podium.backends.sql.tables import messages, outbox


def writing(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, str]:
    """Return the texts that write, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "put_message": text(spelling.put(messages), *messages.c.keys()),
        "delete_message": text(
            delete(messages).where(messages.c.run_id == bindparam("run_id"), messages.c.number == bindparam("number")),
            *("run_id", "number"),
        ),
        "empty_inbox": text(delete(messages).where(messages.c.run_id == bindparam("run_id")), "run_id"),
        "keep_outbox": text(spelling.keep(outbox), *outbox.c.keys()),
        "delete_outbox": text(delete(outbox).where(outbox.c.event_id == bindparam("event_id")), "event_id"),
    }


def reading(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that read, likewise."""
    return {
        "load_messages": text(_load_messages(), "run_id", "after", "limit"),
        "unsent": text(_unsent(), "limit"),
    }


def _load_messages() -> Select[Any]:
    later = select(messages).where(messages.c.run_id == bindparam("run_id"), messages.c.number > bindparam("after"))
    return later.order_by(messages.c.number).limit(bindparam("limit")).offset(NO_OFFSET)


def _unsent() -> Select[Any]:
    return select(outbox).order_by(outbox.c.created_at, outbox.c.event_id).limit(bindparam("limit")).offset(NO_OFFSET)
