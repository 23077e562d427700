"""
JDBC: what the task's input asks of a database. Conductor: ``JDBCWorker.java``, ``JDBCInput.java``.

The statement itself is run by `podium.engine.service_ports.Databases`, off the kernel's thread.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.service_ports import Databases, Statement, StatementRefused, WrongCount
from podium.engine.tasks.outcome import Outcome, done, failed, refused
from podium.expressions.text import java_text
from podium.model.json_text import kind_of, shown
from podium.model.payloads import dump
from podium.model.values import JsonValue


def run_statement(task_input: Mapping[str, JsonValue], databases: Databases) -> Outcome:
    """
    Run the statement of a JDBC task, in a transaction of its own.

    Returns:
        COMPLETED with ``result``, the list of the rows, for a SELECT, and with ``update_count`` for an UPDATE; FAILED
        with the database's words; FAILED_WITH_TERMINAL_ERROR where a repetition cannot help.
    """
    text, kind = task_input.get("statement"), task_input.get("type")
    if text is None:
        return refused("Missing JDBC statement")
    name = _source(task_input)
    if name is None or name not in databases.names:
        known = ", ".join(map(repr, sorted(databases.names))) or "none"
        words = f"name it in podium.connect(..., databases={{{name!r}: 'postgresql://...'}}); known: {known}"
        return refused(f"No such datasource configured.  input: {java_text(name)}; {words}")
    if kind not in {"SELECT", "UPDATE"}:
        return failed(f"Unsupported Operation {java_text(kind)}")
    parameters = task_input.get("parameters")
    if not isinstance(parameters, list | None):
        return refused(f"parameters must be a list with a value for each ? of the statement, not {kind_of(parameters)}")
    expected = task_input.get("expectedUpdateCount")
    if isinstance(expected, bool) or not isinstance(expected, int | None):
        return refused(f"expectedUpdateCount must be a whole number, not {shown(expected)}")
    statement = Statement(name, java_text(text), [_bound(value) for value in parameters or ()])
    try:
        if kind == "SELECT":
            return done(task_input, {"result": databases.select(statement)})
        return done(task_input, {"update_count": databases.update(statement, expected or 0)})
    except WrongCount as error:
        return failed(str(error), {"update_count": error.count})
    except StatementRefused as error:
        return refused(str(error))
    except OSError as error:
        return failed(str(error))


def _source(task_input: Mapping[str, JsonValue]) -> str | None:
    """Return the name of the database, by its newer or its older word."""
    for key in ("integrationName", "connectionId"):
        name = task_input.get(key)
        if isinstance(name, str) and name:
            return name
    return None


def _bound(value: JsonValue) -> str | int | float | None:
    """Return what is bound: plain values as they are, objects and lists as JSON."""
    return value if isinstance(value, str | int | float | None) else dump(value).decode()
