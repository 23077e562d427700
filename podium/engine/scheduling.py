"""
What becomes of a schedule's moments: a function of the schedule, its state and the time.

A moment is dealt with in one commit, together with the run that it starts: the schedule's row says which moment is the
next, and its revision lets one of several processes through. So each moment is dealt with exactly once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from attrs import evolve, field, frozen

from podium.engine.rows import ScheduleRow
from podium.model.payloads import dump, parse
from podium.model.schedules import (
    CatchUp,
    Firing,
    FiringOutcome,
    Schedule,
    ScheduleInfo,
    firing_from_dict,
    firing_to_dict,
)
from podium.model.values import JsonValue

#: Milliseconds by which a moment may be late without counting as missed.
ON_TIME_MS = 10_000

#: Most runs that one commit starts for a schedule; the rest comes in the next.
TURN_MAX = 100

#: Most moments that wait until earlier runs have ended; further ones are passed over.
QUEUE_MAX = 1_000

#: How many moments a schedule remembers.
_HISTORY_MAX = 20


@frozen(kw_only=True)
class ScheduleRecord:
    """A schedule, while the engine works on it. It is never changed; a changed one takes its place."""

    schedule: Schedule
    #: The revision that the store has; 0 before the first commit.
    revision: int = 0
    due_at: int | None = None
    created_at: int
    updated_at: int
    #: How many runs it has started.
    started: int = 0
    #: The runs that its policy of overlap asks for, as far as they are not known to have ended.
    runs: tuple[str, ...] = ()
    #: Moments that wait until these have ended.
    waiting: tuple[int, ...] = ()
    #: The newest first.
    history: tuple[Firing, ...] = field(default=())

    @property
    def name(self) -> str:
        """The schedule's name."""
        return self.schedule.name or ""

    def noted(self, firing: Firing) -> ScheduleRecord:
        """Return it with one more moment in its history."""
        started = self.started + (firing.outcome is FiringOutcome.STARTED)
        return evolve(self, started=started, history=(firing, *self.history)[:_HISTORY_MAX])

    def row(self) -> ScheduleRow:
        """Return it as the store keeps it, under a new revision."""
        data: JsonValue = {
            "born": self.created_at,
            "started": self.started,
            "runs": list(self.runs),
            "waiting": list(self.waiting),
            "history": [firing_to_dict(one) for one in self.history],
        }
        return ScheduleRow(
            self.name,
            self.revision + 1,
            self.schedule.workflow or "",
            self.due_at,
            self.updated_at,
            dump(self.schedule.to_dict()),
            dump(data),
        )

    def info(self) -> ScheduleInfo:
        """Return it as users see it."""
        return ScheduleInfo(
            schedule=self.schedule,
            next_at=self.due_at,
            created_at=self.created_at,
            updated_at=self.updated_at,
            started=self.started,
            running=self.runs,
            queued=self.waiting,
            history=self.history,
        )


def schedule_record(row: ScheduleRow) -> ScheduleRecord:
    """Take a schedule up from the store."""
    data = orjson.loads(row.data)
    return ScheduleRecord(
        schedule=Schedule.from_dict(parse(row.body)),
        revision=row.revision,
        due_at=row.due_at,
        created_at=data["born"],
        updated_at=row.updated_at,
        started=data["started"],
        runs=tuple(data["runs"]),
        waiting=tuple(data["waiting"]),
        history=tuple(firing_from_dict(one) for one in data["history"]),
    )


class DueMoments(NamedTuple):
    """The moments that a schedule is to deal with."""

    #: Those that want a run, earliest first.
    moments: list[int]
    #: The first one that is passed over, because no engine was there; None for none.
    missed: int | None
    #: The next one to deal with.
    next_at: int | None


def due_moments(schedule: Schedule, first: int, now: int) -> DueMoments:
    """
    Return what a schedule is to deal with now.

    Args:
        schedule: The schedule.
        first: The first moment that was not dealt with; not after *now*.
        now: Epoch milliseconds.
    """
    moments: list[int] = []
    at = schedule.until(now)
    while at is not None and at >= first:
        if at < now - ON_TIME_MS and not _is_made_up_for(schedule, at, len(moments), now):
            break
        moments.append(at)
        at = schedule.until(at - 1)
    moments.reverse()
    missed = first if not moments or moments[0] > first else None
    turn = moments[:TURN_MAX]
    return DueMoments(turn, missed, moments[TURN_MAX] if len(moments) > TURN_MAX else schedule.after(now))


def _is_made_up_for(schedule: Schedule, at: int, later: int, now: int) -> bool:
    """Return whether a moment at which no engine was there gets its run, after so many later ones."""
    within = schedule.catch_up_within
    if within is not None and at < now - within * 1000:
        return False
    if schedule.catch_up is CatchUp.LAST:
        return later == 0
    return schedule.catch_up is CatchUp.ALL and later < schedule.catch_up_most


def run_input(schedule: Schedule, moment: int, now: int, run_id: str) -> Mapping[str, JsonValue]:
    """
    Return the input of a run: the schedule's, and what Conductor adds to it.

    Conductor: ``SchedulerService.swrFrom``. The execution's id is the run's here.
    """
    return {
        **schedule.input,
        "_startedByScheduler": schedule.name,
        "_scheduledTime": moment,
        "_executedTime": now,
        "_executionId": run_id,
        "_schedulerCron": f"{schedule.cron[0]} {schedule.zone}",
    }
