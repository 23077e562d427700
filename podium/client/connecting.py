"""The way to a client by its address: a store, with an engine in this process, or a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from attrs import evolve

from podium.client.embedded import open_embedded
from podium.client.interface import Client
from podium.client.results import with_result
from podium.client.run_workers import task_defs_of, tasks_with
from podium.client.serving import ServiceSettings
from podium.dsl import Task, Workflow
from podium.dsl.arguments import checked_verb
from podium.engine.limits import Limits
from podium.model.errors import InvalidRequest
from podium.model.messages import EventSink, EventSource
from podium.model.runs import ResultT, WorkflowRun

if TYPE_CHECKING:
    from podium.client.asynchronous import AsyncClient
    from podium.client.http import HttpPolicy
    from podium.client.remote.settings import Tls
    from podium.client.services.databases import Database
    from podium.engine.service_ports import RecordProducer


def is_server(url: str) -> bool:
    """
    Return whether an address is that of a server.

    Example:
        >>> [is_server(url) for url in ("http://localhost:8080/api", "HTTPS://example.com", "sqlite:///x.db")]
        [True, True, False]
    """
    return url.lower().startswith(("http:", "https:"))


@checked_verb
def connect(
    url: str = "memory://",
    *,
    http: HttpPolicy | None = None,
    limits: Limits | None = None,
    sinks: Mapping[str, EventSink] | None = None,
    sources: Mapping[str, EventSource] | None = None,
    databases: Mapping[str, str | Database] | None = None,
    kafka: RecordProducer | Mapping[str, Any] | None = None,
    key_id: str | None = None,
    key_secret: str | None = None,
    timeout: float | None = None,
    headers: Mapping[str, str] | None = None,
    tls: Tls | None = None,
) -> Client:
    """
    Connect to a store, with an engine in this process, or to a server.

    Args:
        url: ``memory://``, ``sqlite:///podium.db``, or what an installed backend takes; or ``http://host:8080/api``, a
            Podium server, a Conductor, or an Orkes cluster.
        http: What HTTP tasks may reach, and how much they may take; None for the defaults of `HttpPolicy`.
        limits: How large what enters a run, or grows in it, may be; None for the defaults of `Limits`.
        sinks: What takes the messages of EVENT tasks, by the kind of their sink, such as ``kafka``; packages may bring
            more (entry point group ``podium.sinks``).
        sources: What brings messages to event handlers, by the kind of their event, such as ``kafka``.
        databases: What JDBC tasks may name, as addresses of SQLAlchemy, or `podium.client.Database` for more settings;
            the environment may name more (``PODIUM_DATABASE_<name>``).
        kafka: Settings of confluent-kafka for KAFKA_PUBLISH tasks, such as ``{"security.protocol": "SSL"}``; or what
            publishes their records instead.
        key_id: Of the key that the server knows the caller by; None for ``CONDUCTOR_AUTH_KEY`` of the environment.
        key_secret: What belongs to it; None for ``CONDUCTOR_AUTH_SECRET``.
        timeout: Seconds that a server has for an answer, 30 if nothing is given; waits have their own time on top.
        headers: Sent to the server with each request, such as those that a proxy asks for.
        tls: Which certificates are trusted and shown, for ``https://``; None for what the operating system trusts.

    Raises:
        UnknownBackend: Nothing is known for this URL.
        BackendNotInstalled: Its driver is missing.
        InvalidRequest: A setting cannot be right, or belongs to an engine in this process where the URL is a server's,
            or the other way round.
    """
    to_events = {"sinks": sinks, "sources": sources}
    to_engine = {"http": http, "limits": limits, **to_events, "databases": databases, "kafka": kafka}
    to_server = {"key_id": key_id, "key_secret": key_secret, "timeout": timeout, "headers": headers, "tls": tls}
    if is_server(url):
        _refuse(to_engine, f"belongs to the process of the engine, which is the server at {url!r:.80}")
        from podium.client.remote.client import open_remote  # httpx is slow to import
        from podium.client.remote.settings import server_settings

        return open_remote(
            server_settings(url, key_id=key_id, key_secret=key_secret, timeout=timeout, headers=headers, tls=tls)
        )
    _refuse(
        to_server, f"is for servers, and {url!r:.80} is a store; a server's address begins with http:// or https://"
    )
    services = ServiceSettings(http=http, sinks=sinks, sources=sources, databases=databases, kafka=kafka)
    return open_embedded(url, services, limits)


def _refuse(settings: Mapping[str, object], why: str) -> None:
    for name, value in settings.items():
        if value is not None:
            raise InvalidRequest(f"{name}= {why}")


class ConnectSettings(TypedDict, total=False):
    """The settings of `connect` by name."""

    http: HttpPolicy | None
    limits: Limits | None
    sinks: Mapping[str, EventSink] | None
    sources: Mapping[str, EventSource] | None
    databases: Mapping[str, str | Database] | None
    kafka: RecordProducer | Mapping[str, Any] | None
    key_id: str | None
    key_secret: str | None
    timeout: float | None
    headers: Mapping[str, str] | None
    tls: Tls | None


@checked_verb
def connect_async(url: str = "memory://", **settings: Unpack[ConnectSettings]) -> AsyncClient:
    """
    Return a client for an event loop.

    It is entered with ``async with``, which opens the store. Arguments and errors are those of `connect`.
    """
    from podium.client.asynchronous import AsyncClient  # asyncio is slow to import, and few need it

    return AsyncClient(lambda: connect(url, **settings))


@checked_verb
def run_workflow(
    workflow: Workflow[..., ResultT],
    run_input: Mapping[str, object],
    *,
    workers: Sequence[Task[..., Any]] | None = None,
    timeout: float | None = None,
) -> WorkflowRun[ResultT]:
    """
    Run a workflow in memory, its own tasks as workers: what ``order.run(...)`` does.

    Args:
        workflow: The workflow.
        run_input: Its input.
        workers: Tasks to serve beside those that the workflow names; where they have the name of one, instead of it.
        timeout: Seconds to wait; None for as long as it takes.

    Raises:
        InvalidRequest: One of the tasks has a name that is nearly one of the workflow's.
    """
    tasks = tasks_with(workflow, workers or ())
    with open_embedded("memory://") as client, client.workers(tasks):
        if unknown := task_defs_of(workflow, tasks):
            client.register(*unknown)
        run = client.wait_alone(client.start(workflow, run_input), timeout)
    return evolve(
        with_result(run, workflow), source=None
    )  # the store is gone, and the result must not keep it in memory
