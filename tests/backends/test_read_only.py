"""A store that takes no writes for a while: callers are told to try again, and what was under way goes on."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

import podium
from podium.client.embedded import EmbeddedClient, open_embedded
from podium.model.errors import StoreUnavailable
from podium.model.statuses import RunStatus
from podium.testing.servers import DatabaseServer
from podium.testing.torture.play import CannotTry, small_disk

Forbid: TypeAlias = Callable[[EmbeddedClient], AbstractContextManager[None]]

began, may_end = threading.Event(), threading.Event()


@podium.task
def take_time(x: int) -> int:
    """Take as long as the test wants."""
    began.set()
    assert may_end.wait(30)
    return x + 1


@podium.workflow
def slow(x: int) -> int:
    """Do it twice."""
    return take_time(take_time(x).output).as_("second").output


@contextmanager
def forbidden_file(client: EmbeddedClient) -> Iterator[None]:
    """Let the connection that writes write no more, as if the disk had been mounted anew."""
    writer = client.engine.backend._database._writer  # type: ignore[attr-defined]  # the store's own
    writer.execute("PRAGMA query_only = ON")
    yield
    writer.execute("PRAGMA query_only = OFF")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Forbid]:
    """Each kind of store, and what forbids it to be written."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/podium.db", forbidden_file
    server: DatabaseServer = request.getfixturevalue(request.param)

    @contextmanager
    def forbidden_server(_: EmbeddedClient) -> Iterator[None]:
        server.set_read_only(is_on=True)
        try:
            yield
        finally:
            server.set_read_only(is_on=False)

    return server.url(), forbidden_server


def test_a_store_that_takes_no_writes_loses_nothing(store: tuple[str, Forbid]) -> None:
    """A start is refused with an error that says to try again; a result that comes meanwhile is kept, and written."""
    url, forbidden = store
    began.clear()
    may_end.clear()
    with open_embedded(url) as client, client.workers([take_time]):
        client.register(slow)
        run_id = client.start("slow", {"x": 1})
        assert began.wait(30)
        with forbidden(client):
            with pytest.raises(StoreUnavailable, match=r"read.?only"):
                client.start("slow", {"x": 5}, idempotency_key="again")
            may_end.set()
            assert client.get(run_id).status is RunStatus.RUNNING
        again = client.start("slow", {"x": 5}, idempotency_key="again")
        assert [client.wait(one, timeout=30).output for one in (run_id, again)] == [{"result": 3}, {"result": 7}]
        assert len(list(client.search(name="slow"))) == 2


def test_a_file_on_a_disk_that_is_read_only_is_said_to_be_so() -> None:
    """Opening it is refused in words, and changes nothing: when the disk takes writes again, the runs go on."""
    may_end.set()
    try:
        with small_disk("32m") as place:
            url = f"sqlite:///{place}/podium.db"
            with podium.connect(url) as client:
                client.register(slow)
                run_id = client.start("slow", {"x": 1})
            _mount(place, "ro")
            with pytest.raises(StoreUnavailable, match="read-only for this process"):
                podium.connect(url)
            _mount(place, "rw")
            with podium.connect(url) as client, client.workers([take_time]):
                assert client.wait(run_id, timeout=30).output == {"result": 3}
    except CannotTry as error:
        pytest.skip(str(error))


def _mount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)
    assert os.access(place, os.W_OK) is (how == "rw")
