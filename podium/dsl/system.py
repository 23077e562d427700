"""
Builders for Conductor's system tasks.

Each takes the step's reference name first. Every value may be a reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import attrs
from attrs import frozen

from podium.dsl.bindings import Inputs
from podium.dsl.expressions import Expression, Script, compile_js
from podium.dsl.places import here
from podium.dsl.refs import Ref, refuse
from podium.dsl.steps import Step
from podium.dsl.values import prepare, render
from podium.model import codec
from podium.model.definitions import SubWorkflowParams, WorkflowTask
from podium.model.durations import parse_duration_s, parse_until
from podium.model.errors import AuthoringError, DefinitionError
from podium.model.statuses import TaskType
from podium.model.values import JsonObject, JsonValue
from podium.model.walk import walk

if TYPE_CHECKING:
    from podium.dsl.building import Build

T = TypeVar("T")


@frozen(kw_only=True)
class HttpResponse(Generic[T]):
    """The answer of an `http` step."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"status_code": "statusCode", "reason": "reasonPhrase"}

    status_code: int
    #: Parsed if it is JSON, else text.
    body: T
    #: Header name, as the server wrote it, to its values.
    headers: Mapping[str, list[str]]
    #: Such as ``OK``.
    reason: str


@overload
def http(
    name: str,
    uri: str | None = None,
    /,
    *,
    returns: type[T],
    url: str | None = None,
    method: str = "GET",
    headers: Mapping[str, object] | None = None,
    body: object = None,
    accept: str | None = None,
    content_type: str | None = None,
    connect_timeout_ms: int | None = None,
    read_timeout_ms: int | None = None,
) -> Step[HttpResponse[T]]: ...
@overload
def http(
    name: str,
    uri: str | None = None,
    /,
    *,
    url: str | None = None,
    method: str = "GET",
    headers: Mapping[str, object] | None = None,
    body: object = None,
    accept: str | None = None,
    content_type: str | None = None,
    connect_timeout_ms: int | None = None,
    read_timeout_ms: int | None = None,
) -> Step[HttpResponse[Any]]: ...
def http(
    name: str,
    uri: str | None = None,
    /,
    *,
    returns: Any = Any,
    url: str | None = None,
    method: str = "GET",
    headers: Mapping[str, object] | None = None,
    body: object = None,
    accept: str | None = None,
    content_type: str | None = None,
    connect_timeout_ms: int | None = None,
    read_timeout_ms: int | None = None,
) -> Any:
    """
    Call an HTTP service (HTTP).

    Args:
        name: The reference name.
        uri: Where.
        url: Another word for it.
        returns: The type of the body, so that its fields are checked.
        method: ``GET``, ``POST``, ….
        headers: Header name to value.
        body: Sent as JSON, or as it is if it is a text.
        accept: What is accepted; JSON by default.
        content_type: What the body is; JSON by default.
        connect_timeout_ms: Longest time for the connection; Conductor's default is 3 s.
        read_timeout_ms: Longest time for the answer; Conductor's default is 3 s.

    Returns:
        The step; ``.output`` has ``status_code``, ``body``, ``headers`` and ``reason``.
    """
    where = uri if uri is not None else url
    if where is None or (uri is not None and url is not None):
        refuse(f"http {name!r} needs one address")
    request = {
        "uri": where,
        "method": method.upper() if isinstance(method, str) and "${" not in method else method,
        "headers": headers,
        "body": body,
        "accept": accept,
        "contentType": content_type,
        "connectionTimeOut": connect_timeout_ms,
        "readTimeOut": read_timeout_ms,
    }
    given = {key: value for key, value in request.items() if value is not None}
    return Step(
        name,
        type=TaskType.HTTP.value,
        inputs={"http_request": given},
        returns=HttpResponse[returns],
        keys=("output", "response"),
    )


@overload
def wait(name: str, /, *, duration: object = None, until: object = None, returns: type[T]) -> Step[T]: ...
@overload
def wait(name: str, /, *, duration: object = None, until: object = None) -> Step[Any]: ...
def wait(name: str, /, *, duration: object = None, until: object = None, returns: Any = Any) -> Any:
    """
    Wait for a time, or for an update from outside (WAIT).

    Args:
        name: The reference name.
        duration: How long: a text such as ``"10 seconds"`` or ``"1 day 2h"``, whole seconds or a timedelta.
        until: Until when: ``"2026-12-24 18:00"``, with or without a time zone behind it, or a datetime. There are no
            seconds; a datetime is rounded up to the minute.
        returns: What the update from outside brings, if there is one.

    Raises:
        AuthoringError: P1, both are given, or one cannot be read.
    """
    if duration is not None and until is not None:
        refuse(f"wait {name!r} takes duration= or until=, not both")
    inputs: dict[str, JsonValue] = {}
    if duration is not None:
        inputs["duration"] = _duration(duration)
    if until is not None:
        inputs["until"] = _until(until)
    return Step(name, type=TaskType.WAIT.value, inputs=inputs, returns=returns)


def _duration(value: object) -> JsonValue:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0 or value != int(value):
            refuse(f"duration={value!r} must be whole seconds: Conductor counts no finer")
        return f"{int(value)} seconds"
    if isinstance(value, str) and "${" not in value:
        try:
            parse_duration_s(value)
        except ValueError as error:
            refuse(f"{error}; write days, hours, minutes and seconds such as '1 day 2h' or '10 seconds'")
    elif not isinstance(value, str | Ref):
        refuse(f"duration={value!r:.40} is no duration; write a text such as '10 seconds'")
    return value


def _until(value: object) -> JsonValue:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            refuse("until= needs a datetime with a time zone: without one it would mean the server's zone")
        if value.second or value.microsecond:
            value = value.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, str) and "${" not in value:
        try:
            parse_until(value, UTC)
        except ValueError as error:
            refuse(f"{error}; write '2026-12-24 18:00', a zone may follow")
    elif not isinstance(value, str | Ref):
        refuse(f"until={value!r:.40} is no point of time")
    return value


@overload
def human(name: str, /, *, returns: type[T], **inputs: object) -> Step[T]: ...
@overload
def human(name: str, /, **inputs: object) -> Step[Any]: ...
def human(name: str, /, *, returns: Any = Any, **inputs: object) -> Any:
    """
    Ask a person (HUMAN); it waits until somebody completes it.

    Args:
        name: The reference name.
        returns: What the answer holds.
        inputs: What the person gets to see.
    """
    return Step(name, type=TaskType.HUMAN.value, inputs=inputs, returns=returns)


@overload
def inline(name: str, script: object, /, *, returns: type[T], evaluator: str = ..., **inputs: object) -> Step[T]: ...
@overload
def inline(name: str, script: object, /, *, evaluator: str = ..., **inputs: object) -> Step[Any]: ...
def inline(
    name: str,
    script: object,
    /,
    *,
    returns: Any = Any,
    evaluator: str = "javascript",
    **inputs: object,
) -> Any:
    """
    Compute something on the server (INLINE).

    Args:
        name: The reference name.
        script: JavaScript that reads its inputs as ``$.name`` and whose value is that of its last statement; or
            ``js(...)``, ``python(...)``; or a Python expression on references, such as ``price * count``.
        returns: The type of the result.
        evaluator: The script's language.
        inputs: What the script reads.

    Raises:
        AuthoringError: P1, the script is something else.

    Example:
        ``total = inline("total", quote.output.price * count)``
    """
    bound: dict[str, JsonValue] = dict(inputs)
    if isinstance(script, Expression):
        names = Inputs(taken=("expression", "evaluatorType", *bound))
        text = compile_js(script, names)
        bound |= names.values
    elif isinstance(script, Script):
        text, evaluator = script.text, script.language
        bound |= script.inputs
    elif isinstance(script, str):
        text = script
    else:
        refuse(f"inline {name!r} takes a script or an expression on references, not {script!r:.60}")
    return Step(
        name,
        type=TaskType.INLINE.value,
        inputs={**bound, "evaluatorType": evaluator, "expression": text},
        returns=returns,
        keys=("output", "result"),
    )


@overload
def jq(name: str, query: str, /, *, returns: type[T], **inputs: object) -> Step[T]: ...
@overload
def jq(name: str, query: str, /, **inputs: object) -> Step[Any]: ...
def jq(name: str, query: str, /, *, returns: Any = Any, **inputs: object) -> Any:
    """
    Reshape JSON with a jq query (JSON_JQ_TRANSFORM); ``.output`` is its first result.

    Args:
        name: The reference name.
        query: The query; ``.`` is the object of the inputs.
        returns: The type of the result.
        inputs: What the query reads.

    Example:
        ``jq("prices", "[.quotes[].price]", quotes=found.output, returns=list[float])``
    """
    return Step(
        name,
        type=TaskType.JSON_JQ_TRANSFORM.value,
        inputs={**inputs, "queryExpression": query},
        returns=returns,
        keys=("output", "result"),
    )


def set_variable(name: str, /, **values: object) -> Step[None]:
    """
    Set workflow variables (SET_VARIABLE); `podium.dsl.variable` reads them in later steps.

    Args:
        name: The reference name.
        values: Variable name to value; an old value is replaced as a whole.
    """
    return Step(name, type=TaskType.SET_VARIABLE.value, inputs=values, returns=None)


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


def sub_workflow(name: str, workflow: str, version: int | None = None, /, **inputs: object) -> Step[Any]:
    """
    Run another workflow by its name, where its object is not at hand (SUB_WORKFLOW).

    Args:
        name: The reference name.
        workflow: The other workflow's name.
        version: Its version; None is the latest when this run starts, 0 the latest when the step starts.
        inputs: Its inputs.
    """
    params = SubWorkflowParams(name=str(workflow), version=version)
    return Step(name, type=TaskType.SUB_WORKFLOW.value, inputs=inputs, keys=("output",), sub_workflow_param=params)


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


class RawStep(Step[Any]):
    """A task as its author wrote it in JSON."""

    def __init__(self, data: JsonObject) -> None:
        self.data = prepare(data)
        task = self._read()
        # The name may be one that we would refuse: what is raw stays as it is.
        super().__init__("raw", type=task.type, keys=("output",))
        self.rename(task.task_reference_name)

    def _read(self) -> WorkflowTask:
        try:
            return codec.from_dict({"name": "", **render(self.data)}, WorkflowTask)
        except DefinitionError as error:
            raise AuthoringError(f"raw: {error}", code="V1", place=here()) from error

    def compile(self, build: Build) -> tuple[WorkflowTask, ...]:
        """Give the task; the names inside it are taken too."""
        task = self._read()
        if self.reference_name != task.task_reference_name:
            task = attrs.evolve(task, task_reference_name=self.reference_name)
        for visit in walk([task]):
            build.claim(visit.task.task_reference_name, self.place)
        return (self.with_options(task),)


def raw(task: JsonObject) -> Step[Any]:
    """
    Put in a task as canonical JSON: nothing that Conductor knows is out of reach.

    Args:
        task: A WorkflowTask; references may stand anywhere in it.

    Raises:
        AuthoringError: V1, it cannot be read.

    Example:
        ``raw({"name": "x", "taskReferenceName": "x", "type": "YIELD", "inputParameters": {"a": order_id}})``
    """
    return RawStep(task)
