"""How much a pool of workers asks a server for, and for how long."""

from __future__ import annotations

import random
from collections.abc import Iterable

from podium.model.assignments import Consumer

#: Most attempts that one poll asks for.
_COUNT_MAX = 100
#: Milliseconds of a poll that expects to find something: Conductor waits until it has as many as it was asked for.
_SHORT_MS = 100
#: Milliseconds of a poll for which nothing was there lately: twice as many each time. Conductor takes no more.
_IDLE_MS, _IDLE_MAX_MS = 250, 5_000
#: Seconds until a server is polled again that is away: twice as many each time, a part of them by chance.
_AWAY_S, _AWAY_MAX_S = 0.1, 10.0


class PollLine:
    """
    The polls of one queue for one consumer, one after the other.

    A queue in which something was found is asked for as many as there is room for. One that was empty is asked for a
    single attempt, and ever longer; so polls that wait promise no room that others need.

    Args:
        queue: ``task``, or ``domain:task``.
        consumer: Who serves it.
    """

    def __init__(self, queue: str, consumer: Consumer) -> None:
        self.queue: str = queue
        self.consumer: Consumer = consumer
        self.is_closing: bool = False
        #: What it has asked for, and has not got yet, as far as it takes room from other queues.
        self.reserved: int = 0
        #: Polls in a row that found nothing; a new queue counts as one, so that it takes no room from others.
        self._empty = 1
        self._failed = 0

    @property
    def task_type(self) -> str:
        """The task's name."""
        return self.queue.partition(":")[2] if ":" in self.queue else self.queue

    @property
    def domain(self) -> str | None:
        """The domain of its workers."""
        return self.queue.partition(":")[0] if ":" in self.queue else None

    @property
    def is_idle(self) -> bool:
        """Nothing was found lately."""
        return self._empty > 0

    def count(self, others: Iterable[PollLine]) -> int:
        """Return how many attempts to ask for; 0 for none."""
        room = self.consumer.room(self.queue)
        if self.is_idle:
            return min(1, max(0, room))
        free = room - sum(one.reserved for one in others if one is not self and one.consumer is self.consumer)
        return max(0, min(free, _COUNT_MAX))

    @property
    def wait_ms(self) -> int:
        """Milliseconds for which the server is asked to wait."""
        return min(_IDLE_MAX_MS, _IDLE_MS << min(self._empty - 1, 8)) if self.is_idle else _SHORT_MS

    def found(self, count: int, waited_s: float) -> float:
        """Learn from an answer; gives the seconds until the next poll, where the server itself did not wait."""
        self._failed = 0
        asked_s = self.wait_ms / 1000
        self._empty = 0 if count else self._empty + 1
        if count or waited_s >= asked_s / 2:
            return 0.0
        return random.uniform(asked_s / 2, asked_s)  # noqa: S311  # so that many workers do not come back at once

    def failed(self) -> float:
        """Learn from a poll that failed; gives the seconds until the next."""
        self._failed += 1
        longest = min(_AWAY_MAX_S, _AWAY_S * 2 ** min(self._failed - 1, 10))
        return random.uniform(longest / 2, longest)  # noqa: S311  # as above
