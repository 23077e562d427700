"""Whatever can be drawn, as a picture."""

from __future__ import annotations

from podium.model.definitions import WorkflowDef
from podium.model.errors import RenderError
from podium.model.runs import WorkflowRun
from podium.model.values import JsonValue
from podium.render.flow import draw_definition
from podium.render.options import Options
from podium.render.overlay import draw_run
from podium.render.picture import Picture


def picture_of(subject: JsonValue, options: Options | None = None) -> Picture:
    """
    Make the picture of a `WorkflowDef`, a `WorkflowRun`, or an object whose ``definition`` is a `WorkflowDef`.

    Raises:
        RenderError: It is nothing that can be drawn.
    """
    chosen = options or Options()
    if isinstance(subject, WorkflowRun):
        return draw_run(subject, expand=chosen.expand, iteration=chosen.iteration, runs=chosen.runs)
    definition = subject if isinstance(subject, WorkflowDef) else getattr(subject, "definition", None)
    if isinstance(definition, WorkflowDef):
        return draw_definition(definition, expand=chosen.expand)
    raise RenderError(f"a workflow, its definition or a run can be drawn, not {type(subject).__name__}")
