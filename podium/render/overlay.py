"""A run laid over the picture of its definition: statuses, the path it took, and the tasks that only it knows."""

from __future__ import annotations

from collections import Counter

from attrs import evolve

from podium.model.definitions import WorkflowDef
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.render.attempts import DRAWN_MAX, Attempts, Mark, as_leaf, attempts_of, stand_in
from podium.render.flow import draw_definition
from podium.render.labels import detail_of, kind_of, lines_for, tooltip_for
from podium.render.naming import clean, escape_id, lines_of, shorten
from podium.render.palette import NOT_STARTED, style_of
from podium.render.picture import (
    Container,
    ContainerKind,
    Edge,
    EdgeKind,
    Kind,
    Line,
    Node,
    Picture,
    Role,
    Step,
)

#: Id of the box around the tasks that only the run knows.
RUN_ONLY_ID = "c_run_only"


def draw_run(run: WorkflowRun, *, expand: int = 0) -> Picture:
    """
    Make the picture of a run: the picture of its definition, plus what happened.

    Args:
        run: Any run; one without its definition is drawn as a chain of its tasks.
        expand: As for `podium.render.flow.draw_definition`.
    """
    definition: WorkflowDef = run.workflow_definition or stand_in(run)
    attempts = attempts_of(run, definition)
    drawn = {fork: attempts.branches(fork) for fork in attempts.forked}
    forked = {
        fork: [as_leaf(mark.newest) for mark in marks] for fork, marks in drawn.items() if len(marks) <= DRAWN_MAX
    }
    plain = draw_definition(definition, expand=expand, forked=forked)
    return _Overlay(run, attempts).over(plain)


class _Overlay:
    def __init__(self, run: WorkflowRun, attempts: Attempts) -> None:
        self.run = run
        self.attempts = attempts

    def over(self, plain: Picture) -> Picture:
        nodes = tuple(self._node(node) for node in plain.nodes)
        by_id = {node.id: node for node in nodes}
        extra, steps = self._run_only()
        boxes = [self._box(box, by_id) for box in plain.containers]
        if extra:
            title = (Line(Role.NAME, "only in this run"), Line(Role.FACT, "its definition has no such task"))
            boxes.append(Container(id=RUN_ONLY_ID, kind=ContainerKind.RUN_ONLY, lines=title))
        return evolve(
            plain,
            subtitle=self._subtitle(),
            nodes=(*nodes[:-1], *extra, nodes[-1]),
            edges=self._edges(plain, by_id),
            containers=tuple(boxes),
            run_only=steps,
            status=self.run.status.value,
        )

    def _subtitle(self) -> tuple[str, ...]:
        style = style_of(self.run.status)
        lines = [f"{clean(f'Run {self.run.workflow_id}')}: {style.icon} {style.word}"]
        if self.run.reason:
            lines += lines_of(self.run.reason, width=100, count=2)
        return tuple(lines)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> Node:
        if node.kind is Kind.START:
            return node
        if node.kind is Kind.END:
            return self._end(node)
        if node.nested:
            return node
        mark = self.attempts.of(node.reference)
        if mark is None:
            return evolve(node, status=NOT_STARTED, tooltip=(*node.tooltip, style_of(NOT_STARTED).word))
        return _marked(node, mark, self.attempts.branches(node.reference) if node.kind is Kind.DYNAMIC_FORK else ())

    def _end(self, node: Node) -> Node:
        status: str = self.run.status.value
        style = style_of(status)
        if self.run.status in {RunStatus.RUNNING, RunStatus.PAUSED}:
            return evolve(node, status=NOT_STARTED, tooltip=(f"the run is {style.word}",))
        lines = (*node.lines, Line(Role.STATUS, clean(f"{style.icon} {style.word}")))
        return evolve(
            node, status=status, lines=lines, tooltip=(f"the run is {style.word}",), reason=clean(self.run.reason or "")
        )

    def _run_only(self) -> tuple[tuple[Node, ...], tuple[Step, ...]]:
        nodes: list[Node] = []
        names = self.attempts.unknown
        for name in names[:DRAWN_MAX]:
            mark = self.attempts.exact[name]
            task = as_leaf(mark.newest)
            node = Node(
                id=f"run_{escape_id(name)}",
                kind=kind_of(task.type),
                reference=name,
                key=f"run:{clean(name)}",
                task_name=task.name,
                task_type=task.type,
                lines=lines_for(task),
                detail=detail_of(task),
                tooltip=tooltip_for(task),
                container=RUN_ONLY_ID,
            )
            nodes.append(_marked(node, mark, ()))
        if len(names) > DRAWN_MAX:
            rest = names[DRAWN_MAX:]
            text = _counts([self.attempts.exact[name].newest for name in rest])
            lines = (Line(Role.NAME, f"{len(rest)} more"), Line(Role.FACT, text))
            nodes.append(Node(id="run_Z_more", kind=Kind.WORKER, key="run:more", lines=lines, container=RUN_ONLY_ID))
        return tuple(nodes), tuple(Step(node=node.id) for node in nodes)

    def _box(self, box: Container, by_id: dict[str, Node]) -> Container:
        node = by_id[box.node]
        if node.nested or node.status is None:
            return box
        lines = box.lines
        if box.kind is ContainerKind.LOOP and node.iteration:
            lines = (*lines, Line(Role.FACT, _iterations(node)))
        if box.kind is ContainerKind.SUB_WORKFLOW:
            lines = (*lines, *(line for line in node.lines if line.role in {Role.STATUS, Role.REASON}))
        return evolve(box, lines=lines, status=node.status)

    # -- edges -------------------------------------------------------------------------------------------------------

    def _edges(self, plain: Picture, by_id: dict[str, Node]) -> tuple[Edge, ...]:
        ways_in = Counter(edge.target for edge in plain.edges if edge.kind is not EdgeKind.BACK)
        labels: dict[str, set[str]] = {}
        for edge in plain.edges:
            labels.setdefault(edge.source, set()).update(edge.cases)
        terminated = any(_done(node) for node in by_id.values() if node.kind is Kind.TERMINATE)

        def taken(edge: Edge) -> bool | None:
            source, target = by_id[edge.source], by_id[edge.target]
            if source.nested or target.nested:
                return None  # inside an expanded sub-workflow: the child's run knows, this one does not
            if edge.kind is EdgeKind.BACK:
                return source.iteration > 1
            if target.kind is Kind.END:
                ended = source.kind is Kind.TERMINATE if terminated else self.run.status is RunStatus.COMPLETED
            else:
                ended = _ran(target)
            chosen = ways_in[edge.target] == 1 or self._chose(edge, source, labels[edge.source])
            return ended and _done(source) and chosen

        return tuple(evolve(edge, taken=taken(edge)) for edge in plain.edges)

    def _chose(self, edge: Edge, source: Node, labels: set[str]) -> bool:
        """Tell whether a switch chose this edge, which leads to a place that other edges lead to as well."""
        mark = self.attempts.of(source.reference) if source.kind is Kind.SWITCH else None
        if mark is None or not mark.chosen:
            return True
        return bool(mark.chosen & set(edge.cases)) or (edge.otherwise and bool(mark.chosen - labels))


def _ran(node: Node) -> bool:
    return node.status not in {None, NOT_STARTED}


def _done(node: Node) -> bool:
    if node.kind is Kind.START:
        return True
    return node.status in _TERMINAL


_TERMINAL = frozenset(status.value for status in TaskStatus if status.is_terminal)
_TROUBLE = frozenset(status.value for status in TaskStatus if not status.is_successful) | {
    TaskStatus.COMPLETED_WITH_ERRORS.value
}


def _marked(node: Node, mark: Mark, branches: tuple[Mark, ...]) -> Node:
    """Write into a node what the run says about it."""
    newest = mark.newest
    status = newest.status.value
    reason = clean(newest.reason_for_incompletion or "") if status in _TROUBLE else ""
    marked = evolve(node, status=status, attempts=mark.attempts, iteration=newest.iteration, reason=reason)
    return evolve(
        marked,
        lines=(*node.lines, *_run_lines(marked, newest, branches)),
        tooltip=(*node.tooltip, *_run_facts(marked, newest, branches)),
    )


def _run_lines(node: Node, newest: TaskRun, branches: tuple[Mark, ...]) -> list[Line]:
    lines: list[Line] = []
    if node.task_type == TaskType.DYNAMIC and newest.task_type != TaskType.DYNAMIC:
        lines.append(Line(Role.FACT, f"runs {shorten(newest.task_type, 30)}"))
    if branches:
        counts = _counts([branch.newest for branch in branches])
        lines += [Line(Role.FACT, f"x {len(branches)}")]
        lines += [Line(Role.FACT, text) for text in lines_of(counts, width=34, count=3)]
    if node.kind is Kind.LOOP and node.iteration:
        lines.append(Line(Role.FACT, _iterations(node)))
    style = style_of(newest.status)
    again = f" x{node.attempts}" if node.attempts > 1 else ""
    lines.append(Line(Role.STATUS, f"{style.icon} {style.word}{again}".strip()))
    lines += [Line(Role.REASON, text) for text in lines_of(node.reason, width=34, count=3)]
    if len(branches) > DRAWN_MAX:
        lines += _troubled(branches)
    return lines


def _troubled(branches: tuple[Mark, ...]) -> list[Line]:
    """Name the first branch in trouble of a fork whose branches are too many to be drawn."""
    for branch in branches:
        if branch.newest.status.value in _TROUBLE:
            text = f"{branch.newest.reference_task_name}: {branch.newest.reason_for_incompletion or 'no reason given'}"
            return [Line(Role.REASON, line) for line in lines_of(text, width=34, count=3)]
    return []


def _run_facts(node: Node, newest: TaskRun, branches: tuple[Mark, ...]) -> list[str]:
    facts = [style_of(newest.status).word]
    if node.attempts > 1:
        facts.append(f"{node.attempts} attempts")
    if node.iteration:
        facts.append(_iterations(node))
    if newest.start_time and newest.end_time >= newest.start_time:
        facts.append(f"took {duration(newest.end_time - newest.start_time)}")
    if branches:
        facts.append(_counts([branch.newest for branch in branches]))
    if node.reason:
        facts.append(node.reason)
    return facts


def _iterations(node: Node) -> str:
    limit = f" of {node.iteration_limit}" if node.kind is Kind.LOOP and node.iteration_limit else ""
    return f"iteration {node.iteration}{limit}"


def _counts(attempts: list[TaskRun]) -> str:
    """Count attempts by status, what is over first: ``8 done, 1 failed, 3 running``."""
    found = Counter(style_of(attempt.status).count_word for attempt in attempts)
    over = sorted(TaskStatus, key=lambda status: not status.is_terminal)
    order = dict.fromkeys(style_of(status).count_word for status in over)
    return ", ".join(f"{found[word]} {word}" for word in order if found[word])


def duration(ms: int) -> str:
    """
    Give milliseconds in the unit that people would use.

    Example:
        >>> duration(62_500)
        '1 min 2 s'
    """
    if ms < 1_000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1_000:.1f} s"
    minutes, seconds = divmod(ms // 1_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
