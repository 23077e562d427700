"""
The schema.

The columns of ``runs``, ``tasks``, ``logs``, … are those of the rows in `podium.engine.rows`, in their order. Each
index says which question of `podium.engine.ports.Backend` it answers.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)

#: The revision of this schema, as numbered in `podium.backends.sql.migrations`.
SCHEMA_REVISION = "0010"

#: The first attempts of a run are found by reading them all; only those after them are indexed by place and status.
#: Most runs are short, and pay for no index that only a long loop or a wide fork needs.
SHORT_RUN_MAX = 64

#: In a comment that only MariaDB reads, and one that only MySQL 8 does: each has a name of its own for what compares
#: letter by letter, trailing blanks too. To `utf8mb4_bin`, which both have, an idempotency key "k" is the same as "k ".
_EXACT = "/*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */"
#: Orders as Python orders strings, on every database. MySQL wants a length for what it indexes.
_KEY = (
    String()
    .with_variant(String(collation="C"), "postgresql")
    .with_variant(String(255, collation=_EXACT), "mysql", "mariadb")
)
#: Reasons are limited by `podium.engine.limits`, not here; MySQL would end a plain TEXT after 64 KB.
_TEXT = Text().with_variant(Text(2**32 - 1, collation=_EXACT), "mysql", "mariadb")
_BYTES = LargeBinary().with_variant(LargeBinary(2**32 - 1), "mysql", "mariadb")


class _SqlitePayload(LargeBinary):
    """Bytes of a run or an attempt, which SQLite may keep apart: see `podium.backends.sql.sqlite_payloads`."""

    def column_expression(self, colexpr: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return what a SELECT of the column gives: the whole payload, wherever it is."""
        column = cast("Column[bytes]", colexpr)
        # Literals, not columns: the row is that of the SELECT, and no other one.
        seq = f"{column.table.name}.seq" if "seq" in column.table.c else "0"
        body = select(payloads.c.body).where(
            payloads.c.run_id == literal_column(f"{column.table.name}.run_id"),
            payloads.c.seq == literal_column(seq),
            payloads.c.name == literal_column(f"'{column.name}'"),
        )
        # The length is in the head of the row: to ask for it reads nothing of a payload.
        is_apart = func.length(column) == literal_column("1")
        return case((is_apart, body.scalar_subquery()), else_=column)


#: What workflows and tasks are given, give and set.
_PAYLOAD = _BYTES.with_variant(_SqlitePayload(), "sqlite")
#: SQLite numbers rows by itself only in a column that is called INTEGER.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("run_id", _KEY, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("name", _KEY, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", _KEY, nullable=False),
    Column("status", _KEY, nullable=False),
    Column("priority", BigInteger, nullable=False),
    Column("correlation_id", _KEY),
    Column("parent_id", _KEY),
    Column("parent_seq", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("holder", _KEY),
    # Before the payloads: what stands behind a long value is slow to reach.
    Column("reason", _TEXT),
    Column("data", _BYTES, nullable=False),
    Column("input", _PAYLOAD, nullable=False),
    Column("output", _PAYLOAD, nullable=False),
    Column("variables", _PAYLOAD, nullable=False),
    # Room in each page for what the steps of its runs change: PostgreSQL puts it there, and no index learns of it.
    postgresql_with={"fillfactor": 50},
)

# Rows of several hundred bytes spill out of a table without rowid, so the key is an index of its own.
tasks = Table(
    "tasks",
    metadata,
    Column("run_id", _KEY, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("ref", _KEY, nullable=False),
    Column("base_ref", _KEY, nullable=False),
    Column("iteration", BigInteger, nullable=False),
    Column("task_type", _KEY, nullable=False),
    Column("task_def_name", _KEY, nullable=False),
    Column("status", _KEY, nullable=False),
    Column("scheduled_at", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("open_queue", _KEY),
    Column("open_rank", BigInteger, nullable=False),
    Column("reason", _TEXT),
    Column("data", _BYTES, nullable=False),
    Column("input", _PAYLOAD, nullable=False),
    Column("output", _PAYLOAD, nullable=False),
)

logs = Table(
    "logs",
    metadata,
    #: Tells apart lines of one millisecond.
    Column("log_id", _SERIAL, primary_key=True),
    Column("run_id", _KEY, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("text", String().with_variant(String(16_000, collation=_EXACT), "mysql", "mariadb"), nullable=False),
)

definitions = Table(
    "definitions",
    metadata,
    Column("digest", _KEY, primary_key=True),
    Column("body", _BYTES, nullable=False),
)

start_keys = Table(
    "start_keys",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("key", _KEY, primary_key=True),
    Column("run_id", _KEY, nullable=False),
    sqlite_with_rowid=False,
)

#: The key lets one holder have a slot. One that has ended is free again by the commit in which it ended.
slots = Table(
    "slots",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", _KEY, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

workflows = Table(
    "workflows",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("body", _BYTES, nullable=False),
)

task_defs = Table(
    "task_defs",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("body", _BYTES, nullable=False),
)

schemas = Table(
    "schemas",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("body", _BYTES, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("kind", _KEY, primary_key=True),
    Column("name", _KEY, primary_key=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("body", _BYTES, nullable=False),
)

cached = Table(
    "cached",
    metadata,
    Column("key", _KEY, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("body", _BYTES, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("run_id", _KEY, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", BigInteger, nullable=False),
    Column("message_id", _KEY, nullable=False),
    Column("body", _BYTES, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("event_id", _KEY, primary_key=True),
    Column("holder", _KEY, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("body", _BYTES, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", _KEY, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", _KEY, nullable=False),
    Column("address", _KEY, nullable=False),
    Column("verb", _KEY, nullable=False),
    Column("kind", _KEY, nullable=False),
    Column("name", _KEY, nullable=False),
    Column("run_id", _KEY),
    Column("result", _KEY, nullable=False),
    Column("body", _BYTES, nullable=False),
)

engines = Table(
    "engines",
    metadata,
    Column("engine_id", _KEY, primary_key=True),
    Column("identity", _KEY, nullable=False),
    Column("heartbeat_at", BigInteger, nullable=False),
    Column("queues", _TEXT, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("workflow", _KEY, nullable=False),
    Column("due_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Column("body", _BYTES, nullable=False),
    Column("data", _BYTES, nullable=False),
)

#: Numbers of the store itself; ``registry`` grows with each write of a definition, schema or entry.
meta = Table(
    "meta",
    metadata,
    Column("name", _KEY, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

#: One row: `SCHEMA_REVISION` as it was when the schema was made or last upgraded. Alembic's table, under our name.
schema_version = Table(
    "schema_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="schema_version_pkc"),
)

#: What only SQLite has.
sqlite_metadata = MetaData()

#: Large payloads of runs (seq is 0) and attempts: see `podium.backends.sql.sqlite_payloads`.
payloads = Table(
    "payloads",
    sqlite_metadata,
    Column("run_id", _KEY, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", _KEY, primary_key=True),
    Column("body", _BYTES, nullable=False),
)

#: Payloads go with what they belong to, whoever deletes it.
SQLITE_TRIGGERS = (
    (
        "CREATE TRIGGER payloads_of_runs AFTER DELETE ON runs"
        " BEGIN DELETE FROM payloads WHERE run_id = OLD.run_id AND seq = 0; END"
    ),
    (
        "CREATE TRIGGER payloads_of_tasks AFTER DELETE ON tasks"
        " BEGIN DELETE FROM payloads WHERE run_id = OLD.run_id AND seq = OLD.seq; END"
    ),
)

# A database uses a partial index only for a query that repeats its condition word for word, hence the literals.
live_run = runs.c.status.in_([literal_column("'RUNNING'"), literal_column("'PAUSED'")])
# In this form, SQLite sees of each status by itself that it is among them.
ended_badly = or_(*(runs.c.status == literal_column(f"'{status}'") for status in ("FAILED", "TIMED_OUT", "TERMINATED")))
has_ended = runs.c.ended_at > literal_column("0")
# Not by the status: SQLite, which knows nothing of how many there are of each, would rather follow an index of it.
has_not_ended = runs.c.ended_at == literal_column("0")
live_task = tasks.c.status.in_([literal_column("'SCHEDULED'"), literal_column("'IN_PROGRESS'")])
long_run = tasks.c.seq > literal_column(str(SHORT_RUN_MAX))


def tables_of(dialect: Dialect) -> list[Table]:
    """Return the tables that a database has, each after those that it refers to."""
    own = sqlite_metadata.sorted_tables if dialect.name == "sqlite" else []
    return [*metadata.sorted_tables, *own]


def whole(column: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    """Return a column as a SELECT of it gives it, for use in conditions."""
    given = column.type.dialect_impl(dialect).column_expression(column)
    return column if given is None else given


def _partial(name: str, condition: object, *columns: Column[object]) -> Index:
    """Make an index of the rows that meet a condition; a database without such indexes keeps all rows in it."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# list_runs: newest first; of all runs, of one workflow, of one status, of both.
Index("runs_by_age", runs.c.created_at, runs.c.run_id)
Index("runs_by_name", runs.c.name, runs.c.created_at, runs.c.run_id)
Index("runs_by_status", runs.c.status, runs.c.created_at, runs.c.run_id)
Index("runs_by_name_and_status", runs.c.name, runs.c.status, runs.c.created_at, runs.c.run_id)
# search_runs of what ended badly, by its end: what failed lately, whenever it began. What completes is not in it, and
# so pays nothing.
_partial("runs_ended_badly", ended_badly, runs.c.status, runs.c.ended_at, runs.c.run_id)
# list_runs of one correlation id or parent, which are few.
_partial("runs_by_correlation", runs.c.correlation_id.is_not(None), runs.c.correlation_id)
_partial("runs_by_parent", runs.c.parent_id.is_not(None), runs.c.parent_id)
# held_runs and awaited_limit; by status too, for MySQL has those in it that have ended, and with all that is asked for:
# it would rather read the table in order.
_partial("runs_held", has_not_ended, runs.c.holder, runs.c.status, runs.c.run_id, runs.c.ended_at)
# held_runs of nobody, of which there are none but after an accident: PostgreSQL, which knows that most runs have no
# holder, would look for them among all.
_partial("runs_unheld", and_(has_not_ended, runs.c.holder.is_(None)), runs.c.run_id)
# due; holds all that the answer is sorted by, so that the first few are found without looking at the rest.
_partial("runs_due", runs.c.due_at.is_not(None), runs.c.due_at, runs.c.run_id)
_partial("tasks_due", tasks.c.due_at.is_not(None), tasks.c.due_at, tasks.c.run_id, tasks.c.seq)
# open_tasks.
_partial(
    "tasks_open", tasks.c.open_queue.is_not(None), tasks.c.open_queue, tasks.c.open_rank, tasks.c.run_id, tasks.c.seq
)
# load_current_tasks and load_bodies of a run with many attempts.
_partial("tasks_by_place", long_run, tasks.c.run_id, tasks.c.base_ref, tasks.c.seq)
_partial("tasks_live", and_(long_run, live_task), tasks.c.run_id, tasks.c.seq)
# delete_runs; a run has one key at most.
Index("start_keys_by_run", start_keys.c.run_id)
# forget_expired.
Index("cached_by_expiry", cached.c.expires_at)
# unsent.
Index("outbox_by_age", outbox.c.created_at, outbox.c.event_id)
# audit: newest first, and forget_audit; of one object; of one run.
Index("audit_by_age", audit.c.at, audit.c.audit_id)
Index("audit_by_object", audit.c.kind, audit.c.name, audit.c.at, audit.c.audit_id)
_partial("audit_by_run", audit.c.run_id.is_not(None), audit.c.run_id)
# due_schedules and next_schedule_at.
Index("schedules_due", schedules.c.due_at, schedules.c.name)
# load_logs.
Index("logs_by_attempt", logs.c.run_id, logs.c.seq)
