"""
An engine in virtual time with real workers: what the fixture ``podium_client`` gives.

Everything is as in `podium.connect`, the threads and event loops of workers too; only the clock jumps.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from podium.backends.loader import open_backend
from podium.client import Database, EmbeddedClient, HttpPolicy, Limits
from podium.client.serving import ServiceSettings
from podium.client.world import ClientWorld
from podium.dsl.arguments import checked_verb
from podium.engine.config import ScriptRunner
from podium.engine.ports import Backend, Processes
from podium.engine.scripts import DirectScripts
from podium.engine.service_ports import RecordProducer
from podium.model.errors import RunTimeout
from podium.model.messages import EventSink
from podium.model.runs import WorkflowRun
from podium.testing.bench import HORIZON_MS, FakeProcesses, SeededIds
from podium.testing.clock import EPOCH_MS, JumpingClock, milliseconds, moment_ms
from podium.testing.observing import observe

if TYPE_CHECKING:
    from podium.client import AsyncClient

#: Most runs of a client's own store of which those who look on hear though nobody has waited for them.
_OBSERVED_MAX = 1_000


class VirtualWorld:
    """A world in which time jumps and ids and jitter come from a seed."""

    horizon_ms: int = HORIZON_MS
    moves_by_itself: bool = False

    def __init__(self, clock: JumpingClock, seed: int) -> None:
        self.clock: JumpingClock = clock
        self.random: random.Random = random.Random(seed)  # noqa: S311  # reproducible on purpose
        self.ids: SeededIds = SeededIds(clock, self.random)

    def processes(self, backend: Backend) -> Processes:
        """Return the one process there is."""
        return FakeProcesses("test", set())

    def scripts(self) -> ScriptRunner:
        """Return what runs scripts here: starting processes for them costs more than a test."""
        return DirectScripts()

    def pass_time(self, due: int | None) -> bool:
        """Let the clock jump."""
        return self.clock.pass_time(due)

    def awaiting(self, goes_on: Callable[[], bool]) -> AbstractContextManager[None]:
        """Return what is open while somebody waits for a run that goes on."""
        return self.clock.awaiting(goes_on)

    @property
    def is_at_standstill(self) -> bool:
        """Nothing will ever happen by itself."""
        return self.clock.is_at_standstill


class Clock:
    """
    The virtual time of a `VirtualClient`.

    It jumps by itself while somebody waits for a run, so a wait of 30 days takes no time. `advance` moves it by hand.
    """

    def __init__(self, clock: JumpingClock, nudge: Callable[[], None]) -> None:
        self._clock = clock
        self._nudge = nudge

    def now(self) -> datetime:
        """Return the virtual time as an aware UTC datetime."""
        return self._clock.time

    def advance(self, length: timedelta | str | float) -> datetime:
        """
        Move time on; whatever becomes due on the way happens at its moment, and is done when this returns.

        Args:
            length: Such as ``"30 days"`` or ``"1h 30m"``, a timedelta, or a number of seconds.

        Returns:
            The time now.

        Raises:
            InvalidRequest: The length cannot be read, or a task's function does not return.
        """
        return self._move(self._clock.now() + milliseconds(length))

    def move_to(self, moment: datetime | str) -> datetime:
        """
        Move time on to a moment; as `advance`.

        Args:
            moment: A datetime, or a text in ISO format such as ``2026-03-01T08:30``; UTC if it has no zone.
        """
        return self._move(moment_ms(moment))

    def _move(self, target_ms: int) -> datetime:
        self._clock.aim(target_ms)
        self._nudge()
        self._clock.arrive()
        return self._clock.time


class VirtualClient(EmbeddedClient):
    """
    A client as `podium.connect` gives it, in virtual time; made by `podium.testing.connect`.

    Attributes:
        clock: The time, to be looked at and moved.
    """

    def __init__(
        self, backend: Backend, world: ClientWorld, clock: JumpingClock, *, is_alone: bool = False, **options: Any
    ) -> None:
        super().__init__(backend, world=world, **options)
        self.clock: Clock = Clock(clock, self._nudge)
        #: The store is this client's own, so that all its runs are.
        self._is_alone = is_alone
        self._observed: set[str] = set()

    def _nudge(self) -> None:
        self.kernel.look()

    async def _waited(self, run_id: str, timeout: float | None, **options: Any) -> WorkflowRun:
        try:
            return await super()._waited(run_id, timeout, **options)
        except RunTimeout as error:
            error.add_note(f"It is {self.clock.now():%Y-%m-%d %H:%M:%S} in the virtual time of podium.testing.")
            raise
        finally:
            self._observe(run_id)

    def _observe(self, run_id: str) -> None:
        self._observed.add(run_id)
        observe(run_id, self._engine.reader.run)

    def close(self) -> None:
        """Close; who looks on hears of the runs too that nobody has waited for."""
        if self._is_alone:
            self._is_alone = False
            for run in reversed(self.search(limit=_OBSERVED_MAX)):
                if run.parent_workflow_id is None and run.workflow_id not in self._observed:
                    self._observe(run.workflow_id)
        super().close()


@checked_verb
def connect(
    url: str = "memory://",
    *,
    start: datetime | str | None = None,
    seed: int = 0,
    http: HttpPolicy | None = None,
    limits: Limits | None = None,
    sinks: Mapping[str, EventSink] | None = None,
    databases: Mapping[str, str | Database] | None = None,
    kafka: RecordProducer | Mapping[str, Any] | None = None,
) -> VirtualClient:
    """
    Connect to a store as `podium.connect` does, in virtual time.

    Time stands still while functions run. While somebody waits for a run and nothing is at work, it jumps to the next
    moment at which something is due: a WAIT of 30 days, the backoff of a retry, a timeout, a schedule.

    Args:
        url: As for `podium.connect`.
        start: When time begins, such as ``"2026-03-01"``; the first of January 2026 (UTC) if it is not given.
        seed: Ids and the jitter of retries follow from it.
        http: As for `podium.connect`: HTTP tasks send real requests. `podium.testing.simulate` sends none.
        limits: As for `podium.connect`.
        sinks: As for `podium.connect`.
        databases: As for `podium.connect`.
        kafka: As for `podium.connect`; a test gives something that keeps the records.

    Example:
        >>> from podium import wait, workflow
        >>> @workflow
        ... def patient() -> None:
        ...     wait("a_month", duration="30 days")
        >>> with connect() as client:
        ...     print(client.run(patient).status, client.clock.now().date())
        COMPLETED 2026-01-31
    """
    clock = JumpingClock(EPOCH_MS if start is None else moment_ms(start))
    world = VirtualWorld(clock, seed)
    return VirtualClient(
        open_backend(url),
        world,
        clock,
        is_alone=url == "memory://",
        services=ServiceSettings(http=http, sinks=sinks, databases=databases, kafka=kafka),
        limits=limits,
    )


def connect_async(url: str = "memory://", **options: Any) -> AsyncClient:
    """Return a client for an event loop in virtual time, entered with ``async with``; arguments as `connect`."""
    from podium.client.asynchronous import AsyncClient  # asyncio is slow to import, and few need it

    return AsyncClient(lambda: connect(url, **options))
