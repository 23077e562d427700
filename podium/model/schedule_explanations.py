"""Why a schedule starts nothing just now, in words."""

from __future__ import annotations

from podium.model.attempts import as_datetime
from podium.model.causes import Cause, NeededFrom
from podium.model.explanations import Explanation
from podium.model.schedules import ScheduleInfo
from podium.model.texts import clean, shorten
from podium.model.waits import Wait

_REASON_MAX = 120


def schedule_explanation(info: ScheduleInfo) -> Explanation:
    """Return what a schedule waits for, and what became of its last moment."""
    schedule = info.schedule
    times = ", ".join(schedule.cron)
    head = f"schedule {info.name} ({times}, {schedule.zone}) starts runs of {schedule.workflow} and waits for:"
    waits = tuple(_waits(info))
    lines = [f"  {wait.text}" for wait in waits] or ["  nothing: it has no further moment"]
    last = info.history[0] if info.history else None
    if last is not None:
        reason = f": {shorten(clean(last.reason), _REASON_MAX)}" if last.reason else ""
        run = f", run {last.run_id}" if last.run_id else ""
        lines.append(f"  its last moment, {_moment(last.scheduled_at)}, is {last.outcome}{run}{reason}")
    return Explanation(info.name, None, waits, "\n".join([head, *lines]))


def _waits(info: ScheduleInfo) -> list[Wait]:
    schedule = info.schedule
    if schedule.paused:
        why = f" ({schedule.paused_reason})" if schedule.paused_reason else ""
        text = f"somebody: it is paused{why}: client.schedules.resume({info.name!r})"
        return [Wait(NeededFrom.SOMEBODY, info.name, "", text, info.updated_at, Cause.PAUSED)]
    waits = []
    if info.queued:
        count = f"{len(info.queued)} moment{'s' if len(info.queued) > 1 else ''} of it"
        text = f"the end of run {', '.join(info.running)}, for which {count} wait"
        waits.append(Wait(NeededFrom.TIME, info.name, "", text, info.updated_at, Cause.SCHEDULE))
    if info.next_at is not None:
        text = f"its next moment, {_moment(info.next_at)}"
        waits.append(Wait(NeededFrom.TIME, info.name, "", text, info.updated_at, Cause.SCHEDULE))
    return waits


def _moment(at_ms: int) -> str:
    return f"{as_datetime(at_ms):%Y-%m-%d %H:%M:%S} UTC"
