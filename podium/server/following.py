"""Who follows runs: pages that show them are told when one has changed, by the commit that changed it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from podium.engine.replies import Watchers

#: Follows every run.
ALL: Final = ""


class Following:
    """
    Tells those who follow a run, or all runs, that something was committed. Belongs to the event loop it is made in.

    The engine is listened to only while somebody follows; of what other processes commit nobody says which runs it was
    about, so all who follow are told, and look.

    Args:
        watchers: Those of the engine.
    """

    def __init__(self, watchers: Watchers) -> None:
        self._watchers = watchers
        self._loop = asyncio.get_running_loop()
        self._signals: dict[str, set[asyncio.Event]] = {}
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will be told, because the server ends."""
        return self._is_closed

    @contextmanager
    def of(self, run_id: str = ALL) -> Iterator[asyncio.Event]:
        """Yield what is set whenever a run may have changed; whoever waits for it clears it, and then looks."""
        signal = asyncio.Event()
        if not self._signals:
            self._watchers.followers.append(self._changed)
        self._signals.setdefault(run_id, set()).add(signal)
        try:
            yield signal
        finally:
            self._signals[run_id].discard(signal)
            if not self._signals[run_id]:
                del self._signals[run_id]
            if not self._signals:
                self._watchers.followers.remove(self._changed)

    def close(self) -> None:
        """Let all who follow see that it is over; from any thread."""
        self._is_closed = True
        self._changed(None)

    def _changed(self, run_ids: Collection[str] | None) -> None:
        """Wake who follows; called by the engine's threads."""
        if run_ids is None or ALL in self._signals or not self._signals.keys().isdisjoint(run_ids):
            try:
                self._loop.call_soon_threadsafe(self._wake, None if run_ids is None else frozenset(run_ids))
            except RuntimeError:
                return  # the loop was closed meanwhile: nobody waits there any more

    def _wake(self, run_ids: Collection[str] | None) -> None:
        for followed, signals in self._signals.items():
            if run_ids is None or followed == ALL or followed in run_ids:
                for signal in signals:
                    signal.set()
