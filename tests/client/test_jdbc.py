"""JDBC (Conductor: JDBCWorker.java): queries, changes and their failures, on SQLite."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import attrs
import pytest

import podium
from podium.client import Database
from podium.dsl import databases
from podium.model.errors import InvalidRequest
from podium.model.runs import TaskRun
from podium.model.statuses import TaskStatus


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a database with two orders."""
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE orders (id INTEGER, owner TEXT, price NUMERIC, at DATE, picture BLOB);"
        "INSERT INTO orders VALUES (1, 'ada', 2.5, '2026-01-01', x'0102'), (2, 'bob?', 3, NULL, NULL);"
    )
    connection.close()
    return path


def orders(shop: Path) -> list[tuple[Any, ...]]:
    """Return what the database has."""
    connection = sqlite3.connect(shop)
    rows = connection.execute("SELECT id, owner FROM orders ORDER BY id").fetchall()
    connection.close()
    return rows


def asked(shop: Path | Database, **inputs: Any) -> TaskRun:
    """Run one JDBC task on the database ``shop``."""
    made = podium.Workflow("ask")
    made >> podium.system_task("ask", "JDBC", **{"integrationName": "shop", "type": "SELECT", **inputs})
    url = f"sqlite:///{shop}" if isinstance(shop, Path) else shop
    with podium.connect("memory://", databases={"shop": url}) as client:
        (task,) = client.run(made, {}, timeout=30).tasks
    return task


@attrs.frozen
class Order:
    """A row."""

    id: int
    owner: str


@podium.workflow
def sell(owner: str) -> Any:
    """Change a row, and read it again."""
    changed = databases.change(
        "change", "UPDATE orders SET owner = ? WHERE id = ?", [owner, 2], integration="shop", expected=1
    )
    found = databases.query(
        "find", "SELECT id, owner FROM orders WHERE owner = ?", [owner], integration="shop", returns=Order
    )
    return [changed.output.update_count, found.output[0].owner]


def test_builders_ask_and_change(shop: Path) -> None:
    """What ``databases.query`` and ``databases.change`` build runs, under the name that the client gave."""
    with podium.connect("memory://", databases={"shop": f"sqlite:///{shop}"}) as client:
        run = client.run(sell, {"owner": "cyd"}, timeout=30)

    assert run.output == {"result": [1, "cyd"]}
    assert orders(shop) == [(1, "ada"), (2, "cyd")]


def test_rows_are_objects_by_column(shop: Path) -> None:
    """Names of columns are those that AS gives; bytes are base64; a list may be empty."""
    task = asked(shop, statement="SELECT id AS number, price, at, picture FROM orders ORDER BY id")
    none = asked(shop, statement="SELECT * FROM orders WHERE id = 9")

    assert task.output_data["result"] == [
        {"number": 1, "price": 2.5, "at": "2026-01-01", "picture": "AQI="},
        {"number": 2, "price": 3, "at": None, "picture": None},
    ]
    assert (none.status, none.output_data) == (TaskStatus.COMPLETED, {"result": []})


@pytest.mark.parametrize(
    ("statement", "parameters", "ids"),
    [
        ("SELECT id FROM orders WHERE owner = ? AND id = ?", ["ada", 1], [1]),
        ("SELECT id FROM orders WHERE owner = 'bob?'", None, [2]),
        ("SELECT id FROM orders WHERE owner = 'bob??' OR owner = ?", ["ada"], [1]),
        ("SELECT id FROM orders -- which? :one\n WHERE id = ? /* why? */", [2], [2]),
        ("SELECT id FROM orders WHERE '12:30:?' = ?", ["12:30:?"], [1, 2]),
        ('SELECT id AS "id?" FROM orders WHERE id = ?', [1], [1]),
        ("SELECT id FROM orders WHERE ? = '{\"a\":1}'", [{"a": 1}], [1, 2]),
        ("SELECT id FROM orders WHERE ? IS NULL", [None], [1, 2]),
    ],
)
def test_parameters_are_bound_in_their_order(shop: Path, statement: str, parameters: Any, ids: list[int]) -> None:
    """Each ``?`` outside of texts, names and comments is one; values keep their kinds, objects are JSON."""
    task = asked(shop, statement=statement, parameters=parameters)

    assert task.reason_for_incompletion is None
    assert [next(iter(row.values())) for row in task.output_data["result"]] == ids


def test_a_parameter_is_no_sql(shop: Path) -> None:
    """What comes as a parameter stays a value, whatever stands in it."""
    task = asked(shop, statement="SELECT id FROM orders WHERE owner = ?", parameters=["x' OR '1'='1"])

    assert task.output_data == {"result": []}


def test_a_change_of_another_number_of_rows_is_taken_back(shop: Path) -> None:
    """The reason is the server's, the count stands in the output, and nothing is changed; 0 expects nothing."""
    change = {"type": "UPDATE", "statement": "UPDATE orders SET owner = 'x'"}
    wrong = asked(shop, **change, expectedUpdateCount=1)

    assert wrong.status is TaskStatus.FAILED
    assert wrong.reason_for_incompletion == "Update count 2 does not match with expected update count 1"
    assert (wrong.output_data, orders(shop)) == ({"update_count": 2}, [(1, "ada"), (2, "bob?")])
    assert asked(shop, **change, expectedUpdateCount=0).output_data == {"update_count": 2}
    assert asked(shop, type="UPDATE", statement="CREATE TABLE more (id INT)").output_data == {"update_count": 0}


@pytest.mark.parametrize(
    ("inputs", "status", "reason"),
    [
        ({}, "FAILED_WITH_TERMINAL_ERROR", "Missing JDBC statement"),
        ({"statement": "x", "type": "PROCEDURE"}, "FAILED", "Unsupported Operation PROCEDURE"),
        ({"statement": "x", "type": None}, "FAILED", "Unsupported Operation null"),
        ({"statement": "SELECT absent FROM orders"}, "FAILED", "no such column: absent"),
        (
            {"statement": "SELECT ?"},
            "FAILED_WITH_TERMINAL_ERROR",
            "the statement has 1 ? for parameters, and 0 are given",
        ),
        (
            {"statement": "SELECT 1", "parameters": "x"},
            "FAILED_WITH_TERMINAL_ERROR",
            "parameters must be a list with a value for each ? of the statement, not a text",
        ),
        (
            {"statement": "SELECT 1", "expectedUpdateCount": "1"},
            "FAILED_WITH_TERMINAL_ERROR",
            "expectedUpdateCount must be a whole number, not '1'",
        ),
        (
            {"statement": "DELETE FROM orders"},
            "FAILED_WITH_TERMINAL_ERROR",
            "the statement gives no rows; its type is UPDATE",
        ),
        (
            {"statement": "SELECT 1", "integrationName": "stock"},
            "FAILED_WITH_TERMINAL_ERROR",
            (
                "No such datasource configured.  input: stock; name it in podium.connect(..., databases={'stock': "
                "'postgresql://...'}); known: 'shop'"
            ),
        ),
    ],
)
def test_failures_say_what_is_wrong(shop: Path, inputs: dict[str, Any], status: str, reason: str) -> None:
    """The server's words where it has some; nothing is changed."""
    task = asked(shop, **inputs)

    assert (task.status, task.reason_for_incompletion) == (status, reason)
    assert len(orders(shop)) == 2


def test_the_older_word_for_a_database_counts_too(shop: Path) -> None:
    """``connectionId`` names it where ``integrationName`` is not there."""
    task = asked(shop, integrationName=None, connectionId="shop", statement="SELECT 1 AS one")

    assert task.output_data == {"result": [{"one": 1}]}


def test_too_many_rows_are_refused(shop: Path) -> None:
    """A SELECT that gives more rows than the database's limit fails for good, and says so."""
    limited = Database(url=f"sqlite:///{shop}", rows_max=1)
    task = asked(limited, statement="SELECT id FROM orders")

    assert task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert task.reason_for_incompletion == (
        "the statement gives more than 1 rows, the limit; let it give fewer (LIMIT)"
    )
    assert len(asked(limited, statement="SELECT id FROM orders LIMIT 1").output_data["result"]) == 1


def test_a_database_in_memory_is_one_for_all_tasks() -> None:
    """What one task makes the next one finds, whichever thread runs it."""
    made = podium.Workflow("both")
    made >> databases.change("make", "CREATE TABLE t AS SELECT 5 AS n", integration="m")
    made >> databases.query("read", "SELECT n FROM t", integration="m")
    with podium.connect("memory://", databases={"m": "sqlite://"}) as client:
        assert client.run(made, {}, timeout=30).tasks[1].output_data == {"result": [{"n": 5}]}


def test_the_environment_names_databases(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For programs that take no arguments; what a client is given goes before."""
    monkeypatch.setenv("PODIUM_DATABASE_shop", "sqlite:////nowhere/shop.db")
    monkeypatch.setenv("PODIUM_DATABASE_stock", f"sqlite:///{shop}")

    assert asked(shop, statement="SELECT 1 AS one").status is TaskStatus.COMPLETED
    assert asked(shop, statement="SELECT 1 AS one", integrationName="stock").status is TaskStatus.COMPLETED


@pytest.mark.parametrize("url", ["shop.db", 7, "postgresql:/host/db"])
def test_what_is_no_address_is_refused_at_once(url: Any) -> None:
    """The client is not made, and the error names the database and what to write."""
    with pytest.raises(InvalidRequest, match=r"databases: 'shop' must be an address such as 'sqlite:///shop\.db'"):
        podium.connect("memory://", databases={"shop": url})


def test_a_driver_that_is_not_there_is_named(shop: Path) -> None:
    """The task fails for good, with the driver's name and without the address, which may hold a password."""
    task = asked(Database(url="firebird://ada:s3cret@db/shop"), statement="SELECT 1")

    assert task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert (task.reason_for_incompletion or "").startswith("the driver of the database 'shop' is not installed:")
    assert "s3cret" not in str(task)


def test_secrets_are_bound_and_not_shown(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that names a secret has its value; a failure does not quote it."""
    monkeypatch.setenv("CONDUCTOR_SECRET_OWNER", "ada")
    secret = "${workflow.secrets.OWNER}"
    found = asked(shop, statement="SELECT id FROM orders WHERE owner = ?", parameters=[secret])
    failed = asked(shop, statement=f"SELECT '{secret}' FROM {secret}", parameters=[])

    assert found.output_data == {"result": [{"id": 1}]}
    assert failed.reason_for_incompletion == "no such table: ***"
