"""
Wrote ``store_0001.sql``: a store as the last version with revision 0001 of the schema leaves it when it is killed.

It was run with the code of commit 34986ba: ``python tests/backends/write_store_0001.py STORE.db store_0001.sql``. It
stays as the account of what is in the dump. The machine is made unknown, and the last sign of life an old one.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import threading
from datetime import timedelta
from pathlib import Path

import podium
from podium import TaskContext, loop, task, wait, workflow
from podium.model.statuses import TaskStatus

#: What the row of an engine ends with: who it is to its machine, and its last sign of life.
_UNKNOWN = re.compile(r"(?<=^INSERT INTO \"engines\" VALUES)\('(.*?)',.*")
OLD = r"('\1','another-machine|1|1|1',1);"


@task(retries=1, retry_delay=timedelta(hours=1))
def charge(context: TaskContext, amount: int) -> dict[str, int]:
    """Take an amount below 100."""
    context.log(f"asked for {amount}")
    if amount >= 100:
        raise ValueError(f"no more than 99 can be charged, not {amount}")
    return {"charged": amount}


@task
def pack(amount: int) -> dict[str, int]:
    """Pack something; nobody in this process does."""
    return {"packed": amount}


@workflow
def pay(amount: int) -> None:
    """One task, which is done."""
    charge(amount)


@workflow(version=3)
def ship(amount: int) -> None:
    """A task that is done, and one that waits for a worker."""
    charge(amount)
    pack(amount)


@workflow
def drip(amount: int) -> None:
    """More attempts than a short run has, and then a day of rest."""
    with loop("drops", max_iterations=70):
        charge(amount).as_("drop")
    wait("night", duration="1 day")


@workflow
def parent(amount: int) -> None:
    """A run in a run."""
    ship(amount)


def main(path: str, dump: Path) -> None:
    """Make the store, and write its dump while the engine still has its runs in hand."""
    client = podium.connect(f"sqlite:///{path}")
    client.register(pay, ship, drip, parent)
    with client.workers([charge], concurrency=2):
        client.start(pay, {"amount": 5}, priority=7, correlation_id="customer-1", idempotency_key="once")
        failing = client.start(pay, {"amount": 500}, correlation_id="customer-2")
        client.start(ship, {"amount": 6}, priority=3, correlation_id="customer-1", task_to_domain={"pack": "big"})
        dripping = client.start(drip, {"amount": 1})
        client.start(parent, {"amount": 9}, correlation_id="customer-3")
        broken = client.start(ship, {"amount": 2})
        pausing = client.start(ship, {"amount": 3})
        while (
            len(client.get(dripping).tasks) < 72
            or client.get(failing).tasks[0].status is not TaskStatus.FAILED
            or client.get(broken).task("pack") is None
            or client.get(pausing).task("pack") is None
        ):
            threading.Event().wait(0.01)
        client.terminate(broken, 'not wanted — "any more"')
        client.pause(pausing)
        lines = sqlite3.connect(path).iterdump()
        dump.write_text("".join(f"{_UNKNOWN.sub(OLD, line)}\n" for line in lines))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
