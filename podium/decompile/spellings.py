"""
How each task type is spelt: the one table from a type to its builder.

A spelling says which inputs are which arguments. It may promise too much: every call that it gives is tried with the
real builder, and taken only if it builds the very same task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from podium.decompile.nodes import Call, Node, Value, call
from podium.decompile.scopes import Scope
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonObject, JsonValue


@frozen(kw_only=True)
class Spelling:
    """The call of one builder."""

    builder: str
    #: Inputs that are given by position, behind the name.
    positional: Sequence[str] = ()
    #: Input to keyword, in the order in which they are written.
    keywords: Mapping[str, str] = field(factory=dict)
    #: Values that the builder takes by itself; an input that has one is not written.
    defaults: JsonObject = field(factory=dict)
    #: The input that holds all the others; empty if there is none.
    inside: str = ""
    #: Inputs that must not be texts, unless there are references in them.
    numbers: Sequence[str] = ()
    #: All other inputs are passed under their own names.
    takes_more: bool = False


#: Task type to its spellings, the best first.
SPELLINGS: Mapping[str, Sequence[Spelling]] = {
    TaskType.HTTP: [
        Spelling(
            builder="http",
            inside="http_request",
            positional=("uri",),
            keywords={
                "method": "method",
                "headers": "headers",
                "body": "body",
                "accept": "accept",
                "contentType": "content_type",
                "connectionTimeOut": "connect_timeout_ms",
                "readTimeOut": "read_timeout_ms",
            },
            defaults={"method": "GET"},
            numbers=("connectionTimeOut", "readTimeOut"),
        )
    ],
    TaskType.INLINE: [
        Spelling(
            builder="inline",
            positional=("expression",),
            keywords={"evaluatorType": "evaluator"},
            defaults={"evaluatorType": "javascript"},
            takes_more=True,
        )
    ],
    TaskType.JSON_JQ_TRANSFORM: [Spelling(builder="jq", positional=("queryExpression",), takes_more=True)],
    TaskType.WAIT: [Spelling(builder="wait", keywords={"duration": "duration", "until": "until"})],
    TaskType.HUMAN: [Spelling(builder="human", takes_more=True)],
    TaskType.SET_VARIABLE: [Spelling(builder="set_variable", takes_more=True)],
    TaskType.NOOP: [Spelling(builder="noop")],
    TaskType.TERMINATE: [
        Spelling(
            builder="terminate",
            positional=("terminationStatus", "terminationReason"),
            keywords={"workflowOutput": "output"},
        )
    ],
    TaskType.DYNAMIC: [Spelling(builder="dynamic", positional=("taskToExecute",), takes_more=True)],
    TaskType.START_WORKFLOW: [
        Spelling(
            builder="start_workflow",
            inside="startWorkflow",
            positional=("name", "version"),
            keywords={"correlationId": "correlation_id"},
        )
    ],
    "KAFKA_PUBLISH": [
        Spelling(
            builder="kafka",
            inside="kafka_request",
            keywords={
                "bootStrapServers": "servers",
                "topic": "topic",
                "value": "value",
                "key": "key",
                "headers": "headers",
                "keySerializer": "key_serializer",
            },
        )
    ],
    "PULL_WORKFLOW_MESSAGES": [
        Spelling(
            builder="pull_messages",
            keywords={"batchSize": "batch_size", "blocking": "blocking"},
            defaults={"batchSize": 1, "blocking": True},
        )
    ],
}


def calls_for(task: WorkflowTask, name: str, scope: Scope) -> Iterator[Call]:
    """
    Yield the calls that may build a task, the most readable first.

    Args:
        task: A task without other tasks inside it.
        name: The reference name to build it under.
        scope: Where it is written.
    """
    hint = task.task_reference_name
    if task.type == TaskType.EVENT and task.sink is not None:
        yield Call(
            call("event").function,
            (Value(name), scope.value(task.sink)),
            scope.named(task.input_parameters, hint),
        )
    for spelling in SPELLINGS.get(task.type, ()):
        made = _spelt(spelling, task.input_parameters, name, scope, hint)
        if made is not None:
            yield made
    yield Call(
        call("system_task").function,
        (Value(name), Value(task.type)),
        scope.named(task.input_parameters, hint),
    )


def _spelt(spelling: Spelling, inputs: JsonObject, name: str, scope: Scope, hint: str) -> Call | None:
    if spelling.inside:
        inner: JsonValue = inputs[spelling.inside] if set(inputs) == {spelling.inside} else None
        if not isinstance(inner, Mapping):
            return None
        inputs = inner
    more: JsonValue = {}
    if spelling.builder == "start_workflow":
        more = inputs.get("input", {})
        inputs = {key: value for key, value in inputs.items() if key != "input"}
        if not isinstance(more, Mapping):
            return None
    others = {key: value for key, value in inputs.items() if key not in {*spelling.positional, *spelling.keywords}}
    is_mistyped = any(isinstance(inputs.get(key), str) and "${" not in inputs[key] for key in spelling.numbers)
    if is_mistyped or (others and not spelling.takes_more):
        return None
    arguments = _positional(spelling, inputs, scope, hint)
    if arguments is None:
        return None
    named = [
        (keyword, scope.value(inputs[key], f"{hint}_{keyword}"))
        for key, keyword in spelling.keywords.items()
        if key in inputs and not _is_default(spelling, key, inputs[key])
    ]
    return Call(
        call(spelling.builder).function,
        (Value(name), *arguments),
        (*named, *scope.named({**others, **more}, hint)),
    )


def _positional(spelling: Spelling, inputs: JsonObject, scope: Scope, hint: str) -> list[Node] | None:
    """Return the arguments by position; None if one is left out before another."""
    given = [key in inputs for key in spelling.positional]
    if sorted(given, reverse=True) != given:
        return None
    names = {"expression": "script", "queryExpression": "query", "terminationReason": "reason"}
    return [scope.value(inputs[key], f"{hint}_{names.get(key, key)}") for key in spelling.positional if key in inputs]


def _is_default(spelling: Spelling, key: str, value: JsonValue) -> bool:
    return key in spelling.defaults and type(value) is type(spelling.defaults[key]) and value == spelling.defaults[key]
