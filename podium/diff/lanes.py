"""Which case or branch of the new definition is which of the old one; branches have no names, so their steps tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from podium.diff.spots import Key, Lane, Spots
from podium.model.walk import blocks

End = TypeVar("End", bound=Hashable)


def match_lanes(before: Spots, after: Spots, pairs: Mapping[Key, Key]) -> dict[Lane, Lane]:
    """
    Match the lists of steps inside structures.

    A case is known by its label; one with another label is the same if half of the steps of both are. A branch is known
    by the steps that it shares, however few.

    Args:
        before: Steps of the old definition.
        after: Steps of the new one.
        pairs: New step to old step.

    Returns:
        New list to old list; those that were added, and all at the top, are missing.
    """
    found: dict[Lane, Lane] = {}
    olds, news = _contents(before), _contents(after)
    for new, old in pairs.items():
        lanes = [Lane(new, block.kind, block.label) for block in blocks(after[new].task)]
        free = [Lane(old, block.kind, block.label) for block in blocks(before[old].task)]
        if lanes and free and lanes[0].kind != "branch":
            named = {lane: Lane(old, lane.kind, lane.label) for lane in lanes}
            found |= {lane: same for lane, same in named.items() if same in free}
            lanes = [lane for lane in lanes if lane not in found]
            free = [lane for lane in free if lane not in named.values()]
        if lanes and free:
            shared = _shared({lane: olds[lane] for lane in free}, {lane: news[lane] for lane in lanes}, pairs)
            found |= {lane: was for was, lane in best_pairs(shared)}
    return found


def _contents(spots: Spots) -> Mapping[Lane, Sequence[Key]]:
    """Return all the steps in each list, those in structures in it included."""
    found: defaultdict[Lane, list[Key]] = defaultdict(list)
    for key, spot in spots.items():
        lane = spot.lane
        while lane.parent is not None:
            found[lane].append(key)
            lane = spots[lane.parent].lane
    return found


def _shared(
    olds: Mapping[Lane, Sequence[Key]], news: Mapping[Lane, Sequence[Key]], pairs: Mapping[Key, Key]
) -> dict[tuple[Lane, Lane], list[tuple[Key, Key]]]:
    """Return the steps that an old and a new list share, for lists that may be the same."""
    home = {key: lane for lane, keys in olds.items() for key in keys}
    found: defaultdict[tuple[Lane, Lane], list[tuple[Key, Key]]] = defaultdict(list)
    for lane, keys in news.items():
        for key in keys:
            was = home.get(pairs.get(key, key)) if key in pairs else None
            if was is not None and was.kind == lane.kind:
                found[was, lane].append(in_order(pairs[key], key))
    return {
        ends: keys
        for ends, keys in found.items()
        if ends[0].kind == "branch" or 2 * len(keys) >= max(len(olds[ends[0]]), len(news[ends[1]]))
    }


def in_order(one: Key, other: Key) -> tuple[Key, Key]:
    """Return two steps in an order that does not depend on which of them is the old one."""
    return (one, other) if one <= other else (other, one)


def best_pairs(shared: Mapping[tuple[End, End], Sequence[tuple[Key, Key]]]) -> list[tuple[End, End]]:
    """
    Choose pairs, those that share most first, so that nothing is in two of them.

    Args:
        shared: Pair of old and new to the steps that they share; no step is shared by two pairs.
    """
    chosen: list[tuple[End, End]] = []
    used: tuple[set[End], set[End]] = (set(), set())
    for old, new in sorted(shared, key=lambda ends: (-len(shared[ends]), min(shared[ends]))):
        if old not in used[0] and new not in used[1]:
            used[0].add(old)
            used[1].add(new)
            chosen.append((old, new))
    return chosen
