"""The SQL of the registry; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Executable,
    Select,
    Table,
    bindparam,
    delete,
    literal_column,
    select,
    update,
)

from podium.backends.sql.spelling import NO_OFFSET, SqlSpelling, StatementCompiler
from podium.backends.sql.tables import entries, meta, schemas, task_defs, workflows


def reading(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that read, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "workflow": text(_version_of(workflows), "name", "version"),
        "newest_workflow": text(_newest_of(workflows), "name"),
        "workflows": text(select(workflows).order_by(workflows.c.name, workflows.c.version)),
        "task_def": text(select(task_defs).where(task_defs.c.name == bindparam("name")), "name"),
        "task_defs": text(select(task_defs).order_by(task_defs.c.name)),
        "schema": text(_version_of(schemas), "name", "version"),
        "newest_schema": text(_newest_of(schemas), "name"),
        "schemas": text(select(schemas).order_by(schemas.c.name, schemas.c.version)),
        "entry": text(
            select(entries).where(entries.c.kind == bindparam("kind"), entries.c.name == bindparam("name")),
            "kind",
            "name",
        ),
        "entries": text(select(entries).where(entries.c.kind == bindparam("kind")).order_by(entries.c.name), "kind"),
        "registry_version": text(select(meta.c.value).where(meta.c.name == literal_column("'registry'"))),
    }


def writing(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, str]:
    """Return the texts that write, likewise."""
    return {
        "put_workflow": text(spelling.put(workflows), *workflows.c.keys()),
        "put_task_def": text(spelling.put(task_defs), *task_defs.c.keys()),
        "put_schema": text(spelling.put(schemas), *schemas.c.keys()),
        "put_entry": text(spelling.put(entries), *entries.c.keys()),
        "bump_registry": text(_bump_registry()),
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


def _version_of(table: Table) -> Select[Any]:
    return _of_name(table).where(table.c.version == bindparam("version"))


def _newest_of(table: Table) -> Select[Any]:
    return _of_name(table).order_by(table.c.version.desc()).limit(literal_column("1")).offset(NO_OFFSET)


def _of_name(table: Table) -> Select[Any]:
    return select(table).where(table.c.name == bindparam("name"))


def _bump_registry() -> Executable:
    grown: Any = meta.c.value + literal_column("1")
    return update(meta).where(meta.c.name == literal_column("'registry'")).values(value=grown)
