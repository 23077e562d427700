"""How long runs stay: policies of the store, and who carries them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import podium
from podium import task, workflow
from podium.backends.memory import MemoryBackend
from podium.client import read_archive
from podium.engine.rows import EntryRow, WriteSet
from podium.model.errors import InvalidRequest
from podium.model.retention import KIND, RetentionPolicy
from podium.testing.bench import Bench, VirtualClock


@task
def add_one(x: int) -> int:
    """Add one."""
    return x + 1


@workflow
def short(x: int) -> int:
    """Add one."""
    return add_one(x).output


@workflow
def long(x: int) -> int:
    """Add one."""
    return add_one(x).output


@pytest.fixture
def client(client: podium.Client) -> Iterator[podium.Client]:
    """A client of each kind, with workers."""
    with client.workers([add_one]):
        yield client


def test_a_workflows_own_policy_goes_before_that_for_all(client: podium.Client, tmp_path: Path) -> None:
    """What has one that keeps for ever stays; the others go, into the archive of their policy."""
    for x in (1, 2):
        client.run(short, {"x": x}, timeout=30)
        client.run(long, {"x": x}, timeout=30)
    client.retention.set("0 seconds", archive=tmp_path / "old")
    client.retention.set(None, workflow="long")

    assert client.retention.apply(dry_run=True) == {"short": 2}
    assert client.retention.apply() == {"short": 2}
    assert [run.workflow_type for run in client.search()] == ["long", "long"]
    assert [run.workflow_name for run in read_archive(tmp_path / "old")] == ["short", "short"]

    client.retention.set(timedelta(0), workflow="long")
    client.retention.remove()
    assert client.retention.list() == (RetentionPolicy("long", "0s"),)
    assert client.retention.apply() == {"long": 2}


def test_wrong_policies_are_refused(client: podium.Client) -> None:
    """An age that cannot be read, an archive that is a file, a policy that is not there."""
    for wrong in ({"older_than": "soon"}, {"older_than": "1d", "archive": "old.jsonl.gz"}, {"older_than": 5}):
        with pytest.raises(InvalidRequest):
            client.retention.set(**wrong)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(InvalidRequest, match="no policy for all"):
        client.retention.remove()
    with pytest.raises(InvalidRequest, match="no policy of retention"):
        client.retention.apply()


def test_an_engine_looks_at_the_policies_again_and_again() -> None:
    """Some seconds after one has changed, then by its age; another process leaves it to the first while that lives."""
    store, clock, dead = MemoryBackend(), VirtualClock(), set[str]()
    store.is_shared = store.is_durable = True
    told: list[tuple[str, list[str]]] = []

    def engine(name: str) -> Bench:
        return Bench(
            store,
            clock=clock,
            name=name,
            dead=dead,
            retain=lambda policies: told.append((name, [policy.name for policy in policies])),
        )

    first, second = engine("a"), engine("b")
    first.advance(20)
    second.advance(20)
    assert told == []

    store.commit(WriteSet(entries=[EntryRow(KIND, "trip", 1, RetentionPolicy("trip", "10 minutes").body())]))
    first.advance(6)
    second.advance(6)
    assert told == [("a", ["trip"])]
    first.advance(60)
    second.advance(60)
    assert told == [("a", ["trip"])] * 2

    dead.add("a")
    second.advance(130)
    assert told[-1] == ("b", ["trip"])


def test_what_a_policy_lets_go_is_deleted_by_a_running_engine(embedded: podium.EmbeddedClient) -> None:
    """The engine's own turn, without anybody's word."""
    with embedded.workers([add_one]):
        embedded.run(short, {"x": 1}, timeout=30)
    embedded.retention.set("0 seconds")
    retainer = embedded.engine._retainer

    retainer.begin(embedded.retention.list())
    retainer.close()

    assert not embedded.search()
