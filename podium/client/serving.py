"""All that an engine of this process does outside of itself: requests, messages, statements, looks at other runs."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from podium.client.http.policy import HttpPolicy
from podium.client.http.runner import HttpRunner
from podium.client.services.other_runs import GetWorkflow
from podium.client.services.runner import Service, ServiceRunner
from podium.client.sinks import SinkRunner
from podium.engine.kernel import Kernel
from podium.engine.ports import Clock
from podium.engine.reader import Reader
from podium.engine.requests import Attach
from podium.model.messages import EventSink


@frozen(kw_only=True)
class ServiceSettings:
    """What the services of an engine may reach, and by which names."""

    http: HttpPolicy = field(factory=HttpPolicy)
    sinks: Mapping[str, EventSink] = field(factory=dict)


class Serving:
    """
    The services of one engine, each a consumer of the queues of its task types.

    Args:
        settings: What they may reach.
        reader: Reads the engine's store.
        clock: The engine's.
        secrets: Put into inputs as they are used.
    """

    def __init__(self, settings: ServiceSettings, reader: Reader, clock: Clock, secrets: Mapping[str, str]) -> None:
        self._settings = settings
        self._reader = reader
        self._clock = clock
        self._secrets = secrets
        self._runners: list[HttpRunner | SinkRunner | ServiceRunner] = []

    def start(self, kernel: Kernel) -> None:
        """Serve an engine from now on."""
        world = (kernel, self._clock, self._secrets)
        http = HttpRunner(*world, self._settings.http)
        http.start()
        services = (ServiceRunner(service, *world) for service in self._services())
        self._runners = [http, SinkRunner(*world, self._settings.sinks), *services]
        for runner in self._runners:
            kernel.attach(Attach(runner))

    def _services(self) -> tuple[Service, ...]:
        return (GetWorkflow(self._reader),)

    def close(self) -> None:
        """Begin nothing more, and let what is under way end, as far as that is soon; before the engine is stopped."""
        for runner in self._runners:
            runner.close()
