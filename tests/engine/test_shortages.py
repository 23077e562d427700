"""What the machine lacks for a moment, such as file descriptors, is no fault of the work: it is done a little later."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import podium
from podium.backends.loader import open_backend
from podium.backends.sql.store import SqlBackend
from podium.client.system import SystemProcesses
from podium.engine.requests import StartRequest
from podium.engine.scripts import DirectScripts
from podium.expressions.isolation import Isolation
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import Shortage, StoreUnavailable
from podium.model.shortages import is_shortage
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench

EMPTY = OSError(errno.EMFILE, "Too many open files")
PATIENCE_S = 20.0

STEP = WorkflowTask(name="step", task_reference_name="step")
SCRIPT = WorkflowTask(
    name="script",
    task_reference_name="script",
    type="INLINE",
    input_parameters={"evaluatorType": "javascript", "expression": "[1].map(x => x)[0]"},
)
FLOW = WorkflowDef(name="flow", tasks=(STEP, SCRIPT))


def test_an_engine_loads_the_behaviour_of_all_task_types_when_it_begins() -> None:
    """Without file descriptors nothing can be imported: a workflow of another type than before starts all the same."""
    program = """
import os, resource, podium
from podium import WorkflowDef, WorkflowTask
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
script = {"evaluatorType": "javascript", "expression": "[1].map(x => x)[0]"}
tasks = [WorkflowTask(name=t, task_reference_name=t, type=t, input_parameters=script) for t in ("HUMAN", "INLINE")]
flow = WorkflowDef(name="flow", tasks=tuple(tasks))
with podium.connect("memory://") as client:
    client.run(WorkflowDef(name="first", tasks=(WorkflowTask(name="n", task_reference_name="n", type="NOOP"),)))
    held = []
    while True:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            break
    run_id = client.start(flow)
    for each in held:
        os.close(each)
    print(client.get(run_id).status)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["RUNNING"], done.stderr


class Fails:
    """A function that raises as long as something is missing, and then does what it stands for."""

    def __init__(self, inner: Callable[..., Any], error: BaseException, times: int = 10**9) -> None:
        self.inner = inner
        self.error = error
        self.times = times
        self.calls = 0

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Raise, or do it."""
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return self.inner(*args, **named)

    def as_method(self) -> Callable[..., Any]:
        """Give it as a method of a class."""

        def method(*args: Any, **named: Any) -> Any:
            return self(*args, **named)

        return method


@pytest.mark.parametrize("error", [EMPTY, MemoryError(), RuntimeError("can't start new thread")])
def test_a_result_is_kept_until_its_followers_can_be_made(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """The good result of a worker is no failure because a script after it finds no process."""
    fails = Fails(DirectScripts.evaluate, error, times=5)
    monkeypatch.setattr(DirectScripts, "evaluate", fails.as_method())
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(FLOW)
    bench.complete(worker.waiting.popleft(), {"n": 1})
    assert bench.run(run_id).status is RunStatus.RUNNING

    bench.advance(2)

    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [task.retry_count for task in run.tasks] == [0, 0]
    assert fails.calls == 6


def test_others_go_on_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the run that needs what is missing waits."""
    monkeypatch.setattr(DirectScripts, "evaluate", Fails(DirectScripts.evaluate, EMPTY).as_method())
    bench = Bench()
    worker = bench.serve("step")
    waits, goes_on = bench.start(FLOW), bench.start(WorkflowDef(name="plain", tasks=(STEP,)))
    for assignment in tuple(worker.waiting):
        bench.complete(assignment)

    assert bench.run(waits).status is RunStatus.RUNNING
    assert bench.run(goes_on).status is RunStatus.COMPLETED


def test_a_caller_is_told_when_it_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some seconds the start of a run is refused, and nothing has happened."""
    monkeypatch.setattr(DirectScripts, "evaluate", Fails(DirectScripts.evaluate, EMPTY).as_method())
    bench = Bench()
    request = StartRequest(bench.ids.run_id(), {}, definition=WorkflowDef(name="first", tasks=(SCRIPT,)))
    reply = bench.kernel.ask(request)
    bench.settle()
    bench.advance(10)

    with pytest.raises(Shortage, match="Too many open files"):
        reply.wait(0.0)
    assert not bench.backend.load_runs([request.run_id])


def test_work_that_needs_more_memory_than_there_is_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shortage that the work makes itself does not pass: the run ends with the reason."""
    monkeypatch.setattr(DirectScripts, "evaluate", Fails(DirectScripts.evaluate, MemoryError()).as_method())
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(FLOW)
    bench.complete(worker.waiting.popleft())
    bench.advance(10)

    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert "MemoryError" in (run.reason or "")


def test_workers_without_threads_begin_when_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that can start no thread keeps its place: it is offered the work again."""
    inner = threading.Thread.start
    left = [3]

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith(("podium-worker", "podium-watch")) and left[0]:
            left[0] -= 1
            raise RuntimeError("can't start new thread")
        inner(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with podium.connect("memory://") as client, client.workers([podium.task(lambda: 5, name="step")]):
        run = client.run(WorkflowDef(name="plain", tasks=(STEP,)), timeout=PATIENCE_S)

    assert run.status is RunStatus.COMPLETED
    assert not left[0]


def test_scripts_find_their_way_back_to_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No place for a child is lost while none can be started, not even in the middle of a call."""
    isolation = Isolation(processes=1, patience_s=5.0)
    popen = Fails(subprocess.Popen, EMPTY, times=3)
    monkeypatch.setattr(subprocess, "Popen", popen)
    for _ in range(3):
        with pytest.raises(Shortage, match="Too many open files"):
            isolation.evaluate("1 + 1", {})

    assert isolation.evaluate("[1 + 1][0]", {}) == 2
    isolation.close()


def test_a_script_is_run_again_when_its_process_was_killed() -> None:
    """The system kills whatever it likes when memory is short; a script changes nothing and may run twice."""
    isolation = Isolation(processes=1)
    assert isolation.evaluate("1", {}) == 1
    child = isolation._children.get()
    assert child is not None
    isolation._children.put(child)
    os.kill(child._process.pid, signal.SIGSTOP)
    killer = threading.Timer(0.05, os.kill, (child._process.pid, signal.SIGKILL))
    killer.start()

    assert isolation.evaluate("[40 + 2][0]", {}) == 42
    killer.join()
    isolation.close()


def test_who_cannot_look_does_not_say_that_a_process_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file descriptor a process cannot be looked up, and its runs must not be taken over."""
    processes = SystemProcesses()
    identity = processes.identity()
    assert processes.is_alive(identity)
    monkeypatch.setattr(Path, "read_bytes", Fails(Path.read_bytes, EMPTY).as_method())

    assert processes.is_alive(identity) is None


def test_a_store_without_memory_has_written_nothing(tmp_path: Path) -> None:
    """The transaction is undone, and said to be."""
    store = open_backend(f"sqlite:///{tmp_path / 'podium.db'}")
    assert isinstance(store, SqlBackend)
    with pytest.raises(StoreUnavailable, match="out of memory"), store._database.write():
        raise MemoryError
    store.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EMPTY, True),
        (BlockingIOError(errno.EAGAIN, "fork"), True),
        (Shortage(), True),
        (TimeoutError("took too long"), False),
        (RuntimeError("cannot schedule new futures after shutdown"), False),
        (ValueError("no"), False),
    ],
)
def test_what_counts_as_a_shortage(error: Exception, expected: bool) -> None:
    """What passes by itself; all else is a fault."""
    assert is_shortage(error) is expected
