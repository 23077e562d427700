"""Scenarios of plain tasks, waits, services, limits, and sub-workflows."""

from __future__ import annotations

from scenario import Scenario

from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.testing import completed, failed, timed_out

HTTP_OK = {"response": {"statusCode": 200, "body": {"n": 1}, "headers": {}, "reasonPhrase": "OK"}}
WORKERS = {f"x_test_worker_{n}": {"number": 10 + n} for n in range(3)}
CHILD = WorkflowDef(
    name="wait_signal_test", tasks=(WorkflowTask(name="wait", task_reference_name="signalled", type="WAIT"),)
)
FAILING = WorkflowDef(
    name="test_task_failed_sub_wf", tasks=(WorkflowTask(name="breaks", task_reference_name="breaks"),)
)

SCENARIOS = [
    Scenario(
        resource="simple_workflow_1_integration_test",
        file="integration_test_wf-4eb175",
        input={"param1": "a", "param2": "b"},
        mocks={"t1": {"op": "x"}, "t2": {"uuid": "u"}},
        order="t1 t2",
        output={"o1": "a", "o2": "u", "o3": "x"},
    ),
    Scenario(
        resource="simple_workflow_1_integration_test",
        file="integration_test_wf-4eb175",
        why="retried and failed",
        mocks={"t1": failed("no")},
        others=(TaskDef(name="integration_task_1", retry_count=1, retry_delay_seconds=5),),
        order="t1:FAILED t1:FAILED",
        status="FAILED",
        reason="no",
    ),
    Scenario(
        resource="simple_workflow_1_integration_test",
        file="integration_test_wf-4eb175",
        why="failed for good",
        mocks={"t1": failed("no", terminal=True)},
        order="t1:FAILED_WITH_TERMINAL_ERROR",
        status="FAILED",
        reason="no",
    ),
    Scenario(
        resource="simple_workflow_1_input_template_integration_test",
        file="integration_test_template_wf-1af896",
        input={"param1": "given"},
        mocks={"t1": {"op": "x"}},
        order="t1",
        output={"output": "x", "param1": "given", "param2": ["list", "of", "strings"], "param3": "string"},
    ),
    Scenario(
        resource="simple_workflow_with_resp_time_out_integration_test",
        file="RTOWF-fc45e6",
        mocks={"t1": [timed_out(), {"output": {"op": "x"}}], "t2": {"uuid": "u"}},
        others=(TaskDef(name="task_rt", retry_count=1, retry_delay_seconds=0, response_timeout_seconds=10),),
        order="t1:TIMED_OUT t1 t2",
        output={"o2": "u", "o3": "x"},
    ),
    Scenario(
        resource="timed-out-tasks-not-removed",
        file="timed_out_task-5c9681",
        mocks={"ref_1": timed_out()},
        order="ref_1:TIMED_OUT ref_1:TIMED_OUT ref_1:COMPLETED_WITH_ERRORS",
    ),
    Scenario(
        resource="wait_workflow_integration_test",
        file="test_wait_workflow-893e2c",
        mocks={"wait0": {"by": "somebody"}, "t1": {}},
        order="wait0 t1",
    ),
    Scenario(
        resource="concurrency_check_wait30",
        file="concurrency-check-workflow-wait-0ff3e1",
        order="wait_ref",
    ),
    Scenario(
        resource="end_time_workflow",
        file="end_time_issue_wf-db1568",
        mocks={"simple_ref": completed(takes="2s"), "simple_2_ref": {}, "simple_ref_3": {}},
        order="simple_ref inline_ref simple_2_ref simple_ref_3",
        values={"inline_ref": {"result": 1767225602000}},
    ),
    Scenario(
        resource="rate_limited_simple_task_workflow_integration_test",
        file="test_rate_limit_simple_task_workflow-64d847",
        mocks={"test_simple_task_with_rateLimits": {}},
        others=(TaskDef(name="test_simple_task_with_rateLimits", rate_limit_per_frequency=1),),
        order="test_simple_task_with_rateLimits",
    ),
    Scenario(
        resource="workflow_data",
        file="task-rate-limit-test-c17195",
        why="rate limit",
        mocks={"rate-limited-task": {}},
        order="rate-limited-task",
    ),
    Scenario(
        resource="workflow_data",
        file="concurrency-limit-test-d0f0f2",
        why="concurrency limit",
        mocks={"task-concurrency-limit-test": completed(takes="5s")},
        order="task-concurrency-limit-test",
    ),
    Scenario(
        resource="workflow_data",
        file="task-rate-limit-test-c17195",
        why="the workflow times out",
        mocks={"rate-limited-task": completed(takes="11m")},
        order="rate-limited-task:CANCELED",
        status="TIMED_OUT",
    ),
    Scenario(
        resource="workflow_data",
        file="test-sdk-java-workflow-47a8cb",
        why="one task",
        mocks={"test-sdk-java-task": {"n": 1}},
        order="test-sdk-java-task",
        output={"n": 1},
    ),
    Scenario(
        resource="workflow_data",
        file="http-bf40b3",
        why="http",
        mocks={"simple_task_in8x5_ref": {}},
        order="simple_task_in8x5_ref",
    ),
    Scenario(
        resource="workflow_data",
        file="http_async_complete-80cb65",
        why="completed later",
        mocks={"http_ref": HTTP_OK},
        order="http_ref",
        output={"response": {"statusCode": 200}},
    ),
    Scenario(
        resource="workflow_data",
        file="this_will_fail-b7dd69",
        why="the last request fails",
        mocks={"http_task_lvome_ref": HTTP_OK, "get_random_fact": failed("404")},
        order="http_task_lvome_ref set_variable_task_lxzgc_ref json_transform_task_518l3h_ref get_random_fact:FAILED",
        status="FAILED",
        reason="404",
    ),
    Scenario(
        resource="sync_workflows",
        file="http-6365ca",
        why="http",
        mocks={"simple_task_in8x5_ref": {}},
        order="simple_task_in8x5_ref",
    ),
    Scenario(
        resource="sync_workflows",
        file="sync_workflow_no_poller-16d013",
        why="nobody polls",
        order="simple_task_pia0h_ref:SCHEDULED",
        status="RUNNING",
    ),
    Scenario(
        resource="sync_workflows",
        file="sync_workflow_end_with_subworkflow_task-15bbee",
        why="ends with a sub-workflow",
        mocks={"simple_task_in8x5_ref": {"n": 1}},
        others=("http-6365ca",),
        order="http_sync",
    ),
    Scenario(
        resource="sync_workflows",
        file="sync_workflow_failed_case-b6dde5",
        why="a request fails",
        mocks={"http_no_fail": HTTP_OK, "http_fail": failed("no such host")},
        order="http_no_fail http_fail:FAILED",
        status="FAILED",
        reason="no such host",
    ),
    Scenario(
        resource="sync_workflows",
        file="sync_workflow_with_inline_wait_and_simple_task-c61613",
        why="a script a wait a task",
        mocks={"simple_ref": {"n": 1}},
        order="inline_ref wait_ref simple_ref",
        values={"inline_ref": {"result": 3}},
    ),
    Scenario(
        resource="sync_workflows",
        file="load_test_perf_sync_workflow-93ba0a",
        why="everything at once",
        mocks={**WORKERS, "http_task_5saz2_ref": HTTP_OK},
        others=("PopulationMinMax-146a1d",),
        order="simple_task_0 jq http_task_5saz2_ref wait set_state fork_task_t7nhng_ref simple_task_hap09_ref "
        "simple_task_2nwrl_ref simple_task_jgi39g_ref join_task_y6nux_ref sub_flow dynamic_fork "
        "_x_test_worker_0_0 _x_test_worker_0_1 _x_test_worker_0_2 dynamic_fork_join fork "
        "loop_until_success simple_task_2 fork_join fact_length__1 simple_task_1__1 simple_task_5 "
        "sub_flow_inline",
        output={"task1": {"number": 10}, "jq": {"result": {"key3": ["a", "b"]}}},
        variables={"call_made": True, "number": 10},
    ),
    Scenario(
        resource="workflows",
        file="sub_workflow_test-0b2688",
        mocks=WORKERS,
        others=(
            WorkflowDef(
                name="PopulationMinMax2a27fdfb-295d-4c70-b813-7e3a44e2cb58",
                tasks=(WorkflowTask(name="n", task_reference_name="n", type="NOOP"),),
            ),
        ),
        order="simple_task_0 jq wait set_state sub_flow sub_flow_v1 dynamic_fork _x_test_worker_0_0 "
        "_x_test_worker_0_1 _x_test_worker_0_2 dynamic_fork_join fork loop_until_success simple_task_2 "
        "fork_join fact_length__1 simple_task_1__1 sub_flow_inline simple_task_5 sub_flow_v0",
        variables={"call_made": True, "number": 10},
    ),
    Scenario(
        resource="sqs-test-workflow",
        file="sqs_test_workflow-192fd6",
        mocks={"send_sqs_event_ref": {"event_produced": "sqs:q"}, "wait_for_sqs_event_ref": {"got": 1}},
        order="send_sqs_event_ref wait_for_sqs_event_ref",
    ),
    Scenario(
        resource="onstate_fix_test",
        file="task_state_change_event_test-912ae4",
        mocks={"test_task_on_change": {}, "wait_ref": {}},
        order="test_task_on_change wait_ref wait_ref_1",
    ),
    Scenario(
        resource="a2a_interop_echo",
        file="a2a_interop_echo-0d33c7",
        input={"agentUrl": "http://a", "prompt": "hello"},
        mocks={"discover": {"name": "echo"}, "call": {"text": "hello"}},
        order="discover call",
        output={"text": "hello"},
    ),
    Scenario(
        resource="durable_purchase",
        file="durable_purchase-a75b1d",
        input={"agentUrl": "http://a", "orderText": "one"},
        mocks={"order": completed({"state": "completed", "text": "receipt", "taskId": "7"}, takes="9s")},
        order="order",
        output={"state": "completed", "receipt": "receipt", "agentTaskId": "7"},
    ),
    Scenario(
        resource="sub_workflow_tests", file="sub_workflow-94c27d", why="the child", mocks={"t1": {"n": 1}}, order="t1"
    ),
    Scenario(
        resource="sub_workflow_tests",
        file="integration_test_wf_with_sub_wf-f5b978",
        input={"subwf": "sub_workflow"},
        mocks={"integration_task_1": {"op": 1}, "simple_task_in_sub_wf": {"n": 1}},
        others=("sub_workflow-94c27d",),
        order="t1 t2",
    ),
    Scenario(
        resource="sub_workflow_tests",
        file="integration_test_wf_with_sub_wf-f5b978",
        why="times out",
        input={"subwf": "sub_workflow"},
        mocks={"integration_task_1": {"op": 1}, "simple_task_in_sub_wf": completed(takes="6s")},
        others=("sub_workflow-94c27d",),
        order="t1 t2:CANCELED",
        status="TIMED_OUT",
    ),
    Scenario(
        resource="simple_one_task_sub_workflow_integration_test",
        file="sub_workflow-ac2227",
        mocks={"t1": {"n": 1}},
        order="t1",
    ),
    Scenario(
        resource="workflow_with_sub_workflow_1_integration_test",
        file="integration_test_wf_with_sub_wf-a3f39c",
        input={"subwf": "sub_workflow", "param1": "a"},
        mocks={"integration_task_1": {"op": 1}, "simple_task_in_sub_wf": {"n": 1}},
        others=("sub_workflow-ac2227",),
        order="t1 t2",
    ),
    Scenario(
        resource="workflow_with_sub_workflow_1_integration_test",
        file="integration_test_wf_with_sub_wf-a3f39c",
        why="the child fails",
        input={"subwf": "sub_workflow"},
        mocks={"integration_task_1": {}, "simple_task_in_sub_wf": failed("no")},
        others=("sub_workflow-ac2227", TaskDef(name="simple_task_in_sub_wf", retry_count=0)),
        order="t1 t2:FAILED",
        status="FAILED",
        reason="no",
    ),
    Scenario(
        resource="simple_workflow_with_sub_workflow_inline_def_integration_test",
        file="WorkflowWithInlineSubWorkflow-a57786",
        mocks={"t1": {"op": 1, "imageType": "png"}, "t3": {"op": 3}, "t2": {}},
        order="t1 swt t2",
        output={"o3": 1},
        values={"swt": {"op": 3}},
    ),
    Scenario(
        resource="test_task_failed_parent_workflow",
        file="test_task_failed_parent_wf-e21219",
        input={"lambdaValue": 1},
        mocks={"breaks": failed("no")},
        order="lambdaTask1 test_task_failed_sub_wf:FAILED",
        status="FAILED",
        reason="no",
        others=(FAILING, TaskDef(name="breaks", retry_count=0), "failure_workflow-4a6ef4"),
        values={"lambdaTask1": {"result": {"testvalue": "Lambda value was 1", "iValue": 10}}},
    ),
    Scenario(
        resource="signal_subworkflow",
        file="signal_subworkflow-7933d3",
        mocks={"signalled": {"n": 1}},
        others=(CHILD,),
        order="sub_workflow_ref",
    ),
    Scenario(
        resource="complex_wf_signal_test",
        file="complex_wf_signal_test-cc99eb",
        mocks={"http_ref": HTTP_OK, "simple_ref_1": {"n": 1}},
        others=("complex_wf_signal_test_subworkflow_1-8b3048", "complex_wf_signal_test_subworkflow_2-477783"),
        order="http_ref sub_workflow_ref",
    ),
    Scenario(
        resource="complex_wf_signal_test_subworkflow_1",
        file="complex_wf_signal_test_subworkflow_1-8b3048",
        mocks={"http_ref": HTTP_OK, "simple_ref_1": {"n": 1}},
        others=("complex_wf_signal_test_subworkflow_2-477783",),
        order="http_ref simple_ref_1 sub_workflow_ref",
    ),
    Scenario(
        resource="complex_wf_signal_test_subworkflow_2",
        file="complex_wf_signal_test_subworkflow_2-477783",
        mocks={"http_ref": HTTP_OK, "simple_ref_1": {"n": 1}},
        order="http_ref simple_ref_1",
        output={"n": 1},
    ),
    Scenario(
        resource="workflow_rate_limit_in_progress_cleanup",
        file="workflow_rate_limit_in_progress_child-d092b5",
        why="the child",
        mocks={"wait_ref": {"n": 1}},
        order="wait_ref",
    ),
    Scenario(
        resource="workflow_rate_limit_in_progress_cleanup",
        file="workflow_rate_limit_in_progress_parent-3fd33e",
        mocks={"wait_ref": {"n": 1}},
        others=("workflow_rate_limit_in_progress_child-d092b5",),
        order="wait_ref fork_ref sub_workflow_ref_2 sub_workflow_ref_1 sub_workflow_ref join_ref",
    ),
]
