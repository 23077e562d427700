"""The SQL of statistics: the newest runs that meet conditions, and what their attempts come to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from podium.backends.sql.spelling import StatementCompiler
from podium.backends.sql.tables import runs, tasks


def texts(text: StatementCompiler) -> dict[str, Any]:
    """Return the texts of statistics, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "run_statistics": text(_of_runs(), "limit"),
        "task_statistics": text(_of_tasks(), "limit", "most"),
    }


def _number(value: int | str) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger)


def _newest() -> Select[Any]:
    columns = runs.c.run_id, runs.c.name, runs.c.status, runs.c.created_at, runs.c.ended_at
    return (
        select(*columns)
        .where(literal_column("{where}"))
        .order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
        .limit(bindparam("limit"))
        .offset(_number(0))  # which SQLAlchemy would write as a parameter
    )


def _between(first: ColumnElement[int], last: ColumnElement[int]) -> ColumnElement[int]:
    """Say how long something took; 0 where one of its ends is not known."""
    return case((and_(first > _number(0), last > _number(0)), func.abs(last - first)), else_=_number(0))


def _of_runs() -> Select[Any]:
    found = _newest().subquery("newest")
    took = _between(found.c.created_at, found.c.ended_at)
    samples = select(
        _number(0).label("is_place"),
        found.c.name.label("key_name"),
        found.c.status,
        took.label("took"),
        _number(0).label("waited"),
        _number(1).label("newest"),
        _number(1).label("newest_in_run"),
    ).subquery("samples")
    return _tallied(samples)


def _of_tasks() -> Select[Any]:
    found = _newest().subquery("newest")
    is_place = tasks.c.base_ref.in_([literal_column("{places}")])
    attempts = (
        select(
            # Instances of dynamic forks have names of their own run by run: they are counted by their type.
            case((is_place, _number(1)), else_=_number(0)).label("is_place"),
            case((is_place, tasks.c.base_ref), else_=tasks.c.task_type).label("key_name"),
            tasks.c.status,
            tasks.c.run_id,
            tasks.c.ref,
            tasks.c.seq,
            _between(tasks.c.started_at, tasks.c.ended_at).label("took"),
            _between(tasks.c.scheduled_at, tasks.c.started_at).label("waited"),
        )
        .select_from(found.join(tasks, tasks.c.run_id == found.c.run_id))
        .order_by(found.c.created_at.desc(), found.c.run_id.desc())
        .limit(bindparam("most"))
        .offset(_number(0))
        .subquery("attempts")
    )
    columns = attempts.c
    samples = select(
        columns.is_place,
        columns.key_name,
        columns.status,
        columns.took,
        columns.waited,
        _rank((columns.run_id, columns.ref), columns.seq.desc()).label("newest"),
        _rank((columns.is_place, columns.key_name, columns.run_id), columns.seq.desc()).label("newest_in_run"),
    ).subquery("samples")
    return _tallied(samples)


def _rank(among: tuple[ColumnElement[Any], ...], order: ColumnElement[Any]) -> ColumnElement[int]:
    return func.row_number().over(partition_by=among, order_by=order)


def _tallied(samples: Subquery) -> Select[Any]:
    """Count samples by key and status; a percentile is the least value that so many are within."""
    group = samples.c.is_place, samples.c.key_name, samples.c.status
    ranked = select(
        *samples.c,
        _rank(group, samples.c.took).label("by_took"),
        _rank(group, samples.c.waited).label("by_waited"),
        func.count().over(partition_by=group).label("size"),
    ).subquery("ranked")
    c = ranked.c

    def percentile(value: str, percent: int) -> ColumnElement[int]:
        # By ranks and not by a percentile function, which SQLite and MySQL do not have.
        is_within = c[f"by_{value}"] * _number(100) >= c.size * _number(percent)
        return func.min(case((is_within, c[value])))

    return select(
        c.is_place,
        c.key_name,
        c.status,
        func.count(),
        func.sum(case((c.newest == _number(1), _number(1)), else_=_number(0))),
        func.sum(case((c.newest_in_run == _number(1), _number(1)), else_=_number(0))),
        *(percentile("took", percent) for percent in (50, 95)),
        func.max(c.took),
        *(percentile("waited", percent) for percent in (50, 95)),
        func.max(c.waited),
    ).group_by(c.is_place, c.key_name, c.status)
