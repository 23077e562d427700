"""
Where each task of a definition stands, and what that says about the order of things.

A definition is a tree of lists. A task in a list starts after all tasks before it have ended; the branches of a fork
run at the same time; one case of a switch runs. So the order in which two tasks run, and whether one has surely run
before the other (whether it *dominates* it), can be read off the place at which their paths through the tree part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto

import attrs

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import FORKS, SWITCHES
from podium.model.walk import TaskList, blocks


@attrs.frozen(eq=False)
class Level:
    """One list of tasks."""

    #: The tasks, in order.
    tasks: tuple[WorkflowTask, ...]
    #: The structure whose list it is; None for the workflow's own.
    owner: TaskPosition | None = None
    #: Which of its lists; None for the workflow's own.
    block: TaskList | None = None


@attrs.frozen(eq=False)
class TaskPosition:
    """One task in its list."""

    task: WorkflowTask
    #: Path in the JSON.
    path: str
    level: Level
    index: int
    #: Position in the document, from 0.
    order: int
    #: The structures around it, outermost first, and itself as the last one.
    line: tuple[TaskPosition, ...] = ()

    @property
    def name(self) -> str:
        """The reference name."""
        return self.task.task_reference_name

    @property
    def before(self) -> tuple[WorkflowTask, ...]:
        """The tasks before it in its list."""
        return self.level.tasks[: self.index]

    @property
    def previous(self) -> WorkflowTask | None:
        """The task just before it in its list."""
        return self.level.tasks[self.index - 1] if self.index else None

    @property
    def following(self) -> WorkflowTask | None:
        """The task just behind it in its list."""
        rest = self.level.tasks[self.index + 1 : self.index + 2]
        return rest[0] if rest else None

    @property
    def end_of_level(self) -> TaskPosition:
        """A place behind the last task of its list, to read from when the list has ended."""
        last = TaskPosition(self.task, self.path, self.level, len(self.level.tasks), self.order)
        return attrs.evolve(last, line=(last,))

    @property
    def in_loop(self) -> bool:
        """It runs again in the next iteration of a loop around it."""
        return any(each.task.type == TaskType.DO_WHILE for each in self.line[:-1])


class Relation(Enum):
    """How one task stands to another."""

    SAME = auto()
    #: The first one is a structure around the second.
    AROUND = auto()
    #: The first one is inside the second.
    INSIDE = auto()
    BEFORE = auto()
    AFTER = auto()
    #: In another branch of the same fork.
    PARALLEL = auto()
    #: In another case of the same switch.
    EXCLUDED = auto()


class TaskLayout:
    """
    The tasks of a definition by place.

    Attributes:
        spots: All tasks in document order, a structure before its children.
        by_name: Reference name to its first spot.
    """

    def __init__(self, definition: WorkflowDef) -> None:
        self.definition = definition
        self._count = 0
        self.spots: list[TaskPosition] = list(self._visit(Level(definition.tasks), "tasks", ()))
        self.by_name: Mapping[str, TaskPosition] = {spot.name: spot for spot in reversed(self.spots)}
        self.has_dynamic_fork = any(spot.task.type == TaskType.FORK_JOIN_DYNAMIC for spot in self.spots)

    def _visit(self, level: Level, path: str, line: tuple[TaskPosition, ...]) -> Iterator[TaskPosition]:
        for index, task in enumerate(level.tasks):
            self._count += 1
            bare = TaskPosition(task, f"{path}[{index}]", level, index, self._count)
            spot = attrs.evolve(bare, line=(*line, bare))
            yield spot
            for block in blocks(task):
                inner = Level(block.tasks, bare, block)
                yield from self._visit(inner, f"{spot.path}.{block.path}", spot.line)


def parting(first: TaskPosition, second: TaskPosition) -> tuple[Relation, int]:
    """
    Say how *first* stands to *second*, and at which depth their lines part.

    Args:
        first: A task.
        second: Another task of the same definition, or the same.

    Returns:
        The relation, and the depth: both lines agree above it.
    """
    depth = 0
    for ours, theirs in zip(first.line, second.line, strict=False):
        if ours.task is not theirs.task or ours.level is not theirs.level or ours.index != theirs.index:
            break
        depth += 1
    if depth == len(first.line):
        return (Relation.SAME if depth == len(second.line) else Relation.AROUND), depth
    if depth == len(second.line):
        return Relation.INSIDE, depth
    ours, theirs = first.line[depth], second.line[depth]
    if ours.level is theirs.level:
        return (Relation.BEFORE if ours.index < theirs.index else Relation.AFTER), depth
    owner = ours.level.owner
    forked = owner is not None and owner.task.type in FORKS
    return (Relation.PARALLEL if forked else Relation.EXCLUDED), depth


def never_passes(tasks: tuple[WorkflowTask, ...]) -> bool:
    """Return whether a list of tasks surely ends the run, so that nothing comes behind it."""
    return any(_ends_run(task) for task in tasks)


def _ends_run(task: WorkflowTask) -> bool:
    if task.type == TaskType.TERMINATE:
        return True
    if task.type in SWITCHES:
        return all(never_passes(block.tasks) for block in blocks(task))
    return any(never_passes(block.tasks) for block in blocks(task))


def passing_around(switch: WorkflowTask, block: TaskList) -> str | None:
    """
    Name a case of *switch* other than *block* after which the run goes on; None if there is none.

    Returns:
        Such as ``case 'EXPRESS'`` or ``no case``.
    """
    for other in blocks(switch):
        if (other.kind, other.label) == (block.kind, block.label) or never_passes(other.tasks):
            continue
        if other.kind == "default":
            return "the default case" if other.tasks else "no case"
        return f"case {other.label!r}"
    return None
