"""The processes of the torture: begun, killed, begun again, and told what to do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import IO

from attrs import define, frozen

from podium.testing.servers import DatabaseServer

#: How far the clock of the process that plays another machine is ahead.
AHEAD_MS = 5_000

_BEGIN_PATIENCE_S = 60


@frozen
class ActorRole:
    """
    What a process is.

    Attributes:
        name: Its name.
        ahead_ms: How far its clock is ahead.
        machine: Where it pretends to be; None for here.
        works: It has workers.
    """

    name: str
    ahead_ms: int = 0
    machine: str | None = None
    works: bool = True


class Actor:
    """
    A process that is begun anew whenever it was killed.

    Args:
        role: What it is.
        url: The store.
        folder: Where the files are.
    """

    def __init__(self, role: ActorRole, url: str, folder: Path) -> None:
        self.role = role
        self._url = url
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def begin(self, *, late_ms: int = 0) -> None:
        """Begin, unless it lives, perhaps with a clock that is behind; it may not be ready yet."""
        if self._process is None or self._process.poll() is not None:
            role = self.role
            words = (self._url, str(self._folder), role.name, str(role.ahead_ms - late_ms), role.machine or "-")
            with (self._folder / f"{role.name}.log").open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603  # our own program
                    [sys.executable, "-m", "podium.testing.torture.work", *words, str(int(role.works))],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )

    def await_ready(self) -> None:
        """Wait until it works."""
        pipe = self._pipe("stdout")
        if pipe.readline() != "ready\n":
            raise RuntimeError(f"{self.role.name} did not begin; see {self._folder / self.role.name}.log")

    def tell(self, command: str) -> None:
        """Hand in a command; one that is dead or dies does not hear it."""
        pipe = self._pipe("stdin")
        try:
            pipe.write(f"{command}\n")
            pipe.flush()
        except BrokenPipeError:
            pass

    def kill(self) -> None:
        """End it at once."""
        process = self._process
        if process is not None:
            process.kill()
            process.communicate()

    def suspend(self, seconds: float) -> None:
        """Let it stand still for a while, wherever it is, as a machine does that has too much to do."""
        process = self._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            process.send_signal(signal.SIGCONT)

    def end(self) -> bool:
        """End it as it should end; False if it did not within a minute, and was killed."""
        process = self._process
        if process is None or process.poll() is not None:
            return True
        try:
            process.communicate(timeout=_BEGIN_PATIENCE_S)  # closes its input
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def _pipe(self, name: str) -> IO[str]:
        pipe: IO[str] | None = getattr(self._process, name)
        assert pipe is not None
        return pipe


@define
class Stage:
    """
    Where it happens.

    Attributes:
        url: The store.
        folder: For what the processes write down.
        place: What the store's files are in.
        server: The server; None for SQLite.
    """

    url: str
    folder: Path
    place: Path
    server: DatabaseServer | None

    @cached_property
    def starter(self) -> Actor:
        """The process that begins the runs."""
        return Actor(ActorRole("starter", works=False), self.url, self.folder)

    @cached_property
    def workers(self) -> tuple[Actor, ...]:
        """Those that work on them; a file is shared by processes of one machine only."""
        elsewhere = "another machine" if self.server is not None else None
        roles = (ActorRole("near"), ActorRole("far", AHEAD_MS, elsewhere))
        return tuple(Actor(role, self.url, self.folder) for role in roles)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """All processes."""
        return (self.starter, *self.workers)

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file that the processes write."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []
