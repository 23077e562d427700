"""
The comparison of two definitions, step by step.

A step is known by its reference name, not by its line: a step that stands elsewhere is moved, one whose settings differ
is changed. Pure: definitions in, a value out.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from podium.diff.changes import Change, Changes, EdgeChange, StepDiff
from podium.diff.lanes import in_order
from podium.diff.matching import Matching, match
from podium.diff.moves import longest_rise
from podium.diff.settings import MISSING, TIMES, Setting, Side, settings_between
from podium.diff.spots import Key, Lane, Spots, StepPosition, spots_of
from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.texts import clean
from podium.model.values import JsonObject
from podium.model.walk import blocks

#: Where a SUB_WORKFLOW carries its definition.
_CARRIED: Final = "subWorkflowParam.workflowDefinition"


@frozen(kw_only=True)
class Comparison:
    """Two definitions, and which of their steps are the same."""

    old: WorkflowDef
    new: WorkflowDef
    before: Spots
    after: Spots
    matching: Matching
    #: Names of the fields that one of the two masks.
    masked: frozenset[str]

    @classmethod
    def of(cls, old: WorkflowDef, new: WorkflowDef, masked: frozenset[str] = frozenset()) -> Comparison:
        """
        Match the steps of two definitions.

        Args:
            old: What was.
            new: What is.
            masked: Fields that are masked whatever the two say, because a definition around them does.
        """
        before, after = spots_of(old), spots_of(new)
        hidden = masked.union(old.masked_fields, new.masked_fields)
        return cls(old=old, new=new, before=before, after=after, matching=match(before, after), masked=hidden)

    def diff(self) -> Changes:
        """Return what differs; nothing is said of compatibility."""
        moved = self._moved()
        steps = [self._step(spot, is_moved=key in moved) for key, spot in self.after.items()]
        return Changes(
            old=self.old,
            new=self.new,
            steps=tuple(self._with_removed(steps)),
            settings=self._between(_own(self.old), _own(self.new)),
        )

    def _between(self, old: JsonObject, new: JsonObject) -> tuple[Setting, ...]:
        return settings_between(old, new, masked=self.masked, alike=self.matching.renaming.alike)

    # -- steps -------------------------------------------------------------------------------------------------------

    def _step(self, now: StepPosition, *, is_moved: bool) -> StepDiff:
        name, place = now.task.task_reference_name, now.lane.words
        old_key = self.matching.old_of.get(now.key)
        if old_key is None:
            return StepDiff(reference=name, change=Change.ADDED, task_type=now.task.type, new_place=place)
        was = self.before[old_key]
        settings, inner = self._carried(was.task, now.task)
        settings = (*self._between(was.own, now.own), *settings)
        edges = (*self._cases(was, now), *self._branches(was, now))
        is_renamed = name != was.task.task_reference_name
        change = Change.RENAMED if is_renamed else Change.CHANGED if settings or edges or inner else Change.SAME
        return StepDiff(
            reference=name,
            old_reference=was.task.task_reference_name,
            change=Change.MOVED if change is Change.SAME and is_moved else change,
            task_type=now.task.type,
            old_place=was.lane.words,
            new_place=place,
            is_moved=is_moved,
            settings=settings,
            edges=edges,
            inner=inner,
        )

    def _carried(self, was: WorkflowTask, now: WorkflowTask) -> tuple[tuple[Setting, ...], Changes | None]:
        """Compare the definitions that two tasks carry; one definition alone is a setting."""
        old, new = _carried_by(was), _carried_by(now)
        if old is not None and new is not None:
            inner = Comparison.of(old, new, self.masked).diff()
            return (), inner or None
        if old is None and new is None:
            return (), None
        return (Setting(path=_CARRIED, old=_named(old), new=_named(new)),), None

    def _with_removed(self, steps: list[StepDiff]) -> list[StepDiff]:
        """Put each removed step after the one that it followed in the old definition."""
        new_of = {old: new for new, old in self.matching.old_of.items()}
        places = {key: place for place, key in enumerate(self.after)}
        after: dict[int, list[StepDiff]] = {}
        place = -1
        for key, spot in self.before.items():
            if key in new_of:
                place = places[new_of[key]]
            else:
                after.setdefault(place, []).append(_removed(spot))
        found = after.get(-1, [])
        for number, step in enumerate(steps):
            found += [step, *after.get(number, [])]
        return found

    # -- places ------------------------------------------------------------------------------------------------------

    def _moved(self) -> frozenset[Key]:
        """Return the steps that stand in another list, or in another order than most of their neighbours."""
        moved: set[Key] = set()
        stayed: dict[Lane, list[Key]] = {}
        for key in self.after:
            old_key = self.matching.old_of.get(key)
            if old_key is None:
                continue
            lane = self.after[key].lane
            here = lane if lane.parent is None else self.matching.lanes.get(lane)
            if here is None or here != self.before[old_key].lane:
                moved.add(key)
            else:
                stayed.setdefault(here, []).append(key)
        for keys in stayed.values():
            olds = [self.matching.old_of[key] for key in keys]
            pairs = [in_order(*pair) for pair in zip(olds, keys, strict=True)]
            ranks = {pair: rank for rank, pair in enumerate(sorted(pairs))}
            kept = longest_rise([self.before[old].index for old in olds], [ranks[pair] for pair in pairs])
            moved |= {key for position, key in enumerate(keys) if position not in kept}
        return frozenset(moved)

    def _cases(self, was: StepPosition, now: StepPosition) -> list[EdgeChange]:
        """Return the labels of cases that differ."""
        olds = [Lane(was.key, each.kind, each.label) for each in blocks(was.task) if each.kind == "case"]
        news = [Lane(now.key, each.kind, each.label) for each in blocks(now.task) if each.kind == "case"]
        known = {lane: self.matching.lanes[lane] for lane in news if lane in self.matching.lanes}
        found = []
        for lane in news:
            if lane not in known:
                found.append(EdgeChange(kind="case", change=Change.ADDED, new=lane.label))
            elif known[lane].label != lane.label:
                found.append(EdgeChange(kind="case", change=Change.RENAMED, old=known[lane].label, new=lane.label))
        kept = set(known.values())
        return found + [
            EdgeChange(kind="case", change=Change.REMOVED, old=lane.label) for lane in olds if lane not in kept
        ]

    def _branches(self, was: StepPosition, now: StepPosition) -> list[EdgeChange]:
        """Tell what no step tells: branches that changed places, and branches without steps."""
        lanes = self.matching.lanes
        news: list[str | None] = []
        for each in blocks(now.task):
            if each.kind == "branch":
                twin = lanes.get(Lane(now.key, each.kind, each.label))
                news += [twin.label] if twin else [] if each.tasks else [None]
        twins = {label for label in news if label is not None}
        olds = [
            each.label if each.label in twins else None
            for each in blocks(was.task)
            if each.kind == "branch" and (each.label in twins or not each.tasks)
        ]
        surplus = news.count(None) - olds.count(None)
        if surplus:
            return [EdgeChange(kind="branch", change=Change.ADDED if surplus > 0 else Change.REMOVED)]
        return [EdgeChange(kind="branch", change=Change.MOVED)] if olds != news else []


def _removed(spot: StepPosition) -> StepDiff:
    name = spot.task.task_reference_name
    return StepDiff(
        reference=name,
        old_reference=name,
        change=Change.REMOVED,
        task_type=spot.task.type,
        old_place=spot.lane.words,
    )


def _carried_by(task: WorkflowTask) -> WorkflowDef | None:
    params = task.sub_workflow_param
    carried = params.workflow_definition if params is not None else None
    return carried if isinstance(carried, WorkflowDef) else None


def _named(definition: WorkflowDef | None) -> Side:
    return MISSING if definition is None else clean(f"{definition.name} version {definition.version}")


def _own(definition: WorkflowDef) -> JsonObject:
    own = to_dict(evolve(definition, tasks=()))
    return {key: value for key, value in own.items() if key not in TIMES | {"tasks"}}
