"""
What each task type is, said once: everything else in Podium that depends on a type asks this table.

Builders, the decompiler, checks, pictures and the page of task types read it; what the engine does for a type is its
operator (`podium.engine.operators`). A type that is not here is a worker's: its queue is the type's name.

Sources: the open-source server of August 2026, the Python SDK of Conductor, the reference documentation of Orkes of
July 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import Final, Literal, TypeAlias

from attrs import evolve, field, frozen

from podium.model.values import JsonObject


class ServerProduct(StrEnum):
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


class Pace(Enum):
    """Whose time an attempt takes."""

    #: The engine's, in which it is over at once.
    NONE = auto()
    #: That of whoever works on it.
    OWN = auto()
    #: That of other tasks of the run.
    OTHERS = auto()
    #: It passes by itself, or until somebody says so.
    WAIT = auto()


#: What a type looks like in pictures; `podium.render.picture.NodeKind` has them all.
Shape: TypeAlias = Literal[
    "worker", "system", "switch", "merge", "fork", "join", "dynamic-fork", "loop", "sub-workflow", "wait", "human",
    "event", "terminate",
]  # fmt: skip


@frozen(kw_only=True, eq=False)
class Spelling:
    """How a builder is called: which parameter is which input."""

    builder: str
    #: Parameter to the key of its input, in the order in which they are written; a dot in a key leads into a map.
    parameters: Mapping[str, str] = field(factory=dict)
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
    #: The parameters that are fields of the task instead; they are given by position, before all others.
    fields: tuple[str, ...] = ()
    #: The input that holds what is given under its own name; empty if that is all other inputs.
    more_inside: str = ""
    #: Any other input is given under its own name.
    takes_more: bool = False
    #: Any other input is given in ``extra={...}``.
    takes_extra: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@frozen(eq=False)
class TaskKind:
    """One task type."""

    name: str
    servers: tuple[ServerProduct, ...] = ()
    #: The builders as names of `podium.dsl`, such as ``http`` and ``ai.chat``, the first one for new definitions.
    builders: tuple[str, ...] = field(default="", converter=_words)
    #: Other ways to build it, for readers.
    also: str = field(default="", kw_only=True)
    #: What ``.output`` gives, in words, where the builders' declarations do not say it.
    gives: str = field(default="", kw_only=True)
    #: How the builders are called that are not declared (`podium.dsl.builders.declaring`).
    spellings: tuple[Spelling, ...] = field(default=(), kw_only=True)
    shape: Shape = field(default="worker", kw_only=True)
    pace: Pace = field(default=Pace.OWN, kw_only=True)
    #: The fields of `WorkflowTask` that hold its own tasks.
    holds: tuple[str, ...] = field(default=(), kw_only=True)
    #: The fields of `WorkflowTask` without which it cannot be registered.
    needs: tuple[str, ...] = field(default=(), kw_only=True)
    #: Inputs of which it needs one.
    needs_input: tuple[str, ...] = field(default=(), kw_only=True)
    #: The input that is a script.
    script: str = field(default="", kw_only=True)
    #: The keys of its output, ``error`` of a failed attempt included; None if anything may be there.
    outputs: frozenset[str] | None = field(default=None, kw_only=True)
    #: It runs other workflows.
    calls: bool = field(default=False, kw_only=True)

    @property
    def is_system(self) -> bool:
        """Podium's engine does it by itself."""
        return ServerProduct.PODIUM in self.servers and self.name != "SIMPLE"


_ALL = (ServerProduct.PODIUM, ServerProduct.CONDUCTOR, ServerProduct.ORKES)
_OPEN = (ServerProduct.PODIUM, ServerProduct.CONDUCTOR)
_AI = (ServerProduct.CONDUCTOR_AI,)
_AI_AND_ORKES = (ServerProduct.CONDUCTOR_AI, ServerProduct.ORKES)
_ORKES = (ServerProduct.ORKES,)
_OURS_AND_ORKES = (ServerProduct.PODIUM, ServerProduct.ORKES)

_RETURNED = "by `returns=`"
_BY_NAME = "outputs by reference name"
_CASES = ("decision_cases", "default_case")
_NOTHING: frozenset[str] = frozenset()
_COMPUTED = frozenset({"result", "error"})

_HTTP = Spelling(
    builder="http",
    positional=("uri",),
    parameters={
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
    },
    units={"connect_timeout": "ms", "read_timeout": "ms"},
    defaults={"method": "GET"},
)
_KAFKA = Spelling(
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
)
_STARTED = Spelling(
    builder="start_workflow",
    inside="startWorkflow",
    positional=("workflow", "version"),
    parameters={"workflow": "name", "version": "version", "correlation_id": "correlationId"},
    more_inside="input",
    takes_more=True,
)
_INLINE = Spelling(
    builder="inline",
    positional=("script",),
    parameters={"script": "expression", "evaluator": "evaluatorType"},
    defaults={"evaluator": "javascript"},
    takes_more=True,
)
_TERMINATE = Spelling(
    builder="terminate",
    positional=("status", "reason"),
    parameters={"status": "terminationStatus", "reason": "terminationReason", "output": "workflowOutput"},
)
_ASKED = Spelling(
    builder="people.ask",
    parameters={
        "display_name": "__humanTaskDefinition.displayName",
        "form": "__humanTaskDefinition.userFormTemplate.name",
        "form_version": "__humanTaskDefinition.userFormTemplate.version",
        "assignments": "__humanTaskDefinition.assignments",
        "when_nobody": "__humanTaskDefinition.assignmentCompletionStrategy",
        "auto_claim": "__humanTaskDefinition.autoClaim",
        "triggers": "__humanTaskDefinition.taskTriggers",
    },
    defaults={"when_nobody": "LEAVE_OPEN"},
    takes_more=True,
)
_PULLED = Spelling(
    builder="pull_messages",
    parameters={"batch_size": "batchSize", "blocking": "blocking"},
    defaults={"batch_size": 1, "blocking": True},
)


def _open(builder: str, **positional: str) -> tuple[Spelling]:
    """Spell a builder that gives each other input under its own name."""
    return (Spelling(builder=builder, positional=tuple(positional), parameters=positional, takes_more=True),)


#: The task types by subject, in the order of the page.
SUBJECTS: Final[Mapping[str, tuple[TaskKind, ...]]] = {
    "Workers and other workflows": (
        TaskKind("SIMPLE", _ALL, "call_task", also="`@task` functions, by a call", gives=_RETURNED),
        TaskKind(
            "DYNAMIC", _ALL, "dynamic",
            gives=_RETURNED, shape="system",
            needs=("dynamic_task_name_param",),
        ),
        TaskKind(
            "SUB_WORKFLOW", _ALL, "sub_workflow sub_workflow_from",
            also="workflows, by a call or `.inline(...)`", gives=_RETURNED, shape="sub-workflow", calls=True,
        ),
        TaskKind(
            "START_WORKFLOW", _ALL, "start_workflow",
            also="workflows, by `.start(...)`", spellings=(_STARTED,), gives="`Started`", shape="system",
            outputs=frozenset({"workflowId"}), calls=True,
        ),
    ),
    "Structures": (
        TaskKind(
            "SWITCH", _ALL, "switch when",
            gives="by `.merge(...)`", shape="switch", pace=Pace.NONE, holds=_CASES,
            outputs=frozenset({"evaluationResult", "selectedCase"}),
        ),
        TaskKind(
            "DO_WHILE", _ALL, "loop for_each",
            gives="each iteration's outputs; `.iteration` / each iteration's outputs; `.item`, `.index`",
            shape="loop", pace=Pace.OTHERS, holds=("loop_over",),
        ),
        TaskKind(
            "FORK_JOIN", _ALL, "fork",
            also="lists behind `>>`", gives=_BY_NAME, shape="fork", pace=Pace.OTHERS, holds=("fork_tasks",),
            outputs=_NOTHING,
        ),
        TaskKind(
            "FORK_JOIN_DYNAMIC", _ALL, "fan_out dynamic_fork legacy.dynamic_fork",
            gives=f"outputs by instance / {_BY_NAME}", shape="dynamic-fork", pace=Pace.OTHERS, calls=True,
        ),
        TaskKind(
            "JOIN", _ALL, "join",
            also="`fork`, `fan_out` and `dynamic_fork`, by themselves", gives=_BY_NAME, shape="join",
            pace=Pace.OTHERS,
        ),
        TaskKind(
            "EXCLUSIVE_JOIN", _OPEN, "exclusive_join",
            also="`.merge(...)` of a switch", gives="that of the step", shape="merge", pace=Pace.OTHERS,
        ),
        TaskKind(
            "DECISION", _OPEN, "decision",
            gives="by `.merge(...)`", shape="switch", pace=Pace.NONE, holds=_CASES,
            outputs=frozenset({"caseOutput"}),
        ),
        TaskKind("JUMP", (), "runs.jump"),
    ),
    "State and end": (
        TaskKind(
            "SET_VARIABLE", _ALL, "set_variable",
            also="`.undo(...)`, by itself", spellings=_open("set_variable"), gives="nothing", shape="system",
            pace=Pace.NONE, outputs=_NOTHING,
        ),
        TaskKind(
            "TERMINATE", _ALL, "terminate",
            spellings=(_TERMINATE,), gives="nothing that anybody reads", shape="terminate", pace=Pace.NONE,
        ),
        TaskKind(
            "NOOP", _OPEN, "noop",
            spellings=(Spelling(builder="noop"),), gives="nothing", shape="system", pace=Pace.NONE, outputs=_NOTHING,
        ),
    ),
    "Waiting": (
        TaskKind(
            "WAIT", _ALL, "wait",
            spellings=(Spelling(builder="wait", parameters={"duration": "duration", "until": "until"}),),
            gives=_RETURNED, shape="wait", pace=Pace.WAIT,
        ),
        TaskKind(
            "HUMAN", _ALL, "human people.ask",
            spellings=(*_open("human"), _ASKED), gives=_RETURNED, shape="human", pace=Pace.WAIT,
        ),
        TaskKind(
            "YIELD", _OURS_AND_ORKES, "yield_",
            spellings=_open("yield_"), gives=_RETURNED, shape="wait", pace=Pace.WAIT,
        ),
        TaskKind(
            "WAIT_FOR_WEBHOOK", _OURS_AND_ORKES, "web.wait_for_webhook",
            shape="wait", pace=Pace.WAIT, needs_input=("matches",),
        ),
        TaskKind("WAIT_FOR_EVENT", (), "web.wait_for_event"),
        TaskKind(
            "PULL_WORKFLOW_MESSAGES", (ServerProduct.PODIUM, ServerProduct.CONDUCTOR_QUEUE), "pull_messages",
            spellings=(_PULLED,), gives="`Inbox`", shape="wait", pace=Pace.WAIT,
            outputs=frozenset({"messages", "count"}),
        ),
    ),
    "Computing": (
        TaskKind(
            "INLINE", _ALL, "inline",
            spellings=(_INLINE,), gives=_RETURNED, shape="system", pace=Pace.NONE, script="expression",
            outputs=_COMPUTED,
        ),
        TaskKind(
            "JSON_JQ_TRANSFORM", _ALL, "jq",
            spellings=_open("jq", query="queryExpression"), gives=_RETURNED, shape="system", pace=Pace.NONE,
            needs_input=("queryExpression",), outputs=_COMPUTED | {"resultList"},
        ),
        TaskKind(
            "LAMBDA", _OPEN, "legacy.lambda_",
            spellings=_open("legacy.lambda_", script="scriptExpression"), gives=_RETURNED, shape="system",
            pace=Pace.NONE, script="scriptExpression", outputs=_COMPUTED,
        ),
        TaskKind("BUSINESS_RULE", _ORKES, "rules.evaluate"),
    ),
    "Services and messages": (
        TaskKind(
            "HTTP", _ALL, "http",
            spellings=(evolve(_HTTP, inside="http_request"), evolve(_HTTP, chosen_by={"flat": True})),
            gives="`HttpResponse`, its body by `returns=`", shape="system",
            needs_input=("http_request", "uri", "method"), outputs=frozenset({"response", "error"}),
        ),
        TaskKind(
            "HTTP_POLL", _OURS_AND_ORKES, "web.poll",
            shape="system", needs_input=("http_request", "uri", "method"), outputs=frozenset({"response", "error"}),
        ),
        TaskKind("GRPC", _ORKES, "web.grpc"),
        TaskKind(
            "EVENT", _ALL, "event",
            spellings=(Spelling(builder="event", fields=("sink",), takes_more=True),), gives="`Published`",
            shape="event", needs=("sink",),
        ),
        TaskKind(
            "KAFKA_PUBLISH", _OPEN, "kafka",
            spellings=(_KAFKA,), gives="nothing", shape="event", needs_input=("kafka_request",), outputs=_NOTHING,
        ),
        TaskKind(
            "JDBC", _ALL, "databases.query databases.change",
            shape="system", needs_input=("statement",), outputs=frozenset({"result", "update_count"}),
        ),
        TaskKind("SENDGRID", _ORKES, "alerts.sendgrid"),
        TaskKind("OPS_GENIE", _ORKES, "alerts.opsgenie"),
    ),
    "Models": (
        TaskKind("LLM_CHAT_COMPLETE", _AI_AND_ORKES, "ai.chat"),
        TaskKind("LLM_TEXT_COMPLETE", _AI_AND_ORKES, "ai.complete"),
        TaskKind("LLM_GENERATE_EMBEDDINGS", _AI_AND_ORKES, "ai.embed"),
        TaskKind("GENERATE_IMAGE", _AI, "ai.image"),
        TaskKind("GENERATE_AUDIO", _AI, "ai.audio"),
        TaskKind("GENERATE_VIDEO", _AI, "ai.video"),
    ),
    "Vector databases": (
        TaskKind("LLM_INDEX_TEXT", _AI_AND_ORKES, "vectors.index_text"),
        TaskKind("LLM_INDEX_DOCUMENT", _ORKES, "vectors.index_document"),
        TaskKind("LLM_STORE_EMBEDDINGS", _AI_AND_ORKES, "vectors.store"),
        TaskKind("LLM_SEARCH_INDEX", _AI_AND_ORKES, "vectors.search"),
        TaskKind("LLM_SEARCH_EMBEDDINGS", _AI, "vectors.search_embeddings"),
        TaskKind("LLM_GET_EMBEDDINGS", _AI_AND_ORKES, "vectors.get_embeddings"),
    ),
    "Tools and agents": (
        TaskKind("LIST_MCP_TOOLS", _AI, "mcp.list_tools"),
        TaskKind("CALL_MCP_TOOL", _AI, "mcp.call_tool"),
        TaskKind("MCP_REMOTE", _ORKES, "mcp.remote"),
        TaskKind("INTEGRATION", _ORKES, "mcp.integration"),
        TaskKind("AGENT", _AI, "agents.run agents.call"),
        TaskKind("GET_AGENT_CARD", _AI, "agents.card"),
        TaskKind("CANCEL_AGENT", _AI, "agents.stop agents.cancel"),
    ),
    "Files and documents": (
        TaskKind("GET_DOCUMENT", _ORKES, "documents.fetch"),
        TaskKind("PARSE_DOCUMENT", _ORKES, "documents.parse"),
        TaskKind("CHUNK_TEXT", _ORKES, "documents.chunk"),
        TaskKind("LIST_FILES", _ORKES, "documents.list_files"),
        TaskKind("GENERATE_PDF", _AI, "documents.pdf"),
    ),
    "Other runs and credentials": (
        TaskKind("GET_WORKFLOW", _OURS_AND_ORKES, "runs.get", shape="system"),
        TaskKind("UPDATE_TASK", _ORKES, "runs.update_task"),
        TaskKind("TERMINATE_WORKFLOW", _ORKES, "runs.end"),
        TaskKind("QUERY_PROCESSOR", _ORKES, "runs.search runs.metrics"),
        TaskKind("UPDATE_SECRET", _ORKES, "credentials.update_secret"),
        TaskKind("GET_SIGNED_JWT", _ORKES, "credentials.signed_jwt"),
    ),
}  # fmt: skip

#: Every task type by name, in the order of the page.
TASK_KINDS: Final[Mapping[str, TaskKind]] = {kind.name: kind for kinds in SUBJECTS.values() for kind in kinds}

#: Types without a builder, and why.
WITHOUT_BUILDER: Final[Mapping[str, str]] = {
    "HELLO": "a sample of the open-source server",
    "PLAN_AND_COMPILE": "internal to the agents of the open-source server",
    "LIST_API_TOOLS": "internal to the agents of the open-source server",
    "PLANNER_CONTEXT_FETCH": "internal to the agents of the open-source server",
    "USER_DEFINED": "a word of the SDKs for every type that no server knows",
}

#: What runs call both forks (Conductor: ``ForkJoinTaskMapper.java``).
FORK: Final = "FORK"
_LOOKUP = {**TASK_KINDS, FORK: TASK_KINDS["FORK_JOIN"]}
_WORKER = TaskKind("")

#: The types that Podium's engine does by itself.
SYSTEM_TYPES: Final = frozenset(name for name, kind in TASK_KINDS.items() if kind.is_system)
#: The types whose time is that of other tasks, as definitions or runs name them.
OF_OTHERS: Final = frozenset(name for name, kind in _LOOKUP.items() if kind.pace is Pace.OTHERS)
#: The types whose tasks are chosen between, and those whose tasks run beside each other.
SWITCHES: Final = frozenset(name for name, kind in TASK_KINDS.items() if kind.shape == "switch")
FORKS: Final = frozenset(name for name, kind in TASK_KINDS.items() if kind.shape in {"fork", "dynamic-fork"})


def task_kind(name: str) -> TaskKind:
    """
    Return the facts of a task type as definitions or runs name it; those of a worker's if nobody knows it.

    Example:
        >>> task_kind("FORK").name, task_kind("SEND_FAX").shape
        ('FORK_JOIN', 'worker')
    """
    return _LOOKUP.get(name, _WORKER)
