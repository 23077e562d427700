"""Definitions as other servers than Podium's need them to do what they say."""

from __future__ import annotations

from attrs import evolve

from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.payloads import dump
from podium.model.statuses import TaskType

#: What a failure workflow reads of the run that failed.
_READS = b"${workflow.input.failedWorkflow."

#: The task that is put before such a workflow.
_PAUSE = "before_the_failed_run_is_read"


def portable(definition: WorkflowDef) -> WorkflowDef:
    """
    Return a definition as Conductor must have it: what reads of a run that failed begins with a pause.

    Conductor (``WorkflowExecutorOps.terminateWorkflow``) puts the failed run into the input of the failure workflow as
    an object of its own, and lays the first tasks out before the input is JSON: until a task has waited, all that is
    read of it is null (seen on 3.32.3). A ``WAIT`` of no time is enough.

    Example:
        >>> reads = {"why": "${workflow.input.failedWorkflow.output.why}"}
        >>> step = WorkflowTask(name="tell", task_reference_name="tell", type="SIMPLE", input_parameters=reads)
        >>> [task.name for task in portable(WorkflowDef(name="mourn", tasks=(step,))).tasks]
        ['before_the_failed_run_is_read', 'tell']
    """
    begins_with_pause = any(task.type == TaskType.WAIT for task in definition.tasks[:1])
    if begins_with_pause or _READS not in dump(to_dict(definition)):
        return definition
    pause = WorkflowTask(
        name=_PAUSE, task_reference_name=_PAUSE, type=TaskType.WAIT, input_parameters={"duration": "0 seconds"}
    )
    return evolve(definition, tasks=(pause, *definition.tasks))
