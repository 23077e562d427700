"""Loops, forks and sub-workflows as one node each, so that a large flow can be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from attrs import evolve

from podium.model.errors import RenderError
from podium.model.texts import count_of
from podium.render.folding import Folding
from podium.render.names import nearest
from podium.render.palette import NOT_STARTED
from podium.render.picture import LabelLine, LineRole, Node, NodeKind, Picture, tasks_of
from podium.render.steps import Branch, NestedTask, nodes_inside

#: Most nodes of a picture in which nothing is collapsed unasked.
NODES_MAX: Final = 60
#: Most branches or cases that are drawn one by one unasked.
SIBLINGS_MAX: Final = 12
#: Most of many branches that are drawn beside the node that stands for the others, because they matter.
_SHOWN_MAX: Final = 3

_Choice = Callable[[NestedTask, int], bool]


def collapse_by_default(picture: Picture, *, protected: Collection[str] = ()) -> Picture:
    """
    Collapse what makes a picture too large to read.

    More than 12 branches become one node. If more than 60 nodes are left, loops, forks and sub-workflows are collapsed,
    the innermost first, until 60 are left; if that is not enough, switches too.

    Args:
        picture: The whole.
        protected: Ids of nodes that stay in sight.
    """
    picture = _fold_siblings(picture, frozenset(protected))
    if len(picture.nodes) <= NODES_MAX:
        return picture
    return _rewritten(picture, _smallest_change(picture, frozenset(protected)))


def collapse_all(picture: Picture) -> Picture:
    """Collapse every loop, fork and sub-workflow that is not inside another one, and more than 12 cases."""
    return _rewritten(_fold_siblings(picture, frozenset()), lambda step, _: not _is_switch(picture, step))


def collapse_named(picture: Picture, names: Collection[str]) -> Picture:
    """
    Collapse the structures with these names, and nothing else.

    Raises:
        RenderError: A name is unknown, or that of a task without anything inside.
    """
    by_name: dict[str, set[str]] = {}
    for step, _ in _structures(picture.steps, 1):
        node = picture.node(step.node)
        for name in {node.key, node.reference}:
            by_name.setdefault(name, set()).add(step.node)
    wanted: set[str] = set()
    for name in names:
        if name not in by_name:
            raise RenderError(_no_structure(picture, name, list(by_name)))
        wanted |= by_name[name]
    return _rewritten(picture, lambda step, _: step.node in wanted)


def _no_structure(picture: Picture, name: str, known: list[str]) -> str:
    if any(name in {node.key, node.reference} for node in picture.nodes):
        return f"collapse={name!r} names a task that has nothing inside; a loop, fork, switch or open sub-workflow has"
    return f"collapse={name!r} names no loop, fork, switch or open sub-workflow of this picture{nearest(name, known)}"


def _structures(steps: tuple[NestedTask, ...], depth: int) -> Iterator[tuple[NestedTask, int]]:
    """Yield each step with steps inside, and how many structures are around it, from 1."""
    for step in steps:
        if _has_inside(step):
            yield step, depth
        for branch in step.branches:
            yield from _structures(branch.steps, depth + 1)


def _has_inside(step: NestedTask) -> bool:
    return any(branch.steps for branch in step.branches)


def _is_switch(picture: Picture, step: NestedTask) -> bool:
    return picture.node(step.node).kind is NodeKind.SWITCH


# -- how much ----------------------------------------------------------------------------------------------------------


def _smallest_change(picture: Picture, protected: frozenset[str]) -> _Choice:
    """Return the choice that leaves 60 nodes or fewer and as much as possible open; if there is none, the coarsest."""

    def choice(depth: int, *, switches: bool) -> _Choice:
        def is_chosen(step: NestedTask, at: int) -> bool:
            is_asked = bool(protected) and not protected.isdisjoint(nodes_inside((step,)))
            return at >= depth and not is_asked and (switches or not _is_switch(picture, step))

        return is_chosen

    # The innermost first, and switches last: which way a flow goes tells more than what it repeats.
    deepest = max((depth for _, depth in _structures(picture.steps, 1)), default=1)
    choices = [choice(depth, switches=switches) for switches in (False, True) for depth in range(deepest, 0, -1)]
    return next((each for each in choices if _size(picture.steps, each, 1) + 2 <= NODES_MAX), choices[-1])


def _size(steps: tuple[NestedTask, ...], is_chosen: _Choice, depth: int) -> int:
    """Count the nodes that are left."""
    total = 0
    for step in steps:
        total += 1
        if not (_has_inside(step) and is_chosen(step, depth)):
            total += bool(step.last and step.last != step.node)
            total += sum(_size(branch.steps, is_chosen, depth + 1) for branch in step.branches)
    return total


# -- the act -----------------------------------------------------------------------------------------------------------


def _rewritten(picture: Picture, is_chosen: _Choice) -> Picture:
    folding = Folding(picture)

    def rewrite(steps: tuple[NestedTask, ...], depth: int) -> tuple[NestedTask, ...]:
        out: list[NestedTask] = []
        left = list(steps)
        while left:
            step = left.pop(0)
            if _has_inside(step) and is_chosen(step, depth):
                join = left.pop(0) if left and picture.closes(step, left[0]) else None
                out.append(_folded(folding, step, join))
            else:
                out.append(step.with_inner(lambda inner: rewrite(inner, depth + 1)))
        return tuple(out)

    return folding.result(rewrite(picture.steps, 1))


def _folded(folding: Folding, step: NestedTask, join: NestedTask | None) -> NestedTask:
    picture = folding.picture
    node = picture.node(step.node)
    steps = (step, join) if join else (step,)
    tasks = sum(tasks_of(picture.node(name)) for name in nodes_inside(steps))
    inside = count_of(tasks - 1 - bool(join), "task")
    lines = list(node.lines)
    kind = node.kind
    if node.kind is NodeKind.LOOP:
        box = next(box for box in picture.containers if box.id == step.container)
        lines += [line for line in box.lines if line.role is LineRole.DETAIL]
        lines.append(LabelLine(LineRole.FACT, f"{inside} in the loop"))
    elif node.kind is NodeKind.ENTER:
        kind = NodeKind.SUB_WORKFLOW
        lines.append(LabelLine(LineRole.FACT, f"{inside} inside"))
    else:
        kind = NodeKind.COLLAPSED
        word = "case" if node.kind is NodeKind.SWITCH else "branch"
        number = sum(bool(branch.steps) for branch in step.branches)
        if node.kind is NodeKind.SWITCH:
            lines.insert(0, LabelLine(LineRole.TYPE, node.task_type))
        lines.append(LabelLine(LineRole.FACT, f"{count_of(number, word)}, {inside}"))
    around = next((box.parent for box in picture.containers if box.id == step.container), node.container)
    stand = evolve(
        node,
        kind=kind,
        lines=tuple(lines),
        container=around,
        tooltip=(*node.tooltip, f"collapsed: {inside} inside"),
    )
    closing = join.node if join else step.last
    return folding.fold(steps, stand, closing=closing)


# -- many branches -----------------------------------------------------------------------------------------------------


def _fold_siblings(picture: Picture, protected: frozenset[str]) -> Picture:
    folding = Folding(picture)

    def rewrite(steps: tuple[NestedTask, ...]) -> tuple[NestedTask, ...]:
        return tuple(_with_few(folding, step, protected).with_inner(rewrite) for step in steps)

    steps = rewrite(picture.steps)
    return folding.result(steps) if steps != picture.steps else picture


def _with_few(folding: Folding, step: NestedTask, protected: frozenset[str]) -> NestedTask:
    """Return a step with one branch in place of those that are very many; those that matter stay."""
    picture = folding.picture
    if sum(bool(branch.steps) for branch in step.branches) <= SIBLINGS_MAX:
        return step
    kept = _that_matter(picture, step, protected)
    many = [branch for branch in step.branches if branch.steps and branch not in kept]
    stand = _as_one(folding, step, many)
    folded = folding.fold([each for branch in many for each in branch.steps], stand, is_sequence=False)
    group = Branch(kind="group", label="", steps=(folded,))
    # It stands where the first of them stood, so the others keep their order.
    place = step.branches.index(many[0])
    before, after = (
        [each for each in part if each not in many] for part in (step.branches[:place], step.branches[place:])
    )
    return evolve(step, branches=(*before, group, *after))


def _that_matter(picture: Picture, step: NestedTask, protected: frozenset[str]) -> list[Branch]:
    """Return branches that somebody asked for or that a run of a switch took."""
    found: list[Branch] = []
    for branch in step.branches:
        inside = nodes_inside(branch.steps)
        asked = not protected.isdisjoint(inside)
        taken = _is_switch(picture, step) and any(
            picture.node(name).status not in {None, NOT_STARTED} for name in inside
        )
        if asked or (taken and len(found) < _SHOWN_MAX):
            found.append(branch)
    return found


def _as_one(folding: Folding, step: NestedTask, many: list[Branch]) -> Node:
    """Make the node that stands for some branches of a step."""
    picture = folding.picture
    node = picture.node(step.node)
    names = [name for branch in many for name in nodes_inside(branch.steps)]
    tasks = sum(tasks_of(picture.node(name)) for name in names)
    number = count_of(len(many), "case" if node.kind is NodeKind.SWITCH else "branch")
    entries = [picture.node(nodes_inside(branch.steps)[0]) for branch in many]
    lines = [LabelLine(LineRole.NAME, number)]
    types = list(dict.fromkeys(each.task_name for each in entries if each.task_name))
    if tasks != len(many):
        lines.append(LabelLine(LineRole.FACT, count_of(tasks, "task")))
    elif len(types) == 1:
        lines.append(LabelLine(LineRole.FACT, f"each {types[0]}"))
    ends = f"from {entries[0].name} to {entries[-1].name}"
    return folding.stand_for(
        many[0].steps,
        NodeKind.COLLAPSED,
        *lines,
        key=f"{node.key} ({number})",
        tooltip=(f"{number} of {node.key}: {count_of(tasks, 'task')}, {ends}",),
        container=step.container or node.container,
    )
