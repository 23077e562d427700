"""
On MySQL and MariaDB names, ids and keys that differ in trailing blanks only are two, as everywhere else.

The tables are written anew there, which takes its time where there are many runs; other databases have nothing to do.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = (
    *("audit", "cached", "definitions", "engines", "entries", "logs", "messages", "meta", "outbox", "runs"),
    *("schedules", "schemas", "slots", "start_keys", "task_defs", "tasks", "workflows"),
)


def upgrade() -> None:
    """Give all texts the collation that compares letter by letter."""
    if op.get_bind().dialect.name in {"mysql", "mariadb"}:
        for table in _TABLES:
            op.execute(
                f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4"
                " COLLATE /*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */"
            )
