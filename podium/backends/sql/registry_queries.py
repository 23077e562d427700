"""The SQL that takes entries out of the registry."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, delete

from podium.backends.sql.tables import entries, schemas, task_defs, workflows


def unregistering(text: Callable[..., str]) -> dict[str, str]:
    """Return the texts, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "delete_workflow": text(
            delete(workflows).where(workflows.c.name == bindparam("name"), workflows.c.version == bindparam("version")),
            *("name", "version"),
        ),
        "delete_task_def": text(delete(task_defs).where(task_defs.c.name == bindparam("name")), "name"),
        "delete_entry": text(
            delete(entries).where(entries.c.kind == bindparam("kind"), entries.c.name == bindparam("name")),
            *("kind", "name"),
        ),
        "delete_schema": text(
            delete(schemas).where(schemas.c.name == bindparam("name"), schemas.c.version == bindparam("version")),
            *("name", "version"),
        ),
    }
