"""The context of a running task."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from worker_desk import PATIENCE_S, RUN, FrontDesk, assignment

import podium
from podium.dsl import task
from podium.model.assignments import Report, TaskStarted
from podium.model.errors import InvalidRequest, RequestError
from podium.model.statuses import TaskStatus
from podium.workers import InProgress, TaskContext, WorkerPool, current

RunOne = Callable[..., Report]


def test_the_context_says_which_attempt_runs(report_of: RunOne) -> None:
    """A first parameter annotated TaskContext is no input and knows the attempt."""

    @task
    def show(context: TaskContext, x: int) -> list[Any]:
        return [
            x,
            context.run_id == context.workflow_id == RUN,
            bool(context.task_id),
            context.task_name,
            context.reference_name,
            context.attempt,
            context.retry_count,
            context.workflow_name,
            context.correlation_id,
            context.previous_output,
        ]

    report = report_of(show, {"x": 1}, retry_count=2)

    assert report.output == {"result": [1, True, True, "show", "show_ref", 3, 2, "order", "c-1", {}]}


def test_a_context_may_stand_anywhere(report_of: RunOne) -> None:
    """A later or keyword-only parameter with this annotation gets it too."""

    @task
    def show(x: int, *, context: TaskContext) -> str:
        return f"{x} {context.attempt}"

    assert report_of(show, {"x": 1}).output == {"result": "1 1"}


def test_current_finds_the_context_in_threads_and_coroutines(report_of: RunOne) -> None:
    """Nothing need be passed down, not even through ``asyncio.to_thread``."""

    def deep() -> str:
        return current().reference_name

    @task(name="plain")
    def plain() -> str:
        return deep()

    @task(name="later")
    async def later() -> list[str]:
        return [deep(), await asyncio.to_thread(deep)]

    assert report_of(plain).output == {"result": "plain_ref"}
    assert report_of(later).output == {"result": ["later_ref", "later_ref"]}


def test_current_outside_a_task_is_refused() -> None:
    """There is no context where no task runs."""
    with pytest.raises(RequestError, match="no task is running here"):
        current()


def test_lines_go_to_the_tasks_logs_and_to_logging(
    report_of: RunOne,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """INFO and above are kept whatever logging is set to; the line is said to come from the author's code."""

    @task
    def talk(context: TaskContext) -> None:
        context.log("plain")
        context.logger.debug("hidden")
        context.logger.info("%d of %d", 1, 2)
        try:
            {}["k"]
        except KeyError:
            context.logger.exception("oh")

    with caplog.at_level(logging.ERROR, "podium.task"):
        report = report_of(talk)

    lines = [text for _, text in report.logs]
    assert lines[:2] == ["plain", "INFO 1 of 2"]
    assert lines[2].startswith("ERROR oh\nTraceback")
    (record,) = [one for one in caplog.records if one.name == "podium.task.talk"]
    assert record.funcName == "talk"
    assert getattr(record, "run_id") == RUN  # noqa: B009  # logging adds it at run time


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [
        ("5s", 5),
        (4.2, 4.2),
        (timedelta(seconds=5), 5),
        ("250ms", 0.25),
        ("1.5 s", 1.5),
        (timedelta(milliseconds=1), 0.001),
    ],
)
def test_in_progress_asks_to_be_called_again(report_of: RunOne, pause: Any, seconds: float) -> None:
    """The attempt is put back with its output, for as long as it says; its next call finds that output."""

    @task
    def poll(context: TaskContext) -> Any:
        seen = context.previous_output.get("seen", 0)
        return {"done": True} if seen else InProgress(pause, {"seen": seen + 1})

    first = report_of(poll)
    second = report_of(poll, output=first.output)

    assert (first.status, first.output, first.callback_after_s) == (TaskStatus.IN_PROGRESS, {"seen": 1}, seconds)
    assert (second.status, second.output) == (TaskStatus.COMPLETED, {"done": True})


@pytest.mark.parametrize("pause", ["soon", -1, float("nan"), None, [5]])
def test_in_progress_refuses_what_is_no_length(pause: Any) -> None:
    """In words that name it."""
    with pytest.raises(InvalidRequest, match=r"InProgress\(.*\): a length of time is expected, such as '5s', '250ms'"):
        InProgress(pause)


def test_a_long_call_is_shown_and_gives_signs_of_life(reporter: FrontDesk) -> None:
    """After a moment the attempt is IN_PROGRESS; at 80 % of the response timeout it says that it lives."""
    end = threading.Event()

    @task
    def long() -> None:
        assert end.wait(PATIENCE_S)

    with WorkerPool(reporter, [long]) as pool:
        pool.offer([assignment("long", response_timeout_s=1)])
        taken = reporter.wait_taken()
        reporter.wait_heartbeats(2)
        end.set()
        result = reporter.wait()[0]

    words = [type(word) for batch in reporter.batches for word in batch]
    assert words[:2] == [TaskStarted, Report]
    assert words.count(TaskStarted) == 1
    assert (taken.seq, taken.is_local, taken.worker_id) == (1, True, result.worker_id)
    assert taken.started_at == result.started_at > 0


def test_a_heartbeat_by_hand_is_told_at_once(reporter: FrontDesk) -> None:
    """The engine hears of the attempt first, then of its sign of life; after the end nothing is said."""
    end = threading.Event()
    contexts = []

    @task
    def long(context: TaskContext) -> None:
        context.heartbeat()
        contexts.append(context)
        assert end.wait(PATIENCE_S)

    with WorkerPool(reporter, [long]) as pool:
        pool.offer([assignment("long")])
        reporter.wait_heartbeats(1)
        end.set()
        reporter.wait()
        contexts[0].heartbeat()

    assert [type(word) for batch in reporter.batches for word in batch] == [TaskStarted, Report, Report]


def _calls_a_task() -> object:
    return echo(1).output


async def _calls_a_task_later() -> object:
    await asyncio.sleep(0)
    return echo(1).output


def _calls_a_task_in_silence() -> None:
    echo(1)


def _calls_a_builder() -> None:
    podium.wait("a_while", duration="1s")


def _calls_a_workflow() -> None:
    echoes(1)


@podium.task
def echo(number: int) -> int:
    """Give it back."""
    return number


@podium.workflow
def echoes(number: int) -> int:
    """Echo it."""
    return echo(number).output


@pytest.mark.parametrize(
    "function", [_calls_a_task, _calls_a_task_later, _calls_a_task_in_silence, _calls_a_builder, _calls_a_workflow]
)
def test_a_step_that_no_workflow_would_have_is_an_error_where_it_is_made(
    report_of: Callable[..., Report], function: Callable[..., Any]
) -> None:
    """A task that is called in a running task does not run: the error names ``.fn``, and no retry follows."""
    report = report_of(podium.task(function, name="calls"))

    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "to run the function of a task call its .fn(...)" in (report.reason or "")
    assert "test_worker_context.py" in (report.reason or "")


def test_a_running_task_may_build_and_run_workflows(report_of: Callable[..., Report]) -> None:
    """In a block, by a function, from JSON, and by ``.fn``."""

    @podium.task
    def builds() -> list[Any]:
        made = podium.Workflow("made")
        with made:
            echo(1)
        source = made.to_python()
        return [len(made.definition.tasks), echoes.run(number=2).output, echo.fn(3), "made" in source]

    assert report_of(builds).output == {"result": [1, {"result": 2}, 3, True]}
