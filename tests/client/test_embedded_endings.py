"""Nobody waits for an engine that has ended, however it ended."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import podium
from podium import RunStatus, WorkflowDef, WorkflowTask
from podium.engine.replies import Watchers
from podium.engine.requests import StartRequest
from podium.model import codec
from podium.model.assignments import Assignment
from podium.model.errors import DefinitionError, EngineStopped, PodiumError
from podium.model.values import JsonValue
from podium.testing.bench import HandWorker

#: Seconds after which a test gives up.
PATIENCE_S = 30.0


def step(name: str, kind: str = "SIMPLE", **inputs: JsonValue) -> WorkflowTask:
    """Return a task with these inputs."""
    return WorkflowTask(name=name, task_reference_name=name, type=kind, input_parameters=inputs)


class Fatal(BaseException):
    """Nothing that a handler of errors may hold up."""


class BrokenConsumer(HandWorker):
    """A consumer that takes nothing."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(["broken"])
        self.error = error

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Break."""
        raise self.error


def in_background(pool: ThreadPoolExecutor, call: Callable[[], object]) -> Future[object]:
    """Call something on another thread; returns when that thread runs."""
    began = threading.Event()

    def work() -> object:
        began.set()
        return call()

    future = pool.submit(work)
    assert began.wait(PATIENCE_S)
    return future


def test_an_engine_that_breaks_down_answers_whoever_waits() -> None:
    """A caller in the broken group, one that waits for a run, and everyone after them hear of it."""
    with podium.connect("memory://") as client, ThreadPoolExecutor(1) as pool:
        asked = client.start(WorkflowDef(name="ask", tasks=(step("ask", "HUMAN"),)))
        waits = in_background(pool, lambda: client.wait(asked))
        client.transport.attach(BrokenConsumer(Fatal("planted")))

        with pytest.raises(EngineStopped, match="planted"):
            client.start(WorkflowDef(name="w", tasks=(step("broken"),)))
        with pytest.raises(EngineStopped, match="planted"):
            waits.result(PATIENCE_S)
        with pytest.raises(EngineStopped, match="planted"):
            client.pause(asked)


def test_a_consumer_that_breaks_costs_the_engine_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It gets no more work, another one gets what it could not take, and the run completes."""
    with podium.connect("memory://") as client:
        client.transport.attach(BrokenConsumer(RuntimeError("planted")))
        run_id = client.start(WorkflowDef(name="w", tasks=(step("broken"),)))

        with client.workers([podium.task(lambda: 5, name="broken")]):
            run = client.wait(run_id, PATIENCE_S)

    assert run.status is RunStatus.COMPLETED
    assert "could not take work" in caplog.text


def test_closing_frees_a_thread_that_waits_for_a_run() -> None:
    """A run that goes on has nobody left to wait for it when its client is closed."""
    client = podium.connect("memory://")
    run_id = client.start(WorkflowDef(name="ask", tasks=(step("ask", "HUMAN"),)))
    with ThreadPoolExecutor(1) as pool:
        waits = in_background(pool, lambda: client.wait(run_id))
        client.close()

        with pytest.raises(PodiumError):
            waits.result(PATIENCE_S)


def test_a_start_does_not_wait_for_a_slow_script() -> None:
    """The run is durable and waits for the script; its caller does not, and closing stops neither."""
    client = podium.connect("memory://")
    slow = step("slow", "INLINE", evaluatorType="javascript", expression="(function(){while(true){}})()")
    reply = client.kernel.ask(StartRequest("run", {}, definition=WorkflowDef(name="w", tasks=(slow,))))

    assert reply.wait(10) == "run"
    client.close()


def test_each_end_of_a_run_is_told_to_those_who_wait_for_it() -> None:
    """A run that was retried ends again; who has waited once, and no longer waits, is not asked for."""
    watchers = Watchers()
    ends = []
    for _ in range(2):
        end = watchers.add("run")
        watchers.ended("run")
        ends.append(end)

    assert all(end.is_answered for end in ends)
    assert watchers.awaited == ()


def test_closing_waits_for_the_answer_to_a_request_under_way(tmp_path: Path) -> None:
    """A request that was sent is not sent again by the next engine: its answer is stored before the engine stops."""
    arrived, go_on = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrived.set()
            go_on.wait(PATIENCE_S)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server, ThreadPoolExecutor(2) as pool:
        pool.submit(server.serve_forever)
        client = podium.connect(url)
        http = step("call", "HTTP", uri=f"http://127.0.0.1:{server.server_port}/", method="GET", readTimeOut=30_000)
        run_id = client.start(WorkflowDef(name="calls", tasks=(http,)))
        assert arrived.wait(PATIENCE_S)
        closes = pool.submit(client.close)
        go_on.set()
        closes.result(PATIENCE_S)
        server.shutdown()

    with podium.connect(url) as later:
        assert later.get(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize("value", [2**70, [{"deep": 2**65}]])
def test_a_definition_may_hold_any_integer(value: JsonValue) -> None:
    """Integers beyond 64 bits are JSON, in a registered definition and in one that is only run."""
    definition = WorkflowDef(name="large", tasks=(step("keep", "SET_VARIABLE", kept=value),))
    with podium.connect("memory://") as client:
        client.register(definition)

        assert client.run("large", timeout=PATIENCE_S).variables == {"kept": value}
        assert client.run(definition, timeout=PATIENCE_S).variables == {"kept": value}


def test_a_definition_that_is_no_json_is_refused() -> None:
    """The refusal names the workflow, and the engine goes on."""
    for kept in ({1, 2}, math.nan, [{"a": -math.inf}], "\udcff"):
        wrong = WorkflowDef(name="wrong", tasks=(step("keep", "SET_VARIABLE", kept=kept),))
        _is_refused(wrong)
    with pytest.raises(DefinitionError, match="a number that JSON does not have"):
        codec.to_json(WorkflowDef(name="wrong", tasks=(), input_template={"a": math.nan}))


def _is_refused(wrong: WorkflowDef) -> None:
    with podium.connect("memory://") as client:
        for refused in (client.register, client.start):
            with pytest.raises(DefinitionError, match="cannot be written as JSON") as caught:
                refused(wrong)
            assert "workflow 'wrong'" in str(caught.value)

        assert client.search() == []


def test_a_client_does_not_work_in_a_forked_process() -> None:
    """Threads and connection are the parent's: a child must connect anew, also to read; its closing ends nothing."""
    program = textwrap.dedent("""
        import os
        import podium
        from podium.model.errors import InvalidRequest

        with podium.connect("memory://") as client:
            client.register(podium.TaskDef(name="t"))
            if os.fork() == 0:
                for call in (lambda: client.register(podium.TaskDef(name="t")), client.search):
                    try:
                        call()
                    except InvalidRequest as error:
                        print(error, flush=True)
                client.close()
                os._exit(0)
            os.wait()
            client.register(podium.TaskDef(name="t"))
        print("the parent goes on")
    """)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.splitlines() == [
        "this client belongs to the parent process; call podium.connect(...) after the fork",
        "this client belongs to the parent process; call podium.connect(...) after the fork",
        "the parent goes on",
    ]


def _until_asked(client: podium.EmbeddedClient, run_id: str) -> None:
    """Wait for the scripts before the question: a run is started before they have ended."""
    pause = threading.Event()
    for _ in range(1_000):
        if client.get(run_id).task("ask") is not None:
            return
        pause.wait(0.01)
    raise AssertionError("nobody is asked")


def test_numbers_that_json_has_not_mean_the_same_before_and_after_a_restart(tmp_path: Path) -> None:
    """A script's NaN and a path function's infinity are the texts that Conductor keeps."""
    ratio = step("ratio", "INLINE", expression="({a: 0 / 0, b: [1 / 0]})")
    nothing = step("nothing", "LAMBDA", scriptExpression="return -1 / 0")
    ask = step("ask", "HUMAN", total="${workflow.input.many.sum()}")
    told = {
        "text": "<${ratio.output.result.a}|${ratio.output.result.b}|${nothing.output.result}>",
        "values": "${ratio.output.result}",
        "total": "${ask.input.total}",
    }
    definition = WorkflowDef(name="ratios", tasks=(ratio, nothing, ask), output_parameters=told)
    url = f"sqlite:///{tmp_path}/runs.db"
    given = {"many": [1e308, 1e308]}
    with podium.connect(url) as client:
        one, two = client.start(definition, given), client.start(definition, given)
        _until_asked(client, one)
        client.complete_task(one, "ask")
        before = client.wait(one, PATIENCE_S).output
        _until_asked(client, two)
    with podium.connect(url) as client:
        client.complete_task(two, "ask")
        after = client.wait(two, PATIENCE_S).output

    assert (
        before
        == after
        == {
            "text": "<NaN|[Infinity]|-Infinity>",
            "values": {"a": "NaN", "b": ["Infinity"]},
            "total": "Infinity",
        }
    )
