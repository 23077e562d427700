"""A bounded inbox: who starts more than there is room for waits; what brings runs on never does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

import podium
from podium import Workflow, terminate
from podium.client import Limits
from podium.client.driving import DrivingLoop, drive
from podium.engine.backlog import Backlog
from podium.engine.batch import Item
from podium.engine.kernel import Kernel
from podium.engine.replies import Reply, StartGate
from podium.engine.requests import StartRequest
from podium.model.assignments import Report
from podium.model.errors import EngineStopped
from podium.model.statuses import TaskStatus
from podium.testing.bench import Bench

PATIENCE_S = 60.0
FLOOD = 100_000


def starts(count: int) -> Iterator[Item]:
    """Yield starts of new runs."""
    return (Item(StartRequest(f"new-{number}", {})) for number in range(count))


def reports(count: int) -> Iterator[Item]:
    """Yield reports for as many runs."""
    return (Item(Report(f"run-{number}", 1, TaskStatus.COMPLETED)) for number in range(count))


class Counted:
    """A gate whose places are given back by one thread, which counts them."""

    def __init__(self, room: int) -> None:
        self.gate = StartGate(room)
        self.inside = self.most = self.served = 0
        self._lock = threading.Lock()

    async def pass_through(self) -> None:
        """Enter, be served, leave."""
        turn = self.gate.enter()
        if turn is not None:
            await turn
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        with self._lock:
            self.inside -= 1
            self.served += 1
        self.gate.leave()


def test_a_flood_of_threads_and_coroutines_stays_within_the_room() -> None:
    """A hundred thousand requests by threads and loops at once: never more inside than there is room, none is lost."""
    counted = Counted(room=3)

    def in_thread() -> None:
        for _ in range(FLOOD // 10):
            drive(counted.pass_through())

    async def in_loop() -> None:
        loop = DrivingLoop(asyncio.get_running_loop())
        for _ in range(10):
            await asyncio.gather(*(loop.drive(counted.pass_through()) for _ in range(FLOOD // 20)))

    threads = [threading.Thread(target=in_thread) for _ in range(5)]
    for thread in threads:
        thread.start()
    asyncio.run(asyncio.wait_for(in_loop(), PATIENCE_S))
    for thread in threads:
        thread.join(PATIENCE_S)

    assert counted.served == FLOOD
    assert counted.most <= 3


def test_whoever_gives_up_leaves_its_place_to_the_next() -> None:
    """In the line or with a place just given: in no case is the place lost."""
    gate = StartGate(1)
    assert gate.enter() is None
    first, second, third = gate.enter(), gate.enter(), gate.enter()
    assert first is not None
    assert second is not None
    assert third is not None

    gate.give_up(first)
    gate.leave()
    assert second.is_answered
    gate.give_up(second)
    assert third.is_answered


def test_a_gate_that_closes_lets_nobody_wait() -> None:
    """Those who wait are told, and those who come later too."""
    gate = StartGate(1)
    gate.enter()
    waiting = gate.enter()
    gate.close(EngineStopped("closed"))

    later = gate.enter()
    for turn in (waiting, later):
        assert turn is not None
        with pytest.raises(EngineStopped):
            turn.wait(0)


@pytest.mark.parametrize("answer_first", [True, False])
def test_an_answer_calls_its_listener_once(answer_first: bool) -> None:
    """Whether the answer comes before the listener or after it."""
    reply, heard = Reply(), []
    if answer_first:
        reply.resolve("x")
    reply.tell(lambda: heard.append(reply.value))
    reply.resolve("x")
    reply.resolve("y")

    assert heard == ["x"]


def test_a_start_waits_until_others_are_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for ten, a caller that starts a thousand runs has never more than ten in the engine, and gets all."""
    deepest = 0
    ask = Kernel._ask

    def watched(self: Kernel, *args: object) -> Reply:
        nonlocal deepest
        reply = ask(self, *args)  # type: ignore[arg-type]  # passed on as they are
        deepest = max(deepest, len(self._unanswered))
        return reply

    monkeypatch.setattr(Kernel, "_ask", watched)
    ends = Workflow("ends") >> terminate("end", "COMPLETED")
    with podium.connect(limits=Limits(waiting_starts=10)) as client:
        run_ids = client.start_many(ends, ({} for _ in range(1_000)))
        assert len(set(run_ids)) == 1_000
        assert client.get(run_ids[-1]).status == "COMPLETED"

    assert 0 < deepest <= 10


def test_a_start_that_waits_hears_of_the_engines_end() -> None:
    """A start before a full gate fails when the engine is closed, and says that it did not happen."""
    kernel = Bench().kernel
    kernel._gate = StartGate(1)
    drive(kernel.admit(StartRequest("a", {}, "w")))
    told: list[BaseException] = []

    def start() -> None:
        try:
            drive(kernel.admit(StartRequest("b", {}, "w")))
        except EngineStopped as error:
            told.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    while not kernel._gate._before:
        thread.join(0.001)
    kernel.stop()
    thread.join(PATIENCE_S)

    assert "did not happen" in str(told[0])


def took(backlog: Backlog, limit: int) -> Sequence[str]:
    """Take a group and tell what it is made of."""
    return [item.request.run_id.partition("-")[0] for item in backlog.take(limit)]


def test_reports_do_not_stand_behind_starts() -> None:
    """Ten thousand starts came first; the reports that come then are in the next groups, with some starts between."""
    backlog = Backlog(Bench().clock)
    backlog.put(starts(10_000))
    assert took(backlog, 8) == ["new"] * 8

    backlog.put(reports(9))

    assert took(backlog, 8) == ["run", "run", "run", "new", "run", "run", "run", "new"]
    assert took(backlog, 8) == ["run", "run", "run", "new", "new", "new", "new", "new"]


def test_starts_that_were_put_back_keep_their_order() -> None:
    """A group that had no time for its last starts begins the next with them."""
    backlog = Backlog(Bench().clock)
    backlog.put(starts(20))
    group = backlog.take(8)
    backlog.put_back(group[4:])

    assert [item.request.run_id for item in backlog.take(8)] == [f"new-{number}" for number in range(4, 12)]
