"""Deleting runs: by id, and by age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from podium import Client, EmbeddedClient, RunStatus, human, task, workflow
from podium.client import read_archive
from podium.model.errors import IllegalTransition, InvalidRequest, RunNotFound
from podium.testing.torture.play import CannotTry, small_disk


@task(retries=0)
def add_one(x: int) -> int:
    """Add one."""
    if x > 100:
        raise ValueError("too much for me")
    return x + 1


@workflow
def inner(x: int) -> int:
    """Add one."""
    return add_one(x).output


@workflow
def outer(x: int) -> int:
    """Call another workflow."""
    return inner(x).output


@workflow
def asking() -> None:
    """Wait for somebody."""
    human("ask")


@pytest.fixture
def client(client: Client) -> Iterator[Client]:
    """A client of each kind, with workers."""
    with client.workers([add_one]):
        yield client


@pytest.fixture
def working(embedded: EmbeddedClient) -> Iterator[EmbeddedClient]:
    """A client with an engine here, and workers."""
    with embedded.workers([add_one]):
        yield embedded


def ids(client: Client, **where: object) -> list[str]:
    """Return the ids that a search finds, newest first."""
    return [run.workflow_id for run in client.search(**where)]  # type: ignore[arg-type]  # the caller's concern


def test_a_deleted_run_is_gone_with_its_sub_workflows(client: Client) -> None:
    """It is neither read nor worked on again, and its idempotency key is free for another run."""
    other = client.run(inner, {"x": 1}, timeout=30).workflow_id
    run_id = client.start(outer, {"x": 1}, idempotency_key="once")
    run = client.wait(run_id, 30)
    (child,) = ids(client, parent_id=run_id)

    client.delete(run_id)

    assert ids(client) == [other]
    for call in (
        lambda: client.get(run_id),
        lambda: client.get(child),
        lambda: client.restart(run_id),
        lambda: client.delete(run_id),
    ):
        with pytest.raises(RunNotFound):
            call()
    assert client.logs(run.tasks[0].task_id) == ()
    again = client.start(outer, {"x": 1}, idempotency_key="once")
    assert again != run_id
    assert client.wait(again, 30).status is RunStatus.COMPLETED


def test_an_open_run_and_a_part_of_one_are_not_deleted(client: Client) -> None:
    """The error says what is in the way."""
    open_run = client.start(asking)
    run_id = client.run(outer, {"x": 1}, timeout=30).workflow_id
    (child,) = ids(client, parent_id=run_id)

    with pytest.raises(IllegalTransition, match=r"RUNNING.*terminate it first"):
        client.delete(open_run)
    with pytest.raises(IllegalTransition, match=f"goes with the run {run_id}"):
        client.delete(child)
    assert len(ids(client)) == 3
    client.terminate(open_run)
    client.delete(open_run)
    assert len(ids(client)) == 2


def test_runs_are_pruned_by_age_and_workflow(client: Client) -> None:
    """A dry run counts what would go; what is younger, open or of another workflow stays."""
    for x in (1, 2):
        client.run(outer, {"x": x}, timeout=30)
    client.run(inner, {"x": 3}, timeout=30)
    open_run = client.start(asking)

    assert client.prune(older_than="1 hour") == {}
    assert client.prune(older_than=timedelta(0), dry_run=True) == {"inner": 3, "outer": 2}
    assert len(ids(client)) == 6
    assert client.prune(older_than="0 seconds", workflow="outer") == {"inner": 2, "outer": 2}
    assert client.prune(older_than="0 seconds") == {"inner": 1}
    assert ids(client) == [open_run]
    with pytest.raises(InvalidRequest, match=r"older_than.*such as 10 seconds"):
        client.prune(older_than="a while")


def test_many_runs_are_pruned_in_parts(client: Client) -> None:
    """More runs than one commit deletes go all the same."""
    for run_id in client.start_many(inner, [{"x": 1}] * 450):
        client.wait(run_id, 30)

    assert client.prune(older_than="0 seconds") == {"inner": 450}
    assert ids(client) == []


def test_runs_are_found_by_what_is_a_column(client: Client) -> None:
    """Priority, version, a part of the reason, and moments with either bound."""
    client.run(inner, {"x": 1}, timeout=30, priority=7)
    broken = client.run(inner, {"x": 101}, timeout=30).workflow_id
    open_run = client.start(asking)
    now, hour = datetime.now(), timedelta(hours=1)  # noqa: DTZ005  # local time is what callers write

    assert [client.get(run_id).priority for run_id in ids(client, priority=7)] == [7]
    assert ids(client, reason="too much") == [broken]
    assert ids(client, version=2) == []
    assert len(ids(client, started=(now - hour, None))) == 3
    assert ids(client, started=(None, now - hour)) == ids(client, ended=(now + hour, None)) == []
    assert open_run not in ids(client, ended=(None, now + hour))
    assert len(ids(client, name="inner", ended=(now - hour, now + hour), updated=(now - hour, None))) == 2


def test_what_is_pruned_can_be_archived_first(working: EmbeddedClient, tmp_path: Path) -> None:
    """Each run of a family is there as it was got, with its logs; it loads, draws, and what lives is not in it."""
    ended = working.run(outer, {"x": 1}, timeout=30)
    failed = working.run(inner, {"x": 101}, timeout=30)
    living = working.start(asking)
    folder = tmp_path / "old" / "runs"

    assert working.prune(older_than="0 seconds", archive=folder, dry_run=True) == {"inner": 2, "outer": 1}
    assert not folder.exists()
    assert working.prune(older_than="0 seconds", archive=folder) == {"inner": 2, "outer": 1}

    archived = {run.workflow_id: run for run in read_archive(folder)}
    assert len(archived) == 3
    assert ids(working) == [living]
    assert evolve(archived[ended.workflow_id], source=None) == evolve(ended, source=None)
    (attempt,) = archived[failed.workflow_id].tasks
    assert "too much for me" in str(attempt.extra["logs"])
    assert "outer" in archived[ended.workflow_id].to_mermaid()
    assert working.prune(older_than="0 seconds", archive=folder) == {}
    assert len(list(folder.iterdir())) == 1


def test_an_archive_that_was_cut_off_is_read_as_far_as_it_goes(working: EmbeddedClient, tmp_path: Path) -> None:
    """What a process wrote before it died is there; what it was writing it had not deleted."""
    working.run(inner, {"x": 1}, timeout=30)
    working.prune(older_than="0 seconds", archive=tmp_path / "one.jsonl.gz")
    whole = (tmp_path / "one.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole + whole[:-20])
    (tmp_path / "other.jsonl.gz").write_bytes(b"no archive")

    assert len(list(read_archive(tmp_path / "cut.jsonl.gz"))) >= 1
    for place in ("other.jsonl.gz", "nothing.jsonl.gz"):
        with pytest.raises(InvalidRequest):
            list(read_archive(tmp_path / place))


def test_an_archive_that_cannot_be_made_keeps_the_runs(working: EmbeddedClient, tmp_path: Path) -> None:
    """A file that is there, one that is not compressed, and a folder that is a file."""
    working.run(inner, {"x": 1}, timeout=30)
    (tmp_path / "there.jsonl.gz").write_bytes(b"")
    (tmp_path / "plain").write_text("")

    for place in ("there.jsonl.gz", "runs.jsonl", "plain", "plain/below"):
        with pytest.raises(InvalidRequest):
            working.prune(older_than="0 seconds", archive=tmp_path / place)
    assert len(ids(working)) == 1


def test_a_disk_that_is_full_keeps_the_runs(working: EmbeddedClient) -> None:
    """What is not in the archive is not deleted, and the error says what is wrong."""
    long = {"x": 1, "rest": [number * 7919 % 10_007 for number in range(9_000)]}
    working.run(outer, long, timeout=30)
    before = ids(working)
    try:
        with small_disk("64k") as place:
            (place / "rest").write_bytes(b"x" * 60 * 1024)
            with pytest.raises(InvalidRequest, match="cannot be written: No space left"):
                working.prune(older_than="0 seconds", archive=place)
            assert ids(working) == before
    except CannotTry as error:
        pytest.skip(str(error))
