"""Where ready work goes within the process: the consumers that serve queues."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import NamedTuple

from podium.engine.deaths import ALONE
from podium.engine.records import RunRecord, TaskRecord
from podium.model.assignments import Assignment, Consumer
from podium.model.shortages import is_shortage

_log = logging.getLogger("podium.engine")


class Delivery(NamedTuple):
    """What one consumer gets after a commit."""

    consumer: Consumer
    assignments: list[Assignment]


class Consumers:
    """The consumers of one engine process; several of one queue take turns. Belongs to the kernel's thread."""

    def __init__(self) -> None:
        self._by_queue: dict[str, list[Consumer]] = defaultdict(list)
        self._turns: dict[str, cycle[Consumer]] = {}
        #: Attempts that a consumer has and has not reported on.
        self.in_hand: set[tuple[str, int]] = set()
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

    def attach(self, consumer: Consumer) -> None:
        """Take a consumer in."""
        for queue in consumer.queues:
            self._by_queue[queue].append(consumer)
            self._turns[queue] = cycle(self._by_queue[queue])

    def detach(self, consumer: Consumer) -> Sequence[Assignment]:
        """Let a consumer go; gives the attempts that it had not begun."""
        for queue in consumer.queues:
            others = [other for other in self._by_queue.pop(queue, ()) if other is not consumer]
            self._turns.pop(queue, None)
            if others:
                self._by_queue[queue] = others
                self._turns[queue] = cycle(others)
        return consumer.withdraw()

    def forget(self, records: Iterable[TaskRecord]) -> None:
        """Note that nobody here has these attempts in hand, whoever had them."""
        if self.in_hand:
            self.in_hand.difference_update((record.run_id, record.seq) for record in records)

    def dispatch(self, run: RunRecord, records: Iterable[TaskRecord], into: dict[int, Delivery]) -> None:
        """Choose a consumer for each attempt that nobody has in hand; `deliver` hands them over."""
        for record in records:
            key = (record.run_id, record.seq)
            turn = self._turns.get(record.task_type)
            if turn is None or key in self.in_hand:
                continue
            if record.deaths >= ALONE:
                if self._alone in self.in_hand:
                    self._after_it[record.run_id] = None
                    continue
                self._alone = key
            self.in_hand.add(key)
            consumer = next(turn)
            into.setdefault(id(consumer), Delivery(consumer, [])).assignments.append(
                Assignment(
                    record.run_id,
                    record.seq,
                    record.task_id,
                    record.task_type,
                    record.ref,
                    record.retry_count,
                    record.input,
                    record.output,
                    run.name,
                    run.correlation_id,
                    run.priority,
                    record.node.task_def,
                    record.deaths,
                ),
            )

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
