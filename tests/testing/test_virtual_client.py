"""Real workers in virtual time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from podium import InProgress, RunStatus, RunTimeout, TaskContext, TaskStatus, human, noop, task, wait, workflow
from podium.dsl.tasks import Task
from podium.model.attempts import as_datetime
from podium.model.errors import InvalidRequest
from podium.testing import virtual


def failing(times: int) -> Task[[], int]:
    """Return a task that fails some times before it gives how often it was called; its retries are an hour apart."""
    calls: list[int] = []

    @task(retries=5, retry_delay="1h")
    def flaky() -> int:
        calls.append(1)
        if len(calls) <= times:
            raise OSError("no route")
        return len(calls)

    return flaky


def _soonest(measure: Callable[[], float]) -> float:
    """Return the shortest of a few measurements, the rest of which the machine had other work."""
    return min(measure() for _ in range(5))


def test_what_rests_for_parts_of_a_second_is_called_then() -> None:
    """``InProgress("250ms")`` and an update from outside count to the millisecond; so does the clock that is moved."""

    @task(retries=0)
    def look(context: TaskContext) -> int | InProgress:
        seen = int(str(context.previous_output.get("seen", 0)))
        return InProgress("250ms", {"seen": seen + 1}) if seen < 4 else seen

    @workflow
    def looking() -> int:
        return look().output

    with virtual.connect() as client:
        began = client.clock.now()
        run_id = client.start(looking)
        client.update_task_by_name(run_id, "look", "IN_PROGRESS", callback_after="1.5s")
        client.clock.advance("1499ms")
        assert client.get(run_id).tasks[0].callback_after_seconds == 1.5
        with client.workers([look]):
            assert client.wait(run_id).result == 4
        assert client.clock.now() - began == timedelta(seconds=2.5)
        with pytest.raises(InvalidRequest, match="callback_after: a length of time is expected"):
            client.update_task_by_name(run_id, "look", "IN_PROGRESS", callback_after="soon")


def test_a_wait_of_a_month_and_retries_an_hour_apart_take_no_time() -> None:
    """The clock jumps to the next moment that is due, and the real function is called at each."""
    flaky = failing(2)

    @workflow
    def patient() -> int:
        tried = flaky()
        wait("a_month", duration="30 days")
        return tried.output

    with virtual.connect() as client, client.workers(patient.tasks):
        run = client.run(patient)
        assert client.clock.now() == datetime(2026, 1, 31, 2, tzinfo=UTC)

    assert (run.status, run.output) == (RunStatus.COMPLETED, {"result": 3})
    begun = [attempt.start_time - run.create_time for attempt in run.tasks if attempt.task_type == "flaky"]
    assert begun == [0, 3_600_000, 7_200_000]


def test_a_year_of_waiting_ends_in_a_tenth_of_a_second() -> None:
    """Twelve waits of thirty days and a retry an hour later: the promise of time that this clock makes."""

    @workflow
    def yearly() -> None:
        failing(1)()
        for month in range(12):
            wait(f"month_{month}", duration="30 days")

    def once() -> float:
        with virtual.connect() as client, client.workers([failing(1)]):
            began = perf_counter()
            run = client.run(yearly)
            took_s = perf_counter() - began
        assert run.status is RunStatus.COMPLETED
        assert run.end_time - run.create_time == (360 * 24 + 1) * 3_600_000
        return took_s

    assert _soonest(once) < 0.1


def test_a_monthly_schedule_of_a_year_ends_in_a_tenth_of_a_second() -> None:
    """Twelve runs, each at its moment, with a real function in each."""
    billed: list[int] = []

    @task
    def bill() -> None:
        billed.append(1)

    @workflow(schedule="0 6 1 * *")
    def billing() -> None:
        bill()

    def once() -> float:
        billed.clear()
        with virtual.connect() as client:
            client.register(billing)
            with client.workers([bill]):
                began = perf_counter()
                client.clock.advance("365 days")
                took_s = perf_counter() - began
            runs = client.search(name="billing")
        moments = [f"{as_datetime(run.create_time):%m-%d %H}" for run in reversed(runs)]
        assert moments == [f"{month:02}-01 06" for month in range(1, 13)]
        assert [run.status for run in runs] == [RunStatus.COMPLETED] * len(billed)
        return took_s

    assert _soonest(once) < 0.1


def test_a_schedule_keeps_no_run_from_being_given_up() -> None:
    """Its moments never end, yet none of them brings the run on."""

    @workflow
    def asked() -> None:
        human("approve")

    @workflow(schedule="0 6 1 * *")
    def billing() -> None:
        wait("a_day", duration="1 day")

    with virtual.connect() as client:
        client.register(billing)
        with pytest.raises(RunTimeout, match="cannot end by itself"):
            client.run(asked)


def test_time_stands_still_while_functions_run() -> None:
    """Functions in threads that wait for each other meet, and no timeout overtakes them."""
    meeting = threading.Barrier(2)

    @task(response_timeout="1s")
    def left() -> int:
        return meeting.wait(10)

    @task(response_timeout="1s")
    async def right() -> int:
        return await asyncio.to_thread(meeting.wait, 10)

    from podium import fork

    @workflow
    def both() -> None:
        fork("meet", [left()], [right()])

    with virtual.connect() as client, client.workers(both.tasks):
        run = client.run(both)
        assert client.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)

    assert run.status is RunStatus.COMPLETED


def test_time_does_not_pass_while_nobody_waits() -> None:
    """What a test does between two calls happens at one moment; `advance` moves time by hand, with all that is due."""

    @workflow
    def asked() -> None:
        wait("an_hour", duration="1h")
        human("approve")

    with virtual.connect(start="2026-03-01") as client:
        run_id = client.start(asked)
        client.clock.advance("59m")
        assert client.get(run_id).tasks[-1].reference_task_name == "an_hour"
        assert client.clock.advance(timedelta(minutes=1)) == datetime(2026, 3, 1, 1, tzinfo=UTC)
        assert client.get(run_id).tasks[-1].reference_task_name == "approve"
        client.complete_task(run_id, "approve")
        assert client.wait(run_id).status is RunStatus.COMPLETED
        assert client.clock.move_to("2026-03-02T12:00") == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_run_that_nothing_will_end_is_given_up_with_words() -> None:
    """Nothing is due and nothing at work, so waiting is in vain: that is said without a time limit."""

    @workflow
    def asked() -> None:
        human("approve")

    with virtual.connect() as client:
        with pytest.raises(RunTimeout, match="cannot end by itself, however long: 'approve' waits for somebody") as no:
            client.run(asked)
        assert "2026-01-01 00:00:00 in the virtual time" in no.value.__notes__[0]


def test_a_worker_that_comes_later_finds_what_waits() -> None:
    """As with any client, and time has not passed meanwhile."""

    @task
    def double(number: int) -> int:
        return 2 * number

    @workflow
    def doubled(number: int) -> int:
        return double(number).output

    with virtual.connect() as client:
        run_id = client.start(doubled, {"number": 4})
        with client.workers([double]):
            assert client.wait(run_id).output == {"result": 8}


def test_timeouts_come_at_their_moment() -> None:
    """A task that nobody serves times out when its definition says, a minute later or a day."""

    @task(poll_timeout="1 day", retries=0)
    def never() -> None: ...

    @workflow
    def stuck() -> None:
        never()

    with virtual.connect() as client:
        run = client.run(stuck)

    assert run.status is RunStatus.TIMED_OUT or run.status is RunStatus.FAILED
    (attempt,) = run.tasks
    assert attempt.status is TaskStatus.TIMED_OUT
    assert attempt.end_time - attempt.scheduled_time >= 86_400_000


def test_event_loops_wait_in_virtual_time_too() -> None:
    """The client of `connect_async` has the same clock."""

    @workflow
    def patient() -> None:
        wait("a_year", duration="365 days")

    async def main() -> RunStatus:
        async with virtual.connect_async() as client:
            return (await client.run(patient)).status

    assert asyncio.run(main()) is RunStatus.COMPLETED


def test_runs_are_the_same_each_time() -> None:
    """Ids and times come from the seed, so a run can be compared with a kept one."""

    @workflow
    def patient() -> None:
        wait("a_day", duration="1 day")

    def once(seed: int) -> tuple[str, int]:
        with virtual.connect(seed=seed) as client:
            run = client.run(patient)
        return run.workflow_id, run.end_time

    assert once(1) == once(1) != once(2)


@pytest.mark.parametrize("length", ["soon", -1, float("nan"), None])
def test_a_length_that_cannot_be_read_is_refused(length: object) -> None:
    """With words, before time moves."""
    with virtual.connect() as client, pytest.raises(InvalidRequest, match="a length of time is expected"):
        client.clock.advance(length)  # type: ignore[arg-type]  # wrong on purpose, or of several types


def test_time_stands_still_once_the_run_has_ended_that_is_waited_for() -> None:
    """Also where a schedule has more to do for ever, and though the waiting thread hears of the end a little later."""

    @workflow
    def day() -> None:
        wait("over", duration="1 day")

    @workflow(schedule="*/10 * * * *")
    def often() -> None:
        noop("done")

    with virtual.connect(start="2026-03-01") as client:
        client.register(often)
        for number in range(1, 6):
            client.run(day)
            assert client.clock.now() == datetime(2026, 3, 1 + number, tzinfo=UTC)
            client.wait(client.search(name="day")[0].workflow_id)
            assert client.clock.now() == datetime(2026, 3, 1 + number, tzinfo=UTC)
