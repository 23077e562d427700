"""From a block of nodes to the canonical definition."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from podium.dsl.blocks import Block
from podium.dsl.building import Build
from podium.dsl.headers import Header, definition_of
from podium.dsl.undoing import with_undo
from podium.dsl.values import prepare, render
from podium.model.definitions import WorkflowDef
from podium.model.errors import AuthoringError
from podium.model.values import JsonValue


def compile_definition(
    header: Header,
    root: Block,
    inputs: Mapping[str, JsonValue],
    outputs: Mapping[str, JsonValue],
    *,
    place: str | None,
) -> tuple[tuple[WorkflowDef, ...], Build]:
    """
    Compile a workflow.

    Args:
        header: Its name and settings.
        root: Its steps.
        inputs: Input name to default; ``inspect.Parameter.empty`` stands for "no default".
        outputs: Prepared output parameters.
        place: Where the author made the workflow.

    Returns:
        The definition, behind it its undo workflow if it has one; and what was met on the way.

    Raises:
        AuthoringError: N1, a name is used twice; V1, there is no step.
    """
    build = Build()
    tasks = root.compile(build)
    if not tasks:
        message = f"workflow {header.name!r} has no steps; Conductor refuses it"
        raise AuthoringError(message, code="V1", place=place)
    if header.failure_workflow is not None:
        build.use_workflow(header.failure_workflow)
    defaults = {
        name: value for name, value in inputs.items() if value is not inspect.Parameter.empty and value is not None
    }
    definition = definition_of(
        header,
        tasks=tasks,
        input_parameters=tuple(inputs),
        input_template=render(prepare(defaults)),
        output_parameters=render(outputs),
    )
    return with_undo(definition, build, place=place), build
