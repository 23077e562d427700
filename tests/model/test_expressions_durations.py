from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.durations import parse_duration_s, parse_until, seconds

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "length_s"),
    [
        ("10 seconds", 10),
        ("5s", 5),
        ("1 sec", 1),
        ("2secs", 2),
        ("1h", 3600),
        ("2 hrs", 7200),
        ("1 hr", 3600),
        ("3 hours", 10800),
        ("7m", 420),
        ("7 min", 420),
        ("7 mins", 420),
        ("1 minute", 60),
        ("14 days", 14 * 86400),
        ("1 day", 86400),
        ("2D", 2 * 86400),
        ("1 DAY 2hrs 3 min 4sec", 93784),
        ("1d2h3m4s", 93784),
        ("  5 m  ", 300),
        ("0s", 0),
    ],
)
def test_duration_reads_parts_in_order(text: str, length_s: int) -> None:
    """Days, hours, minutes and seconds in this order, in any case, with or without blanks."""
    assert length_s == parse_duration_s(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "5", "1.5h", "5ms", "PT5S", "-5s", "1s 1h", "1h 1h", "soon", "5 s x", "9" * 40 + "s", "٣s"]
)
def test_duration_refuses_what_conductor_refuses(text: str) -> None:
    """Bare numbers, fractions, milliseconds, ISO 8601 and another order are no durations."""
    with pytest.raises(ValueError, match=r"^Not valid duration: "):
        parse_duration_s(text)


def test_duration_refuses_long_nonsense_at_once() -> None:
    """Thousands of blanks are no way to keep the reader busy."""
    with pytest.raises(ValueError, match="Not valid duration"):
        parse_duration_s(" " * 20_000 + "x")


@given(st.text(max_size=40))
def test_duration_raises_nothing_else(text: str) -> None:
    """Any text is a length or a ValueError."""
    try:
        assert parse_duration_s(text) >= 0
    except ValueError as exc:
        assert str(exc).startswith(f"Not valid duration: {text[:100]}; write whole days, hours")  # noqa: PT017 # both outcomes are right


@pytest.mark.parametrize(
    ("value", "length_s"),
    [("1m", 60), (5, 5), (0, 0), (1.2, 2), (timedelta(hours=1), 3600), (timedelta(milliseconds=1), 1)],
)
def test_seconds_takes_what_python_authors_write(value: str | float | timedelta, length_s: int) -> None:
    """Numbers, timedeltas and texts; a fraction is rounded up."""
    assert length_s == seconds(value)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), timedelta(seconds=-1), True, "5"])
def test_seconds_refuses_what_is_no_length(value: str | float | timedelta) -> None:
    """Negative and endless lengths, and a bool, are mistakes."""
    with pytest.raises(ValueError, match="Not valid duration"):
        seconds(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-24 18:00", "2026-12-24T18:00:00+01:00"),
        ("2026-07-01 18:00", "2026-07-01T18:00:00+02:00"),
        ("2026-12-24", "2026-12-24T00:00:00+01:00"),
        ("2026-1-2 3:4", "2026-01-02T03:04:00+01:00"),
        (" 2026-12-24 ", "2026-12-24T00:00:00+01:00"),
        ("2026-12-24 18:00 UTC", "2026-12-24T18:00:00+00:00"),
        ("2026-12-24 18:00 GMT", "2026-12-24T18:00:00+00:00"),
        ("2026-12-24 18:00 PST", "2026-12-24T18:00:00-08:00"),
        ("2026-12-24 18:00 America/New_York", "2026-12-24T18:00:00-05:00"),
        ("2026-12-24 18:00 +05:30", "2026-12-24T18:00:00+05:30"),
        ("2026-12-24 18:00 GMT-2", "2026-12-24T18:00:00-02:00"),
        ("2026-13-01", "2027-01-01T00:00:00+01:00"),
        ("2026-25-01 00:00", "2028-01-01T00:00:00+01:00"),
        ("2026-00-00", "2025-11-30T00:00:00+01:00"),
        ("2026-02-30 25:61", "2026-03-03T02:01:00+01:00"),
    ],
)
def test_until_reads_three_formats_leniently(text: str, expected: str) -> None:
    """A day, a minute, a minute with a zone; what is too much rolls over."""
    assert expected == parse_until(text, BERLIN).isoformat()


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("PST", -8), ("pst", -8), ("PDT", -7), ("EDT", -4), ("CST", -6), ("CET", 1), ("CEST", 2), ("BST", 1),
        ("MSK", 3), ("IST", 2), ("JST", 9), ("AEST", 10), ("HKT", 8), ("utc", 0), ("GMT", 0), ("Z", 0),
        ("Pacific Standard Time", -8), ("central european summer time", 2), ("India Standard Time", 5.5),
        ("GMT+2:00", 2), ("+0530", 5.5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", ["2026-07-01", "2026-12-31"])
def test_a_zone_that_is_named_by_its_offset_keeps_it_in_every_season(zone: str, hours: float, day: str) -> None:
    """What Java reads as a fixed offset is one: PST in July is UTC-8; case does not matter."""
    assert parse_until(f"{day} 12:00 {zone}", BERLIN).utcoffset() == timedelta(hours=hours)


def test_an_unknown_zone_is_named() -> None:
    """The message says which word is unknown, and what to write."""
    with pytest.raises(ValueError, match=r"no time zone is called 'XYZ': write an offset such as \+02:00"):
        parse_until("2026-12-24 18:00 XYZ", BERLIN)


def test_until_uses_the_zone_it_is_given() -> None:
    """A text without a zone is in the default zone."""
    assert datetime(2026, 1, 1, tzinfo=UTC) == parse_until("2026-01-01", UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-12-24 18:00:00",
        "2026-12-24T18:00",
        "2026-12-24 18:00 Nowhere/Land",
        "2026-12-24 18:00 ../../etc/passwd",
        "2026-12-24 18:00 America",
        "2026-12-24 18:00 +99:00",
        "0000-01-01",
        "99999-01-01",
        "2026-01-999999999",
    ],
)
def test_until_refuses_other_formats(text: str) -> None:
    """Seconds, ISO 8601, unknown zones and years outside the calendar are refused with Conductor's words."""
    with pytest.raises(ValueError, match=r"^Invalid/Unsupported Wait Until format.  Provided: "):
        parse_until(text, BERLIN)
