"""
What an author writes: workflow definitions, their tasks, and task definitions.

One frozen class per object of Conductor's canonical JSON, with its fields and no others. ``snake_case`` here is
``camelCase`` on the wire (`podium.model.codec`). Keys that Conductor does not know are kept in ``extra`` and written
back. Seconds that are a ``float`` may have a fraction, to the millisecond; the JSON holds it beside Conductor's whole
seconds (`podium.model.exact`).

Conductor: ``META/workflow/*.java``, ``META/tasks/TaskDef.java``, ``META/SchemaDef.java``.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from podium.model.statuses import (
    IdempotencyStrategy,
    JoinMode,
    RateLimitPolicy,
    RetryLogic,
    SchemaType,
    TaskTimeoutPolicy,
    TaskType,
    WorkflowTimeoutPolicy,
)
from podium.model.values import JsonObject, JsonValue


@frozen(kw_only=True)
class SchemaDef:
    """A schema of inputs or outputs, by value or by reference."""

    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    name: str
    version: int = 1
    type: SchemaType
    #: The schema itself, such as a JSON Schema.
    data: JsonObject | None = None
    external_ref: str | None = None
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class RateLimitConfig:
    """How many runs with the same key may be alive at once."""

    rate_limit_key: str | None = None
    concurrent_exec_limit: int = 0
    policy: RateLimitPolicy = RateLimitPolicy.QUEUE
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class CacheConfig:
    """How long a result may be used again."""

    key: str | None = None
    #: Seconds; the singular is Conductor's.
    ttl_in_second: int = 0
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class StateChangeEvent:
    """An event to publish when a task changes its state."""

    type: str
    payload: JsonObject | None = None
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class TaskDef:
    """The defaults of every task with this name: retries, timeouts, limits."""

    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    name: str = ""
    description: str | None = None
    #: How many times a failed attempt is followed by another: 3 means at most 4 attempts.
    retry_count: int = 3
    #: Seconds from the start of an attempt; 0 means none.
    timeout_seconds: float = 0
    input_keys: tuple[str, ...] = ()
    output_keys: tuple[str, ...] = ()
    #: Names of secrets or environment values delivered beside the input.
    runtime_metadata: tuple[str, ...] = ()
    timeout_policy: TaskTimeoutPolicy = TaskTimeoutPolicy.TIME_OUT_WF
    retry_logic: RetryLogic = RetryLogic.FIXED
    #: Seconds before the next attempt; how it grows is `retry_logic`.
    retry_delay_seconds: float = 60
    #: Seconds that a worker may stay silent; more than 0.
    response_timeout_seconds: float = 3600
    #: Attempts in progress at once over all runs; None or 0 means no limit.
    concurrent_exec_limit: int | None = None
    #: Default inputs, used for keys that are absent or null.
    input_template: JsonObject = field(factory=dict)
    rate_limit_per_frequency: int | None = None
    rate_limit_frequency_in_seconds: int | None = None
    isolation_group_id: str | None = None
    execution_name_space: str | None = None
    owner_email: str | None = None
    #: Seconds that an attempt may wait for a worker; None or 0 means for ever.
    poll_timeout_seconds: float | None = None
    backoff_scale_factor: int = 1
    #: Longest delay between attempts in seconds; 0 means no cap.
    max_retry_delay_seconds: float = 0
    #: Upper bound of a random addition to the delay, in milliseconds.
    backoff_jitter_ms: int = 0
    base_type: str | None = None
    #: Seconds over all attempts and the delays between them; 0 means none.
    total_timeout_seconds: float = 0
    task_status_listener_enabled: bool = True
    input_schema: SchemaDef | None = None
    output_schema: SchemaDef | None = None
    enforce_schema: bool = False
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class SubWorkflowParams:
    """Which workflow a SUB_WORKFLOW task runs."""

    name: str | None = None
    #: None is the latest when the parent starts, 0 the latest when the task starts.
    version: int | None = None
    task_to_domain: Mapping[str, str] | None = None
    #: The child's definition itself, or an expression that gives it.
    workflow_definition: WorkflowDef | str | None = None
    idempotency_key: str | None = None
    idempotency_strategy: IdempotencyStrategy | None = None
    #: A number from 0 to 99, or an expression that gives one.
    priority: JsonValue = None
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class WorkflowTask:
    """One place in a workflow: what is done there, with which inputs."""

    #: The key of the `TaskDef`; empty only in definitions that `check` complains about.
    name: str = ""
    #: Unique in its workflow; how expressions name the task.
    task_reference_name: str
    description: str | None = None
    input_parameters: JsonObject = field(factory=dict)
    #: One of `TaskType`, or the name of a worker's queue.
    type: str = TaskType.SIMPLE.value
    dynamic_task_name_param: str | None = None
    case_value_param: str | None = None
    case_expression: str | None = None
    script_expression: str | None = None
    #: Case label to the tasks that run then, in the order written.
    decision_cases: Mapping[str, tuple[WorkflowTask, ...]] = field(factory=dict)
    dynamic_fork_join_tasks_param: str | None = None
    dynamic_fork_tasks_param: str | None = None
    dynamic_fork_tasks_input_param_name: str | None = None
    default_case: tuple[WorkflowTask, ...] = ()
    fork_tasks: tuple[tuple[WorkflowTask, ...], ...] = ()
    #: Seconds before the task may start.
    start_delay: float = 0
    sub_workflow_param: SubWorkflowParams | None = None
    join_on: tuple[str, ...] = ()
    sink: str | None = None
    #: A failure does not fail the workflow.
    optional: bool = False
    task_definition: TaskDef | None = None
    rate_limited: bool | None = None
    default_exclusive_join_task: tuple[str, ...] = ()
    #: The work is finished by an update from outside.
    async_complete: bool = False
    loop_condition: str | None = None
    loop_over: tuple[WorkflowTask, ...] = ()
    #: Expression that gives the list of a DO_WHILE in list mode.
    items: str | None = None
    #: Overrides the `TaskDef` when it is not None; 0 is an override too.
    retry_count: int | None = None
    evaluator_type: str | None = None
    expression: str | None = None
    on_state_change: Mapping[str, tuple[StateChangeEvent, ...]] = field(factory=dict)
    join_status: str | None = None
    cache_config: CacheConfig | None = None
    #: A failure does not stop its siblings, but fails the run at its end.
    permissive: bool = False
    join_mode: JoinMode | None = None
    metadata: JsonObject = field(factory=dict)
    extra: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class WorkflowDef:
    """A workflow as its author wrote it; identity is (name, version)."""

    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    name: str
    description: str | None = None
    version: int = 1
    tasks: tuple[WorkflowTask, ...]
    #: Names of the expected inputs; documentation only.
    input_parameters: tuple[str, ...] = ()
    output_parameters: JsonObject = field(factory=dict)
    #: Name of the workflow that is started when a run ends badly.
    failure_workflow: str | None = None
    schema_version: int = 2
    #: A completed run may be restarted.
    restartable: bool = True
    workflow_status_listener_enabled: bool = False
    owner_email: str | None = None
    timeout_policy: WorkflowTimeoutPolicy = WorkflowTimeoutPolicy.ALERT_ONLY
    #: Seconds from the start of the run; 0 means none.
    timeout_seconds: float = 0
    #: First values of the run's variables; not resolved.
    variables: JsonObject = field(factory=dict)
    #: Default inputs; used only when the given input is not empty.
    input_template: JsonObject = field(factory=dict)
    failure_workflow_version: int | None = None
    workflow_status_listener_sink: str | None = None
    rate_limit_config: RateLimitConfig | None = None
    input_schema: SchemaDef | None = None
    output_schema: SchemaDef | None = None
    enforce_schema: bool = True
    metadata: JsonObject = field(factory=dict)
    cache_config: CacheConfig | None = None
    masked_fields: tuple[str, ...] = ()
    extra: JsonObject = field(factory=dict)
