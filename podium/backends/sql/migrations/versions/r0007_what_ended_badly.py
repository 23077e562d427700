"""
What an index finds at once, however many runs there are: those that ended badly, by the time of their end.

What failed lately may have begun long ago. An index only, so no row is touched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the index."""
    badly = sa.text("status = 'FAILED' OR status = 'TIMED_OUT' OR status = 'TERMINATED'")
    columns = ["status", "ended_at", "run_id"]
    op.create_index("runs_ended_badly", "runs", columns, sqlite_where=badly, postgresql_where=badly)
