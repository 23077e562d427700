"""All that an engine of this process does outside of itself: requests, messages, statements, looks at other runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from podium.client.late_consumer import ClosingConsumer, LateConsumer
from podium.client.plugins import Plugins
from podium.client.task_progress import ProgressReporter
from podium.client.transport import InProcess
from podium.engine.kernel import Kernel
from podium.engine.operators import Operators
from podium.engine.ports import Clock
from podium.engine.reader import Reader
from podium.engine.requests import Attach
from podium.model.errors import InvalidRequest
from podium.model.later import later
from podium.model.messages import INTERNAL, EventSink, EventSource
from podium.model.statuses import TaskType
from podium.model.texts import shown

if TYPE_CHECKING:
    from podium.client import sinks as event_sinks
    from podium.client.http import policy, runner
    from podium.client.http.policy import HttpPolicy
    from podium.client.services import databases, kafka, other_runs
    from podium.client.services import runner as services
    from podium.client.services.databases import Database
    from podium.client.services.runner import TaskService
    from podium.engine.service_ports import RecordProducer
else:
    event_sinks = later("podium.client.sinks")
    policy, runner = later("podium.client.http.policy"), later("podium.client.http.runner")
    databases, kafka = later("podium.client.services.databases"), later("podium.client.services.kafka")
    other_runs, services = later("podium.client.services.other_runs"), later("podium.client.services.runner")

#: What names of the environment begin with that are databases' addresses.
_DATABASE_PREFIX = "PODIUM_DATABASE_"


def _policy(given: HttpPolicy | None) -> HttpPolicy | None:
    if given is None or isinstance(given, policy.HttpPolicy):
        return given
    raise InvalidRequest(f"http= takes a podium.client.HttpPolicy, not {shown(given)}")


def _databases(given: Mapping[str, str | Database] | None) -> Mapping[str, Database]:
    if given is None and not any(name.startswith(_DATABASE_PREFIX) for name in os.environ):
        return {}
    return databases.checked_databases(given)


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


def _producer(given: RecordProducer | Mapping[str, Any] | None) -> RecordProducer | None:
    if not given and (given is None or isinstance(given, Mapping)):
        return None
    if isinstance(given, Mapping):
        producer = kafka.ConfluentProducer(given)
        producer.check()
        return producer
    if not callable(getattr(given, "produce", None)):
        raise InvalidRequest(f"kafka= takes settings, such as {{'security.protocol': 'SSL'}}, not {shown(given)}")
    return given


@frozen(kw_only=True)
class ServiceSettings:
    """What the services of an engine may reach, and by which names; None stands for the defaults."""

    http: HttpPolicy | None = field(default=None, converter=_policy)
    sinks: Mapping[str, EventSink] = field(default=None, converter=_sinks)
    #: What brings messages to event handlers, by kind.
    sources: Mapping[str, EventSource] = field(default=None, converter=_sources)
    #: What JDBC tasks may name.
    databases: Mapping[str, Database] = field(default=None, converter=_databases)
    #: What publishes records; settings of the library that does are made one.
    kafka: RecordProducer | None = field(default=None, converter=_producer)


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
        self._runners: list[LateConsumer] = []
        self._lasting: ProgressReporter | None = None
        self._plugins = Plugins()
        self.types: Operators = Operators(self._plugins.operator)
        self.types.load()

    def start(self, kernel: Kernel) -> None:
        """Serve an engine from now on."""
        self._lasting = ProgressReporter(kernel)
        world = (kernel, self._clock, self._secrets, self._lasting)
        given = self._settings

        def http() -> ClosingConsumer:
            made = runner.HttpRunner(*world, given.http or policy.HttpPolicy())
            made.start()
            return made

        def serving(make: Callable[[], TaskService]) -> Callable[[], ClosingConsumer]:
            return lambda: services.ServiceRunner(make(), *world)

        producer = given.kafka
        makers: Mapping[frozenset[TaskType], Callable[[], ClosingConsumer]] = {
            frozenset({TaskType.HTTP, TaskType.HTTP_POLL}): http,
            frozenset({TaskType.EVENT}): lambda: event_sinks.SinkRunner(*world, given.sinks),
            frozenset({TaskType.GET_WORKFLOW}): serving(lambda: other_runs.GetWorkflow(self._reader)),
            frozenset({TaskType.KAFKA_PUBLISH}): serving(
                lambda: kafka.KafkaPublish(producer or kafka.ConfluentProducer())
            ),
            frozenset({TaskType.JDBC}): serving(lambda: databases.Jdbc(databases.SqlDatabases(given.databases))),
        }
        self._runners = [LateConsumer({each.value for each in types}, make) for types, make in makers.items()]
        for consumer in self._runners:
            kernel.attach(Attach(consumer))
        self._plugins.serve(InProcess(kernel, self._clock, self._secrets))

    def close(self) -> None:
        """Begin nothing more, and let what is under way end, as far as that is soon; before the engine is stopped."""
        self._plugins.close()
        for consumer in self._runners:
            consumer.close()
            if self._settings.kafka is not None and TaskType.KAFKA_PUBLISH in consumer.queues and not consumer.is_made:
                self._settings.kafka.close()  # it was given, and was not used
        if self._lasting is not None:
            self._lasting.close()
