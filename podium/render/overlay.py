"""A run laid over the picture of its definition: statuses, the path it took, and the tasks that only it knows."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from podium.model.definitions import WorkflowDef
from podium.model.moments import run_at_ms
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.walk import by_reference
from podium.render.attempts import DRAWN_MAX, AttemptsByName, Mark, as_leaf, attempts_of, stand_in
from podium.render.captions import about_run
from podium.render.catalogue import Catalogue
from podium.render.children import child_of, failing_path
from podium.render.flow import draw_definition
from podium.render.grafts import with_children
from podium.render.item_names import item_names
from podium.render.labels import node_for
from podium.render.naming import clean, escape_id, lines_of
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, style_of
from podium.render.picture import Container, ContainerKind, Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.run_words import iterations, marked
from podium.render.steps import NestedTask
from podium.render.tallies import TROUBLE, counts

#: Id of the box around the tasks that only the run knows.
RUN_ONLY_ID = "c_run_only"
#: What a branch is called whose fork only knows its task (Conductor: ``ForkJoinDynamicTaskMapper``).
_NUMBERED = re.compile(r"_.+_\d+(?:__\d+)*$")


def draw_run(run: WorkflowRun, options: Options | None = None) -> Picture:
    """Make the picture of a run: the picture of its definition, plus what happened; otherwise as `draw_moments`."""
    return draw_moments(run, [None], options or Options())[0]


def draw_moments(run: WorkflowRun, moments: Sequence[int | None], options: Options) -> list[Picture]:
    """
    Make pictures of a run as it was, all in the shape that it has now.

    Args:
        run: Any run; one without its definition is drawn as a chain of its tasks.
        moments: Epoch milliseconds; None is now.
        options: ``expand`` (with ``runs`` also sub-workflows that are not inline), ``iteration``, ``runs``,
            ``definitions`` and a ``collapse`` of False count; the others do not change the whole.

    Returns:
        A picture for each moment, in their order.

    Raises:
        RenderError: There is no such loop or iteration.
    """
    shown = [run if moment is None else run_at_ms(run, moment) for moment in moments]
    # The shape is that of now for every moment, so nothing jumps while a run is played back.
    pictures = draw_alike(shown, run, options)
    if options.runs is None or options.expand < 1:
        return pictures
    definition = run.workflow_definition or stand_in(run)
    return _opened(pictures, definition, attempts_of(run, definition, options.iteration), moments, options)


def draw_alike(shown: Sequence[WorkflowRun], shape: WorkflowRun, options: Options) -> list[Picture]:
    """
    Make pictures of several runs of one definition in one shape; sub-workflows are opened only if they are defined.

    Args:
        shown: The runs.
        shape: The run that has every task which one of them has; its definition is that of all.
        options: As `draw_moments`.

    Raises:
        RenderError: *shape* has no such loop or iteration.
    """
    expand, iteration, runs, catalogue = options.expand, options.iteration, options.runs, options.definitions
    drawn_max = sys.maxsize if options.collapse is False else DRAWN_MAX
    definition: WorkflowDef = shape.workflow_definition or stand_in(shape)
    whole = attempts_of(shape, definition, iteration)
    drawn = {fork: whole.branches(fork) for fork in whole.forked}
    forked = {
        fork: [as_leaf(mark.newest) for mark in marks] for fork, marks in drawn.items() if len(marks) <= drawn_max
    }
    plain = draw_definition(definition, expand=expand if runs is None else 0, forked=forked, catalogue=catalogue)
    branches = [{mark.newest.reference_task_name: mark.newest for mark in marks} for marks in drawn.values()]
    items = {name: item for each in branches for name, item in item_names(each, definition.masked_fields).items()}
    pictures: list[Picture] = []
    for run in shown:
        attempts = whole if run is shape else attempts_of(run, definition, iteration, check=False)
        told = _Overlay(run, attempts, whole, iteration, failing_path(run, runs), items, drawn_max)
        pictures.append(told.over(plain))
    return pictures


def _opened(
    pictures: list[Picture],
    definition: WorkflowDef,
    whole: AttemptsByName,
    moments: Sequence[int | None],
    options: Options,
) -> list[Picture]:
    """Return the pictures with the runs of sub-workflows in them; where there is none, with what is defined."""
    inner_options = evolve(options, expand=options.expand - 1, iteration={})

    def children(node: Node) -> list[Picture] | None:
        mark = whole.of(node.reference)
        below = child_of(mark.newest, options.runs) if mark else None
        if below is not None:
            return draw_moments(below, moments, inner_options)
        inner = _definition_of(definition, node, mark, options.definitions)
        if inner is None:
            return None
        return [draw_definition(inner, expand=inner_options.expand, catalogue=options.definitions)] * len(moments)

    return with_children(pictures, children)


def _definition_of(definition: WorkflowDef, node: Node, mark: Mark | None, catalogue: Catalogue) -> WorkflowDef | None:
    """Return the definition of a SUB_WORKFLOW task's child: the one that it holds itself, or a known one, or None."""
    task = (mark.newest.workflow_task if mark else None) or by_reference(definition).get(node.reference)
    return catalogue.child(task.sub_workflow_param) if task else None


@frozen
class _Overlay:
    run: WorkflowRun
    attempts: AttemptsByName
    #: What gives the picture its shape; more than *attempts* where an earlier moment is drawn.
    whole: AttemptsByName
    iteration: Mapping[str, int]
    #: Where it failed, and why.
    failing: tuple[str, str]
    #: Names in the run to those of the items that they are for.
    items: Mapping[str, str]
    drawn_max: int

    def over(self, plain: Picture) -> Picture:
        nodes = tuple(self._node(node) for node in plain.nodes)
        by_id = {node.id: node for node in nodes}
        extra, steps = self._run_only()
        boxes = [self._box(box, by_id) for box in plain.containers]
        if extra:
            title = (
                LabelLine(LineRole.NAME, "only in this run"),
                LabelLine(LineRole.FACT, "its definition has no such task"),
            )
            boxes.append(Container(id=RUN_ONLY_ID, kind=ContainerKind.RUN_ONLY, lines=title))
        return evolve(
            plain,
            subtitle=self._subtitle(),
            about=about_run(self.run),
            nodes=(*nodes[:-1], *extra, nodes[-1]),
            edges=self._edges(plain, by_id),
            containers=tuple(boxes),
            run_only=steps,
            status=self.run.status.value,
            run=self.run,
        )

    def _subtitle(self) -> tuple[str, ...]:
        style = style_of(self.run.status)
        lines = [f"{clean(f'Run {self.run.workflow_id}')}: {style.icon} {style.word}"]
        place, reason = self.failing
        if place:
            lines += lines_of(f"{place}: {reason or self.run.reason or 'no reason given'}", width=100, count=2)
        elif self.run.reason:
            lines += lines_of(self.run.reason, width=100, count=2)
        return tuple(lines)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> Node:
        if node.kind is NodeKind.START:
            return node
        if node.kind is NodeKind.END:
            return self._end(node)
        # An open sub-workflow whose run is not known: its tasks have the same names as ours may have.
        if node.nested:
            return node
        node = self._named(node)
        mark = self.attempts.of(node.reference)
        if mark is None:
            return evolve(node, status=NOT_STARTED, tooltip=(*node.tooltip, style_of(NOT_STARTED).word))
        branches = self.attempts.branches(node.reference) if node.kind is NodeKind.DYNAMIC_FORK else ()
        return marked(node, mark, branches, chosen=self.iteration.get(node.reference, 0), drawn_max=self.drawn_max)

    def _named(self, node: Node) -> Node:
        """Return a branch of a fan-out the name of its item; that of the run stands below."""
        item = self.items.get(node.reference)
        if item is None or not _NUMBERED.match(node.reference):  # others have a name that somebody gave
            return node
        own = (LabelLine(LineRole.NAME, item), LabelLine(LineRole.FACT, node.name))
        return evolve(
            node, lines=tuple(e for line in node.lines for e in (own if line.role is LineRole.NAME else (line,)))
        )

    def _end(self, node: Node) -> Node:
        status: str = self.run.status.value
        style = style_of(status)
        if self.run.status in {RunStatus.RUNNING, RunStatus.PAUSED}:
            return evolve(node, status=NOT_STARTED, tooltip=(f"the run is {style.word}",))
        lines = (*node.lines, LabelLine(LineRole.STATUS, clean(f"{style.icon} {style.word}")))
        return evolve(
            node, status=status, lines=lines, tooltip=(f"the run is {style.word}",), reason=clean(self.run.reason or "")
        )

    def _run_only(self) -> tuple[tuple[Node, ...], tuple[NestedTask, ...]]:
        nodes: list[Node] = []
        names = self.whole.unknown
        for name in names[:DRAWN_MAX]:
            task = as_leaf(self.whole.exact[name].newest)
            node = node_for(task, f"run_{escape_id(name)}", f"run:{clean(name)}", container=RUN_ONLY_ID)
            mark = self.attempts.exact.get(name)
            nodes.append(marked(node, mark, ()) if mark else evolve(node, status=NOT_STARTED))
        if len(names) > DRAWN_MAX:
            rest = names[DRAWN_MAX:]
            text = counts(mark.newest.status for name in rest if (mark := self.attempts.exact.get(name)))
            lines = (LabelLine(LineRole.NAME, f"{len(rest)} more"), LabelLine(LineRole.FACT, text))
            nodes.append(
                Node(id="run_Z_more", kind=NodeKind.WORKER, key="run:more", lines=lines, container=RUN_ONLY_ID)
            )
        return tuple(nodes), tuple(NestedTask(node=node.id) for node in nodes)

    def _box(self, box: Container, by_id: dict[str, Node]) -> Container:
        node = by_id[box.node]
        if node.nested or node.status is None:
            return box
        lines = box.lines
        if box.kind is ContainerKind.LOOP and node.iteration:
            lines = (*lines, LabelLine(LineRole.FACT, iterations(node, self.iteration.get(node.reference, 0))))
        if box.kind is ContainerKind.SUB_WORKFLOW:
            lines = (*lines, *(line for line in node.lines if line.role in {LineRole.STATUS, LineRole.REASON}))
        return evolve(box, lines=lines, status=node.status)

    # -- edges -------------------------------------------------------------------------------------------------------

    def _edges(self, plain: Picture, by_id: dict[str, Node]) -> tuple[Edge, ...]:
        entries = Counter(edge.target for edge in plain.edges if edge.kind is not EdgeKind.BACK)
        labels: dict[str, set[str]] = {}
        for edge in plain.edges:
            labels.setdefault(edge.source, set()).update(edge.cases)
        terminated = any(_done(node) for node in by_id.values() if node.kind is NodeKind.TERMINATE)

        def taken(edge: Edge) -> bool | None:
            source, target = by_id[edge.source], by_id[edge.target]
            if source.nested or target.nested:
                return None  # inside an expanded sub-workflow: the child's run knows, this one does not
            # Any iteration after the first came by this line.
            if edge.kind is EdgeKind.BACK:
                return source.iteration > 1
            if target.kind is NodeKind.END:
                # A run that was terminated came to its end by that line alone, though others lead there, too.
                ended = source.kind is NodeKind.TERMINATE if terminated else self.run.status is RunStatus.COMPLETED
            else:
                ended = _ran(target) and not _gave_up(source, target)
            # Where only one line leads, whoever ran came by it; where several do, the switch knows which case it chose.
            chosen = entries[edge.target] == 1 or self._chose(edge, source, labels[edge.source])
            return ended and _done(source) and chosen

        return tuple(evolve(edge, taken=taken(edge)) for edge in plain.edges)

    def _chose(self, edge: Edge, source: Node, labels: set[str]) -> bool:
        """Return whether a switch chose this edge, which leads to a place that other edges lead to as well."""
        mark = self.attempts.of(source.reference) if source.kind is NodeKind.SWITCH else None
        if mark is None or not mark.chosen:
            return True
        return bool(mark.chosen & set(edge.cases)) or (edge.otherwise and bool(mark.chosen - labels))


def _ran(node: Node) -> bool:
    return node.status not in {None, NOT_STARTED}


def _done(node: Node) -> bool:
    if node.kind is NodeKind.START:
        return True
    return node.status in _TERMINAL


def _gave_up(source: Node, target: Node) -> bool:
    """Return whether the run ended because of *source*, or with it, before a join that waited for it could go on."""
    return source.status in TROUBLE and target.status == TaskStatus.CANCELED


_TERMINAL = frozenset(status.value for status in TaskStatus if status.is_terminal)
