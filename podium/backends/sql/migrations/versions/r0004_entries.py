"""
Entries: the small things that people set up beside definitions, such as event handlers, by kind and name.

A new table only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = (
    sa.String()
    .with_variant(sa.String(collation="C"), "postgresql")
    .with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
)
_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(2**32 - 1), "mysql", "mariadb")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "entries",
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("name", _KEY, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name"),
    )
