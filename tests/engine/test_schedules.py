"""Schedules in virtual time: each moment is dealt with once, as its policies say."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from podium.backends.memory import MemoryBackend
from podium.dsl import Workflow, noop, task, wait, workflow
from podium.engine.requests import (
    DeleteSchedule,
    FireSchedule,
    PauseSchedule,
    ResumeSchedule,
    RunSchedule,
    SaveSchedule,
    ScheduleRequest,
)
from podium.engine.rows import RunFilter
from podium.engine.scheduling import schedule_record
from podium.model.errors import CommitUncertain, ScheduleNotFound, WorkflowNotFound
from podium.model.runs import WorkflowRun
from podium.model.schedules import Schedule, ScheduleInfo
from podium.model.statuses import RunStatus
from podium.testing.bench import EPOCH_MS, Bench, VirtualClock

DAY, HOUR = 86_400, 3_600


@workflow
def billing() -> None:
    """Do nothing that takes time."""
    noop("done")


@workflow
def long_one() -> None:
    """Wait for a day and a half."""
    wait("rest", duration="36 hours")


def a_bench(*definitions: Workflow[..., Any], **options: Any) -> Bench:
    """Return a bench that knows the workflows."""
    bench = Bench(**options)
    bench.register(*(definitions or (billing, long_one)))
    return bench


def save(bench: Bench, cron: str = "0 0 * * *", **settings: Any) -> str:
    """Save a schedule; gives its name."""
    schedule = Schedule(cron, **{"workflow": billing, **settings}).named()
    bench.ask(SaveSchedule(schedule))
    return str(schedule.name)


def info(bench: Bench, name: str = "billing") -> ScheduleInfo:
    """Return a schedule as it stands."""
    row = bench.backend.schedule(name)
    assert row is not None
    return schedule_record(row).info()


def moments(bench: Bench, name: str | None = None) -> list[str]:
    """Return the moments that runs were started for, earliest first, as day and time."""
    runs = [bench.run(row.run_id) for row in bench.backend.list_runs(RunFilter(name=name), 500, 0)]
    return [shown(run) for run in sorted(runs, key=lambda run: int(run.input["_scheduledTime"]))]


def shown(run: WorkflowRun) -> str:
    """Return the moment that a run was started for."""
    return datetime.fromtimestamp(run.input["_scheduledTime"] / 1000, UTC).strftime("%d %H:%M")


def outcomes(bench: Bench, name: str = "billing") -> list[str]:
    """Return what became of the moments, oldest first."""
    return [str(one.outcome) for one in info(bench, name).history][::-1]


def test_each_moment_gets_its_run_at_that_moment() -> None:
    """A run begins at the very moment, with the schedule's input and what Conductor adds to it."""
    bench = a_bench()
    save(bench, "0 6 * * *", zone="Europe/Berlin", input={"customer": 7}, name="daily", priority=3, correlation_id="c")
    bench.advance(3 * DAY)

    assert moments(bench) == ["01 05:00", "02 05:00", "03 05:00"]
    row, *_ = bench.backend.list_runs(RunFilter(), 9, 0)
    run = bench.run(row.run_id)
    assert (run.create_time, run.priority, run.correlation_id) == (run.input["_scheduledTime"], 3, "c")
    assert run.input["customer"] == 7
    assert run.input["_startedByScheduler"] == "daily"
    assert run.input["_executionId"] == run.workflow_id
    assert run.input["_schedulerCron"] == "0 6 * * * Europe/Berlin"
    assert info(bench, "daily").started == 3
    assert info(bench, "daily").next_run == datetime(2026, 1, 4, 5, tzinfo=UTC)


def test_a_schedule_may_count_seconds() -> None:
    """Six fields begin with seconds."""
    bench = a_bench()
    save(bench, "*/20 * * * * *")
    bench.advance(60)
    assert info(bench).started == 3


def test_a_moment_is_dealt_with_once_by_several_processes() -> None:
    """Two engines on one store wake at the same moment; one starts the run, the other finds it done."""
    clock, store = VirtualClock(), MemoryBackend()
    store.is_shared = True  # as a database is
    one, other = (
        a_bench(clock=clock, backend=store, name="one"),
        Bench(clock=clock, backend=store, name="other", seed=1),
    )
    save(one)
    other.settle()
    for _ in range(5):
        clock.move_to(clock.now() + DAY * 1000)
        due = info(one).next_at
        assert due is not None
        for bench in (one, other):  # both have seen it before either commits
            bench.kernel.enqueue(FireSchedule("billing", due))
        one.settle()
        other.settle()

    assert moments(one) == [f"0{day} 00:00" for day in range(2, 7)]


def test_a_commit_that_may_have_happened_starts_no_second_run() -> None:
    """The answer of the commit is lost, after it was written or before: there is one run in the end."""

    class Lossy(MemoryBackend):
        lost = 0

        def commit(self, writes: Any) -> None:
            if writes.schedules and writes.new_runs and self.lost < 2:
                self.lost += 1
                if self.lost == 2:
                    super().commit(writes)
                raise CommitUncertain("nobody knows")
            super().commit(writes)

    bench = a_bench(backend=Lossy())
    save(bench)
    bench.advance(DAY + 60)
    assert moments(bench) == ["02 00:00"]
    assert outcomes(bench) == ["started"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"catch_up": "none"}, []),
        ({"catch_up": "last"}, ["06 00:00"]),
        ({"catch_up": "all"}, ["02 00:00", "03 00:00", "04 00:00", "05 00:00", "06 00:00"]),
        ({"catch_up": "all", "catch_up_within": "50 hours"}, ["05 00:00", "06 00:00"]),
        ({"catch_up": "all", "catch_up_most": 3}, ["04 00:00", "05 00:00", "06 00:00"]),
        ({"catch_up": "last", "catch_up_within": "10 hours"}, []),
    ],
)
def test_missed_moments_are_made_up_for(settings: dict[str, Any], expected: list[str]) -> None:
    """Nobody was there for five days and a half: none, the last or all get their runs, within bounds."""
    clock, store = VirtualClock(), MemoryBackend()
    bench = a_bench(clock=clock, backend=store, name="one")
    save(bench, **settings)
    clock.move_to(EPOCH_MS + (5 * DAY + DAY // 2) * 1000)  # the process was not there

    again = Bench(clock=clock, backend=store, name="two")
    again.settle()
    assert moments(again) == expected
    assert outcomes(again)[:1] == (["missed"] if len(expected) < 5 else ["started"])
    again.advance(DAY)
    assert moments(again) == [*expected, "07 00:00"]


def test_a_long_absence_is_made_up_for_in_several_commits() -> None:
    """Hundreds of moments do not make one endless commit, and each gets its run."""
    clock, store = VirtualClock(), MemoryBackend()
    save(a_bench(clock=clock, backend=store, name="one"), "0 * * * *", catch_up="all", catch_up_most=1000)
    clock.move_to(EPOCH_MS + (10 * DAY + 60) * 1000)
    again = Bench(clock=clock, backend=store, name="two")
    again.settle()
    assert info(again).started == 240
    assert len(set(moments(again))) == 240


@pytest.mark.parametrize(
    ("overlap", "started", "statuses"),
    [
        ("allow", ["02", "03", "04", "05"], {"COMPLETED": 3, "RUNNING": 1}),
        ("skip", ["02", "04"], {"COMPLETED": 2}),
        ("queue", ["02", "03", "04"], {"COMPLETED": 2, "RUNNING": 1}),
        ("terminate", ["02", "03", "04", "05"], {"TERMINATED": 3, "RUNNING": 1}),
    ],
)
def test_runs_that_are_longer_than_the_time_between(overlap: str, started: list[str], statuses: dict[str, int]) -> None:
    """A run takes a day and a half, and each day brings the next: beside, not at all, later, or instead."""
    bench = a_bench()
    name = save(bench, workflow=long_one, overlap=overlap)
    bench.advance(4 * DAY + 13 * HOUR)

    assert [moment[:2] for moment in moments(bench)] == started
    found = [row.status for row in bench.backend.list_runs(RunFilter(), 9, 0)]
    assert {status: found.count(status) for status in set(found)} == statuses
    if overlap == "queue":
        assert len(info(bench, name).queued) == 1
        bench.ask(DeleteSchedule(name))
        bench.advance(5 * DAY)
        assert len(moments(bench)) == 3, "what waited is gone with its schedule"


def test_what_waited_starts_when_the_run_before_it_has_ended() -> None:
    """At once, in the commit of the end, however that came about."""
    bench = a_bench()
    save(bench, workflow=long_one, overlap="queue")
    bench.advance(2 * DAY)
    (first,) = info(bench, "long_one").running
    from podium.engine.events import Terminate

    bench.ask(Terminate(first, "enough"))
    second, *_ = bench.backend.list_runs(RunFilter(), 9, 0)
    assert bench.run(first).status is RunStatus.TERMINATED
    assert bench.run(second.run_id).create_time == bench.run(first).end_time
    assert info(bench, "long_one").running == (second.run_id,)


@pytest.mark.parametrize("seed", range(6))
def test_two_processes_keep_runs_of_a_queue_apart(seed: int) -> None:
    """Whoever deals with a moment, and whoever works on a run: one goes on at a time, and none is forgotten."""
    clock, store, rng = VirtualClock(), MemoryBackend(), random.Random(seed)
    store.is_shared = True  # as a database is
    benches = [Bench(clock=clock, backend=store, name=name, seed=seed) for name in ("one", "other")]
    benches[0].register(long_one)
    save(benches[0], workflow=long_one, overlap="queue", end=datetime(2026, 1, 9, tzinfo=UTC))
    for _ in range(15 * 24):
        clock.move_to(clock.now() + HOUR * 1000)
        for bench in rng.sample(benches, 2):
            bench.kernel.look()  # as if it had heard of the other's commits
            for _ in range(rng.randint(0, 3)):
                bench.kernel.step()
        for bench in benches:
            bench.settle()

    runs = sorted(
        (benches[0].run(row.run_id) for row in store.list_runs(RunFilter(), 99, 0)), key=lambda r: r.create_time
    )
    assert [shown(run)[:2] for run in runs] == [f"0{day}" for day in range(2, 10)]
    assert all(run.status is RunStatus.COMPLETED for run in runs)
    assert all(earlier.end_time <= later.create_time for earlier, later in pairwise(runs))
    assert info(benches[0], "long_one").queued == info(benches[0], "long_one").running == ()


def test_a_paused_schedule_starts_nothing_and_goes_on_from_now() -> None:
    """What comes meanwhile is not made up for, whatever the policy says."""
    bench = a_bench()
    name = save(bench, catch_up="all")
    bench.ask(PauseSchedule(name, "holidays"))
    assert (info(bench).next_at, info(bench).schedule.paused_reason) == (None, "holidays")
    bench.advance(5 * DAY + HOUR)
    bench.ask(ResumeSchedule(name))
    bench.ask(ResumeSchedule(name))
    bench.advance(DAY)
    assert moments(bench) == ["07 00:00"]
    assert info(bench).schedule.paused_reason is None


def test_a_schedule_counts_within_its_bounds() -> None:
    """Both moments are included, and after the last there is no next."""
    bench = a_bench()
    save(bench, start=datetime(2026, 1, 3), end=datetime(2026, 1, 5))  # noqa: DTZ001  # in the schedule's zone
    bench.advance(9 * DAY)
    assert moments(bench) == ["03 00:00", "04 00:00", "05 00:00"]
    assert info(bench).next_at is None


def test_a_run_may_be_started_by_hand() -> None:
    """Also of a paused schedule and beside a run that has not ended; it counts as one of the schedule's."""
    bench = a_bench()
    name = save(bench, workflow=long_one, overlap="skip", paused=True)
    for number in (1, 2):
        run_id = bench.ids.run_id()
        assert bench.ask(RunSchedule(name, run_id)) == run_id
        assert len(info(bench, name).running) == number
    bench.ask(ResumeSchedule(name))
    bench.advance(DAY)
    assert outcomes(bench, name) == ["started", "started", "skipped"]


def test_a_run_that_is_asked_for_twice_counts_once() -> None:
    """Whoever does not know whether the first word was heard says it again, with the same id."""
    bench = a_bench()
    name, run_id = save(bench), bench.ids.run_id()
    assert [bench.ask(RunSchedule(name, run_id)) for _ in range(2)] == [run_id, run_id]
    assert (info(bench, name).started, outcomes(bench, name)) == (1, ["started"])


def test_one_may_be_deleted_and_made_anew_in_one_commit() -> None:
    """A schedule that is deleted and saved within one group of requests is a new one, which has started nothing."""
    bench = a_bench()
    name = save(bench)
    bench.advance(2 * DAY)
    assert info(bench).started == 2

    replies = [
        bench.kernel.ask(request)
        for request in (DeleteSchedule(name), SaveSchedule(Schedule("0 6 * * *", workflow=billing).named()))
    ]
    bench.settle()

    assert [reply.wait(0.0) for reply in replies] == [None, None]
    assert info(bench).started == 0
    bench.advance(DAY)
    assert info(bench).started == 1


def test_what_cannot_be_started_is_noted_and_the_next_moment_comes() -> None:
    """A workflow that is gone from the registry costs its runs, and not the schedule."""
    bench = a_bench()
    save(bench)
    row = bench.backend.schedule("billing")
    assert row is not None
    body = row.body.replace(b'"startWorkflowRequest":{"name":"billing"}', b'"startWorkflowRequest":{"name":"gone"}')
    from podium.engine.rows import WriteSet

    bench.backend.commit(WriteSet(schedules=[row._replace(revision=2, body=body)]))
    bench.advance(2 * DAY)
    assert outcomes(bench) == ["failed", "failed"]
    assert "No such workflow defined. name=gone" in str(info(bench).history[0].reason)
    assert info(bench).next_run == datetime(2026, 1, 4, tzinfo=UTC)


def test_a_declared_input_need_not_name_what_schedules_add() -> None:
    """A workflow whose schema allows nothing else is started all the same; one that wants another input is not."""
    strict = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}

    @workflow(input_schema=strict)
    def counted(n: int) -> None:
        noop("done")

    bench = a_bench(counted)
    save(bench, workflow=counted, input={"n": 1})
    save(bench, workflow=counted, input={"n": "one"}, name="wrong")
    bench.advance(DAY)
    assert (outcomes(bench, "counted"), outcomes(bench, "wrong")) == (["started"], ["failed"])


def test_saving_again_changes_what_is_said_and_keeps_the_rest() -> None:
    """The same words change nothing; others keep the count, and a new time counts from now on."""
    bench = a_bench()
    save(bench)
    bench.advance(DAY)
    before = bench.backend.schedule("billing")
    save(bench)
    assert bench.backend.schedule("billing") == before
    save(bench, input={"n": 1})
    assert (info(bench).started, info(bench).next_run) == (1, datetime(2026, 1, 3, tzinfo=UTC))
    save(bench, "30 * * * *")
    assert info(bench).next_run == datetime(2026, 1, 2, 0, 30, tzinfo=UTC)


def test_a_registered_schedule_stays_paused() -> None:
    """What an operator has paused is not set going by the next deployment."""
    bench = a_bench()
    bench.ask(PauseSchedule(save(bench)))
    bench.ask(SaveSchedule(Schedule("0 1 * * *", workflow=billing).named(), keeps_pause=True))
    assert info(bench).schedule.paused
    assert info(bench).schedule.cron == ("0 1 * * *",)
    assert info(bench).next_at is None


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (PauseSchedule("none"), ScheduleNotFound),
        (ResumeSchedule("none"), ScheduleNotFound),
        (DeleteSchedule("none"), ScheduleNotFound),
        (RunSchedule("none", "r"), ScheduleNotFound),
        (SaveSchedule(Schedule("* * * * *", workflow="none").named()), WorkflowNotFound),
    ],
)
def test_what_is_not_there_is_refused(request_: ScheduleRequest, error: type[Exception]) -> None:
    """Schedules and workflows that nobody knows."""
    with pytest.raises(error):
        a_bench().ask(request_)


def test_a_year_of_months_with_long_waits_and_slow_retries() -> None:
    """Each month a run waits 30 days and pays at the second try, an hour later: twelve of them, at their moments."""

    @task(retries=2, retry_delay="1h")
    def pay() -> str:
        """Pay; by hand in this test."""
        raise NotImplementedError

    @workflow
    def monthly() -> str:
        wait("month", duration="30 days")
        return pay().output

    bench = a_bench(monthly)
    worker = bench.serve("pay")
    save(bench, "0 0 1 * *", workflow=monthly, zone="Europe/Berlin")
    end = datetime(2027, 2, 2, tzinfo=UTC) - datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
    for _ in range(end // timedelta(hours=1)):
        bench.advance(HOUR)
        for attempt in list(worker.waiting):
            worker.waiting.remove(attempt)
            if attempt.retry_count:
                bench.complete(attempt, {"result": "paid"})
            else:
                bench.fail(attempt)

    runs = [bench.run(row.run_id) for row in bench.backend.list_runs(RunFilter(), 99, 0)][::-1]
    assert [shown(run) for run in runs][:3] == ["31 23:00", "28 23:00", "31 22:00"]
    done = [run for run in runs if run.status is RunStatus.COMPLETED]
    assert len(done) == 12
    assert all(run.end_time - run.create_time == (30 * 24 + 1) * HOUR * 1000 for run in done)
