"""Which steps of a list were moved, if as few as possible were."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def longest_rise(numbers: Sequence[int], ranks: Sequence[int]) -> set[int]:
    """
    Return the positions of a longest rising part of *numbers*, which stays; all others were moved around it.

    Args:
        numbers: Different numbers.
        ranks: A different number from 0 on for each of them. Of several longest parts it is the one with the highest
            rank that another lacks; so the choice depends on what stays, and not on which list is the old one.

    Example:
        >>> sorted(longest_rise([2, 0, 1], [0, 1, 2])), sorted(longest_rise([1, 0], [0, 1]))
        ([1, 2], [1])
    """
    if all(one < other for one, other in pairwise(numbers)):
        return set(range(len(numbers)))
    places = {number: place for place, number in enumerate(sorted(numbers), 1)}
    # A Fenwick tree of prefix maxima: the length of the best part that ends there, and its ranks as bits.
    tree = [(0, 0)] * (len(numbers) + 1)
    best = (0, 0)
    for number, rank in zip(numbers, ranks, strict=True):
        place = places[number]
        length, bits = _best_below(tree, place)
        part = (length + 1, bits | 1 << rank)
        best = max(best, part)
        _put(tree, place, part)
    return {position for position, rank in enumerate(ranks) if best[1] >> rank & 1}


def _best_below(tree: Sequence[tuple[int, int]], place: int) -> tuple[int, int]:
    best = (0, 0)
    place -= 1
    while place > 0:
        best = max(best, tree[place])
        place -= place & -place
    return best


def _put(tree: list[tuple[int, int]], place: int, part: tuple[int, int]) -> None:
    while place < len(tree):
        tree[place] = max(tree[place], part)
        place += place & -place
