"""The workflows that a definition calls, as far as it says which they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from podium.checks.context import CheckContext, KnownWorkflow
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue


@frozen(kw_only=True, eq=False)
class WorkflowCall:
    """One workflow that one task runs."""

    known: KnownWorkflow
    #: It is carried along, and so not the one that is registered under its name.
    is_embedded: bool = False
    #: The inputs that it gets; None if they are made while the workflow runs.
    inputs: Mapping[str, JsonValue] | None
    #: Path of the inputs below the task.
    at: str
    #: The task ends only when the workflow does.
    waits: bool


def calls_of(task: WorkflowTask, context: CheckContext) -> Iterator[WorkflowCall]:
    """Yield the workflows that a task runs; those not at hand, or not named as they stand, are left out."""
    if task.type == TaskType.SUB_WORKFLOW:
        yield from _sub_workflow(task, context)
    elif task.type == TaskType.START_WORKFLOW:
        yield from _started(task, context)
    elif task.type == TaskType.FORK_JOIN_DYNAMIC:
        known = _find(context, task.input_parameters.get("forkTaskWorkflow"), None)
        version = task.input_parameters.get("forkTaskWorkflowVersion")
        if known is not None and version is None:
            # An empty list runs nothing, so nobody waits for it in any case.
            yield WorkflowCall(known=known, inputs=None, at="inputParameters.forkTaskInputs", waits=False)


def _sub_workflow(task: WorkflowTask, context: CheckContext) -> Iterator[WorkflowCall]:
    params = task.sub_workflow_param
    if params is None:
        return
    is_embedded = isinstance(params.workflow_definition, WorkflowDef)
    if isinstance(params.workflow_definition, WorkflowDef):
        known: KnownWorkflow | None = KnownWorkflow(params.workflow_definition)
    elif params.workflow_definition is None:
        known = _find(context, params.name, params.version)
    else:
        known = None
    if known is not None:
        yield WorkflowCall(
            known=known, is_embedded=is_embedded, inputs=task.input_parameters, at="inputParameters", waits=True
        )


def _started(task: WorkflowTask, context: CheckContext) -> Iterator[WorkflowCall]:
    request = task.input_parameters.get("startWorkflow")
    if isinstance(request, Mapping) and "workflowDef" not in request:
        version = request.get("version")
        known = _find(context, request.get("name"), version)
        inputs = request.get("input", {})
        if known is not None:
            given = inputs if isinstance(inputs, Mapping) else None
            yield WorkflowCall(known=known, inputs=given, at="inputParameters.startWorkflow.input", waits=False)


def _find(context: CheckContext, name: JsonValue, version: JsonValue) -> KnownWorkflow | None:
    if isinstance(name, str) and "${" not in name and (version is None or isinstance(version, int)):
        return context.find(name, version)
    return None
