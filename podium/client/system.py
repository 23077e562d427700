"""The real world behind the engine's ports: the clock, ids, and the processes of this machine."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from pathlib import Path

from podium.engine import ids

#: A clock that is never set and counts the machine's sleep; Linux and macOS differ in its name, Windows has but one.
_STEADY: int | None = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)


def _steady_ns() -> int:
    return time.monotonic_ns() if _STEADY is None else time.clock_gettime_ns(_STEADY)


class SystemClock:
    """
    The time of day, which never goes backwards within this process.

    It follows a steady clock from the moment it was made, so a clock that is set back moves no timer. The steady clock
    goes on while the machine sleeps, or a timer of a laptop would be late by every nap.
    """

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - _steady_ns()

    def now(self) -> int:
        """Give the time in epoch milliseconds."""
        return (_steady_ns() + self._offset_ns) // 1_000_000


class SystemIds:
    """Fresh ids: the time and 42 random bits."""

    def run_id(self) -> str:
        """Give the id of a new run."""
        return ids.run_id(time.time_ns() // 1_000_000, secrets.randbits(42))


class SystemProcesses:
    """
    Engine processes as the operating system knows them.

    A process is named by its machine's boot, its process id namespace, its id and its start time, so that no later
    process is taken for it. Where ``/proc`` is missing, the id alone must do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here: str | None = None

    def identity(self) -> str:
        """Say who this process is."""
        with self._lock:
            if self._here is None:
                self._here = f"{_machine()}|{os.getpid()}|{_start_time(os.getpid())}"
            return self._here

    def _machine(self) -> str:
        return self.identity().partition("|")[0]

    def is_alive(self, identity: str) -> bool | None:
        """Say whether a process lives; None if it belongs to another machine."""
        machine, _, rest = identity.partition("|")
        pid, _, started = rest.partition("|")
        if machine != self._machine() or not pid.isdigit():
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


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()  # the program's name in it may be no text
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return ""
    fields = stat.rpartition(b")")[2].decode().split()
    # A killed process whose parent has not yet looked is a zombie: it holds its id and does nothing any more.
    return "" if fields[0] == "Z" else fields[19]
