"""The picture of a difference: one graph of both definitions, each step with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Unpack

from attrs import evolve, field, frozen

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.diff.steps import Change, DefinitionDiff, StepDiff, diff_steps, match_branches
from podium.model.walk import blocks, walk
from podium.render.files import check_suffix, svg_text, write
from podium.render.flow import draw_definition
from podium.render.mermaid_source import mermaid_text
from podium.render.naming import lines_of
from podium.render.options import Options, RenderOptions, read_options
from podium.render.palette import CHANGES
from podium.render.picture import Edge, EdgeKind, Line, Node, Picture, Role
from podium.render.views import view_of


@frozen(kw_only=True)
class DiffPicture:
    """
    Two definitions in one picture.

    Made by `podium.render.diff_picture`; a notebook shows it as SVG.
    """

    #: What differs.
    diff: DefinitionDiff
    #: All of both.
    picture: Picture
    options: Options = field(factory=Options)

    def svg(self, *, id_prefix: str = "") -> str:
        """Give the picture as SVG."""
        return svg_text(self._view(), self.options.with_legend(default=True), id_prefix=id_prefix)

    def mermaid(self) -> str:
        """Give the picture as a Mermaid flowchart."""
        return mermaid_text(self._view(), self.options)

    def describe(self) -> str:
        """Give the difference as text."""
        return self.diff.describe()

    def render(self, path: str | PathLike[str]) -> str:
        """
        Write the picture into a file, as `podium.render.render_file` does; ``.txt`` is the text.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is unknown, ``dot`` is needed and missing, or the file cannot be written.
        """
        name = str(path)
        check_suffix(name)
        write(self._view(), name, self.options.with_legend(default=True))
        return name

    def __str__(self) -> str:
        return self.describe()

    def _view(self) -> Picture:
        return view_of(self.picture, self.options)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        from podium.render.notebook import forms_bundle, page_prefix

        forms = {"text/plain": self.describe, "image/svg+xml": lambda: self.svg(id_prefix=page_prefix(repr(self.diff)))}
        return forms_bundle(forms, include, exclude, fallback="<DiffPicture>")


def draw_diff(old: WorkflowDef, new: WorkflowDef, **options: Unpack[RenderOptions]) -> DiffPicture:
    """
    Draw two definitions as one picture.

    Raises:
        RenderError: An option is wrong.
    """
    diff = diff_steps(old, new)
    merged = draw_definition(_Merge(old, new).whole())
    steps = {step.reference: step for step in diff.steps}
    nodes = tuple(_marked(node, steps.get(node.reference)) for node in merged.nodes)
    status_of = {node.id: node.status for node in nodes}
    picture = evolve(
        merged,
        title=f"{diff.old} -> {diff.new}",
        subtitle=(diff.summary,),
        nodes=nodes,
        edges=_edges(draw_definition(old), draw_definition(new), set(status_of)),
        containers=tuple(evolve(box, status=status_of.get(box.node)) for box in merged.containers),
        legend_note="thick lines: added; thin dashed lines: removed",
    )
    return DiffPicture(diff=diff, picture=picture, options=read_options(options))


def _marked(node: Node, step: StepDiff | None) -> Node:
    if step is None or step.change is Change.SAME or not node.task_type:  # the ends are no steps
        return node
    style = CHANGES[step.change]
    words = f"{style.icon} {style.word}" + (" and moved" if step.is_moved and step.change is Change.CHANGED else "")
    facts = [text for fact in step.facts[:2] for text in lines_of(fact, width=34, count=2)]
    if len(step.facts) > 2:
        facts.append(f"and {len(step.facts) - 2} more")
    return evolve(
        node,
        status=step.change.value,
        lines=(*node.lines, Line(Role.STATUS, words), *(Line(Role.FACT, text) for text in facts)),
        tooltip=(*node.tooltip, words, *step.facts),
    )


def _edges(old: Picture, new: Picture, known: set[str]) -> tuple[Edge, ...]:
    """Give the lines of both; a line is the same if it leads from the same step to the same step."""
    before, after = _by_ends(old), _by_ends(new)
    found = [edge if key in before else evolve(edge, taken=True, change="added") for key, edge in after.items()]
    found += [evolve(edge, taken=False, change="removed") for key, edge in before.items() if key not in after]
    return tuple(edge for edge in found if edge.source in known and edge.target in known)


def _by_ends(picture: Picture) -> dict[tuple[str, str, EdgeKind], Edge]:
    return {(edge.source, edge.target, edge.kind): edge for edge in picture.edges}


class _Merge:
    """The new definition with the removed steps where they stood."""

    def __init__(self, old: WorkflowDef, new: WorkflowDef) -> None:
        self.old, self.new = old, new
        self.was: Mapping[str, WorkflowTask] = {v.task.task_reference_name: v.task for v in walk(old.tasks)}
        self.present = {visit.task.task_reference_name for visit in walk(new.tasks)}
        self.twins = match_branches(old, new)
        self.placed: set[str] = set()

    def whole(self) -> WorkflowDef:
        tasks = self._list(self.old.tasks, self.new.tasks)
        lost = [task for task in self.was.values() if self._is_gone(task)]
        return evolve(self.new, tasks=(*tasks, *(self._removed(task) for task in lost if self._is_gone(task))))

    def _is_gone(self, task: WorkflowTask) -> bool:
        return task.task_reference_name not in self.present | self.placed

    def _list(self, old: tuple[WorkflowTask, ...], new: tuple[WorkflowTask, ...]) -> tuple[WorkflowTask, ...]:
        """Merge two lists of steps: each removed step follows the one that it followed."""
        merged = [self._both(task) for task in new]
        names = [task.task_reference_name for task in new]
        position = 0
        for task in old:
            if task.task_reference_name in names:
                position = names.index(task.task_reference_name) + 1
            elif self._is_gone(task):
                merged.insert(position, self._removed(task))
                names.insert(position, task.task_reference_name)
                position += 1
        return tuple(merged)

    def _removed(self, task: WorkflowTask) -> WorkflowTask:
        """Give a removed step, without the steps inside it that live on elsewhere."""
        self.placed.add(task.task_reference_name)
        return evolve(
            task,
            decision_cases={label: self._left(tasks) for label, tasks in task.decision_cases.items()},
            default_case=self._left(task.default_case),
            fork_tasks=tuple(left for tasks in task.fork_tasks if (left := self._left(tasks))),
            loop_over=self._left(task.loop_over),
        )

    def _left(self, tasks: tuple[WorkflowTask, ...]) -> tuple[WorkflowTask, ...]:
        return tuple(self._removed(task) for task in tasks if self._is_gone(task))

    def _both(self, task: WorkflowTask) -> WorkflowTask:
        """Give a step of the new definition with the removed steps inside it."""
        was = self.was.get(task.task_reference_name)
        if was is None or was.type != task.type or not blocks(task):
            was = WorkflowTask(task_reference_name="")
        cases = {label: self._list(was.decision_cases.get(label, ()), to) for label, to in task.decision_cases.items()}
        gone = {
            label: left
            for label, tasks in was.decision_cases.items()
            if label not in cases and (left := self._left(tasks))
        }
        return evolve(
            task,
            decision_cases=cases | gone,
            default_case=self._list(was.default_case, task.default_case),
            fork_tasks=self._branches(was, task),
            loop_over=self._list(was.loop_over, task.loop_over),
        )

    def _branches(self, was: WorkflowTask, task: WorkflowTask) -> tuple[tuple[WorkflowTask, ...], ...]:
        name = task.task_reference_name
        merged: list[tuple[WorkflowTask, ...]] = []
        for number, tasks in enumerate(task.fork_tasks):
            twin = self.twins.get((name, str(number)))
            merged.append(self._list(was.fork_tasks[int(twin)] if twin and was.fork_tasks else (), tasks))
        kept = {int(twin) for (fork, _), twin in self.twins.items() if fork == name}
        for number, tasks in enumerate(was.fork_tasks):
            if number not in kept and (left := self._left(tasks)):
                merged.append(left)
        return tuple(merged)
