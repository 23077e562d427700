"""
Cron expressions: the moments that one names, forward and backward.

Five fields are those of Unix cron (minute, hour, day of month, month, day of week), six are Conductor's, which begin
with seconds. `cronsim` reads both and follows Debian's cron; it was chosen over `croniter` because it goes backward as
well, has no dependencies, and holds a documented rule where clocks are put forward and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from podium.model.errors import InvalidRequest
from podium.model.texts import shown

if TYPE_CHECKING:
    from cronsim import CronSim

#: Words for whole expressions.
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_TO_SUNDAY = re.compile(r"-(?:SUN|0)(?=$|[,/])")
_ZONE_PREFIXES = ("CRON_TZ=", "TZ=")
_FORMS = (
    "five fields (minute hour day month weekday), such as '0 0 1 * *', six with seconds before them, "
    "such as '*/30 * * * * *', or one of @yearly, @monthly, @weekly, @daily, @hourly"
)
#: Where days are counted from: the first moment that may be asked for is a day later, in every zone.
_FIRST_MS, _LAST_MS = 86_400_000, 250_000_000_000_000
#: Longer than clocks are ever put back; and the step in which the end of a gap is found.
_REPEATED, _MINUTE = timedelta(hours=4), timedelta(minutes=1)


class Cron:
    """
    The moments that a cron expression names in a time zone.

    Where clocks are put forward, a fixed time that does not exist is the first moment after the gap; where they are put
    back, a fixed time that comes twice counts once, the first time. What repeats within the hour, so that its minute or
    its hour begins with ``*``, follows the time that passes: it comes in the repeated hour too.

    Day of month and day of week: with five fields either is enough where both are restricted, as in Unix; with six both
    must hold, as in Conductor. ``?`` is ``*``.

    Args:
        expression: Five or six fields, or a word such as ``@daily``; perhaps with ``CRON_TZ=Europe/Berlin`` before it.
        zone: A name of the time zone database, where the expression has none of its own.

    Raises:
        InvalidRequest: The expression or the zone cannot be read, or no moment of the next 50 years is meant.

    Example:
        >>> monthly = Cron("0 9 1 * *", "Europe/Berlin")
        >>> at = datetime(2026, 3, 15, tzinfo=UTC)
        >>> datetime.fromtimestamp(monthly.after(int(at.timestamp() * 1000)) / 1000, UTC).isoformat()
        '2026-04-01T07:00:00+00:00'
    """

    def __init__(self, expression: str, zone: str = "UTC") -> None:
        if not isinstance(expression, str) or not expression.strip():
            raise InvalidRequest(f"cron: an expression is expected, not {expression!r:.60}: {_FORMS}")
        own, _, rest = expression.strip().partition(" ")
        prefix = next((word for word in _ZONE_PREFIXES if own.startswith(word)), None)
        self.zone: str = own.removeprefix(prefix) if prefix is not None else zone
        self._zone = zone_of(self.zone)
        text = rest.strip() if prefix is not None else expression.strip()
        self._fields = _fields(text, expression)
        self._is_unix = len(self._fields) == 5
        self._is_fixed = not any(field.startswith("*") for field in self._fields[-5:-3])
        try:
            found = self.after(_FIRST_MS * 365 * 40)
        except ValueError as error:
            raise InvalidRequest(f"cron: {expression!r} cannot be read ({error}); write {_FORMS}") from None
        if found is None:
            raise InvalidRequest(f"cron: {expression!r} names no moment within 50 years")

    def after(self, moment_ms: int) -> int | None:
        """Return the first moment after another one, in epoch milliseconds; None if there is none within 50 years."""
        return next((at for at in self._moments(moment_ms, is_back=False) if at > moment_ms), None)

    def until(self, moment_ms: int) -> int | None:
        """Return the last moment that is not after another one; None if there is none within 50 years."""
        return next((at for at in self._moments(moment_ms, is_back=True) if at <= moment_ms), None)

    def _moments(self, from_ms: int, *, is_back: bool) -> Iterator[int]:
        """Yield moments from about one on, in their order; the first few may be on its other side."""
        if is_back:
            from_ms += 1_000  # what is walked from is not given itself
        start = datetime.fromtimestamp(min(max(from_ms, _FIRST_MS), _LAST_MS) / 1000, self._zone)
        if self._is_fixed:
            # By the clock on the wall; what it shows in a repeated hour may be earlier than it seems.
            start = start.replace(tzinfo=None) + (_REPEATED if is_back else timedelta(0))
        walk = self._walk(start, is_back=is_back)
        while True:
            try:
                found = next(walk)
            except (StopIteration, OverflowError):
                return
            yield round((_real(found, self._zone) if self._is_fixed else found).timestamp() * 1000)

    def _walk(self, start: datetime, *, is_back: bool) -> CronSim:
        from cronsim import CronSim, CronSimError

        try:
            walk = CronSim(" ".join(self._fields), start, reverse=is_back)
        except CronSimError as error:
            raise ValueError(str(error)) from None
        walk.fixup_tz = None  # `_real` does it for both forms, and in both directions
        walk.dt = start.replace(microsecond=0)
        if not self._is_unix:
            walk.day_and = True
        return walk


def _real(shown: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which a clock on the wall shows a time first, or else the first after the gap it is in."""
    found = shown.replace(tzinfo=zone)
    while found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != found.replace(tzinfo=None):
        found = found.replace(second=0) + _MINUTE
    return found


def _fields(text: str, whole: str) -> list[str]:
    fields = _NICKNAMES.get(text.lower(), text).upper().split()
    if len(fields) not in {5, 6}:
        raise InvalidRequest(f"cron: {whole!r} has {len(fields)} field{'s' * (len(fields) != 1)}; write {_FORMS}")
    # Sunday ends a week as well as it begins one.
    fields[-1] = _TO_SUNDAY.sub("-7", fields[-1])
    return ["*" if field == "?" else field for field in fields]


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """
    Return a time zone by its name in the time zone database.

    Raises:
        InvalidRequest: There is none.
    """
    from zoneinfo import ZoneInfo

    if not isinstance(name, str):
        raise InvalidRequest(f"zone: the name of a time zone is expected, such as 'Europe/Berlin', not {shown(name)}")
    if name in {"UTC", "Z", "GMT"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise InvalidRequest(f"zone: no time zone is called {name!r:.60}; write such as 'Europe/Berlin'") from None


@lru_cache(maxsize=1_000)
def cron(expression: str, zone: str) -> Cron:
    """Return what an expression names; the same for the same words, for it is read once."""
    return Cron(expression, zone)
