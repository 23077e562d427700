"""
Podium: durable workflow orchestration in Python.

Write workflows as Python objects; they compile to Conductor's canonical JSON, run durably, and draw themselves.

Names are loaded from their rooms when they are first used, so that a process pays only for what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.model import verbs
from podium.model.later import loader

if TYPE_CHECKING:
    from podium.checks import check
    from podium.client import AsyncClient, Client, EmbeddedClient, connect, connect_async
    from podium.dsl import (
        DynamicFork,
        Expression,
        FailedRun,
        FailedStep,
        FanOut,
        ForEach,
        Fork,
        HttpResponse,
        Join,
        Loop,
        Ref,
        Script,
        Step,
        Switch,
        Task,
        When,
        Workflow,
        at_failure,
        call_task,
        ceil,
        collected,
        contains,
        decision,
        dynamic,
        dynamic_fork,
        ends_with,
        env,
        event,
        exclusive_join,
        failed_run,
        fan_out,
        float_,
        floor,
        for_each,
        fork,
        http,
        human,
        if_,
        inline,
        int_,
        is_in,
        is_null,
        join,
        jq,
        js,
        kafka,
        len_,
        load,
        loop,
        lower,
        max_,
        min_,
        noop,
        not_,
        pull_messages,
        python,
        raw,
        ref,
        secret,
        set_variable,
        start_workflow,
        starts_with,
        str_,
        strip,
        sub_workflow,
        sub_workflow_from,
        switch,
        system_task,
        task,
        terminate,
        undo_all,
        upper,
        variable,
        variables,
        wait,
        when,
        workflow,
        yield_,
    )
    from podium.dsl import legacy as legacy
    from podium.dsl.builders import agents as agents
    from podium.dsl.builders import ai as ai
    from podium.dsl.builders import alerts as alerts
    from podium.dsl.builders import credentials as credentials
    from podium.dsl.builders import databases as databases
    from podium.dsl.builders import documents as documents
    from podium.dsl.builders import mcp as mcp
    from podium.dsl.builders import messages as messages
    from podium.dsl.builders import people as people
    from podium.dsl.builders import rules as rules
    from podium.dsl.builders import runs as runs
    from podium.dsl.builders import vectors as vectors
    from podium.dsl.builders import web as web
    from podium.dsl.failure_input import Failure, failure
    from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef, WorkflowTask
    from podium.model.errors import (
        AuthoringError,
        DefinitionError,
        PodiumError,
        RequestError,
        RunTimeout,
        TaskCancelled,
        TerminalTaskError,
    )
    from podium.model.handlers import EventHandler
    from podium.model.problems import Problem
    from podium.model.runs import TaskResult, TaskRun, WorkflowRun
    from podium.model.schedules import Schedule
    from podium.model.statuses import RunStatus, TaskStatus
    from podium.workers import InProgress, TaskContext


def _room_verbs() -> object:
    from podium._verbs import VERBS

    return VERBS


verbs.supply(_room_verbs)

#: Where the package's names live that are not `podium.dsl`'s.
_HOMES = {
    "AsyncClient": "podium.client",
    "AuthoringError": "podium.model.errors",
    "Client": "podium.client",
    "DefinitionError": "podium.model.errors",
    "EmbeddedClient": "podium.client",
    "EventHandler": "podium.model.handlers",
    "Failure": "podium.dsl.failure_input",
    "InProgress": "podium.workers",
    "PodiumError": "podium.model.errors",
    "Problem": "podium.model.problems",
    "RequestError": "podium.model.errors",
    "RunStatus": "podium.model.statuses",
    "RunTimeout": "podium.model.errors",
    "Schedule": "podium.model.schedules",
    "SchemaDef": "podium.model.definitions",
    "TaskCancelled": "podium.model.errors",
    "TaskContext": "podium.workers",
    "TaskDef": "podium.model.definitions",
    "TaskResult": "podium.model.runs",
    "TaskRun": "podium.model.runs",
    "TaskStatus": "podium.model.statuses",
    "TerminalTaskError": "podium.model.errors",
    "WorkflowDef": "podium.model.definitions",
    "WorkflowRun": "podium.model.runs",
    "WorkflowTask": "podium.model.definitions",
    "check": "podium.checks",
    "connect": "podium.client",
    "connect_async": "podium.client",
    "failure": "podium.dsl.failure_input",
}


#: The names of `podium.dsl`, and those above.
__all__ = [
    "AsyncClient",
    "AuthoringError",
    "Client",
    "DefinitionError",
    "DynamicFork",
    "EmbeddedClient",
    "EventHandler",
    "Expression",
    "FailedRun",
    "FailedStep",
    "Failure",
    "FanOut",
    "ForEach",
    "Fork",
    "HttpResponse",
    "InProgress",
    "Join",
    "Loop",
    "PodiumError",
    "Problem",
    "Ref",
    "RequestError",
    "RunStatus",
    "RunTimeout",
    "Schedule",
    "SchemaDef",
    "Script",
    "Step",
    "Switch",
    "Task",
    "TaskCancelled",
    "TaskContext",
    "TaskDef",
    "TaskResult",
    "TaskRun",
    "TaskStatus",
    "TerminalTaskError",
    "When",
    "Workflow",
    "WorkflowDef",
    "WorkflowRun",
    "WorkflowTask",
    "at_failure",
    "call_task",
    "ceil",
    "check",
    "collected",
    "connect",
    "connect_async",
    "contains",
    "decision",
    "dynamic",
    "dynamic_fork",
    "ends_with",
    "env",
    "event",
    "exclusive_join",
    "failed_run",
    "failure",
    "fan_out",
    "float_",
    "floor",
    "for_each",
    "fork",
    "http",
    "human",
    "if_",
    "inline",
    "int_",
    "is_in",
    "is_null",
    "join",
    "jq",
    "js",
    "kafka",
    "len_",
    "load",
    "loop",
    "lower",
    "max_",
    "min_",
    "noop",
    "not_",
    "pull_messages",
    "python",
    "raw",
    "ref",
    "secret",
    "set_variable",
    "start_workflow",
    "starts_with",
    "str_",
    "strip",
    "sub_workflow",
    "sub_workflow_from",
    "switch",
    "system_task",
    "task",
    "terminate",
    "undo_all",
    "upper",
    "variable",
    "variables",
    "wait",
    "when",
    "workflow",
    "yield_",
]


#: Builders by subject; no star brings them along, because their names are everyday words.
_NAMESPACES = frozenset(
    {
        "agents",
        "ai",
        "alerts",
        "credentials",
        "databases",
        "documents",
        "legacy",
        "mcp",
        "messages",
        "people",
        "rules",
        "runs",
        "vectors",
        "web",
    }
)


if TYPE_CHECKING:
    #: The version of the installed package, such as ``0.1.0``.
    __version__: str

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    _load = loader(__name__, {**dict.fromkeys([*__all__, *_NAMESPACES], "podium.dsl"), **_HOMES})

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from podium.model.version import own_version

            return own_version() or "unknown"
        return _load(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_NAMESPACES})
