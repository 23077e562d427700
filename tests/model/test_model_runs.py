"""What a run answers about its tasks."""

from __future__ import annotations

import copy
import pickle

from podium.model.attempts import LazyAttempts
from podium.model.codec import from_dict, to_dict
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus


def test_a_place_whose_name_has_two_underscores_is_found_in_its_loop() -> None:
    """Only the numbers at a name's end are iterations."""
    attempt = TaskRun(
        task_type="t", status=TaskStatus.COMPLETED, reference_task_name="get__data__3", iteration=3, seq=1
    )
    run = WorkflowRun(status=RunStatus.RUNNING, tasks=(attempt,))

    assert run.task("get__data") is attempt
    assert run.task("get") is None


def _attempt(place: int) -> TaskRun:
    return TaskRun(task_type="t", status=TaskStatus.COMPLETED, reference_task_name=f"t{place}", seq=place + 1)


def test_an_attempt_is_made_when_it_is_looked_at_and_once() -> None:
    """To count attempts makes none, and to look at one makes that one."""
    made: list[int] = []

    def make(place: int) -> TaskRun:
        made.append(place)
        return _attempt(place)

    attempts = LazyAttempts(1000, make)

    assert (len(attempts), bool(attempts), made) == (1000, True, [])
    assert attempts[-1] is attempts[999]
    assert [each.seq for each in attempts[3:9:2]] == [4, 6, 8]
    assert next(iter(attempts)) is attempts[0]
    assert made == [999, 3, 5, 7, 0]


def test_attempts_that_are_made_later_are_like_a_tuple_of_them() -> None:
    """They compare, copy, pickle and stand in a run as one, both ways round."""
    whole, empty = tuple(map(_attempt, range(3))), LazyAttempts(0, _attempt)
    attempts = LazyAttempts(3, _attempt)
    run = WorkflowRun(status=RunStatus.RUNNING, tasks=attempts)

    assert attempts == whole == attempts == LazyAttempts(3, _attempt)
    assert (attempts == whole[:2], attempts == list(whole), empty == ()) == (False, False, True)
    assert (repr(attempts), list(reversed(attempts)), whole[1] in attempts) == (repr(whole), [*whole[::-1]], True)
    assert pickle.loads(pickle.dumps(attempts)) == copy.deepcopy(attempts) == whole
    assert run == WorkflowRun(status=RunStatus.RUNNING, tasks=whole)
    assert from_dict(to_dict(run), WorkflowRun) == run
