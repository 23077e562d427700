"""Alembic runs this file to learn how to reach the database; see `podium.backends.sql.migrations.upgrade`."""

from __future__ import annotations

from alembic import context

# Not Alembic's usual table, because a program with migrations of its own may share the database.
context.configure(connection=context.config.attributes["connection"], version_table="schema_version")
with context.begin_transaction():
    context.run_migrations()
