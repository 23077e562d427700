"""The picture of two runs: one graph with the ways of both, and each step with what differs of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Unpack

from attrs import evolve

from podium.diff import RunChange, RunDiff
from podium.diff.run_steps import RunStep
from podium.diff.steps import Comparison
from podium.model.attempts import TaskRun
from podium.model.definitions import WorkflowDef
from podium.model.runs import WorkflowRun
from podium.render.attempts import stand_in
from podium.render.diff_merge import merge, with_new_names
from podium.render.diff_pictures import DiffPicture
from podium.render.naming import clean, lines_of, shorten
from podium.render.options import Options, RenderOptions, read_options
from podium.render.overlay import draw_alike
from podium.render.palette import NOT_STARTED, RUN_CHANGES, style_of
from podium.render.picture import Edge, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.undoing import with_its_undo

#: Most first differences above the picture, and most facts in a node.
_ABOVE_MAX: Final = 3
_FACTS_MAX: Final = 3


def draw_run_diff(diff: RunDiff, **options: Unpack[RenderOptions]) -> DiffPicture:
    """
    Draw two runs as one picture.

    Raises:
        RenderError: An option is wrong.
    """
    chosen = read_options(options)
    return DiffPicture(diff=diff, picture=run_diff_picture(diff, chosen), options=chosen)


def run_diff_picture(diff: RunDiff, options: Options) -> Picture:
    """Make the picture of two runs: A and B in one shape, each node with how it went in both."""
    shape, a, b = _alike(diff)
    drawn_a, drawn_b = draw_alike((a, b), shape, evolve(options, iteration={}))
    steps: defaultdict[str, list[RunStep]] = defaultdict(list)
    for step in diff.steps:
        steps[step.reference].append(step)
        if step.place != step.reference:
            steps[step.place].append(step)
    nodes = tuple(
        _node(one, other, steps.get(one.reference, ())) for one, other in zip(drawn_a.nodes, drawn_b.nodes, strict=True)
    )
    status_of = {node.id: node.status for node in nodes}
    origins = frozenset(node.id for node in nodes if any(step.is_origin for step in steps.get(node.reference, ())))
    picture = evolve(
        drawn_b,
        title=clean(_title(diff)),
        subtitle=tuple(_above(diff)),
        about=(),
        nodes=nodes,
        edges=tuple(_edge(one, other) for one, other in zip(drawn_a.edges, drawn_b.edges, strict=True)),
        containers=tuple(
            evolve(box, lines=box.lines[:1], status=status_of.get(box.node)) for box in drawn_b.containers
        ),
        focus=origins,
        status=None,
        legend_note="thick: both runs went this way; thin: the one that is written there; grey: none",
    )
    return with_its_undo(picture, diff.b, shape.workflow_definition, options) if options.undo else picture


def _title(diff: RunDiff) -> str:
    names = dict.fromkeys(
        f"{run.workflow_name} version {run.workflow_version}" if run.workflow_definition else "a run"
        for run in (diff.a, diff.b)
    )
    return f"{' and '.join(names)}: {f'what {diff.name_b}' if diff.name_b else 'two runs'}"


def _above(diff: RunDiff) -> Iterator[str]:
    for letter, run, name in (("A", diff.a, diff.name_a), ("B", diff.b, diff.name_b)):
        style = style_of(run.status)
        reason = f": {run.reason}" if run.reason else ""
        yield shorten(f"{letter}: {name or f'run {run.workflow_id}'} {style.icon} {style.word}{reason}", 160)
    yield from (shorten(f"{number}. {text}", 160) for number, text in enumerate(diff.first[:_ABOVE_MAX], 1))


# -- one shape for both ------------------------------------------------------------------------------------------------


def _alike(diff: RunDiff) -> tuple[WorkflowRun, WorkflowRun, WorkflowRun]:
    """Return a run with all tasks of both, and both, all with the definition that has the steps of both."""
    old = diff.a.workflow_definition or stand_in(diff.a)
    new = diff.b.workflow_definition or stand_in(diff.b)
    definition, names = new, dict[str, str]()
    if old.tasks != new.tasks:
        comparison = Comparison.of(old, new)
        definition = merge(comparison, with_new_names(comparison))
        names = {was[0]: now[0] for now, was in comparison.matching.old_of.items() if was[0] != now[0]}
    a, b = _as_of(diff.a, definition, names), _as_of(diff.b, definition, {})
    return _union(a, b), a, b


def _as_of(run: WorkflowRun, definition: WorkflowDef, names: Mapping[str, str]) -> WorkflowRun:
    tasks = tuple(_renamed(task, names) for task in run.tasks) if names else run.tasks
    return evolve(run, workflow_definition=definition, tasks=tasks)


def _renamed(task: TaskRun, names: Mapping[str, str]) -> TaskRun:
    place = task.workflow_task.task_reference_name if task.workflow_task else task.reference_task_name
    turn = task.reference_task_name.removeprefix(place)
    return evolve(task, reference_task_name=f"{names[place]}{turn}") if place in names else task


def _union(a: WorkflowRun, b: WorkflowRun) -> WorkflowRun:
    """Return a run that came to all that one of two came to; forks have the branches of both."""
    known = {task.reference_task_name: task for task in a.tasks}
    names = {task.reference_task_name for task in b.tasks}
    alone = (task for task in a.tasks if task.reference_task_name not in names)
    return evolve(b, tasks=(*alone, *(_with_branches(task, known.get(task.reference_task_name)) for task in b.tasks)))


def _with_branches(task: TaskRun, twin: TaskRun | None) -> TaskRun:
    """Return a dynamic fork with the branches of its twin too; any other task as it is."""
    own = task.input_data.get("forkedTasks")
    others = None if twin is None else twin.input_data.get("forkedTasks")
    if not isinstance(own, list) or not isinstance(others, list):
        return task
    return evolve(task, input_data={**task.input_data, "forkedTasks": list(dict.fromkeys([*others, *own]))})


# -- nodes and lines ---------------------------------------------------------------------------------------------------


def _node(a: Node, b: Node, steps: Sequence[RunStep]) -> Node:
    """Return a node with how its step went in both runs, and what differs."""
    if a.kind is NodeKind.END:
        return _end(a, b)
    if a.nested or a.kind is NodeKind.START or a.status is None:
        return b
    plain = tuple(line for line in (a if len(a.lines) < len(b.lines) else b).lines if _is_defined(line, a, b))
    changed = [step for step in steps if step.change is not RunChange.SAME]
    if not steps:
        return evolve(b, lines=plain, status=NOT_STARTED, reason="", attempts=0)
    facts = [fact for step in changed for fact in step.facts if step.a is not None and step.b is not None]
    ways = [f"{step.a.way} -> {step.b.way}" for step in changed if step.a and step.b and step.a.way != step.b.way]
    told = (*_ends(a, b), *(LabelLine(LineRole.FACT, text) for text in ways[:1]), *_short(facts))
    change = _change(steps)
    return evolve(
        b,
        lines=(*plain, *told),
        tooltip=(*_tooltip(b), *_words(changed), *facts),
        status=None if change is RunChange.SAME else change.value,
        reason="",
    )


def _change(steps: Sequence[RunStep]) -> RunChange:
    """Return what differs most among the turns of a step; that one run had more of them is another way."""
    changes = {step.change for step in steps}
    alone = changes & {RunChange.ONLY_A, RunChange.ONLY_B}
    if alone and (len(changes) > len(alone) or len(alone) > 1):
        changes = changes - alone | {RunChange.OTHER_WAY}
    return min(changes, key=list(RunChange).index)


def _is_defined(line: LabelLine, a: Node, b: Node) -> bool:
    """Return whether a line stands in the node whatever the run did: both have it, and it is no status."""
    return line.role not in {LineRole.STATUS, LineRole.REASON} and line in a.lines and line in b.lines


def _ends(a: Node, b: Node) -> Iterator[LabelLine]:
    """Say how the step ended in each run; in one line if it did so alike."""
    one, other = (_status(node) for node in (a, b))
    if a.status == b.status and a.attempts == b.attempts and a.status != NOT_STARTED:
        style = style_of(a.status or NOT_STARTED)
        yield LabelLine(LineRole.STATUS, f"{style.icon} {style.word} in both".strip())
        return
    for letter, text in (("A", one), ("B", other)):
        if text:
            yield LabelLine(LineRole.STATUS, f"{letter} {text}")
    for letter, node in (("A", a), ("B", b)):
        if node.reason and node.kind is not NodeKind.END:
            yield from (
                LabelLine(LineRole.REASON, text) for text in lines_of(f"{letter}: {node.reason}", width=34, count=2)
            )


def _status(node: Node) -> str:
    return " ".join(line.text for line in node.lines if line.role is LineRole.STATUS)


def _short(facts: list[str]) -> Iterator[LabelLine]:
    values = [fact for fact in facts if fact.startswith(("input ", "output ", "took ", "waited "))]
    for fact in values[:_FACTS_MAX]:
        yield from (LabelLine(LineRole.FACT, text) for text in lines_of(fact, width=36, count=2))
    if len(values) > _FACTS_MAX:
        yield LabelLine(LineRole.FACT, f"and {len(values) - _FACTS_MAX} more")


def _words(changed: list[RunStep]) -> list[str]:
    return list(dict.fromkeys(RUN_CHANGES[step.change].word for step in changed)) or ["no difference"]


def _tooltip(node: Node) -> tuple[str, ...]:
    return node.tooltip[:1]


def _end(a: Node, b: Node) -> Node:
    is_same = a.status == b.status
    lines = [*b.lines[:1], *(_ends(a, b))]
    return evolve(b, lines=tuple(lines), status=None if is_same else RunChange.OTHER_END.value, reason="")


def _edge(a: Edge, b: Edge) -> Edge:
    """Return a line with which of the two runs went along it."""
    if a.taken is None and b.taken is None:
        return b
    if bool(a.taken) == bool(b.taken):
        return evolve(b, taken=bool(b.taken))
    return evolve(b, taken=None, told="only A" if a.taken else "only B")
