"""Consumers that are made when their first attempt comes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from podium.client.late_consumer import LateConsumer
from podium.model.assignments import Assignment, AttemptKey


class FakeConsumer:
    """Notes what it is told."""

    queues: frozenset[str] = frozenset({"JDBC"})
    is_patient: bool = True

    def __init__(self) -> None:
        self.told: list[object] = []

    def room(self, queue: str) -> int:
        return 8 - len(self.told)

    def offer(self, assignments: Sequence[Assignment]) -> None:
        self.told.append(len(assignments))

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        self.told.append("spare")
        return ()

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        self.told.append("call off")

    def withdraw(self) -> Sequence[Assignment]:
        self.told.append("withdraw")
        return ()

    def close(self) -> None:
        self.told.append("close")


def test_nothing_is_made_before_an_attempt_comes() -> None:
    """It has room for one, whatever else is asked of it makes nothing, and closed it takes nothing."""
    made: list[FakeConsumer] = []
    late = LateConsumer({"JDBC"}, lambda: made.append(FakeConsumer()) or made[-1])

    assert (late.queues, late.room("JDBC"), late.is_made) == ({"JDBC"}, 1, False)
    assert (late.spare({"JDBC"}, 3), late.withdraw()) == ((), ())
    late.call_off([("run", 1)])
    late.close()
    late.offer([])
    assert made == []


def test_what_is_made_once_gets_everything_from_then_on() -> None:
    """The second attempt finds the consumer of the first."""
    made: list[FakeConsumer] = []
    late = LateConsumer({"JDBC"}, lambda: made.append(FakeConsumer()) or made[-1])

    late.offer([])
    late.offer([])
    late.call_off([])
    late.spare((), 1)
    room = late.room("JDBC")
    late.withdraw()
    late.close()

    assert (len(made), room) == (1, 4)
    assert made[0].told == [0, 0, "call off", "spare", "withdraw", "close"]


def test_who_cannot_be_made_now_is_made_later() -> None:
    """A shortage is told to whoever offers, who comes again; see `podium.model.assignments.Consumer`."""
    failures = [RuntimeError("can't start new thread")]
    made = FakeConsumer()

    def make() -> FakeConsumer:
        if failures:
            raise failures.pop()
        return made

    late = LateConsumer({"HTTP"}, make)
    with pytest.raises(RuntimeError, match="new thread"):
        late.offer([])

    late.offer([])
    assert made.told == [0]
