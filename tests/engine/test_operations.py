from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    loop,
    refs,
    simple,
    statuses,
    switch,
    task,
    terminate,
    times,
    wait,
)

from podium.engine.events import (
    Edit,
    Event,
    Jump,
    Pause,
    Rerun,
    Resume,
    Retry,
    SetVariables,
    Skip,
    Terminate,
)
from podium.engine.requests import RestartRequest
from podium.model.definitions import RateLimitConfig
from podium.model.errors import IllegalTransition, PayloadRefused, RunNotFound, WorkflowNotFound
from podium.model.statuses import RunStatus, TaskStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench

CHAIN = flow(simple("a"), simple("b"))


def ended(bench: Bench, status: str) -> str:
    """Return a run of `CHAIN` with this status."""
    run_id = bench.start(CHAIN, {"n": 1}, correlation_id="c-1")
    crew = Crew(bench, "a", "b")
    if status == "COMPLETED":
        crew.complete_all()
    elif status == "FAILED":
        crew.complete("a", {"a": 1})
        crew.fail("b", "broken")
    elif status == "TERMINATED":
        bench.ask(Terminate(run_id, "stop"))
    elif status == "PAUSED":
        bench.ask(Pause(run_id))
    bench.dismiss(crew.worker)
    assert bench.run(run_id).status == status
    return run_id


REFUSALS = [
    (Pause, "COMPLETED", "is COMPLETED; only a RUNNING run can be paused"),
    (Pause, "FAILED", "is FAILED; only a RUNNING run can be paused"),
    (Resume, "RUNNING", "is RUNNING; only a PAUSED run can be resumed"),
    (Resume, "COMPLETED", "is COMPLETED; only a PAUSED run can be resumed"),
    (Terminate, "COMPLETED", "Cannot terminate a COMPLETED workflow."),
    (Retry, "RUNNING", "Workflow is still running.  status=RUNNING"),
    (Retry, "PAUSED", "Workflow is still running.  status=PAUSED"),
    (Retry, "COMPLETED", "is COMPLETED, so there is nothing to retry"),
    (RestartRequest, "RUNNING", "is not in terminal state, unable to restart."),
    (RestartRequest, "PAUSED", "is not in terminal state, unable to restart."),
]


@pytest.mark.parametrize(("operation", "status", "text"), REFUSALS)
def test_refusals(bench: Bench, operation: Any, status: str, text: str) -> None:
    """What the status does not allow is refused, and the run stays as it is."""
    run_id = ended(bench, status)
    before = bench.run(run_id)
    with pytest.raises(IllegalTransition, match=text.replace(".", r"\.")):
        bench.ask(operation(run_id))
    assert bench.run(run_id) == before


@pytest.mark.parametrize("operation", [Pause, Resume, Terminate, Retry, RestartRequest])
def test_an_unknown_run_is_refused(bench: Bench, operation: Any) -> None:
    """RunNotFound."""
    with pytest.raises(RunNotFound, match="No such workflow found by id: nobody"):
        bench.ask(operation("nobody"))


# -- pause and resume ------------------------------------------------------------------------------------------------


def test_pause_schedules_nothing_new_until_resume(bench: Bench) -> None:
    """What workers have may end; the next task comes with the resume."""
    run_id = bench.start(CHAIN)
    crew = Crew(bench, "a", "b")
    bench.ask(Pause(run_id))
    crew.complete("a", {"x": 1})
    run = bench.run(run_id)
    assert (run.status, statuses(run)) == (RunStatus.PAUSED, {"a": "COMPLETED"})
    bench.ask(Resume(run_id))
    assert crew.waiting == ["b"]
    crew.complete("b")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_pause_twice_is_fine(bench: Bench) -> None:
    """The second changes nothing."""
    run_id = ended(bench, "PAUSED")
    before = bench.run(run_id)
    bench.ask(Pause(run_id))
    assert bench.run(run_id) == before


def test_the_last_task_may_end_during_a_pause(bench: Bench) -> None:
    """The run completes with the resume."""
    run_id = bench.start(flow(simple("a")))
    bench.ask(Pause(run_id))
    Crew(bench, "a").complete("a", {"x": 1})
    assert bench.run(run_id).status is RunStatus.PAUSED
    bench.ask(Resume(run_id))
    assert (bench.run(run_id).status, bench.run(run_id).output) == (RunStatus.COMPLETED, {"x": 1})


def test_a_failure_during_a_pause_is_acted_on_at_the_resume(bench: Bench) -> None:
    """Neither retried nor the run's end before."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=0)))
    crew = Crew(bench, "a")
    bench.ask(Pause(run_id))
    crew.fail("a")
    bench.ask(Resume(run_id))
    assert crew.waiting == ["a"]


def test_a_retrys_delay_passes_during_a_pause(bench: Bench) -> None:
    """The attempt is offered with the resume, not before."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=5)))
    crew = Crew(bench, "a")
    crew.fail("a")
    bench.ask(Pause(run_id))
    bench.advance(60)
    bench.ask(Resume(run_id))
    assert crew.waiting == ["a"]


def test_a_paused_run_can_be_terminated(bench: Bench) -> None:
    """A pause is no protection."""
    run_id = ended(bench, "PAUSED")
    bench.ask(Terminate(run_id, "enough"))
    assert bench.run(run_id).status is RunStatus.TERMINATED


def test_both_branches_end_during_a_pause(bench: Bench) -> None:
    """The JOIN fires at the resume."""
    definition = flow(fork("split", [simple("a")], [simple("b")]), join("merge", "a", "b"), inline("after", "1"))
    run_id = bench.start(definition)
    bench.ask(Pause(run_id))
    Crew(bench, "a", "b").complete_all({"k": 1})
    assert statuses(bench.run(run_id))["merge"] == "IN_PROGRESS"
    bench.ask(Resume(run_id))
    assert bench.run(run_id).status is RunStatus.COMPLETED


# -- terminate -------------------------------------------------------------------------------------------------------


def test_terminate_ends_the_run_and_cancels_its_tasks(bench: Bench) -> None:
    """With the given reason; the output is computed all the same."""
    run_id = bench.start(flow(simple("a"), simple("b"), output_parameters={"a": "${a.output.x}", "b": "${b.output.x}"}))
    crew = Crew(bench, "a", "b")
    crew.complete("a", {"x": 1})
    bench.ask(Terminate(run_id, "not needed"))
    run = bench.run(run_id)
    assert (run.status, run.reason) == (RunStatus.TERMINATED, "not needed")
    assert statuses(run) == {"a": "COMPLETED", "b": "CANCELED"}
    assert run.output == {"a": 1, "b": None}
    assert run.end_time == bench.clock.now()


def test_terminate_overwrites_a_failure_but_not_itself(bench: Bench) -> None:
    """FAILED becomes TERMINATED; a second terminate changes nothing."""
    run_id = ended(bench, "FAILED")
    bench.ask(Terminate(run_id, "first"))
    bench.ask(Terminate(run_id, "second"))
    run = bench.run(run_id)
    assert (run.status, run.reason) == (RunStatus.TERMINATED, "first")


# -- retry -----------------------------------------------------------------------------------------------------------


def test_retry_goes_on_from_the_failed_task(bench: Bench) -> None:
    """A new attempt, at once, whatever the limit says; what was done stays done."""
    run_id = ended(bench, "FAILED")
    bench.advance(100)
    bench.ask(Retry(run_id))
    run = bench.run(run_id)
    old, new = attempts_of(run, "b")
    assert (run.status, run.reason, run.end_time) == (RunStatus.RUNNING, None, 0)
    assert run.last_retried_time == bench.clock.now()
    assert (old.retried, old.executed) == (True, True)
    assert (new.status, new.retry_count, new.retried_task_id) == (TaskStatus.SCHEDULED, 1, old.task_id)
    assert new.reason_for_incompletion is None
    assert (new.callback_after_seconds, new.scheduled_time) == (0, bench.clock.now())
    Crew(bench, "b").complete("b", {"b": 2})
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert len(attempts_of(bench.run(run_id), "a")) == 1


def test_the_limit_counts_again_after_a_retry(bench: Bench) -> None:
    """The next failure is compared with it: exceeded already, so the run fails at once."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=0)))
    crew = Crew(bench, "a")
    crew.fail("a")
    crew.fail("a")
    bench.ask(Retry(run_id))
    crew.fail("a")
    assert bench.run(run_id).status is RunStatus.FAILED
    assert [one.retry_count for one in bench.run(run_id).tasks] == [0, 1, 2]


def test_retry_takes_cancelled_branches_up(bench: Bench) -> None:
    """The JOIN in place, the others with a new attempt; what succeeded is left alone."""
    definition = flow(fork("split", [simple("a")], [simple("b")], [simple("c")]), join("merge", "a", "b", "c"))
    run_id = bench.start(definition)
    crew = Crew(bench, "a", "b", "c")
    crew.complete("c", {"c": 1})
    late = crew.take("b")
    crew.fail("a")
    bench.ask(Retry(run_id))
    assert sorted(crew.waiting) == ["a", "b"]
    assert len(attempts_of(bench.run(run_id), "merge")) == 1
    assert attempt_of(bench.run(run_id), "merge").status is TaskStatus.IN_PROGRESS
    bench.complete(late, {"b": "too late"})
    crew.complete("a", {"a": 2})
    crew.complete("b", {"b": 2})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "merge").output_data == {"a": {"a": 2}, "b": {"b": 2}, "c": {"c": 1}}


def test_retry_after_a_permissive_failure(bench: Bench) -> None:
    """The failed task runs again, and the JOIN that failed over it looks again."""
    run_id = bench.start(flow(fork("split", [simple("a", permissive=True)], [simple("b")]), join("merge", "a", "b")))
    crew = Crew(bench, "a", "b")
    crew.fail("a")
    crew.complete("b", {"b": 1})
    assert bench.run(run_id).status is RunStatus.FAILED
    bench.ask(Retry(run_id))
    assert crew.waiting == ["a"]
    crew.complete("a", {"a": 2})
    assert bench.run(run_id).output == {"a": 2}
    assert attempt_of(bench.run(run_id), "merge").output_data == {"a": {"a": 2}, "b": {"b": 1}}


def test_retry_of_a_terminated_run(bench: Bench) -> None:
    """Its cancelled tasks are what there is to retry."""
    run_id = ended(bench, "TERMINATED")
    bench.ask(Retry(run_id))
    Crew(bench, "a", "b").complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_nothing_to_retry_is_refused(bench: Bench) -> None:
    """A run that a TERMINATE task failed has no failed task."""
    run_id = bench.start(flow(inline("a", "1"), terminate("stop", "FAILED")))
    with pytest.raises(IllegalTransition, match="There are no retryable tasks! Use restart"):
        bench.ask(Retry(run_id))


def told_to_stop(bench: Bench) -> tuple[str, Crew]:
    """Return a run that a TERMINATE in one branch has failed, while another was at work."""
    definition = flow(
        fork("split", [simple("a"), terminate("stop", "FAILED")], [simple("b"), simple("c")]),
        join("merge", "stop", "c"),
    )
    run_id = bench.start(definition)
    crew = Crew(bench, "a", "b", "c")
    crew.complete("a")
    assert attempt_of(bench.run(run_id), "b").status is TaskStatus.CANCELED
    return run_id, crew


def test_what_a_terminate_has_stopped_is_not_retried(bench: Bench) -> None:
    """It would be done behind the back of the TERMINATE, which stays: neither retry nor a rerun beside it."""
    run_id, _ = told_to_stop(bench)
    before = bench.run(run_id)
    seq = next(number for number, one in enumerate(before.tasks, 1) if one.reference_task_name == "b")
    for request in (Retry(run_id), Rerun(run_id, seq)):
        with pytest.raises(IllegalTransition, match="was ended by TERMINATE 'stop', which would end it again: restart"):
            bench.ask(request)
    assert bench.run(run_id) == before


def test_a_rerun_from_before_a_terminate_comes_to_it_anew(bench: Bench) -> None:
    """It is forgotten, as all that followed the task."""
    run_id, crew = told_to_stop(bench)
    bench.ask(Rerun(run_id, 2))
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("a")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert [one.status for one in attempts_of(run, "stop")] == [TaskStatus.COMPLETED]


def test_retry_of_a_run_without_tasks_is_refused(bench: Bench) -> None:
    """It never got to its first task."""
    run_id = bench.start(flow(fork("split", [simple("a")])))
    with pytest.raises(IllegalTransition, match="Workflow has not started yet"):
        bench.ask(Retry(run_id))


def test_a_run_that_waited_for_room_until_its_time_was_over_has_not_begun(bench: Bench) -> None:
    """Also if something was passed over meanwhile: it is not complete by that. A restart begins it."""
    limit = RateLimitConfig(rate_limit_key="one", concurrent_exec_limit=1)
    policy = WorkflowTimeoutPolicy.TIME_OUT_WF
    limited = flow(simple("a"), simple("b"), rate_limit_config=limit, timeout_seconds=60, timeout_policy=policy)
    bench.serve("a", "b")
    first = bench.start(limited)
    second = bench.start(limited)
    bench.ask(Skip(second, "a"))
    bench.advance(60)
    assert bench.run(second).status is RunStatus.TIMED_OUT
    with pytest.raises(IllegalTransition, match="Workflow has not started yet"):
        bench.ask(Retry(second))
    assert bench.run(first).status is RunStatus.TIMED_OUT
    bench.ask(RestartRequest(second))
    assert [one.reference_task_name for one in bench.run(second).tasks] == ["a"]


def test_retry_of_a_broken_switch_evaluates_it_again(bench: Bench) -> None:
    """A new attempt, which fails for the same reason."""
    chooser = task("SWITCH", "choose", evaluator_type="javascript", expression="$.v.k", inputs={"v": None})
    run_id = bench.start(flow(chooser))
    bench.ask(Retry(run_id))
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert len(attempts_of(run, "choose")) == 2


# -- what is given with them -----------------------------------------------------------------------------------------

MUCH = {"much": "x" * 11_000_000}


@pytest.mark.parametrize(
    "request_of",
    [
        lambda run_id: SetVariables(run_id, MUCH),
        lambda run_id: Skip(run_id, "b", {}, MUCH),
        lambda run_id: Skip(run_id, "b", MUCH),
        lambda run_id: Jump(run_id, "b", MUCH),
    ],
    ids=["set variables", "skip with output", "skip with input", "jump"],
)
def test_what_is_too_large_for_a_live_run_is_refused(bench: Bench, request_of: Callable[[str], Event]) -> None:
    """It is the caller's mistake: the run goes on as it was."""
    run_id = bench.start(flow(simple("a"), simple("b")))
    before = bench.run(run_id)
    with pytest.raises(PayloadRefused, match=r"too large: 110000\d\d bytes as JSON, and the limit is "):
        bench.ask(request_of(run_id))
    assert bench.run(run_id) == before


@pytest.mark.parametrize("edit", [{"task_input": MUCH}, {"edit": MUCH}], ids=["of a task", "of the run"])
def test_what_is_too_large_for_a_rerun_is_refused(bench: Bench, edit: Any) -> None:
    """The run stays as it ended."""
    run_id = ended(bench, "FAILED")
    before = bench.run(run_id)
    options = {"edit": Edit(run_id, MUCH)} if "edit" in edit else edit
    with pytest.raises(PayloadRefused, match="too large"):
        bench.ask(Rerun(run_id, 1, **options))
    assert bench.run(run_id) == before


# -- skip ------------------------------------------------------------------------------------------------------------


def looped(bench: Bench, *names: str) -> tuple[str, Crew]:
    """Start ``before``, and a loop that does ``a`` and ``b`` three times; some of their turns are skipped at once."""
    inside = [simple("a"), simple("b", inputs={"seen": "${a.output.by}"})]
    crew = Crew(bench, "before", "a", "b", "after")
    turns = times("turns", 3, *inside)
    run_id = bench.start(flow(simple("before"), turns, simple("after", inputs={"all": "${turns.output}"})))
    for name in names:
        bench.ask(Skip(run_id, name, {}, {"by": "an operator"}))
    crew.complete_all({"by": "a worker"})
    return run_id, crew


@pytest.mark.parametrize("turns", ["1", "2", "3", "12", "23", "123"])
def test_a_loop_goes_on_behind_a_turn_that_is_skipped_as_a_whole(bench: Bench, turns: str) -> None:
    """Nothing of that turn ends in its time, so nothing else tells the loop of it."""
    run_id, _ = looped(bench, *(f"{ref}__{turn}" for turn in turns for ref in "ab"))
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    by = {turn: "an operator" if turn in turns else "a worker" for turn in "123"}
    expected = {"iteration": 3} | {turn: {"a": {"by": by[turn]}, "b": {"by": by[turn]}} for turn in by}
    assert attempt_of(run, "after").input_data == {"all": expected}
    assert attempt_of(run, "turns").output_data == expected


def test_a_skipped_turn_stands_where_the_run_comes_to_it(bench: Bench) -> None:
    """It is one of the attempts of its turn, and what it gives is seen from then on only."""
    run_id, _ = looped(bench, "a__2")
    run = bench.run(run_id)
    names = ["before", "turns", "a__1", "b__1", "a__2", "b__2", "a__3", "b__3", "after"]
    assert [one.reference_task_name for one in run.tasks] == names
    assert [one.seq for one in run.tasks] == sorted(one.seq for one in run.tasks)
    assert [attempt_of(run, f"b__{turn}").input_data["seen"] for turn in (1, 2, 3)] == [
        "a worker",
        "an operator",
        "a worker",
    ]


def test_nobody_sees_a_skipped_turn_before_its_time(bench: Bench) -> None:
    """Neither a step of an earlier turn nor the condition after it."""
    crew = Crew(bench, "a", "b")
    body = simple("a"), simple("b", inputs={"seen": "${a.output.by}"})
    run_id = bench.start(flow(loop("turns", "$.a['by'] == 'a worker'", *body)))
    bench.ask(Skip(run_id, "a__2", {}, {"by": "an operator"}))
    crew.complete_all({"by": "a worker"})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [one.reference_task_name for one in run.tasks] == ["turns", "a__1", "b__1", "a__2", "b__2"]
    assert attempt_of(run, "b__1").input_data == {"seen": "a worker"}


def test_a_turn_that_is_over_cannot_be_skipped(bench: Bench) -> None:
    """Neither while its loop goes on, nor when that has ended; also of a loop in a loop."""
    inner = times("inner", 2, simple("a"))
    crew = Crew(bench, "a", "after")
    run_id = bench.start(flow(times("outer", 2, inner), simple("after")))
    for _ in range(3):
        bench.complete(crew.worker.waiting.popleft())
    for name in ("a__1__1", "a__1__2", "a__1__3", "a__2__1", "inner__1"):
        with pytest.raises(IllegalTransition, match=f"The task referenced {name} has already been processed"):
            bench.ask(Skip(run_id, name))
    crew.complete("a__2__2")
    for name in ("a__2__2", "a__2__3", "a__3__1", "inner__3"):
        with pytest.raises(IllegalTransition, match=f"The task referenced {name} has already been processed"):
            bench.ask(Skip(run_id, name))
    assert attempt_of(bench.run(run_id), "outer").output_data["iteration"] == 2


def test_what_a_join_in_a_loop_waits_for_may_be_skipped_where_it_never_comes(bench: Bench) -> None:
    """As outside of loops: an operator helps a run that stands still; the other branch is still at work."""
    chosen = switch("which", "no", {"yes": [simple("b")]})
    inside = [fork("split", [simple("a")], [chosen]), join("merge", "a", "b")]
    crew = Crew(bench, "a")
    run_id = bench.start(flow(times("turns", 1, *inside)))
    bench.ask(Skip(run_id, "b__1", {}, {"by": "an operator"}))
    crew.complete("a__1", {"by": "a worker"})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "merge__1").output_data == {"a__1": {"by": "a worker"}, "b__1": {"by": "an operator"}}


def test_a_turn_is_skipped_once_and_a_restart_forgets_it(bench: Bench) -> None:
    """Whoever says it again is told; a run that begins anew does all that it is defined to do."""
    crew = Crew(bench, "a")
    run_id = bench.start(flow(times("turns", 2, simple("a"))))
    bench.ask(Skip(run_id, "a__2"))
    with pytest.raises(IllegalTransition, match="has already been processed"):
        bench.ask(Skip(run_id, "a__2"))
    bench.ask(Terminate(run_id, "stop"))
    bench.ask(RestartRequest(run_id))
    crew.complete_all()
    assert statuses(bench.run(run_id)) == {"turns": "COMPLETED", "a__1": "COMPLETED", "a__2": "COMPLETED"}


def test_a_skipped_turn_that_never_comes_is_no_part_of_the_output(bench: Bench) -> None:
    """It was asked for in good time, and the loop ended before it."""
    run_id, _ = looped(bench, "a__7")
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "turns").output_data.keys() == {"iteration", "1", "2", "3"}
    assert attempt_of(run, "after").input_data == {"all": attempt_of(run, "turns").output_data}


def test_what_is_skipped_in_a_loop_is_let_go_with_its_turn(bench: Bench) -> None:
    """``keepLastN`` counts it like every other attempt."""
    crew = Crew(bench, "a")
    run_id = bench.start(flow(simple("a"), times("turns", 4, simple("b"), inputs={"keepLastN": 1})))
    for turn in range(1, 5):
        bench.ask(Skip(run_id, f"b__{turn}"))
    crew.complete("a")
    assert [one.reference_task_name for one in bench.run(run_id).tasks] == ["a", "turns", "b__4"]


# -- restart ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "TERMINATED"])
def test_restart_begins_anew_under_the_same_id(bench: Bench, status: str) -> None:
    """Tasks, output, reason and end are gone; input and correlation id stay."""
    run_id = ended(bench, status)
    old = bench.run(run_id)
    bench.advance(10)
    bench.ask(RestartRequest(run_id))
    run = bench.run(run_id)
    assert (run.status, run.output, run.reason, run.end_time) == (RunStatus.RUNNING, {}, None, 0)
    assert (run.create_time, run.last_retried_time) == (EPOCH_MS + 10_000, 0)
    assert (run.input, run.correlation_id) == ({"n": 1}, "c-1")
    assert refs(run) == ["a"]
    assert run.tasks[0].task_id not in {one.task_id for one in old.tasks}
    Crew(bench, "a", "b").complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_restart_of_a_completed_run_can_be_forbidden(bench: Bench) -> None:
    """``restartable: false`` protects what completed, not what failed."""
    definition = flow(simple("a"), restartable=False)
    crew = Crew(bench, "a")
    done, failed = bench.start(definition), bench.start(definition)
    one, two = crew.take("a"), crew.take("a")
    bench.complete(one)
    bench.fail(two)
    with pytest.raises(IllegalTransition, match=f"Workflow: {done} is non-restartable"):
        bench.ask(RestartRequest(done))
    bench.ask(RestartRequest(failed))
    assert bench.run(failed).status is RunStatus.RUNNING


def test_restart_keeps_the_definition_unless_told(bench: Bench) -> None:
    """With ``use_latest`` the newest registered version runs."""
    bench.register(flow(simple("a"), name="f", version=1))
    run_id = bench.start("f")
    crew = Crew(bench, "a", "z")
    crew.fail("a")
    bench.register(flow(simple("z"), name="f", version=2))
    bench.ask(RestartRequest(run_id))
    assert (crew.waiting, bench.run(run_id).workflow_version) == (["a"], 1)
    crew.fail("a")
    bench.ask(RestartRequest(run_id, use_latest=True))
    assert (crew.waiting, bench.run(run_id).workflow_version) == (["z"], 2)
    crew.complete("z")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_restart_sees_a_definition_that_was_replaced(bench: Bench) -> None:
    """The same version, registered again with other tasks."""
    bench.register(flow(simple("a"), name="f"))
    run_id = bench.start("f")
    crew = Crew(bench, "a", "z")
    crew.fail("a")
    bench.register(flow(simple("z"), name="f"))
    bench.ask(RestartRequest(run_id, use_latest=True))
    assert crew.waiting == ["z"]


def test_a_restarted_run_waits_its_full_time(bench: Bench) -> None:
    """No timer of the earlier life cuts it short."""
    run_id = bench.start(flow(wait("rest", "60s")))
    bench.advance(30)
    bench.ask(Terminate(run_id))
    bench.ask(RestartRequest(run_id))
    bench.advance(59.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert bench.run(run_id).status is RunStatus.COMPLETED


# -- start -----------------------------------------------------------------------------------------------------------


def test_a_workflow_without_tasks_completes(bench: Bench) -> None:
    """With Conductor's reason."""
    run = bench.run(bench.start(flow()))
    assert (run.status, run.reason) == (RunStatus.COMPLETED, "No tasks found to be executed")


def test_the_input_template_fills_what_is_missing(bench: Bench) -> None:
    """Also when the input is empty (Conductor skips it then); a given null is filled too."""
    definition = flow(simple("a"), input_template={"n": 1, "m": 2})
    given: list[dict[str, Any]] = [{}, {"n": 5}, {"n": None}]
    assert [bench.run(bench.start(definition, one)).input for one in given] == [
        {"n": 1, "m": 2},
        {"n": 5, "m": 2},
        {"n": 1, "m": 2},
    ]


def test_the_greatest_version_is_started(bench: Bench) -> None:
    """Unless one is named; an unknown one is refused."""
    bench.register(flow(simple("a"), name="f", version=9), flow(simple("a"), name="f", version=10))
    assert bench.run(bench.start("f")).workflow_version == 10
    assert bench.run(bench.start("f", version=9)).workflow_version == 9
    with pytest.raises(WorkflowNotFound, match=r"No such workflow defined\. name=f, version=1"):
        bench.start("f", version=1)
