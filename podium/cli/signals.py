"""How a process that serves is told to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from podium.cli.console import say

#: Seconds within which a second SIGTERM is the same word.
_SAME_WORD_S = 0.5


@contextmanager
def told_by_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call *stop* when the process is told to stop (SIGTERM, Ctrl-C); end it at once when it is told again."""
    told_at: float | None = None

    def told(number: int, _: FrameType | None) -> None:
        nonlocal told_at
        if told_at is not None:
            if number == signal.SIGTERM and time.monotonic() - told_at < _SAME_WORD_S:
                return  # who starts it, such as timeout(1), tells both the process and its group
            say("told twice: it ends at once; what runs will be done again")
            os._exit(128 + number)
        told_at = time.monotonic()
        stop()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
