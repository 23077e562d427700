"""
The steps from one revision of the schema to the next, run by Alembic.

Only a store that an older Podium wrote comes here; a new one is made from `podium.backends.sql.tables` at once, and a
test sees to it that both ways end in the same schema. Each step is a file ``versions/r<number>_<what>.py`` with the
next number as its revision, and says in itself what it needs: `tables` is free to change later.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config() -> Config:
    """Return Alembic's configuration; there is no file, because nothing in it is for users to change."""
    settings = Config()
    settings.set_main_option("script_location", "podium.backends.sql:migrations")
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(connection: Connection, revision: str = "head") -> None:
    """
    Run the steps that the database has not seen.

    Args:
        connection: With an open transaction that keeps other processes off; the caller commits it.
        revision: Where to stop.
    """
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
