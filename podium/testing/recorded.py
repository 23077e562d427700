"""Mocks recorded from a real run, so that a failure of production becomes a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podium.model.attempts import TaskRun
from podium.model.durations import in_milliseconds
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.task_types import Pace, task_kind
from podium.model.values import JsonValue
from podium.testing.mocks import Mock
from podium.testing.needed import checked_run

#: What the engine computes again from the same inputs.
_COMPUTED = frozenset({TaskType.SUB_WORKFLOW, TaskType.START_WORKFLOW, TaskType.DYNAMIC, TaskType.TERMINATE})


def mocks_from(run: WorkflowRun, get: Callable[[str], WorkflowRun] | None = None) -> dict[str, JsonValue]:
    """
    Return the mocks that let a simulated run go the way of a real one: Conductor's test request, as JSON.

    Every attempt of a worker, a person, a wait and a service is in it, with its status, output, reason and times, those
    of sub-workflows too. What the engine computes itself it computes again. An attempt that the end of the run cut off
    is not answered: should the simulated run go on, a time-out ends it.

    Args:
        run: The run, with its tasks; ``client.get(run_id)`` gives it.
        get: Gives the runs of sub-workflows by id; the run's own client if it is not given. Without them, a
            sub-workflow is mocked as a whole.

    Returns:
        What `simulate` takes as *mocks*; the input is in it, so ``simulate(order, mocks=mocks_from(run))`` is the test.

    Example:
        >>> from podium import task, workflow
        >>> from podium.testing import failed, simulate
        >>> @task(retries=1, retry_delay="1s")
        ... def charge(amount: int) -> str: ...
        >>> @workflow
        ... def order(amount: int) -> str:
        ...     return charge(amount).output
        >>> run = simulate(order, {"amount": 3}, {"charge": failed("no route")})
        >>> again = simulate(order, mocks=mocks_from(run))
        >>> again.reason == run.reason
        True
    """
    run = checked_run(run, "mocks_from")
    ended_itself = run.status is not RunStatus.TERMINATED or any(each.task_type == "TERMINATE" for each in run.tasks)
    return answers_of(run, get, has_end=run.status.is_terminal and ended_itself)


def answers_of(run: WorkflowRun, get: Callable[[str], WorkflowRun] | None, *, has_end: bool) -> dict[str, JsonValue]:
    """
    Return the mocks of a run and of those below it.

    Args:
        run: The run.
        get: As `mocks_from` has it.
        has_end: Its end comes again by itself, so that nobody need answer what it cut off.
    """
    found: dict[str, list[JsonValue]] = {}
    inner: dict[str, Any] = {}
    for attempt in run.tasks:
        ref = attempt.reference_task_name
        child = _child(run, attempt, get)
        if child is not None:
            inner[ref] = _merged(inner.get(ref, {}), answers_of(child, get, has_end=has_end))
        elif is_told(attempt):
            found.setdefault(ref, []).append(_mock(attempt).to_dict())
        elif has_end and attempt.status is TaskStatus.CANCELED and _has_answers(attempt):
            found.setdefault(ref, []).append(_cut_off(attempt).to_dict())
    mocks: dict[str, Any] = {"input": run.input, "taskRefToMockOutput": found}
    return mocks | ({"subWorkflowTestRequest": inner} if inner else {})


def _merged(first: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Return the mocks of two runs of one sub-workflow, such as that of a retry, one after the other."""
    mocks = _by_ref(first, then, "taskRefToMockOutput", lambda one, two: [*(one or ()), *(two or ())])
    inner = _by_ref(first, then, "subWorkflowTestRequest", lambda one, two: _merged(one or {}, two or {}))
    return {**then, "taskRefToMockOutput": mocks} | ({"subWorkflowTestRequest": inner} if inner else {})


def _by_ref(first: dict[str, Any], then: dict[str, Any], key: str, join: Callable[[Any, Any], Any]) -> dict[str, Any]:
    one, two = first.get(key, {}), then.get(key, {})
    return {ref: join(one.get(ref), two.get(ref)) for ref in {**one, **two}}


def _child(run: WorkflowRun, attempt: TaskRun, get: Callable[[str], WorkflowRun] | None) -> WorkflowRun | None:
    if not attempt.sub_workflow_id:
        return None
    if get is not None:
        return get(attempt.sub_workflow_id)
    return None if run.source is None else run.source.other(attempt.sub_workflow_id)


def is_told(attempt: TaskRun) -> bool:
    """Return whether somebody outside the engine said how an attempt ended, and it did."""
    if not attempt.status.is_terminal or attempt.status in {TaskStatus.CANCELED, TaskStatus.SKIPPED}:
        return False
    return _has_answers(attempt)


def _has_answers(attempt: TaskRun) -> bool:
    """Return whether somebody outside the engine says how an attempt ends."""
    is_child = attempt.task_type == TaskType.SUB_WORKFLOW
    kind = task_kind(attempt.task_type)
    return is_child or (kind.pace in {Pace.OWN, Pace.WAIT} and attempt.task_type not in _COMPUTED)


def _cut_off(attempt: TaskRun) -> Mock:
    """Return the mock of an attempt that the end of its run cancelled: nobody answers it before that."""
    return Mock(TaskStatus.TIMED_OUT, queue_ms=max(0, attempt.end_time - attempt.scheduled_time) + 1)


def _mock(attempt: TaskRun) -> Mock:
    is_silent = attempt.status is TaskStatus.TIMED_OUT
    status = TaskStatus.FAILED if attempt.status is TaskStatus.COMPLETED_WITH_ERRORS else attempt.status
    took = max(0, attempt.end_time - attempt.start_time) if attempt.start_time and not is_silent else 0
    delay = in_milliseconds(attempt.start_delay_in_seconds)
    waited = max(0, attempt.queue_wait_time - delay)
    output = {} if is_silent else attempt.output_data
    return Mock(status, output, took, waited, None if is_silent else attempt.reason_for_incompletion)
