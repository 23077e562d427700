"""Virtual time: a clock that stands still until it is moved, and one that an engine moves itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from podium.model.durations import exact_seconds, in_milliseconds
from podium.model.errors import InvalidRequest

#: Where virtual time begins: 2026-01-01T00:00:00Z in epoch milliseconds.
EPOCH_MS = 1_767_225_600_000

#: 9999-12-31T00:00:00Z: what comes later has no datetime.
_LAST_MS = 253_402_214_400_000

#: Real seconds that `JumpingClock.advance` waits for functions that are at work.
_PATIENCE_S = 60.0


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start_ms: int = EPOCH_MS) -> None:
        self._now = start_ms

    def now(self) -> int:
        """Return the virtual time in epoch milliseconds."""
        return self._now

    def passed(self) -> int:
        """Return the same: virtual time is exact."""
        return self.now()

    @property
    def time(self) -> datetime:
        """The virtual time as an aware UTC datetime."""
        return datetime.fromtimestamp(self._now / 1000, UTC)

    def move_to(self, moment_ms: int) -> None:
        """Move to a moment; never back."""
        self._now = max(self._now, moment_ms)


class JumpingClock(VirtualClock):
    """
    The clock of an engine with real workers: it jumps to the next moment at which something is due.

    It does so only while somebody waits for a run, or within `advance`, and never while a function is at work.

    Attributes:
        is_at_standstill: Nothing will ever happen by itself: nothing is under way, and nothing is due.
    """

    def __init__(self, start_ms: int = EPOCH_MS) -> None:
        super().__init__(start_ms)
        self.is_at_standstill: bool = False
        self._change = threading.Condition()
        #: Each tells whether the run that somebody waits for still goes on.
        self._awaiting: list[Callable[[], bool]] = []
        self._target: int | None = None

    @contextmanager
    def awaiting(self, goes_on: Callable[[], bool]) -> Iterator[None]:
        """
        Return what is open while somebody waits for a run.

        Args:
            goes_on: Tells whether the run is known to go on; time does not pass for one that has ended, though whoever
                waits for it may not have heard of that yet.
        """
        with self._change:
            self.is_at_standstill = False
            self._awaiting.append(goes_on)
        try:
            yield
        finally:
            with self._change:
                self._awaiting.remove(goes_on)

    def pass_time(self, due: int | None) -> bool:
        """Move to the next moment, if it is time to; called by the engine when nothing is under way."""
        with self._change:
            target = self._target
            if target is not None and (due is None or due > target):
                self.move_to(target)
                self._target = None
                self._change.notify_all()
                return False
            if due is not None and (target is not None or any(goes_on() for goes_on in self._awaiting)):
                self.move_to(due)
                return True
            self.is_at_standstill = due is None
            return False

    def aim(self, target_ms: int) -> None:
        """
        Let the engine move time to a moment, step by step; `arrive` waits for it.

        Raises:
            InvalidRequest: It is after the year 9999.
        """
        if target_ms > _LAST_MS:
            raise InvalidRequest("time ends with the year 9999; move it by less")
        with self._change:
            self._target = max(self._now, target_ms)

    def arrive(self) -> None:
        """
        Wait until time has come where it was aimed at, and all that was due has been done.

        Raises:
            InvalidRequest: A function is at work for a minute of real time.
        """
        with self._change:
            if not self._change.wait_for(lambda: self._target is None, _PATIENCE_S):
                self._target = None
                raise InvalidRequest(
                    f"time stands still at {self.time:%Y-%m-%d %H:%M:%S}: a task's function has been at work for "
                    f"{_PATIENCE_S:g} s of real time; time passes only while no function runs"
                )


def milliseconds(length: timedelta | str | float) -> int:
    """
    Return a length of time in milliseconds.

    Args:
        length: Such as ``"30 days"`` or ``"250ms"``, a timedelta, or a number of seconds, which may be a fraction.

    Raises:
        InvalidRequest: It cannot be read, or is negative.

    Example:
        >>> milliseconds("1h"), milliseconds(0.25), milliseconds(timedelta(days=1))
        (3600000, 250, 86400000)
    """
    try:
        if isinstance(length, str):
            return in_milliseconds(exact_seconds(length))
        seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    except (ValueError, TypeError) as error:
        raise InvalidRequest(f"a length of time is expected, such as '30 days' or 1.5: {error}") from None
    if not 0 <= seconds < float("inf"):
        raise InvalidRequest(f"a length of time is expected that is not negative, not {length!r}")
    return round(seconds * 1000)


def moment_ms(moment: datetime | str) -> int:
    """
    Return a moment in epoch milliseconds.

    Args:
        moment: A datetime, or a text in ISO format such as ``2026-03-01`` or ``2026-03-01T08:30:00+01:00``; UTC if it
            has no zone.

    Raises:
        InvalidRequest: It cannot be read.

    Example:
        >>> moment_ms("2026-01-01") == EPOCH_MS
        True
    """
    try:
        read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"a moment is expected, such as '2026-03-01T08:30:00Z': {error}") from None
