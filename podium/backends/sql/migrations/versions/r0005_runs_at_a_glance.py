"""
What an index finds at once, however many runs there are: those of a holder that live, and those of a name and a status.

MySQL keeps runs that have ended in every index; by their status the others are found among them. Indexes only, so no
row is touched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the indexes."""
    live, unheld = sa.text("ended_at = 0"), sa.text("ended_at = 0 AND holder IS NULL")
    op.drop_index("runs_held", table_name="runs")
    held = ["holder", "status", "run_id", "ended_at"]
    op.create_index("runs_held", "runs", held, sqlite_where=live, postgresql_where=live)
    op.create_index("runs_unheld", "runs", ["run_id"], sqlite_where=unheld, postgresql_where=unheld)
    op.create_index("runs_by_name_and_status", "runs", ["name", "status", "created_at", "run_id"])
