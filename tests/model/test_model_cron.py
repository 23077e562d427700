"""`podium.model.cron`: which moments an expression names, where clocks are changed too."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.cron import Cron
from podium.model.errors import InvalidRequest

BERLIN = ZoneInfo("Europe/Berlin")
_EXPRESSIONS = (
    "*/20 * * * *",
    "30 2 * * *",
    "15 30 2 * * *",
    "0 */20 * * * *",
    "30 1,2,3 * * *",
    "0 0 L * *",
    "0 0 13 * FRI",
    "0 0 0 13 * FRI",
    "@weekly",
)
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def ms(*parts: int, zone: ZoneInfo = BERLIN, fold: int = 0) -> int:
    """Return a moment in epoch milliseconds."""
    return round(datetime(*parts, tzinfo=zone, fold=fold).timestamp() * 1000)  # type: ignore[misc, arg-type]  # parts of a date and a time


def walk(expression: str, start: int, count: int) -> list[str]:
    """Return the moments after a start as Berlin's clocks show them."""
    cron, found = Cron(expression, "Europe/Berlin"), [start]
    while len(found) <= count:
        at = cron.after(found[-1])
        assert at is not None
        found.append(at)
    return [datetime.fromtimestamp(at / 1000, BERLIN).strftime("%m-%d %H:%M:%S %z") for at in found[1:]]


@pytest.mark.parametrize("expression", ["30 2 * * *", "0 30 2 * * *"])
def test_a_fixed_time_comes_once_a_day(expression: str) -> None:
    """At the end of the gap where it does not exist, and the first time where it comes twice; with seconds too."""
    assert walk(expression, ms(2026, 3, 28), 3) == [
        "03-28 02:30:00 +0100",
        "03-29 03:00:00 +0200",
        "03-30 02:30:00 +0200",
    ]
    assert walk(expression, ms(2026, 10, 24, 12), 2) == ["10-25 02:30:00 +0200", "10-26 02:30:00 +0100"]


def test_what_repeats_follows_the_time_that_passes() -> None:
    """Every half hour is so in the hour that comes twice, and in the night without one hour."""
    assert walk("*/30 * * * *", ms(2026, 10, 25, 2, 30), 3) == [
        "10-25 02:00:00 +0100",
        "10-25 02:30:00 +0100",
        "10-25 03:00:00 +0100",
    ]
    assert walk("*/30 * * * *", ms(2026, 3, 29, 1, 0), 2) == ["03-29 01:30:00 +0100", "03-29 03:00:00 +0200"]


def test_days_of_month_and_week_are_as_in_each_form() -> None:
    """Five fields take either, as Unix does; six want both, as Conductor does; the Friday is the 13th there."""
    assert walk("0 0 13 * FRI", ms(2026, 11, 1), 3) == [
        "11-06 00:00:00 +0100",
        "11-13 00:00:00 +0100",
        "11-20 00:00:00 +0100",
    ]
    assert walk("0 0 0 13 * FRI", ms(2026, 3, 14), 1) == ["11-13 00:00:00 +0100"]
    assert walk("0 0 9 ? * MON-SUN", ms(2026, 3, 14), 2) == ["03-14 09:00:00 +0100", "03-15 09:00:00 +0100"]


def test_a_zone_may_stand_before_the_expression() -> None:
    """It wins over the schedule's."""
    tokyo = Cron("CRON_TZ=Asia/Tokyo 0 9 * * *", "Europe/Berlin")
    assert tokyo.after(ms(2026, 1, 1, zone=ZoneInfo("UTC"))) == ms(2026, 1, 2, 0, zone=ZoneInfo("UTC"))


@given(
    st.sampled_from(_EXPRESSIONS),
    st.sampled_from(_ZONES),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001  # made aware below
)
def test_backward_is_the_way_forward(expression: str, zone: str, start: datetime) -> None:
    """The last moment before a moment is where it was come from, and each is its own last."""
    cron, begin = Cron(expression, zone), round(start.replace(tzinfo=UTC).timestamp() * 1000)
    moments, at = [], cron.after(begin)
    for _ in range(6):
        assert at is not None
        moments.append(at)
        at = cron.after(at)

    assert moments == sorted(set(moments))
    assert moments[0] > begin
    assert [cron.until(moment) for moment in moments] == moments
    assert [cron.until(moment - 1) for moment in moments[1:]] == moments[:-1]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "an expression is expected"),
        ("* * *", "has 3 fields"),
        ("@reboot", "has 1 field; write"),
        ("61 * * * *", "Bad minute"),
        ("0 0 30 2 *", "cannot be read"),
        ("0 0 * * * * *", "has 7 fields"),
        ("TZ=Mars/X 0 0 * * *", "no time zone is called 'Mars/X'"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(expression: str, words: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(InvalidRequest, match=words):
        Cron(expression)
