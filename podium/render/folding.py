"""
Many nodes of a picture as one.

Collapsing, focusing and summing up are all the same act: some steps are folded into one node that stands for them, and
the lines that led into or out of them lead to and from that node. So no line is ever guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from attrs import define, evolve, field

from podium.render.naming import shorten
from podium.render.palette import NOT_STARTED, style_of
from podium.render.parts import part_of
from podium.render.picture import Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture, tasks_of
from podium.render.steps import NestedTask, nodes_inside
from podium.render.tallies import TROUBLE, counts, worst


@define
class Folding:
    """Collects what is folded, and makes the picture in which it is."""

    picture: Picture
    #: Id of a hidden node to the node that stands for it, whose id may be the same.
    _stands: dict[str, Node] = field(factory=dict)
    #: Id of a node that stands for steps which follow each other, and these.
    _inside: dict[str, tuple[NestedTask, ...]] = field(factory=dict)

    def fold(
        self, steps: Sequence[NestedTask], node: Node, *, closing: str = "", is_sequence: bool = True
    ) -> NestedTask:
        """
        Let one node stand for steps and all that is inside them.

        Args:
            steps: What is folded.
            node: What stands for it; its id may be that of a folded node. The number of hidden tasks, and in a run
                their counts, status and reason, are added here.
            closing: Id of the folded node that is over when all of it is over: a loop, a join; empty if there is none.
            is_sequence: The steps follow each other, so that they can be drawn alone.
        """
        hidden = [self.picture.node(name) for step in steps for name in nodes_inside((step,))]
        told = with_members(node, hidden, closing=closing)
        for member in hidden:
            self._stands[member.id] = told
        if is_sequence:
            self._inside[node.id] = tuple(steps)
        return NestedTask(node=node.id)

    def stand_for(
        self,
        steps: Sequence[NestedTask],
        kind: NodeKind,
        *lines: LabelLine,
        tooltip: Sequence[str],
        key: str = "",
        container: str | None = None,
    ) -> Node:
        """Return a node that can stand for steps; its key says from where to where they go if no other one is given."""
        nodes = [self.picture.node(name) for name in nodes_inside(tuple(steps))]
        first, last = nodes[0], nodes[-1]
        return Node(
            id=f"g_{first.id}",
            kind=kind,
            key=key or f"{first.key} … {last.key}",
            lines=lines,
            tooltip=tuple(tooltip),
            container=container,
            nested=first.nested,
        )

    def result(self, steps: tuple[NestedTask, ...]) -> Picture:
        """Return the picture of the steps that are left."""
        nodes: dict[str, Node] = {}
        for node in self.picture.nodes:
            stand = self._stands.get(node.id, node)
            nodes.setdefault(stand.id, stand)
        # Boxes of folded steps go with them; boxes beside the flow belong to no step and stay.
        kept = _containers(steps) | {box.id for box in self.picture.containers if not box.node}
        focus = frozenset(self._stands[name].id if name in self._stands else name for name in self.picture.focus)
        return evolve(
            self.picture,
            nodes=tuple(nodes.values()),
            edges=tuple(self._edges().values()),
            containers=tuple(box for box in self.picture.containers if box.id in kept),
            steps=steps,
            focus=focus,
            inside={
                name: partial(part_of, self.picture, inner) for name, inner in self._inside.items() if name in nodes
            },
        )

    def _edges(self) -> dict[tuple[str, str, EdgeKind], Edge]:
        found: dict[tuple[str, str, EdgeKind], Edge] = {}
        for edge in self.picture.edges:
            source, target = self._stands.get(edge.source), self._stands.get(edge.target)
            begin, end = source.id if source else edge.source, target.id if target else edge.target
            # A line from one folded node to another of the same stand says nothing any more.
            if begin == end and (source or target):
                continue
            moved = edge
            if source is not None:  # which case led here is no longer to be seen
                moved = evolve(edge, source=begin, target=end, cases=(), otherwise=False)
            elif target is not None:
                moved = evolve(edge, target=end)
            # Several lines between the same two become one, with all their words: a reader sees which cases lead there.
            key = (begin, end, edge.kind)
            found[key] = _merged(found[key], moved) if key in found else moved
        return found


def _merged(one: Edge, other: Edge) -> Edge:
    # Taken if one of them was: "not taken" would be a lie, and "unknown" would lose what is known.
    taken = one.taken if other.taken is None else other.taken if one.taken is None else one.taken or other.taken
    return evolve(
        one,
        cases=(*one.cases, *(case for case in other.cases if case not in one.cases)),
        otherwise=one.otherwise or other.otherwise,
        early=one.early and other.early,
        taken=taken,
        share=max((each.share for each in (one, other) if each.share is not None), default=None),
        told="",
    )


def _containers(steps: Iterable[NestedTask]) -> set[str]:
    found: set[str] = set()
    for step in steps:
        if step.container:
            found.add(step.container)
        for branch in step.branches:
            found |= _containers(branch.steps)
    return found


def with_members(node: Node, members: list[Node], *, closing: str = "") -> Node:
    """Tell in a node what it stands for: how many tasks, and in a run how far they are."""
    inner = [member for member in members if member.id != node.id]
    own = next((member for member in members if member.id == node.id), node)
    lines = [line for line in node.lines if line.role not in {LineRole.STATUS, LineRole.REASON}]
    tooltip = list(node.tooltip)
    status = _together(members, closing)
    if status is not None:
        told = counts(member.status for member in members if member.status is not None and member.task_type)
        style = style_of(status)
        lines += [LabelLine(LineRole.FACT, told)] if told else []
        lines.append(LabelLine(LineRole.STATUS, f"{style.icon} {style.word}".strip()))
        tooltip += [text for text in (told, style.word) if text and text not in tooltip]
    trouble = _to_blame(members)
    if trouble is not None:
        text = f"{trouble.name}: {trouble.reason}" if trouble.id != node.id else trouble.reason
        lines.append(LabelLine(LineRole.REASON, shorten(text, 60)))
        tooltip.append(text)
    return evolve(
        node,
        hidden=sum(tasks_of(member) for member in inner) + own.hidden,
        lines=tuple(lines),
        tooltip=tuple(tooltip),
        status=status,
        reason=trouble.reason if trouble else "",
    )


def _together(members: list[Node], closing: str) -> str | None:
    """Return the status of many nodes as one; a loop or a join that is over knows better than what is inside it."""
    last = next((member.status for member in members if member.id == closing), None)
    if last not in {None, NOT_STARTED}:
        return last
    statuses = [member.status for member in members if member.status is not None]
    return worst(statuses) if statuses else None


def _to_blame(members: list[Node]) -> Node | None:
    """Return the first node in the worst trouble that gives a reason."""
    bad = [member for member in members if member.status in TROUBLE and member.reason]
    urgent = worst({member.status or "" for member in bad}) if bad else ""
    return next((member for member in bad if member.status == urgent), None)
