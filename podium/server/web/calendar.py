"""The next weeks of schedules, by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from attrs import frozen

from podium.model.cron import zone_of
from podium.model.schedules import ScheduleInfo

#: Days of the calendar, most moments of a schedule that are looked at, and most that stand on a day.
_DAYS, _MOMENTS_MAX, _SHOWN_MAX = 28, 400, 5
_WEEK = 7


@frozen(kw_only=True)
class Entry:
    """A moment of a day, or all of a schedule that has many."""

    time: str
    name: str


@frozen(kw_only=True)
class Day:
    """A day of the calendar."""

    date: date
    entries: tuple[Entry, ...]
    left_out: int
    is_today: bool
    is_past: bool


@frozen(kw_only=True)
class Calendar:
    """The weeks in which the next four weeks lie, Monday first."""

    zone: str
    days: tuple[Day, ...]
    #: Schedules that start too often for a calendar.
    often: tuple[str, ...]


def calendar_of(schedules: Iterable[ScheduleInfo], now_ms: int, zone: str) -> Calendar:
    """
    Return the next four weeks.

    Args:
        schedules: The schedules; those that are paused start nothing.
        now_ms: The time, in epoch milliseconds.
        zone: The time zone of the days.

    Raises:
        InvalidRequest: There is no such zone.
    """
    place = zone_of(zone)
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(place).date()
    first = today - timedelta(days=today.weekday())
    weeks = -(-(_DAYS + today.weekday()) // _WEEK)
    last = first + timedelta(weeks=weeks)
    by_day: dict[date, list[Entry]] = {}
    often = []
    for info in schedules:
        moments = list(_moments(info, now_ms, place, last))
        if len(moments) > _MOMENTS_MAX:
            often.append(info.name)
            continue
        for moment in moments:
            by_day.setdefault(moment.date(), []).append(Entry(time=moment.strftime("%H:%M"), name=info.name))
    days = (first + timedelta(days=number) for number in range(weeks * _WEEK))
    return Calendar(zone=zone, days=tuple(_day(day, by_day.get(day, []), today) for day in days), often=tuple(often))


def _moments(info: ScheduleInfo, now_ms: int, zone: tzinfo, last: date) -> Iterator[datetime]:
    """Yield the moments of a schedule until a day, in a zone; one more than the calendar takes at most."""
    if info.schedule.paused:
        return
    at = now_ms
    for _ in range(_MOMENTS_MAX + 1):
        following = info.schedule.after(at)
        if following is None:
            return
        at = following
        moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
        if moment.date() >= last:
            return
        yield moment


def _day(day: date, entries: list[Entry], today: date) -> Day:
    entries.sort(key=lambda entry: (entry.time, entry.name))
    return Day(
        date=day,
        entries=tuple(entries[:_SHOWN_MAX]),
        left_out=max(len(entries) - _SHOWN_MAX, 0),
        is_today=day == today,
        is_past=day < today,
    )
