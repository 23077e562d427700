"""Assignments that wait for their turn: larger priority first; of one priority, the runs take turns."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from typing import TypeAlias

from podium.model.assignments import Assignment, AttemptKey

#: The assignments of one priority by run; the run whose turn it is comes first.
_Lane: TypeAlias = OrderedDict[str, deque[Assignment]]


class Ready:
    """A queue by priority; a run with 40,000 ready tasks holds up no other. Not safe for threads: its owner locks."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}
        self._largest = 0
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def __len__(self) -> int:
        return self._count

    def push(self, assignments: Iterable[Assignment]) -> None:
        """Put assignments behind those of their priority and their run."""
        lanes = self._lanes
        for assignment in assignments:
            self._count += 1
            lane = lanes.get(assignment.priority)
            if lane is None:
                lane = lanes[assignment.priority] = OrderedDict()
            waiting = lane.get(assignment.run_id)
            if waiting is None:
                lane[assignment.run_id] = deque((assignment,))
            else:
                waiting.append(assignment)
        if lanes:
            self._largest = max(lanes)

    @property
    def first(self) -> Assignment | None:
        """The next assignment; None if there is none."""
        if not self._lanes:
            return None
        return next(iter(self._lanes[self._largest].values()))[0]

    def pop(self) -> Assignment:
        """Take the next assignment; there must be one."""
        lane = self._lanes[self._largest]
        run_id, waiting = lane.popitem(last=False)
        assignment = waiting.popleft()
        self._count -= 1
        if waiting:
            lane[run_id] = waiting
        elif not lane:
            del self._lanes[self._largest]
            self._largest = max(self._lanes, default=0)
        return assignment

    def spare(self, queues: Collection[str], most: int) -> list[Assignment]:
        """Take up to *most* assignments of some queues out, those whose turn would come last."""
        everything = self.take_all()
        spared = [one for one in everything if one.queue in queues][-most:]
        gone = set(map(id, spared))
        self.push(one for one in everything if id(one) not in gone)
        return spared

    def drop(self, attempts: Collection[AttemptKey]) -> None:
        """Let go of assignments that are not wanted any more."""
        runs = {run_id for run_id, _ in attempts}
        if any(not runs.isdisjoint(lane) for lane in self._lanes.values()):
            self.push([one for one in self.take_all() if (one.run_id, one.seq) not in attempts])

    def take_all(self) -> list[Assignment]:
        """Take every assignment, in order."""
        found = []
        while self._lanes:
            found.append(self.pop())
        return found
