"""Functions whose attempt is not wanted any more hear of it, and may end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from worker_desk import FrontDesk, assignment

import podium
from podium import TaskCancelled, TaskContext
from podium.dsl import Task, task, workflow
from podium.model.assignments import Assignment, TaskStarted
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench
from podium.workers import WorkerPool, current

PATIENCE_S = 10.0


class Scene:
    """What a function has seen, and when it may go on."""

    def __init__(self) -> None:
        self.began, self.may_look, self.over = Event(), Event(), Event()
        self.seen: list[Any] = []

    def until_cancelled(self, context: TaskContext) -> None:
        """Do as a function that works in small steps."""
        self.began.set()
        try:
            while not self.may_look.wait(0.001):
                context.check()
        except TaskCancelled as error:
            self.seen.append(str(error))
            raise
        finally:
            self.over.set()


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A scene whose functions end at the test's end, whatever happens."""
    one = Scene()
    yield one
    one.may_look.set()


def started(client: Any, run: Callable[..., Any], scene: Scene) -> str:
    """Start a run, and wait until its function is at work."""
    run_id = str(client.start(run))
    assert scene.began.wait(PATIENCE_S)
    return run_id


def slow_workflow(scene: Scene) -> tuple[Any, Task[..., Any]]:
    """Return a workflow whose task works until it is told not to."""

    @task(retries=0)
    def slow(context: TaskContext) -> int:
        try:
            scene.until_cancelled(context)
        except Exception:  # noqa: BLE001  # an author's handler for everything
            scene.seen.append("caught")
        return 1

    @workflow
    def one() -> int:
        return slow().output

    return one, slow


ENDINGS: dict[str, Callable[[Any, str], None]] = {
    "terminated": lambda client, run_id: client.terminate(run_id, "enough"),
    "completed by somebody else": lambda client, run_id: client.complete_task(run_id, "slow", {"result": 7}),
    "failed by somebody else": lambda client, run_id: client.complete_task(run_id, "slow", status=TaskStatus.FAILED),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_plain_function_hears_that_nobody_wants_it(scene: Scene, ending: str) -> None:
    """``context.check()`` ends it, past handlers for ``Exception``; the thread is free, and the end stays as it was."""
    one, slow = slow_workflow(scene)
    with podium.connect() as client, client.workers([slow], concurrency=1):
        run_id = started(client, one, scene)
        ENDINGS[ending](client, run_id)
        assert scene.over.wait(PATIENCE_S)
        assert scene.seen == ["attempt 1 of 'slow' is not wanted any more"]
        run = client.get(run_id)
        assert len(run.tasks) == 1
        assert run.status is not RunStatus.RUNNING
        scene.may_look.set()
        assert client.run(one, timeout=PATIENCE_S).output == {"result": 1}


def test_an_async_function_is_cancelled(scene: Scene) -> None:
    """What it awaits raises ``CancelledError``; its clean-up runs."""

    @task
    async def slow() -> int:
        scene.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            scene.seen.append(current().cancelled)
            scene.over.set()
        return 1

    @workflow
    def one() -> int:
        return slow().output

    with podium.connect() as client, client.workers([slow]):
        client.terminate(started(client, one, scene), "enough")
        assert scene.over.wait(PATIENCE_S)
    assert scene.seen == [True]


def test_another_process_ends_the_run(scene: Scene, tmp_path: Path) -> None:
    """The process whose worker has the attempt looks at the store from time to time."""
    one, slow = slow_workflow(scene)
    url = f"sqlite:///{tmp_path}/podium.db"
    with podium.connect(url) as here, podium.connect(url) as there, here.workers([slow]):
        there.terminate(started(here, one, scene), "enough")
        assert scene.over.wait(PATIENCE_S)
    assert len(scene.seen) == 1


def test_what_waits_and_is_not_wanted_never_begins(scene: Scene) -> None:
    """An attempt that waits in the pool for a thread is dropped with its run."""
    begun: list[str] = []

    @task
    def slow(context: TaskContext) -> None:
        begun.append(context.run_id)
        scene.until_cancelled(context)

    desk = FrontDesk()
    with WorkerPool(desk, [slow], concurrency=1) as pool:
        first, second = (assignment("slow")._replace(run_id=name) for name in ("first", "second"))
        pool.offer([first])
        assert scene.began.wait(PATIENCE_S)
        pool.offer([second])
        pool.call_off([("second", second.seq), ("unknown", 1)])
        scene.may_look.set()
    assert begun == ["first"]
    assert pool.withdraw() == []


def test_a_pool_that_leaves_gives_back_what_listens(scene: Scene) -> None:
    """After the grace a plain function hears of it too; its attempt is reported to go on, so others get it."""
    _, slow = slow_workflow(scene)
    desk = FrontDesk()
    with WorkerPool(desk, [slow], grace_s=0.0) as pool:
        pool.offer([assignment("slow")])
        assert scene.began.wait(PATIENCE_S)
    assert [one.status for one in desk.results()] == [TaskStatus.IN_PROGRESS]


def test_a_function_that_is_wanted_is_left_alone() -> None:
    """``cancelled`` is false and ``check()`` does nothing; one that raises TaskCancelled by itself has failed."""

    @task(retries=0)
    def calm(context: TaskContext) -> bool:
        context.check()
        return context.cancelled

    @task(retries=0)
    def odd() -> None:
        raise TaskCancelled("by myself")

    @workflow
    def both() -> bool:
        quiet = calm()
        odd()
        return quiet.output

    run = both.run(timeout=PATIENCE_S)
    assert run.status is RunStatus.FAILED
    assert run.tasks[0].output_data == {"result": False}
    assert run.tasks[1].reason_for_incompletion == "TaskCancelled: by myself"


@pytest.mark.parametrize(
    "fields", [{"timeout_seconds": 5, "response_timeout_seconds": 5}, {"response_timeout_seconds": 5}]
)
def test_a_timed_out_attempt_is_taken_away(bench: Bench, fields: dict[str, int]) -> None:
    """When its time is over, or its worker was silent for too long; the next attempt has another number."""
    definition = TaskDef(name="a", retry_count=1, retry_delay_seconds=0, timeout_policy="RETRY", **fields)
    place = WorkflowTask(name="a", task_reference_name="a", task_definition=definition)
    worker = bench.serve("a")
    run_id = bench.start(WorkflowDef(name="one", tasks=(place,)))
    first = worker.waiting.popleft()
    bench.kernel.submit(_began(first, bench))
    bench.settle()
    bench.advance(6)
    assert worker.called_off == [(run_id, first.seq)]
    assert worker.waiting[0].seq != first.seq


def _began(given: Assignment, bench: Bench) -> TaskStarted:
    """Say that work on an attempt has begun."""
    return TaskStarted(given.run_id, given.seq, "w", bench.clock.now())


@pytest.fixture
def bench() -> Bench:
    """An engine in virtual time."""
    return Bench()


def test_the_context_may_be_asked_from_any_thread(scene: Scene) -> None:
    """A helper thread of the function sees the same."""
    seen: list[bool] = []

    @task
    def slow(context: TaskContext) -> None:
        scene.began.set()
        helper = threading.Thread(target=lambda: seen.append(_wait(context)))
        helper.start()
        helper.join(PATIENCE_S)
        scene.over.set()

    def _wait(context: TaskContext) -> bool:
        while not context.cancelled:
            if scene.may_look.wait(0.001):
                return False
        return True

    @workflow
    def one() -> None:
        slow()

    with podium.connect() as client, client.workers([slow]):
        client.terminate(started(client, one, scene), "enough")
        assert scene.over.wait(PATIENCE_S)
    assert seen == [True]
