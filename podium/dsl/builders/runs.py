"""Other runs: look at one, search, update a task of one, end some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic

import attrs

from podium.dsl.builders.converting import in_minutes, one_of
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step
from podium.typed.authored import Authored
from podium.typed.records import CamelCase

__all__ = ["Ended", "Hits", "Metrics", "Run", "UpdatedTask", "end", "get", "jump", "metrics", "search", "update_task"]


@attrs.frozen(kw_only=True)
class Run(CamelCase, Generic[T]):
    """A run, as `get` gives it."""

    workflow_id: str
    workflow_name: str
    workflow_version: int
    #: Such as ``RUNNING`` or ``COMPLETED``.
    status: str
    input: Mapping[str, Any]
    output: T
    variables: Mapping[str, Any]
    correlation_id: str
    reason_for_incompletion: str
    #: Milliseconds since 1970.
    start_time: int
    end_time: int
    #: Its tasks, if they were asked for.
    tasks: list[Any]


@builder("GET_WORKFLOW", output=Run)
def get(
    name: str,
    /,
    *,
    id: str,  # noqa: A002  # the word of the JSON
    include_tasks: bool | None = None,
    returns: type[T] = ANYTHING,
) -> Step[Run[T]]:
    """
    Look at a run (GET_WORKFLOW).

    Run by: Podium, Orkes.

    Args:
        name: The reference name.
        id: The run's id.
        include_tasks: With its tasks.
        returns: The type of the run's output.

    Returns:
        The step; ``.output`` is a `Run`.
    """
    declared()


@attrs.frozen(kw_only=True)
class UpdatedTask(CamelCase):
    """What came of `update_task`."""

    updated_task_id: str
    task_output: Mapping[str, Any]


def _one_task(name: str, given: Mapping[str, Authored]) -> None:
    by_names = given.get("workflow_id") is not None and given.get("task_ref") is not None
    if by_names == (given.get("task_id") is not None):
        refuse(f"runs.update_task {name!r} takes workflow_id= and task_ref=, or task_id=")


@builder(
    "UPDATE_TASK",
    output=UpdatedTask,
    keys={"status": "taskStatus", "task_ref": "taskRefName", "output": "taskOutput", "merge": "mergeOutput"},
    convert={
        "status": one_of("COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR", "IN_PROGRESS", "CANCELED", "SKIPPED")
    },
    check=_one_task,
)
def update_task(
    name: str,
    /,
    *,
    status: str,
    workflow_id: str | None = None,
    task_ref: str | None = None,
    task_id: str | None = None,
    output: Mapping[str, object] | None = None,
    merge: bool | None = None,
) -> Step[UpdatedTask]:
    """
    Update a task of this run or another one, such as a WAIT (UPDATE_TASK).

    Run by: Orkes. Everywhere else, a worker can do it through a client.

    Args:
        name: The reference name.
        status: ``COMPLETED``, ``FAILED`` or ``FAILED_WITH_TERMINAL_ERROR``.
        workflow_id: The run; together with *task_ref*.
        task_ref: The task's reference name in it.
        task_id: The task's id.
        output: Its output.
        merge: Put the output over the one that it has, instead of replacing that.

    Raises:
        AuthoringError: P1, it is not said which task.
    """
    declared()


@attrs.frozen(kw_only=True)
class Ended(CamelCase):
    """What came of `end`."""

    #: The ids.
    terminated_workflows: list[str]


@builder(
    "TERMINATE_WORKFLOW",
    output=Ended,
    keys={"ids": "workflowId", "reason": "terminationReason", "failure_workflow": "triggerFailureWorkflow"},
)
def end(
    name: str,
    /,
    *,
    ids: Sequence[str],
    reason: str | None = None,
    failure_workflow: bool = False,
) -> Step[Ended]:
    """
    Terminate other runs (TERMINATE_WORKFLOW); `podium.dsl.terminate` ends this one.

    Run by: Orkes.

    Args:
        name: The reference name.
        ids: The runs' ids.
        reason: Why.
        failure_workflow: Start their failure workflows.

    Returns:
        The step; ``.output.terminated_workflows`` are the ids of those that it has ended.
    """
    declared()


@attrs.frozen(kw_only=True)
class Hits(CamelCase):
    """What a search has found."""

    total_hits: int
    #: How many of them are here.
    count: int
    #: The search in the server's user interface.
    workflows_url: str
    workflows: list[Any]


@builder(
    "QUERY_PROCESSOR",
    output=Hits,
    at=("output", "result"),
    always={"queryType": "CONDUCTOR_API"},
    keys={
        "workflows": "workflowNames",
        "started_after": "startTimeFrom",
        "started_before": "startTimeTo",
        "ended_after": "endTimeFrom",
        "ended_before": "endTimeTo",
    },
    convert=dict.fromkeys(("started_after", "started_before", "ended_after", "ended_before"), in_minutes),
)
def search(
    name: str,
    /,
    *,
    workflows: Sequence[str] | None = None,
    statuses: Sequence[str] | None = None,
    correlation_ids: Sequence[str] | None = None,
    started_after: Duration | None = None,
    started_before: Duration | None = None,
    ended_after: Duration | None = None,
    ended_before: Duration | None = None,
    free_text: str | None = None,
) -> Step[Hits]:
    """
    Search runs (QUERY_PROCESSOR).

    Run by: Orkes.

    Args:
        name: The reference name.
        workflows: Names of workflows.
        statuses: Such as ``FAILED``.
        correlation_ids: Correlation ids.
        started_after: At most so long ago, in whole minutes: ``"15m"``.
        started_before: At least so long ago.
        ended_after: At most so long ago.
        ended_before: At least so long ago.
        free_text: A text to search for.

    Returns:
        The step; ``.output`` is what was found.
    """
    declared()


@attrs.frozen(kw_only=True)
class Metrics:
    """Numbers over time."""

    #: Which cluster, workflow and so on they are of.
    metric: Mapping[str, Any]
    #: Time and value.
    values: list[list[Any]]


@builder(
    "QUERY_PROCESSOR",
    output=Metrics,
    at=("output", "result"),
    always={"queryType": "METRICS"},
    keys={"query": "metricsQuery", "start": "metricsStart", "end": "metricsEnd", "step": "metricsStep"},
)
def metrics(
    name: str,
    /,
    *,
    query: str,
    start: str | int,
    end: str | int,
    step: str | int,
) -> Step[Metrics]:
    """
    Ask the server's metrics (QUERY_PROCESSOR).

    Run by: Orkes.

    Args:
        name: The reference name.
        query: In the language of Prometheus.
        start: From when: a moment such as ``2026-01-01T00:00:00Z``, or minutes ago.
        end: Until when: a moment, or minutes ago.
        step: Between two values: such as ``5m``, or seconds.

    Returns:
        The step; ``.output`` are the numbers.
    """
    declared()


@builder("JUMP", at=("output",))
def jump(name: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Go on elsewhere (JUMP), a type that Conductor's editor knows and nobody documents.

    Run by: no server that is documented. Use `podium.dsl.switch` or `podium.dsl.loop`.

    Args:
        name: The reference name.
        returns: The type of the output.
        inputs: Its inputs.
    """
    declared()
