"""
Lengths and points of time as authors write them.

`parse_duration_s` and `parse_until` read what Conductor's WAIT task reads, and refuse what it refuses. `seconds` is
for Python authors, who may also give numbers and timedeltas.

Conductor: `DateTimeUtils`.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone, tzinfo

# Possessive blanks: a long run of them must not be tried in every division.
_DURATION = re.compile(
    r"\s*+(?:(\d{1,9})\s*+(?:days?|d)\s*+)?"
    r"(?:(\d{1,9})\s*+(?:hours?|hrs?|h)\s*+)?"
    r"(?:(\d{1,9})\s*+(?:minutes?|mins?|m)\s*+)?"
    r"(?:(\d{1,9})\s*+(?:seconds?|secs?|s)\s*+)?",
    re.IGNORECASE | re.ASCII,
)
#: What Conductor does not read, and authors may write where the engine counts milliseconds.
_FRACTION = re.compile(
    r"\s*+(\d{1,12}(?:\.\d{1,9})?|\.\d{1,9})\s*+(ms|millis(?:econds?)?|milliseconds?|s|secs?|seconds?)\s*+",
    re.IGNORECASE | re.ASCII,
)
_UNTIL = re.compile(r"(\d{1,9})-(\d{1,9})-(\d{1,9})(?: +(\d{1,9}):(\d{1,9})(?: +(\S.*))?)?", re.ASCII)
#: As long as anything lasts that the engine counts.
_FOREVER_MS = 1 << 52
#: What to write instead of a duration that cannot be read.
_FORMS = "write whole days, hours, minutes and seconds in this order, such as 10 seconds, 1h 30m or 2 days"
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?", re.ASCII)


def parse_duration_s(text: str) -> int:
    """
    Read a WAIT duration.

    Up to four parts in the order days, hours, minutes, seconds, each a whole number and a unit (``d``, ``day``,
    ``days``, ``h``, ``hr``, ``hrs``, ``hour``, ``hours``, ``m``, ``min``, ``mins``, ``minute``, ``minutes``, ``s``,
    ``sec``, ``secs``, ``second``, ``seconds``), in any case, with or without blanks.

    Args:
        text: Such as ``10 seconds``, ``1h30m`` or ``14 days``.

    Returns:
        The length in seconds.

    Raises:
        ValueError: With Conductor's words, and the forms that are read: a bare number, a fraction, milliseconds, ISO
            8601, or nothing at all.

    Example:
        >>> parse_duration_s("1 day 2h")
        93600
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"Not valid duration: {text[:100]}; {_FORMS}")
    days, hours, minutes, rest = (int(group or 0) for group in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def seconds(value: str | float | timedelta) -> int:
    """
    Read a length of time as Python authors give it.

    Args:
        value: A number of seconds, a timedelta, or a text as `parse_duration_s` takes it.

    Returns:
        Whole seconds; fractions are rounded up, because a timeout must not end early.

    Raises:
        ValueError: The text is no duration, or the length is negative or not finite.

    Example:
        >>> seconds("5s"), seconds(90), seconds(timedelta(hours=1))
        (5, 90, 3600)
    """
    if isinstance(value, str):
        return parse_duration_s(value)
    length = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(length, bool) or not math.isfinite(length) or length < 0:
        raise ValueError(f"Not valid duration: {value}")
    return math.ceil(length)


def in_milliseconds(length_s: float) -> int:
    """
    Return a length in seconds, which may have a fraction, as whole milliseconds: what the engine counts.

    What is longer than 142,000 years is as long as that, so that each moment behind it is a number of 64 bits.

    Example:
        >>> in_milliseconds(2), in_milliseconds(0.25)
        (2000, 250)
    """
    return max(-_FOREVER_MS, min(round(length_s * 1000), _FOREVER_MS))


def exact_seconds(value: str | float | timedelta) -> float:
    """
    Read a length of time like `seconds`, with its fraction.

    Args:
        value: As for `seconds`; also texts with a fraction of a second, such as ``"1.5s"`` and ``"250ms"``.

    Returns:
        Seconds to the millisecond, rounded up; an integer where there is no fraction.

    Raises:
        ValueError: The text is no duration, or the length is negative or not finite.

    Example:
        >>> exact_seconds("250ms"), exact_seconds("1.5s"), exact_seconds(0.2), exact_seconds("1m")
        (0.25, 1.5, 0.2, 60)
    """
    if isinstance(value, str):
        match = _FRACTION.fullmatch(value)
        if match is None:
            return parse_duration_s(value)
        value = float(match[1]) / (1000 if match[2].lower().startswith("m") else 1)
    whole = seconds(value)
    length = value.total_seconds() if isinstance(value, timedelta) else value
    # First to the microsecond: 0.2 s are 200 ms, though the nearest number is a little more.
    exact = math.ceil(round(length * 1000, 3)) / 1000
    return min(whole, exact)


def parse_until(text: str, default_zone: tzinfo) -> datetime:
    """
    Read the point of time that a WAIT task waits for.

    The formats are ``yyyy-MM-dd HH:mm``, ``yyyy-MM-dd HH:mm zone`` and ``yyyy-MM-dd``. Reading is lenient as in Java:
    month 13 is next January, day 0 is the day before the first, hour 25 is one o'clock on the next day. There are no
    seconds.

    Args:
        text: Such as ``2026-12-24 18:00 Europe/Berlin``; a zone is an offset (``+02:00``, ``GMT+2``), a name that
            Java reads (``PST``, ``CEST``, ``Pacific Standard Time``: a fixed offset each, in summer and winter), or a
            name of the time zone database.
        default_zone: The zone of a text that names none.

    Returns:
        The point of time, in its zone.

    Raises:
        ValueError: With Conductor's words, if the format or the zone is unknown.
    """
    match = _UNTIL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"Invalid/Unsupported Wait Until format.  Provided: {text}")
    zone = default_zone if match[6] is None else _zone(match[6].strip())
    if zone is None:
        raise ValueError(
            f"Invalid/Unsupported Wait Until format.  Provided: {text} (no time zone is called {match[6].strip()!r}: "
            "write an offset such as +02:00 or a name such as Europe/Berlin)"
        )
    year, month, day, hour, minute = (int(group or 0) for group in match.groups()[:5])
    years, month_index = divmod(year * 12 + month - 1, 12)
    try:
        # Adding to an aware datetime moves the wall clock, so the roll-over happens on the calendar of the zone.
        day_one = datetime(years, month_index + 1, 1, tzinfo=zone)
        return day_one + timedelta(days=day - 1, hours=hour, minutes=minute)
    except (ValueError, OverflowError) as exc:
        raise ValueError(f"Invalid/Unsupported Wait Until format.  Provided: {text}") from exc


def _zone(name: str) -> tzinfo | None:
    """Find a time zone by offset, Java's name or the database's; None if it is unknown."""
    from zoneinfo import ZoneInfo

    from podium.model.zone_names import offset_of

    offset = _OFFSET.fullmatch(name.upper())
    try:
        if offset is not None:
            length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
            return timezone(length if offset[1] == "+" else -length)
        minutes = 0 if name.upper() == "Z" else offset_of(name)
        return ZoneInfo(name) if minutes is None else timezone(timedelta(minutes=minutes))
    except (ValueError, LookupError, OSError):
        # zoneinfo raises ValueError for names that leave its folder, LookupError for unknown ones, OSError for folders.
        return None


def duration_text(ms: int) -> str:
    """
    Return milliseconds in the unit that people would use.

    Example:
        >>> duration_text(62_500)
        '1 min 2 s'
    """
    if ms < 1_000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1_000:.1f} s"
    minutes, seconds = divmod(ms // 1_000, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
