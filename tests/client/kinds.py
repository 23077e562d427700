"""
The kinds of clients that one suite is run with: of an engine on each store, and of a server over HTTP.

With the address of a Conductor in ``PODIUM_TEST_CLUSTER`` (``http://127.0.0.1:8080/api``), of which everything is
deleted before each test, the suite is run against that too; docs/remote.md says what came of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cluster
import pytest

import podium
from podium import Client
from podium.client import EmbeddedClient
from podium.testing import virtual
from podium.testing.serving import running_server

#: The address of somebody else's server; none but for a developer who has one to spare.
CLUSTER = os.environ.get("PODIUM_TEST_CLUSTER", "")

#: An engine on a store in memory, one on a file, a server on loopback, whose store is in memory, and that cluster.
KINDS = ("memory", "sqlite", "server", *(["cluster"] if CLUSTER else []))

#: Opens a client whose engine, here or in a server, has some settings.
Opening = Callable[..., AbstractContextManager[Client]]


class Timed(NamedTuple):
    """A client of an engine in virtual time, and that time."""

    client: Client
    clock: virtual.Clock


def eventually(look: Callable[[], Any]) -> Any:
    """Return what a look finds, as soon as it finds something."""
    pause = threading.Event()
    for _ in range(2_000):
        found = look()
        if found:
            return found
        pause.wait(0.005)
    raise AssertionError("it did not happen within ten seconds")


def called(client: Client, run_id: str, reference_name: str) -> str:
    """Return the run that a task has started, as soon as that has tasks: elsewhere they are not in the same commit."""

    def look() -> str | None:
        found = client.get(run_id).task(reference_name)
        child = None if found is None else found.sub_workflow_id
        return child if child is not None and client.get(child).tasks else None

    return str(eventually(look))


def _store(kind: str, folder: Path) -> str:
    return f"sqlite:///{folder / 'podium.db'}" if kind == "sqlite" else "memory://"


@contextmanager
def address(kind: str, folder: Path) -> Iterator[str]:
    """Yield what `podium.connect` takes: the address of a store, or of a server that runs as long as this is open."""
    if kind == "cluster":
        cluster.empty(CLUSTER)
        yield CLUSTER
        return
    if kind != "server":
        yield _store(kind, folder)
        return
    with running_server(_store(kind, folder)) as server:
        yield server.api


@contextmanager
def opened(kind: str, folder: Path, **settings: Any) -> Iterator[Client]:
    """Open a client; *settings* are those of its engine, such as ``limits``."""
    if kind == "cluster":
        if settings:
            pytest.skip("a cluster has settings of its own")
        with address(kind, folder) as url, podium.connect(url) as client:
            yield client
        return
    with _through(kind, partial(podium.connect, _store(kind, folder), **settings)) as (client, _):
        yield client


@contextmanager
def timed(kind: str, folder: Path, **settings: Any) -> Iterator[Timed]:
    """Open a client of an engine in virtual time; *settings* are those of `podium.testing.connect`."""
    if kind == "cluster":
        pytest.skip("a cluster's time cannot be moved")

    def connect() -> virtual.VirtualClient:
        made = virtual.connect(_store(kind, folder), **settings)
        if kind == "server":
            _hold_for_polls(made)
        return made

    with _through(kind, connect) as (client, engine):
        yield Timed(client, engine.clock)


@contextmanager
def _through(kind: str, connect: Callable[[], Any]) -> Iterator[tuple[Client, Any]]:
    """Open an engine's client, and reach it through a server if that is the kind; gives both."""
    if kind != "server":
        with connect() as client:
            yield client, client
        return
    with running_server(connect) as server, podium.connect(server.api) as client:
        yield client, server.client


def _hold_for_polls(client: EmbeddedClient) -> None:
    """Let time stand still while there is work for somebody who polls: the next poll is on its way."""
    world = client.engine.world
    pass_time = world.pass_time

    def passes(due: int | None) -> bool:
        is_awaited = any(client.kernel.serves(queue) for queue in client.engine.backend.queue_sizes())
        return not is_awaited and pass_time(due)

    world.pass_time = passes  # type: ignore[method-assign]  # of this one world
