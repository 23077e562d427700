"""
What a decision has still to do, in the order in which Conductor does it: in rounds.

A round begins with what has ended. Each of those attempts is acted on, by seq, and what follows it is laid out: the
heads of all branches, through SWITCHes and forks, with their JOINs. Nothing of that is seen by expressions before all
of it is laid out. Then come the turns: inline tasks are done, loops and exclusive joins look. What ends in a turn, and
what a loop lays out in its turn, belongs to the next round. When a round has no turns the run is at rest, and comes
what Conductor keeps queues for, one by one, each with its rounds: JOINs, sub-workflows, WAITs that are over.

Conductor: ``WorkflowExecutorOps.decide``, ``DeciderService.decide``, ``AsyncSystemTaskExecutor.execute``.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TypeAlias

from podium.engine.plan import Node
from podium.engine.records import TaskRecord

_Step: TypeAlias = Callable[[], None]
#: The attempt that an entry stands behind, 1 for those that it has laid out, the entry's own attempt: so a turn that
#: was laid out stands right behind the attempt that led to it, before those that have waited longer.
_Key: TypeAlias = tuple[int, int, int]


class Agenda:
    """
    The work in hand of one decision.

    Attributes:
        asked: Places to lay out, in order, each with the iterations of the loops around it.
        laid_out: New attempts that nobody sees before all of their round are laid out, by full reference name.
        terminators: The TERMINATE tasks that this round has acted on.
        acted: Attempts whose end this round has acted on; what follows them is laid out and not yet made.
        replaced: Attempts that this round has replaced by new ones, which are laid out and not yet made.
    """

    __slots__ = (
        "_count",
        "_ended",
        "_keys",
        "_later",
        "_next",
        "_now",
        "_source",
        "_turns",
        "acted",
        "asked",
        "laid_out",
        "replaced",
        "terminators",
    )

    def __init__(self) -> None:
        self._ended: list[tuple[int, int, TaskRecord]] = []
        self._turns: list[tuple[_Key, int, TaskRecord, _Step]] = []
        self._next: list[tuple[_Key, int, TaskRecord, _Step]] = []
        self._later: list[tuple[int, int, TaskRecord, _Step]] = []
        self._keys: dict[int, _Key] = {}
        self._count = count()
        #: The turn that is being taken; None while attempts are acted on.
        self._now: _Key | None = None
        self._source = 0
        self.asked: list[tuple[Node, tuple[int, ...]]] = []
        self.laid_out: dict[str, TaskRecord] = {}
        self.terminators: list[TaskRecord] = []
        self.acted: list[TaskRecord] = []
        self.replaced: list[TaskRecord] = []

    # -- ended attempts ----------------------------------------------------------------------------------------------

    def ended(self, record: TaskRecord) -> None:
        """Put an attempt that has ended on the agenda."""
        heappush(self._ended, (record.seq, next(self._count), record))

    def pop_ended(self) -> TaskRecord | None:
        """Return the first of the attempts that have ended, or None."""
        if not self._ended:
            self._source = 0
            return None
        self._source, _, record = heappop(self._ended)
        return record

    # -- turns -------------------------------------------------------------------------------------------------------

    def lay_out(self, record: TaskRecord) -> None:
        """Take a new attempt in. In this round its first turn is right behind the attempt that led to it."""
        self.laid_out[record.ref] = record
        if self._now is None:
            self._keys[record.seq] = (self._source, 1, record.seq)

    def turn(self, record: TaskRecord, step: _Step, *, is_first: bool = False) -> None:
        """
        Let an attempt have a turn: in this round if its place in the order is still to come, else in the next.

        A first turn that was laid out by another turn comes in the next round.
        """
        key = self._keys.get(record.seq, (record.seq, 0, 0))
        is_past = self._now is not None and (is_first or key <= self._now)
        heappush(self._next if is_past else self._turns, (key, next(self._count), record, step))

    def next_turn(self) -> _Step | None:
        """Return the next turn of this round, or None after the last: the round is over. A dead attempt has none."""
        while self._turns:
            self._now, _, record, step = heappop(self._turns)
            if is_live(record):
                return step
        self._now = None
        self._keys.clear()
        self._turns, self._next = self._next, []
        heapify(self._turns)
        return None

    @property
    def is_at_rest(self) -> bool:
        """Tell whether no attempt has ended or has a turn."""
        return not (self._turns or self._ended)

    # -- what waits until the run is at rest -------------------------------------------------------------------------

    def later(self, record: TaskRecord, step: _Step) -> None:
        """Take a step when no round is left to go."""
        heappush(self._later, (record.seq, next(self._count), record, step))

    def pop_later(self) -> _Step | None:
        """Return the first of the steps that waited, or None."""
        while self._later:
            _, _, record, step = heappop(self._later)
            if is_live(record):
                return step
        return None

    def clear(self) -> None:
        """Forget everything: the run has ended."""
        for entries in (self._ended, self._turns, self._next, self._later):
            entries.clear()
        for records in (self.terminators, self.acted, self.replaced):
            records.clear()
        self.asked.clear()
        self.laid_out.clear()
        self._keys.clear()
        self._now = None


def is_live(record: TaskRecord) -> bool:
    """Tell whether an attempt can still do something."""
    return record.is_pending and not record.status.is_terminal
