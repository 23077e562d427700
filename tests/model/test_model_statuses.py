from __future__ import annotations

import pytest

from podium.model.statuses import REPORTABLE, RunStatus, TaskStatus, TaskType

#: Status, terminal, successful, retriable: Conductor's table.
TASKS = [
    ("SCHEDULED", False, True, True),
    ("IN_PROGRESS", False, True, True),
    ("COMPLETED", True, True, True),
    ("COMPLETED_WITH_ERRORS", True, True, True),
    ("SKIPPED", True, True, False),
    ("FAILED", True, False, True),
    ("FAILED_WITH_TERMINAL_ERROR", True, False, False),
    ("TIMED_OUT", True, False, True),
    ("CANCELED", True, False, False),
]

RUNS = [
    ("RUNNING", False, False),
    ("PAUSED", False, False),
    ("COMPLETED", True, True),
    ("FAILED", True, False),
    ("TIMED_OUT", True, False),
    ("TERMINATED", True, False),
]


@pytest.mark.parametrize(("word", "terminal", "successful", "retriable"), TASKS)
def test_the_statuses_of_tasks(word: str, terminal: bool, successful: bool, retriable: bool) -> None:
    """What each of them means."""
    status = TaskStatus(word)
    assert (status.is_terminal, status.is_successful, status.is_retriable) == (terminal, successful, retriable)
    assert str(status) == word


@pytest.mark.parametrize(("word", "terminal", "successful"), RUNS)
def test_the_statuses_of_runs(word: str, terminal: bool, successful: bool) -> None:
    """What each of them means; PAUSED is no end, so no success either."""
    status = RunStatus(word)
    assert (status.is_terminal, status.is_successful) == (terminal, successful)


def test_the_tables_are_whole() -> None:
    """No status is missing above."""
    assert [word for word, *_ in TASKS] == [status.value for status in TaskStatus]
    assert [word for word, *_ in RUNS] == [status.value for status in RunStatus]


def test_what_a_worker_may_report() -> None:
    """Five words; the engine alone says the others."""
    assert {status.value for status in REPORTABLE} == {
        "IN_PROGRESS",
        "FAILED",
        "FAILED_WITH_TERMINAL_ERROR",
        "COMPLETED",
        "CANCELED",
    }


def test_task_types_are_plain_words() -> None:
    """A type on the wire is compared as text."""
    assert TaskType.DO_WHILE == "DO_WHILE"
    assert {member.name for member in TaskType} == {member.value for member in TaskType}
