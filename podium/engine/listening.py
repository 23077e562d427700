"""Hearing what other processes commit: a thread that sleeps until the store says so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.model.errors import StoreError
from podium.model.shortages import is_shortage
from podium.model.statuses import RunStatus

if TYPE_CHECKING:
    from podium.engine.ports import Backend, Heard, Listening
    from podium.engine.replies import Watchers

_log = logging.getLogger("podium.engine")

#: Seconds after which a silent store is asked anew, and the pause after one that cannot be reached.
_SILENCE_S, _PAUSE_S = 5.0, 0.2


def tell_watchers(heard: Heard, watchers: Watchers, backend: Backend) -> None:
    """Tell those who wait for runs, or follow them, what other processes did."""
    watchers.changed(None)
    if heard.ended is not None:
        for run_id in heard.ended:
            watchers.ended(run_id)
        return
    awaited = watchers.awaited
    for pulse in backend.pulses(awaited).values() if awaited else ():
        if RunStatus(pulse.status).is_terminal:
            watchers.ended(pulse.run_id, pulse.revision)


class CommitListener:
    """
    The thread that hears.

    Nothing depends on it but time: what it does not hear, the services of the kernel find at their next turn.

    Args:
        listening: What the store offers.
        heard: Called after others have committed something; on the thread.
    """

    def __init__(self, listening: Listening, heard: Callable[[Heard], None]) -> None:
        self._listening = listening
        self._heard = heard
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="podium-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; where there is no thread to be had, the services must do."""
        try:
            self._thread.start()
        except RuntimeError as error:
            if not is_shortage(error):
                raise

    def hurry(self) -> None:
        """Somebody waits for another process's word: listen as closely as can be for a while."""
        self._listening.hurry()

    def close(self) -> None:
        """End the thread."""
        self._is_closing.set()
        self._listening.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _main(self) -> None:
        while not self._is_closing.is_set():
            try:
                heard = self._listening.wait(_SILENCE_S)
                if heard is not None:
                    self._heard(heard)
            except StoreError:
                self._is_closing.wait(_PAUSE_S)
            except Exception:  # noqa: BLE001  # the runs in hand must go on, and the services see what is not heard
                _log.exception("the listener has failed; it goes on")
                self._is_closing.wait(_PAUSE_S)
