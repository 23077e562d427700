"""Scenarios of loops."""

from __future__ import annotations

from scenario import Scenario

from podium.model.definitions import TaskDef
from podium.testing import completed, failed

HTTP_OK = {"response": {"statusCode": 200, "body": {}, "headers": {}, "reasonPhrase": "OK"}}

SCENARIOS = [
    Scenario(
        resource="do_while_as_subtask_integration_test",
        file="Do_While_SubTask-2ea798",
        input={"loop": 2},
        mocks={"integration_task_0": {}, "integration_task_1": {}, "integration_task_2": {"n": 2}},
        order="fork loopTask integration_task_2 join integration_task_0__1 integration_task_1__1 "
        "integration_task_0__2 integration_task_1__2",
        values={"loopTask": {"iteration": 2}},
    ),
    Scenario(
        resource="do_while_multiple_integration_test",
        file="Do_While_Multiple-5c54c8",
        input={"loop": 1, "loop2": 2},
        mocks={f"integration_task_{n}": {} for n in range(4)},
        order="loopTask integration_task_0__1 fork__1 integration_task_1__1 integration_task_2__1 join__1 "
        "loopTask2 integration_task_3__1 integration_task_3__2",
        values={"loopTask2": {"iteration": 2}},
    ),
    Scenario(
        resource="do_while_sub_workflow_integration_test",
        file="Do_While_Sub_Workflow-f4a68f",
        input={"loop": 2},
        mocks={"t1": {"op": 1}, **{f"integration_task_{n}": {} for n in range(3)}},
        others=("sub_workflow-ac2227",),
        order="loopTask integration_task_0__1 fork__1 integration_task_1__1 integration_task_2__1 join__1 "
        "st1__1 integration_task_0__2 fork__2 integration_task_1__2 integration_task_2__2 join__2 st1__2",
    ),
    Scenario(
        resource="do_while_high_iteration_test",
        file="do_while_high_iteration_test-04707a",
        input={"loop": 3},
        order="loopTask lambda_task__1 lambda_task__2 lambda_task__3",
        values={"loopTask": {"iteration": 3, "3": {"lambda_task": {"result": {}}}}},
    ),
    Scenario(
        resource="do_while_five_loop_over_integration_test",
        file="do_while_five_loop_over_integration_test-9333dd",
        input={"loop": 2},
        mocks={f"integration_task_{n}": {} for n in range(1, 4)},
        order="loopTask lambda_locs__1 jq_add_location__1 integration_task_1__1 jq_create_hydrus_input__1 "
        "integration_task_2__1 lambda_locs__2 jq_add_location__2 integration_task_1__2 "
        "jq_create_hydrus_input__2 integration_task_2__2 integration_task_3",
        values={"jq_create_hydrus_input__2": {"result": {"out": {"locationId": "some location id"}}}},
    ),
    Scenario(
        resource="do_while_system_tasks",
        file="do_while_system_tasks-a42374",
        input={"loop": 2},
        mocks={"integration_task_1": {}},
        order="loopTask lambda_locs__1 jq_add_location__1 jq_create_hydrus_input__1 lambda_locs__2 "
        "jq_add_location__2 jq_create_hydrus_input__2 integration_task_1",
        values={"loopTask": {"iteration": 2}},
    ),
    Scenario(
        resource="do_while_set_variable_fix",
        file="do_while_Set_variable_fix-a6f6e1",
        order="loopTask set_variable__1",
        variables={"value": "0"},
    ),
    Scenario(
        resource="do_while_with_decision_task",
        file="DO_While_with_Decision_task-3f5c72",
        input={"list": [1, 0]},
        mocks={"WaitTask": {}},
        order="LoopTask GetNumberAtIndex__1 SwitchTask__1 WaitTask__1 ComputeNumber__1 GetNumberAtIndex__2 "
        "SwitchTask__2",
        values={"ComputeNumber__1": {"result": 10}},
    ),
    Scenario(
        resource="do_while_timeline_ui_demo",
        file="do_while_timeline_ui_demo-07db24",
        order="do_while_switch_ref:CANCELED switch_ref__1 default_case_ref__1:FAILED_WITH_TERMINAL_ERROR",
        why="a script reads what it has not",
        status="FAILED",
        reason="property 'iteration' of undefined",
    ),
    Scenario(
        resource="do_while_cleanup_demo",
        file="do_while_cleanup_demo-403498",
        input={"max_iterations": 5},
        order="do_while_loop_ref:CANCELED generate_data_ref__1:FAILED_WITH_TERMINAL_ERROR",
        why="a script reads what it has not",
        status="FAILED",
        reason="property 'iteration' of undefined",
    ),
    Scenario(
        resource="do_while_keep_last_n_switch_test",
        file="do_while_keep_last_n_switch_test-046310",
        order="do_while_ref switch_ref__24 inline_ref__24 set_variable_ref_1__24 max_loop_ctrl_ref__24 "
        "switch_ref_2__24 switch_ref__25 inline_ref__25 set_variable_ref_1__25 max_loop_ctrl_ref__25 "
        "switch_ref_2__25 switch_ref__26 inline_ref__26 set_variable_ref_1__26 max_loop_ctrl_ref__26 "
        "switch_ref_2__26 set_variable_ref_2__26",
    ),
    Scenario(
        resource="do_while_wait_switch_iteration_test",
        file="do_while_wait_switch_iteration_test-ed9cea",
        mocks={
            "http_ref": HTTP_OK,
            "http_ref_1": HTTP_OK,
            "http_ref_2": HTTP_OK,
            "http_ref_3": HTTP_OK,
            "wait_ref": [{"output": {"result": "b"}}, {"output": {"result": "a"}}],
        },
        order="do_while_ref inline_sample_ref__1 http_ref__1 wait_ref__1 switch_ref__1 http_ref_2__1 "
        "set_variable_ref_1__1 inline_sample_ref__2 http_ref__2 wait_ref__2 switch_ref__2 http_ref_1__2 "
        "set_variable_ref__2 http_ref_3",
        variables={"status": "Completed"},
    ),
    Scenario(
        resource="do_while_early_script_eval_wf",
        file="DoWhileEarlyEvalScript-93e820",
        mocks={
            "reserve_token_ref": {"token_id": "t"},
            "acquire_token_ref": {},
            "return_token_ref": {},
            "predictions_start_daily_bq_export_pipeline": {"namespace_enabled": "true"},
            "predictions_get_daily_bq_export_pipeline_status_long_running": {},
            "predictions_process_daily_bq_export_pipeline_results": [
                {"output": {"is_pipeline_failure": True}},
                {"output": {"is_pipeline_failure": False}},
            ],
        },
        order="reserve_token_ref acquire_token_ref predictions_daily_bq_export_pipeline_loop "
        "predictions_start_daily_bq_export_pipeline__1 if_terminate_condition__1 "
        "predictions_get_daily_bq_export_pipeline_status_long_running__1 "
        "predictions_process_daily_bq_export_pipeline_results__1 "
        "predictions_start_daily_bq_export_pipeline__2 if_terminate_condition__2 "
        "predictions_get_daily_bq_export_pipeline_status_long_running__2 "
        "predictions_process_daily_bq_export_pipeline_results__2 return_token_ref",
    ),
    Scenario(
        resource="do_while_early_script_eval_wf",
        file="DoWhileEarlyEvalScript-93e820",
        why="ended inside the loop",
        mocks={
            "reserve_token_ref": {"token_id": "t"},
            "acquire_token_ref": {},
            "predictions_start_daily_bq_export_pipeline": {"namespace_enabled": "false"},
            "return_token_namespace_not_enabled": {},
            "workflow_complete_namespace_not_enabled": {},
        },
        order="reserve_token_ref acquire_token_ref predictions_daily_bq_export_pipeline_loop:CANCELED "
        "predictions_start_daily_bq_export_pipeline__1 if_terminate_condition__1 "
        "return_token_namespace_not_enabled__1 workflow_complete_namespace_not_enabled__1 "
        "terminate_condition_is_true__1",
    ),
    Scenario(
        resource="calculate_loan_workflow",
        file="test_workflow-8ec4da",
        input={"userEmail": "a@b.c", "loanAmount": 1000},
        mocks={
            "fetch_user_details": {"userAccount": 12},
            "get_credit_score": {"creditRating": 700},
            "calculate_loan_amount": {"authorizedLoanAmount": 900},
            "check_phone_number_valid": [
                {"output": {"valid": False}},
                {"output": {"valid": False}},
                {"output": {"valid": True}},
            ],
        },
        order="fetch_user_details get_credit_score calculate_loan_amount loop_until_success "
        "check_phone_number_valid__1 check_phone_number_valid__2 check_phone_number_valid__3",
        output={"accountNumber": 12, "creditRating": 700, "authorizedLoanAmount": 900, "phoneNumberValid": True},
    ),
    Scenario(
        resource="stackoverflower",
        file="stackoverflower-d1e5f7",
        input={"n": 3},
        order="loop_ref dummy_ref__1 dummy_ref__2 dummy_ref__3",
    ),
    Scenario(
        resource="do_while_as_subtask_integration_test",
        file="Do_While_SubTask-2ea798",
        input={"loop": 2},
        why="a task of the loop fails",
        mocks={
            "integration_task_0": [{}, failed("no")],
            "integration_task_1": {},
            "integration_task_2": completed(takes="1m"),
        },
        others=(TaskDef(name="integration_task_0", retry_count=0),),
        order="fork loopTask:CANCELED integration_task_2:CANCELED join:CANCELED integration_task_0__1 "
        "integration_task_1__1 integration_task_0__2:FAILED",
        status="FAILED",
        reason="no",
    ),
]
