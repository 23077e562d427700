"""``podium worker``: serve tasks until told to stop; the process to deploy."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

from podium.cli import completing
from podium.cli.console import stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import patience_in
from podium.cli.logs import logged
from podium.cli.options import Concurrency, Db, Log, LogForm
from podium.cli.signals import told_by_signals
from podium.cli.stores import open_store
from podium.cli.subjects import AnyTask, read_served, read_workflows, split_served

if TYPE_CHECKING:
    from podium.client import EmbeddedClient
    from podium.workers import WorkerPool

_log = logging.getLogger("podium.worker")

#: Seconds between two looks whether the engine still works.
_LOOK_S = 1.0


@frozen(kw_only=True)
class _Post:
    """How a worker process serves."""

    concurrency: int
    domain: str | None
    grace_s: float
    health_port: int | None


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
) -> None:
    """
    Serve tasks, and everything else that an engine does, until told to stop: the process to deploy.

    On SIGTERM or Ctrl-C it takes nothing more, gives back what has not begun, and ends when what runs has ended; told
    twice, it ends at once. Any number of such processes may work on one store. Schedules start their runs here too.

    Exit code 0 when it was told to stop, 1 if the store or the engine failed, 2 if there is nothing to serve.
    """
    stop = Event()
    with told_by_signals(stop.set):
        if reload:
            from podium.cli.reloading import supervise

            words = [word for word in sys.argv[1:] if word != "--reload"]
            raise typer.Exit(supervise(words, [split_served(place)[0] for place in places], stop))
        tasks = read_served(places)
        post = _Post(concurrency=concurrency, domain=domain, grace_s=patience_in(grace) or 0.0, health_port=health_port)
        with logged(log or LogForm.TEXT), stdout_kept_clean(), open_store(db) as client:
            if registers:
                client.register(*(workflow for place in places for workflow in read_workflows(split_served(place)[0])))
            _serve(client, tasks, post, stop)
            _log.info("the worker leaves")


def _serve(client: EmbeddedClient, tasks: Sequence[AnyTask], post: _Post, stop: Event) -> None:
    """Serve until told to stop; what runs then may end."""
    from podium.workers.pool import WorkerPool

    kernel = client.kernel  # it works for others too, where no task is served here
    with ExitStack() as stack:
        meter = None
        if post.health_port is not None:
            from podium.cli.health import HealthServer, Meter

            meter = Meter()
        pool = WorkerPool(
            client.transport,
            tasks,
            concurrency=post.concurrency,
            domain=post.domain,
            grace_s=post.grace_s,
            observe=meter.observe if meter is not None else None,
        )
        if meter is not None and post.health_port is not None:
            meter.watch(lambda: pool.running_count, post.concurrency)
            server = HealthServer(post.health_port, lambda: _state(pool, stop), meter.text)
            stack.enter_context(server)
            _log.info("health: %s/health, metrics: %s/metrics", server.url, server.url)
        with pool:
            names = ", ".join(sorted(pool.queues)) or "no task, but what the engine does itself"
            _log.info("the worker serves %s, %d at once", names, post.concurrency)
            while not stop.wait(_LOOK_S):
                kernel.refuse_if_down()
            _log.info("told to stop: %d attempts have %g s to end", pool.running_count, post.grace_s)


def _state(pool: WorkerPool, stop: Event) -> dict[str, object]:
    """Return what ``/health`` says."""
    status = "STOPPING" if stop.is_set() else "UP"
    return {"status": status, "tasks": sorted(pool.queues), "running": pool.running_count}
