"""
Every task type there is: its builders, which servers run it, and which input each parameter is.

The one table of these things: `docs/tasks.md` is made from it, and whoever turns JSON into Python can ask it how a task
is spelt. It is not loaded with `podium.dsl`, and it loads a builder's module only when it is asked for that builder.

Sources: the open-source server of August 2026, the Python SDK of Conductor, the reference documentation of Orkes of
July 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from attrs import field, frozen

from podium.dsl import records
from podium.dsl.builders import converting
from podium.dsl.builders.declaring import Declaration, declaration_of
from podium.model.values import JsonObject


class Server(StrEnum):
    """Who runs a task type by itself."""

    #: Podium's own engine.
    PODIUM = "Podium"
    #: The open-source server of Conductor.
    CONDUCTOR = "Conductor"
    #: The same, with what is off by default.
    CONDUCTOR_AI = "Conductor with its AI module"
    CONDUCTOR_QUEUE = "Conductor with its message queue"
    #: Orkes' server, as far as its documentation names the type.
    ORKES = "Orkes"


_ALL = (Server.PODIUM, Server.CONDUCTOR, Server.ORKES)
_OPEN = (Server.PODIUM, Server.CONDUCTOR)
_AI = (Server.CONDUCTOR_AI,)
_AI_AND_ORKES = (Server.CONDUCTOR_AI, Server.ORKES)
_ORKES = (Server.ORKES,)


@frozen(kw_only=True)
class TaskKind:
    """One task type."""

    name: str
    #: What it is about, as the page of task types is divided.
    subject: str
    servers: tuple[Server, ...]
    #: The builders as names of `podium.dsl`, such as ``http`` and ``ai.chat``, the first one for new definitions.
    builders: tuple[str, ...]
    #: Other ways to build it, for readers.
    also: str = ""


@frozen(kw_only=True)
class Spelling:
    """How a builder is called: which parameter is which input."""

    builder: str
    #: Parameter to the key of its input, in the order in which they are written; a dot in a key leads into a map.
    parameters: Mapping[str, str]
    #: The parameters that are given by position, behind the name.
    positional: tuple[str, ...] = ()
    #: Parameters that are lengths of time, to what their numbers count in the JSON: ``s``, ``ms`` or ``min``. Numbers
    #: that authors give are seconds.
    units: Mapping[str, str] = field(factory=dict)
    #: Parameter to what the builder takes without it; for what is not in the JSON at all, None is given.
    defaults: JsonObject = field(factory=dict)
    #: Arguments that choose this spelling, where a builder has several.
    chosen_by: JsonObject = field(factory=dict)
    #: Inputs that it writes by itself.
    always: JsonObject = field(factory=dict)
    #: The input that holds all others; empty if there is none.
    inside: str = ""
    #: Any other input is given under its own name.
    takes_more: bool = False
    #: Any other input is given in ``extra={...}``.
    takes_extra: bool = False
    #: The type of the output, ``Any`` if nobody knows it or ``returns=`` says it.
    output: records.Hint = Any


def _kinds(subject: str, *rows: tuple[str, tuple[Server, ...], str, str]) -> list[TaskKind]:
    return [
        TaskKind(name=name, subject=subject, servers=servers, builders=tuple(builders.split()), also=also)
        for name, servers, builders, also in rows
    ]


_EVERY: Sequence[TaskKind] = [
    *_kinds(
        "Workers and other workflows",
        ("SIMPLE", _ALL, "call_task", "`@task` functions, by a call"),
        ("DYNAMIC", _ALL, "dynamic", ""),
        ("SUB_WORKFLOW", _ALL, "sub_workflow sub_workflow_from", "workflows, by a call or `.inline(...)`"),
        ("START_WORKFLOW", _ALL, "start_workflow", "workflows, by `.start(...)`"),
    ),
    *_kinds(
        "Structures",
        ("SWITCH", _ALL, "switch when", ""),
        ("DO_WHILE", _ALL, "loop for_each", ""),
        ("FORK_JOIN", _ALL, "fork", "lists behind `>>`"),
        ("FORK_JOIN_DYNAMIC", _ALL, "fan_out dynamic_fork legacy.dynamic_fork", ""),
        ("JOIN", _ALL, "join", "`fork`, `fan_out` and `dynamic_fork`, by themselves"),
        ("EXCLUSIVE_JOIN", _OPEN, "exclusive_join", "`.merge(...)` of a switch"),
        ("DECISION", _OPEN, "decision", ""),
        ("JUMP", (), "runs.jump", ""),
    ),
    *_kinds(
        "State and end",
        ("SET_VARIABLE", _ALL, "set_variable", "`.undo(...)`, by itself"),
        ("TERMINATE", _ALL, "terminate", ""),
        ("NOOP", _OPEN, "noop", ""),
    ),
    *_kinds(
        "Waiting",
        ("WAIT", _ALL, "wait", ""),
        ("HUMAN", _ALL, "human people.ask", ""),
        ("YIELD", _ORKES, "yield_", ""),
        ("WAIT_FOR_WEBHOOK", _ORKES, "web.wait_for_webhook", ""),
        ("WAIT_FOR_EVENT", (), "web.wait_for_event", ""),
        ("PULL_WORKFLOW_MESSAGES", (Server.CONDUCTOR_QUEUE,), "pull_messages", ""),
    ),
    *_kinds(
        "Computing",
        ("INLINE", _ALL, "inline", ""),
        ("JSON_JQ_TRANSFORM", _ALL, "jq", ""),
        ("LAMBDA", _OPEN, "legacy.lambda_", ""),
        ("BUSINESS_RULE", _ORKES, "rules.evaluate", ""),
    ),
    *_kinds(
        "Services and messages",
        ("HTTP", _ALL, "http", ""),
        ("HTTP_POLL", _ORKES, "web.poll", ""),
        ("GRPC", _ORKES, "web.grpc", ""),
        ("EVENT", (Server.CONDUCTOR, Server.ORKES), "event", ""),
        ("KAFKA_PUBLISH", (Server.CONDUCTOR,), "kafka", ""),
        ("JDBC", (Server.CONDUCTOR, Server.ORKES), "databases.query databases.change", ""),
        ("SENDGRID", _ORKES, "alerts.sendgrid", ""),
        ("OPS_GENIE", _ORKES, "alerts.opsgenie", ""),
    ),
    *_kinds(
        "Models",
        ("LLM_CHAT_COMPLETE", _AI_AND_ORKES, "ai.chat", ""),
        ("LLM_TEXT_COMPLETE", _AI_AND_ORKES, "ai.complete", ""),
        ("LLM_GENERATE_EMBEDDINGS", _AI_AND_ORKES, "ai.embed", ""),
        ("GENERATE_IMAGE", _AI, "ai.image", ""),
        ("GENERATE_AUDIO", _AI, "ai.audio", ""),
        ("GENERATE_VIDEO", _AI, "ai.video", ""),
    ),
    *_kinds(
        "Vector databases",
        ("LLM_INDEX_TEXT", _AI_AND_ORKES, "vectors.index_text", ""),
        ("LLM_INDEX_DOCUMENT", _ORKES, "vectors.index_document", ""),
        ("LLM_STORE_EMBEDDINGS", _AI_AND_ORKES, "vectors.store", ""),
        ("LLM_SEARCH_INDEX", _AI_AND_ORKES, "vectors.search", ""),
        ("LLM_SEARCH_EMBEDDINGS", _AI, "vectors.search_embeddings", ""),
        ("LLM_GET_EMBEDDINGS", _AI_AND_ORKES, "vectors.get_embeddings", ""),
    ),
    *_kinds(
        "Tools and agents",
        ("LIST_MCP_TOOLS", _AI, "mcp.list_tools", ""),
        ("CALL_MCP_TOOL", _AI, "mcp.call_tool", ""),
        ("MCP_REMOTE", _ORKES, "mcp.remote", ""),
        ("INTEGRATION", _ORKES, "mcp.integration", ""),
        ("AGENT", _AI, "agents.run agents.call", ""),
        ("GET_AGENT_CARD", _AI, "agents.card", ""),
        ("CANCEL_AGENT", _AI, "agents.stop agents.cancel", ""),
    ),
    *_kinds(
        "Files and documents",
        ("GET_DOCUMENT", _ORKES, "documents.fetch", ""),
        ("PARSE_DOCUMENT", _ORKES, "documents.parse", ""),
        ("CHUNK_TEXT", _ORKES, "documents.chunk", ""),
        ("LIST_FILES", _ORKES, "documents.list_files", ""),
        ("GENERATE_PDF", _AI, "documents.pdf", ""),
    ),
    *_kinds(
        "Other runs and credentials",
        ("GET_WORKFLOW", _ORKES, "runs.get", ""),
        ("UPDATE_TASK", _ORKES, "runs.update_task", ""),
        ("TERMINATE_WORKFLOW", _ORKES, "runs.end", ""),
        ("QUERY_PROCESSOR", _ORKES, "runs.search runs.metrics", ""),
        ("UPDATE_SECRET", _ORKES, "credentials.update_secret", ""),
        ("GET_SIGNED_JWT", _ORKES, "credentials.signed_jwt", ""),
    ),
]

#: Every task type by name, in the order of the page.
TASK_KINDS: Mapping[str, TaskKind] = {kind.name: kind for kind in _EVERY}

#: Types without a builder, and why.
WITHOUT_BUILDER: Mapping[str, str] = {
    "HELLO": "a sample of the open-source server",
    "PLAN_AND_COMPILE": "internal to the agents of the open-source server",
    "LIST_API_TOOLS": "internal to the agents of the open-source server",
    "PLANNER_CONTEXT_FETCH": "internal to the agents of the open-source server",
    "USER_DEFINED": "a word of the SDKs for every type that no server knows",
}

_HTTP = {
    "uri": "uri",
    "method": "method",
    "headers": "headers",
    "body": "body",
    "accept": "accept",
    "content_type": "contentType",
    "connect_timeout": "connectionTimeOut",
    "read_timeout": "readTimeOut",
    "encode": "encode",
    "accepted_statuses": "acceptedStatusCodes",
    "hedge": "hedgingConfig.maxAttempts",
}

#: The spellings of builders whose inputs are regular, and that are not declared; those without `chosen_by` come first.
_WRITTEN: Sequence[Spelling] = (
    Spelling(
        builder="http",
        inside="http_request",
        positional=("uri",),
        parameters=_HTTP,
        units={"connect_timeout": "ms", "read_timeout": "ms"},
        defaults={"method": "GET"},
    ),
    Spelling(
        builder="http",
        chosen_by={"flat": True},
        positional=("uri",),
        parameters=_HTTP,
        units={"connect_timeout": "ms", "read_timeout": "ms"},
        defaults={"method": "GET"},
    ),
    Spelling(
        builder="kafka",
        inside="kafka_request",
        parameters={
            "servers": "bootStrapServers",
            "topic": "topic",
            "value": "value",
            "key": "key",
            "headers": "headers",
            "key_serializer": "keySerializer",
            "request_timeout": "requestTimeoutMs",
            "max_block": "maxBlockMs",
        },
        units={"request_timeout": "ms", "max_block": "ms"},
    ),
    Spelling(
        builder="inline",
        positional=("script",),
        parameters={"script": "expression", "evaluator": "evaluatorType"},
        defaults={"evaluator": "javascript"},
        takes_more=True,
    ),
    Spelling(builder="jq", positional=("query",), parameters={"query": "queryExpression"}, takes_more=True),
    Spelling(
        builder="legacy.lambda_", positional=("script",), parameters={"script": "scriptExpression"}, takes_more=True
    ),
    Spelling(builder="wait", parameters={"duration": "duration", "until": "until"}),
    Spelling(builder="human", parameters={}, takes_more=True),
    Spelling(builder="yield_", parameters={}, takes_more=True),
    Spelling(builder="set_variable", parameters={}, takes_more=True),
    Spelling(builder="noop", parameters={}),
    Spelling(
        builder="terminate",
        positional=("status", "reason"),
        parameters={"status": "terminationStatus", "reason": "terminationReason", "output": "workflowOutput"},
    ),
    Spelling(
        builder="pull_messages",
        parameters={"batch_size": "batchSize", "blocking": "blocking"},
        defaults={"batch_size": 1, "blocking": True},
    ),
)

_UNITS = {converting.in_seconds: "s", converting.in_milliseconds: "ms", converting.in_minutes: "min"}


@cache
def builder_named(name: str) -> Callable[..., Any]:
    """
    Return a builder by its name among those of `podium.dsl`.

    Raises:
        AttributeError: There is none.

    Example:
        >>> builder_named("ai.chat").__name__
        'chat'
    """
    room, _, function = name.rpartition(".")
    dsl = import_module("podium.dsl")
    home = import_module("podium.dsl.legacy") if room == "legacy" else getattr(dsl, room) if room else dsl
    made: Callable[..., Any] = getattr(home, function)
    return made


@cache
def spellings_of(name: str) -> tuple[Spelling, ...]:
    """
    Return how a builder is called, the usual way first; nothing for builders of structures, which take steps.

    Args:
        name: As in `TaskKind.builders`.

    Example:
        >>> spellings_of("mcp.call_tool")[0].parameters["tool"]
        'method'
    """
    declared = declaration_of(builder_named(name))
    if declared is None:
        return tuple(each for each in _WRITTEN if each.builder == name)
    return (_spelling_of(name, declared),)


def _spelling_of(name: str, declared: Declaration) -> Spelling:
    parameters = declared.parameters
    by_position = [each.name for each in declared.signature.parameters.values() if each.kind is each.POSITIONAL_ONLY]
    given = {name: each.default for name, each in declared.signature.parameters.items() if name in parameters}
    return Spelling(
        builder=name,
        parameters={name: each.key for name, each in parameters.items()},
        positional=tuple(by_position[1:]),
        units={name: _UNITS[each.converter] for name, each in parameters.items() if each.converter in _UNITS},
        defaults={name: value for name, value in given.items() if value not in {None, declared.signature.empty}},
        always=declared.always,
        inside=declared.inside,
        takes_more=declared.takes_more,
        takes_extra=declared.takes_extra,
        output=declared.output,
    )
