"""A picture as an indented outline: for terminals, diffs and screen readers."""

from __future__ import annotations

from collections.abc import Iterator

from podium.render.naming import shorten
from podium.render.palette import NOT_STARTED
from podium.render.picture import LineRole, Node, NodeKind, Picture
from podium.render.steps import Branch, NestedTask

_INDENT = "  "
#: Nodes that stand for many tasks, or for none.
_NO_TASKS = frozenset({NodeKind.GAP, NodeKind.NOTE, NodeKind.COLLAPSED})


def outline_text(picture: Picture) -> str:
    """
    Return the picture as an outline, ending with a line end.

    Every task has one line: its name, its type, what tells it from others, and in a run its status in words. Cases,
    branches and loop bodies are indented below it.
    """
    return "".join(f"{line}\n" for line in _lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield picture.title
    yield from picture.subtitle
    yield from _steps(picture.steps, picture, _INDENT)
    if not picture.steps:
        yield f"{_INDENT}(no tasks)"
    if picture.run_only:
        yield "Only in this run; its definition has no such task:"
        yield from _steps(picture.run_only, picture, _INDENT)
    titles = {box.id: box.title for box in picture.containers}
    for aside in picture.asides:
        yield f"{titles[aside.container]}:"
        for step in aside.steps:
            node = picture.node(step.node)
            is_note = node.kind is NodeKind.NOTE
            yield from (
                (f"{_INDENT}{line.text}" for line in node.lines) if is_note else _steps((step,), picture, _INDENT)
            )


def _steps(steps: tuple[NestedTask, ...], picture: Picture, indent: str) -> Iterator[str]:
    for step in steps:
        node = picture.node(step.node)
        yield f"{indent}- {_headline(node, picture)}"
        if node.reason:
            yield f"{indent}{_INDENT}reason: {shorten(node.reason, 200)}"
        for branch in step.branches:
            yield from _branch(branch, node, picture, indent + _INDENT)


def _branch(branch: Branch, node: Node, picture: Picture, indent: str) -> Iterator[str]:
    heading = _heading(branch, node)
    if not heading:
        yield from _steps(branch.steps, picture, indent)
    elif branch.steps:
        yield f"{indent}{heading}:"
        yield from _steps(branch.steps, picture, indent + _INDENT)
    else:
        yield f"{indent}{heading}: go on"


def _heading(branch: Branch, node: Node) -> str:
    if branch.kind == "case":
        return f"case {shorten(branch.label, 60) or '(empty)'}"
    if branch.kind == "branch" and node.kind is NodeKind.FORK:
        return f"branch {branch.label}"
    if branch.kind == "calls":  # of an estate: where and how a workflow runs another
        return shorten(branch.label, 120)
    return "otherwise" if branch.kind == "default" else ""


def _headline(node: Node, picture: Picture) -> str:
    facts = [line.text for line in node.lines if line.role is LineRole.FACT]
    if node.detail:
        facts.insert(0, shorten(node.detail, 120))
    if node.join_on:
        facts.append(f"waits for {shorten(', '.join(node.join_on), 120)}")
    if node.kind is NodeKind.TERMINATE:
        facts.append("ends the workflow")
    if node.id in picture.unjoined:
        facts.append("no join waits for it")
    has_type = node.task_type or node.kind not in _NO_TASKS
    kind = f"[{shorten(node.task_type, 60) or 'no type'}]" if has_type else ""
    words = [node.name, kind, ", ".join(facts)]
    text = " ".join(word for word in words if word)
    status = "not started" if node.status == NOT_STARTED else _status(node)
    return f"{text} - {status}" if status else text


def _status(node: Node) -> str:
    return " ".join(line.text for line in node.lines if line.role is LineRole.STATUS)
