"""Failures: what an exception makes of an attempt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from worker_desk import FrontDesk, assignment

from podium.dsl import task
from podium.model.assignments import Report
from podium.model.errors import TerminalTaskError
from podium.model.statuses import TaskStatus
from podium.workers import WorkerPool

RunOne = Callable[..., Report]


class CardStolenError(TerminalTaskError):
    pass


class _MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("broken")


def test_an_exception_fails_the_attempt_with_type_message_and_traceback(report_of: RunOne) -> None:
    """The reason is short, the log line carries the traceback, from the author's function on."""

    @task
    def charge() -> None:
        raise ValueError("no such card")

    report = report_of(charge)

    assert report.status is TaskStatus.FAILED
    assert report.reason == "ValueError: no such card"
    ((at, text),) = report.logs
    assert at > 0
    assert text.startswith("Traceback (most recent call last):")
    assert "in charge" in text
    assert "in run" not in text
    assert text.endswith("ValueError: no such card")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TerminalTaskError("the card is stolen"), "the card is stolen"),
        (TerminalTaskError(), "TerminalTaskError"),
        (CardStolenError("4711"), "CardStolenError: 4711"),
    ],
)
def test_a_terminal_error_is_not_retried(report_of: RunOne, error: Exception, reason: str) -> None:
    """TerminalTaskError and what derives from it end the attempt for good."""

    @task
    def charge() -> None:
        raise error

    report = report_of(charge)

    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert report.reason == reason
    assert "Traceback" in report.logs[0][1]


def test_a_long_reason_is_cut(report_of: RunOne) -> None:
    """A reason has at most 500 characters; the traceback is cut at its old end."""

    @task
    def fail() -> None:
        raise ValueError("x" * 100_000)

    report = report_of(fail)

    assert len(report.reason or "") == 500
    assert len(report.logs[0][1]) < 21_000


def test_an_error_that_cannot_say_what_it_is(report_of: RunOne) -> None:
    """An exception whose text cannot be made is reported all the same."""

    @task
    def fail() -> None:
        raise _MuteError

    assert report_of(fail).reason == "_MuteError: (its message cannot be read)"


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_an_exit_in_a_function_ends_the_attempt_only(reporter: FrontDesk, error: BaseException) -> None:
    """``sys.exit()`` in a worker function fails its attempt, and the pool serves on."""

    @task
    def leave(now: bool) -> str:
        if now:
            raise error
        return "stayed"

    with WorkerPool(reporter, [leave], concurrency=1) as pool:
        pool.offer([assignment("leave", {"now": True}), assignment("leave", {"now": False}, seq=2)])
        first, second = reporter.wait(2)

    assert first.status is TaskStatus.FAILED
    assert (first.reason or "").startswith(type(error).__name__)
    assert second.output == {"result": "stayed"}


def test_an_exit_in_an_async_function_ends_the_attempt_only(reporter: FrontDesk) -> None:
    """The same on the event loop."""

    @task
    async def leave(now: bool) -> str:
        if now:
            raise SystemExit(3)
        return "stayed"

    with WorkerPool(reporter, [leave]) as pool:
        pool.offer([assignment("leave", {"now": True})])
        reporter.wait(1)
        pool.offer([assignment("leave", {"now": False}, seq=2)])
        first, second = reporter.wait(2)

    assert first.reason == "SystemExit: 3"
    assert second.output == {"result": "stayed"}
