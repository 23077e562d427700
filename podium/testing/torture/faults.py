"""What the torture does to processes, servers and disks; each harm is taken back after a moment."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TypeAlias

from attrs import frozen
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from podium.model.errors import PodiumError
from podium.testing.torture.cast import Actor, Stage

_HOUR_MS = 3_600_000

#: Seconds for which the store is of no use.
_OUTAGE_S = 1.0
#: The same where it is full: a server has some room in its files.
_FULL_S = 2.5

#: How often a stranger locks what the engines write, in one injection.
_LOCKS = 10

_LIVE_TASKS = text(
    "SELECT run_id, seq FROM tasks WHERE status IN ('SCHEDULED', 'IN_PROGRESS') ORDER BY run_id DESC LIMIT 5 FOR UPDATE"
)
_LIVE_RUNS = text("SELECT run_id FROM runs WHERE status = 'RUNNING' ORDER BY run_id DESC LIMIT 5 FOR UPDATE")


#: Does something to a stage; when it returns, all is well again.
Harm: TypeAlias = Callable[[Stage, Random], None]


@frozen
class TortureFault:
    """
    A kind of fault.

    Attributes:
        name: As the table has it.
        harm: What is done.
        on_server: It can be done to a server.
        on_file: It can be done to an SQLite file.
        needs_small_disk: It fills the disk under the store.
        kills_starter: The process that begins runs has to be told again what to begin.
    """

    name: str
    harm: Harm
    on_server: bool = True
    on_file: bool = True
    needs_small_disk: bool = False
    kills_starter: bool = False

    def suits(self, backend: str) -> bool:
        """Return whether it can be done to such a store."""
        return self.on_file if backend == "sqlite" else self.on_server


def _again(actor: Actor, *, late_ms: int = 0) -> None:
    actor.kill()
    actor.begin(late_ms=late_ms)
    actor.await_ready()


def kill_starter(stage: Stage, _: Random) -> None:
    """Kill the process that begins runs, wherever it is."""
    _again(stage.starter)


def kill_worker(stage: Stage, rng: Random) -> None:
    """Kill a process that works on runs."""
    _again(rng.choice(stage.workers))


def kill_all(stage: Stage, _: Random) -> None:
    """Kill all processes at once, as a power failure would."""
    for actor in stage.actors:
        actor.kill()
    for actor in stage.actors:
        actor.begin()
    for actor in stage.actors:
        actor.await_ready()


def suspend(stage: Stage, rng: Random) -> None:
    """Let a process stand still, perhaps in the middle of a transaction; not for so long that it counts as dead."""
    rng.choice(stage.actors).suspend(2 * _OUTAGE_S)


def set_clock_back(stage: Stage, rng: Random) -> None:
    """Set the clock of a process back by an hour, and begin the other one anew with such a clock."""
    one, other = rng.sample(stage.workers, 2)
    one.tell(f"clock -{_HOUR_MS}")
    _again(other, late_ms=_HOUR_MS)


def restart_server(stage: Stage, rng: Random) -> None:
    """Kill the server, or stop it, and start it again after a while."""
    assert stage.server is not None
    (stage.server.kill if rng.random() < 0.5 else stage.server.stop)()
    time.sleep(rng.uniform(0, _OUTAGE_S))
    stage.server.start()


def cut_connections(stage: Stage, rng: Random) -> None:
    """Cut all connections, whatever they are in the middle of; several times."""
    assert stage.server is not None
    for _ in range(5):
        stage.server.cut_connections()
        time.sleep(rng.uniform(0.01, 0.1))


def forbid_writing(stage: Stage, _: Random) -> None:
    """Let a server take no writes for a while."""
    assert stage.server is not None
    stage.server.set_read_only(is_on=True)
    try:
        time.sleep(_OUTAGE_S)
    finally:
        stage.server.set_read_only(is_on=False)


def exhaust_pool(stage: Stage, rng: Random) -> None:
    """Take all connections that a process may have, for a while."""
    rng.choice(stage.actors).tell(f"exhaust {_OUTAGE_S}")
    time.sleep(_OUTAGE_S)


def lock_rows(stage: Stage, rng: Random) -> None:
    """Lock attempts and then their runs, the other way round than the engines do."""
    engine = create_engine(stage.url, poolclass=NullPool)
    for _ in range(_LOCKS):
        with suppress(DBAPIError):  # the server has undone the stranger, and not the engine
            _lock(engine, rng)
    engine.dispose()


def _lock(engine: Engine, rng: Random) -> None:
    with engine.connect() as connection:
        connection.execute(_LIVE_TASKS).fetchall()
        time.sleep(rng.uniform(0.01, 0.05))
        connection.execute(_LIVE_RUNS).fetchall()
        connection.rollback()


def lock_file(stage: Stage, _: Random) -> None:
    """Hold the lock of an SQLite file for a while."""
    path = stage.url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(_OUTAGE_S)
    finally:
        connection.close()


def fill_disk(stage: Stage, _: Random) -> None:
    """Fill the disk under the store for a while; what did not survive it is started again."""
    with _filled(stage.place / "filler"):
        time.sleep(_FULL_S)
    if stage.server is not None:
        with suppress(PodiumError):
            stage.server.revive()


@contextmanager
def _filled(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        with suppress(OSError):
            while True:
                os.write(descriptor, bytes(1_000_000))
        with suppress(OSError):
            while True:
                os.write(descriptor, bytes(512))
        yield
    finally:
        os.close(descriptor)
        path.unlink()


FAULTS = (
    TortureFault("engine killed", kill_starter, kills_starter=True),
    TortureFault("worker killed", kill_worker),
    TortureFault("all killed", kill_all, kills_starter=True),
    TortureFault("process suspended", suspend),
    TortureFault("clock set back", set_clock_back),
    TortureFault("database restarted", restart_server, on_file=False),
    TortureFault("connections cut", cut_connections, on_file=False),
    TortureFault("rows locked, deadlocks", lock_rows, on_file=False),
    TortureFault("file locked", lock_file, on_server=False),
    TortureFault("pool exhausted", exhaust_pool, on_file=False),
    TortureFault("read-only", forbid_writing, on_file=False),
    TortureFault("disk full", fill_disk, needs_small_disk=True),
)
