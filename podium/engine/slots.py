"""
How many may be at work at once, and how many may begin in a time.

A limit has as many slots as it lets in. Who begins takes one, in the commit in which it begins; the key of a slot is
its limit's name and its number, so of two processes that take the same one only one commit goes through. An attempt's
slot, and that of a run, is freed in the commit in which its holder ends, is put to rest or lies open again: no crash
leaks one. The slots of a rate are not freed at all: each expires when its time is over, so no span of that length sees
more beginnings than there are slots.

Who finds none waits under the limit's name, by priority and age (`podium.engine.admission`). A limit is what the
definition says that the attempt or the run was started with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from podium.engine.records import RunRecord, TaskRecord
from podium.engine.rows import SlotRow
from podium.engine.state import RunState
from podium.model.assignments import limit_queue
from podium.model.definitions import TaskDef


class Limit(NamedTuple):
    """How many may have a slot at once."""

    #: Begins with ``#``, which sets it apart from queues and engines.
    name: str
    most: int
    #: Milliseconds after which a slot is free by itself; 0 for one that is held until its holder ends.
    span_ms: int = 0


def limits_of(definition: TaskDef, name: str) -> tuple[Limit, ...]:
    """
    Return the limits of a task's attempts, those that are held first.

    Args:
        definition: What limits them; nothing, and numbers below 1, do not.
        name: The task's.

    Example:
        >>> limits_of(TaskDef(concurrent_exec_limit=2, rate_limit_per_frequency=5), "charge")
        (Limit(name='#task:charge', most=2, span_ms=0), Limit(name='#rate:charge', most=5, span_ms=1000))
    """
    if not (definition.concurrent_exec_limit or definition.rate_limit_per_frequency):
        return ()
    found = []
    if definition.concurrent_exec_limit and definition.concurrent_exec_limit > 0:
        found.append(Limit(limit_queue("task", name), definition.concurrent_exec_limit))
    if definition.rate_limit_per_frequency and definition.rate_limit_per_frequency > 0:
        span_s = definition.rate_limit_frequency_in_seconds or 1
        found.append(Limit(limit_queue("rate", name), definition.rate_limit_per_frequency, max(1, span_s) * 1000))
    return tuple(found)


class SlotBook:
    """
    The slots as one group of events sees them: those in the store, and those that the group takes.

    Attributes:
        capacities: How many slots each limit has, by name, as decisions of this process have met it.
        taken: The slots that the group has taken, by limit, run and attempt, in order.
        is_awaited: Somebody has begun to wait, or gave its turn away, since the book was opened.

    Args:
        now: Epoch milliseconds.
        stored: Gives the slots of a limit that the store has, or raises `Missing`.
        capacities: What earlier books knew; is added to.
    """

    def __init__(
        self, now: int, stored: Callable[[str], Sequence[SlotRow]], capacities: dict[str, int] | None = None
    ) -> None:
        self.capacities = {} if capacities is None else capacities
        self.is_awaited = False
        self._now = now
        self._stored = stored
        self.taken: dict[tuple[str, str, int], SlotRow] = {}
        self._held: dict[str, set[int]] = {}

    def has_room(self, limit: Limit, run_id: str, seq: int) -> bool:
        """Return whether one more may begin, or this one has a slot of this group already."""
        self.capacities[limit.name] = limit.most
        return len(self._numbers(limit.name)) < limit.most or (limit.name, run_id, seq) in self.taken

    def _numbers(self, name: str) -> set[int]:
        """Return the numbers of a limit's slots that are taken."""
        held = self._held.get(name)
        if held is None:
            held = {slot.number for slot in self._stored(name) if not 0 < slot.expires_at <= self._now}
            self._held[name] = held
        return held

    def take(self, limit: Limit, run_id: str, seq: int) -> int:
        """Take the first free slot, whether or not there is room, and return its number; once in a group."""
        holder = (limit.name, run_id, seq)
        if holder not in self.taken:
            held = self._numbers(limit.name)
            number = next(number for number in range(1, len(held) + 2) if number not in held)
            held.add(number)
            expires_at = self._now + limit.span_ms if limit.span_ms else 0
            self.taken[holder] = SlotRow(limit.name, number, run_id, seq, self._now, expires_at)
        return self.taken[holder].number

    def undo(self, mark: int) -> None:
        """Take back what was taken since a mark."""
        for holder in list(self.taken)[mark:]:
            slot = self.taken.pop(holder)
            self._held[slot.name].discard(slot.number)

    def settle(self, states: Sequence[RunState]) -> tuple[list[SlotRow], list[SlotRow]]:
        """
        Return the slots that a group takes, and those that it frees; runs and attempts forget what they free.

        Args:
            states: The runs that the group has changed.
        """
        freed: list[SlotRow] = []
        for state in states:
            # Hardly any has a slot, and this is asked for each step.
            for record in state.changed.values():
                if record.slot:
                    _give_back(state, freed)
                    break
            else:
                if state.run.slot or state.besides is not None:
                    _give_back(state, freed)
        if not freed and not self.taken:
            return [], []
        gone = {slot[:4] for slot in freed}
        taken = [slot for slot in self.taken.values() if slot[:4] not in gone]
        ours = {slot[:4] for slot in self.taken.values()}
        return taken, [slot for slot in freed if slot[:4] not in ours]


def _give_back(state: RunState, found: list[SlotRow]) -> None:
    run = state.run
    records = state.changed.values()
    for record in records if state.besides is None else (*records, *state.besides.let_go):
        if record.slot and not record.is_at_work:
            found.append(_row(limit_queue("task", record.task_def_name), record, record.seq))
            record.slot = 0
    if run.slot and run.status.is_terminal and run.ending is None:
        found.append(_row(run.limit_name, run, 0))
        run.slot = 0


def _row(name: str, holder: TaskRecord | RunRecord, seq: int) -> SlotRow:
    return SlotRow(name, holder.slot, holder.run_id, seq, 0, 0)
