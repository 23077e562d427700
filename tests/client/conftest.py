"""The clients that the same tests are run with: of an engine on each store, and of a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import podium
from podium import Client
from podium.testing.serving import running_server


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Any]:
    """Open a client: ``memory``, ``sqlite``, or ``server`` for one over HTTP."""
    if kind == "server":
        with running_server() as server, podium.connect(server.api) as client:
            yield client
        return
    with podium.connect("memory://" if kind == "memory" else f"sqlite:///{folder / 'podium.db'}") as client:
        yield client


@pytest.fixture(params=["memory", "sqlite", "server"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client of each kind."""
    with opened(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=["memory", "sqlite"])
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A client with an engine in this process, on each store."""
    with opened(request.param, tmp_path) as made:
        yield made
