"""
Stores with many runs in them, made up in no time: for benchmarks of growth and for tests of query plans.

Real runs of two kinds, one that has ended and one that waits for somebody, are copied with new ids and times, straight
into the tables.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from podium import human, task, workflow
from podium.backends.sql.connecting import engine_of
from podium.backends.sql.tables import engines, runs, tasks
from podium.client.embedded import open_embedded
from podium.client.system import SystemProcesses
from podium.engine import ids

#: Rows of one commit's runs.
_ROWS = 2_000

#: One stored run in so many waits for somebody.
WAITING_EACH = 10

#: The process that held them, as it would be called, and a number that no process has.
DEAD, _NO_PROCESS = "engine-of-the-dead", 2**22 + 1


@task
def add_one(x: int) -> int:
    """Add one."""
    return x + 1


@workflow
def ending(x: int) -> int:
    """Do two steps."""
    first = add_one(x)
    return add_one(first.output).as_("second").output


@workflow
def waiting(x: int) -> int:
    """Wait for somebody, then do a step."""
    human("ask")
    return add_one(x).output


def fill(url: str, size: int, waiting_each: int = WAITING_EACH) -> None:
    """Put so many runs into an empty store, as if they had run there; one in so many waits, held by a dead process."""
    with open_embedded(url) as client, client.workers([add_one]):
        done = client.run(ending, {"x": 1}, timeout=60).workflow_id
        client.execute(waiting, {"x": 1}, return_strategy="BLOCKING_TASK", timeout=60)
        (waits,) = (run.workflow_id for run in client.search(name="waiting"))
    engine = engine_of(url)
    with engine.connect() as connection:
        samples = [_sample(connection, run_id) for run_id in (done, waits)]
        began = samples[0][0]["created_at"] - 1_000 * size
        copies = (_copied(*samples[not n % waiting_each], began + 1_000 * n, n) for n in range(size))
        while part := list(islice(copies, _ROWS)):
            connection.execute(insert(runs), [run for run, _ in part])
            connection.execute(insert(tasks), [row for _, rows in part for row in rows])
            connection.commit()
        machine, _, *rest = SystemProcesses().identity().split("|")
        identity = "|".join([machine, str(_NO_PROCESS), *rest])
        connection.execute(insert(engines).values(engine_id=DEAD, identity=identity, heartbeat_at=1, queues=""))
        connection.commit()
        if connection.dialect.name != "sqlite":  # where nobody ever waits for statistics
            command = "ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE TABLE runs, tasks"
            connection.exec_driver_sql(command)
            connection.commit()
    engine.dispose()  # as SQLite's last connection to the file it brings what was written to its place


def _sample(connection: Connection, run_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    def of_run(table: Table) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(select(table).where(table.c.run_id == run_id)).mappings()]

    ((run,), attempts) = of_run(runs), of_run(tasks)
    return run, attempts


def _copied(
    run: dict[str, Any], attempts: list[dict[str, Any]], created_at: int, number: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a run as if it had been started at another time."""
    run_id = ids.run_id(created_at, number)
    later = created_at - run["created_at"]
    ended_at = run["ended_at"] and run["ended_at"] + later
    changed = {"run_id": run_id, "created_at": created_at, "updated_at": run["updated_at"] + later}
    own = {
        **run,
        **changed,
        "ended_at": ended_at,
        "holder": run["holder"] and DEAD,
        "correlation_id": f"order-{number}",
    }
    return own, [{**attempt, "run_id": run_id} for attempt in attempts]
