"""
From a definition to its picture: which node leads to which.

The edges come from the definition, which knows every branch, so a picture never guesses one
(Conductor: ``WorkflowDef.getNextTask``, ``JoinTaskMapper``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.walk import blocks, walk
from podium.render.captions import about_definition
from podium.render.catalogue import Catalogue
from podium.render.grafts import grafted
from podium.render.labels import detail_of, kind_of, lines_for, node_for, tooltip_for
from podium.render.naming import Ids, clean, escape_id, lines_of
from podium.render.picture import Container, ContainerKind, Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.steps import Branch, NestedTask

START_ID: Final = "flow_start"
END_ID: Final = "flow_end"
#: Nodes after which no further sub-workflow is opened: definitions that name each other can grow without end.
_EXPANDED_MAX: Final = 20_000


@frozen(kw_only=True)
class _End:
    """A loose end: a node whose line to the next one is not drawn yet."""

    source: str
    cases: tuple[str, ...] = ()
    otherwise: bool = False
    #: It is a termination.
    early: bool = False
    #: Reference names of the tasks that are over here; a join that names one of them waits for this end.
    over: frozenset[str] = frozenset()
    #: The fork that this end's branch belongs to; empty outside forks. Such an end goes only where a join takes it.
    fork: str = ""
    #: Every reference name in that branch.
    inside: frozenset[str] = frozenset()


@frozen(kw_only=True)
class _Piece:
    """A drawn task: where it is entered, and its loose ends."""

    entry: str
    step: NestedTask
    ends: tuple[_End, ...]


@define
class _Builder:
    """Collects nodes, edges and boxes on one walk through a definition."""

    #: Reference name of a dynamic fork to the branches that a run made of it.
    forked: Mapping[str, Sequence[WorkflowTask]]
    #: Every name that some join of the definition waits for.
    joined: frozenset[str]
    nodes: list[Node] = field(factory=list)
    edges: dict[tuple[str, str, EdgeKind], Edge] = field(factory=dict)
    containers: list[Container] = field(factory=list)
    container: str | None = None
    #: Ends of branches that a later join will take.
    pending: list[_End] = field(factory=list)
    #: Reference name to the node at which the task is over.
    node_of: dict[str, str] = field(factory=dict)
    #: Node to what it says of the sub-workflow that it stands for.
    children: dict[str, SubWorkflowParams] = field(factory=dict)
    ids: Ids = field(factory=Ids)
    keys: Ids = field(factory=Ids)

    # -- nodes and edges ---------------------------------------------------------------------------------------------

    def _reserve(self, task: WorkflowTask) -> str:
        return self.ids.take(f"n_{escape_id(task.task_reference_name)}")

    def _add(self, task: WorkflowTask, node_id: str) -> str:
        key = self.keys.take(clean(task.task_reference_name) or "(no name)")
        self.nodes.append(node_for(task, node_id, key, container=self.container))
        self.node_of.setdefault(task.task_reference_name, node_id)
        return node_id

    def _edge(self, end: _End, target: str, kind: EdgeKind = EdgeKind.FLOW) -> None:
        key = (end.source, target, kind)
        old = self.edges.get(key)
        if old is None:
            self.edges[key] = Edge(
                source=end.source,
                target=target,
                kind=kind,
                cases=end.cases,
                otherwise=end.otherwise,
                early=end.early,
            )
        else:
            self.edges[key] = evolve(old, cases=(*old.cases, *end.cases), otherwise=old.otherwise or end.otherwise)

    def _connect(self, ends: Iterable[_End], target: str, join_on: tuple[str, ...] | None = None) -> None:
        """Draw the lines of *ends* to a node; *join_on* is what it waits for if it is a join."""
        forks: dict[str, bool] = {}
        waits = frozenset(join_on or ())
        # A branch may end long before the join that waits for it: such ends lie by until their join comes.
        waiting = [end for end in self.pending if join_on is not None and waits & end.over]
        for end in [*ends, *waiting]:
            if not end.fork:
                self._edge(end, target)
            elif join_on is not None and self._join(end, waits, target):
                forks[end.fork] = True
            elif end.over & self.joined - waits:
                forks.setdefault(end.fork, False)
                self.pending.append(end)
            else:
                forks.setdefault(end.fork, False)
                self._edge(end, target, EdgeKind.UNJOINED)
        self.pending[:] = [end for end in self.pending if end not in waiting]
        for fork, is_joined in forks.items():
            if join_on is not None and not is_joined:  # a join that waits for none of the branches starts at once
                self._edge(_End(source=fork), target)

    def _finish(self, ends: Iterable[_End]) -> None:
        """Draw every end that is still loose to the end of its definition."""
        left = [*ends, *self.pending]
        self.pending.clear()
        for end in left:
            self._edge(end, END_ID, EdgeKind.UNJOINED if end.fork else EdgeKind.FLOW)

    def _join(self, end: _End, waits: frozenset[str], target: str) -> bool:
        if waits & end.over:
            self._edge(end, target)
            return True
        # The join waits for a task in the middle of a branch: it goes on when that one is over, and what comes after it
        # in the branch is joined by nobody.
        early = [self.node_of[name] for name in self.node_of if name in waits & end.inside]
        for source in early:
            self._edge(_End(source=source), target)
        if early:
            self._edge(end, target, EdgeKind.UNJOINED)
        return bool(early)

    # -- tasks -------------------------------------------------------------------------------------------------------

    def sequence(
        self, tasks: Iterable[WorkflowTask], ends: tuple[_End, ...]
    ) -> tuple[str | None, tuple[NestedTask, ...], tuple[_End, ...]]:
        """Draw tasks one after the other; return where they are entered, their steps and their loose ends."""
        entry: str | None = None
        steps: list[NestedTask] = []
        for task in tasks:
            piece = self._task(task, ends)
            entry = entry or piece.entry
            steps.append(piece.step)
            ends = piece.ends
        return entry, tuple(steps), ends

    def _task(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        kind = kind_of(task.type)
        if kind is NodeKind.SWITCH and any(block.tasks or block.kind == "case" for block in blocks(task)):
            return self._switch(task, ends)
        if kind is NodeKind.FORK:
            return self._fork(task, ends)
        if kind is NodeKind.LOOP:
            return self._loop(task, ends)
        if kind is NodeKind.DYNAMIC_FORK and self.forked.get(task.task_reference_name):
            return self._dynamic(task, ends)
        piece = self._leaf(task, ends)
        if kind is NodeKind.SUB_WORKFLOW and task.sub_workflow_param:
            self.children[piece.entry] = task.sub_workflow_param
        return piece

    def _leaf(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        node = self._add(task, self._reserve(task))
        kind = kind_of(task.type)
        self._connect(ends, node, task.join_on if kind in {NodeKind.JOIN, NodeKind.MERGE} else None)
        end = _End(source=node, over=frozenset({task.task_reference_name}))
        # Nothing follows it in the flow; the line to the end goes past whatever stands between.
        if kind is NodeKind.TERMINATE:
            self._edge(evolve(end, early=True), END_ID)
            return _Piece(entry=node, step=NestedTask(node=node), ends=())
        return _Piece(entry=node, step=NestedTask(node=node), ends=(end,))

    def _switch(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        node = self._add(task, self._reserve(task))
        self._connect(ends, node)
        branches: list[Branch] = []
        after: list[_End] = []
        for block in blocks(task):
            cases = (block.label,) if block.kind == "case" else ()
            start = _End(source=node, cases=cases, otherwise=block.kind == "default")
            _, steps, loose = self.sequence(block.tasks, (start,))
            branches.append(Branch(kind=block.kind, label=block.label, steps=steps))
            # A join that names the switch means whichever case ran, so each of their ends stands for the switch, too.
            after += [evolve(end, over=end.over | {task.task_reference_name}) for end in loose]
        return _Piece(entry=node, step=NestedTask(node=node, branches=tuple(branches)), ends=tuple(after))

    def _fork(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        node = self._add(task, self._reserve(task))
        self._connect(ends, node)
        branches: list[Branch] = []
        after: list[_End] = []
        for number, block in enumerate(blocks(task), 1):
            _, steps, loose = self.sequence(block.tasks, (_End(source=node),))
            branches.append(Branch(kind=block.kind, label=str(number), steps=steps))
            inside = frozenset(visit.task.task_reference_name for visit in walk(block.tasks))
            after += [evolve(end, fork=node, inside=inside) for end in loose if block.tasks]
        step = NestedTask(node=node, branches=tuple(branches))
        return _Piece(entry=node, step=step, ends=tuple(after) or (_End(source=node),))

    def _dynamic(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        node = self._add(task, self._reserve(task))
        self._connect(ends, node)
        pieces = [self._leaf(instance, (_End(source=node),)) for instance in self.forked[task.task_reference_name]]
        branches = (Branch(kind="branch", label=str(i), steps=(piece.step,)) for i, piece in enumerate(pieces, 1))
        after = tuple(end for piece in pieces for end in piece.ends)
        return _Piece(entry=node, step=NestedTask(node=node, branches=tuple(branches)), ends=after)

    def _loop(self, task: WorkflowTask, ends: tuple[_End, ...]) -> _Piece:
        node = self._reserve(task)
        # The box is there before its body, so outer boxes come before inner ones; the node comes after it, for it
        # decides after each round.
        outer, self.container = self.container, self._box(task, node)
        entry, steps, loose = self.sequence(task.loop_over, ends)
        self._add(task, node)
        self._connect(loose, node)
        self._edge(_End(source=node), entry or node, EdgeKind.BACK)
        body = Branch(kind="body", label="", steps=steps)
        step = NestedTask(node=node, branches=(body,), container=self.container, last=node)
        self.container = outer
        end = _End(source=node, over=frozenset({task.task_reference_name}))
        return _Piece(entry=entry or node, step=step, ends=(end,))

    def _box(self, task: WorkflowTask, node: str) -> str:
        box = f"c_{node.removeprefix('n_')}"
        name = next(line for line in lines_for(task) if line.role is not LineRole.TYPE)
        condition = (LabelLine(LineRole.DETAIL, text) for text in lines_of(detail_of(task), width=24, count=5))
        self.containers.append(
            Container(
                id=box,
                kind=ContainerKind.LOOP,
                lines=(name, *condition),
                tooltip=tooltip_for(task),
                parent=self.container,
                node=node,
            )
        )
        return box

    # -- the whole ---------------------------------------------------------------------------------------------------

    def whole(self, definition: WorkflowDef) -> Picture:
        """Draw a definition from its start to its end."""
        _, steps, loose = self.sequence(definition.tasks, (_End(source=START_ID),))
        self._finish(loose)
        first = Node(
            id=START_ID, kind=NodeKind.START, key=self.keys.take("start"), lines=(LabelLine(LineRole.NAME, "start"),)
        )
        last = Node(id=END_ID, kind=NodeKind.END, key=self.keys.take("end"), lines=(LabelLine(LineRole.NAME, "end"),))
        return Picture(
            about=about_definition(definition),
            title=clean(f"{definition.name} version {definition.version}" if definition.version else definition.name),
            nodes=(first, *self.nodes, last),
            edges=tuple(self.edges.values()),
            containers=tuple(self.containers),
            steps=steps,
        )


@define
class _Opening:
    """Draws definitions with the sub-workflows in them open."""

    catalogue: Catalogue
    #: Nodes that were drawn so far.
    drawn: int = 0

    def picture(
        self,
        definition: WorkflowDef,
        expand: int,
        forked: Mapping[str, Sequence[WorkflowTask]],
        around: frozenset[tuple[str, int]] = frozenset(),
    ) -> Picture:
        """Make a picture; *around* are the definitions, by name and version, that this one stands in."""
        joins = [
            visit.task
            for visit in walk(definition.tasks)
            if kind_of(visit.task.type) in {NodeKind.JOIN, NodeKind.MERGE}
        ]
        builder = _Builder(forked=forked, joined=frozenset(name for join in joins for name in join.join_on))
        picture = builder.whole(definition)
        self.drawn += len(picture.nodes)
        around |= {(definition.name, definition.version)}
        inner: dict[str, Picture] = {}
        for node, params in builder.children.items() if expand > 0 else ():
            child = self.catalogue.child(params)
            # One that runs itself by its name is opened once; definitions that hold each other have an end.
            is_again = child is not params.workflow_definition and child and (child.name, child.version) in around
            if child is not None and not is_again and self.drawn <= _EXPANDED_MAX:
                inner[node] = self.picture(child, expand - 1, {}, around)
        return grafted(picture, inner)


def draw_definition(
    definition: WorkflowDef,
    *,
    expand: int = 0,
    forked: Mapping[str, Sequence[WorkflowTask]] | None = None,
    catalogue: Catalogue | None = None,
) -> Picture:
    """
    Make the picture of a definition.

    Args:
        definition: Any definition that could be read, also a wrong one.
        expand: How many levels of sub-workflows are shown open, where their definitions are known.
        forked: Branches that a run made of dynamic forks, by the fork's reference name.
        catalogue: Definitions of the sub-workflows that are not held inline.
    """
    return _Opening(catalogue or Catalogue()).picture(definition, expand, forked or {})
