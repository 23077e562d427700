"""What callers give to a client, and what they keep."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import podium
from podium import Client, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest, StoreUnavailable
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue


def waits_then_keeps(**kept: str) -> WorkflowDef:
    """Return a workflow that waits for somebody, then sets variables."""
    ask = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    keep = WorkflowTask(name="keep", task_reference_name="keep", type="SET_VARIABLE", input_parameters=kept)
    return WorkflowDef(name="keeps", tasks=(ask, keep))


def test_what_a_caller_changes_later_is_not_the_runs(client: Client) -> None:
    """Input and output belong to the engine once they are handed over: a run goes on with what was stored."""
    given: dict[str, JsonValue] = {"a": {"b": 1}}
    answer: dict[str, JsonValue] = {"c": [1]}
    run_id = client.start(waits_then_keeps(x="${workflow.input.a.b}", y="${ask.output.c}"), given)
    given["a"]["b"] = 2

    client.complete_task(run_id, "ask", answer)
    answer["c"].append(2)

    assert client.wait(run_id, 30).variables == {"x": 1, "y": [1]}


def test_only_what_a_worker_may_say_can_be_reported(client: Client) -> None:
    """A task cannot be completed as SKIPPED or TIMED_OUT: those are the engine's words."""
    run_id = client.start(waits_then_keeps())

    with pytest.raises(InvalidRequest, match="as TIMED_OUT; use one of CANCELED, COMPLETED, FAILED,"):
        client.complete_task(run_id, "ask", status=TaskStatus.TIMED_OUT)


def test_a_search_for_an_unknown_status_says_which_there_are(client: Client) -> None:
    """The refusal is one of Podium's own errors and lists the statuses."""
    with pytest.raises(InvalidRequest, match="status must be one of RUNNING, PAUSED, COMPLETED, FAILED,"):
        client.search(status="DONE")


class _Nothing:
    """Something that no verb takes."""


@pytest.mark.parametrize(
    "verb", ["get", "wait", "live", "pause", "resume", "terminate", "retry", "restart", "task", "logs"]
)
@pytest.mark.parametrize("given", [{}, 3, None, _Nothing()], ids=["map", "number", "none", "object"])
def test_what_is_no_id_stops_nothing(client: Client, verb: str, given: object) -> None:
    """It is refused before it reaches the engine, in words without an address, and the engine goes on."""
    with pytest.raises(InvalidRequest, match="a text is expected") as caught:
        getattr(client, verb)(given)
    assert " at 0x" not in str(caught.value)
    run_id = client.start(waits_then_keeps(x="1"))
    client.complete_task(run_id, "ask", {})
    assert client.wait(run_id, 30).variables == {"x": "1"}


@podium.task
def _greet(name: str) -> str:
    """A task that nobody starts by itself."""
    return name


@podium.workflow
def _greeting(name: str) -> str:
    """A workflow of one step."""
    return _greet(name).output


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda client: client.wait("x", timeout="5s"), "timeout='5s': a number is expected"),
        (lambda client: client.search(limit="ten"), "limit='ten': a whole number is expected"),
        (lambda client: client.start("x", {}, priority="high"), "priority='high': a whole number is expected"),
        (
            lambda client: client.start(_greeting, name="Ann"),
            "start() takes no 'name'; it takes workflow, input, version",
        ),
        (lambda client: client.start(_greet, {}), "is no workflow; start a function with @workflow above it"),
        (lambda client: client.start_many(_greeting, 3), "a list of inputs is expected"),
        (lambda client: client.update_task("x"), "a TaskResult is expected, not 'x'"),
        (lambda client: client.workers(_greet), "write [_greet]"),
        (lambda client: client.workers(_greeting), "write _greeting.tasks"),
        (lambda client: client.workers([_greeting]), "write *_greeting.tasks"),
        (lambda client: client.workers([lambda name: name]), "> is not; write task(fn, name='...')"),
        (lambda client: client.workers(_greet, _greet), "too many positional arguments; by name it takes concurrency="),
        (
            lambda _: _greeting.run("Ann"),
            "too many positional arguments; by name it takes workers=, timeout=, each input",
        ),
        (lambda _: _greeting.run(name="Ann", timeout="5s"), "timeout='5s': a number is expected"),
        (lambda _: _greeting.run(name="Ann", workers=_greet), "workers= takes a list of tasks"),
        (lambda _: podium.connect(None), "url=None: a text is expected"),
    ],
)
def test_a_callers_mistake_ends_in_the_callers_own_lines(
    client: Client, act: Callable[[Client], object], said: str
) -> None:
    """The message says what to write instead, and none of Podium's own lines but one is in the traceback."""
    with pytest.raises(InvalidRequest) as caught:
        act(client)
    assert said in str(caught.value)
    ours = [each for each in traceback.extract_tb(caught.value.__traceback__) if "/podium/" in each.filename]
    assert [each.filename.rpartition("/")[2] for each in ours] == ["tracebacks.py"]


@pytest.mark.parametrize(("place", "said"), [("", "is a folder"), ("/none/x.db", "has no folder to be in; make ")])
def test_a_place_where_no_store_can_be_is_named(tmp_path: Path, place: str, said: str) -> None:
    """It is not called a file that is gone."""
    with pytest.raises(StoreUnavailable, match=said):
        podium.connect(f"sqlite:///{tmp_path}{place}")
