"""Scenarios of forks and joins."""

from __future__ import annotations

from scenario import Scenario

from podium.model.definitions import TaskDef
from podium.testing import completed, failed

ONCE = tuple(TaskDef(name=f"integration_task_{n}", retry_count=0) for n in range(1, 5))
TWO = {
    "dynamicTasks": [
        {"name": "integration_task_2", "taskReferenceName": "xdt1", "type": "SIMPLE"},
        {"name": "integration_task_3", "taskReferenceName": "xdt2", "type": "SIMPLE"},
    ],
    "dynamicTasksInput": {"xdt1": {"k1": "v1"}, "xdt2": {"k2": "v2"}},
}
CASES = {name: {} for name in ("t11", "t12", "t13", "t14", "t15", "t16", "t17", "t18", "t19", "t20", "t20b", "t20def")}

SCENARIOS = [
    Scenario(
        resource="fork_join_integration_test",
        file="FanInOutTest-713319",
        mocks={"t1": {"a": 1}, "t2": {"b": 2}, "t3": {"c": 3}, "t4": {}},
        order="fanouttask t1 t2 fanouttask_join t3 t4",
        values={"fanouttask_join": {"t3": {"c": 3}, "t2": {"b": 2}}},
    ),
    Scenario(
        resource="fork_join_integration_test",
        file="FanInOutTest-713319",
        why="a branch fails",
        mocks={"t1": {}, "t2": failed("no"), "t3": completed(takes="1m")},
        others=ONCE,
        order="fanouttask t1:CANCELED t2:FAILED fanouttask_join:CANCELED",
        status="FAILED",
        reason="no",
    ),
    Scenario(
        resource="fork_join_sync_mode_integration_test",
        file="ForkJoinSyncModeTest-93e3b1",
        input={"param1": "p"},
        mocks={
            "branch_a": {"n": 1},
            "branch_b": completed({"n": 2}, takes="1s"),
            "branch_c": {"n": 3},
            "postJoinTask": {},
        },
        order="forkTask branch_a branch_b branch_c joinTask postJoinTask",
        output={"branchAOutput": {"n": 1}, "branchBOutput": {"n": 2}, "branchCOutput": {"n": 3}},
    ),
    Scenario(
        resource="fork_join_permissive_integration_test",
        file="FanInOutPermissiveTest-c50fb7",
        mocks={"t1": failed("no"), "t2": completed(takes="5m")},
        others=ONCE,
        order="fanouttask t1:FAILED t2 fanouttask_join:FAILED",
        status="FAILED",
        reason="no",
        why="the other branch ends first",
    ),
    Scenario(
        resource="fork_join_permissive_integration_test",
        file="FanInOutPermissiveTest-c50fb7",
        mocks={"t1": {"a": 1}, "t2": {}, "t3": {}},
        order="fanouttask t1 t2 fanouttask_join t3",
    ),
    Scenario(
        resource="fork_join_with_no_permissive_task_retry_integration_test",
        file="FanInOutPermissiveTest_2-ab1c16",
        mocks={"t1": failed("no"), "t2": completed({}, takes="1m"), "t3": {}, "t4": {}},
        order="fanouttask t1:FAILED t2 fanouttask_join t3 t4",
        status="FAILED",
    ),
    Scenario(
        resource="dynamic_fork_join_integration_test",
        file="DynamicFanInOutTest-0454fd",
        mocks={"dt1": TWO, "xdt1": {"ok1": "ov1"}, "xdt2": {"ok1": "ov2"}, "task4": {}},
        order="dt1 dynamicfanouttask xdt1 xdt2 dynamicfanouttask_join task4",
        values={"dynamicfanouttask_join": {"xdt1": {"ok1": "ov1"}, "xdt2": {"ok1": "ov2"}}},
    ),
    Scenario(
        resource="dynamic_fork_join_integration_test",
        file="DynamicFanInOutTest-0454fd",
        why="nothing to fork",
        mocks={"dt1": {"dynamicTasks": [], "dynamicTasksInput": {}}, "task4": {}},
        order="dt1 dynamicfanouttask dynamicfanouttask_join task4",
    ),
    Scenario(
        resource="dyn_fork_test",
        file="dyn_fork_test-0ef8e4",
        mocks={"simple_1": {"n": 1}, "simple_2": {"n": 2}, "simple_3": {"n": 3}},
        order="inline_ref dyn_fork_ref simple_1 simple_2 simple_3 join_1",
    ),
    Scenario(
        resource="context_concurrency_issue",
        file="context_concurrency_issue-262949",
        mocks={"concurrency_issue": {"n": 1}},
        order="fork_ref concurrency_issue_0 concurrency_issue_1 concurrency_issue_2 concurrency_issue_3 "
        "concurrency_issue_4 concurrency_issue_5 concurrency_issue_6 concurrency_issue_7 join_ref",
    ),
    Scenario(
        resource="exec_limit_workflow",
        file="exec_limit_check-4c576f",
        mocks={"exec_limit": completed(takes="10s")},
        others=(TaskDef(name="exec_limit", concurrent_exec_limit=2),),
        order="fork_task_ref exec_limit_5 exec_limit_4 exec_limit_3 exec_limit_2 exec_limit_1 exec_limit join_task_ref",
    ),
    Scenario(
        resource="nested_fork_join_integration_test",
        file="FanInOutNestedTest-a87510",
        why="case a",
        input={"case": "a"},
        mocks=CASES,
        order="fork1 t11 fork2 t12 t13 join2 join1 d1 t16 t14 t19 t20 t15",
    ),
    Scenario(
        resource="nested_fork_join_integration_test",
        file="FanInOutNestedTest-a87510",
        why="a case that no join waits for",
        input={"case": "b"},
        mocks=CASES,
        order="fork1 t11 fork2 t12 t13 join2:CANCELED join1:CANCELED d1 t17 t14 t20b",
        status="FAILED",
    ),
    Scenario(
        resource="nested_fork_join_with_sub_workflow_integration_test",
        file="FanInOutNestedSubWorkflowTest-6549ab",
        input={"case": "a"},
        mocks={**CASES, "t1": {}, "t2": {}},
        others=("integration_test_wf-4eb175",),
        order="fork1 t11 fork2 t12 t13 join2 sw1 join1 d1 t16 t14 t19 t20 t15",
    ),
    Scenario(
        resource="nested_fork_join_swf",
        file="nested_fork_join_swf-456de2",
        input={"subwf": "sub_workflow"},
        mocks={"t1": {"op": 1}, "t2": {}, "t3": {}},
        others=("sub_workflow-ac2227",),
        order="outer_fork inner_fork st1 t2 inner_join t3 outer_join",
    ),
    Scenario(
        resource="hierarchical_fork_join_swf",
        file="hierarchical_fork_join_swf-568c8d",
        input={"subwf": "hierarchical_fork_join_swf", "nextSubwf": "sub_workflow"},
        mocks={"t1": {}, "t2": {}},
        others=("sub_workflow-ac2227",),
        order="fanouttask st1 t2 fanouttask_join",
    ),
    Scenario(
        resource="decision_and_fork_join_integration_test",
        file="ForkConditionalTest-c0e94b",
        input={"case": "c"},
        mocks={"t1": {}, "t2": {}, "t20": {}, "t10": {}},
        order="forkTask decisionTask t1 t10 joinTask t2 t20",
    ),
    Scenario(
        resource="switch_and_fork_join_integration_test",
        file="ForkConditionalTest-bd1464",
        input={"case": "c"},
        mocks={"t1": {}, "t2": {}, "t20": {}, "t10": {}},
        order="forkTask switchTask t1 t10 joinTask t2 t20",
    ),
    Scenario(
        resource="switch_and_fork_join_integration_test",
        file="ForkConditionalTest-bd1464",
        why="by default",
        input={"case": "other"},
        mocks={"t5": {}, "t20": {}, "t10": {}},
        order="forkTask switchTask t5 t10 joinTask t20",
    ),
    Scenario(
        resource="exclusive_join_integration_test",
        file="ExclusiveJoinTestWorkflow-e8d3f0",
        why="the first branch",
        input={"payload": 1, "decision_1": "true", "decision_2": "true"},
        mocks={"task1": {"payload": 1}, "task2": {"payload": 2}, "task3": {"payload": 3}},
        order="task1 decision1 task2 decision2 task3 exclusiveJoin",
        values={"exclusiveJoin": {"payload": 3}},
    ),
    Scenario(
        resource="exclusive_join_integration_test",
        file="ExclusiveJoinTestWorkflow-e8d3f0",
        why="by default",
        input={"payload": 1, "decision_1": "false", "decision_3": "no"},
        mocks={"task1": {"payload": 1}, "task4": {"payload": 4}},
        order="task1 decision1 task4 decision3 exclusiveJoin",
        values={"exclusiveJoin": {"payload": 4}},
    ),
]
