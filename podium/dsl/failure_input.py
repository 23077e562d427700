"""
What a failure workflow gets to know of the run that failed.

Conductor: ``WorkflowExecutorOps.java`` adds these to the input of the failed run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast, overload

from attrs import frozen

from podium.dsl.refs import Ref, Target
from podium.typed.authored import AuthoredObject

V = TypeVar("V")


@frozen(kw_only=True)
class FailedWorkflow(Generic[V]):
    """The run that failed, as far as workflows have use for it; `podium.dsl.ref` reaches the rest."""

    __wire_names__: ClassVar[Mapping[str, str]] = {
        "workflow_id": "workflowId",
        "correlation_id": "correlationId",
        "reason": "reasonForIncompletion",
        "failed_reference_names": "failedReferenceTaskNames",
    }

    workflow_id: str
    #: ``FAILED``, ``TIMED_OUT`` or ``TERMINATED``.
    status: str
    input: AuthoredObject
    output: AuthoredObject
    #: The variables as they were at the end.
    variables: V
    correlation_id: str | None
    reason: str | None
    #: The reference names of the steps that failed.
    failed_reference_names: list[str]


@frozen(kw_only=True)
class Failure(Generic[V]):
    """What a failure workflow finds in its input, beside the input of the failed run."""

    __wire_names__: ClassVar[Mapping[str, str]] = {
        "workflow_id": "workflowId",
        "failure_status": "failureStatus",
        "failure_task_id": "failureTaskId",
        "failed_workflow": "failedWorkflow",
    }

    #: The failed run's id.
    workflow_id: str
    #: Why it failed.
    reason: str
    #: ``FAILED``, ``TIMED_OUT`` or ``TERMINATED``.
    failure_status: str
    #: The id of the attempt that failed; null if there is none, as after a timeout of the run.
    failure_task_id: str | None
    #: The whole run.
    failed_workflow: FailedWorkflow[V]


@overload
def failure(variables: type[V]) -> Failure[V]: ...
@overload
def failure(variables: None = None) -> Failure[Mapping[str, Any]]: ...
def failure(variables: type[Any] | None = None) -> Any:
    """
    Refer, in a failure workflow, to the failure that has started it.

    Args:
        variables: The record class that describes the failed workflow's variables.

    Example:
        >>> str(failure().failed_workflow.reason)
        '${workflow.input.failedWorkflow.reasonForIncompletion}'
    """
    kind = Failure[Any] if variables is None else Failure[variables]  # type: ignore[valid-type]  # known at run time
    return cast("Failure[Any]", Ref(Target("workflow.input", (), kind)))
