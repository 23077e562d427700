"""What the memory store finds attempts and due times by."""

from __future__ import annotations

import heapq
from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from operator import itemgetter
from typing import Any, TypeAlias

from podium.engine.rows import LogRow, TaskRow
from podium.model.statuses import TaskStatus

_LIVE_TASK = frozenset(status.value for status in TaskStatus if not status.is_terminal)

#: The columns of an attempt that never change; those of a row that is written again say nothing.
_LASTING = tuple(TaskRow._fields.index(name) for name in ("ref", "base_ref", "iteration", "input"))

#: When an attempt is due, in which queue it lies open, and its rank there.
_place: Callable[[tuple[Any, ...]], tuple[int | None, str | None, int]] = itemgetter(
    *(TaskRow._fields.index(name) for name in ("due_at", "open_queue", "open_rank"))
)

#: An attempt's place: run id and number; number 0 is the run itself.
Key: TypeAlias = tuple[str, int]


class RunAttempts:
    """
    The attempts of one run, and their logs.

    A loop without end makes hundreds of thousands. Their rows are kept as plain tuples of texts, bytes and numbers,
    which Python's collector of circles lets alone: named tuples it would walk through again and again, and hold up
    every run of the process for a tenth of a second and more. For the same reason there is an index only of those runs
    that something was looked for in: of most, nobody asks for more than all attempts.
    """

    __slots__ = ("_index", "_logs", "rows")

    def __init__(self) -> None:
        #: By number.
        self.rows: dict[int, tuple[Any, ...]] = {}
        self._index: _Index | None = None
        self._logs: defaultdict[int, list[LogRow]] | None = None

    def add(self, task: TaskRow) -> None:
        """Take in a new attempt."""
        self.rows[task.seq] = tuple(task)
        if self._index is not None:
            self._index.add(task)

    def change(self, task: TaskRow) -> tuple[int | None, str | None, int]:
        """Replace an attempt by its new row, but for what never changes; returns how it was due and lay open."""
        old = self.rows[task.seq]
        new = [*task]
        for column in _LASTING:
            new[column] = old[column]
        self.rows[task.seq] = tuple(new)
        if self._index is not None:
            self._index.put(task)
        return _place(old)

    def remove(self, seq: int) -> TaskRow | None:
        """Remove an attempt with its logs, and return it if it was there."""
        if self._logs is not None:
            self._logs.pop(seq, None)
        packed = self.rows.pop(seq, None)
        old = None if packed is None else TaskRow._make(packed)
        if old is not None and self._index is not None:
            self._index.remove(old)
        return old

    def log(self, line: LogRow) -> None:
        """Take in a line that was logged for an attempt."""
        if self._logs is None:
            self._logs = defaultdict(list)
        insort(self._logs[line.seq], line, key=_log_order)

    def logs(self, seq: int) -> list[LogRow]:
        """Return the lines of an attempt, oldest first."""
        return list(self._logs.get(seq, ())) if self._logs is not None else []

    @property
    def seqs(self) -> Collection[int]:
        """The numbers of all attempts."""
        return self.rows.keys()

    def find(self, seq: int) -> TaskRow | None:
        """Return an attempt, or None."""
        packed = self.rows.get(seq)
        return None if packed is None else TaskRow._make(packed)

    def pick(self, seqs: Iterable[int]) -> list[TaskRow]:
        """Return these attempts, by number."""
        return [TaskRow._make(self.rows[seq]) for seq in sorted(seqs)]

    def current(self) -> list[TaskRow]:
        """Return the newest attempt of each place and every live one, by number."""
        index = self._indexed()
        return self.pick({*index.live, *(seqs[-1] for seqs in index.by_ref.values())})

    def of_places(self, base_refs: Iterable[str], after: int) -> list[TaskRow]:
        """Return the attempts of some places with a higher number, by number."""
        by_ref = self._indexed().by_ref
        places = (by_ref.get(ref, []) for ref in set(base_refs))
        return self.pick(seq for seqs in places for seq in seqs[bisect(seqs, after) :])

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = _Index()
            for row in self.rows.values():
                self._index.add(TaskRow._make(row))
        return self._index


class _Index:
    """What attempts of one run are found by."""

    __slots__ = ("by_ref", "live")

    def __init__(self) -> None:
        #: Per place the numbers of its attempts, ascending.
        self.by_ref: dict[str, list[int]] = {}
        self.live: set[int] = set()

    def add(self, task: TaskRow) -> None:
        insort(self.by_ref.setdefault(task.base_ref, []), task.seq)
        self.put(task)

    def put(self, task: TaskRow) -> None:
        if task.status in _LIVE_TASK:
            self.live.add(task.seq)
        else:
            self.live.discard(task.seq)

    def remove(self, task: TaskRow) -> None:
        self.live.discard(task.seq)
        seqs = self.by_ref[task.base_ref]
        seqs.remove(task.seq)
        if not seqs:
            del self.by_ref[task.base_ref]


def _log_order(line: LogRow) -> int:
    return line.created_at


class DueHeap:
    """
    When what is due, as a heap whose outdated entries are dropped when they are met.

    Most timers (timeouts) are taken back before they fire; to leave them in the heap for a while is cheaper than to
    search them, and the heap is built anew when most of it is outdated.
    """

    __slots__ = ("_heap", "_times")

    def __init__(self) -> None:
        self._times: dict[Key, int] = {}
        self._heap: list[tuple[int, Key]] = []

    def set(self, key: Key, due_at: int | None) -> None:
        """Say when *key* is due; None for never."""
        if due_at is None:
            self._times.pop(key, None)
        elif self._times.get(key) != due_at:
            self._times[key] = due_at
            heapq.heappush(self._heap, (due_at, key))
        if len(self._heap) > 64 + 2 * len(self._times):
            self._heap = [(at, timer) for timer, at in self._times.items()]
            heapq.heapify(self._heap)

    def first(self, until: int, limit: int) -> list[tuple[int, Key]]:
        """Return the first *limit* timers that are due at or before *until*, by time and key."""
        found: list[tuple[int, Key]] = []
        while self._heap and len(found) < limit and self._heap[0][0] <= until:
            entry = heapq.heappop(self._heap)
            # An entry can be there twice: set, taken back, and set to the same time again.
            if self._times.get(entry[1]) == entry[0] and (not found or found[-1] != entry):
                found.append(entry)
        for entry in found:
            heapq.heappush(self._heap, entry)
        return found
