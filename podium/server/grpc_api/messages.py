"""
The messages of Conductor's gRPC services, and their classes.

Conductor: ``grpc/src/main/proto``. What travels is told by numbers and kinds alone, so the table below is all there is;
the classes are made of it when they are first needed. Integers are all of 64 bits here: smaller ones look the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2

#: The package of all messages of the model.
MODEL = "conductor.proto"

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"s": _FIELD.TYPE_STRING, "i": _FIELD.TYPE_INT64, "b": _FIELD.TYPE_BOOL, "d": _FIELD.TYPE_DOUBLE}

#: Enumerations: the names of their values, whose numbers count from 0.
_ENUMS: Mapping[str, str] = {
    "TaskStatus": "IN_PROGRESS CANCELED FAILED FAILED_WITH_TERMINAL_ERROR COMPLETED COMPLETED_WITH_ERRORS SCHEDULED "
    "TIMED_OUT SKIPPED",
    "TaskResultStatus": "IN_PROGRESS FAILED FAILED_WITH_TERMINAL_ERROR COMPLETED CANCELED",
    "WorkflowStatus": "RUNNING COMPLETED FAILED TIMED_OUT TERMINATED PAUSED",
    "TaskTimeoutPolicy": "RETRY TIME_OUT_WF ALERT_ONLY",
    "WorkflowTimeoutPolicy": "TIME_OUT_WF ALERT_ONLY",
    "RetryLogic": "FIXED EXPONENTIAL_BACKOFF LINEAR_BACKOFF",
    "JoinMode": "SYNC ASYNC",
    "RateLimitPolicy": "QUEUE REJECT",
    "SchemaType": "JSON AVRO PROTOBUF",
    "ActionType": "START_WORKFLOW COMPLETE_TASK FAIL_TASK TERMINATE_WORKFLOW UPDATE_WORKFLOW_VARIABLES START_AGENT",
}

#: Messages: name, number and kind of each field. Kinds: s text, i integer, b boolean, d number, V any JSON, another
#: message or enumeration by its name; with * a list of them, with % a map of them by name. Without a kind: text.
_MESSAGES: Mapping[str, str] = {
    "Task": """task_type 1, status 2 TaskStatus, input_data 3 %V, reference_task_name 4, retry_count 5 i, seq 6 i,
        correlation_id 7, poll_count 8 i, task_def_name 9, scheduled_time 10 i, start_time 11 i, end_time 12 i,
        update_time 13 i, start_delay_in_seconds 14 i, retried_task_id 15, retried 16 b, executed 17 b,
        callback_from_worker 18 b, response_timeout_seconds 19 i, workflow_instance_id 20, workflow_type 21, task_id 22,
        reason_for_incompletion 23, callback_after_seconds 24 i, worker_id 25, output_data 26 %V,
        workflow_task 27 WorkflowTask, domain 28, rate_limit_per_frequency 32 i, rate_limit_frequency_in_seconds 33 i,
        external_input_payload_storage_path 34, external_output_payload_storage_path 35, workflow_priority 36 i,
        execution_name_space 37, isolation_group_id 38, iteration 40 i, sub_workflow_id 41, subworkflow_changed 42 b,
        first_start_time 43 i, execution_metadata 44 ExecutionMetadata, parent_task_id 45, runtime_metadata 46 %s""",
    "TaskResult": """workflow_instance_id 1, task_id 2, reason_for_incompletion 3, callback_after_seconds 4 i,
        worker_id 5, status 6 TaskResultStatus, output_data 7 %V, execution_metadata 9 ExecutionMetadata,
        logs 10 *TaskExecLog, external_output_payload_storage_path 11, sub_workflow_id 12, extend_lease 13 b,
        supports_cancellation 14 b""",
    "TaskDef": """name 1, description 2, retry_count 3 i, timeout_seconds 4 i, input_keys 5 *s, output_keys 6 *s,
        timeout_policy 7 TaskTimeoutPolicy, retry_logic 8 RetryLogic, retry_delay_seconds 9 i,
        response_timeout_seconds 10 i, concurrent_exec_limit 11 i, input_template 12 %V, rate_limit_per_frequency 14 i,
        rate_limit_frequency_in_seconds 15 i, isolation_group_id 16, execution_name_space 17, owner_email 18,
        poll_timeout_seconds 19 i, backoff_scale_factor 20 i, base_type 21, total_timeout_seconds 22 i,
        task_status_listener_enabled 23 b, max_retry_delay_seconds 24 i, backoff_jitter_ms 25 i""",
    "Workflow": """status 1 WorkflowStatus, end_time 2 i, workflow_id 3, parent_workflow_id 4,
        parent_workflow_task_id 5, tasks 6 *Task, input 8 %V, output 9 %V, correlation_id 12,
        re_run_from_workflow_id 13, reason_for_incompletion 14, event 16, task_to_domain 17 %s,
        failed_reference_task_names 18 *s,
        workflow_definition 19 WorkflowDef, external_input_payload_storage_path 20,
        external_output_payload_storage_path 21, priority 22 i, variables 23 %V, last_retried_time 24 i,
        failed_task_names 25 *s, history 26 *Workflow""",
    "WorkflowDef": """name 1, description 2, version 3 i, tasks 4 *WorkflowTask, input_parameters 5 *s,
        output_parameters 6 %V, failure_workflow 7, schema_version 8 i, restartable 9 b,
        workflow_status_listener_enabled 10 b, owner_email 11, timeout_policy 12 WorkflowTimeoutPolicy,
        timeout_seconds 13 i, variables 14 %V, input_template 15 %V, failure_workflow_version 16 i,
        workflow_status_listener_sink 17, rate_limit_config 18 RateLimitConfig, input_schema 19 SchemaDef,
        output_schema 20 SchemaDef, enforce_schema 21 b, metadata 22 %V, cache_config 23 CacheConfig,
        masked_fields 24 *s""",
    "WorkflowTask": """name 1, task_reference_name 2, description 3, input_parameters 4 %V, type 5,
        dynamic_task_name_param 6, case_value_param 7, case_expression 8, decision_cases 9 %WorkflowTaskList,
        dynamic_fork_tasks_param 10, dynamic_fork_tasks_input_param_name 11, default_case 12 *WorkflowTask,
        fork_tasks 13 *WorkflowTaskList, start_delay 14 i, sub_workflow_param 15 SubWorkflowParams, join_on 16 *s,
        sink 17, optional 18 b, task_definition 19 TaskDef, rate_limited 20 b, default_exclusive_join_task 21 *s,
        script_expression 22, async_complete 23 b, loop_condition 24, loop_over 25 *WorkflowTask, retry_count 26 i,
        evaluator_type 27, expression 28, join_status 30, cache_config 31 CacheConfig, permissive 32 b, items 33,
        join_mode 34 JoinMode, metadata 35 %V""",
    "WorkflowTaskList": "tasks 1 *WorkflowTask",
    "SubWorkflowParams": "name 1, version 2 i, task_to_domain 3 %s, workflow_definition 4 V",
    "RateLimitConfig": "rate_limit_key 1, concurrent_exec_limit 2 i, policy 3 RateLimitPolicy",
    "CacheConfig": "key 1, ttl_in_second 2 i",
    "SchemaDef": "name 1, version 2 i, type 3 SchemaType",
    "StartWorkflowRequest": """name 1, version 2 i, correlation_id 3, input 4 %V, task_to_domain 5 %s,
        workflow_def 6 WorkflowDef, external_input_payload_storage_path 7, priority 8 i, created_by 9""",
    "RerunWorkflowRequest": """re_run_from_workflow_id 1, workflow_input 2 %V, re_run_from_task_id 3, task_input 4 %V,
        correlation_id 5""",
    "SkipTaskRequest": "task_input 1 %V, task_output 2 %V",
    "WorkflowSummary": """workflow_type 1, version 2 i, workflow_id 3, correlation_id 4, start_time 5, update_time 6,
        end_time 7, status 8 WorkflowStatus, input 9, output 10, reason_for_incompletion 11, execution_time 12 i,
        event 13, failed_reference_task_names 14, external_input_payload_storage_path 15,
        external_output_payload_storage_path 16, priority 17 i, failed_task_names 18 *s, created_by 19,
        task_to_domain 20 %s, idempotency_key 21, parent_workflow_id 22, classifier 23""",
    "TaskSummary": """workflow_id 1, workflow_type 2, correlation_id 3, scheduled_time 4, start_time 5, update_time 6,
        end_time 7, status 8 TaskStatus, reason_for_incompletion 9, execution_time 10 i, queue_wait_time 11 i,
        task_def_name 12, task_type 13, input 14, output 15, task_id 16, external_input_payload_storage_path 17,
        external_output_payload_storage_path 18, workflow_priority 19 i, domain 20""",
    "EventHandler": "name 1, event 2, condition 3, actions 4 *Action, active 5 b, evaluator_type 6",
    "Action": """action 1 ActionType, start_workflow 2 StartWorkflow, complete_task 3 TaskDetails,
        fail_task 4 TaskDetails, expand_inline_json 5 b, terminate_workflow 6 TerminateWorkflow,
        update_workflow_variables 7 UpdateWorkflowVariables""",
    "StartWorkflow": "name 1, version 2 i, correlation_id 3, input 4 %V, task_to_domain 6 %s",
    "TaskDetails": "workflow_id 1, task_ref_name 2, output 3 %V, task_id 5, reason_for_incompletion 6",
    "TerminateWorkflow": "workflow_id 1, termination_reason 2",
    "UpdateWorkflowVariables": "workflow_id 1, variables 2 %V, append_array 3 b",
    "TaskExecLog": "log 1, task_id 2, created_time 3 i",
    "ExecutionMetadata": """server_send_time 1 i, client_receive_time 2 i, execution_start_time 3 i,
        execution_end_time 4 i, client_send_time 5 i, poll_network_latency 6 i, update_network_latency 7 i,
        additional_context 8 %V""",
}


def fields(spec: str) -> Iterator[tuple[str, int, str]]:
    """Yield name, number and kind of the fields that a line of the table has."""
    for each in spec.replace("\n", " ").split(","):
        words = each.split()
        if words:
            yield words[0], int(words[1]), words[2] if len(words) > 2 else "s"


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
    file = _file("model", MODEL, _MESSAGES)
    for name, words in _ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, word in enumerate(words.split()):
            enum.value.add(name=f"{name}_{word}", number=number)  # values share the names of their file
    pool.Add(file)
    return pool


def _file(name: str, package: str, messages: Mapping[str, str]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=f"podium/{name}.proto", package=package, syntax="proto3")
    file.dependency.append("google/protobuf/struct.proto")
    if package != MODEL:
        file.dependency.append("podium/model.proto")
    for each, spec in messages.items():
        message = file.message_type.add(name=each)
        for field, number, kind in fields(spec):
            _add_field(message, field, number, kind)
    return file


def _add_field(message: descriptor_pb2.DescriptorProto, name: str, number: int, kind: str) -> None:
    field = message.field.add(name=name, number=number, label=_FIELD.LABEL_OPTIONAL)
    if kind[0] == "%":
        entry = message.nested_type.add(name="".join(part.capitalize() for part in name.split("_")) + "Entry")
        entry.options.map_entry = True
        _add_field(entry, "key", 1, "s")
        _add_field(entry, "value", 2, kind[1:])
        field.label, field.type, field.type_name = _FIELD.LABEL_REPEATED, _FIELD.TYPE_MESSAGE, entry.name
        return
    if kind[0] == "*":
        field.label, kind = _FIELD.LABEL_REPEATED, kind[1:]
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    elif kind in _ENUMS:
        field.type, field.type_name = _FIELD.TYPE_ENUM, f".{MODEL}.{kind}"
    else:
        own = "." not in kind and kind not in _MESSAGES and kind != "V"
        whole = ".google.protobuf.Value" if kind == "V" else kind if own else f".{MODEL}.{kind}"
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, whole


def model_class(name: str) -> Any:
    """Return the class of a message of the model."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{MODEL}.{name}"))


def own_classes(package: str, messages: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the classes of messages of a package of services, made of a table like that of the model."""
    pool, file = _pool(), _file(package.replace(".", "/"), package, messages)
    try:
        pool.FindFileByName(file.name)  # another server of this process has made them
    except KeyError:
        pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}
