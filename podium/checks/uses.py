"""Which of its inputs a definition reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.expressions import references, simple_path
from podium.model.values import JsonValue
from podium.model.walk import walk

#: ``workflow.input`` in a path that is no simple one, and the name behind it if there is one.
_LOOSE = re.compile(r"workflow(?:\.input|\[['\"]input['\"]\])(?:\.([^.\[( ]+)|\[['\"]([^'\"]+)['\"]\])?")


@frozen
class InputUse:
    """What a definition reads of its inputs."""

    #: The names that it reads for certain.
    names: frozenset[str]
    #: It also reads its input as a whole, or in a way that cannot be followed: any name may be read.
    everything: bool


def inputs_used(definition: WorkflowDef) -> InputUse:
    """
    Find the inputs that a definition reads; those of definitions embedded in it are not its own.

    Example:
        >>> from podium.model.definitions import WorkflowDef
        >>> sorted(inputs_used(WorkflowDef(name="w", tasks=(), output_parameters={"x": "${workflow.input.a}"})).names)
        ['a']
    """
    names: set[str] = set()
    everything = False
    for value in _values(definition):
        for found in references(value):
            for name in _names(found.text):
                if name is None:
                    everything = True
                else:
                    names.add(name)
    failure = (definition.failure_workflow or "").split(".")
    if failure[0] == "$workflow" and len(failure) > 2:  # Conductor's spelling of a name that an input gives
        names.add(failure[2])
    return InputUse(frozenset(names), everything)


def _names(path: str) -> Iterator[str | None]:
    """Yield the inputs that a path reads; None stands for all of them."""
    if "${" in path:
        if "workflow" in path.partition("${")[0]:
            yield None  # which one, the inner reference says
        return
    simple = simple_path(path)
    if simple is None:
        for match in _LOOSE.finditer(path):
            name = match[1] or match[2]
            yield None if name is None or not re.fullmatch(r"[\w-]+", name) else name
        if "workflow" in path and _LOOSE.search(path) is None:
            yield None
    elif simple.root == "workflow":
        keys = simple.segments
        if not keys or (keys[0] == "input" and not (len(keys) > 1 and isinstance(keys[1], str))):
            yield None
        elif keys[0] == "input":
            yield str(keys[1])


def _values(definition: WorkflowDef) -> Iterator[JsonValue]:
    yield dict(definition.output_parameters)
    yield dict(definition.extra)
    if definition.rate_limit_config is not None:
        yield definition.rate_limit_config.rate_limit_key
    if definition.cache_config is not None:
        yield definition.cache_config.key
    for visit in walk(definition.tasks):
        yield from (value for _, value in values_of_task(visit.task))
        yield from _further_values(visit.task)


def values_of_task(task: WorkflowTask) -> Iterator[tuple[str, JsonValue]]:
    """Yield what a task has of values in which references are replaced, and their paths below the task."""
    yield "inputParameters", dict(task.input_parameters)
    yield "sink", task.sink
    yield "items", task.items
    params = task.sub_workflow_param
    if params is not None:
        yield "subWorkflowParam.name", params.name
        yield "subWorkflowParam.taskToDomain", dict(params.task_to_domain or {})
        yield "subWorkflowParam.priority", params.priority
        yield "subWorkflowParam.idempotencyKey", params.idempotency_key
        if isinstance(params.workflow_definition, str):
            yield "subWorkflowParam.workflowDefinition", params.workflow_definition


def _further_values(task: WorkflowTask) -> Iterator[JsonValue]:
    """Yield what other servers, or a later attempt, may look at."""
    yield dict(task.extra)
    if task.cache_config is not None:
        yield task.cache_config.key
    if task.task_definition is not None:
        yield dict(task.task_definition.input_template)
    for events in task.on_state_change.values():
        for event in events:
            yield dict(event.payload or {})
