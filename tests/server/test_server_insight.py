"""What the server's insights keep: runs that were read a moment ago."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from podium.model.errors import RunNotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.server.insight.shelf import RunShelf

RUN = WorkflowRun(status=RunStatus.RUNNING)


def test_a_run_is_read_once_for_all_who_ask_together() -> None:
    """Whoever asks while it is being read waits for that; a new revision is read anew."""
    may_end, read, revisions = threading.Event(), [], [1]

    def reading(run_id: str) -> WorkflowRun:
        read.append(run_id)
        may_end.wait(10)
        return RUN

    shelf = RunShelf(reading, lambda _: revisions[-1])
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(shelf.run, "a") for _ in range(4)]
        may_end.set()
        assert [each.result(10) for each in asked] == [RUN] * 4
    assert read == ["a"]
    revisions.append(2)
    shelf.run("a")
    assert read == ["a", "a"]


def test_what_cannot_be_read_is_tried_again() -> None:
    """An error is raised to who asks, and keeps nobody from asking again."""
    troubles = [RunNotFound("gone")]

    def reading(run_id: str) -> WorkflowRun:
        if troubles:
            raise troubles.pop()
        return RUN

    shelf = RunShelf(reading, lambda _: 1)
    with pytest.raises(RunNotFound, match="gone"):
        shelf.run("a")
    assert shelf.run("a") is RUN


def test_only_a_few_runs_are_kept() -> None:
    """Large runs do not fill the memory: the oldest one is forgotten."""
    read: list[str] = []

    def reading(run_id: str) -> WorkflowRun:
        read.append(run_id)
        return RUN

    shelf = RunShelf(reading, lambda _: 1)
    for run_id in ("a", "b", "c", "d", "e", "e", "a"):
        shelf.run(run_id)
    assert read == ["a", "b", "c", "d", "e", "a"]
