"""Steps of two definitions that are equal but for their names."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from podium.diff.renaming import names_in, with_names
from podium.diff.spots import Key, Lane, StepPosition
from podium.model.statuses import TaskType
from podium.model.values import JsonValue
from podium.model.walk import blocks

#: What stands for a step's own name in its settings while it is compared with others.
_ITSELF: Final = "\0itself"

#: Steps of the old definition and of the new one that look the same.
_Group = tuple[dict[Key, StepPosition], dict[Key, StepPosition]]


class Lookalikes:
    """
    The steps that have no namesake in the other definition, grouped by what they look like.

    A step looks like another one if their settings are equal once its own name, and the names of steps that are known
    to be renamed, are left out of account. So each step that is found may let those be found that mention it.

    Args:
        old: Such steps of the old definition.
        new: Such steps of the new one.
    """

    def __init__(self, old: Iterable[StepPosition], new: Iterable[StepPosition]) -> None:
        self._left: tuple[dict[Key, StepPosition], dict[Key, StepPosition]] = (
            {s.key: s for s in old},
            {s.key: s for s in new},
        )
        #: Name to the word that stands for it, and for its other name.
        self._words: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._looks: tuple[dict[Key, str], dict[Key, str]] = ({}, {})
        self._groups: defaultdict[str, _Group] = defaultdict(lambda: ({}, {}))
        #: Name to the steps whose settings mention it.
        self._mentions: tuple[defaultdict[str, list[Key]], defaultdict[str, list[Key]]] = (
            defaultdict(list),
            defaultdict(list),
        )
        #: Looks of groups that have changed.
        self._dirty: set[str] = set()
        for side, spots in enumerate(self._left):
            for spot in spots.values():
                for name in {name for key, value in spot.own.items() for name in names_in(key, value)}:
                    self._mentions[side][name].append(spot.key)
                self._place(side, spot)

    def by_settings(self) -> dict[Key, Key]:
        """Return new to old for steps that look like one other step only; they are taken."""
        found: dict[Key, Key] = {}
        while True:
            dirty, self._dirty = self._dirty, set()
            groups = [self._groups[look] for look in dirty]
            layer = {min(new): min(old) for old, new in groups if len(old) == len(new) == 1 and _is_told(old)}
            if not layer:
                return found
            self.take(layer)
            found |= layer

    def by_lane(self, lanes: Mapping[Lane, Lane]) -> dict[Key, Key]:
        """
        Return new to old for steps that look like one other step of the same list only.

        Args:
            lanes: New list to old list.
        """
        found: dict[Key, Key] = {}
        for old, new in self._groups.values():
            places: defaultdict[Lane, tuple[list[Key], list[Key]]] = defaultdict(lambda: ([], []))
            for key, spot in old.items():
                places[spot.lane][0].append(key)
            for key, spot in new.items():
                lane = spot.lane if spot.lane.parent is None else lanes.get(spot.lane)
                if lane is not None:
                    places[lane][1].append(key)
            found |= {news[0]: olds[0] for olds, news in places.values() if len(olds) == len(news) == 1}
        return found

    def take(self, found: Mapping[Key, Key]) -> None:
        """Take steps out whose other name is known: new to old."""
        for new, old in found.items():
            word = f"\0{len(self._words[0])}"
            for side, key in ((0, old), (1, new)):
                self._words[side].setdefault(key[0], word)
                self._remove(side, key)
                self._left[side].pop(key, None)
        for side, keys in ((0, found.values()), (1, found)):
            for name in {key[0] for key in keys}:
                for mention in self._mentions[side][name]:
                    if mention in self._left[side]:
                        self._remove(side, mention)
                        self._place(side, self._left[side][mention])

    def _place(self, side: int, spot: StepPosition) -> None:
        if any(block.tasks for block in blocks(spot.task)):
            return  # the steps in it tell more
        words = {**self._words[side], spot.task.task_reference_name: _ITSELF}
        own = {key: with_names(key, value, words) for key, value in _told(spot).items()}
        look = self._looks[side][spot.key] = json.dumps(own, sort_keys=True)
        self._groups[look][side][spot.key] = spot
        self._dirty.add(look)

    def _remove(self, side: int, key: Key) -> None:
        look = self._looks[side].pop(key, None)
        if look is not None:
            self._groups[look][side].pop(key, None)
            self._dirty.add(look)


def _told(spot: StepPosition) -> dict[str, JsonValue]:
    """Return what tells a step from others: its settings, without a name that only repeats the reference name."""
    own = dict(spot.own)
    if spot.task.type != TaskType.SIMPLE and spot.task.name == spot.task.task_reference_name:
        own.pop("name", None)
    return own


def _is_told(spots: Mapping[Key, StepPosition]) -> bool:
    """Return whether more is known of steps than their type."""
    return all(_told(spot).keys() - {"type"} for spot in spots.values())
