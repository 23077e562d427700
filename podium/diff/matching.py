"""
Which step of the new definition is which step of the old one.

By name first. What is left over on both sides is the same under another name if nothing else could be meant: its
settings are equal and no other step looks like it, or, for a structure, the same steps are in it. Everything is decided
alike in both directions, so a difference turned around is the difference the other way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from podium.diff.lanes import best_pairs, in_order, match_lanes
from podium.diff.lookalikes import Lookalikes
from podium.diff.renaming import Renaming
from podium.diff.spots import Key, Lane, Spots, StepPosition


@frozen(kw_only=True)
class Matching:
    """What is the same in both definitions."""

    #: Step of the new definition to the step of the old one; those that were added are missing.
    old_of: Mapping[Key, Key]
    #: Case, branch or body of the new definition to that of the old one; those that were added are missing.
    lanes: Mapping[Lane, Lane]
    #: The renamed steps.
    renaming: Renaming = field(init=False)

    @renaming.default
    def _renamed(self) -> Renaming:
        return Renaming.of({new[0]: old[0] for new, old in self.old_of.items() if new[0] != old[0]})


def match(before: Spots, after: Spots) -> Matching:
    """
    Match the steps of two definitions.

    Args:
        before: Steps of the old definition.
        after: Steps of the new one.
    """
    pairs = {key: key for key in after if key in before}
    if len(pairs) < min(len(before), len(after)):
        _find_renamed(before, after, pairs)
    return Matching(old_of=pairs, lanes=match_lanes(before, after, pairs))


def _find_renamed(before: Spots, after: Spots, pairs: dict[Key, Key]) -> None:
    """Add pairs of steps with different names, until there are no more; each may let others be recognized."""
    alike = Lookalikes(
        [spot for key, spot in before.items() if key not in pairs],
        [spot for key, spot in after.items() if key not in pairs],
    )
    while True:
        pairs |= alike.by_settings()
        found = _structures(before, after, pairs) or alike.by_lane(match_lanes(before, after, pairs))
        if not found:
            return
        alike.take(found)
        pairs |= found


def _structures(before: Spots, after: Spots, pairs: Mapping[Key, Key]) -> dict[Key, Key]:
    """Return new to old for structures of one type that share half of their steps at least."""
    taken = set(pairs.values())
    sizes = _sizes(before.values()), _sizes(after.values())
    shared: defaultdict[tuple[Key, Key], list[tuple[Key, Key]]] = defaultdict(list)
    for new, old in pairs.items():
        was, now = before[old].lane.parent, after[new].lane.parent
        if was is None or now is None or was in taken or now in pairs:
            continue
        if before[was].task.type == after[now].task.type:
            shared[was, now].append(in_order(old, new))
    likely = {ends: keys for ends, keys in shared.items() if 2 * len(keys) >= max(sizes[0][ends[0]], sizes[1][ends[1]])}
    return {now: was for was, now in best_pairs(likely)}


def _sizes(spots: Iterable[StepPosition]) -> Counter[Key]:
    """Count the steps that stand directly in each structure."""
    return Counter(spot.lane.parent for spot in spots if spot.lane.parent is not None)
