"""SQL databases that the server can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from podium.dsl.builders.declaring import builder, declared
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.steps import Step
from podium.typed.authored import Authored

__all__ = ["Changed", "change", "query"]


@attrs.frozen(kw_only=True)
class Changed:
    """What came of `change`."""

    #: How many rows it was.
    update_count: int


_KEYS = {
    "integration": "integrationName",
    "connection": "connectionId",
    "schema": "schemaName",
    "expected": "expectedUpdateCount",
}


def _one_source(name: str, given: Mapping[str, Authored]) -> None:
    if (given.get("integration") is None) == (given.get("connection") is None):
        refuse(f"step {name!r} asks a database; say which by integration= (Orkes) or connection= (Conductor)")


@builder("JDBC", output=list, keys=_KEYS, always={"type": "SELECT"}, check=_one_source)
def query(
    name: str,
    statement: str,
    parameters: Sequence[object] | None = None,
    /,
    *,
    integration: str | None = None,
    connection: str | None = None,
    schema: str | None = None,
    returns: type[T] = ANYTHING,
) -> Step[list[T]]:
    """
    Ask a database (JDBC with SELECT).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        statement: SQL with ``?`` for each parameter. A reference in the text would be put in as it is: use parameters.
        parameters: Their values in order; Conductor binds them as texts.
        integration: The database's name at the server (Orkes; open-source Conductor takes it too), or in
            ``podium.connect(url, databases={...})``.
        connection: The older word for it.
        schema: The schema's name.
        returns: The type of a row; its fields are called as the columns, whatever ``AS`` says with some drivers.

    Returns:
        The step; ``.output`` is the list of the rows.

    Raises:
        AuthoringError: P1, no database is named, or two.

    Example:
        ``databases.query("open", "SELECT id FROM orders WHERE owner = ?", [customer], integration="shop")``
    """
    declared()


@builder("JDBC", output=Changed, keys=_KEYS, always={"type": "UPDATE"}, check=_one_source)
def change(
    name: str,
    statement: str,
    parameters: Sequence[object] | None = None,
    /,
    *,
    expected: int | None = None,
    integration: str | None = None,
    connection: str | None = None,
    schema: str | None = None,
) -> Step[Changed]:
    """
    Change rows of a database: INSERT, UPDATE, DELETE (JDBC with UPDATE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        statement: SQL with ``?`` for each parameter.
        parameters: Their values in order; Conductor binds them as texts.
        expected: How many rows it must be; with another number nothing is changed, and the step fails.
        integration: The database's name at the server.
        connection: The older word for it.
        schema: The schema's name.

    Returns:
        The step; ``.output.update_count`` is how many rows it was.

    Raises:
        AuthoringError: P1, no database is named, or two.
    """
    declared()
