"""
What becomes of requests when the store or the machine fails.

Nobody waits longer than needed: who asked for something is told. Results of work are kept until they can be written,
for nobody would report them again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from podium.engine.backlog import Backlog
from podium.engine.batch import Item
from podium.engine.config import EngineConfig
from podium.engine.events import (
    Claim,
    Continue,
    Due,
    Fail,
    OfferAgain,
    Pause,
    Released,
    TakeOver,
    Terminate,
)
from podium.engine.requests import (
    FireSchedule,
    PauseSchedule,
    ResumeSchedule,
    RunSchedule,
    SaveSchedule,
    StartRequest,
)
from podium.model.assignments import Report, TaskStarted
from podium.model.errors import CommitUncertain, PodiumError, Shortage, StoreError

_log = logging.getLogger("podium.engine")

#: Requests that may be made again when it is uncertain whether they were committed: a repetition changes nothing.
_REPEATABLE = (
    StartRequest,
    Report,
    Due,
    TaskStarted,
    Released,
    Claim,
    TakeOver,
    OfferAgain,
    Pause,
    Terminate,
    Continue,
    Fail,
    SaveSchedule,
    PauseSchedule,
    ResumeSchedule,
    RunSchedule,
    FireSchedule,
)

#: Tries of an event for which there is no memory: with 100 ms between two, about a second.
_MEMORY_TRIES_MAX = 10
#: Tries of a request whose caller waits while the machine is short of something: about 5 s.
_ASK_TRIES_MAX = 50
#: Milliseconds between two lines of the log about one and the same trouble.
_COMPLAINT_MS = 10_000


class Setbacks:
    """Keeps, repeats or refuses requests that could not be acted on. Belongs to the kernel's thread."""

    def __init__(self, config: EngineConfig, backlog: Backlog) -> None:
        self._clock = config.clock
        self._backlog = backlog
        self._complains_at = 0

    def after_uncertain(self, group: Sequence[Item], touched: Iterable[str], error: CommitUncertain) -> None:
        """Make repeatable requests again; then offer what may have been committed and not given out."""
        again = []
        for item in group:
            # A retry or a restart that is made twice would do a thing twice.
            if isinstance(item.request, _REPEATABLE):
                again.append(item._replace(is_uncertain=True))
            elif item.reply is not None:
                item.reply.reject(error)
        self._backlog.put_off([*again, *(Item(OfferAgain(run_id)) for run_id in touched)])

    def store_is_gone(self, group: Sequence[Item], error: StoreError) -> None:
        """The store cannot be reached: callers are told, results of work are kept until it can."""
        kept = []
        for item in group:
            if item.reply is None:
                kept.append(item)
            elif item.is_uncertain:
                item.reply.reject(CommitUncertain("it may have happened at an earlier try, and now the store is gone"))
            else:
                item.reply.reject(error)
        self._backlog.put_off(kept)
        self._complain("the store cannot be reached (%s); %d events wait", error)

    def refuse_all(self, group: Sequence[Item], error: PodiumError) -> None:
        """Tell who waits that it cannot be done now; keep what nobody waits for."""
        for item in group:
            if item.reply is not None:
                item.reply.reject(error)
        self._backlog.put_off([item for item in group if item.reply is None])

    def wait_out(self, item: Item, error: Exception) -> bool:
        """Keep an item for which the machine is short of something now; False if that has gone on for too long."""
        if isinstance(error, MemoryError) and item.tries >= _MEMORY_TRIES_MAX:
            return False  # it is the work itself that needs more than there is
        if item.reply is not None and item.tries >= _ASK_TRIES_MAX:
            item.reply.reject(Shortage(f"the machine is short of something, and nothing was changed: {error!r}"))
            return True
        self._backlog.put_off([item._replace(tries=item.tries + 1)])
        self._complain("the machine is short of something (%r); %d events wait", error)
        return True

    def _complain(self, text: str, error: Exception) -> None:
        """Say what is missing, though not with every try."""
        now = self._clock.now()
        if now >= self._complains_at:
            self._complains_at = now + _COMPLAINT_MS
            _log.warning(text, error, self._backlog.put_off_count)
