"""Nobody waits for an engine that has ended, however it ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import podium
from podium import WorkflowDef, WorkflowTask
from podium.engine.consumers import Assignment
from podium.engine.replies import Watchers
from podium.engine.requests import StartRequest
from podium.model.errors import DefinitionError, InternalError, PodiumError
from podium.model.values import JsonValue

#: Seconds after which a test gives up.
PATIENCE_S = 30.0


def step(name: str, kind: str = "SIMPLE", **inputs: JsonValue) -> WorkflowTask:
    """Give a task with these inputs."""
    return WorkflowTask(name=name, task_reference_name=name, type=kind, input_parameters=inputs)


class BrokenConsumer:
    """A consumer that does what none may do."""

    queues = frozenset({"broken"})

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Break the engine."""
        raise ZeroDivisionError("planted")

    def withdraw(self) -> Sequence[Assignment]:
        """Give nothing back."""
        return ()


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
        client.attach(BrokenConsumer())

        with pytest.raises(InternalError, match="planted"):
            client.start(WorkflowDef(name="w", tasks=(step("broken"),)))
        with pytest.raises(InternalError, match="planted"):
            waits.result(PATIENCE_S)
        with pytest.raises(InternalError, match="planted"):
            client.pause(asked)


def test_closing_frees_a_thread_that_waits_for_a_run() -> None:
    """A run that goes on has nobody left to wait for it when its client is closed."""
    client = podium.connect("memory://")
    run_id = client.start(WorkflowDef(name="ask", tasks=(step("ask", "HUMAN"),)))
    with ThreadPoolExecutor(1) as pool:
        waits = in_background(pool, lambda: client.wait(run_id))
        client.close()

        with pytest.raises(PodiumError):
            waits.result(PATIENCE_S)


def test_closing_answers_a_caller_whose_script_still_runs() -> None:
    """A start that waits for a slow script is refused when the engine stops."""
    client = podium.connect("memory://")
    slow = step("slow", "INLINE", evaluatorType="javascript", expression="(function(){while(true){}})()")
    reply = client.kernel.ask(StartRequest("run", {}, definition=WorkflowDef(name="w", tasks=(slow,))))

    client.close()

    with pytest.raises(InternalError, match="stopped"):
        reply.wait(PATIENCE_S)


def test_a_latch_is_set_at_each_end_of_a_run() -> None:
    """A run that was retried ends again; a watcher that cleared its latch is told a second time."""
    watchers = Watchers()
    latch = watchers.add("run")
    watchers.ended("run")
    latch.clear()

    watchers.ended("run")

    assert latch.is_set()


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
    wrong = WorkflowDef(name="wrong", tasks=(step("keep", "SET_VARIABLE", kept={1, 2}),))
    with podium.connect("memory://") as client:
        for refused in (client.register, client.start):
            with pytest.raises(DefinitionError, match="cannot be written as JSON") as caught:
                refused(wrong)
            assert "workflow 'wrong'" in str(caught.value)

        assert client.search() == []
