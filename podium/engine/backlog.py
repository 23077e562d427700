"""
What waits to be decided: events, and runs whose last turn was too short.

While everything that waits fits into one group, first come is first served. Beyond that the runs take turns, so the
40,000 results of one run hold up no other; and so many starts wait in a line of their own, because what brings runs on
must not wait for those who want to begin more.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence

from podium.engine.batch import Item
from podium.engine.events import Continue
from podium.engine.ports import Clock
from podium.engine.requests import StartRequest

#: One of so many events of a group is a start, while runs have enough to do to fill it.
_START_EACH = 4

#: Milliseconds until events are tried again that the store could not take.
_PAUSE_MS = 100
#: Fewest and most events that a group is offered.
_GROUP_MIN = 16
_GROUP_MAX = 1 << 16


class Backlog:
    """The events and runs that wait. Belongs to the kernel's thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: In the order of their coming, not yet sorted by run.
        self._arrived: deque[Item] = deque()
        #: What did not fit into a group, by run; the run whose turn it is comes first.
        self._lanes: OrderedDict[str, deque[Item]] = OrderedDict()
        #: How many were taken last, and how many may be taken next: about what a group has had time for lately.
        self._taken = 0
        self._most = _GROUP_MAX
        #: The starts that did not fit into a group.
        self._starts: deque[Item] = deque()
        #: How many events of full groups have been taken and not put back.
        self._count = 0
        self._again: list[Item] = []
        self._again_at = 0
        self._unfinished: OrderedDict[str, None] = OrderedDict()
        self._ending: OrderedDict[str, None] = OrderedDict()

    # -- events ------------------------------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        """Whether events wait that can be decided now; unfinished runs do not count."""
        return bool(self._arrived or self._lanes or self._starts) or (
            bool(self._again) and self._clock.now() >= self._again_at
        )

    def add(self, item: Item) -> None:
        """Let an event wait behind those that are there."""
        self._arrived.append(item)

    def put(self, items: Iterable[Item]) -> None:
        """Let events wait behind those that are there."""
        self._arrived.extend(items)

    def put_back(self, items: Sequence[Item]) -> None:
        """Let events of the last group, which had no time for them, go first in the next."""
        lanes = self._lanes
        for item in reversed(items):
            if isinstance(item.request, StartRequest):
                self._starts.appendleft(item)
                continue
            run_id = item.request.run_id
            lanes.setdefault(run_id, deque()).appendleft(item)
            lanes.move_to_end(run_id, last=False)
        self._count -= len(items)
        # To take out what goes back would cost more than to decide it, where hundreds wait.
        self._most = max(_GROUP_MIN, 2 * (self._taken - len(items)))

    def put_off(self, items: Iterable[Item]) -> None:
        """Let events wait a moment: the store could not take them."""
        self._again.extend(items)
        self._again_at = self._clock.now() + _PAUSE_MS

    @property
    def put_off_count(self) -> int:
        """How many events the store could not take."""
        return len(self._again)

    def take(self, limit: int) -> list[Item]:
        """Take out up to *limit* events that can be decided now."""
        if self._again and self._clock.now() >= self._again_at:
            self._arrived.extendleft(reversed(self._again))
            self._again.clear()
        limit = min(limit, self._most)
        self._most = 2 * limit
        if not self._lanes and not self._starts and len(self._arrived) <= limit:
            group = list(self._arrived)
            self._arrived.clear()
            self._taken = len(group)
            return group
        lanes = self._lanes
        while self._arrived:
            item = self._arrived.popleft()
            is_start = isinstance(item.request, StartRequest)
            (self._starts if is_start else lanes.setdefault(item.request.run_id, deque())).append(item)
        group = []
        while (lanes or self._starts) and len(group) < limit:
            self._count += 1
            if self._starts and (not lanes or self._count % _START_EACH == 0):
                group.append(self._starts.popleft())
                continue
            run_id, lane = lanes.popitem(last=False)
            group.append(lane.popleft())
            if lane:
                lanes[run_id] = lane
        self._taken = len(group)
        return group

    # -- runs --------------------------------------------------------------------------------------------------------

    @property
    def has_unfinished(self) -> bool:
        """Whether runs go on when others had their turn."""
        return bool(self._ending or self._unfinished)

    @property
    def unfinished_count(self) -> int:
        """How many runs go on when others had their turn; none but those that end, as long as there are such."""
        return len(self._ending) or len(self._unfinished)

    def go_on(self, run_id: str, *, is_ending: bool) -> None:
        """
        Let a run whose turn is over go on when the others had theirs.

        Ends go before everything else that is unfinished: else a tree of runs that grows without end would grow faster
        than it can be terminated.
        """
        (self._ending if is_ending else self._unfinished)[run_id] = None

    def next_unfinished(self) -> Item:
        """Take out the run whose turn it is; there must be one."""
        run_id, _ = (self._ending or self._unfinished).popitem(last=False)
        return Item(Continue(run_id))

    # -- when --------------------------------------------------------------------------------------------------------

    @property
    def next_at(self) -> int | None:
        """The moment at which there is something to do, in epoch milliseconds; None for never."""
        if self._arrived or self._lanes or self._starts or self.unfinished_count:
            return self._clock.now()
        return self._again_at if self._again else None
