"""``podium db``: the schema of a store."""

from __future__ import annotations

import typer

from podium.cli.console import out
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import refuse_server

db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at a store's schema, and bring it up to date.")


@db.command()
def current(db: Db = DEFAULT_DB) -> None:
    """Show the revision of the store's schema, and the newest one that this version knows; change nothing."""
    refuse_server(db)
    from podium.backends.sql.inspecting import current_revision
    from podium.backends.sql.tables import SCHEMA_REVISION

    out(f"{current_revision(db) or 'none'} (this version knows {SCHEMA_REVISION})")


@db.command()
def upgrade(db: Db = DEFAULT_DB) -> None:
    """Make the schema in an empty database, or bring an older one up to date; stop older processes first."""
    refuse_server(db)
    from podium.backends.loader import open_backend
    from podium.backends.sql.inspecting import current_revision

    open_backend(db).close()
    out(f"the schema has revision {current_revision(db)}")


@db.command()
def check(db: Db = DEFAULT_DB) -> None:
    """Compare the schema with what this version knows: exit code 1 and a line for each difference."""
    refuse_server(db)
    from podium.backends.sql.inspecting import differences

    found = differences(db)
    for line in found:
        out(line)
    if found:
        raise typer.Exit(1)
    out("the schema is as this version knows it")
