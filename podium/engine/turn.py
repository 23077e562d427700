"""How much may be done for one run before others get their turn."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen


@frozen(kw_only=True)
class Share:
    """
    What one run may take of one commit, by work and by time.

    Time is the engine's clock, so in virtual time only the work counts and the same calls give the same commits.
    """

    #: Most attempts that are made or changed; large payloads count as several.
    work_max: int = 1_000
    #: Milliseconds after which others who wait get their turn.
    soft_ms: int = 1
    #: Milliseconds after which the turn is over though nobody waits.
    hard_ms: int = 10


#: Bytes of payloads that count as one attempt: 10 MB keep a disk busy for a twentieth of a second. One attempt with the
#: largest payload is less than a turn: what follows it shares its commit.
WRITTEN_AS_ONE = 16384

#: Things that are done between two looks at the clock.
_STRIDE = 4


#: The clock of a world where no time passes.
def _standstill() -> int:
    return 0


def _nobody() -> bool:
    return False


class Turn:
    """
    One run's turn, and that of the runs that it sets off in the same commit; after it comes the next one's (`begin`).

    Args:
        share: How much a turn may take.
        clock: Gives the time in milliseconds.
        is_awaited: Tells whether others wait.

    Attributes:
        made: How much work was done so far.
        unlooked: How many more things may be done without a look (`look`): to ask for the time, and whether others
            wait, costs as much as a small thing. Whoever does one counts it down, or calls `take`.
    """

    __slots__ = (
        "_began",
        "_clock",
        "_hard_ms",
        "_is_awaited",
        "_soft_ms",
        "_unlooked_first",
        "_work_max",
        "made",
        "unlooked",
    )

    def __init__(
        self,
        share: Share,
        clock: Callable[[], int] = _standstill,
        is_awaited: Callable[[], bool] = _nobody,
    ) -> None:
        self._clock = clock
        self._is_awaited = is_awaited
        self._work_max = share.work_max
        self._soft_ms = share.soft_ms
        self._hard_ms = share.hard_ms
        # The first always: else a process that is busy enough would cut every turn before it has done anything.
        self._unlooked_first = max(1, min(_STRIDE, self._work_max))
        self.begin(clock())

    def begin(self, now: int) -> None:
        """Begin another turn."""
        self._began = now
        self.made = 0
        self.unlooked = self._unlooked_first

    def begin_now(self) -> None:
        """Begin it only now: what took its time so far is not the run's."""
        self.begin(self._clock())

    def take(self) -> bool:
        """Return whether one more thing may be done; the first may, so that each turn brings its run on."""
        if self.unlooked:
            self.unlooked -= 1
            return True
        return self.look()

    def look(self) -> bool:
        """Return whether one more thing may be done, which is counted, where none is left that needs no look."""
        if self.is_over:
            return False
        self.unlooked = min(_STRIDE, self._work_max - self.made) - 1
        return True

    @property
    def is_over(self) -> bool:
        """Whether what is left must wait for the next turn."""
        if self.made >= self._work_max:
            return True
        # Whether others wait is asked only when the soft limit has passed: it costs a look into two queues.
        taken_ms = self._clock() - self._began
        return taken_ms >= self._soft_ms and (taken_ms >= self._hard_ms or self._is_awaited())
