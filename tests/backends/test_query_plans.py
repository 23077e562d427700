"""
What databases do for each statement of the hot path, as they say themselves, in a store with many runs.

``PODIUM_PLAN_ROWS=1000000`` asks them with as many runs as that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import psycopg
import pytest

from podium.backends.loader import open_backend
from podium.backends.sql.database import Values
from podium.backends.sql.server import ServerDatabase
from podium.backends.sql.store import SqlBackend
from podium.engine.rows import RUN_STEP, TASK_END, RunFilter
from podium.engine.searches import Compare, Every, Order, Search
from podium.testing.crowds import DEAD, fill

_RUNS = int(os.environ.get("PODIUM_PLAN_ROWS", "20000"))

#: Far in the future, in epoch milliseconds.
_LATER = 2**42

#: What failed lately, as the overview asks for it.
_ENDED_LATELY = Search(
    Every((Compare("status", "=", "FAILED"), Compare("ended_at", ">=", 2))),
    (Order("ended_at", is_descending=True),),
)
#: The queries, by what they are asked for; ``x`` is the id of a run.
_QUERIES: dict[str, Callable[[SqlBackend, str], object]] = {
    "load_runs": lambda store, x: store.load_runs([x, "other"]),
    "pulses": lambda store, x: store.pulses([x]),
    "load_tasks": lambda store, x: store.load_tasks(x),
    "load_current_tasks": lambda store, x: store.load_current_tasks([x]),
    "load_current_tasks of many": lambda store, x: store.load_current_tasks([x, *map(str, range(60))]),
    "load_task": lambda store, x: store.load_task(x, 1),
    "load_bodies": lambda store, x: store.load_bodies(x, ["ask"]),
    "due": lambda store, _: store.due(_LATER, 100),
    "claim": lambda store, _: store.claim({"add_one": 10}, 10, "me"),
    "lying_in": lambda store, _: store.lying_in("add_one", 10),
    "held": lambda store, x: store.held([x, *map(str, range(60))]),
    "held_runs": lambda store, _: store.held_runs(DEAD, 500),
    "held_runs of nobody": lambda store, _: store.held_runs(None, 500),
    "awaited_limit": lambda store, _: store.awaited_limit(),
    "ended_runs": lambda store, _: store.ended_runs(_LATER, None, None, 200),
    "ended_runs of a name": lambda store, _: store.ended_runs(_LATER, "ending", None, 200),
    "deletable_runs": lambda store, x: store.deletable_runs([x]),
    "newest": lambda store, _: store.list_runs(RunFilter(), 100, 0),
    "of a name": lambda store, _: store.list_runs(RunFilter(name="waiting"), 100, 0),
    "of a name that is not there": lambda store, _: store.list_runs(RunFilter(name="none"), 100, 0),
    "of a status": lambda store, _: store.list_runs(RunFilter(status="RUNNING"), 100, 0),
    "of a status that is not there": lambda store, _: store.list_runs(RunFilter(status="ABSENT"), 100, 0),
    "of a name and a status": lambda store, _: store.list_runs(RunFilter(name="waiting", status="RUNNING"), 100, 0),
    "of a correlation id": lambda store, _: store.list_runs(RunFilter(correlation_id="order-7"), 100, 0),
    "of a parent": lambda store, x: store.list_runs(RunFilter(parent_id=x), 100, 0),
    "of a time": lambda store, _: store.list_runs(RunFilter(started_from=1, started_to=2), 100, 0),
    "that ended badly": lambda store, _: store.search_runs(_ENDED_LATELY),
    "that ended badly, counted": lambda store, _: store.count_runs(_ENDED_LATELY.where),
}

#: The index that some must follow, on every database: others would do, and read what they need not.
_INDEXES = {
    "due": "tasks_due",
    "claim": "tasks_open",
    "held_runs": "runs_held",
    "held_runs of nobody": "runs_(un)?held",
    "awaited_limit": "runs_held",
    "newest": "runs_by_age",
    "of a name": "runs_by_name",
    "of a status": "runs_by_status",
    "of a status that is not there": "runs_by_status",
    "of a name and a status": "runs_by_name_and_status",
    "of a correlation id": "runs_by_correlation",
    "that ended badly": "runs_ended_badly",
    "that ended badly, counted": "runs_ended_badly",
}

#: The statements that change one row, with the columns that they set, and how many columns are its key.
_CHANGES: dict[str, tuple[int, str]] = {
    "step_run": (len(RUN_STEP), "runs"),
    "end_task": (len(TASK_END), "tasks"),
    "delete_run": (0, "runs"),
    "empty_run": (0, "tasks"),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def crowded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlBackend]:
    """A store with many runs."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'podium.db'}"
    else:
        url = request.getfixturevalue(request.param).url()
    fill(url, _RUNS)
    store = open_backend(url)
    assert isinstance(store, SqlBackend)
    yield store
    store.close()


def plans(store: SqlBackend, call: Callable[[], object]) -> list[list[Any]]:
    """Return what the database says that it does for each query of a call."""
    database: Any = store._database
    fetch, search, found = database.fetch, database.search, []

    def explain(sql: str, *parameters: Values) -> list[Any]:
        found.append(_plan(store, fetch, sql, parameters[0]))
        return list(fetch(sql, *parameters))

    def explain_search(sql: str, parameters: Values) -> list[Any]:
        found.append(search(f"{_word(store)} {sql}", parameters))
        return list(search(sql, parameters))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "fetch", explain)
        if isinstance(database, ServerDatabase):  # else it is the same as to fetch
            patch.setattr(database, "search", explain_search)
        call()
    return found


def _plan(store: SqlBackend, fetch: Callable[..., list[Any]], sql: str, parameters: Values) -> list[Any]:
    """Return the plan of a query as the store runs it: PostgreSQL has one plan for all values of marks."""
    database: Any = store._database
    if not isinstance(database, ServerDatabase) or database.tells_what is False:
        return fetch(f"{_word(store)} {sql}", parameters)
    connection = database._connect()
    numbers = count(1)
    driver: Any = connection.driver_connection
    cursor = psycopg.ClientCursor(driver)
    cursor.execute(f"PREPARE asked AS {re.sub('%s', lambda _: f'${next(numbers)}', sql)}")
    values = f"({', '.join(['%s'] * len(parameters))})" if parameters else ""
    plan = cursor.execute(f"EXPLAIN EXECUTE asked{values}", parameters).fetchall()
    cursor.execute("DEALLOCATE asked")
    connection.close()
    return list(plan)


def _word(store: SqlBackend) -> str:
    return "EXPLAIN QUERY PLAN" if store._database.mark == "?" else "EXPLAIN"


def faults(plan: list[Any]) -> list[str]:
    """Return the steps of a plan that read a whole table of runs or attempts, or sort what an index has in order."""
    bad = []
    for row in plan:
        if isinstance(row[-1], str) and len(row) <= 4:  # SQLite and PostgreSQL say it in words
            step = str(row[-1]).strip()
            whole = re.search(
                r"^SCAN (runs|tasks|parent|child|live|later|newest)\b(?! USING)|Seq Scan on (runs|tasks)", step
            )
            if whole:
                bad.append(step)
        elif (
            row[2] is not None and row[3] == "ALL" and re.fullmatch("runs|tasks|parent|child|live|later|newest", row[2])
        ):
            bad.append(str(row))
    return bad


@pytest.mark.parametrize("name", _QUERIES)
def test_no_query_reads_a_whole_table(crowded: SqlBackend, name: str) -> None:
    """Each finds what it gives by an index, however many others there are."""
    run_id = crowded.held_runs(DEAD, 1)[0]
    found = plans(crowded, lambda: _QUERIES[name](crowded, run_id))

    assert found
    assert [faults(plan) for plan in found] == [[] for _ in found], found
    assert re.search(_INDEXES.get(name, ""), str(found))


@pytest.mark.parametrize("name", _CHANGES)
def test_no_change_reads_a_whole_table(crowded: SqlBackend, name: str) -> None:
    """A row is changed where its key says that it is."""
    run_id = crowded.held_runs(DEAD, 1)[0]
    columns, table = _CHANGES[name]
    sql: str = getattr(crowded._sql, name)
    values = [*[None] * columns, run_id, *([1] if sql.count(crowded._database.mark) > columns + 1 else [])]
    plan = _plan(crowded, crowded._database.fetch, sql, values)

    assert faults(plan) == [], plan
    assert table in sql
