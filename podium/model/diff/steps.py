"""
What differs between two definitions, step by step.

A step is known by its reference name, not by its line: a step that stands elsewhere is moved, and one whose settings
differ is changed. Pure: definitions in, a value out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.texts import clean, shorten
from podium.model.values import JsonObject, JsonValue
from podium.model.walk import blocks, walk

#: Keys of a task that hold other tasks, which are steps of their own.
_NESTED: Final = frozenset({"decisionCases", "defaultCase", "forkTasks", "loopOver", "taskReferenceName"})
_VALUE_LENGTH: Final = 60
_HIDDEN: Final = "(hidden)"


class Change(StrEnum):
    """What became of a step."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    #: Its settings differ; it may also stand elsewhere.
    CHANGED = "CHANGED"
    #: Only its place differs.
    MOVED = "MOVED"
    SAME = "SAME"


@frozen(kw_only=True)
class Setting:
    """One setting that differs."""

    #: As in the JSON, such as ``inputParameters.amount``.
    path: str
    #: Shortened JSON-like text; None where there was no such setting.
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.path}: {self.new} (new)"
        return f"{self.path}: {self.old} (gone)" if self.new is None else f"{self.path}: {self.old} -> {self.new}"


@frozen(kw_only=True)
class StepDiff:
    """What became of one step."""

    reference: str
    change: Change
    #: The task's type; of a removed step the old one.
    task_type: str
    #: What is around it, in words, such as ``case EXPRESS of shipping``; empty at the top or where it is not.
    old_place: str = ""
    new_place: str = ""
    is_moved: bool = False
    #: In the order of the new JSON; those that are gone last.
    settings: tuple[Setting, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """What differs, one line each."""
        return ((self.move,) if self.is_moved else ()) + tuple(str(setting) for setting in self.settings)

    @property
    def move(self) -> str:
        """From where to where it moved."""
        if self.old_place == self.new_place:
            return f"another order in {self.new_place or 'the workflow'}"
        return f"from {self.old_place or 'the top'} to {self.new_place or 'the top'}"


@frozen(kw_only=True)
class DefinitionDiff:
    """What differs between two definitions."""

    old: str
    new: str
    #: The new definition's steps in its order, each removed one after the one that it followed.
    steps: tuple[StepDiff, ...]
    #: Settings of the workflow itself.
    settings: tuple[Setting, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing differs."""
        return not self.settings and all(step.change is Change.SAME for step in self.steps)

    def of(self, change: Change) -> tuple[StepDiff, ...]:
        """Give the steps of which this became."""
        return tuple(step for step in self.steps if step.change is change)

    @property
    def summary(self) -> str:
        """Count what differs: ``2 added, 1 moved``."""
        found = [f"{len(self.of(change))} {change.lower()}" for change in Change if change is not Change.SAME]
        told = [text for text in found if not text.startswith("0 ")]
        told += [f"{len(self.settings)} of the workflow's settings changed"] if self.settings else []
        return ", ".join(told) or "no difference"

    def describe(self) -> str:
        """Give the difference as text, ending with a line end: one line for each step that differs, then its facts."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.old} -> {self.new}: {self.summary}"
        for setting in self.settings:
            yield f"  * {setting}"
        for step in self.steps:
            if step.change is not Change.SAME:
                place = step.old_place if step.change is Change.REMOVED else step.new_place
                where = f" in {place}" if place else ""
                yield f"  {_SIGNS[step.change]} {clean(step.reference)} [{step.task_type}] {step.change.lower()}{where}"
                yield from (f"      {fact}" for fact in step.facts)

    def __str__(self) -> str:
        return self.describe()


_SIGNS: Final[Mapping[Change, str]] = {
    Change.ADDED: "+",
    Change.REMOVED: "-",
    Change.CHANGED: "!",
    Change.MOVED: "~",
}


@frozen(kw_only=True)
class _Spot:
    """Where a step stands: the list of steps that holds it, and its position there."""

    task: WorkflowTask
    #: (reference name of the structure, kind of the list, case label or number of the branch).
    block: tuple[str, str, str]
    index: int

    @property
    def words(self) -> str:
        parent, kind, label = self.block
        if not parent:
            return ""
        inner = {"case": f"case {label or '(empty)'}", "default": "otherwise", "branch": "a branch", "body": "the body"}
        return f"{inner[kind]} of {clean(parent)}"


def diff_steps(old: WorkflowDef, new: WorkflowDef) -> DefinitionDiff:
    """
    Compare two definitions step by step.

    Args:
        old: What was.
        new: What is. Settings that one of the two masks are told without their values.
    """
    before, after = _spots(old), _spots(new)
    twins = match_branches(old, new)
    masked = frozenset([*old.masked_fields, *new.masked_fields])
    moved = _moved(before, after, twins)
    steps: list[StepDiff] = []
    for name, spot in after.items():
        steps.append(_step(before.get(name), spot, is_moved=name in moved, masked=masked))
    for name, spot in before.items():
        if name not in after:
            gone = StepDiff(
                reference=name, change=Change.REMOVED, task_type=spot.task.type, old_place=clean(spot.words)
            )
            steps.insert(_place_of_removed(name, list(before), steps), gone)
    return DefinitionDiff(
        old=_title(old), new=_title(new), steps=tuple(steps), settings=_settings(_own(old), _own(new), masked)
    )


def _title(definition: WorkflowDef) -> str:
    return clean(f"{definition.name} version {definition.version}")


def _spots(definition: WorkflowDef) -> dict[str, _Spot]:
    found: dict[str, _Spot] = {}

    def collect(tasks: tuple[WorkflowTask, ...], block: tuple[str, str, str]) -> None:
        for index, task in enumerate(tasks):
            found.setdefault(task.task_reference_name, _Spot(task=task, block=block, index=index))
            for inner in blocks(task):
                collect(inner.tasks, (task.task_reference_name, inner.kind, inner.label))

    collect(definition.tasks, ("", "", ""))
    return found


def match_branches(old: WorkflowDef, new: WorkflowDef) -> dict[tuple[str, str], str]:
    """
    Tell which branch of a fork is which: branches have no names, so the steps that they share tell.

    Returns:
        (fork, number of its new branch) to the number of the old one; new branches are missing.
    """
    before = {visit.task.task_reference_name: visit.task for visit in walk(old.tasks)}
    found: dict[tuple[str, str], str] = {}
    for visit in walk(new.tasks):
        name = visit.task.task_reference_name
        if visit.task.type == "FORK_JOIN" and name in before:
            free = {block.label: _names(block.tasks) for block in blocks(before[name])}
            for block in blocks(visit.task):
                mine = _names(block.tasks)
                shared = Counter({label: len(mine & theirs) for label, theirs in free.items()})
                label, count = shared.most_common(1)[0] if shared else ("", 0)
                if count:
                    found[name, block.label] = label
                    del free[label]
    return found


def _names(tasks: tuple[WorkflowTask, ...]) -> set[str]:
    return {visit.task.task_reference_name for visit in walk(tasks)}


def _moved(
    before: Mapping[str, _Spot], after: Mapping[str, _Spot], twins: Mapping[tuple[str, str], str]
) -> frozenset[str]:
    """Give the names of the steps that stand in another list, or in another order than most of their neighbours."""
    moved: set[str] = set()
    lists: dict[tuple[str, str, str], list[str]] = {}
    for name, spot in after.items():
        was = before.get(name)
        if was is None:
            continue
        parent, kind, label = spot.block
        here = (parent, kind, twins.get((parent, label), "new")) if kind == "branch" else spot.block
        if here != was.block:
            moved.add(name)
        else:
            lists.setdefault(here, []).append(name)
    for names in lists.values():
        kept = _longest_rise([before[name].index for name in names])
        moved |= {name for position, name in enumerate(names) if position not in kept}
    return frozenset(moved)


def _longest_rise(numbers: list[int]) -> set[int]:
    """Give the positions of a longest rising part of *numbers*, which stay; all others were moved around them."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        ends[length : length + 1] = [position]
    kept: set[int] = set()
    position = ends[-1] if ends else -1
    while position >= 0:
        kept.add(position)
        position = before[position]
    return kept


def _step(was: _Spot | None, now: _Spot, *, is_moved: bool, masked: frozenset[str]) -> StepDiff:
    name, place = now.task.task_reference_name, clean(now.words)
    if was is None:
        return StepDiff(reference=name, change=Change.ADDED, task_type=now.task.type, new_place=place)
    settings = _settings(_leaf(was.task), _leaf(now.task), masked)
    change = Change.CHANGED if settings else Change.MOVED if is_moved else Change.SAME
    return StepDiff(
        reference=name,
        change=change,
        task_type=now.task.type,
        old_place=clean(was.words),
        new_place=place,
        is_moved=is_moved,
        settings=settings,
    )


def _place_of_removed(name: str, order: list[str], steps: list[StepDiff]) -> int:
    """Give the index after the nearest step before it in the old definition that is already there."""
    there = {step.reference: index for index, step in enumerate(steps)}
    for other in reversed(order[: order.index(name)]):
        if other in there:
            return there[other] + 1
    return 0


# -- settings ----------------------------------------------------------------------------------------------------------


def _leaf(task: WorkflowTask) -> JsonObject:
    return {key: value for key, value in to_dict(task).items() if key not in _NESTED}


def _own(definition: WorkflowDef) -> JsonObject:
    return {
        key: value for key, value in to_dict(definition).items() if key not in {"tasks", "createTime", "updateTime"}
    }


def _settings(old: JsonObject, new: JsonObject, masked: frozenset[str]) -> tuple[Setting, ...]:
    before, after = dict(_flat(old)), dict(_flat(new))
    return tuple(
        _setting(path, before.get(path), after.get(path), masked)
        for path in dict.fromkeys([*after, *before])
        if (path in before, before.get(path)) != (path in after, after.get(path))
    )


def _flat(value: JsonObject, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    for key, inner in value.items():
        here = f"{path}.{key}" if path else key
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, here)
        else:
            yield here, inner


def _setting(path: str, old: JsonValue, new: JsonValue, masked: frozenset[str]) -> Setting:
    if masked & set(path.split(".")):
        return Setting(path=clean(path), old=_HIDDEN, new=_HIDDEN)
    return Setting(path=clean(path), old=_text(old), new=_text(new))


def _text(value: JsonValue) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        items = ", ".join(str(item) for item in value)
        return shorten(f"[{items}]", _VALUE_LENGTH)
    return shorten(str(value), _VALUE_LENGTH) or '""'
