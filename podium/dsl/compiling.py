"""From a block of nodes to the canonical definition."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from podium.dsl.blocks import Block
from podium.dsl.context import CompileContext
from podium.dsl.headers import Header, definition_of
from podium.dsl.values import prepare, render
from podium.model.definitions import WorkflowDef
from podium.model.errors import AuthoringError
from podium.model.later import later
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl import undo_workflow
else:
    undo_workflow = later("podium.dsl.undo_workflow")


@frozen(eq=False)
class Compiled:
    """What a workflow compiles to."""

    #: The definition, behind it its undo workflow if it has one.
    definitions: tuple[WorkflowDef, ...]
    #: What was met on the way.
    context: CompileContext

    @property
    def definition(self) -> WorkflowDef:
        """The definition."""
        return self.definitions[0]


def compile_definition(
    header: Header,
    root: Block,
    inputs: Mapping[str, Authored],
    outputs: Mapping[str, Authored],
    *,
    place: str | None,
) -> Compiled:
    """
    Compile a workflow.

    Args:
        header: Its name and settings.
        root: Its steps.
        inputs: Input name to default; ``inspect.Parameter.empty`` stands for "no default".
        outputs: Prepared output parameters.
        place: Where the author made the workflow.

    Raises:
        AuthoringError: N1, a name is used twice; V1, there is no step.
    """
    build = CompileContext(undoes_children="failure_workflow" not in header.fields)
    tasks = root.compile(build)
    if not tasks:
        message = (
            f"workflow {header.name!r} has no steps, and Conductor refuses it; call a task in it, or noop('nothing')"
        )
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
        input_template=_template(header.name, defaults, place),
        output_parameters=render(outputs),
    )
    if not build.undos and not build.undo_always and header.undo is None:
        return Compiled((definition,), build)
    return Compiled(undo_workflow.with_undo(definition, header, build, place=place), build)


def _template(name: str, defaults: Mapping[str, Authored], place: str | None) -> dict[str, Authored]:
    """Return the ``inputTemplate``; what is wrong with a default is wrong where the workflow is declared."""
    try:
        template: dict[str, Authored] = render(prepare(defaults))
    except AuthoringError as error:
        message = f"a default of workflow {name!r}: {error.faults[0].message}"
        raise AuthoringError(message, code=error.code, place=place) from error
    return template
