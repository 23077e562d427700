"""The pool: batches, concurrency, fairness, coming and going."""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import wraps
from itertools import pairwise
from typing import Any

import pytest
from worker_desk import PATIENCE_S, FrontDesk, assignment

from podium.dsl import Task, task
from podium.model.assignments import TaskStarted
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskStatus
from podium.workers import WorkerPool, current, serve


@task
def double(x: int) -> int:
    """Double a number."""
    return 2 * x


def _many(count: int, queue: str = "double") -> list[Any]:
    return [assignment(queue, {"x": seq}, seq=seq) for seq in range(1, count + 1)]


def _warm_up(pool: WorkerPool, reporter: FrontDesk, count: int = 50) -> None:
    """Let the pool learn that its function is fast."""
    pool.offer(_many(count))
    reporter.wait(count)


def test_results_are_handed_over_in_batches(reporter: FrontDesk) -> None:
    """A thousand trivial tasks cost few hand-overs, and each is reported once."""
    with WorkerPool(reporter, [double]) as pool:
        pool.offer(_many(1000))
        results = reporter.wait(1000)

    assert sorted(result.seq for result in results) == list(range(1, 1001))
    assert all(result.output == {"result": 2 * result.seq} for result in results)
    assert len(reporter.batches) < 500
    assert max(map(len, reporter.batches)) <= 64 + 8


def test_one_thread_does_what_is_trivial(reporter: FrontDesk) -> None:
    """Functions known to be fast do not hop between threads."""
    calls: list[int] = []

    @task(name="double")
    def note(x: int) -> None:
        calls.append(threading.get_ident())

    with WorkerPool(reporter, [note], concurrency=8) as pool:
        _warm_up(pool, reporter)
        calls.clear()
        pool.offer(_many(2000))
        reporter.wait(2050)

    hops = sum(one != other for one, other in pairwise(calls))
    assert hops < len(calls) / 4


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_slow_functions_run_side_by_side(reporter: FrontDesk, concurrency: int) -> None:
    """As many calls as the concurrency allows meet at a barrier that lets none through before."""
    together = threading.Barrier(concurrency, timeout=PATIENCE_S)

    @task
    def meet() -> None:
        together.wait()

    with WorkerPool(reporter, [meet], concurrency=concurrency) as pool:
        pool.offer([assignment("meet", seq=seq) for seq in range(concurrency * 3)])
        results = reporter.wait(concurrency * 3)

    assert {result.status for result in results} == {TaskStatus.COMPLETED}


def test_never_more_than_the_concurrency_at_once(reporter: FrontDesk) -> None:
    """The bound holds for plain and for async functions."""
    lock = threading.Lock()
    now, most = 0, 0

    def enter(step: int) -> None:
        nonlocal now, most
        with lock:
            now += step
            most = max(most, now)

    @task(name="plain")
    def plain() -> None:
        enter(1)
        enter(-1)

    @task(name="later")
    async def later() -> None:
        enter(1)
        for _ in range(3):
            await asyncio.sleep(0)
        enter(-1)

    for one in (plain, later):
        fresh = FrontDesk()
        with WorkerPool(fresh, [one], concurrency=3) as pool:
            pool.offer([assignment(one.name, seq=seq) for seq in range(100)])
            fresh.wait(100)
        assert most <= 3
        most = 0


def test_a_function_that_turns_slow_does_not_hold_others_up(reporter: FrontDesk) -> None:
    """Calls behind a usually fast function that blocks are taken by another thread."""
    blocked, go_on = threading.Event(), threading.Event()

    @task(name="double")
    def moody(x: int) -> int:
        if x == 0:
            blocked.set()
            assert go_on.wait(PATIENCE_S)
        return 2 * x

    with WorkerPool(reporter, [moody], concurrency=2) as pool:
        _warm_up(pool, reporter)
        pool.offer([assignment("double", {"x": 0}, seq=100), *_many(20)])
        reporter.wait(50 + 20)
        assert blocked.is_set()
        go_on.set()
        reporter.wait(50 + 21)


def test_no_result_waits_for_a_slow_neighbour(reporter: FrontDesk) -> None:
    """A result is reported although the only thread went straight on into a call that blocks."""
    blocked, go_on = threading.Event(), threading.Event()

    @task(name="double")
    def moody(x: int) -> int:
        if x == 0:
            blocked.set()
            assert go_on.wait(PATIENCE_S)
        return 2 * x

    with WorkerPool(reporter, [moody], concurrency=1) as pool:
        _warm_up(pool, reporter)
        pool.offer([assignment("double", {"x": 7}, seq=60), assignment("double", {"x": 0}, seq=61)])
        assert blocked.wait(PATIENCE_S)
        assert reporter.wait(51)[-1].seq == 60
        go_on.set()
        assert reporter.wait(52)[-1].seq == 61


def test_a_result_does_not_wait_behind_a_function_known_to_be_slow(reporter: FrontDesk) -> None:
    """The same where the neighbour is another task."""
    go_on = threading.Event()

    @task
    def block() -> None:
        assert go_on.wait(PATIENCE_S)

    with WorkerPool(reporter, [double, block], concurrency=1) as pool:
        _warm_up(pool, reporter)
        pool.offer([assignment("double", {"x": 1}, seq=60), assignment("block", seq=61)])
        assert reporter.wait(51)[-1].seq == 60
        go_on.set()
        reporter.wait(52)


def test_no_async_result_waits_for_one_that_blocks_the_loop(reporter: FrontDesk) -> None:
    """An async function that blocks its loop delays no result that is there already."""
    go_on = threading.Event()

    @task(name="quick")
    async def quick() -> None: ...

    @task(name="rude")
    async def rude() -> None:
        assert go_on.wait(PATIENCE_S)

    with WorkerPool(reporter, [quick, rude]) as pool:
        pool.offer([assignment("quick", seq=1), assignment("rude", seq=2)])
        assert reporter.wait(1)[0].seq == 1
        go_on.set()
        reporter.wait(2)


def test_larger_priority_first_then_in_order(reporter: FrontDesk) -> None:
    """What waits is taken by priority, equals as they came."""
    entered, go_on = threading.Event(), threading.Event()
    order = []

    @task
    def note(x: int) -> None:
        if x == 0:
            entered.set()
            assert go_on.wait(PATIENCE_S)
        order.append(x)

    with WorkerPool(reporter, [note], concurrency=1) as pool:
        pool.offer([assignment("note", {"x": 0})])
        assert entered.wait(PATIENCE_S)
        priorities = [(1, 0), (2, 5), (3, 0), (4, 9), (5, 5)]
        pool.offer([assignment("note", {"x": x}, seq=x + 1, priority=priority) for x, priority in priorities])
        go_on.set()
        reporter.wait(6)

    assert order == [0, 4, 2, 5, 1, 3]


def test_async_functions_run_side_by_side_on_one_thread(reporter: FrontDesk) -> None:
    """All of them wait for one event that the last one sets."""
    threads, started = set(), []
    everyone = asyncio.Event()

    @task
    async def meet() -> None:
        threads.add(threading.current_thread())
        started.append(1)
        if len(started) == 4:
            everyone.set()
        await everyone.wait()

    with WorkerPool(reporter, [meet], concurrency=4) as pool:
        pool.offer([assignment("meet", seq=seq) for seq in range(4)])
        reporter.wait(4)

    assert len(threads) == 1


def test_a_pool_works_within_a_running_event_loop(reporter: FrontDesk) -> None:
    """As in a notebook: plain and async functions are served while the caller's own loop runs."""

    @task(name="later")
    async def later() -> bool:
        return asyncio.get_running_loop() is not outer

    async def main() -> list[Any]:
        nonlocal outer
        outer = asyncio.get_running_loop()
        with WorkerPool(reporter, [double, later]) as pool:
            pool.offer([assignment("later", seq=1), assignment("double", {"x": 2}, seq=2)])
            return await asyncio.to_thread(reporter.wait, 2)

    outer: Any = None
    results = asyncio.run(main())

    assert {result.seq: result.output for result in results} == {1: {"result": True}, 2: {"result": 4}}


def test_a_plain_wrapper_around_an_async_function_is_awaited(reporter: FrontDesk) -> None:
    """Decorators often hide that a function is async; its coroutine is run, with its context."""

    async def inner() -> str:
        await asyncio.sleep(0)
        return current().reference_name

    @wraps(inner)
    def outer() -> Any:
        return inner()

    with WorkerPool(reporter, [Task(outer, name="wrapped")]) as pool:
        pool.offer([assignment("wrapped")])
        assert reporter.wait()[0].output == {"result": "wrapped_ref"}


def test_leaving_lets_work_finish_and_gives_back_the_rest(reporter: FrontDesk) -> None:
    """What runs is reported, what has not begun is withdrawn: nothing is lost, nothing done twice."""
    entered, leaving = threading.Event(), threading.Event()

    @task
    def wait(x: int) -> int:
        entered.set()
        assert leaving.wait(PATIENCE_S)
        return x

    class Doorman(FrontDesk):
        def detach(self, consumer: Any) -> None:
            super().detach(consumer)
            leaving.set()

    reporter = Doorman()
    with WorkerPool(reporter, [wait], concurrency=1) as pool:
        pool.offer([assignment("wait", {"x": seq}, seq=seq) for seq in range(1, 4)])
        assert entered.wait(PATIENCE_S)

    assert [result.seq for result in reporter.results()] == [1]
    assert [one.seq for one in reporter.given_back] == [2, 3]


def test_leaving_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    """A call that outlasts the grace time is named in a warning, goes on, and still reports."""
    entered, go_on = threading.Event(), threading.Event()
    reporter = FrontDesk()

    @task
    def endless() -> None:
        entered.set()
        assert go_on.wait(PATIENCE_S)

    with caplog.at_level(logging.WARNING), WorkerPool(reporter, [endless], grace_s=0.0) as pool:
        pool.offer([assignment("endless")])
        assert entered.wait(PATIENCE_S)

    assert "have not ended within 0.0 s and go on: endless" in caplog.text
    assert not reporter.results()
    go_on.set()
    assert reporter.wait()[0].status is TaskStatus.COMPLETED


def test_leaving_cancels_async_functions_after_the_grace_time() -> None:
    """A cancelled attempt is put back as it was, so that somebody else takes it."""
    reporter = FrontDesk()
    entered = threading.Event()

    @task
    async def endless() -> None:
        entered.set()
        await asyncio.Event().wait()

    with WorkerPool(reporter, [endless], grace_s=0.0) as pool:
        pool.offer([assignment("endless", output={"seen": 1})])
        assert entered.wait(PATIENCE_S)

    (report,) = reporter.results()
    assert (report.status, report.output, report.callback_after_s) == (TaskStatus.IN_PROGRESS, {"seen": 1}, 0)


def test_a_pool_stops_when_the_engine_has(reporter: FrontDesk, caplog: pytest.LogCaptureFixture) -> None:
    """One warning says so, what waits is dropped, and leaving is quiet."""
    entered, go_on = threading.Event(), threading.Event()

    @task
    def wait() -> None:
        entered.set()
        assert go_on.wait(PATIENCE_S)

    with caplog.at_level(logging.WARNING), WorkerPool(reporter, [wait], concurrency=1) as pool:
        pool.offer([assignment("wait", seq=seq) for seq in range(1, 50)])
        assert entered.wait(PATIENCE_S)
        reporter.is_down = True
        go_on.set()

    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "the workers stop: the engine has been stopped",
    ]
    assert not reporter.results()


def test_no_threads_are_left(reporter: FrontDesk) -> None:
    """After a pool has been left, its threads are gone."""
    before = set(threading.enumerate())

    @task(name="later")
    async def later() -> None: ...

    with WorkerPool(reporter, [double, later]) as pool:
        pool.offer([*_many(10), assignment("later", seq=11)])
        reporter.wait(11)

    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (double, r"given as a list of tasks.*write \[double\]"),
        ([double.fn], r"a worker is made with @task.*write task\(double\)"),
        ([double, double.as_("other")], "two workers have the name 'double'"),
        (5, "given as a list of tasks"),
    ],
)
def test_what_is_no_list_of_tasks_is_refused(reporter: FrontDesk, tasks: Any, message: str) -> None:
    """The message says what to write."""
    with pytest.raises(InvalidRequest, match=message):
        serve(reporter, tasks)


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5])
def test_the_concurrency_is_a_whole_number(reporter: FrontDesk, concurrency: Any) -> None:
    """At least one task must be able to run."""
    with pytest.raises(InvalidRequest, match="from 1 upwards"):
        serve(reporter, [double], concurrency=concurrency)


def test_a_pool_serves_once(reporter: FrontDesk) -> None:
    """Its threads are gone, so a second entry is refused."""
    pool = serve(reporter, [double])
    with pool:
        pass

    with pytest.raises(InvalidRequest, match="serves once"), pool:
        pass


@pytest.mark.parametrize("is_async", [False, True])
def test_an_attempt_whose_process_died_is_recorded_before_it_begins(reporter: FrontDesk, *, is_async: bool) -> None:
    """So that it is known of which one the next process dies; a store that is away is waited for."""
    seen: list[int] = []

    def plain() -> None:
        seen.append(len(reporter.words(TaskStarted)))

    async def alike() -> None:
        plain()

    reporter.away = 2
    with serve(reporter, [task(alike if is_async else plain, name="step")]) as pool:
        pool.offer([assignment("step", deaths=1)])
        reporter.wait()

    assert seen == [1]
    assert not reporter.away
    assert len(reporter.words(TaskStarted)) == 1


def test_an_attempt_that_cannot_be_recorded_does_not_begin(reporter: FrontDesk) -> None:
    """The engine has stopped, so nobody wants its result, and nobody would know that it was tried."""
    called: list[int] = []
    reporter.is_down = True
    with serve(reporter, [task(lambda: called.append(1), name="step")]) as pool:
        pool.offer([assignment("step", deaths=1)])

    assert not called
    assert not reporter.batches
