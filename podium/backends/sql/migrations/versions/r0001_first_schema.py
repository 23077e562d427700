"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = (
    sa.String()
    .with_variant(sa.String(collation="C"), "postgresql")
    .with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
)
_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(2**32 - 1), "mysql", "mariadb")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.String().with_variant(sa.String(16_000, collation="utf8mb4_bin"), "mysql", "mariadb")


def upgrade() -> None:
    """Make all tables and indexes."""
    _make_tables()
    _make_indexes()
    op.execute("INSERT INTO meta (name, value) VALUES ('registry', 0)")


def _make_tables() -> None:
    op.create_table(
        "definitions",
        sa.Column("digest", _KEY, nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "engines",
        sa.Column("engine_id", _KEY, nullable=False),
        sa.Column("identity", _KEY, nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("engine_id"),
    )
    op.create_table(
        "logs",
        sa.Column("log_id", _SERIAL, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("log_id"),
    )
    op.create_table(
        "meta",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name", _KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", _KEY, nullable=False),
        sa.Column("status", _KEY, nullable=False),
        sa.Column("correlation_id", _KEY),
        sa.Column("parent_id", _KEY),
        sa.Column("parent_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("holder", _KEY),
        sa.Column("data", _BYTES, nullable=False),
        sa.Column("input", _BYTES, nullable=False),
        sa.Column("output", _BYTES, nullable=False),
        sa.Column("variables", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "start_keys",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task_defs",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "tasks",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ref", _KEY, nullable=False),
        sa.Column("base_ref", _KEY, nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.Column("task_type", _KEY, nullable=False),
        sa.Column("status", _KEY, nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("open_queue", _KEY),
        sa.Column("data", _BYTES, nullable=False),
        sa.Column("input", _BYTES, nullable=False),
        sa.Column("output", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "seq"),
    )
    op.create_table(
        "workflows",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )


def _make_indexes() -> None:
    _index("logs_by_attempt", "logs", ["run_id", "seq"])
    _index("runs_by_age", "runs", ["created_at", "run_id"])
    _index("runs_by_correlation", "runs", ["correlation_id"], "correlation_id IS NOT NULL")
    _index("runs_by_parent", "runs", ["parent_id"], "parent_id IS NOT NULL")
    _index("runs_due", "runs", ["due_at", "run_id"], "due_at IS NOT NULL")
    _index("runs_held", "runs", ["holder", "run_id"], "status IN ('RUNNING', 'PAUSED')")
    _index("tasks_by_place", "tasks", ["run_id", "base_ref", "seq"], "seq > 64")
    _index("tasks_due", "tasks", ["due_at", "run_id", "seq"], "due_at IS NOT NULL")
    _index("tasks_live", "tasks", ["run_id", "seq"], "seq > 64 AND status IN ('SCHEDULED', 'IN_PROGRESS')")
    _index("tasks_open", "tasks", ["open_queue", "run_id", "seq"], "open_queue IS NOT NULL")


def _index(name: str, table: str, columns: list[str], condition: str | None = None) -> None:
    where = None if condition is None else sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
