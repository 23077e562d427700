"""What is drawn of a flow with thousands of tasks: its stretches, what it is made of, and how to look closer."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from typing import Final

from podium.model.texts import count_of
from podium.render.folding import Folding
from podium.render.legends import with_note
from podium.render.naming import lines_of, shorten
from podium.render.picture import LabelLine, LineRole, Node, NodeKind, Picture, tasks_of
from podium.render.steps import NestedTask, nodes_inside

#: Most tasks of a picture that are drawn one by one unasked.
TASKS_MAX: Final = 1_000
#: Into how many stretches a longer flow is cut.
_STRETCHES: Final = 20
_TYPES_MAX: Final = 8
_DEPTHS_MAX: Final = 6


def summarized(picture: Picture) -> Picture:
    """Return a picture that can be read of one that cannot: its outermost level in about 20 stretches, and a table."""
    return with_table(in_stretches(picture), picture)


def in_stretches(picture: Picture) -> Picture:
    """Return the outermost level of a picture in about 20 stretches."""
    folding = Folding(picture)
    tasks = sum(tasks_of(node) for node in picture.nodes)
    steps: list[NestedTask] = []
    stretch: list[NestedTask] = []
    size = 0
    for step, after in zip(picture.steps, (*picture.steps[1:], None), strict=True):
        stretch.append(step)
        size += sum(tasks_of(picture.node(name)) for name in nodes_inside((step,)))
        is_cut = after is not None and picture.closes(step, after)  # a fork and its join belong together
        if size >= tasks / _STRETCHES and not is_cut:
            steps.append(_stretch(folding, stretch))
            stretch, size = [], 0
    if stretch:
        steps.append(_stretch(folding, stretch))
    return folding.result(tuple(steps))


def _stretch(folding: Folding, steps: list[NestedTask]) -> NestedTask:
    picture = folding.picture
    nodes = [picture.node(name) for name in nodes_inside(tuple(steps))]
    first, last = nodes[0], nodes[-1]
    tasks = count_of(sum(tasks_of(node) for node in nodes), "task")
    name = f"{shorten(first.name, 24)} … {shorten(last.name, 24)}"
    way_in = f"between=({_quoted(first.key)}, {_quoted(last.key)})"
    types = Counter(node.task_type for node in nodes if node.task_type)
    stand = folding.stand_for(
        steps,
        NodeKind.COLLAPSED,
        LabelLine(LineRole.NAME, name),
        LabelLine(LineRole.FACT, tasks),
        LabelLine(LineRole.FACT, _most(types, 3)),
        *(LabelLine(LineRole.DETAIL, text) for text in lines_of(way_in, width=46, count=3)),
        tooltip=(f"{tasks} from {first.name} to {last.name}", f"{way_in} shows them", _command("between", first, last)),
    )
    return folding.fold(steps, stand)


def _quoted(text: str) -> str:
    """Return a text as Python would be written by hand."""
    return repr(text) if '"' in text or "\\" in text else f'"{text}"'


def _command(option: str, *nodes: Node) -> str:
    """Return the same for those who draw with the command ``podium render``."""
    return f"podium render … --{option} {' '.join(shlex.quote(node.key) for node in nodes)}"


def _most(types: Counter[str], number: int) -> str:
    """Count the most frequent types: ``300 SIMPLE, 20 HTTP, 5 others``."""
    ranked = sorted(types.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{count:,} {shorten(name, 30)}" for name, count in ranked[:number]]
    rest = sum(count for _, count in ranked[number:])
    return ", ".join([*words, f"{rest:,} others"] if rest else words)


def with_table(picture: Picture, whole: Picture) -> Picture:
    """Put a table of what *whole* is made of, and how to look closer, beside a picture."""
    tasks = [node for node in whole.nodes if node.task_type]
    types = Counter(node.task_type for node in tasks)
    ranked = sorted(types.items(), key=lambda item: (-item[1], item[0]))
    lines = [LabelLine(LineRole.FACT, f"{count:,} {shorten(name, 40)}") for name, count in ranked[:_TYPES_MAX]]
    if len(ranked) > _TYPES_MAX:
        rest = sum(count for _, count in ranked[_TYPES_MAX:])
        lines.append(LabelLine(LineRole.FACT, f"{rest:,} of {count_of(len(ranked) - _TYPES_MAX, 'other type')}"))
    depths = Counter(_depths(whole.steps, 0))
    lines.append(LabelLine(LineRole.NAME, "By depth"))
    lines += [LabelLine(LineRole.FACT, f"{depths[depth]:,} at depth {depth}") for depth in sorted(depths)[:_DEPTHS_MAX]]
    if len(depths) > _DEPTHS_MAX:
        rest = sum(depths[depth] for depth in sorted(depths)[_DEPTHS_MAX:])
        lines.append(LabelLine(LineRole.FACT, f"{rest:,} deeper"))
    one, other = _example(whole)
    lines += [
        LabelLine(LineRole.NAME, "To look closer"),
        LabelLine(LineRole.FACT, f'focus="{shorten(one.key, 30)}", hops=3'),
        LabelLine(LineRole.FACT, f'between=("{shorten(one.key, 24)}", "{shorten(other.key, 24)}")'),
        LabelLine(LineRole.FACT, "collapse=False shows everything"),
        LabelLine(LineRole.FACT, "or --focus, --between, --no-collapse of podium render"),
    ]
    if picture.inside:
        lines.append(LabelLine(LineRole.FACT, "in a browser: click a block of an .svg file"))
    told = (LabelLine(LineRole.NAME, count_of(len(tasks), "task")), *lines)
    return with_note(picture, "about", "too large to draw one by one", told, tooltip=[line.text for line in lines])


def _depths(steps: tuple[NestedTask, ...], depth: int) -> Iterator[int]:
    for step in steps:
        yield depth
        for branch in step.branches:
            yield from _depths(branch.steps, depth + 1)


def _example(picture: Picture) -> tuple[Node, Node]:
    """Return two steps of the outermost level, some way apart."""
    nodes = [picture.node(step.node) for step in picture.steps]
    return nodes[len(nodes) // 3], nodes[len(nodes) // 3 * 2]
