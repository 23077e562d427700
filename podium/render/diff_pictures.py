"""The picture of a difference: one graph of both definitions, each step with what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Unpack

from attrs import evolve, field, frozen

from podium.diff import Change, DefinitionDiff, RunDiff, StepDiff, diff_definitions
from podium.diff.steps import Comparison
from podium.model.definitions import WorkflowDef
from podium.render.diff_merge import merge, with_new_names
from podium.render.drawing import drawing
from podium.render.files import picture_forms, save
from podium.render.flow import draw_definition
from podium.render.mermaid_source import mermaid_text
from podium.render.naming import clean, lines_of
from podium.render.notebook import forms_bundle, page_prefix
from podium.render.options import Options, RenderOptions, read_options
from podium.render.palette import CHANGES
from podium.render.picture import Edge, EdgeKind, LabelLine, LineRole, Node, Picture
from podium.render.views import view_of


@frozen(kw_only=True)
class DiffPicture:
    """
    Two definitions, or two runs, in one picture.

    Made by `podium.render.diff_picture` and `podium.render.run_diff`; a notebook shows it as SVG.
    """

    #: What differs.
    diff: DefinitionDiff | RunDiff
    #: All of both.
    picture: Picture
    options: Options = field(factory=Options)

    def svg(self, *, id_prefix: str = "") -> str:
        """Return the picture as SVG."""
        return drawing(self._view(), self.options.with_legend(default=True), id_prefix=id_prefix, links=True)

    def mermaid(self) -> str:
        """Return the picture as a Mermaid flowchart."""
        return mermaid_text(self._view(), self.options)

    def describe(self) -> str:
        """Return the difference as text."""
        return self.diff.describe()

    def render(self, path: str | PathLike[str]) -> str:
        """
        Write the difference into a file; the suffix says how.

        ``.txt`` is the text and ``.json`` the data; all others are pictures, as of `podium.render.render_file`.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is unknown, ``dot`` is needed and missing, or the file cannot be written.
        """
        forms = picture_forms(self._view(), self.options.with_legend(default=True))
        texts = {".txt": self.describe, ".json": lambda: f"{self.diff.to_json()}\n"}
        return save(path, {**forms, **texts}, what="difference")

    def __str__(self) -> str:
        return self.describe()

    def _view(self) -> Picture:
        return view_of(self.picture, self.options)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        forms = {"text/plain": self.describe, "image/svg+xml": lambda: self.svg(id_prefix=page_prefix(repr(self.diff)))}
        return forms_bundle(forms, include, exclude, fallback="<DiffPicture>")


def draw_diff(old: WorkflowDef, new: WorkflowDef, **options: Unpack[RenderOptions]) -> DiffPicture:
    """
    Draw two definitions as one picture.

    Raises:
        RenderError: An option is wrong.
    """
    diff = diff_definitions(old, new)
    comparison = Comparison.of(old, new)
    was = with_new_names(comparison)
    merged = draw_definition(merge(comparison, was))
    steps = {step.reference: step for step in diff.steps}
    nodes = tuple(_marked(node, steps.get(node.reference)) for node in merged.nodes)
    status_of = {node.id: node.status for node in nodes}
    picture = evolve(
        merged,
        title=diff.title,
        subtitle=(diff.summary,),
        about=(),
        nodes=nodes,
        edges=_edges(draw_definition(was), draw_definition(new), set(status_of)),
        containers=tuple(evolve(box, status=status_of.get(box.node)) for box in merged.containers),
        legend_note="thick lines: added; thin dashed lines: removed",
    )
    return DiffPicture(diff=diff, picture=picture, options=read_options(options))


def _marked(node: Node, step: StepDiff | None) -> Node:
    if step is None or step.change is Change.SAME or not node.task_type:  # the ends are no steps
        return node
    style = CHANGES[step.change]
    words = f"{style.icon} {style.word}" + (" and moved" if step.is_moved and step.change is not Change.MOVED else "")
    told = [*_before(step), *step.facts, *([f"inside: {step.inner.summary}"] if step.inner is not None else [])]
    facts = [text for fact in told[:2] for text in lines_of(fact, width=34, count=2)]
    if len(told) > 2:
        facts.append(f"and {len(told) - 2} more")
    return evolve(
        node,
        status=step.change.value,
        lines=(*node.lines, LabelLine(LineRole.STATUS, words), *(LabelLine(LineRole.FACT, text) for text in facts)),
        tooltip=(*node.tooltip, words, *told),
    )


def _before(step: StepDiff) -> tuple[str, ...]:
    return (f"was {clean(step.old_reference)}",) if step.change is Change.RENAMED else ()


def _edges(old: Picture, new: Picture, known: set[str]) -> tuple[Edge, ...]:
    """Return the lines of both; a line is the same if it leads from the same step to the same step."""
    before, after = _by_ends(old), _by_ends(new)
    found = [_edge(before.get(key), edge) for key, edge in after.items()]
    found += [evolve(edge, taken=False, change="removed") for key, edge in before.items() if key not in after]
    return tuple(edge for edge in found if edge.source in known and edge.target in known)


def _edge(was: Edge | None, now: Edge) -> Edge:
    if was is None:
        return evolve(now, taken=True, change="added")
    return now if (was.cases, was.otherwise) == (now.cases, now.otherwise) else evolve(now, change="changed")


def _by_ends(picture: Picture) -> dict[tuple[str, str, EdgeKind], Edge]:
    return {(edge.source, edge.target, edge.kind): edge for edge in picture.edges}
