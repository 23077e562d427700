"""JOIN with a script: when it is asked, and what it can say (Orkes' documentation of the Join task)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from podium.dsl import Workflow, call_task, fork, inline, join, js, loop, python, ref
from podium.engine.scripts import DirectScripts
from podium.model.assignments import Report
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue
from podium.testing.bench import Bench, HandWorker
from podium.testing.processes import SlowScripts

#: The example of the documentation.
ALL_COMPLETED = """(function(){
  let results = {};
  let pendingJoinsFound = false;
  if($.joinOn){
    $.joinOn.forEach((element)=>{
      if($[element] && $[element].status !== 'COMPLETED'){
        results[element] = $[element].status;
        pendingJoinsFound = true;
      }
    });
    if(pendingJoinsFound){
      return {"status":"IN_PROGRESS", "reasonForIncompletion":"Pending", "outputData":{"scriptResults": results}};
    }
    return true;
  }
})();"""
FIRST = "$.joinOn.some(one => $[one] && $[one].status === 'COMPLETED')"


def begun(bench: Bench, script: Any) -> tuple[str, HandWorker]:
    """Start a run whose JOIN has a script, over the branches ``a`` and ``b``, and a task behind it."""
    made = Workflow("both")
    made >> fork("both", [call_task("a", "work")], [call_task("b", "work")], join=join("joined", script=script))
    made >> inline("after", "1")
    return bench.start(made.definition, {"wanted": 2}), bench.serve("work")


def joined(run: WorkflowRun) -> TaskRun:
    """Return the JOIN."""
    return next(task for task in run.tasks if task.task_type == "JOIN")


def test_the_documented_script_waits_for_all() -> None:
    """While it says IN_PROGRESS the JOIN waits; true completes it with the outputs of what it joins."""
    bench = Bench()
    run_id, worker = begun(bench, ALL_COMPLETED)
    bench.complete(worker.waiting.popleft(), {"n": 1})
    assert joined(bench.run(run_id)).status is TaskStatus.IN_PROGRESS
    bench.complete(worker.waiting.popleft(), {"n": 2})

    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert joined(bench.run(run_id)).output_data == {"a": {"n": 1}, "b": {"n": 2}}


@pytest.mark.parametrize("script", [FIRST, python("return a['status'] == 'COMPLETED'")])
def test_the_first_branch_may_be_enough(script: Any) -> None:
    """What follows goes on at once; the run still waits for the branch that is at work."""
    bench = Bench()
    run_id, worker = begun(bench, script if not isinstance(script, str) else js(script))
    bench.complete(worker.waiting.popleft(), {"n": 1})
    run = bench.run(run_id)
    assert (joined(run).status, joined(run).output_data) == (TaskStatus.COMPLETED, {"a": {"n": 1}})
    assert (run.tasks[-1].reference_task_name, run.status) == ("after", RunStatus.RUNNING)
    bench.complete(worker.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_script_says_status_reason_and_output() -> None:
    """An object ends the JOIN as it says; its parameters are resolved, and outputs can be read."""
    text = (
        "$.joinOn.filter(r => $[r] && $[r].output.ok).length >= $.wanted "
        "? ({status: 'FAILED', reasonForIncompletion: 'too many', outputData: {seen: $.a.outputData}}) : false"
    )
    bench = Bench()
    run_id, worker = begun(bench, js(text, wanted=ref("workflow.input.wanted")))
    for _ in range(2):
        bench.complete(worker.waiting.popleft(), {"ok": True})

    one = joined(bench.run(run_id))
    assert (one.status, one.reason_for_incompletion) == (TaskStatus.FAILED, "too many")
    assert one.output_data == {"seen": {"ok": True}}
    assert bench.run(run_id).status is RunStatus.FAILED


def test_a_script_that_breaks_fails_the_join() -> None:
    """The reason has the script's words."""
    bench = Bench()
    run_id, _ = begun(bench, js("$.nothing.there"))

    assert joined(bench.run(run_id)).status is TaskStatus.FAILED
    assert (bench.run(run_id).reason_for_incompletion or "").find("The script of the JOIN failed: ") >= 0


def test_a_script_that_is_never_satisfied_ends_the_run() -> None:
    """When all has ended and it still waits, the run cannot go on, and says so."""
    bench = Bench()
    run_id, worker = begun(bench, js("false"))
    for _ in range(2):
        bench.complete(worker.waiting.popleft())

    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    words = "The workflow cannot go on: the script of JOIN 'joined' does not say that it is done"
    assert run.reason_for_incompletion == words


def test_a_script_does_not_see_a_failure_behind_which_another_attempt_comes() -> None:
    """Also where it was asked before, and took so long that both branches have ended meanwhile."""
    scripts = SlowScripts(Random(0), 1.0)
    bench = Bench(scripts=scripts)
    over = "$.joinOn.every(one => $[one] && $[one].status != 'IN_PROGRESS' && $[one].status != 'SCHEDULED')"
    failed = "$.joinOn.some(one => $[one].status == 'FAILED')"
    run_id, worker = begun(bench, js(f"({over}) && {{status: {failed} ? 'FAILED' : 'COMPLETED'}}"))
    first, second = worker.waiting.popleft(), worker.waiting.popleft()
    bench.kernel.submit(Report(first.run_id, first.seq, TaskStatus.COMPLETED))
    bench.kernel.submit(Report(second.run_id, second.seq, TaskStatus.FAILED))
    bench.settle()
    while scripts.waiting:
        scripts.finish(0)
        bench.settle()

    assert joined(bench.run(run_id)).status is TaskStatus.IN_PROGRESS
    assert [task.status for task in bench.run(run_id).tasks if task.reference_task_name == "b"] == [
        TaskStatus.FAILED,
        TaskStatus.SCHEDULED,
    ]


def test_in_a_loop_names_are_those_of_the_definition() -> None:
    """The script finds the tasks of the present iteration under the names that it knows."""
    made = Workflow("again")
    branches = fork("both", [inline("a", "1")], [inline("b", "2")], join=join("joined", script=ALL_COMPLETED))
    made >> loop("rounds", [branches], max_iterations=2)
    bench = Bench()
    run = bench.run(bench.start(made.definition))

    assert run.status is RunStatus.COMPLETED
    assert [sorted(task.output_data) for task in run.tasks if task.task_type == "JOIN"] == [
        ["a__1", "b__1"],
        ["a__2", "b__2"],
    ]


class CountedScripts(DirectScripts):
    """Scripts that are counted."""

    def __init__(self) -> None:
        self.count = 0

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return a script's value."""
        self.count += 1
        return super().evaluate(script, bindings)


def test_a_script_over_many_tasks_is_not_asked_at_each_end() -> None:
    """It is told of ends that come together once, a moment later: each question costs as much as there are tasks."""
    scripts = CountedScripts()
    bench = Bench(scripts=scripts)
    done = "$.joinOn.filter(one => $[one] && $[one].status === 'COMPLETED').length >= 200"
    branches = [[call_task(f"t{number}", "work")] for number in range(300)]
    made = Workflow("many")
    made >> fork("many", *branches, join=join("joined", script=js(done)))
    run_id, worker = bench.start(made.definition, {}), bench.serve("work")
    for _ in range(200):
        bench.complete(worker.waiting.popleft())
    assert (scripts.count, joined(bench.run(run_id)).status) == (1, TaskStatus.IN_PROGRESS)
    bench.advance(0.03)

    assert (scripts.count, joined(bench.run(run_id)).status) == (2, TaskStatus.COMPLETED)


def test_a_script_over_many_tasks_is_told_of_the_last_end_at_once() -> None:
    """What has nothing left to wait for does not wait."""
    bench = Bench()
    branches = [[call_task(f"t{number}", "work")] for number in range(300)]
    made = Workflow("many")
    made >> fork(
        "many", *branches, join=join("joined", script=js("$.joinOn.every(one => $[one].status === 'COMPLETED')"))
    )
    run_id, worker = bench.start(made.definition, {}), bench.serve("work")
    for _ in range(300):
        bench.complete(worker.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED
