"""All that an engine of this process does outside of itself: requests, messages, statements, looks at other runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from podium.client.http.policy import HttpPolicy
from podium.client.http.runner import HttpRunner
from podium.client.lasting import ProgressReporter
from podium.client.plugins import Plugins
from podium.client.services.databases import Database, Jdbc, SqlDatabases, checked_databases
from podium.client.services.kafka import ConfluentProducer, KafkaPublish
from podium.client.services.other_runs import GetWorkflow
from podium.client.services.runner import ServiceRunner, TaskService
from podium.client.sinks import SinkRunner
from podium.client.transport import InProcess
from podium.engine.kernel import Kernel
from podium.engine.operators import Operators
from podium.engine.ports import Clock
from podium.engine.reader import Reader
from podium.engine.requests import Attach
from podium.engine.service_ports import RecordProducer
from podium.model.errors import InvalidRequest
from podium.model.messages import INTERNAL, EventSink, EventSource
from podium.model.texts import shown


def _policy(given: HttpPolicy | None) -> HttpPolicy:
    if given is None or isinstance(given, HttpPolicy):
        return given or HttpPolicy()
    raise InvalidRequest(f"http= takes a podium.client.HttpPolicy, not {shown(given)}")


def _sinks(given: Mapping[str, EventSink] | None) -> Mapping[str, EventSink]:
    if not isinstance(given or {}, Mapping):
        raise InvalidRequest(
            f"sinks= maps kinds of sinks to functions, such as {{'kafka': publish}}, not {shown(given)}"
        )
    for kind, sink in (given or {}).items():
        if not callable(sink):
            raise InvalidRequest(f"sinks= maps kinds of sinks to functions; that of {kind!r} is {shown(sink)}")
    return given or {}


def _sources(given: Mapping[str, EventSource] | None) -> Mapping[str, EventSource]:
    if not isinstance(given or {}, Mapping):
        raise InvalidRequest(f"sources= maps kinds to event sources, such as {{'kafka': …}}, not {shown(given)}")
    for kind, source in (given or {}).items():
        if not callable(getattr(source, "listen", None)) or kind == INTERNAL:
            raise InvalidRequest(
                f"sources= maps kinds to what has a method listen; that of {kind!r} is {shown(source)}"
            )
    return given or {}


def _producer(given: RecordProducer | Mapping[str, Any] | None) -> RecordProducer:
    if given is None or isinstance(given, Mapping):
        producer = ConfluentProducer(given)
        if given:
            producer.check()
        return producer
    if not callable(getattr(given, "produce", None)):
        raise InvalidRequest(f"kafka= takes settings, such as {{'security.protocol': 'SSL'}}, not {shown(given)}")
    return given


@frozen(kw_only=True)
class ServiceSettings:
    """What the services of an engine may reach, and by which names; None stands for the defaults."""

    http: HttpPolicy = field(default=None, converter=_policy)
    sinks: Mapping[str, EventSink] = field(default=None, converter=_sinks)
    #: What brings messages to event handlers, by kind.
    sources: Mapping[str, EventSource] = field(default=None, converter=_sources)
    #: What JDBC tasks may name.
    databases: Mapping[str, Database] = field(default=None, converter=checked_databases)
    #: What publishes records; settings of the library that does are made one.
    kafka: RecordProducer = field(default=None, converter=_producer)


class TaskServices:
    """
    The services of one engine, each a consumer of the queues of its task types.

    Args:
        settings: What they may reach.
        reader: Reads the engine's store.
        clock: The engine's.
        secrets: Put into inputs as they are used.

    Attributes:
        types: The task types that the engine knows, those of installed packages included.
    """

    def __init__(self, settings: ServiceSettings, reader: Reader, clock: Clock, secrets: Mapping[str, str]) -> None:
        self._settings = settings
        self._reader = reader
        self._clock = clock
        self._secrets = secrets
        self._runners: list[HttpRunner | SinkRunner | ServiceRunner] = []
        self._lasting: ProgressReporter | None = None
        self._plugins = Plugins()
        self.types: Operators = Operators(self._plugins.operator)

    def start(self, kernel: Kernel) -> None:
        """Serve an engine from now on."""
        world = (kernel, self._clock, self._secrets)
        self._lasting = lasting = ProgressReporter(kernel)
        http = HttpRunner(*world, lasting, self._settings.http)
        http.start()
        services = (ServiceRunner(service, *world, lasting) for service in self._services())
        self._runners = [http, SinkRunner(*world, lasting, self._settings.sinks), *services]
        for runner in self._runners:
            kernel.attach(Attach(runner))
        self._plugins.serve(InProcess(*world))

    def _services(self) -> tuple[TaskService, ...]:
        databases = SqlDatabases(self._settings.databases)
        return GetWorkflow(self._reader), KafkaPublish(self._settings.kafka), Jdbc(databases)

    def close(self) -> None:
        """Begin nothing more, and let what is under way end, as far as that is soon; before the engine is stopped."""
        self._plugins.close()
        for runner in self._runners:
            runner.close()
        if self._lasting is not None:
            self._lasting.close()
