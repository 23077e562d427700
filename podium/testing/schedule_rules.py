"""
The invariants of schedules: each moment is dealt with once, none is lost, and runs overlap as the policy says.

The schedules of a simulation have periods that divide the hour, so a remainder tells whether a moment is theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from podium.engine.rows import ScheduleRow, WriteSet
from podium.model.schedules import FiringOutcome, Overlap
from podium.testing.accounts import KnownRun, require

#: The expressions that are used, and the milliseconds between their moments.
PERIODS_MS = {"*/30 * * * * *": 30_000, "* * * * *": 60_000, "*/20 * * * *": 1_200_000}

#: The policy of overlap of each schedule, by its name; it keeps that for ever.
POLICIES = {f"each-{policy}": policy for policy in Overlap}

_DEALT_WITH = frozenset({FiringOutcome.STARTED, FiringOutcome.SKIPPED, FiringOutcome.QUEUED, FiringOutcome.FAILED})


class _Seen:
    """A schedule as it was committed last."""

    def __init__(self, row: ScheduleRow) -> None:
        body, data = orjson.loads(row.body), orjson.loads(row.data)
        self.row = row
        self.period_ms = PERIODS_MS[body["cronExpression"]]
        self.is_paused: bool = body["paused"]
        self.catches_up: bool = body["catchUp"] == "all"
        self.waiting: list[int] = data["waiting"]
        self.history: list[dict[str, Any]] = data["history"]


class ScheduleLedger:
    """
    Every schedule, and the runs that each has started.

    Args:
        runs: All runs, by id.
    """

    def __init__(self, runs: Mapping[str, KnownRun]) -> None:
        self._runs = runs
        self._known: dict[str, _Seen] = {}
        #: The runs that count where they must not overlap.
        self._started: dict[str, list[str]] = {name: [] for name in POLICIES}
        #: What became of moments, by schedule; of a later schedule of that name as well.
        self._dealt: dict[str, dict[int, str]] = {name: {} for name in POLICIES}

    def take(self, writes: WriteSet) -> None:
        """
        Take the schedules of a commit over, whose runs have been.

        Raises:
            Violation: A moment was dealt with twice, not at all, or otherwise than the policy says.
        """
        for name in writes.deleted_schedules:
            self._known.pop(name, None)
            self._started[name] = []  # a later schedule of that name knows nothing of them
        fresh = {row.run_id for row in writes.new_runs}
        for row in writes.schedules:
            before, now = self._known.get(row.name), _Seen(row)
            require(
                row.revision == (before.row.revision + 1 if before else 1),
                f"schedule {row.name} has revision {row.revision} behind {before and before.row.revision}: {row}",
            )
            self._check_next(now)
            known = len(before.history) and before.history[0] if before is not None else None
            news = now.history[: now.history.index(known)] if known else now.history
            for firing in reversed(news):
                self._check_firing(now, firing, before.waiting if before is not None else (), fresh)
            if before is not None:
                _check_none_is_lost(before, now, news)
            self._known[row.name] = now

    @staticmethod
    def _check_next(now: _Seen) -> None:
        due_at = now.row.due_at
        require((due_at is None) == now.is_paused, f"{now.row} is due at {due_at}")
        if due_at is not None:
            require(due_at % now.period_ms == 0, f"{now.row} is due at {due_at}, which is no moment of it")

    def _check_firing(
        self, now: _Seen, firing: Mapping[str, Any], waited: Collection[int], fresh: Collection[str]
    ) -> None:
        name, moment, state = now.row.name, firing["scheduledTime"], firing["state"]
        policy, runs = POLICIES[name], self._started[name]
        others = [self._runs[run_id] for run_id in runs if run_id not in fresh]
        live = [str(run) for run in others if not (run.is_ended or run.was_reopened)]
        # Somebody may have asked for it.
        is_asked = state == FiringOutcome.STARTED and moment == firing["executionTime"]
        if state in _DEALT_WITH and not is_asked:
            earlier = self._dealt[name].get(moment)
            is_next = earlier is None or (
                earlier == FiringOutcome.QUEUED and state in {FiringOutcome.STARTED, FiringOutcome.FAILED}
            )
            require(is_next, f"{name} has dealt with {moment} twice: {earlier}, {state}")
            self._dealt[name][moment] = state
        if state == FiringOutcome.SKIPPED and policy is Overlap.SKIP:
            # It may have ended in this very commit, behind the moment.
            is_busy = any(not self._runs[one].is_ended or self._runs[one].row.updated_at >= moment for one in runs)
            require(is_busy, f"{name} has passed over {moment}, and none of its runs goes on")
        if state != FiringOutcome.STARTED:
            return
        run_id = firing["workflowId"]
        require(run_id in fresh, f"{name} has started {run_id} at {moment}, and it is not in the commit")
        if policy in {Overlap.SKIP, Overlap.QUEUE, Overlap.TERMINATE} and not is_asked:
            require(not live, f"{name} has started {run_id} at {moment} beside {live}")
        runs.append(run_id)


def _check_none_is_lost(before: _Seen, now: _Seen, news: Sequence[Mapping[str, Any]]) -> None:
    """Between what was due and what is due now each moment was dealt with, or passed over because nobody was there."""
    first, last = before.row.due_at, now.row.due_at
    if first is None or last is None or before.period_ms != now.period_ms:
        return
    states = {firing["scheduledTime"]: firing["state"] for firing in reversed(news)}
    was_missed = FiringOutcome.MISSED in states.values()
    for moment in range(first, last, now.period_ms):
        require(moment in states or was_missed, f"{now.row} has lost {moment}: it was due at {first}, and is at {last}")
