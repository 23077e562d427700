"""Where ready work goes within the process: the consumers that serve queues."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from podium.engine.ids import task_id
from podium.engine.process_deaths import ALONE
from podium.engine.records import RunRecord, TaskRecord
from podium.model.assignments import Assignment, AttemptKey, Consumer
from podium.model.shortages import is_shortage
from podium.model.statuses import TaskStatus

_log = logging.getLogger("podium.engine")

_SCHEDULED = TaskStatus.SCHEDULED  # named here, because each hand-out asks for it


class Delivery(NamedTuple):
    """What one consumer gets after a commit."""

    consumer: Consumer
    assignments: list[Assignment]


class Consumers:
    """
    The consumers of one engine process. Belongs to the kernel's thread.

    What several could take goes to the one with the most room. An attempt for which none has room waits with a patient
    one if nobody else could take it; else it lies open in the store, and goes to who has room first.

    Attributes:
        turned_away: The queues of attempts that were left open for want of room since this was last emptied.
    """

    def __init__(self) -> None:
        self._by_queue: dict[str, list[Consumer]] = defaultdict(list)
        #: The queues that other processes serve too.
        self._elsewhere: frozenset[str] = frozenset()
        #: The queues of which no more is taken than there is room for.
        self._counted: frozenset[str] = frozenset()
        #: What the consumers got, or shall get, since their room was last looked at.
        self._given: Counter[Consumer] = Counter()
        self.turned_away: set[str] = set()
        #: Attempts that a consumer has and has not reported on.
        self.in_hand: set[AttemptKey] = set()
        #: Those that have ended otherwise, and whose consumers do not know.
        self._taken_away: set[AttemptKey] = set()
        #: The attempt in hand of which processes died more than once, and the runs of others that wait for its end.
        self._alone: tuple[str, int] | None = None
        self._after_it: dict[str, None] = {}

    @property
    def queues(self) -> frozenset[str]:
        """The queues that anybody here serves."""
        return frozenset(self._by_queue)

    def serves(self, queue: str) -> bool:
        """Return whether anybody here serves a queue."""
        return queue in self._by_queue

    @property
    def elsewhere(self) -> frozenset[str]:
        """The queues that other processes serve."""
        return self._elsewhere

    @elsewhere.setter
    def elsewhere(self, queues: frozenset[str]) -> None:
        self._elsewhere = queues
        self._count_rooms()

    def _count_rooms(self) -> None:
        impatient = (queue for queue, those in self._by_queue.items() if not any(one.is_patient for one in those))
        self._counted = self._elsewhere.union(impatient)

    def is_served(self, queue: str) -> bool:
        """Return whether anybody serves a queue, here or elsewhere."""
        return queue in self._by_queue or queue in self._elsewhere

    def attach(self, consumer: Consumer) -> None:
        """Take a consumer in."""
        for queue in consumer.queues:
            self._by_queue[queue].append(consumer)
        self._count_rooms()

    def detach(self, consumer: Consumer) -> Sequence[Assignment]:
        """Let a consumer go; gives the attempts that it had not begun."""
        for queue in consumer.queues:
            others = [other for other in self._by_queue.pop(queue, ()) if other is not consumer]
            if others:
                self._by_queue[queue] = others
        self._count_rooms()
        return consumer.withdraw()

    def forget(self, records: Iterable[TaskRecord]) -> None:
        """Note that nobody here has these attempts in hand, whoever had them."""
        for record in records:
            self.in_hand.discard((record.run_id, record.seq))

    def take_away(self, attempts: Iterable[AttemptKey]) -> None:
        """Take attempts out of whose hands they are in; `call_off` says so."""
        taken = self.in_hand.intersection(attempts)
        self.in_hand -= taken
        self._taken_away |= taken

    def call_off(self) -> None:
        """Tell the consumers what was taken away."""
        taken, self._taken_away = self._taken_away, set()
        if not taken:
            return
        for consumer in {one: None for served in self._by_queue.values() for one in served}:
            try:
                consumer.call_off(taken)
            except Exception:  # noqa: BLE001  # as in `deliver`
                _log.exception("%r could not be told that attempts are not wanted any more", consumer)

    def has(self, record: TaskRecord) -> bool:
        """Return whether a consumer here has an attempt in hand."""
        return (record.run_id, record.seq) in self.in_hand

    # -- room --------------------------------------------------------------------------------------------------------

    def look_anew(self) -> None:
        """Begin to count: what the consumers were given before, they have now."""
        if self._given:
            self._given.clear()

    def takes(self, record: TaskRecord) -> bool:
        """Return whether this process takes an attempt now; if so, that is counted."""
        queue = record.queue if record.domain else record.task_type
        served = self._by_queue.get(queue)
        if served is None:
            return False
        # What is limited begins when it is taken, and must not wait meanwhile.
        if queue not in self._counted and not record.node.is_limited:
            return True
        consumer, room = self._roomiest(queue, served)
        if room <= 0:
            self.turned_away.add(queue)
            return False
        self._given[consumer] += 1
        return True

    def _roomiest(self, queue: str, served: Sequence[Consumer]) -> tuple[Consumer, int]:
        given = self._given
        if len(served) == 1:
            return served[0], _room(served[0], queue) - given[served[0]]
        rooms = [(one, _room(one, queue) - given[one]) for one in served]
        return max(rooms, key=lambda pair: (pair[1] > 0, pair[0].is_patient, pair[1]))

    def rooms(self) -> list[dict[str, int]]:
        """Return the room of each consumer that has any, by queue; its queues share it."""
        found = []
        for consumer in {one: None for served in self._by_queue.values() for one in served}:
            rooms = {queue: room for queue in consumer.queues if (room := _room(consumer, queue)) > 0}
            if rooms:
                found.append(rooms)
        return found

    def spared(self) -> list[Assignment]:
        """Return attempts that wait with a consumer here although another one, or another process, serves them too."""
        found: list[Assignment] = []
        for consumer in {one: None for served in self._by_queue.values() for one in served}:
            shared = [queue for queue in consumer.queues if queue in self._elsewhere or self._has_room(queue)]
            surplus = max((-_room(consumer, queue) for queue in shared), default=0)
            if surplus > 0:
                found += consumer.spare(shared, surplus)
        return found

    def _has_room(self, queue: str) -> bool:
        served = self._by_queue[queue]
        return len(served) > 1 and any(_room(one, queue) > 0 for one in served)

    # -- hand-out ----------------------------------------------------------------------------------------------------

    def dispatch(
        self,
        run: RunRecord,
        records: Iterable[TaskRecord],
        into: dict[int, Delivery],
        hides: Callable[[TaskRecord], frozenset[str]] | None = None,
    ) -> Sequence[tuple[str, int]]:
        """
        Choose a consumer for each attempt that nobody has in hand; `deliver` hands them over.

        Args:
            run: The run.
            records: Its attempts that were ready; later events may have put them to rest, or left them open for others.
            into: What each consumer gets, by its identity; added to.
            hides: Gives the texts that must not be shown of an attempt; None for a run that masks no fields.

        Returns:
            The attempts for which there is no place after all: others, of another queue, were given the room.
        """
        unplaced = []
        run_id = run.run_id
        for record in records:
            # What is in no queue and need not be woken is at work, as mostly.
            is_quiet = record.open_queue is None and not record.wake_at
            if record.status is not _SCHEDULED or not (is_quiet or record.is_at_work):
                continue
            seq = record.seq
            key = (run_id, seq)
            queue = record.queue if record.domain else record.task_type
            served = self._by_queue.get(queue)
            if served is None or key in self.in_hand:
                continue
            if record.deaths >= ALONE:
                if self._alone in self.in_hand:
                    self._after_it[record.run_id] = None
                    continue
                self._alone = key
            consumer = served[0]
            if len(served) > 1 or not consumer.is_patient:
                consumer, room = self._roomiest(queue, served)
                if room <= 0 and not consumer.is_patient:
                    unplaced.append(key)
                    continue
                self._given[consumer] += 1
            self.in_hand.add(key)
            delivery = into.get(id(consumer))
            if delivery is None:
                delivery = into[id(consumer)] = Delivery(consumer, [])
            delivery.assignments.append(_assignment(run, record, queue, None if hides is None else hides(record)))
        return unplaced

    def next_alone(self) -> str | None:
        """Return a run whose attempts waited until another was no longer in hand; they are to be offered again."""
        if not self._after_it or self._alone in self.in_hand:
            return None
        run_id = next(iter(self._after_it))
        del self._after_it[run_id]
        return run_id

    @staticmethod
    def deliver(chosen: Iterable[Delivery]) -> Sequence[tuple[Delivery, Exception]]:
        """Hand chosen attempts over, one call per consumer; gives what consumers broke over, and why."""
        broken = []
        for delivery in chosen:
            try:
                delivery.consumer.offer(delivery.assignments)
            except Exception as error:  # noqa: BLE001  # it is not ours, and the runs of others must go on
                if not is_shortage(error):
                    _log.exception("%r could not take work and gets no more of it", delivery.consumer)
                broken.append((delivery, error))
        return broken


def _assignment(run: RunRecord, record: TaskRecord, queue: str, hidden: frozenset[str] | None) -> Assignment:
    """Return an attempt as it is handed out; by position, for there is one for each attempt."""
    iterations = record.iterations
    return Assignment(
        run.run_id,
        record.seq,
        task_id(run.run_id, record.seq),
        queue,
        record.ref,
        record.retry_count,
        record.input,
        record.output,
        run.name,
        run.correlation_id,
        run.priority,
        record.node.task_def,
        record.deaths,
        hidden,
        record.node.task,
        record.scheduled_at,
        record.started_at,
        record.poll_count,
        iterations[-1] if iterations else 0,
        record.retried_task_id,
        run.trace,
    )


def _room(consumer: Consumer, queue: str) -> int:
    """Return how much more a consumer can take; one that cannot say so takes nothing, and stops nobody else."""
    try:
        return consumer.room(queue)
    except Exception:  # noqa: BLE001  # as in `deliver`
        _log.exception("%r could not say how much more of %r it can take", consumer, queue)
        return 0
