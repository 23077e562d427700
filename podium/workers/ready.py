"""Assignments that wait for their turn: larger priority first, then first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from podium.engine.consumers import Assignment


class Ready:
    """A queue by priority. Not safe for threads: its owner has a lock."""

    def __init__(self) -> None:
        self._lanes: dict[int, deque[Assignment]] = {}
        self._largest = 0

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def push(self, assignments: Iterable[Assignment]) -> None:
        """Put assignments at the end of their priorities' lanes."""
        lanes = self._lanes
        for assignment in assignments:
            lane = lanes.get(assignment.priority)
            if lane is None:
                lane = lanes[assignment.priority] = deque()
            lane.append(assignment)
        if lanes:
            self._largest = max(lanes)

    def pop(self) -> Assignment:
        """Take the next assignment; there must be one."""
        lane = self._lanes[self._largest]
        assignment = lane.popleft()
        if not lane:
            del self._lanes[self._largest]
            self._largest = max(self._lanes, default=0)
        return assignment

    def take_all(self) -> list[Assignment]:
        """Take every assignment, in order."""
        found = []
        while self._lanes:
            found.append(self.pop())
        return found
