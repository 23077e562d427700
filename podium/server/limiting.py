"""How often somebody may ask: a bucket of tokens for each caller."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import monotonic

from podium.server.errors import Refusal

#: Most callers that are remembered; the one that asked longest ago is forgotten, and begins anew with a full bucket.
_CALLERS_MAX = 100_000


class Buckets:
    """
    Lets each caller ask so often, and for a moment oftener.

    Args:
        rate: Requests a second.
        burst: Requests at once, after a while of rest.
        now: Seconds, from wherever.

    Example:
        >>> buckets = Buckets(1.0, 2, now=lambda: 0.0)
        >>> [buckets.wait_s("ann") for _ in range(3)]
        [0.0, 0.0, 1.0]
    """

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        #: By caller: when its bucket would be full.
        self._full_at: dict[str, float] = {}

    def wait_s(self, caller: str) -> float:
        """Return 0 if a caller may ask now, and count that; else the seconds until it may."""
        now = self._now()
        full_at = max(self._full_at.pop(caller, now), now)
        wait = full_at - now - (self._burst - 1) / self._rate
        if wait > 1e-9:
            self._full_at[caller] = full_at
            return wait
        self._full_at[caller] = full_at + 1 / self._rate
        if len(self._full_at) > _CALLERS_MAX:
            del self._full_at[next(iter(self._full_at))]
        return 0.0

    def refuse(self, caller: str, words: str) -> None:
        """
        Count a request, and refuse it if there were too many.

        Raises:
            Refusal: 429, with the seconds to wait in ``Retry-After``.
        """
        wait = self.wait_s(caller)
        if wait:
            raise Refusal(429, words, headers={"retry-after": str(ceil(wait))}, retryable=True)
