"""
Whether outputs are used again that may be: by the definition and the rows, and nothing of how the engine keeps them.

An attempt of a place with a ``cacheConfig`` may end with what another one of the same task and key has given, for as
long as that one's place says. What its own process has kept in an earlier commit it must use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from podium.model.definitions import CacheConfig
from podium.model.statuses import TaskStatus
from podium.testing.accounts import CommittedChange, KnownAttempt, require
from podium.testing.definitions import worker_output
from podium.testing.reference.filling import filled, member


class _Kept(NamedTuple):
    output: Mapping[str, Any]
    expires_at: int
    author: str


class CacheLedger:
    """Every output that was kept, by the task's name and the key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], list[_Kept]] = {}
        #: What the commit in hand keeps.
        self._fresh: list[tuple[tuple[str, str], _Kept]] = []

    def take(self, change: CommittedChange, kept: Collection[bytes], now: int) -> None:
        """
        Look at what a commit did to one run.

        Args:
            change: What it did.
            kept: The outputs that the commit keeps.
            now: The time.

        Raises:
            Violation: An output comes from nowhere, is not kept, or was there and somebody works all the same.
        """
        at_work = {move.new for move in change.moves if move.old.row.status == TaskStatus.IN_PROGRESS}
        for attempt in change.ended:
            key = _key(attempt, change)
            if key is None or attempt.row.status != TaskStatus.COMPLETED:
                continue
            output = attempt.output
            is_its_own = output == worker_output(attempt.row.ref)
            is_anothers = any(one.output == output and one.expires_at > now for one in self._of(key))
            require(is_its_own or is_anothers, f"{attempt} gave {output}, which nobody has kept for {key}")
            config, is_kept = _config(attempt, change), attempt.outputs in kept
            require(is_kept or attempt not in at_work, f"{attempt} gave what is not kept for {key}")
            if is_its_own and is_kept and config is not None:
                self._fresh.append((key, _Kept(output, now + config.ttl_in_second * 1000, attempt.author)))
        for birth in change.births:
            attempt = birth.attempt
            if attempt.is_live and attempt.row.open_queue is not None:
                key = _key(attempt, change)
                is_known = any(one.author == attempt.author and one.expires_at > now for one in self._of(key))
                require(not is_known, f"{attempt} is offered, and an output is kept for {key}")

    def settle(self) -> None:
        """End a commit, of which every run was looked at."""
        for key, one in self._fresh:
            self._kept.setdefault(key, []).append(one)
        self._fresh.clear()

    def _of(self, key: tuple[str, str] | None) -> list[_Kept]:
        return [] if key is None else self._kept.get(key, [])


def _config(attempt: KnownAttempt, change: CommittedChange) -> CacheConfig | None:
    place = change.layout.places.get(attempt.row.base_ref)
    return place.task.cache_config if place is not None else None


def _key(attempt: KnownAttempt, change: CommittedChange) -> tuple[str, str] | None:
    """Return the task's name and the key of an attempt; None if its place keeps nothing, or a part is missing."""
    config = _config(attempt, change)
    if config is None or not config.key:
        return None
    missing: list[None] = []

    def look_up(path: list[str | int]) -> Any:
        value = member(attempt.input, path)
        if value is None:
            missing.append(None)
        return value

    key = filled(f" {config.key}", look_up)  # as a text, whatever is in it
    return None if missing else (change.layout.places[attempt.row.base_ref].task.name, key)
