"""Whatever can be drawn, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from attrs import evolve

from podium.model.definitions import WorkflowDef
from podium.model.errors import RenderError
from podium.model.runs import WorkflowRun
from podium.model.statistics import RunStatistics
from podium.render.catalogue import catalogue_of, definition_of
from podium.render.flow import draw_definition
from podium.render.heat import draw_heat
from podium.render.legends import with_legend
from podium.render.options import Options
from podium.render.overlay import draw_run
from podium.render.picture import Picture
from podium.render.undoing import with_its_undo
from podium.render.views import view_of

if TYPE_CHECKING:
    import networkx as nx


def picture_of(subject: object, options: Options | None = None) -> Picture:
    """
    Make the picture of a definition, a run, an estate, or an object whose ``definition`` is a `WorkflowDef`.

    Raises:
        RenderError: It is nothing that can be drawn, or an option names something that it has not.
    """
    if is_estate(subject):
        from podium.render.estate_picture import draw_estate

        return draw_estate(subject, options)
    chosen = _with_its_own(subject, options or Options())
    if isinstance(subject, RunStatistics):
        return view_of(draw_heat(subject, chosen), chosen)
    if isinstance(subject, WorkflowRun):
        definition = subject.workflow_definition
        picture = draw_run(subject, chosen)
    else:
        definition = definition_of(subject)
        if definition is None:
            raise RenderError(f"a workflow, its definition or a run can be drawn, not {type(subject).__name__}")
        picture = draw_definition(definition, expand=chosen.expand, catalogue=chosen.definitions)
    if chosen.undo:
        picture = with_its_undo(picture, subject, definition, chosen)
    view = view_of(picture, chosen)
    return with_legend(view) if chosen.legend and view.status is None else view


def is_estate(subject: object) -> TypeGuard[nx.DiGraph[str]]:
    """Return whether it is what `podium.render.estate.estate` gave, or a part of it."""
    about = getattr(subject, "graph", None)
    return isinstance(about, dict) and about.get("kind") == "estate"


def _with_its_own(subject: object, options: Options) -> Options:
    """Add the definitions that an authoring object brings with it, if any can be of use."""
    if options.definitions or not (options.expand or options.undo) or isinstance(subject, WorkflowDef | WorkflowRun):
        return options
    return evolve(options, definitions=catalogue_of(getattr(subject, "definitions", ())))
