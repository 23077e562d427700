"""What an embedded engine takes from the world around it: the real one, unless a test brings its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from podium.client.system import SystemClock, SystemIds, SystemProcesses
from podium.engine.config import ScriptRunner
from podium.engine.late_scripts import LateScripts
from podium.engine.ports import Backend, Clock, IdSource, Processes, Random


class ClientWorld(Protocol):
    """The world of one engine."""

    @property
    def clock(self) -> Clock:
        """The time as the engine has it."""

    @property
    def ids(self) -> IdSource:
        """Where new ids come from."""

    @property
    def random(self) -> Random:
        """The jitter of retries."""

    @property
    def horizon_ms(self) -> int:
        """Milliseconds ahead for which timers are kept in memory."""

    def processes(self, backend: Backend) -> Processes:
        """Return what knows the engine processes, before one begins to work on a store."""

    def scripts(self) -> ScriptRunner:
        """Return what runs the scripts of one engine."""

    def pass_time(self, due: int | None) -> bool:
        """Let time pass, if it does not by itself; see `podium.engine.config.EngineConfig.pass_time`."""

    @property
    def moves_by_itself(self) -> bool:
        """Whether time passes by itself, so that `pass_time` need not be called."""

    def awaiting(self, goes_on: Callable[[], bool]) -> AbstractContextManager[None]:
        """Return what is open while somebody waits for a run that goes on: only then may time be made to pass."""

    @property
    def is_at_standstill(self) -> bool:
        """Nothing will ever happen by itself: nothing is under way, and nothing is due."""


class SystemWorld:
    """The real world."""

    horizon_ms: int = 10_000
    moves_by_itself: bool = True
    is_at_standstill: bool = False

    def __init__(self, ids: SystemIds | None = None) -> None:
        self.clock: SystemClock = SystemClock()
        self.ids: SystemIds = ids or SystemIds()
        self.random: random.Random = random.Random()  # noqa: S311  # the jitter of retries, no secret

    def processes(self, backend: Backend) -> Processes:
        """Return the processes of this machine; the clock goes by theirs from now on."""
        processes = SystemProcesses(self.clock)
        self.clock.agree(backend.engines(), processes, backend.time)
        return processes

    def scripts(self) -> ScriptRunner:
        """Return what runs scripts in processes of their own."""
        return LateScripts()

    def pass_time(self, due: int | None) -> bool:
        """Time passes by itself."""
        return False

    @contextmanager
    def awaiting(self, goes_on: Callable[[], bool]) -> Iterator[None]:
        """Whoever waits changes nothing."""
        yield


if TYPE_CHECKING:
    _conforms: type[ClientWorld] = SystemWorld
