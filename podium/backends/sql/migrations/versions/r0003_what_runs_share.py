"""
What stands beside runs: schemas, outputs to be used again, messages to runs, messages to be sent, slots, schedules.

New tables only, so a store of the second revision is upgraded without touching its rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = (
    sa.String()
    .with_variant(sa.String(collation="C"), "postgresql")
    .with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
)
_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(2**32 - 1), "mysql", "mariadb")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "schemas",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_table(
        "cached",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("cached_by_expiry", "cached", ["expires_at"])
    op.create_table(
        "messages",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", _KEY, nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    op.create_table(
        "outbox",
        sa.Column("event_id", _KEY, nullable=False),
        sa.Column("holder", _KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("outbox_by_age", "outbox", ["created_at", "event_id"])
    op.create_table(
        "schedules",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("workflow", _KEY, nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.Column("data", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("schedules_due", "schedules", ["due_at", "name"])
    op.create_table(
        "slots",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "number"),
        sqlite_with_rowid=False,
    )
