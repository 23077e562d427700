"""Reruns: what goes on from a task, what is forgotten, what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podium.engine.events import Edit, Rerun, Retry, Skip
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import IllegalTransition, TaskNotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench, HandWorker


def step(ref: str, **more: Any) -> WorkflowTask:
    """Return a worker task without retries that sees the outputs of others."""
    definition = TaskDef(name=ref, retry_count=0)
    return WorkflowTask(name=ref, task_reference_name=ref, task_definition=definition, **more)


def flow(*tasks: WorkflowTask, **more: Any) -> WorkflowDef:
    """Return a workflow of these tasks."""
    return WorkflowDef(name="flow", tasks=tasks, **more)


def forked(*branches: tuple[WorkflowTask, ...]) -> tuple[WorkflowTask, WorkflowTask]:
    """Return a fork of branches and its JOIN."""
    fork = WorkflowTask(name="f", task_reference_name="f", type="FORK_JOIN", fork_tasks=branches)
    ends = tuple(branch[-1].task_reference_name for branch in branches)
    return fork, WorkflowTask(name="j", task_reference_name="j", type="JOIN", join_on=ends)


def repeated(*body: WorkflowTask, times: int) -> WorkflowTask:
    """Return a loop that runs its body some times."""
    condition = f"$.l.iteration < {times}"
    return WorkflowTask(name="l", task_reference_name="l", type="DO_WHILE", loop_condition=condition, loop_over=body)


class Play:
    """A bench whose worker ends each attempt with the number of the call, but for those that shall fail."""

    def __init__(self, *names: str) -> None:
        self.bench = Bench()
        self.worker: HandWorker = self.bench.serve(*names)
        self.calls: list[str] = []

    def go(self, *failing: str) -> None:
        """Work until nothing is left to do."""
        while self.worker.waiting:
            one = self.worker.waiting.popleft()
            self.calls.append(one.ref)
            if one.ref in failing:
                self.bench.fail(one, "as told")
            else:
                self.bench.complete(one, {"call": len(self.calls)})

    def rerun(self, run_id: str, ref: str | None, **more: Any) -> None:
        """Rerun from the newest attempt of a task, and forget the calls before."""
        self.calls.clear()
        tasks = [task for task in self.bench.run(run_id).tasks if task.reference_task_name == ref]
        self.bench.ask(Rerun(run_id, tasks[-1].seq if ref is not None else None, **more))

    def told(self, run: WorkflowRun) -> list[tuple[str, str]]:
        """Return the attempts of a run in order."""
        return [(task.reference_task_name, task.status.value) for task in run.tasks]


def test_a_task_and_what_follows_it_are_done_again() -> None:
    """Of a, b, c, a rerun from b keeps a, deletes b and c, and makes new attempts of them, with new ids."""
    play = Play("a", "b", "c")
    run_id = play.bench.start(flow(step("a"), step("b"), step("c")))
    play.go()
    before = play.bench.run(run_id)
    play.rerun(run_id, "b")
    assert play.bench.run(run_id).status is RunStatus.RUNNING
    play.go()
    after = play.bench.run(run_id)
    assert play.calls == ["b", "c"]
    assert play.told(after) == [("a", "COMPLETED"), ("b", "COMPLETED"), ("c", "COMPLETED")]
    assert before.tasks[0] == after.tasks[0]
    assert not {task.task_id for task in before.tasks[1:]} & {task.task_id for task in after.tasks[1:]}
    assert after.status is RunStatus.COMPLETED


def test_a_late_result_of_a_forgotten_attempt_changes_nothing() -> None:
    """What a worker says of the attempt that was rerun is passed over, though its task is at work again."""
    play = Play("a")
    run_id = play.bench.start(flow(step("a")))
    first = play.worker.waiting.popleft()
    play.bench.fail(first)
    play.rerun(run_id, "a")
    play.bench.complete(first, {"late": True})
    (task,) = play.bench.run(run_id).tasks
    assert (task.status, task.output_data) == (TaskStatus.SCHEDULED, {})


def test_branches_beside_the_task_stay_and_failed_ones_are_tried_again() -> None:
    """What was done in other branches is not done again; the JOIN waits for the branch anew."""
    play = Play("a", "b", "c", "d", "e")
    run_id = play.bench.start(flow(*forked((step("a"), step("b")), (step("c"),), (step("d"),)), step("e")))
    play.go("d")
    assert play.bench.run(run_id).status is RunStatus.FAILED
    play.rerun(run_id, "a")
    play.go()
    assert sorted(play.calls) == ["a", "b", "d", "e"]
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert sorted(run.task("j").output_data) == ["b", "c", "d"]  # type: ignore[union-attr]  # it is there

    play.rerun(run_id, "c")
    play.go()
    assert play.calls == ["c", "e"]
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert run.task("j").output_data["c"] == {"call": 1}  # type: ignore[union-attr]  # it is there


def test_a_loop_goes_back_to_the_iteration_of_the_task() -> None:
    """Later iterations are forgotten; earlier ones, and what came before in this one, stay."""
    play = Play("a", "b", "c")
    run_id = play.bench.start(flow(repeated(step("a"), step("b"), times=3), step("c")))
    play.go()
    assert play.calls == ["a__1", "b__1", "a__2", "b__2", "a__3", "b__3", "c"]
    play.rerun(run_id, "b__2")
    play.go()
    assert play.calls == ["b__2", "a__3", "b__3", "c"]
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    loop = run.task("l")
    assert loop is not None
    assert loop.output_data == {
        "iteration": 3,
        "1": {"a": {"call": 1}, "b": {"call": 2}},
        "2": {"a": {"call": 3}, "b": {"call": 1}},
        "3": {"a": {"call": 2}, "b": {"call": 3}},
    }


@pytest.mark.parametrize("ref", ["a__1", "a__2", "b__2"])
def test_a_loop_that_failed_is_rerun_from_any_iteration(ref: str) -> None:
    """The iteration that broke the loop, and those before it, are places to go on from."""
    play = Play("a", "b", "c")
    run_id = play.bench.start(flow(repeated(step("a"), step("b"), times=2), step("c")))
    play.go("b__2")
    assert play.bench.run(run_id).status is RunStatus.FAILED
    play.rerun(run_id, ref)
    play.go()
    order = ["a__1", "b__1", "a__2", "b__2"]
    assert play.calls == [*order[order.index(ref) :], "c"]
    assert play.bench.run(run_id).status is RunStatus.COMPLETED


def test_a_loop_over_a_list_sees_the_item_of_the_iteration() -> None:
    """The item and its index are those of the iteration that the loop goes back to."""
    play = Play("a")
    body = step("a", input_parameters={"item": "${l.output.loopItem}"})
    loop = WorkflowTask(
        name="l", task_reference_name="l", type="DO_WHILE", items="${workflow.input.list}", loop_over=(body,)
    )
    run_id = play.bench.start(flow(loop), {"list": ["x", "y", "z"]})
    play.go()
    play.rerun(run_id, "a__2")
    assert play.worker.waiting[0].input == {"item": "y"}
    play.go()
    assert play.calls == ["a__2", "a__3"]
    assert play.bench.run(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("ref", "again"),
    [("f", ["a", "b", "c", "e"]), ("j", ["e"]), ("s", ["c", "e"]), ("c", ["c", "e"])],
)
def test_structures_are_laid_out_anew(ref: str, again: list[str]) -> None:
    """A fork, a JOIN or a SWITCH that is rerun begins anew, with all that it holds."""
    play = Play("a", "b", "c", "e")
    switch = WorkflowTask(
        name="s",
        task_reference_name="s",
        type="SWITCH",
        evaluator_type="value-param",
        expression="x",
        input_parameters={"x": "y"},
        decision_cases={"y": (step("c"),)},
    )
    run_id = play.bench.start(flow(*forked((step("a"),), (step("b"), switch)), step("e")))
    play.go()
    assert play.bench.run(run_id).status is RunStatus.COMPLETED
    play.rerun(run_id, ref)
    play.go()
    assert sorted(play.calls) == again
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    names = [task.reference_task_name for task in run.tasks]
    assert sorted(names) == ["a", "b", "c", "e", "f", "j", "s"]


def test_one_branch_of_a_dynamic_fork_is_rerun() -> None:
    """The other branches that the fork made stay."""
    play = Play("a", "b")
    fork = WorkflowTask(
        name="f",
        task_reference_name="f",
        type="FORK_JOIN_DYNAMIC",
        input_parameters={"forkTaskName": "a", "forkTaskInputs": [{"n": 1}, {"n": 2}, {"n": 3}]},
    )
    join = WorkflowTask(name="j", task_reference_name="j", type="JOIN")
    run_id = play.bench.start(flow(fork, join, step("b")))
    play.go()
    refs = list(play.calls)
    assert len(refs) == 4
    play.rerun(run_id, refs[1])
    play.go()
    assert play.calls == [refs[1], "b"]
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(run.tasks) == 6


def called(ref: str, child: WorkflowDef) -> WorkflowTask:
    """Return a task that runs a child."""
    params = SubWorkflowParams(workflow_definition=child)
    return WorkflowTask(name=ref, task_reference_name=ref, type="SUB_WORKFLOW", sub_workflow_param=params)


def test_a_task_inside_a_child_brings_the_parents_on() -> None:
    """The child goes on from its task, its parents with it: what followed it there is done again too."""
    play = Play("a", "b", "c", "d")
    child = flow(step("a"), step("b"))
    middle = flow(called("s", child), step("c"))
    run_id = play.bench.start(flow(called("t", middle), step("d")))
    play.go()
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    middle_id = str(run.tasks[0].sub_workflow_id)
    child_id = str(play.bench.run(middle_id).tasks[0].sub_workflow_id)
    edit = Edit(run_id, {"new": 1}, "mine")
    play.rerun(child_id, "b", edit=edit)
    assert play.bench.run(run_id).status is RunStatus.RUNNING
    play.go()
    assert play.calls == ["b", "c", "d"]
    run = play.bench.run(run_id)
    assert (run.status, run.input, run.correlation_id) == (RunStatus.COMPLETED, {"new": 1}, "mine")
    assert [task.reference_task_name for task in run.tasks] == ["t", "d"]
    assert run.tasks[0].sub_workflow_id == middle_id


def test_a_sub_workflow_that_is_rerun_has_a_new_child() -> None:
    """The run of the old child stays as it ended."""
    play = Play("a")
    run_id = play.bench.start(flow(called("s", flow(step("a")))))
    play.go("a")
    old = play.bench.run(run_id).tasks[0].sub_workflow_id
    play.rerun(run_id, "s")
    play.go()
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert run.tasks[0].sub_workflow_id != old
    assert play.bench.run(str(old)).status is RunStatus.FAILED


def test_inputs_can_be_replaced() -> None:
    """A task's new input is used as it is, the run's by all that reads it."""
    play = Play("a", "b")
    reads = {"n": "${workflow.input.n}"}
    run_id = play.bench.start(flow(step("a", input_parameters=reads), step("b", input_parameters=reads)), {"n": 1})
    play.go()
    play.rerun(run_id, "a", task_input={"n": 5, "m": 6})
    assert play.worker.waiting[0].input == {"n": 5, "m": 6}
    play.go()
    play.rerun(run_id, "b", edit=Edit(run_id, {"n": 7}))
    assert play.worker.waiting[0].input == {"n": 7}
    play.go()
    assert play.bench.run(run_id).input == {"n": 7}


def test_a_whole_run_begins_anew() -> None:
    """Without a task the attempts are deleted and the run begins from its start, with its variables."""
    play = Play("a", "b")
    run_id = play.bench.start(flow(step("a"), step("b")))
    created = play.bench.run(run_id).create_time
    play.go("b")
    play.bench.advance(10)
    play.rerun(run_id, None, edit=Edit(run_id, {"n": 1}))
    play.go()
    run = play.bench.run(run_id)
    assert (run.status, run.create_time, len(run.tasks)) == (RunStatus.COMPLETED, created, 2)
    assert run.failed_reference_task_names == ()


def test_the_clocks_begin_anew() -> None:
    """A run that timed out does not time out again at once."""
    play = Play("a")
    timed = flow(step("a"), timeout_seconds=10, timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF)
    run_id = play.bench.start(timed)
    play.bench.advance(11)
    assert play.bench.run(run_id).status is RunStatus.TIMED_OUT
    play.worker.waiting.clear()
    play.rerun(run_id, "a")
    play.bench.advance(9)
    assert play.bench.run(run_id).status is RunStatus.RUNNING
    play.go()
    assert play.bench.run(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda run_id: Rerun(run_id, 99), TaskNotFound, "not found"),
        (lambda run_id: Rerun(run_id, 1, {"n": 1}), IllegalTransition, "takes no other input"),
    ],
)
def test_what_cannot_be_rerun_is_refused(ask: Callable[[str], Rerun], error: type[Exception], words: str) -> None:
    """The words say why, and nothing has changed."""
    play = Play("a")
    run_id = play.bench.start(flow(*forked((step("a"),))))
    with pytest.raises(IllegalTransition, match="is not in terminal state, unable to rerun"):
        play.bench.ask(Rerun(run_id, 1))
    play.go()
    before = play.bench.run(run_id)
    with pytest.raises(error, match=words):
        play.bench.ask(ask(run_id))
    assert play.bench.run(run_id) == before


def test_a_loop_that_was_cut_off_by_a_terminate_is_rerun() -> None:
    """Its own end, which nobody has acted on, does not come back."""
    play = Play("a")
    end = WorkflowTask(
        name="e",
        task_reference_name="e",
        type="TERMINATE",
        input_parameters={"terminationStatus": "COMPLETED"},
    )
    run_id = play.bench.start(flow(repeated(step("a"), end, times=2)))
    play.go()
    assert play.bench.run(run_id).status is RunStatus.COMPLETED
    play.rerun(run_id, "l")
    assert play.bench.run(run_id).status is RunStatus.RUNNING
    play.go()
    assert play.calls == ["a__1"]
    assert play.bench.run(run_id).status is RunStatus.COMPLETED


def test_a_child_that_fails_again_at_once_is_retried_once() -> None:
    """Its parent goes on and ends again in the same commit; the sibling that went on beside it revives nobody."""
    script = WorkflowTask(
        name="bad", task_reference_name="bad", type="INLINE", input_parameters={"expression": "$.a.b"}
    )
    children = (WorkflowDef(name="fails", tasks=(script,)), WorkflowDef(name="works", tasks=(step("a"),)))
    branches = tuple(
        (
            WorkflowTask(
                name=child.name,
                task_reference_name=child.name,
                type="SUB_WORKFLOW",
                sub_workflow_param=SubWorkflowParams(name=child.name, workflow_definition=child),
            ),
        )
        for child in children
    )
    bench = Bench()
    parent_id = bench.start(flow(*forked(*branches)))
    child_id = next(one.sub_workflow_id for one in bench.run(parent_id).tasks if one.task_type == "SUB_WORKFLOW")

    bench.ask(Retry(str(child_id)))

    assert bench.run(parent_id).status is RunStatus.FAILED
    assert [one.reference_task_name for one in bench.run(str(child_id)).tasks] == ["bad", "bad"]


def test_a_rerun_that_fails_at_once_gives_what_is_left_of_the_run() -> None:
    """The task that it begins with is gone before another one is made, and its output with it."""
    nameless = WorkflowTask(name="d", task_reference_name="d", type="DYNAMIC", dynamic_task_name_param="which")
    bench = Bench()
    worker = bench.serve("a")
    run_id = bench.start(flow(*forked((step("a"), nameless))))
    bench.complete(worker.waiting.popleft(), {"n": 1})
    failed = bench.run(run_id)
    assert (failed.status, [task.reference_task_name for task in failed.tasks]) == (RunStatus.FAILED, ["f", "a", "j"])

    bench.ask(Rerun(run_id, failed.tasks[-1].seq))

    again = bench.run(run_id)
    assert (again.status, again.output) == (RunStatus.FAILED, {"n": 1})


def test_a_rerun_from_a_skipped_task_that_the_run_has_not_come_to_is_refused() -> None:
    """In a branch of a fork that is still to come, for one: nothing around it is there."""
    play = Play("a", "b", "c", "d")
    run_id = play.bench.start(flow(step("a"), *forked((step("b"), step("c")), (step("d"),))))
    for ref in "bc":
        play.bench.ask(Skip(run_id, ref))
    play.go("a")
    before = play.bench.run(run_id)
    for ref in "bc":
        with pytest.raises(IllegalTransition, match=f"the run has not come to '{ref}', which is skipped"):
            play.rerun(run_id, ref)
    assert play.bench.run(run_id) == before


def test_a_rerun_from_a_skipped_task_does_it_after_all() -> None:
    """Once the run has come to it."""
    play = Play("a", "b", "c", "d")
    run_id = play.bench.start(flow(step("a"), *forked((step("b"), step("c")), (step("d"),))))
    play.bench.ask(Skip(run_id, "b"))
    play.go("c")
    play.rerun(run_id, "b")
    play.go()
    run = play.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert "b" in play.calls
