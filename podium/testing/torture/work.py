"""
A process of the torture: an engine and its workers, which begins runs when it is told to.

    python -m podium.testing.torture.work <url> <folder> <name> <clock ahead, ms> <machine, or -> <work: 0 or 1>

It writes what it promises into files of the folder, a line in one write each: ``accepted`` for each run that was begun,
``ran`` for each attempt that a worker began, ``refused`` for each error that a caller got.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from podium import TaskContext, fan_out, fork, loop, switch, task, wait, workflow
from podium.client import system
from podium.client.embedded import EmbeddedClient, open_embedded
from podium.model.errors import PodiumError, Shortage, StoreError
from podium.model.statuses import IdempotencyStrategy

#: Seconds between two tries, and between two runs: they begin before, during and after each fault.
_RETRY_S, _PAUSE_S = 0.05, 0.3


def expected(x: int) -> int:
    """Return what a run gives: start, left or inner, odd or even, and the last round, each adding one."""
    return x + 4 if x == 1 else x + 5


def write_line(path: Path, text: str) -> None:
    """Write one line that survives the process."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, f"{' '.join(text.split())}\n".encode())
    finally:
        os.close(descriptor)


class _Journal:
    folder = Path()


def keep_journal(folder: Path) -> None:
    """Let the tasks of this process leave their traces in a folder, as lines of ``ran``."""
    _Journal.folder = folder


def _note(context: TaskContext) -> None:
    write_line(_Journal.folder / "ran", context.task_id)


@task(retries=0)
def add_one(context: TaskContext, x: int) -> int:
    """Add one, and leave a trace."""
    _note(context)
    return x + 1


@task(retries=0)
def double(context: TaskContext, input: int) -> int:  # noqa: A002  # the name under which a fan-out hands scalars over
    """Double, and leave a trace."""
    _note(context)
    return 2 * input


@workflow
def inner(x: int) -> int:
    """Two steps of a sub-workflow."""
    first = add_one.as_("inner_first")(x=x)
    return add_one.as_("inner_second")(x=first.output).output


@workflow
def tortured(x: int) -> int:
    """Every structure once: a chain, a fork, a switch, a loop, a fan-out, a sub-workflow, a timer."""
    start = add_one.as_("start")(x=x)
    with fork("both") as both:
        with both.branch():
            left = add_one.as_("left")(x=start.output)
        with both.branch():
            wait("pause", duration="1 second")
            right = inner(x=start.output)
    with switch("side", x) as side:
        with side.case("1"):
            odd = add_one.as_("odd")(x=left.output)
        with side.otherwise():
            even = add_one.as_("even")(x=right.output)
    chosen = side.merge(odd, even)
    with loop("rounds", max_iterations=3):
        last = add_one.as_("round")(x=chosen.output)
    fan_out("spread", double, [1, 2, 3, 4])
    return last.output


class RunStarter:
    """
    Begins runs, each again until it is accepted: a key makes one run of many tries.

    Args:
        client: Where.
        folder: Where it says so.
    """

    def __init__(self, client: EmbeddedClient, folder: Path) -> None:
        self._client = client
        self._folder = folder

    def begin(self, name: str, count: int) -> None:
        """Begin runs, one after the other, on a thread of its own."""
        threading.Thread(target=self._begin, args=(name, count), daemon=True).start()

    def _begin(self, name: str, count: int) -> None:
        for number in range(count):
            key, x = f"{name}-{number}", number % 2
            while (run_id := self._try(key, x)) is None:
                time.sleep(_RETRY_S)
            write_line(self._folder / "accepted", f"{name} {key} {x} {run_id}")
            time.sleep(_PAUSE_S)

    def _try(self, key: str, x: int) -> str | None:
        try:
            return self._client.start(
                tortured, {"x": x}, idempotency_key=key, idempotency_strategy=IdempotencyStrategy.RETURN_EXISTING
            )
        except (StoreError, Shortage) as error:
            write_line(self._folder / "refused", f"{type(error).__name__} {error}")
        except Exception as error:  # noqa: BLE001  # whatever else comes is what the torture looks for
            write_line(self._folder / "refused", f"! {error!r}")
        return None


def _exhaust(client: EmbeddedClient, seconds: float) -> None:
    """Take all connections that there may be for a while."""
    database: Any = client.engine.backend
    pool = database._database._engine.pool  # noqa: SLF001  # nothing of the kind is offered, and should not be
    taken: list[Any] = []
    try:
        while len(taken) < pool.size() + pool._max_overflow - pool.checkedout():  # noqa: SLF001  # as above
            taken.append(pool.connect())
        time.sleep(seconds)
    finally:
        for connection in taken:
            connection.close()


def _set_clock(ahead_ms: int) -> None:
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + ahead_ms / 1000
    time.time_ns = lambda: right_ns() + ahead_ms * 1_000_000


def _opened(url: str) -> EmbeddedClient:
    """Open the store and register, again and again: a fault may be there at the beginning as well."""
    while True:
        try:
            client = open_embedded(url)
        except StoreError:
            time.sleep(_RETRY_S)
            continue
        try:
            client.register(tortured)
        except StoreError:
            client.close()
            time.sleep(_RETRY_S)
        else:
            return client


def main(arguments: list[str]) -> None:
    """Work until the input ends; take commands from it, a line each."""
    url, folder, _, ahead_ms, machine, works = arguments
    keep_journal(Path(folder))
    if int(ahead_ms):
        _set_clock(int(ahead_ms))
    if machine != "-":
        system._machine = lambda: machine  # noqa: SLF001  # as if it ran elsewhere: nobody can look at its process
    with _opened(url) as client, client.workers([add_one, double] if works == "1" else [], concurrency=4):
        starter = RunStarter(client, Path(folder))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            command, *words = line.split()
            if command == "begin":
                starter.begin(words[0], int(words[1]))
            elif command == "clock":
                _set_clock(int(words[0]))
            elif command == "exhaust":
                _exhaust(client, float(words[0]))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PodiumError as error:
        raise SystemExit(str(error)) from error
