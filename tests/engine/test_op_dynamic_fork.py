from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, inline, join, refs, simple, statuses, sub, task, times

from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


def listed(ref: str = "spread", **fields: Any) -> WorkflowTask:
    """Make a dynamic fork over a list of tasks and a map of their inputs."""
    return task(
        "FORK_JOIN_DYNAMIC",
        ref,
        dynamic_fork_tasks_param="tasks",
        dynamic_fork_tasks_input_param_name="inputs",
        inputs={"tasks": "${workflow.input.tasks}", "inputs": "${workflow.input.inputs}"},
        **fields,
    )


def same(ref: str = "spread", **inputs: Any) -> WorkflowTask:
    """Make a dynamic fork over a list of inputs."""
    return task(
        "FORK_JOIN_DYNAMIC", ref, inputs={"forkTaskInputs": "${workflow.input.items}", **inputs}, retry_count=None
    )


LISTED = flow(listed(), join("merge"), simple("after"))
WORK = {"name": "work", "type": "SIMPLE"}
TWO = {
    "tasks": [{**WORK, "taskReferenceName": "x"}, {**WORK, "taskReferenceName": "y", "inputParameters": {"k": 1}}],
    "inputs": {"x": {"n": 1}, "y": {"n": 2}},
}


def test_a_list_of_tasks_becomes_branches(bench: Bench) -> None:
    """The fork shows what it made; the JOIN waits for every branch and keys their outputs."""
    run_id = bench.start(LISTED, TWO)
    crew = Crew(bench, "work", "after")
    assert crew.waiting == ["x", "y"]
    run = bench.run(run_id)
    assert refs(run) == ["spread", "x", "y", "merge"]
    record = attempt_of(run, "spread")
    assert record.task_type == "FORK"
    assert record.input_data["forkedTasks"] == ["x", "y"]
    assert [one["taskReferenceName"] for one in record.input_data["forkedTaskDefs"]] == ["x", "y"]
    assert attempt_of(run, "y").input_data == {"k": 1, "n": 2}
    crew.complete("y", {"r": 2})
    assert "after" not in crew.waiting
    crew.complete("x", {"r": 1})
    assert attempt_of(bench.run(run_id), "merge").output_data == {"x": {"r": 1}, "y": {"r": 2}}
    assert crew.waiting == ["after"]


def test_an_empty_list_completes_the_join_at_once(bench: Bench) -> None:
    """Only FORK and JOIN are recorded."""
    run_id = bench.start(LISTED, {"tasks": [], "inputs": {}})
    run = bench.run(run_id)
    assert refs(run) == ["spread", "merge", "after"]
    assert attempt_of(run, "merge").output_data == {}


def test_the_joins_own_inputs_stay_unresolved(bench: Bench) -> None:
    """After a dynamic fork the JOIN's parameters show as written, beside the branches that it waits for."""
    definition = flow(listed(), join("merge", "nothing", inputs={"k": "${workflow.input.z}"}))
    run_id = bench.start(definition, TWO)
    Crew(bench, "work").complete_all()
    run = bench.run(run_id)
    assert attempt_of(run, "merge").input_data == {"k": "${workflow.input.z}", "joinOn": ["x", "y"]}
    assert run.status is RunStatus.COMPLETED


def test_a_list_of_inputs_runs_one_task_for_each(bench: Bench) -> None:
    """Names are made of the task's name and the position; an item that is no map comes as ``input``."""
    run_id = bench.start(flow(same(forkTaskName="work"), join("merge")), {"items": [{"n": 5}, "text"]})
    crew = Crew(bench, "work")
    assert crew.waiting == ["_work_0", "_work_1"]
    run = bench.run(run_id)
    assert attempt_of(run, "_work_0").input_data == {"n": 5, "__index": 0}
    assert attempt_of(run, "_work_1").input_data == {"input": "text", "__index": 1}
    crew.complete("_work_0", {"r": 0})
    crew.complete("_work_1", {"r": 1})
    assert bench.run(run_id).output == {"_work_0": {"r": 0}, "_work_1": {"r": 1}}


def test_without_a_name_the_forks_own_is_used(bench: Bench) -> None:
    """The branches are worker tasks of that name."""
    bench.start(flow(same(), join("merge")), {"items": [1]})
    assert Crew(bench, "spread").waiting == ["_spread_0"]


def test_a_system_type_gives_the_name(bench: Bench) -> None:
    """``forkTaskType`` INLINE without a name runs INLINE tasks named after it."""
    items = [{"evaluatorType": "javascript", "expression": "$.n * 2", "n": n} for n in (1, 2)]
    run = bench.run(bench.start(flow(same(forkTaskType="INLINE"), join("merge")), {"items": items}))
    assert run.output == {"_INLINE_0": {"result": 2}, "_INLINE_1": {"result": 4}}


def test_sub_workflows_as_branches(bench: Bench) -> None:
    """``forkTaskWorkflow`` runs a workflow per item, the newest version unless one is given as text."""
    for version in (1, 2):
        bench.register(flow(inline("do", f"$.n + {version}00", n="${workflow.input.n}"), name="child", version=version))
    items = {"items": [{"n": 1}, {"n": 2}]}
    newest = bench.run(bench.start(flow(same(forkTaskWorkflow="child"), join("merge")), items))
    assert [attempt_of(newest, f"_spread_{i}").output_data["result"] for i in (0, 1)] == [201, 202]
    definition = flow(same(forkTaskWorkflow="child", forkTaskWorkflowVersion="1"), join("merge"))
    first = bench.run(bench.start(definition, items))
    assert [attempt_of(first, f"_spread_{i}").output_data["result"] for i in (0, 1)] == [101, 102]


def test_a_numeric_workflow_version_is_taken_too(bench: Bench) -> None:
    """Conductor breaks on a JSON number there."""
    for version in (1, 2):
        bench.register(flow(inline("do", f"{version}"), name="child", version=version))
    definition = flow(same(forkTaskWorkflow="child", forkTaskWorkflowVersion=1), join("merge"))
    assert attempt_of(bench.run(bench.start(definition, {"items": [{}]})), "_spread_0").output_data["result"] == 1


def test_keys_of_an_item_are_settings_of_its_task(bench: Bench) -> None:
    """An item is read as a task too: ``optional`` and ``retryCount`` in it take effect."""
    run_id = bench.start(
        flow(same(forkTaskName="work"), join("merge")), {"items": [{"optional": True, "retryCount": 0}, {"n": 2}]}
    )
    crew = Crew(bench, "work")
    crew.fail("_work_0")
    crew.complete("_work_1")
    run = bench.run(run_id)
    assert statuses(run)["_work_0"] == "COMPLETED_WITH_ERRORS"
    assert run.status is RunStatus.COMPLETED


def test_an_optional_fork_makes_its_branches_optional(bench: Bench) -> None:
    """In the style with one task for every input."""
    spread = task("FORK_JOIN_DYNAMIC", "spread", inputs={"forkTaskInputs": [1], "forkTaskName": "work"}, optional=True)
    run_id = bench.start(flow(spread, join("merge")))
    Crew(bench, "work").fail("_work_0")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_second_dynamic_fork_puts_its_own_name_into_the_branches(bench: Bench) -> None:
    """So the names of two forks over the same task do not clash."""
    definition = flow(same("s1", forkTaskName="work"), join("j1"), same("s2", forkTaskName="work"), join("j2"))
    run_id = bench.start(definition, {"items": [1]})
    crew = Crew(bench, "work")
    crew.complete("_work_0")
    assert crew.waiting == ["_s2_work_0"]
    crew.complete("_s2_work_0")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_the_legacy_list(bench: Bench) -> None:
    """``dynamicForkJoinTasksParam`` names a map with ``dynamicTasks``."""
    bench.register(flow(inline("do", "$.n", n="${workflow.input.n}"), name="child"))
    spread = task(
        "FORK_JOIN_DYNAMIC",
        "spread",
        dynamic_fork_join_tasks_param="fan",
        inputs={
            "fan": {
                "dynamicTasks": [
                    {"taskName": "work", "referenceName": "w", "input": {"n": 1}},
                    {"workflowName": "child", "referenceName": "c", "input": {"n": 2}},
                ],
            },
        },
    )
    run_id = bench.start(flow(spread, join("merge")))
    crew = Crew(bench, "work")
    assert crew.take("w").input == {"n": 1}
    assert attempt_of(bench.run(run_id), "c").output_data["result"] == 2


def test_an_unregistered_branch_is_not_retried(bench: Bench) -> None:
    """A static SIMPLE task nobody registered has three retries, a branch has none."""
    run_id = bench.start(LISTED, TWO)
    Crew(bench, "work").fail("x", "broken")
    assert bench.run(run_id).status is RunStatus.FAILED


def test_a_registered_branch_is_retried_as_its_definition_says(bench: Bench) -> None:
    """The registry is asked when the fork is reached."""
    bench.register(TaskDef(name="work", retry_count=1, retry_delay_seconds=3))
    run_id = bench.start(LISTED, TWO)
    crew = Crew(bench, "work", "after")
    crew.fail("x")
    bench.advance(3)
    assert crew.waiting == ["y", "x"]
    crew.complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_data_with_references_is_resolved_a_second_time(bench: Bench) -> None:
    """Inputs of a branch go through its inputParameters, as in Conductor."""
    given = {**TWO, "inputs": {"x": {"n": "${workflow.input.secret}"}}, "secret": 42}
    bench.start(LISTED, given)
    assert Crew(bench, "work").take("x").input == {"n": 42}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"tasks": None, "inputs": {}},
            "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from 'null'",
        ),
        (
            {"tasks": "x", "inputs": {}},
            "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from 'x'",
        ),
        (
            {"tasks": [{"name": "n"}], "inputs": {}},
            (
                "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from '[{name=n}]': "
                "[0].taskReferenceName: is missing"
            ),
        ),
        (
            {"tasks": [{"name": "n", "taskReferenceName": "n"}, None], "inputs": {}},
            (
                "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from '"
                "[{name=n, taskReferenceName=n}, null]': [1]: an object (WorkflowTask) is expected here, not null"
            ),
        ),
        (
            {"tasks": [{"taskReferenceName": "n"}], "inputs": {}},
            "Tasks could not be dynamically forked due to invalid input: 'n' has no name by which a worker finds it",
        ),
        (
            {"tasks": [{"name": "n", "taskReferenceName": "n", "type": ""}], "inputs": {}},
            "Tasks could not be dynamically forked due to invalid input: 'n' has no name by which a worker finds it",
        ),
        (
            {"tasks": []},
            "Input to the dynamically forked tasks is not a map -> expecting a map of K,V  but found null",
        ),
        (
            {"tasks": [{"name": "n", "taskReferenceName": "n"}], "inputs": {"n": 5}},
            "Tasks could not be dynamically forked due to invalid input: 5",
        ),
    ],
)
def test_data_that_gives_no_branches_ends_the_run(bench: Bench, given: dict[str, Any], reason: str) -> None:
    """FAILED with Conductor's words, and nothing scheduled."""
    run = bench.run(bench.start(LISTED, given))
    assert run.status is RunStatus.FAILED
    assert run.reason == reason
    assert run.tasks == ()


def test_a_legacy_list_that_is_missing_ends_the_run(bench: Bench) -> None:
    """FAILED, naming the parameter and the input."""
    spread = task("FORK_JOIN_DYNAMIC", "spread", dynamic_fork_join_tasks_param="fan", inputs={"k": 1})
    run = bench.run(bench.start(flow(spread, join("merge"))))
    assert run.reason == (
        "Dynamic tasks could not be created. The value of fan from task's input {k=1} "
        "has no dynamic tasks to be scheduled"
    )


def test_not_followed_by_a_join_ends_the_run(bench: Bench) -> None:
    """FAILED with Conductor's words."""
    run = bench.run(bench.start(flow(listed(), simple("after")), TWO))
    assert run.reason == "Dynamic join definition is not followed by a join task.  Check the workflow definition."


def test_a_name_used_twice_ends_the_run(bench: Bench) -> None:
    """A branch must not take the name of another attempt."""
    given = {"tasks": [{**WORK, "taskReferenceName": "before"}], "inputs": {}}
    run = bench.run(bench.start(flow(inline("before", "1"), listed(), join("merge")), given))
    assert run.status is RunStatus.FAILED
    assert (run.reason or "").endswith(
        "Dynamic Fork Task: spread/spread attempted to create a duplicate task reference name: before"
    )


def test_in_a_loop_each_iteration_forks_anew(bench: Bench) -> None:
    """The branches' names carry the iteration, the JOIN waits for those of its own."""
    definition = flow(times("again", 2, listed(), join("merge")))
    run_id = bench.start(definition, TWO)
    crew = Crew(bench, "work")
    assert crew.waiting == ["x__1", "y__1"]
    crew.complete_all({"r": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "merge__2").output_data == {"x__2": {"r": 1}, "y__2": {"r": 1}}


COMPOSITE = {
    "tasks": [
        {
            "name": "choose",
            "taskReferenceName": "choose",
            "type": "SWITCH",
            "evaluatorType": "value-param",
            "expression": "v",
            "inputParameters": {"v": "A"},
            "decisionCases": {
                "A": [{**WORK, "taskReferenceName": "in1"}, {**WORK, "taskReferenceName": "in2"}],
            },
        },
        {
            "name": "again",
            "taskReferenceName": "again",
            "type": "DO_WHILE",
            "loopCondition": "$.again.iteration < 2",
            "loopOver": [{**WORK, "taskReferenceName": "body"}],
        },
    ],
    "inputs": {},
}


def test_composite_branches_run_whole(bench: Bench) -> None:
    """A SWITCH or a loop as a branch runs all its tasks (Conductor loses those after the first)."""
    run_id = bench.start(LISTED, COMPOSITE)
    crew = Crew(bench, "work", "after")
    assert sorted(crew.waiting) == ["body__1", "in1"]
    assert "body__1" in refs(bench.run(run_id))
    crew.complete_all()
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert {"in1", "in2", "body__1", "body__2"} <= set(refs(run))
    assert attempt_of(run, "again").output_data["iteration"] == 2


def test_composite_branches_survive_a_new_process(bench: Bench) -> None:
    """What the fork made is known again when the run is read from the store."""
    run_id = bench.start(LISTED, COMPOSITE)
    later = Bench(bench.backend, clock=bench.clock, name="later")
    crew = Crew(later, "work", "after")
    later.advance(1)
    crew.complete_all()
    assert later.run(run_id).status is RunStatus.COMPLETED


def test_a_dynamic_fork_inside_a_child(bench: Bench) -> None:
    """Sub-workflows spread like any other workflow."""
    inner = flow(same(forkTaskName="work"), join("merge"), name="inner", input_template={"items": [1, 2]})
    run_id = bench.start(flow(sub("call", None, params={"workflow_definition": inner}), name="parent"))
    Crew(bench, "work").complete_all({"r": 1})
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_branches_of_a_workflow_bear_its_name(bench: Bench) -> None:
    """Their references bear the fork's."""
    bench.register(flow(inline("a", "1"), name="child"))
    fork = same(forkTaskWorkflow="child", forkTaskName="one", forkTaskWorkflowVersion="1")
    run = bench.run(bench.start(flow(fork, join("merge")), {"items": [1]}))
    (made,) = attempt_of(run, "spread").input_data["forkedTaskDefs"]
    assert (made["name"], made["taskReferenceName"], made["type"]) == ("child", "_one_0", "SUB_WORKFLOW")


def test_in_a_loop_the_records_name_the_branches_as_written(bench: Bench) -> None:
    """The fork and its JOIN; the JOIN's output bears the iteration."""
    run = bench.run(bench.start(flow(times("again", 1, same(forkTaskType="NOOP"), join("merge"))), {"items": [1]}))
    assert attempt_of(run, "spread__1").input_data["forkedTasks"] == ["_NOOP_0"]
    assert attempt_of(run, "merge__1").input_data["joinOn"] == ["_NOOP_0"]
    assert run.status is RunStatus.COMPLETED


def test_a_turn_that_is_over_leaves_no_names_of_what_branches_held(bench: Bench) -> None:
    """In a loop a fork makes loops: names of what was inside of them are forgotten with the turn, as the store does."""
    branch = {"taskReferenceName": "x", "name": "x", "type": "DO_WHILE", "loopCondition": "false"}
    given = {"tasks": [{**branch, "loopOver": [{**WORK, "taskReferenceName": "inner"}]}], "inputs": {}}
    body = (listed(), join("merge"))
    loop = task("DO_WHILE", "loop", loop_over=body, loop_condition="$.loop.iteration < 3")
    run_id = bench.start(flow(loop), given)
    crew = Crew(bench, "work")
    crew.complete("inner__1__1")

    assert crew.waiting == ["inner__2__1"]
    assert set(bench.kernel._cache._runs[run_id].by_ref) == {"loop", "spread__2", "x__2", "inner__2__1", "merge__2"}
