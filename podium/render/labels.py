"""What a task is to the eye: its kind, the lines in its node, and all that a tooltip tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import task_kind
from podium.render.naming import clean, lines_of, shorten
from podium.render.picture import LabelLine, LineRole, Node, NodeKind

#: Longest name in a node, in characters.
NAME_LENGTH: Final = 40
#: Longest line of other text in a node.
DETAIL_LENGTH: Final = 34
#: Longest expression in a tooltip.
_TOOLTIP_LENGTH: Final = 300

#: A loop's counter, compared with a number: the loop's name, the sign, the number.
_COUNTER: Final = re.compile(r"\$\.([^\s$()]+?)(?:\.iteration|\[['\"]iteration['\"]\])\s*(<=|>=|<|>)\s*(\d+)(?![\d.])")


def kind_of(task_type: str) -> NodeKind:
    """
    Return the kind of a task type.

    A type that the engine does not know is a worker's task (Conductor: ``UserDefinedTaskMapper``).

    Example:
        >>> kind_of("LLM_CHAT_COMPLETE")
        <NodeKind.WORKER: 'worker'>
    """
    return NodeKind(task_kind(task_type).shape)


def lines_for(task: WorkflowTask) -> tuple[LabelLine, ...]:
    """Return the lines of a task's node, its reference name first."""
    kind = kind_of(task.type)
    name = shorten(task.task_reference_name, NAME_LENGTH) or shorten(task.name, NAME_LENGTH) or "(no name)"
    lines = [LabelLine(LineRole.NAME, name)]
    if kind is NodeKind.WORKER and task.type == TaskType.SIMPLE:
        if task.name not in {"", task.task_reference_name}:
            lines.append(LabelLine(LineRole.FACT, shorten(task.name, NAME_LENGTH)))
    elif kind not in {NodeKind.SWITCH, NodeKind.MERGE}:  # their text is short so that their diamond is small
        lines.insert(0, LabelLine(LineRole.TYPE, shorten(task.type, NAME_LENGTH) or "(no type)"))
    if kind is not NodeKind.LOOP:  # its condition is the title of its box
        width = DETAIL_LENGTH if kind is not NodeKind.SWITCH else 26  # a diamond is twice as wide as its text
        lines += [LabelLine(LineRole.DETAIL, text) for text in lines_of(detail_of(task), width=width, count=2)]
    if task.optional:
        lines.append(LabelLine(LineRole.FACT, "optional"))
    return tuple(lines)


def node_for(task: WorkflowTask, node_id: str, key: str, *, container: str | None, nested: bool = False) -> Node:
    """Return the node of a task, in whatever part of a picture it stands."""
    return Node(
        id=node_id,
        kind=kind_of(task.type),
        reference=task.task_reference_name,
        key=key,
        task_name=task.name,
        task_type=task.type,
        lines=lines_for(task),
        detail=detail_of(task),
        tooltip=tooltip_for(task),
        container=container,
        nested=nested,
        join_on=task.join_on,
        iteration_limit=iteration_limit(task),
    )


def detail_of(task: WorkflowTask) -> str:
    """Return the one fact that tells this task from others of its type; empty if there is none."""
    kind = kind_of(task.type)
    if kind is NodeKind.SWITCH:
        return _compared(task)
    if kind is NodeKind.LOOP:
        return f"for each of {_bare(task.items)}" if task.items else _condition(task.loop_condition or "true")
    if kind is NodeKind.SUB_WORKFLOW:
        return _child(task)
    if kind is NodeKind.WAIT:
        return _first_text(task, {"duration": "", "until": "until "})
    if kind is NodeKind.TERMINATE:
        return _first_text(task, {"terminationStatus": ""})
    if kind is NodeKind.EVENT:
        return clean(task.sink or "")
    if kind is NodeKind.DYNAMIC_FORK:
        return _first_text(task, {"forkTaskName": "", "forkTaskWorkflow": ""})
    if task.type == TaskType.DYNAMIC:
        return _first_text(task, {task.dynamic_task_name_param or "taskToExecute": ""})
    return ""


def _condition(script: str) -> str:
    """Return a loop's condition without the ``if`` that most of them are wrapped in."""
    script = clean(script)
    whole = re.fullmatch(r"if ?\((.*)\) ?\{ ?(true|false);? ?\} ?else ?\{ ?(true|false);? ?\};?", script)
    if whole is None or whole.group(2) == whole.group(3):
        return f"while {_bare(script)}"
    return f"{'while' if whole.group(2) == 'true' else 'until'} {whole.group(1).strip()}"


def _compared(task: WorkflowTask) -> str:
    script = task.expression if task.type == TaskType.SWITCH else task.case_expression
    if task.type == TaskType.SWITCH and task.evaluator_type in {None, "value-param"}:
        return _parameter(task, script)
    return _bare(script) if script else _parameter(task, task.case_value_param)


def _parameter(task: WorkflowTask, name: str | None) -> str:
    value = task.input_parameters.get(name or "")
    return _bare(value) if isinstance(value, str) else clean(name or "")


def _bare(text: str) -> str:
    """Return an expression without the braces around it, so that more of it is in sight."""
    text = clean(text)
    whole = re.fullmatch(r"\$\{([^{}]*)\}", text)
    return whole.group(1) if whole else text


def _child(task: WorkflowTask) -> str:
    params = task.sub_workflow_param
    if params is None:
        return ""
    inline = params.workflow_definition
    name = inline.name if isinstance(inline, WorkflowDef) else params.name or (inline and _bare(inline)) or ""
    if name == task.task_reference_name and not params.version:
        return ""
    version = f" version {params.version}" if params.version else ""
    return clean(f"{name}{version}")


def _first_text(task: WorkflowTask, prefixes: Mapping[str, str]) -> str:
    """Return the first of some inputs that has a text, after its prefix; names of inputs are data."""
    for name, prefix in prefixes.items():
        value = task.input_parameters.get(name)
        if isinstance(value, str | int | float) and clean(str(value)):
            return f"{prefix}{_bare(str(value))}"
    return ""


def tooltip_for(task: WorkflowTask) -> tuple[str, ...]:
    """Tell all that a node's label has no room for, except inputs, which may be long or secret."""
    facts = [clean(f"{task.task_reference_name}: {task.type or 'no type'} {task.name}")]
    if task.description:
        facts.append(shorten(task.description, _TOOLTIP_LENGTH))
    if detail := detail_of(task):
        facts.append(shorten(detail, _TOOLTIP_LENGTH))
    if task.join_on:
        facts.append(shorten(f"waits for {', '.join(task.join_on)}", _TOOLTIP_LENGTH))
    if task.optional:
        facts.append("optional: its failure does not fail the run")
    if task.permissive:
        facts.append("permissive: its failure does not stop the others")
    if task.retry_count is not None:
        facts.append(f"retries: {task.retry_count}")
    if task.start_delay:
        facts.append(f"start delay: {task.start_delay} s")
    return tuple(facts)


def iteration_limit(task: WorkflowTask) -> int:
    """
    Read from a loop's condition how many iterations it allows; 0 if it does not say so in the usual form.

    Both ``$.poll['iteration'] < 30`` (go on while) and ``$.poll.iteration >= 30`` (stop when) mean 30.
    """
    if not task.loop_condition:
        return 0
    found = [match[1:] for match in _COUNTER.findall(task.loop_condition) if match[0] == task.task_reference_name]
    if len(found) != 1:
        return 0
    sign, number = found[0]
    return int(number) + (sign in {"<=", ">"})
