"""
Authoring: workflows as Python objects, compiled to Conductor's canonical JSON.

The rule: **calling a task builds a step; a step lives in the block that is open, unless a builder takes it.** Inside a
workflow, parameters and ``step.output`` have their declared types for the type checker and are references
(`podium.dsl.Ref`) at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.model.later import by_name, loader

if TYPE_CHECKING:
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
    from podium.dsl.calls_by_name import (
        call_task,
        dynamic,
        start_workflow,
        sub_workflow,
        sub_workflow_from,
        system_task,
    )
    from podium.dsl.decorating import workflow
    from podium.dsl.dynamic_forks import DynamicFork, dynamic_fork
    from podium.dsl.expressions import Expression, Script, js, python
    from podium.dsl.external_steps import HttpResponse, http, human, wait
    from podium.dsl.failure_refs import FailedRun, FailedStep, at_failure, failed_run
    from podium.dsl.fan_outs import FanOut, collected, fan_out
    from podium.dsl.forks import Fork, Join, fork, join
    from podium.dsl.functions import (
        ceil,
        contains,
        ends_with,
        float_,
        floor,
        if_,
        int_,
        is_in,
        is_null,
        len_,
        lower,
        max_,
        min_,
        not_,
        starts_with,
        str_,
        strip,
        upper,
    )
    from podium.dsl.legacy import decision
    from podium.dsl.loading import load
    from podium.dsl.loops import ForEach, Loop, for_each, loop
    from podium.dsl.messaging import event, kafka, pull_messages
    from podium.dsl.rawtasks import raw
    from podium.dsl.refs import Ref, env, ref, secret, variable
    from podium.dsl.run_variables import variables
    from podium.dsl.script_steps import inline, jq
    from podium.dsl.steps import Step
    from podium.dsl.switches import Switch, When, exclusive_join, switch, when
    from podium.dsl.system import noop, set_variable, terminate, yield_
    from podium.dsl.tasks import Task, task
    from podium.dsl.undo_builder import undo_all
    from podium.dsl.workflows import Workflow

#: Builders by subject, as `podium` gives them; no star brings them along, because their names are everyday words.
NAMESPACES = frozenset(
    {
        "agents",
        "ai",
        "alerts",
        "credentials",
        "databases",
        "documents",
        "mcp",
        "messages",
        "people",
        "rules",
        "runs",
        "vectors",
        "web",
    }
)

__all__ = [
    "DynamicFork",
    "Expression",
    "FailedRun",
    "FailedStep",
    "FanOut",
    "ForEach",
    "Fork",
    "HttpResponse",
    "Join",
    "Loop",
    "Ref",
    "Script",
    "Step",
    "Switch",
    "Task",
    "When",
    "Workflow",
    "at_failure",
    "call_task",
    "ceil",
    "collected",
    "contains",
    "decision",
    "dynamic",
    "dynamic_fork",
    "ends_with",
    "env",
    "event",
    "exclusive_join",
    "failed_run",
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


#: What each module has; it is loaded with the first of its names that is used.
_NAMES = {
    "podium.dsl.calls_by_name": [
        "call_task",
        "dynamic",
        "start_workflow",
        "sub_workflow",
        "sub_workflow_from",
        "system_task",
    ],
    "podium.dsl.script_steps": ["inline", "jq"],
    "podium.dsl.decorating": ["workflow"],
    "podium.dsl.dynamic_forks": ["DynamicFork", "dynamic_fork"],
    "podium.dsl.expressions": ["Expression", "Script", "js", "python"],
    "podium.dsl.failure_refs": ["FailedRun", "FailedStep", "at_failure", "failed_run"],
    "podium.dsl.fan_outs": ["FanOut", "collected", "fan_out"],
    "podium.dsl.forks": ["Fork", "Join", "fork", "join"],
    "podium.dsl.functions": [
        "ceil",
        "contains",
        "ends_with",
        "float_",
        "floor",
        "if_",
        "int_",
        "is_in",
        "is_null",
        "len_",
        "lower",
        "max_",
        "min_",
        "not_",
        "starts_with",
        "str_",
        "strip",
        "upper",
    ],
    "podium.dsl.legacy": ["decision"],
    "podium.dsl.loading": ["load"],
    "podium.dsl.loops": ["ForEach", "Loop", "for_each", "loop"],
    "podium.dsl.messaging": ["event", "kafka", "pull_messages"],
    "podium.dsl.external_steps": ["HttpResponse", "http", "human", "wait"],
    "podium.dsl.rawtasks": ["raw"],
    "podium.dsl.refs": ["Ref", "env", "ref", "secret", "variable"],
    "podium.dsl.run_variables": ["variables"],
    "podium.dsl.steps": ["Step"],
    "podium.dsl.switches": ["Switch", "When", "exclusive_join", "switch", "when"],
    "podium.dsl.system": ["noop", "set_variable", "terminate", "yield_"],
    "podium.dsl.tasks": ["Task", "task"],
    "podium.dsl.undo_builder": ["undo_all"],
    "podium.dsl.workflows": ["Workflow"],
}


# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    _ROOMS = {each: f"podium.dsl.builders.{each}" for each in NAMESPACES}
    __getattr__ = loader(__name__, {**by_name(_NAMES), **_ROOMS, "legacy": "podium.dsl.legacy"})
