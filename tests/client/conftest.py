"""
The clients that the same tests are run with: of an engine on each store, and of a server.

A test that uses only what `podium.Client` says takes one of these fixtures, and so is run with each kind. Others are
named in `here_only`, with the reason; `test_one_suite` holds that.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cluster import difference
from kinds import KINDS, Opening, Timed, address, opened, timed

from podium import Client
from podium.model.errors import NotOffered


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Take a test as skipped, with what is lacking, where a cluster does not offer what the test asks for."""
    try:
        return (yield)
    except NotOffered as error:
        if pyfuncitem.funcargs.get("kind") != "cluster":
            raise
        pytest.skip(f"not offered: {error}")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of client."""
    if request.param == "cluster" and (reason := difference(request.node.originalname)):
        pytest.skip(f"it differs: {reason}")
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a place of each kind; all who connect to a file or a server are there together."""
    with address(kind, tmp_path) as made:
        yield made


@pytest.fixture
def client(kind: str, tmp_path: Path) -> Iterator[Client]:
    """A client of each kind."""
    with opened(kind, tmp_path) as made:
        yield made


@pytest.fixture
def opening(kind: str, tmp_path: Path) -> Opening:
    """What opens a client of each kind whose engine has some settings, such as ``limits``."""
    return partial(opened, kind, tmp_path)


@pytest.fixture
def in_time(kind: str, tmp_path: Path) -> Iterator[Timed]:
    """A client of each kind whose engine is in virtual time, and the time."""
    with timed(kind, tmp_path) as made:
        yield made


@pytest.fixture(params=["memory", "sqlite"])
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A client with an engine in this process, on each store."""
    with opened(request.param, tmp_path) as made:
        yield made
