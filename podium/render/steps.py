"""The nesting of a picture: steps one after the other, with lists of steps inside them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen


@frozen(kw_only=True)
class Branch:
    """One list of steps inside a step."""

    #: ``case``, ``default``, ``branch`` or ``body``.
    kind: str
    label: str
    steps: tuple[NestedTask, ...]


@frozen(kw_only=True)
class NestedTask:
    """One task in the nesting of the picture."""

    node: str
    branches: tuple[Branch, ...] = ()
    #: The box around the branches, or None.
    container: str | None = None
    #: The node that follows the branches inside the box; empty if there is none.
    last: str = ""

    def with_inner(self, change: Callable[[tuple[NestedTask, ...]], tuple[NestedTask, ...]]) -> NestedTask:
        """Return the step with the lists of steps inside it changed."""
        return evolve(self, branches=tuple(evolve(each, steps=change(each.steps)) for each in self.branches))


def nodes_inside(steps: tuple[NestedTask, ...]) -> list[str]:
    """Return the ids of all nodes of *steps*, in the picture's order."""
    found: list[str] = []
    for step in steps:
        inner = [node for branch in step.branches for node in nodes_inside(branch.steps)]
        found += [*inner, step.node] if step.last == step.node else [step.node, *inner]
        if step.last and step.last != step.node:
            found.append(step.last)
    return found


def entry_of(step: NestedTask) -> str:
    """Return the node at which a step is entered; a loop is entered at its body."""
    while step.last == step.node and step.branches[0].steps:
        step = step.branches[0].steps[0]
    return step.node


def ends_of(step: NestedTask) -> list[str]:
    """Return the nodes at which a step may end."""
    if step.last:
        return [step.last]
    inner = [end for branch in step.branches if branch.steps for end in ends_of(branch.steps[-1])]
    return [step.node, *inner]


def inside_of(step: NestedTask) -> tuple[NestedTask, ...]:
    """Return the steps inside a box, with the nodes at which it is entered and left."""
    before = () if step.last == step.node else (NestedTask(node=step.node),)
    body = tuple(each for branch in step.branches for each in branch.steps)
    return (*before, *body, NestedTask(node=step.last)) if step.last else (*before, *body)


@frozen(kw_only=True)
class SideBox:
    """A box of steps that stands beside the flow."""

    container: str
    steps: tuple[NestedTask, ...]
