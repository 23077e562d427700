"""
Large payloads apart, on SQLite: it writes a row as a whole with each change, so they were written anew with each step.

A new table, and what empties it. No row is touched: what is large and in its row stays there until it is written again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table where it is used."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_table(
        "payloads",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "seq", "name"),
    )
    op.execute(
        "CREATE TRIGGER payloads_of_runs AFTER DELETE ON runs"
        " BEGIN DELETE FROM payloads WHERE run_id = OLD.run_id AND seq = 0; END"
    )
    op.execute(
        "CREATE TRIGGER payloads_of_tasks AFTER DELETE ON tasks"
        " BEGIN DELETE FROM payloads WHERE run_id = OLD.run_id AND seq = OLD.seq; END"
    )
