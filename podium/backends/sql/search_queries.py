"""The SQL of searches, in pieces: which conditions are asked is known per call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, or_, select

from podium.backends.sql.spelling import SqlSpelling, StatementCompiler
from podium.backends.sql.tables import runs, tasks, whole
from podium.engine.searches import OPS, RUN_FIELDS, TASK_FIELDS

#: The run of an attempt: not called like the runs that a search by attempts gives.
_owner = runs.alias("owner")


def texts(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, Any]:
    """Return the texts of searches, by the names that `podium.backends.sql.statements.Statements` has for them."""
    by_tasks = runs.c.run_id.in_(_of_tasks(select(tasks.c.run_id)))
    return {
        "search_runs": text(_part(_open(select(runs))), "limit"),
        "search_tasks": text(_part(_of_tasks(select(tasks))), "limit"),
        "search_runs_by_tasks": text(_part(select(runs).where(by_tasks)), "limit"),
        "count_runs": text(_open(select(func.count()).select_from(runs))),
        "count_tasks": text(_of_tasks(select(func.count()))),
        "count_runs_by_tasks": text(select(func.count()).select_from(runs).where(by_tasks)),
        "run_fields": tuple(text(whole(_run_field(name), spelling.dialect)) for name in RUN_FIELDS),
        "task_fields": tuple(text(whole(_task_field(name), spelling.dialect)) for name in TASK_FIELDS),
        "tests": tuple(_test(text, spelling, op) for op in OPS),
        "nulls_first": text(literal_column("{field}").is_not(None)),
        "like_any": spelling.like_any,
        "like_special": spelling.like_special,
        "like_escape": spelling.like_escape,
    }


def _open(statement: Select[Any]) -> Select[Any]:
    """Leave the place of the conditions open."""
    return statement.where(literal_column("{where}"))


def _of_tasks(statement: Select[Any]) -> Select[Any]:
    return _open(statement.select_from(tasks.join(_owner, _owner.c.run_id == tasks.c.run_id)))


def _part(statement: Select[Any]) -> Select[Any]:
    # No parameter for the offset: databases put it before or after the limit.
    offset: ColumnElement[int] = literal_column("{offset}", BigInteger)
    return statement.order_by(literal_column("{order}")).limit(bindparam("limit")).offset(offset)


def _run_field(name: str) -> ColumnElement[Any]:
    return (runs.c.ended_at - runs.c.created_at).self_group() if name == "duration" else runs.c[name]


def _task_field(name: str) -> ColumnElement[Any]:
    special: Mapping[str, ColumnElement[Any]] = {
        "duration": (tasks.c.ended_at - tasks.c.started_at).self_group(),
        "waited": (tasks.c.started_at - tasks.c.scheduled_at).self_group(),
        "run_name": _owner.c.name,
        "run_correlation_id": _owner.c.correlation_id,
    }
    return special[name] if name in special else tasks.c[name]


def _test(text: StatementCompiler, spelling: SqlSpelling, op: str) -> str:
    """Return what an operation asks of ``{field}``; true or false, never NULL, where it stands among others."""
    field: ColumnElement[Any] = literal_column("{field}")
    if op in {"null", "not null"}:
        return text(field.is_(None) if op == "null" else field.is_not(None))
    value: Any = bindparam("value")
    tests: Mapping[str, Any] = {
        "=": field == value,
        # NULL differs from every value, as None does in memory.
        "!=": or_(field.is_(None), field != value).self_group(),
        "<": field < value,
        "<=": field <= value,
        ">": field > value,
        ">=": field >= value,
        "like": spelling.like(field, value),
        "has": spelling.contains(field, value),
        "holds": spelling.holds(field, value),
    }
    return text(tests[op], "value")
