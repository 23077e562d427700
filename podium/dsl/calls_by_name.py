"""Steps that run something by its name: a worker task, any task type, another workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.dsl.arguments import checked_arguments
from podium.dsl.refs import Ref, refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.steps import Step
from podium.dsl.subworkflows import Started
from podium.model.definitions import SubWorkflowParams
from podium.model.statuses import TaskType
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow


#: The input of a DYNAMIC that holds the task's name, by default; Conductor's examples and SDKs use this one.
CHOSEN = "taskToExecute"


@checked_arguments
def call_task(name: str, task_name: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Run a worker task by its name, where its function is not at hand (SIMPLE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        task_name: The name that its workers poll for.
        returns: The type of its result.
        inputs: Its inputs.
    """
    return Step(name, type=TaskType.SIMPLE.value, name=task_name, inputs=inputs, returns=returns)


@checked_arguments
def system_task(
    name: str,
    type: str,  # noqa: A002  # the word of the JSON
    /,
    *,
    returns: type[T] = ANYTHING,
    **inputs: object,
) -> Step[T]:
    """
    Run a task of any type, such as one of a server's own.

    Args:
        name: The reference name.
        type: The type; one that the server does not know is a worker task, polled by the type's name.
        returns: The type of its whole output: a record.
        inputs: Its inputs.
    """
    return Step(name, type=type, inputs=inputs, returns=returns, keys=("output",))


@checked_arguments
def dynamic(
    name: str,
    task_name: object,
    /,
    *,
    input_name: str = CHOSEN,
    returns: type[T] = ANYTHING,
    **inputs: object,
) -> Step[T]:
    """
    Run the task whose name is known only while the workflow runs (DYNAMIC).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        task_name: A reference to the task's name; the name of a system type runs that.
        input_name: What it is called among the step's inputs.
        returns: The type of the task's result.
        inputs: The task's inputs.

    Raises:
        AuthoringError: P1, an input has the name of *input_name*.
    """
    if input_name in inputs:
        refuse(f"dynamic {name!r} has an input {input_name!r}, which holds the task's name; say another input_name=")
    return Step(
        name,
        type=TaskType.DYNAMIC.value,
        inputs={input_name: task_name, **inputs},
        returns=returns,
        dynamic_task_name_param=input_name,
    )


@checked_arguments
def sub_workflow(
    name: str,
    workflow: str | Workflow[..., Any],
    version: int | None = None,
    /,
    *,
    returns: type[T] = ANYTHING,
    **inputs: object,
) -> Step[T]:
    """
    Run another workflow by its name, where its object is not at hand or its version not certain (SUB_WORKFLOW).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        workflow: The other workflow, or its name.
        version: Its version; None is the latest when this run starts, 0 the latest when the step starts.
        returns: The type of what it returns: a record, or anything else for its single output ``result``.
        inputs: Its inputs.
    """
    called = None if isinstance(workflow, str | Ref) else workflow
    if called is not None and not hasattr(called, "undo_definition"):
        refuse(f"sub_workflow {name!r}: a workflow or its name is expected, not {called!r:.60}")
    params = SubWorkflowParams(name=str(workflow) if called is None else called.name, version=version)
    fields: dict[str, Authored] = {"sub_workflow_param": params}
    step: Step[Any] = Step(name, type=TaskType.SUB_WORKFLOW.value, inputs=inputs, returns=returns, **fields)
    step.called = called
    return step


@checked_arguments
def sub_workflow_from(name: str, definition: object, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Run a workflow whose definition is made while this one runs (SUB_WORKFLOW).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        definition: A reference to the definition, such as a worker's output.
        returns: The type of what it returns.
        inputs: Its inputs.

    Raises:
        AuthoringError: P1, *definition* is no reference.
    """
    text = str(definition) if isinstance(definition, Ref | str) else ""
    if not (text.startswith("${") and text.endswith("}")):
        refuse(
            f"sub_workflow_from {name!r} takes a reference to a definition, not {definition!r:.60}; "
            "call a workflow's .inline(...) to carry its definition along"
        )
    fields: dict[str, Authored] = {"sub_workflow_param": SubWorkflowParams(name=name, workflow_definition=text)}
    return Step(name, type=TaskType.SUB_WORKFLOW.value, inputs=inputs, returns=returns, **fields)


@checked_arguments
def start_workflow(
    name: str,
    workflow: str,
    version: int | None = None,
    /,
    *,
    correlation_id: object = None,
    **inputs: object,
) -> Step[Started]:
    """
    Start another workflow and go on (START_WORKFLOW).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        workflow: The other workflow's name.
        version: Its version; None is the latest.
        correlation_id: The other run's correlation id; this run's by default.
        inputs: Its inputs.

    Returns:
        The step; ``.output.workflow_id`` names the other run.
    """
    request: dict[str, Authored] = {"name": workflow, "input": inputs}
    if version is not None:
        request["version"] = version
    if correlation_id is not None:
        request["correlationId"] = correlation_id
    return Step(name, type=TaskType.START_WORKFLOW.value, inputs={"startWorkflow": request}, returns=Started)
