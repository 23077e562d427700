"""The real world behind the engine's ports: the clock, ids, and the processes of this machine."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from podium.engine import ids
from podium.engine.heartbeats import is_alive
from podium.engine.rows import EngineRow

#: A clock that is never set and counts the machine's sleep; Linux and macOS differ in its name, Windows has but one.
_STEADY: int | None = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)

#: Parts of an identity: the machine, the process id, its start time, `SystemClock.ahead_ms`.
_PARTS = 4


#: Its time in nanoseconds. The kernel asks often, so no function of Python stands between.
_steady_ns: Callable[[], int] = time.monotonic_ns if _STEADY is None else partial(time.clock_gettime_ns, _STEADY)


class SystemClock:
    """
    The time of day, which never goes backwards within this process.

    It follows a steady clock from the moment it was made, so a clock that is set back moves no timer. The steady clock
    goes on while the machine sleeps, or a timer of a laptop would be late by every nap.

    Attributes:
        ahead_ms: How far it is ahead of the machine's steady clock.
    """

    def __init__(self) -> None:
        self.ahead_ms: int = (time.time_ns() - _steady_ns()) // 1_000_000

    def now(self) -> int:
        """Return the time in epoch milliseconds."""
        return _steady_ns() // 1_000_000 + self.ahead_ms

    def passed(self) -> int:
        """Return the millisecond before the present one, which is not over."""
        return self.now() - 1

    def agree(
        self, engines: Iterable[EngineRow], processes: SystemProcesses, store_time: Callable[[], int | None]
    ) -> None:
        """
        Go by the clock of the engine processes that work on a store already; where there are none, by the store's.

        A store in a server has one, so that machines may differ; one in a file goes by the time of day here.

        Otherwise a process that began while the machine's clock was wrong would end the timers of the others, and they
        its own. The steady clock is the same for all processes of a machine, whatever they take the time of day for.
        """
        for engine in engines:
            ahead_ms = processes.clock_of(engine.identity)
            if ahead_ms is not None and is_alive(engine, processes, _steady_ns() // 1_000_000 + ahead_ms):
                self.ahead_ms = ahead_ms
                return
        before = _steady_ns()
        time_there = store_time()
        if time_there is not None:
            self.ahead_ms = time_there - (before + _steady_ns()) // 2_000_000


class SystemIds:
    """Fresh ids: the time and 42 random bits."""

    def run_id(self) -> str:
        """Return the id of a new run."""
        return ids.run_id(time.time_ns() // 1_000_000, secrets.randbits(42))

    def child_id(self, parent: str, parent_task: str, retry_count: int) -> str:
        """Return a fresh id: it says when the child began."""
        return self.run_id()


class ConductorIds(SystemIds):
    """The same; those of sub-workflows are made from the attempts that call them, so that programs may compute them."""

    def child_id(self, parent: str, parent_task: str, retry_count: int) -> str:
        """Return what Conductor's own generator makes of the attempt."""
        return ids.child_id(parent, parent_task, retry_count)


class SystemProcesses:
    """
    Engine processes as the operating system knows them.

    A process is named by its machine's boot, its process id namespace, its id and its start time, so that no later
    process is taken for it. Where ``/proc`` is missing, the id alone must do. The clock it goes by stands there too.

    Args:
        clock: That of this process, once it has agreed on one; for a process that only looks at others, any.
    """

    def __init__(self, clock: SystemClock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._here: str | None = None

    def identity(self) -> str:
        """Say who this process is."""
        with self._lock:
            if self._here is None:
                self._here = f"{_machine()}|{os.getpid()}|{_start_time(os.getpid())}|{self._clock.ahead_ms}"
            return self._here

    def clock_of(self, identity: str) -> int | None:
        """Return `SystemClock.ahead_ms` of a process; None if it belongs to another machine, or does not say."""
        boot = _boot(_machine())
        machine, *_, ahead_ms = identity.split("|")
        is_number = ahead_ms.removeprefix("-").isdigit() and identity.count("|") == _PARTS - 1
        return int(ahead_ms) if is_number and _boot(machine) == boot else None

    def is_alive(self, identity: str) -> bool | None:
        """Return whether a process lives; None if it belongs to another machine."""
        machine, pid, started, *_ = (*identity.split("|"), "", "")
        if machine != _machine() or not pid.isdigit():
            return None
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it lives, under another user
        try:
            return _start_time(int(pid)) == started
        except OSError:
            return None  # whoever cannot look must not say that it is dead


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    try:
        return f"{boot.read_text().strip()}/{Path('/proc/self/ns/pid').readlink()}"
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return socket.gethostname()


def _boot(machine: str) -> str:
    """Return what all processes since the machine's last start have in common, those in containers too."""
    return machine.partition("/")[0]


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()  # the program's name in it may be no text
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return ""
    fields = stat.rpartition(b")")[2].decode().split()
    # A killed process whose parent has not yet looked is a zombie: it holds its id and does nothing any more.
    return "" if fields[0] == "Z" else fields[19]
