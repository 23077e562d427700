"""``podium server``: Conductor's API over a store, until told to stop."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated, Any, TypeAlias

import typer

from podium.cli.collecting import loaded_for_good
from podium.cli.console import out, say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.logs import logged
from podium.cli.options import Concurrency, Db, Log, LogForm, Workers
from podium.cli.signals import told_by_signals
from podium.cli.stores import refuse_server
from podium.cli.subjects import AnyTask, AnyWorkflow, read_served, read_workflows, split_served
from podium.model.errors import InvalidRequest
from podium.model.runs import RunCounterfactual, WorkflowRun

_log = logging.getLogger("podium.server")


class ChildIds(StrEnum):
    """How ids of sub-workflows are made."""

    CONDUCTOR = "conductor"
    TIME = "time"


Host: TypeAlias = Annotated[str, typer.Option(help="Where to listen; 127.0.0.1 lets this machine in only.")]
Port: TypeAlias = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
GrpcPort: TypeAlias = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Serve Conductor's gRPC services there too.")
]
Grace: TypeAlias = Annotated[float, typer.Option(min=0, help="Seconds that requests under way get to end.")]
Auth: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--auth/--no-auth",
        help="Answer only who has a key (podium keys new); must be said where other machines are let in.",
        show_default="--no-auth on loopback",
    ),
]
Rate: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0.1, help="Most requests a second of each key, person or address.", show_default="any number"),
]
Origins: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ORIGIN", help="A site whose pages may ask by a browser; may be repeated."),
]
Private: TypeAlias = Annotated[
    bool,
    typer.Option("--private/--no-private", help="Whether HTTP tasks may reach this machine and private networks."),
]
HttpAllow: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="A host or network that they may reach all the same; may be repeated."),
]
RetryPace: TypeAlias = Annotated[
    int, typer.Option(min=0, help="Least milliseconds between attempts of a task that has failed ten times in a row.")
]
ChildIdForm: TypeAlias = Annotated[
    ChildIds,
    typer.Option(help="Ids of sub-workflows: as Conductor computes them, or by time, which is written faster."),
]


def server(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    grpc_port: GrpcPort = None,
    workers: Workers = None,
    concurrency: Concurrency = 8,
    grace: Grace = 30.0,
    auth: Auth = None,
    rate: Rate = None,
    cors: Origins = None,
    private: Private = False,
    http_allow: HttpAllow = None,
    retry_pace: RetryPace = 50,
    child_ids: ChildIdForm = ChildIds.CONDUCTOR,
    log: Log = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Serve pages for a browser, Conductor's REST API, and everything else that an engine does, until told to stop.

    With --workers it registers the workflows of these files and serves their tasks itself. It prints its address when
    it answers. On SIGTERM or Ctrl-C it takes no more requests, answers those under way, and ends; told twice, at once.

    It logs what needs somebody; with --log everything that happens to runs and attempts, with their ids.

    Exit code 0 when it was told to stop, 1 if the store or the engine failed, 2 if it cannot listen.
    """
    try:
        from podium.client.http import HttpPolicy
        from podium.client.serving import ServiceSettings
        from podium.server.addresses import is_loopback, with_port
        from podium.server.app import create_app
        from podium.server.opening import open_engine
        from podium.server.serving import Listener, allow_connections, listen
        from podium.server.settings import ServerSettings
        from podium.workers.metering import PoolMeter
    except ModuleNotFoundError as error:
        raise InvalidRequest(f"podium server needs {error.name}: pip install 'podium[server]'") from error
    refuse_server(db)
    _refuse_open(host, is_local=is_loopback(host), auth=auth)
    if grpc_port is not None and find_spec("grpc") is None:
        raise InvalidRequest("--grpc-port needs grpcio: pip install 'podium[grpc]'")
    allow_connections()
    with (
        logged(log or LogForm.TEXT, logging.WARNING if log is None else logging.INFO),
        listen(host, port) as sock,
        ExitStack() as stack,
    ):
        tasks, workflows = _read(workers or [])
        services = ServiceSettings(http=HttpPolicy(private=private, allow=http_allow or []))
        derives = child_ids is ChildIds.CONDUCTOR
        opened = open_engine(db, services, retry_pace_ms=retry_pace, derives_child_ids=derives)
        client = stack.enter_context(opened)
        if workflows:
            client.register(*workflows)
        meter = None
        if tasks:
            meter = client.engine.observer = PoolMeter()
            pool = stack.enter_context(client.workers(tasks, concurrency=concurrency))
            meter.watch(lambda: pool.running_count, concurrency)
        told = None if meter is None else meter.text
        settings = ServerSettings(
            tester=_test, imagine=_imagine, asks_who=bool(auth), rate=rate, origins=cors or [], worker_metrics=told
        )
        listener = Listener(
            create_app(lambda: client, settings=settings),
            sock,
            grace_s=grace,
            ready=lambda url: _opened(url, stack),
            grpc=None if grpc_port is None else with_port(host, grpc_port),
        )
        with told_by_signals(listener.stop):
            listener.run_here()
        _log.info("the server leaves")


def _opened(url: str, stack: ExitStack) -> None:
    """Say where the API is, for programs too, and where people look; until *stack* ends, what is loaded stays."""
    stack.enter_context(loaded_for_good())  # only now: what answers is loaded while the application is opened
    out(f"{url}/api")
    say(f"pages for a browser: {url}/")


def _read(places: Sequence[str]) -> tuple[Sequence[AnyTask], Sequence[AnyWorkflow]]:
    """Return the tasks and the workflows of some files; what these print is kept from the standard output."""
    with stdout_kept_clean():
        tasks = read_served(places) if places else []
        return tasks, [workflow for place in places for workflow in read_workflows(split_served(place)[0])]


def _refuse_open(host: str, *, is_local: bool, auth: bool | None) -> None:
    """Raise `InvalidRequest` unless it was said whether other machines, where they are let in, are asked for keys."""
    if auth is None and not is_local:
        raise InvalidRequest(
            f"--host {host} lets other machines in: say --auth to ask for keys (podium keys new), or --no-auth if "
            "whoever reaches this port may do everything"
        )


def _imagine(run: WorkflowRun, mocks: Mapping[str, Any], given: Mapping[str, Any] | None) -> RunCounterfactual:
    """Tell how a run would have gone, as a page asks for it."""
    return run.what_if(mocks, input=given)


def _test(*given: Any) -> WorkflowRun:
    """Run a workflow with mocks, as a test request asks for it."""
    from podium.testing.requests import run_test  # slow to import, and few servers are asked for it

    return run_test(*given)
