"""The SQL of limits: slots of tasks and runs, and the keys of starts; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from podium.backends.sql.spelling import StatementCompiler
from podium.backends.sql.tables import has_not_ended, runs, slots, start_keys, tasks


def writing(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that write, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "insert_start_key": text(insert(start_keys), *start_keys.c.keys()),
        "take_start_key": text(_take_start_key(), "run_id", "key_name", "key_key", "stored"),
        "delete_start_keys": text(delete(start_keys).where(start_keys.c.run_id == bindparam("run_id")), "run_id"),
        "free_slot": text(
            _slot(delete(slots)).where(slots.c.run_id == bindparam("run_id"), slots.c.seq == bindparam("seq")),
            *("name", "number", "run_id", "seq"),
        ),
        "expire_slot": text(
            _slot(delete(slots)).where(
                slots.c.expires_at > literal_column("0"), slots.c.expires_at <= bindparam("now")
            ),
            *("name", "number", "now"),
        ),
        "take_slot": text(insert(slots), *slots.c.keys()),
    }


def reading(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that read, likewise."""
    return {
        "run_of_key": text(_run_of_key(), "name", "key"),
        "slots": text(select(slots).order_by(slots.c.name, slots.c.number)),
        "slots_of": text(
            select(slots).where(slots.c.name == bindparam("name")).order_by(slots.c.number),
            "name",
        ),
        "awaited_limit": text(_awaited_limit(), "after", "after"),
    }


def _take_start_key() -> Executable:
    """Let a key be another run's, if the run that the writer knows still has it."""
    return (
        update(start_keys)
        .where(
            start_keys.c.name == bindparam("key_name"),
            start_keys.c.key == bindparam("key_key"),
            start_keys.c.run_id == bindparam("stored"),
        )
        .values(run_id=bindparam("run_id"))
    )


def _run_of_key() -> Select[Any]:
    return select(start_keys.c.run_id).where(
        start_keys.c.name == bindparam("name"),
        start_keys.c.key == bindparam("key"),
    )


def _slot(statement: Any) -> Any:
    return statement.where(slots.c.name == bindparam("name"), slots.c.number == bindparam("number"))


def _awaited_limit() -> Any:
    """Jump to the next name of a limit, among the open attempts and among the holders of live runs."""
    last: ColumnElement[str] = literal_column("'$'")
    queue, holder = tasks.c.open_queue, runs.c.holder
    after: BindParameter[str] = bindparam("after")
    return union_all(
        select(func.min(queue)).where(queue.is_not(None), queue > after, queue < last),
        select(func.min(holder)).where(has_not_ended, holder > after, holder < last),
    )
