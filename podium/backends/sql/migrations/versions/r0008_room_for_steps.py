"""
Room for what steps change: on PostgreSQL pages of runs are half filled, so no index learns of a step.

A property of the table only, for rows that are written from then on; no row is touched.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Set it where there is such a property."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE runs SET (fillfactor = 50)")
