"""The watch: a thread that looks after what the working threads cannot see while they are in authors' functions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import IntEnum

from podium.model.shortages import is_shortage


class Alertness(IntEnum):
    """How often the watch looks."""

    #: Not at all, until it is rung.
    ASLEEP = 0
    #: Often enough to see attempts that take long.
    CALM = 1
    #: Often enough that no result waits noticeably for a neighbour.
    KEEN = 2


_PAUSES_S = {Alertness.ASLEEP: None, Alertness.CALM: 0.025, Alertness.KEEN: 0.001}

#: Looks that find nothing before the watch grows less alert: to wake it again costs more than to look again.
_LINGER = 5


class Watch:
    """
    Calls *look* as often as *look* itself asks for; costs nothing while nothing is in work.

    Attributes:
        alertness: How often it looks now.
    """

    def __init__(self, look: Callable[[], Alertness]) -> None:
        self.alertness: Alertness = Alertness.ASLEEP
        self._look = look
        self._bell = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closing = False

    def ensure(self, alertness: Alertness) -> None:
        """
        Let the watch look at least so often from now on.

        Call it after the change that is to be looked after, or the watch may fall asleep in between.
        """
        if self.alertness < alertness and not self._bell.is_set():  # else it looks as soon as it has the interpreter
            self._ring()

    def close(self) -> None:
        """End the thread as soon as there is nothing to look after."""
        self._is_closing = True
        if self._thread is not None:
            self._bell.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread's end."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _ring(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    thread = threading.Thread(target=self._main, name="podium-watch", daemon=True)
                    try:
                        thread.start()
                    except RuntimeError as error:
                        if not is_shortage(error):
                            raise
                        return  # of threads: who works can work unwatched, and the next one rings again
                    self._thread = thread
        # From now on, not from when it has looked: until then each piece of work would ring, and wake it for nothing.
        self.alertness = max(self.alertness, Alertness.CALM)
        self._bell.set()

    def _main(self) -> None:
        quiet = 0
        while True:
            self._bell.wait(_PAUSES_S[self.alertness])
            self._bell.clear()
            wanted = self._look()
            quiet = quiet + 1 if wanted < self.alertness else 0
            if wanted > self.alertness:
                self.alertness = wanted
            elif quiet > _LINGER or self._is_closing:
                # Lower first and look again: what changed in between saw the old alertness and rang nobody.
                self.alertness = wanted
                self.alertness = max(wanted, self._look())
                quiet = 0
            if self._is_closing and self.alertness is Alertness.ASLEEP:
                return
