"""``podium worker``: serve tasks until told to stop; the process to deploy."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

from podium.cli import completing
from podium.cli.collecting import loaded_for_good
from podium.cli.console import stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import patience_in
from podium.cli.logs import logged
from podium.cli.options import Concurrency, Db, Log, LogForm
from podium.cli.signals import told_by_signals
from podium.cli.stores import is_server, open_embedded
from podium.cli.subjects import AnyTask, read_served, read_workflows, split_served
from podium.model.assignments import Transport
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.client import Client
    from podium.workers import WorkerPool

_log = logging.getLogger("podium.worker")

#: Seconds between two looks whether the engine still works.
_LOOK_S = 1.0


def _nothing() -> None:
    """Do nothing."""


@frozen(kw_only=True)
class _WorkerSettings:
    """How a worker process serves."""

    concurrency: int
    domain: str | None
    grace_s: float
    health_port: int | None


@frozen(kw_only=True)
class _WorkerHost:
    """Whom a worker process works for: an engine of its own, or a server."""

    transport: Transport
    #: Raises what says that there is nobody any more.
    look: Callable[[], None] = _nothing
    #: As `podium.workers.pool.WorkerPool` takes it.
    ahead: int | None = None
    #: It does by itself what an engine does beside.
    is_server: bool = False
    #: What ``/health`` says of it.
    state: Callable[[], dict[str, object]] = dict
    #: What ``/metrics`` tells of it: the name of each number, and what it is.
    numbers: Sequence[tuple[str, str, Callable[[], float]]] = ()


def worker(
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE[:NAME]...",
            help="Whose tasks to serve: FILE.py or MODULE, either with :NAME of a workflow or a task, or :NAME,NAME.",
            autocompletion=completing.subjects,
        ),
    ],
    *,
    concurrency: Concurrency = 8,
    domain: Annotated[
        str | None, typer.Option(help="Serve only what a run's task_to_domain gives to this domain.")
    ] = None,
    registers: Annotated[
        bool,
        typer.Option("--register", help="First register the workflows of the files, with their tasks and schedules."),
    ] = False,
    grace: Annotated[
        str, typer.Option(metavar="TIME", help="How long what runs may take to end, when told to stop.")
    ] = "30s",
    health_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Answer /health and /metrics on this port of 127.0.0.1; 0 takes a free one."
        ),
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when a file beside FILE changes.")] = False,
    log: Log = LogForm.TEXT,
    db: Db = DEFAULT_DB,
    server: Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="URL",
            help="Serve the tasks of a server instead of a store: Podium's, a Conductor or an Orkes cluster, such as "
            "http://localhost:8080/api. The environment may hold a key: CONDUCTOR_AUTH_KEY, CONDUCTOR_AUTH_SECRET.",
        ),
    ] = None,
) -> None:
    """
    Serve tasks, and everything else that an engine does, until told to stop: the process to deploy.

    On SIGTERM or Ctrl-C it takes nothing more, gives back what has not begun, and ends when what runs has ended; told
    twice, it ends at once. Any number of such processes may work on one store. Schedules start their runs here too.
    With --server it polls a server, which does the rest; results wait while the server is away.

    Exit code 0 when it was told to stop, 1 if the store or the engine failed, 2 if there is nothing to serve.
    """
    stop = Event()
    with told_by_signals(stop.set):
        if reload:
            from podium.cli.reloading import supervise

            words = [word for word in sys.argv[1:] if word != "--reload"]
            raise typer.Exit(supervise(words, [split_served(place)[0] for place in places], stop))
        tasks = read_served(places)
        post = _WorkerSettings(
            concurrency=concurrency, domain=domain, grace_s=patience_in(grace) or 0.0, health_port=health_port
        )
        with logged(log or LogForm.TEXT), stdout_kept_clean(), _opened(db, server, post.grace_s) as (client, employer):
            if registers:
                client.register(*(workflow for place in places for workflow in read_workflows(split_served(place)[0])))
            _serve(employer, tasks, post, stop)
            _log.info("the worker leaves")


@contextmanager
def _opened(db: str, server: str | None, grace_s: float) -> Iterator[tuple[Client, _WorkerHost]]:
    """Open what is worked for; gives the client, and how its tasks are served."""
    if server is None and is_server(db):
        server, db = db, DEFAULT_DB
    if server is None:
        with open_embedded(db) as client:
            kernel = client.kernel  # it works for others too, where no task is served here
            yield client, _WorkerHost(transport=client.transport, look=kernel.refuse_if_down)
        return
    if db != DEFAULT_DB:
        raise InvalidRequest(f"--db {db} and --server {server}: a worker serves a store or a server, not both")
    from podium.client.remote.client import AHEAD, open_remote
    from podium.client.remote.settings import server_settings

    with open_remote(server_settings(server)) as remote:
        transport = remote.transport
        transport.patience_s = grace_s
        numbers: Sequence[tuple[str, str, Callable[[], float]]] = (
            ("podium_results_waiting", "Results that the server has not taken.", lambda: transport.waiting_count),
            ("podium_server_away", "1 while the server does not answer.", lambda: transport.is_away),
        )
        yield (
            remote,
            _WorkerHost(
                transport=transport, ahead=AHEAD, is_server=True, state=lambda: transport.state, numbers=numbers
            ),
        )


def _serve(employer: _WorkerHost, tasks: Sequence[AnyTask], post: _WorkerSettings, stop: Event) -> None:
    """Serve until told to stop; what runs then may end."""
    from podium.workers.pool import WorkerPool

    if employer.is_server and not tasks:
        raise InvalidRequest("there is no task to serve: a server does everything else by itself")
    with ExitStack() as stack:
        meter = None
        if post.health_port is not None:
            from podium.cli.health import HealthServer
            from podium.workers.metering import PoolMeter

            meter = PoolMeter()
        pool = WorkerPool(
            employer.transport,
            tasks,
            concurrency=post.concurrency,
            domain=post.domain,
            grace_s=post.grace_s,
            observe=meter,
            ahead=employer.ahead,
        )
        if meter is not None and post.health_port is not None:
            meter.watch(lambda: pool.running_count, post.concurrency)
            for name, about, value in employer.numbers:
                meter.show(name, about, value)
            server = HealthServer(post.health_port, lambda: _state(pool, stop) | employer.state(), meter.text)
            stack.enter_context(server)
            _log.info("health: %s/health, metrics: %s/metrics", server.url, server.url)
        with pool, loaded_for_good():
            names = ", ".join(sorted(pool.queues)) or "no task, but what the engine does itself"
            _log.info("the worker serves %s, %d at once", names, post.concurrency)
            while not stop.wait(_LOOK_S):
                employer.look()
            _log.info("told to stop: %d attempts have %g s to end", pool.running_count, post.grace_s)


def _state(pool: WorkerPool, stop: Event) -> dict[str, object]:
    """Return what ``/health`` says."""
    status = "STOPPING" if stop.is_set() else "UP"
    return {"status": status, "tasks": sorted(pool.queues), "running": pool.running_count}
