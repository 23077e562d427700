"""
All SQL of the store, written once.

`compile_statements` turns it into the texts of one database; `podium.backends.sql.generate` keeps those of SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Executable,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.util import ClauseAdapter

from podium.backends.sql import (
    audit_queries,
    limit_queries,
    message_queries,
    registry_queries,
    schedule_queries,
    search_queries,
    statistics_queries,
)
from podium.backends.sql.schema import MAKING
from podium.backends.sql.spelling import NO_OFFSET, SqlSpelling, StatementCompiler
from podium.backends.sql.statements import CHANGING_RUN, CHANGING_TASK, Statements
from podium.backends.sql.tables import (
    SCHEMA_REVISION,
    SQLITE_TRIGGERS,
    cached,
    definitions,
    engines,
    has_ended,
    has_not_ended,
    live_task,
    logs,
    long_run,
    meta,
    runs,
    schema_version,
    tables_of,
    tasks,
    whole,
)
from podium.engine.rows import RUN_STEP, TASK_END, HeldRun, HeldTask, RunFilter


def compile_statements(spelling: SqlSpelling) -> Statements:
    """Write the texts for one database."""

    def text(statement: ClauseElement | Executable, *parameters: str) -> str:
        return _text(statement, spelling.dialect, parameters)

    return Statements(
        revision=SCHEMA_REVISION,
        tables=tuple(sorted(table.name for table in tables_of(spelling.dialect))),
        create=_create(spelling.dialect),
        list_tables=spelling.list_tables,
        stored_revision=text(select(schema_version.c.version_num)),
        run_conditions=tuple(
            text(test, *([name] * _MARKS.get(name, 1))) for name, test in _run_conditions(spelling).items()
        ),
        **audit_queries.texts(text, spelling),
        **search_queries.texts(text, spelling),
        **statistics_queries.texts(text),
        **_writing(text, spelling),
        **_reading(text, spelling),
    )


def _writing(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, Any]:
    return {
        "keep_definition": text(spelling.keep(definitions), *definitions.c.keys()),
        "insert_run": text(insert(runs), *runs.c.keys()),
        "update_run": text(_update_run(*CHANGING_RUN), *CHANGING_RUN, "key_run_id", "stored"),
        "step_run": text(_update_run(*RUN_STEP), *RUN_STEP, "key_run_id", "stored"),
        "hand_over_run": text(_update_run("revision", "holder"), "revision", "holder", "key_run_id", "stored"),
        "move_run": text(
            update(runs).where(runs.c.run_id == bindparam("key_run_id")).values(_marks(_MOVING)),
            *_MOVING,
            "key_run_id",
        ),
        "delete_run": text(_of_run(delete(runs), runs), "run_id"),
        "empty_run": text(_of_run(delete(tasks), tasks), "run_id"),
        "empty_run_logs": text(_of_run(delete(logs), logs), "run_id"),
        "insert_task": text(insert(tasks), *tasks.c.keys()),
        "update_task": text(_update_task(*CHANGING_TASK), *CHANGING_TASK, "key_run_id", "key_seq"),
        "end_task": text(_update_task(*TASK_END), *TASK_END, "key_run_id", "key_seq"),
        "delete_task": text(_of_attempt(delete(tasks), tasks), "run_id", "seq"),
        "delete_task_logs": text(_of_attempt(delete(logs), logs), "run_id", "seq"),
        "insert_log": text(insert(logs).values(_marks(_LOG_COLUMNS)), *_LOG_COLUMNS),
        "put_cached": text(spelling.put(cached), *cached.c.keys()),
        "delete_expired": text(delete(cached).where(cached.c.expires_at <= bindparam("now")), "now"),
        "put_engine": text(spelling.put(engines), *engines.c.keys()),
        **limit_queries.writing(text),
        **message_queries.writing(text, spelling),
        **registry_queries.writing(text, spelling),
        **schedule_queries.writing(text),
        "delete_engine": text(delete(engines).where(engines.c.engine_id == bindparam("engine_id")), "engine_id"),
    }


def _reading(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, Any]:
    return {
        "load_runs": text(select(runs).where(runs.c.run_id.in_(_list("run_ids"))), "run_ids"),
        "pulses": text(
            select(runs.c.run_id, runs.c.revision, runs.c.status).where(runs.c.run_id.in_(_list("run_ids"))), "run_ids"
        ),
        "load_tasks": text(_of_run(select(tasks), tasks).order_by(tasks.c.seq), "run_id"),
        "load_current_tasks": text(_load_current_tasks(), *["run_id"] * 6),
        "load_first_tasks": text(
            select(tasks).where(tasks.c.run_id.in_(_list("run_ids")), ~long_run).order_by(tasks.c.run_id, tasks.c.seq),
            "run_ids",
        ),
        "load_held": text(
            select(*(runs.c[name] for name in HeldRun._fields)).where(runs.c.run_id.in_(_list("run_ids"))), "run_ids"
        ),
        "load_held_tasks": text(
            select(*(tasks.c[name] for name in HeldTask._fields))
            .where(tasks.c.run_id.in_(_list("run_ids")), ~long_run)
            .order_by(tasks.c.run_id, tasks.c.seq),
            "run_ids",
        ),
        "long_runs": text(_long_runs(), "run_ids"),
        "load_task": text(_of_attempt(select(tasks), tasks), "run_id", "seq"),
        "load_bodies": text(_load_bodies(), "run_id", "after", "base_refs", "run_id", "run_id", "after", "base_refs"),
        "load_logs": text(_load_logs(), "run_id", "seq"),
        "load_definition": text(select(definitions).where(definitions.c.digest == bindparam("digest")), "digest"),
        "due": text(_due(), "until", "limit", "until", "limit", "limit"),
        "claim": text(_claim(), "queue", "limit"),
        "lying_in": text(_claim(), "queue", "limit"),
        "queue_sizes": text(
            select(tasks.c.open_queue, func.count()).where(tasks.c.open_queue.is_not(None)).group_by(tasks.c.open_queue)
        ),
        "held_runs": text(_held_runs(runs.c.holder == bindparam("holder")), *["holder", "limit"] * 2, "limit"),
        "unheld_runs": text(_held_runs(runs.c.holder.is_(None)), *["limit"] * 3),
        "list_runs": text(_list_runs(spelling.empty_bytes), "limit"),
        "ended_runs": text(_ended_runs(), "until", "until", "created_at", "created_at", "run_id", "limit"),
        "ended_runs_of_name": text(
            _ended_runs(runs.c.name == bindparam("name")),
            *("until", "until", "name", "created_at", "created_at", "run_id", "limit"),
        ),
        "families": text(_families(), "run_ids"),
        **limit_queries.reading(text),
        **message_queries.reading(text),
        **registry_queries.reading(text),
        **schedule_queries.reading(text),
        "cached": text(
            select(cached).where(cached.c.key == bindparam("key"), cached.c.expires_at > bindparam("now")),
            *("key", "now"),
        ),
        "engines": text(select(engines).order_by(engines.c.engine_id)),
    }


_MOVING = ("correlation_id", "created_at")
_LOG_COLUMNS = ("run_id", "seq", "created_at", "text")


def _text(statement: ClauseElement | Executable, dialect: Dialect, parameters: Sequence[str]) -> str:
    """Compile a statement, and make sure that its parameters stand in the order that the store relies on."""
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=dialect)  # SQLCompiler, whose parameter order is not in the base class
    actual = tuple(compiled.positiontup or ())
    assert actual == tuple(parameters), f"parameters are {actual}, not {tuple(parameters)}: {compiled}"
    return re.sub(r"__\[POSTCOMPILE_(\w+)\]", r"{\1}", " ".join(str(compiled).split()))


def _create(dialect: Dialect) -> tuple[str, ...]:
    """Return the commands that make the schema and its first rows."""
    elements: list[Any] = []
    # The stamp first: it says until the end that not all is there (`podium.backends.sql.schema.prepare`).
    for table in sorted(tables_of(dialect), key=lambda table: table is not schema_version):
        elements.append(CreateTable(table))
        if table is schema_version:
            elements.append(insert(table).values(version_num=MAKING))
        elements.extend(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name)))
    elements.append(insert(meta).values(name="registry", value=0))
    literally = {"literal_binds": True}
    texts = (str(element.compile(dialect=dialect, compile_kwargs=literally)) for element in elements)
    triggers = SQLITE_TRIGGERS if dialect.name == "sqlite" else ()
    return (*(" ".join(text.split()) for text in texts), *triggers)


def _list(name: str) -> Any:
    return bindparam(name, expanding=True)


def _marks(names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _of_run(statement: Any, table: Table) -> Any:
    return statement.where(table.c.run_id == bindparam("run_id"))


def _of_attempt(statement: Any, table: Table) -> Any:
    return _of_run(statement, table).where(table.c.seq == bindparam("seq"))


def _update_run(*columns: str) -> Executable:
    """Change a run, if its revision is the one that the writer knows."""
    return (
        update(runs)
        .where(runs.c.run_id == bindparam("key_run_id"), runs.c.revision == bindparam("stored"))
        .values(_marks(columns))
    )


def _update_task(*columns: str) -> Executable:
    return (
        update(tasks)
        .where(tasks.c.run_id == bindparam("key_run_id"), tasks.c.seq == bindparam("key_seq"))
        .values(_marks(columns))
    )


def _load_current_tasks() -> Any:
    """
    Return all of the first attempts, and of the later ones the newest of each place and the live ones.

    The places are found by jumping from one to the next in the index, so a place with ten thousand attempts costs as
    much as a place with two.
    """
    newest, live = tasks.alias("newest"), tasks.alias("live")
    places = _later_places()
    last = select(func.max(newest.c.seq)).where(*_later(newest), newest.c.base_ref == places.c.place)
    wanted = union(
        select(last.scalar_subquery()).where(places.c.place.is_not(None)),
        select(live.c.seq).where(*_later(live), _on(live_task, live)),
    )
    return union_all(
        select(tasks).where(tasks.c.run_id == bindparam("run_id"), ~long_run),
        select(tasks).where(tasks.c.run_id == bindparam("run_id"), tasks.c.seq.in_(wanted)),
    ).order_by("seq")


def _long_runs() -> Select[Any]:
    later = tasks.alias("later")
    has_later = exists().where(later.c.run_id == runs.c.run_id, _on(long_run, later))
    return select(runs.c.run_id).where(runs.c.run_id.in_(_list("run_ids")), has_later)


def _later_places() -> CTE:
    """Return the places that the later attempts of a run have, each once, and a NULL at the end."""
    later, following = tasks.alias("later"), tasks.alias("following")
    first = select(func.min(later.c.base_ref).label("place")).where(*_later(later))
    places = first.cte("places", recursive=True)
    after = select(func.min(following.c.base_ref)).where(*_later(following), following.c.base_ref > places.c.place)
    return places.union_all(select(after.scalar_subquery()).where(places.c.place.is_not(None)))


def _later(table: FromClause) -> tuple[Any, Any]:
    """Say that an attempt belongs to the run and is one of those that are indexed."""
    return table.c.run_id == bindparam("run_id"), _on(long_run, table)


def _on(condition: ColumnElement[bool], table: FromClause) -> ColumnElement[bool]:
    """Return a condition on `tasks` for an alias of it."""
    return ClauseAdapter(table).traverse(condition)


def _load_bodies() -> Any:
    """Return the attempts of some places; the first attempts of the run by looking at each, the later ones by index."""
    later = tasks.alias("later")
    after: BindParameter[int] = bindparam("after")
    wanted = select(later.c.seq).where(*_later(later), later.c.seq > after, later.c.base_ref.in_(_list("base_refs")))
    of_run = tasks.c.run_id == bindparam("run_id")
    return union_all(
        select(tasks).where(of_run, tasks.c.seq > after, tasks.c.base_ref.in_(_list("base_refs")), ~long_run),
        select(tasks).where(of_run, tasks.c.seq.in_(wanted)),
    ).order_by("seq")


def _load_logs() -> Select[Any]:
    wanted = select(*(logs.c[name] for name in _LOG_COLUMNS))
    ordered: Select[Any] = _of_attempt(wanted, logs).order_by(logs.c.created_at, logs.c.log_id)
    return ordered


def _due() -> Select[Any]:
    """Take the first runs and the first attempts, and of these the first."""

    def first(table: Table, seq: ColumnElement[int]) -> Select[Any]:
        order = (table.c.due_at, table.c.run_id, *([seq] if table is tasks else []))
        return (
            select(table.c.due_at, table.c.run_id, seq.label("seq"))
            .where(table.c.due_at.is_not(None), table.c.due_at <= bindparam("until"))
            .order_by(*order)
            .limit(bindparam("limit"))
            .offset(NO_OFFSET)
        )

    first_runs = first(runs, literal_column("0", BigInteger)).subquery("first_runs")
    first_tasks = first(tasks, tasks.c.seq).subquery("first_tasks")
    both = union_all(select(first_runs), select(first_tasks)).subquery("due")
    return (
        select(both.c.due_at, both.c.run_id, both.c.seq, runs.c.holder)
        .select_from(both.outerjoin(runs, runs.c.run_id == both.c.run_id))
        .order_by(both.c.due_at, both.c.run_id, both.c.seq)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
    )


def _claim() -> Select[Any]:
    """Take the first of one queue, from the index alone."""
    return (
        select(tasks.c.open_queue, tasks.c.open_rank, tasks.c.run_id, tasks.c.seq)
        .where(tasks.c.open_queue.is_not(None), tasks.c.open_queue == bindparam("queue"))
        .order_by(tasks.c.open_rank, tasks.c.run_id, tasks.c.seq)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
    )


def _held_runs(holder: ColumnElement[bool]) -> Select[Any]:
    """Take the first of each live status, which an index has in order, and of these the first."""

    def first(status: str) -> Any:
        order = runs.c.run_id
        tests = (has_not_ended, holder, runs.c.status == literal_column(f"'{status}'"))
        wanted = select(order).where(*tests).order_by(order)
        return wanted.limit(bindparam("limit")).offset(NO_OFFSET).subquery(f"first_{status.lower()}")

    both = union_all(*(select(first(status)) for status in ("RUNNING", "PAUSED"))).subquery("held")
    return select(both.c.run_id).order_by(both.c.run_id).limit(bindparam("limit")).offset(NO_OFFSET)


def _list_runs(empty_bytes: str) -> Select[Any]:
    """Leave the big columns out, and the place of the conditions open: which of them hold is known per call."""
    nothing: ColumnElement[bytes] = literal_column(empty_bytes)
    big = {"input", "output", "variables"}
    return (
        select(*(nothing.label(column.name) if column.name in big else column for column in runs.c))
        .where(literal_column("{where}"))
        .order_by(runs.c.created_at.desc(), runs.c.run_id.desc())
        .limit(bindparam("limit"))
        .offset(literal_column("{offset}", BigInteger))  # no parameter: databases put it before or after the limit
    )


#: How often a condition names its parameter, where that is more than once.
_MARKS = {"text": 5}


def _run_conditions(spelling: SqlSpelling) -> dict[str, ColumnElement[bool]]:
    """Return what each field of `podium.engine.rows.RunFilter` asks of a run."""
    column = runs.c
    payloads = {name: whole(column[name], spelling.dialect) for name in ("input", "output", "variables")}
    tests: dict[str, ColumnElement[bool]] = {
        "name": column.name == bindparam("name"),
        "status": column.status == bindparam("status"),
        "correlation_id": column.correlation_id == bindparam("correlation_id"),
        "parent_id": column.parent_id == bindparam("parent_id"),
        "version": column.version == bindparam("version"),
        "priority": column.priority == bindparam("priority"),
        "reason": spelling.contains(column.reason, bindparam("reason")),
        "started_from": column.created_at >= bindparam("started_from"),
        "started_to": column.created_at <= bindparam("started_to"),
        "updated_from": column.updated_at >= bindparam("updated_from"),
        "updated_to": column.updated_at <= bindparam("updated_to"),
        "ended_from": and_(has_ended, column.ended_at >= bindparam("ended_from")),
        "ended_to": and_(has_ended, column.ended_at <= bindparam("ended_to")),
        "input": spelling.holds(payloads["input"], bindparam("input")),
        "output": spelling.holds(payloads["output"], bindparam("output")),
        # In parentheses, beside other conditions that all hold.
        "text": or_(
            *(spelling.holds(payload, bindparam("text")) for payload in payloads.values()),
            spelling.contains(column.reason, bindparam("text")),
            spelling.contains(column.correlation_id, bindparam("text")),
        ).self_group(),
    }
    assert tuple(tests) == RunFilter._fields
    return tests


def _ended_runs(*tests: ColumnElement[bool]) -> Select[Any]:
    """
    Go through the runs that have ended and are nobody's sub-workflow, oldest first, from where the caller was.

    What ended before a moment began before it, so the index of `list_runs` bounds the walk: no index of its own.
    """
    at: ColumnElement[int] = bindparam("created_at")
    return (
        select(runs.c.created_at, runs.c.run_id)
        .where(
            runs.c.parent_id.is_(None),
            has_ended,
            runs.c.ended_at <= bindparam("until"),
            runs.c.created_at <= bindparam("until"),
            *tests,
            runs.c.created_at >= at,
            or_(runs.c.created_at > at, runs.c.run_id > bindparam("run_id")),
        )
        .order_by(runs.c.created_at, runs.c.run_id)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
    )


def _families() -> Select[Any]:
    """Return, for each of some runs, it and all runs below it, as `podium.backends.families.FamilyMember`."""
    parent, child = runs.alias("parent"), runs.alias("child")  # parents that are there: one may have been deleted
    family = (
        select(runs.c.run_id.label("root"), runs.c.run_id.label("member"))
        .where(runs.c.run_id.in_(_list("run_ids")))
        .cte("family", recursive=True)
    )
    # UNION, not UNION ALL, so that a circle of parents ends.
    family = family.union(select(family.c.root, child.c.run_id).where(child.c.parent_id == family.c.member))
    return (
        select(
            *(family.c.root, runs.c.run_id, runs.c.name, runs.c.status, parent.c.run_id.label("parent_id")),
            runs.c.revision,
        )
        .select_from(
            family.join(runs, runs.c.run_id == family.c.member).outerjoin(parent, parent.c.run_id == runs.c.parent_id)
        )
        .order_by(family.c.root, runs.c.run_id)
    )
