from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_flows import (
    EPOCH_MS,
    Crew,
    attempt_of,
    attempts_of,
    defined,
    flow,
    fork,
    inline,
    join,
    simple,
    statuses,
    sub,
    times,
)
from engine_flows import wait as pause_for

from podium.backends.loader import open_backend
from podium.engine.events import Pause, Resume, Skip, Terminate
from podium.engine.ports import Backend
from podium.engine.rows import EngineRow
from podium.model.errors import IllegalTransition
from podium.model.statuses import RunStatus, TaskStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench, FakeProcesses, VirtualClock

Processes = Callable[[str], Bench]


@pytest.fixture
def clock() -> VirtualClock:
    """The time that all processes of a test share."""
    return VirtualClock()


@pytest.fixture
def dead() -> set[str]:
    """The names of the processes that have died."""
    return set()


@pytest.fixture
def process(tmp_path: Path, clock: VirtualClock, dead: set[str]) -> Iterator[Processes]:
    """Make engine processes by name, each with its own connection to one SQLite file."""
    opened: list[Backend] = []

    def make(name: str) -> Bench:
        opened.append(open_backend(f"sqlite:///{tmp_path / 'store.db'}"))
        return Bench(opened[-1], clock=clock, name=name, dead=dead, seed=len(opened))

    yield make
    for backend in opened:
        backend.close()


# -- one process after another ---------------------------------------------------------------------------------------


def test_timers_survive_the_process(process: Processes, dead: set[str], clock: VirtualClock) -> None:
    """A WAIT, a retry's delay and a workflow's timeout come when they are due, in the next process."""
    first = process("first")
    resting = first.start(flow(pause_for("rest", "60s")))
    retrying = first.start(flow(defined("a", retry_count=1, retry_delay_seconds=30)))
    limited = first.start(
        flow(simple("b"), timeout_seconds=90, timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF),
    )
    Crew(first, "a").fail("a")
    dead.add("first")
    second = process("second")
    crew = Crew(second, "a")
    second.advance(29.999)
    assert crew.waiting == []
    second.advance(0.001)
    assert crew.waiting == ["a"]
    crew.complete("a")
    second.advance(30)
    assert second.run(resting).status is RunStatus.COMPLETED
    assert second.run(resting).end_time == EPOCH_MS + 60_000
    assert second.run(retrying).status is RunStatus.COMPLETED
    second.advance(30)
    assert (second.run(limited).status, second.run(limited).end_time) == (RunStatus.TIMED_OUT, EPOCH_MS + 90_000)


def test_what_became_due_while_nobody_lived_happens_at_once(
    process: Processes, dead: set[str], clock: VirtualClock
) -> None:
    """A late timer is better than none."""
    first = process("first")
    run_id = first.start(flow(pause_for("rest", "60s"), inline("after", "1")))
    dead.add("first")
    clock.move_to(EPOCH_MS + 3_600_000)
    second = process("second")
    second.advance(1)
    assert second.run(run_id).status is RunStatus.COMPLETED


def test_what_a_dead_process_had_in_hand_is_offered_again(process: Processes, dead: set[str]) -> None:
    """Attempts run at least once; the same attempt, not a retry."""
    first = process("first")
    run_id = first.start(flow(simple("a"), simple("b")))
    Crew(first, "a", "b").take("a")
    dead.add("first")
    second = process("second")
    crew = Crew(second, "a", "b")
    second.advance(1)
    assert crew.waiting == ["a"]
    crew.complete_all()
    run = second.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [one.retry_count for one in run.tasks] == [0, 0]


def test_what_is_to_be_skipped_in_a_loop_outlives_the_process(process: Processes, dead: set[str]) -> None:
    """Iterations to come are skipped, and the one that goes on is not taken for another."""
    first = process("first")
    run_id = first.start(flow(times("turns", 4, simple("a"), simple("b"))))
    for name in ("a__2", "a__3", "b__3"):
        first.ask(Skip(run_id, name, {}, {"by": "an operator"}))
    Crew(first, "a", "b").complete("a__1")
    dead.add("first")
    second = process("second")
    crew = Crew(second, "a", "b")
    second.advance(1)
    crew.complete_all()
    run = second.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [name for name, status in statuses(run).items() if status == "SKIPPED"] == ["a__2", "a__3", "b__3"]
    assert [one.reference_task_name for one in run.tasks] == [
        "turns", *(f"{ref}__{turn}" for turn in range(1, 5) for ref in "ab")
    ]  # fmt: skip


def test_open_work_is_found_by_whoever_serves_it(process: Processes) -> None:
    """A task that nobody serves lies open; a process that serves its queue takes it."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(simple("a")))
    crew = Crew(second, "a")
    second.advance(1)
    crew.complete("a", {"x": 1})
    assert first.run(run_id).output == {"x": 1}


def test_joins_and_loops_are_taken_up_where_they_stood(process: Processes, dead: set[str]) -> None:
    """The count of what a JOIN waits for is found again, also in a loop's iteration."""
    body = [fork("split", [simple("a")], [simple("b")]), join("merge", "a", "b")]
    first = process("first")
    run_id = first.start(flow(times("again", 2, *body)))
    crew = Crew(first, "a", "b")
    crew.complete("a__1", {"n": 1})
    crew.complete("b__1", {"n": 1})
    crew.complete("b__2", {"n": 2})
    dead.add("first")
    second = process("second")
    later = Crew(second, "a", "b")
    second.advance(1)
    assert later.waiting == ["a__2"]
    later.complete("a__2", {"n": 2})
    run = second.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert set(attempt_of(run, "again").output_data) == {"iteration", "1", "2"}
    assert attempt_of(run, "merge__2").output_data == {"a__2": {"n": 2}, "b__2": {"n": 2}}


def test_parent_and_child_are_taken_up_together(process: Processes, dead: set[str]) -> None:
    """The child's end reaches the parent in another process."""
    first = process("first")
    first.register(flow(simple("work"), name="child"))
    run_id = first.start(flow(sub("call", "child"), inline("after", "1")))
    dead.add("first")
    second = process("second")
    crew = Crew(second, "work")
    second.advance(1)
    crew.complete("work")
    assert second.run(run_id).status is RunStatus.COMPLETED


def test_a_paused_run_stays_paused(process: Processes, dead: set[str]) -> None:
    """Taking a run over does not resume it."""
    first = process("first")
    run_id = first.start(flow(pause_for("rest", "10s")))
    first.ask(Pause(run_id))
    dead.add("first")
    second = process("second")
    second.advance(60)
    assert second.run(run_id).status is RunStatus.PAUSED
    second.ask(Resume(run_id))
    assert second.run(run_id).status is RunStatus.COMPLETED


def test_a_living_process_keeps_its_runs(process: Processes) -> None:
    """Nobody takes work out of living hands."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(simple("a")))
    held = Crew(first, "a")
    other = Crew(second, "a")
    second.advance(20)
    assert (held.waiting, other.waiting) == (["a"], [])
    held.complete("a")
    assert second.run(run_id).status is RunStatus.COMPLETED


# -- two processes on one store --------------------------------------------------------------------------------------


def test_a_stale_state_is_noticed_and_read_again(process: Processes) -> None:
    """Both processes know the run; each goes on from what the other committed."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(fork("split", [simple("a")], [simple("b")]), join("merge", "a", "b")))
    here, there = Crew(first, "a"), Crew(second, "b")
    second.advance(1)
    there.complete("b", {"b": 1})
    here.complete("a", {"a": 1})
    run = first.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "merge").output_data == {"a": {"a": 1}, "b": {"b": 1}}


def test_two_claims_of_one_attempt_give_it_to_one(process: Processes) -> None:
    """Both look for open work; the second finds it taken, and one result counts."""
    first, second, third = process("first"), process("second"), process("third")
    run_id = first.start(flow(simple("a")))
    crews = [Crew(one, "a") for one in (second, third)]
    for one in (second, third):
        one.advance(1)
    waiting = [crew.waiting for crew in crews]
    assert sorted(waiting) == [[], ["a"]]
    next(crew for crew in crews if crew.waiting).complete("a", {"x": 1})
    assert len(attempts_of(first.run(run_id), "a")) == 1
    assert first.run(run_id).output == {"x": 1}


def test_a_run_that_another_process_ended_is_not_changed(process: Processes) -> None:
    """The late result of the holder's worker comes to nothing."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(simple("a")))
    late = Crew(first, "a").take("a")
    second.ask(Terminate(run_id, "elsewhere"))
    ended = second.run(run_id)
    first.complete(late, {"x": 1})
    assert first.run(run_id) == ended


def test_an_operation_is_checked_against_what_the_other_process_did(process: Processes) -> None:
    """The holder refuses by the present status, not by the one it remembers."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(simple("a")))
    second.ask(Terminate(run_id))
    with pytest.raises(IllegalTransition):
        first.ask(Pause(run_id))


def test_the_timer_of_a_dead_neighbour_is_kept(process: Processes, dead: set[str]) -> None:
    """A process that lives beside notices the death and keeps the time."""
    first, second = process("first"), process("second")
    run_id = first.start(flow(pause_for("rest", "60s")))
    second.advance(1)
    dead.add("first")
    for _ in range(12):
        second.advance(5)
    assert second.run(run_id).status is RunStatus.COMPLETED
    assert statuses(second.run(run_id)) == {"rest": "COMPLETED"}


def test_a_definition_registered_by_the_other_process_is_seen(process: Processes) -> None:
    """At the next start."""
    first, second = process("first"), process("second")
    first.register(flow(inline("a", "1"), name="f"))
    assert second.run(second.start("f")).workflow_version == 1
    first.register(flow(inline("a", "2"), name="f", version=2))
    assert second.run(second.start("f")).workflow_version == 2


def test_a_dead_process_is_known_by_its_silence_elsewhere(process: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds without a heartbeat are enough when nobody can ask the operating system, and all know within two."""
    first = process("first")
    run_id = first.start(flow(simple("a")))
    held = Crew(first, "a")
    assert held.waiting == ["a"]
    second = process("second")
    monkeypatch.setattr(FakeProcesses, "is_alive", lambda *_: None)
    crew = Crew(second, "a")
    for _ in range(9):
        second.advance(1)
    assert crew.waiting == []
    for _ in range(4):
        second.advance(1)
    assert crew.waiting == ["a"]
    crew.complete("a")
    assert second.run(run_id).tasks[0].status is TaskStatus.COMPLETED


def test_nobody_is_dead_because_the_store_was_gone(process: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store comes back after ten minutes, each heartbeat is ten minutes old, and everybody lives."""
    first, second = process("first"), process("second")
    first.start(flow(simple("a")))
    held = Crew(first, "a")
    monkeypatch.setattr(FakeProcesses, "is_alive", lambda *_: None)
    crew = Crew(second, "a")
    second.advance(1)
    second.clock.move_to(second.clock.now() + 600_000)
    second.settle()
    for _ in range(8):
        second.advance(1)
        first.settle()
    assert (held.waiting, crew.waiting) == (["a"], [])


def test_a_machine_whose_clock_is_behind_is_not_dead(process: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is whether heartbeats come, not which time they tell."""
    first, second = process("first"), process("second")
    first.start(flow(simple("a")))
    held = Crew(first, "a")
    monkeypatch.setattr(FakeProcesses, "is_alive", lambda *_: None)
    crew = Crew(second, "a")
    for beat in range(60):
        second.backend.heartbeat(EngineRow("first", "first", second.clock.now() - 60_000 + beat))
        second.advance(1)
    assert (held.waiting, crew.waiting) == (["a"], [])
