"""
What people search by is a column, and not within the packed data of a run or an attempt.

The three tables are written anew: a column that was added would stand behind the payloads, where it is slow to reach,
and would need a default that no new store has. Rows are taken over one at a time as they are read, so memory does not
grow with the store; only SQLite has stores of the first revision, where reading and writing may take turns like this.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = (
    sa.String()
    .with_variant(sa.String(collation="C"), "postgresql")
    .with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
)
_TEXT = sa.Text().with_variant(sa.Text(2**32 - 1, collation="utf8mb4_bin"), "mysql", "mariadb")
_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(2**32 - 1), "mysql", "mariadb")

#: How many rows are written by one statement.
_BATCH = 500

_RUN_INDEXES = ("runs_by_age", "runs_by_correlation", "runs_by_parent", "runs_due", "runs_held")
_TASK_INDEXES = ("tasks_by_place", "tasks_due", "tasks_live", "tasks_open")


def upgrade() -> None:
    """Write runs, attempts and engines anew, and index what searches need."""
    # Renamed tables keep their indexes, and the names of these are needed again.
    for table, indexes in (("runs", _RUN_INDEXES), ("tasks", _TASK_INDEXES)):
        for index in indexes:
            op.drop_index(index, table)
    for table in ("runs", "tasks", "engines"):
        op.rename_table(table, f"{table}_0001")
    _take_over("runs", _make_runs(), _new_run)
    _take_over("tasks", _make_tasks(), _new_task)
    _take_over("engines", _make_engines(), lambda row: {**row, "queues": ""})
    _make_indexes()


def _take_over(name: str, new: sa.Table, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Move the rows of a table, and drop it."""
    connection = op.get_bind()
    old = sa.Table(f"{name}_0001", sa.MetaData(), autoload_with=connection)
    rows = connection.execute(sa.select(old), execution_options={"yield_per": _BATCH}).mappings()
    for part in rows.partitions():
        connection.execute(sa.insert(new), [change(dict(row)) for row in part])
    op.drop_table(old.name)


def _new_run(row: Mapping[str, Any]) -> dict[str, Any]:
    data = _read(row["data"])
    found = {
        "priority": data.pop("prio", 0),
        "updated_at": data.pop("upd", 0),
        "reason": data.pop("why", None),
    }
    return {**row, **found, "data": _written(data, row["data"])}


def _new_task(row: Mapping[str, Any]) -> dict[str, Any]:
    data = _read(row["data"])
    found = {
        "task_def_name": data.pop("def", ""),
        "scheduled_at": data.pop("sch", 0),
        "started_at": data.pop("start", 0),
        "ended_at": data.pop("end", 0),
        "updated_at": data.pop("upd", 0),
        "reason": data.pop("why", None),
    }
    return {**row, **found, "open_rank": 0, "data": _written(data, row["data"])}


def _read(data: bytes) -> dict[str, Any]:
    """Read what may be no JSON any more: the engine buries a run whose data is broken, and must find it as it is."""
    try:
        read = json.loads(data)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _written(data: dict[str, Any], before: bytes) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() if data or _read(before) else before


def _make_runs() -> sa.Table:
    return op.create_table(
        "runs",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name", _KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", _KEY, nullable=False),
        sa.Column("status", _KEY, nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("correlation_id", _KEY),
        sa.Column("parent_id", _KEY),
        sa.Column("parent_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("holder", _KEY),
        sa.Column("reason", _TEXT),
        sa.Column("data", _BYTES, nullable=False),
        sa.Column("input", _BYTES, nullable=False),
        sa.Column("output", _BYTES, nullable=False),
        sa.Column("variables", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )


def _make_tasks() -> sa.Table:
    return op.create_table(
        "tasks",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ref", _KEY, nullable=False),
        sa.Column("base_ref", _KEY, nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.Column("task_type", _KEY, nullable=False),
        sa.Column("task_def_name", _KEY, nullable=False),
        sa.Column("status", _KEY, nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("open_queue", _KEY),
        sa.Column("open_rank", sa.BigInteger(), nullable=False),
        sa.Column("reason", _TEXT),
        sa.Column("data", _BYTES, nullable=False),
        sa.Column("input", _BYTES, nullable=False),
        sa.Column("output", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "seq"),
    )


def _make_engines() -> sa.Table:
    return op.create_table(
        "engines",
        sa.Column("engine_id", _KEY, nullable=False),
        sa.Column("identity", _KEY, nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.Column("queues", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("engine_id"),
    )


def _make_indexes() -> None:
    _index("runs_by_age", "runs", ["created_at", "run_id"])
    _index("runs_by_correlation", "runs", ["correlation_id"], "correlation_id IS NOT NULL")
    _index("runs_by_name", "runs", ["name", "created_at", "run_id"])
    _index("runs_by_parent", "runs", ["parent_id"], "parent_id IS NOT NULL")
    _index("runs_by_status", "runs", ["status", "created_at", "run_id"])
    _index("runs_due", "runs", ["due_at", "run_id"], "due_at IS NOT NULL")
    _index("runs_held", "runs", ["holder", "run_id"], "status IN ('RUNNING', 'PAUSED')")
    _index("start_keys_by_run", "start_keys", ["run_id"])
    _index("tasks_by_place", "tasks", ["run_id", "base_ref", "seq"], "seq > 64")
    _index("tasks_due", "tasks", ["due_at", "run_id", "seq"], "due_at IS NOT NULL")
    _index("tasks_live", "tasks", ["run_id", "seq"], "seq > 64 AND status IN ('SCHEDULED', 'IN_PROGRESS')")
    _index("tasks_open", "tasks", ["open_queue", "open_rank", "run_id", "seq"], "open_queue IS NOT NULL")


def _index(name: str, table: str, columns: list[str], condition: str | None = None) -> None:
    where = None if condition is None else sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
