"""What switches compare, and scripts that our compiler wrote: as Python's operators again, else as scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from podium.decompile.nodes import CallNode, Node, Operation, Value, call
from podium.decompile.scopes import FunctionScope
from podium.decompile.scripts import Bind, read_condition
from podium.dsl.switches import VALUE
from podium.model.definitions import WorkflowTask
from podium.model.expressions import Reference, parse
from podium.model.statuses import TaskType
from podium.model.values import JsonObject, JsonValue

_TERNARY = " ? 'true' : 'false'"
_GROUP = re.compile(r"(?P<labels>\[[^\]]*\])\.includes\(String\([^)]*\)\) \? (?P<first>\"[^\"]*\") : ")


@frozen(kw_only=True)
class StructureHead:
    """One way to begin a structure."""

    node: Node
    #: Conditions of ``.until(...)`` at the end of a loop's body.
    stops: tuple[Node, ...] = ()
    #: Case to all labels that select it, where that is more than itself.
    groups: Mapping[str, Sequence[str]] = field(factory=dict)
    #: It is a ``when``, whose block is the case ``true``.
    is_when: bool = False


# Switches


def switch_headers(task: WorkflowTask, name: str, scope: FunctionScope) -> Iterator[StructureHead]:
    """
    Yield the ways to write what a SWITCH or DECISION compares, the most readable first.

    Args:
        task: The task.
        name: The reference name to build it under.
        scope: Where it is written.
    """
    if task.type == TaskType.DECISION:
        yield from _decisions(task, name, scope)
        return
    expression = task.expression or ""
    if task.evaluator_type == "value-param" and expression in task.input_parameters:
        yield StructureHead(node=_compared("switch", task, name, scope, expression))
    if task.evaluator_type == "javascript":
        yield from _own_scripts(task, name, scope, expression)
    script = script_of(expression, task, scope)
    yield StructureHead(node=call("switch", Value(name), script))
    yield StructureHead(
        node=call("switch", Value(name), call("js", scope.plain_text(expression, f"{name}_expression")))
    )


def _compared(builder: str, task: WorkflowTask, name: str, scope: FunctionScope, input_name: str) -> CallNode:
    value = scope.value(task.input_parameters[input_name], name)
    usual = VALUE if builder == "switch" else "case"
    named = {} if input_name == usual else {"input_name": Value(input_name)}
    return call(builder, Value(name), value, **named)


def _own_scripts(task: WorkflowTask, name: str, scope: FunctionScope, expression: str) -> Iterator[StructureHead]:
    groups = _groups(expression)
    if groups and len(task.input_parameters) == 1:
        yield StructureHead(node=_compared("switch", task, name, scope, *task.input_parameters), groups=groups)
    is_two_way = expression.endswith(_TERNARY)
    condition = read_condition(expression.removesuffix(_TERNARY), reader_of(task.input_parameters, scope))
    if condition is None:
        return
    if is_two_way and set(task.decision_cases) == {"true"}:
        yield StructureHead(node=call("when", Value(name), condition), is_when=True)
    yield StructureHead(node=call("switch", Value(name), condition))


def _groups(expression: str) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for match in _GROUP.finditer(expression):
        try:
            labels = json.loads(match["labels"])
        except ValueError:
            return {}
        found[json.loads(match["first"])] = labels
    return found


def _decisions(task: WorkflowTask, name: str, scope: FunctionScope) -> Iterator[StructureHead]:
    if task.case_value_param is not None and task.case_value_param in task.input_parameters:
        yield StructureHead(node=_compared("decision", task, name, scope, task.case_value_param))
    yield StructureHead(node=call("decision", Value(name), script_of(task.case_expression or "", task, scope)))


def script_of(text: str, task: WorkflowTask, scope: FunctionScope) -> CallNode:
    """Return ``js(...)`` for a script of a task, with its inputs and its language."""
    inputs = {key: value for key, value in task.input_parameters.items() if key != "evaluator"}
    evaluator = task.evaluator_type
    chosen = () if evaluator in {None, "javascript"} else (("evaluator", Value(evaluator)),)
    hint = task.task_reference_name
    return CallNode(
        call("js").function,
        (scope.plain_text(text, f"{hint}_condition"),),
        (*chosen, *scope.named(inputs, hint)),
    )


def reader_of(inputs: JsonObject, scope: FunctionScope) -> Bind:
    """Return what a script reads as ``$.name``: the input of that name, if it is one reference."""

    def read(name: str, keys: Sequence[str | int]) -> Node | None:
        value = inputs.get(name)
        return None if keys or not is_reference(value) else scope.value(value)

    return read


def is_reference(value: JsonValue) -> bool:
    """Return whether a value is one reference and nothing else."""
    if not isinstance(value, str):
        return False
    parts = parse(value)
    return len(parts) == 1 and isinstance(parts[0], Reference)


def inline_conditions(task: WorkflowTask, name: str, scope: FunctionScope) -> Iterator[CallNode]:
    """Yield the ways to write an INLINE whose script our own compiler wrote from Python's operators."""
    inputs = task.input_parameters
    expression = inputs.get("expression")
    if not isinstance(expression, str) or inputs.get("evaluatorType") != "javascript":
        return
    condition = read_condition(expression, reader_of(inputs, scope))
    if isinstance(condition, Operation | CallNode):
        yield call("inline", Value(name), condition)
