"""Hearing other processes where the database does not tell: it counts commits, and a look at the count costs little."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from podium.engine.ports import Heard

if TYPE_CHECKING:
    from podium.engine.ports import Listening

#: Seconds between two looks where something was heard a moment ago.
_KEEN_S = 0.0005

#: How much longer each quiet pause is than the one before.
_GROWTH = 1.1


class CountListening:
    """
    Looks at the count, often while others are at work, rarely while they are not.

    SQLite has no way to wake another process, and neither has MySQL. SQLite's count (``PRAGMA data_version``) needs no
    file of ours that could be left behind, no port that a container does not share, and works on every system.

    Args:
        count: Gives a number that changes with each commit of another process; None if that cannot be said now.
        known: What it is now.
        calm_s: Seconds between two looks where it has been quiet.
    """

    def __init__(self, count: Callable[[], int | None], known: int | None, calm_s: float = 0.01) -> None:
        self._count = count
        self._calm_s = calm_s
        self._known = known
        self._pause_s = _KEEN_S
        self._bell = threading.Event()
        self._is_closed = False

    def wait(self, timeout_s: float) -> Heard | None:
        """Wait for a commit of another process; see `podium.engine.ports.Listening.wait`."""
        deadline = monotonic() + timeout_s
        while not self._is_closed:
            count = self._count()
            if count is not None and count != self._known:
                self._known, self._pause_s = count, _KEEN_S
                return Heard()
            left = deadline - monotonic()
            if left <= 0:
                break
            if self._bell.wait(min(self._pause_s, left)):
                self._bell.clear()
                self._pause_s = _KEEN_S
            else:
                self._pause_s = min(self._pause_s * _GROWTH, self._calm_s)
        return None

    def hurry(self) -> None:
        """Look often for a while."""
        self._bell.set()

    def close(self) -> None:
        """End the wait."""
        self._is_closed = True
        self._bell.set()


if TYPE_CHECKING:
    _conforms: type[Listening] = CountListening
