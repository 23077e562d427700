"""The engine of this process on one store: it starts when it is first needed, and never works in a forked child."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from podium.client.driving import BlockingCall
from podium.client.news import EngineLog
from podium.client.outbox import Outbox
from podium.client.retaining import Retainer
from podium.client.sealing import KEY_VARIABLE, Seal
from podium.client.serving import ServiceSettings, TaskServices
from podium.client.stored_values import SECRET, VARIABLE, StoredValues
from podium.client.tracing import tell_spans
from podium.client.world import ClientWorld, SystemWorld
from podium.engine.batch import Request
from podium.engine.config import EngineConfig
from podium.engine.kernel import Kernel
from podium.engine.limits import Limits
from podium.engine.ports import Backend, Clock, IdSource
from podium.engine.reader import Reader
from podium.engine.recent import RecentRuns
from podium.engine.requests import Detach, Register
from podium.model.assignments import Consumer
from podium.model.errors import EngineStopped, InvalidRequest
from podium.model.messages import INTERNAL, EventMessage
from podium.model.payloads import parse
from podium.model.texts import storable

if TYPE_CHECKING:
    from podium.client.event_listening import EventListening
    from podium.client.event_processing import EventProcessor
    from podium.workers.reporter import Observer

_ENVIRONMENT_PREFIX = "CONDUCTOR_ENV_"
_SECRET_PREFIX = "CONDUCTOR_SECRET_"  # noqa: S105  # the prefix of names, no secret


class EmbeddedEngine:
    """
    A store, what reads it, and the engine that works on it.

    Attributes:
        world: What it takes from outside.
        clock: The time of day, as all processes that work on the store take it.
        ids: Where new ids come from.
        seal: Seals secrets that are put into the store, and opens them.
        secrets: Those of the store and of the environment, by name.
        environment: What expressions see as ``${workflow.env…}``: values of the store and of the process, by name.
        limits: How large what enters a run may be.
        newsroom: What listens to the engine.
        observer: Hears what workers of this process do that are made from now on; None for nobody.
    """

    def __init__(
        self, backend: Backend, services: ServiceSettings, limits: Limits, world: ClientWorld | None = None
    ) -> None:
        self.world: ClientWorld = world or SystemWorld()
        self.clock: Clock = self.world.clock
        self.ids: IdSource = self.world.ids
        self.seal: Seal = Seal(os.environ.get(KEY_VARIABLE, "").split(","))
        self._secrets = StoredValues(
            backend, SECRET, _by_prefix(_SECRET_PREFIX), lambda row: self.seal.open(row.name, row.body)
        )
        self.secrets: Mapping[str, str] = self._secrets
        # They enter runs, and an environment may hold bytes that are no text.
        variables = {name: storable(value) for name, value in _by_prefix(_ENVIRONMENT_PREFIX).items()}
        self._variables = StoredValues(backend, VARIABLE, variables, lambda row: str(parse(row.body)))
        self.environment: Mapping[str, str] = self._variables
        self.newsroom: EngineLog = EngineLog()
        self.newsroom.listeners.append(tell_spans)
        self.observer: Observer | None = None
        self._backend = backend
        self._recent = RecentRuns()
        self._reader = Reader(backend, self._recent)
        self.limits: Limits = limits
        self._lock = threading.Lock()
        self._kernel: Kernel | None = None
        self._serving = TaskServices(services, self._reader, self.clock, self.secrets)
        self._sinks = services.sinks
        self._outbox: Outbox | None = None
        self._listening: EventListening | None = None
        self._sources = services.sources
        self._retainer = Retainer(backend, self._reader, self.clock)
        self._is_closed = False
        self._process = os.getpid()

    @property
    def backend(self) -> Backend:
        """
        The store.

        Raises:
            InvalidRequest: This is a child of the process that opened it.
        """
        self._refuse_fork()
        return self._backend

    @property
    def reader(self) -> Reader:
        """
        What reads the store; it starts no engine.

        Raises:
            InvalidRequest: This is a child of the process that opened the store.
        """
        self._refuse_fork()
        return self._reader

    @cached_property
    def events(self) -> EventProcessor:
        """What is done with messages to event handlers."""
        from podium.client.event_processing import EventProcessor  # few engines have any, and each start would pay

        return EventProcessor(
            self._backend, self.ids, self.environment, lambda request: self.kernel.ask(request).wait()
        )

    @property
    def kernel(self) -> Kernel:
        """
        The engine; it starts when it is first asked for.

        Raises:
            InvalidRequest: It is closed, or belongs to the parent process.
        """
        self._refuse_fork()
        with self._lock:
            if self._is_closed:
                raise InvalidRequest("this client is closed; make another with podium.connect(...)")
            if self._kernel is None:
                self._kernel = self._started()
            return self._kernel

    @property
    def is_at_work(self) -> bool:
        """Whether the engine has started and is not closed."""
        return self._kernel is not None and not self._is_closed

    async def started(self) -> Kernel:
        """Return the engine, which starts when it is first asked for; errors as `kernel` has them."""
        return self.kernel if self._kernel is not None else await BlockingCall(lambda: self.kernel)

    async def ask(self, request: Request) -> Any:
        """Return the engine's answer to a request, which comes after its commit."""
        kernel = await self.started()
        return await kernel.ask(request)

    def renew(self) -> None:
        """Read secrets and variables of the store again, where they have changed."""
        self._secrets.renew()
        self._variables.renew()

    def _refuse_fork(self) -> None:
        """Refuse to work in a child of the process that made this: the threads and the connection are not its own."""
        if os.getpid() != self._process:
            raise InvalidRequest("this client belongs to the parent process; call podium.connect(...) after the fork")

    def _started(self) -> Kernel:
        world = self.world
        self.renew()
        processes = world.processes(self._backend)
        engine_id = f"engine-{self.ids.run_id()[:23]}"
        outbox = self._outbox = Outbox(
            self._backend,
            engine_id,
            self.clock,
            processes,
            secrets=self.secrets,
            sinks={**self._sinks, INTERNAL: self._take_event},
        )
        kernel = Kernel(
            EngineConfig(
                backend=self._backend,
                clock=self.clock,
                ids=self.ids,
                random=world.random,
                processes=processes,
                scripts=world.scripts(),
                types=self._serving.types,
                engine_id=engine_id,
                environment=self.environment,
                secrets=self.secrets,
                renew=self.renew,
                tell=self.newsroom.tell,
                post=outbox.ring,
                retain=self._retainer.begin,
                limits=self.limits,
                recent=self._recent,
                horizon_ms=world.horizon_ms,
                pass_time=None if world.moves_by_itself else world.pass_time,
            ),
        )
        self._serving.start(kernel)
        kernel.start()
        outbox.start()
        if self._sources:
            from podium.client.event_listening import EventListening

            self._listening = EventListening(self.events, self._sources)
            self._listening.start()
        return kernel

    def _take_event(self, message: EventMessage) -> None:
        self.events.take_internal(message)

    def detach(self, consumer: Consumer) -> None:
        """Let a consumer stop, where the engine still works."""
        if self._kernel is not None and not self._is_closed:
            self._kernel.attach(Detach(consumer))

    def settle(self) -> None:
        """Wait until the newsroom has heard of all that is committed; at once where no engine works."""
        if self._kernel is not None and not self._is_closed:
            try:
                self._kernel.register(Register()).wait()
            except EngineStopped:
                return  # nothing more will be told

    def close(self) -> None:
        """Stop the engine after the requests under way, and close the store; closing twice is fine."""
        if os.getpid() != self._process:
            return  # the engine is the parent's, and goes on there
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        if self._listening is not None:
            self._listening.close()
        self._serving.close()
        if self._kernel is not None:
            self._kernel.stop()
        if self._outbox is not None:
            self._outbox.close()
        if "events" in self.__dict__:
            self.events.close()
        self._retainer.close()
        self._backend.close()


def _by_prefix(prefix: str) -> Mapping[str, str]:
    return {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}
