"""
The audit: who has changed what.

A new table only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEY = (
    sa.String()
    .with_variant(sa.String(collation="C"), "postgresql")
    .with_variant(sa.String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
)
_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(2**32 - 1), "mysql", "mariadb")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "audit",
        sa.Column("audit_id", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, _KEY, nullable=False) for name in ("who", "address", "verb", "kind", "name")),
        sa.Column("run_id", _KEY),
        sa.Column("result", _KEY, nullable=False),
        sa.Column("body", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("audit_id"),
    )
    op.create_index("audit_by_age", "audit", ["at", "audit_id"])
    op.create_index("audit_by_object", "audit", ["kind", "name", "at", "audit_id"])
    known = sa.text("run_id IS NOT NULL")
    op.create_index("audit_by_run", "audit", ["run_id"], sqlite_where=known, postgresql_where=known)
