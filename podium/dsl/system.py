"""
Builders for Conductor's system tasks.

Each takes the step's reference name first. Every value may be a reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, overload

from podium.dsl.refs import Ref, refuse
from podium.dsl.steps import Step
from podium.dsl.variables import named_values
from podium.model.definitions import SubWorkflowParams
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow

P = ParamSpec("P")


@overload
def set_variable(name: str, /, **values: object) -> Step[None]: ...
@overload
def set_variable(name: str, kind: Callable[P, object], /, *args: P.args, **values: P.kwargs) -> Step[None]: ...
def set_variable(name: str, kind: Any = None, /, *args: object, **values: object) -> Step[None]:
    """
    Set workflow variables (SET_VARIABLE); `podium.dsl.variable` and `podium.dsl.variables` read them in later steps.

    Args:
        name: The reference name.
        kind: The record class that describes the variables, so that names and types are checked.
        args: Values in the order of its fields.
        values: Variable name to value; an old value is replaced as a whole.

    Raises:
        AuthoringError: R2 or R3, the values do not fit the record class.

    Example:
        ``set_variable("note", stage="done")``, or typed ``set_variable("note", Progress, stage="done")``
    """
    given = dict(values) if kind is None else named_values(kind, args, values)
    return Step(name, type=TaskType.SET_VARIABLE.value, inputs=given, returns=None)


_ENDS = ("COMPLETED", "FAILED", "TERMINATED")


def terminate(name: str, status: str, reason: str | None = None, *, output: object = None) -> Step[Any]:
    """
    End the run at once (TERMINATE).

    Args:
        name: The reference name.
        status: ``COMPLETED``, ``FAILED`` or ``TERMINATED``.
        reason: Why.
        output: The run's output; without it, the run has none.

    Raises:
        AuthoringError: V1, the status is another one.
    """
    wanted = str(status).upper()
    if wanted not in _ENDS:
        refuse(f"terminate {name!r}: the status is one of {', '.join(_ENDS)}, not {status!r:.40}", code="V1")
    inputs: dict[str, JsonValue] = {"terminationStatus": wanted}
    if reason is not None:
        inputs["terminationReason"] = reason
    if output is not None:
        inputs["workflowOutput"] = output
    return Step(name, type=TaskType.TERMINATE.value, inputs=inputs, keys=("output",))


def event(name: str, sink: str, /, **payload: object) -> Step[Any]:
    """
    Publish an event (EVENT).

    Args:
        name: The reference name.
        sink: Where: ``conductor``, ``conductor:queue``, ``kafka:topic``, ``sqs:queue``, ….
        payload: What it carries.
    """
    return Step(name, type=TaskType.EVENT.value, inputs=payload, keys=("output",), sink=str(sink))


def noop(name: str, /) -> Step[None]:
    """Do nothing (NOOP)."""
    return Step(name, type=TaskType.NOOP.value, returns=None)


def kafka(
    name: str,
    /,
    *,
    servers: str,
    topic: str,
    value: object,
    key: object = None,
    headers: Mapping[str, object] | None = None,
    key_serializer: str | None = None,
) -> Step[None]:
    """
    Publish to Kafka (KAFKA_PUBLISH).

    Args:
        name: The reference name.
        servers: ``host:port``, several separated by commas.
        topic: The topic.
        value: The message; sent as JSON.
        key: The message's key.
        headers: Header name to value.
        key_serializer: A Java class name; Conductor's default takes texts.
    """
    request = {
        "bootStrapServers": servers,
        "topic": topic,
        "value": value,
        "key": key,
        "headers": headers,
        "keySerializer": key_serializer,
    }
    given = {key: value for key, value in request.items() if value is not None}
    return Step(name, type="KAFKA_PUBLISH", inputs={"kafka_request": given}, returns=None)


def pull_messages(name: str, /, *, batch_size: int = 1, blocking: bool = True) -> Step[Any]:
    """
    Take messages from the run's own queue (PULL_WORKFLOW_MESSAGES); ``.output`` has ``messages`` and ``count``.

    Args:
        name: The reference name.
        batch_size: Most messages to take.
        blocking: Wait for one; otherwise it completes with none.
    """
    inputs = {"batchSize": batch_size, "blocking": blocking}
    return Step(name, type="PULL_WORKFLOW_MESSAGES", inputs=inputs, keys=("output",))


def dynamic(name: str, task_name: object, /, **inputs: object) -> Step[Any]:
    """
    Run the task whose name is known only while the workflow runs (DYNAMIC).

    Args:
        name: The reference name.
        task_name: A reference to the task's name.
        inputs: The task's inputs.
    """
    chosen = {"taskToExecute": task_name}
    return Step(
        name,
        type=TaskType.DYNAMIC.value,
        inputs={**chosen, **inputs},
        keys=("output",),
        dynamic_task_name_param="taskToExecute",
    )


def call_task(name: str, task_name: str, /, *, returns: Any = Any, **inputs: object) -> Step[Any]:
    """
    Run a worker task by its name, where its function is not at hand (SIMPLE).

    Args:
        name: The reference name.
        task_name: The name that its workers poll for.
        returns: The type of its result.
        inputs: Its inputs.
    """
    return Step(name, type=TaskType.SIMPLE.value, name=task_name, inputs=inputs, returns=returns)


def system_task(name: str, type: str, /, **inputs: object) -> Step[Any]:  # noqa: A002  # the word of the JSON
    """
    Run a task of any type, such as ``JDBC`` or ``LLM_CHAT_COMPLETE``.

    Args:
        name: The reference name.
        type: The type; one that the server does not know is a worker task, polled by the type's name.
        inputs: Its inputs.
    """
    return Step(name, type=type, inputs=inputs, keys=("output",))


def sub_workflow(
    name: str,
    workflow: str | Workflow[..., Any],
    version: int | None = None,
    /,
    **inputs: object,
) -> Step[Any]:
    """
    Run another workflow by its name, where its object is not at hand or its version not certain (SUB_WORKFLOW).

    Args:
        name: The reference name.
        workflow: The other workflow, or its name.
        version: Its version; None is the latest when this run starts, 0 the latest when the step starts.
        inputs: Its inputs.
    """
    called = None if isinstance(workflow, str | Ref) else workflow
    params = SubWorkflowParams(name=str(workflow) if called is None else called.name, version=version)
    fields: dict[str, JsonValue] = {"sub_workflow_param": params}
    step: Step[Any] = Step(name, type=TaskType.SUB_WORKFLOW.value, inputs=inputs, keys=("output",), **fields)
    step.workflow = called
    return step


def start_workflow(
    name: str,
    workflow: str,
    version: int | None = None,
    /,
    *,
    correlation_id: object = None,
    **inputs: object,
) -> Step[Any]:
    """
    Start another workflow and go on (START_WORKFLOW); ``output.workflowId`` names the other run.

    Args:
        name: The reference name.
        workflow: The other workflow's name.
        version: Its version; None is the latest.
        correlation_id: The other run's correlation id; this run's by default.
        inputs: Its inputs.
    """
    request: dict[str, JsonValue] = {"name": workflow, "input": inputs}
    if version is not None:
        request["version"] = version
    if correlation_id is not None:
        request["correlationId"] = correlation_id
    return Step(name, type=TaskType.START_WORKFLOW.value, inputs={"startWorkflow": request}, keys=("output",))
