"""
What Conductor refuses when a definition is registered, in its words.

Inside a loop's body it looks only for names that repeat (``WorkflowTaskTypeConstraint.java``,
``TaskReferenceNameUniqueConstraint.java``, ``ConstraintParamUtil.java``). `podium.checks` finds much more, and tells it
to authors; a server takes what Conductor takes.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from podium.checks.syntax import javascript_fault
from podium.model.codec import from_dict
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.durations import parse_duration_s, parse_until
from podium.model.errors import Fault, InvalidRequest
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.walk import walk
from podium.server.errors import InvalidBody
from podium.server.parameters import INT_MAX

_REFERENCE = re.compile(r"(?<!\$)\$\{([^${}]+)\}")
#: What a reference may name beside tasks: the engine's own words; values of the environment may be named too.
_SYSTEM_WORDS = frozenset({"workflow", "CPEWF_TASK_ID", "NETFLIX_ENV", "NETFLIX_STACK"})
_END_STATUSES = frozenset({"COMPLETED", "FAILED", "TERMINATED"})


def checked_workflow(body: Any) -> WorkflowDef:
    """
    Read a workflow definition that may be registered.

    Raises:
        InvalidBody: It breaks a rule of registration; all faults are told.
        DefinitionError: It is no definition.
    """
    if not isinstance(body, dict):
        raise InvalidRequest(f"a workflow definition is expected, not {shown(body)}")
    faults = []
    if not body.get("name"):
        faults.append(Fault("name", "WorkflowDef name cannot be null or empty"))
    if not body.get("tasks"):
        faults.append(Fault("tasks", "WorkflowTask list cannot be empty"))
    if faults:
        raise InvalidBody(faults)
    definition = from_dict(body, WorkflowDef)
    faults = list(_faults(definition))
    if faults:
        raise InvalidBody(faults)
    return definition


def _faults(definition: WorkflowDef) -> Iterator[Fault]:
    if definition.schema_version != 2:
        yield Fault("schemaVersion", "workflowDef schemaVersion: 2 is only supported")
    if not 0 <= definition.version <= INT_MAX:
        yield Fault("version", "must be a whole number from 0 upwards")
    names = Counter(visit.task.task_reference_name for visit in walk(definition.tasks))
    for name, count in names.items():
        if count > 1:
            words = "should be unique across tasks for a given workflowDefinition"
            yield Fault("tasks", f"taskReferenceName: {name} {words}: {definition.name}")
    for task in definition.tasks:
        yield from _undefined(task, names)
    bodies = set()
    for visit in walk(definition.tasks):
        if visit.task.type == TaskType.DO_WHILE:
            bodies |= {id(inner.task) for inner in walk(visit.task.loop_over)}
    for visit in walk(definition.tasks):
        if id(visit.task) not in bodies:
            yield from (Fault(visit.path, message) for message in _task_faults(visit.task))


def _undefined(task: WorkflowTask, names: Mapping[str, int]) -> Iterator[Fault]:
    """Yield what the inputs of a task at the top refer to that does not exist."""
    for key, value in task.input_parameters.items():
        for text in _texts(value):
            for reference in _REFERENCE.findall(text):
                root = reference.partition(".")[0]
                if root not in names and root not in _SYSTEM_WORDS and root not in os.environ:
                    words = f"taskReferenceName: {root} for given task: {task.name} input value: {text}"
                    words += f" of input parameter: {key} is not defined in workflow definition."
                    yield Fault("tasks", words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _task_faults(task: WorkflowTask) -> Iterator[str]:
    if not task.name:
        yield "WorkflowTask name cannot be empty or null"
    if not task.task_reference_name:
        yield "WorkflowTask taskReferenceName name cannot be empty or null"
    rule = _RULES.get(task.type)
    if rule is not None:
        yield from rule(task)


def _requires(task: WorkflowTask, field: str) -> str:
    return f"{field} field is required for taskType: {task.type} taskName: {task.name}"


def _cases(task: WorkflowTask, script: str | None) -> Iterator[str]:
    if not task.decision_cases:
        yield f"decisionCases should have atleast one task for taskType: {task.type} taskName: {task.name}"
    fault = javascript_fault(script) if script else None
    if fault is not None:
        yield f"Expression is not well formatted: {fault}, taskType: {task.type} taskName {task.name}"


def _decision(task: WorkflowTask) -> Iterator[str]:
    if task.case_value_param is None and task.case_expression is None:
        yield _requires(task, "caseValueParam or caseExpression")
    yield from _cases(task, task.case_expression)


def _switch(task: WorkflowTask) -> Iterator[str]:
    if task.evaluator_type is None:
        yield _requires(task, "evaluatorType")
    elif task.expression is None:
        yield _requires(task, "expression")
    yield from _cases(task, task.expression if task.evaluator_type == "javascript" else None)


def _do_while(task: WorkflowTask) -> Iterator[str]:
    if task.loop_condition is None:
        yield _requires(task, "loopCondition")
    if not task.loop_over:
        yield _requires(task, "loopOver")


def _fork(task: WorkflowTask) -> Iterator[str]:
    if not task.fork_tasks:
        yield f"forkTasks should have atleast one task for taskType: {task.type} taskName: {task.name}"


def _dynamic_fork(task: WorkflowTask) -> Iterator[str]:
    if "forkTaskInputs" in task.input_parameters:
        return
    single = task.dynamic_fork_join_tasks_param is not None
    pair = (task.dynamic_fork_tasks_param is not None, task.dynamic_fork_tasks_input_param_name is not None)
    if (single and not any(pair)) or (all(pair) and not single):
        return
    yield (
        "dynamicForkJoinTasksParam or combination of dynamicForkTasksInputParamName and dynamicForkTasksParam cam be "
        f"used for taskType: {task.type} taskName: {task.name}"
    )


def _has_input(task: WorkflowTask, *keys: str) -> bool:
    template = task.task_definition.input_template if task.task_definition is not None else {}
    return any(key in task.input_parameters or key in template for key in keys)


def _http(task: WorkflowTask) -> Iterator[str]:
    if not _has_input(task, "http_request", "uri", "method"):
        yield _requires(task, "inputParameters.http_request or inputParameters.uri")


def _kafka(task: WorkflowTask) -> Iterator[str]:
    if not _has_input(task, "kafka_request"):
        yield _requires(task, "inputParameters.kafka_request")


def _jq(task: WorkflowTask) -> Iterator[str]:
    if not _has_input(task, "queryExpression"):
        yield _requires(task, "inputParameters.queryExpression")


def _terminate(task: WorkflowTask) -> Iterator[str]:
    if task.optional:
        yield f"terminate task cannot be optional, taskName: {task.name}"
    status = task.input_parameters.get("terminationStatus")
    is_expression = isinstance(status, str) and "${" in status
    if status not in _END_STATUSES and not is_expression:
        yield (
            "terminate task must have an terminationStatus parameter and must be set to COMPLETED or FAILED, "
            f"taskName: {task.name}"
        )


def _wait(task: WorkflowTask) -> Iterator[str]:
    duration, until = task.input_parameters.get("duration"), task.input_parameters.get("until")
    if duration and until:
        yield "Both 'duration' and 'until' specified. Please provide only one input"
    for given, read in ((duration, parse_duration_s), (until, _until)):
        if isinstance(given, str) and given and not given.startswith("${"):
            try:
                read(given)
            except ValueError:
                yield "Either date or duration is passed as null " if given is duration else "Unable to parse date "


def _until(text: str) -> object:
    from datetime import UTC

    return parse_until(text, UTC)


_NEEDS: Mapping[str, str] = {
    TaskType.EVENT: "sink",
    TaskType.DYNAMIC: "dynamicTaskNameParam",
    TaskType.SUB_WORKFLOW: "subWorkflowParam",
}


def _needs(task: WorkflowTask) -> Iterator[str]:
    fields = {"sink": task.sink, "dynamicTaskNameParam": task.dynamic_task_name_param}
    field = _NEEDS[task.type]
    if {**fields, "subWorkflowParam": task.sub_workflow_param}[field] is None:
        yield _requires(task, field)


_RULES: Mapping[str, Callable[[WorkflowTask], Iterator[str]]] = {
    **dict.fromkeys(_NEEDS, _needs),
    TaskType.DECISION: _decision,
    TaskType.SWITCH: _switch,
    TaskType.DO_WHILE: _do_while,
    TaskType.FORK_JOIN: _fork,
    TaskType.FORK_JOIN_DYNAMIC: _dynamic_fork,
    TaskType.HTTP: _http,
    TaskType.KAFKA_PUBLISH: _kafka,
    TaskType.JSON_JQ_TRANSFORM: _jq,
    TaskType.TERMINATE: _terminate,
    TaskType.WAIT: _wait,
}


def checked_task_def(body: Any) -> TaskDef:
    """
    Read a task definition that may be registered.

    Raises:
        InvalidBody: It breaks a rule of registration; all faults are told.
        DefinitionError: It is no definition.
    """
    if not isinstance(body, dict):
        raise InvalidRequest(f"a task definition is expected, not {shown(body)}")
    definition = from_dict(body, TaskDef)
    faults = list(_task_def_faults(definition))
    if faults:
        raise InvalidBody(faults)
    return definition


def _task_def_faults(definition: TaskDef) -> Iterator[Fault]:
    response, whole, total = (
        definition.response_timeout_seconds,
        definition.timeout_seconds,
        definition.total_timeout_seconds,
    )
    if not definition.name:
        yield Fault("name", "TaskDef name cannot be null or empty")
    # A fraction of a second is Podium's own; Conductor's seconds are whole.
    if response <= 0:
        yield Fault(
            "responseTimeoutSeconds", f"TaskDef responseTimeoutSeconds: {response:g} should be minimum 1 second"
        )
    if whole > 0 and response > whole:
        words = f"TaskDef: {definition.name} responseTimeoutSeconds: {response:g} must be less than timeoutSeconds"
        yield Fault("responseTimeoutSeconds", f"{words}: {whole:g}")
    if total > 0 and whole > total:
        words = (
            f"TaskDef: {definition.name} timeoutSeconds: {whole:g} must be less than or equal to totalTimeoutSeconds"
        )
        yield Fault("timeoutSeconds", f"{words} totalTimeoutSeconds: {total:g}")
    least = (
        ("retryCount", definition.retry_count, 0),
        ("timeoutSeconds", whole, 0),
        ("totalTimeoutSeconds", total, 0),
        ("pollTimeoutSeconds", definition.poll_timeout_seconds, 0),
        ("retryDelaySeconds", definition.retry_delay_seconds, 0),
        ("maxRetryDelaySeconds", definition.max_retry_delay_seconds, 0),
        ("backoffScaleFactor", definition.backoff_scale_factor, 1),
        ("backoffJitterMs", definition.backoff_jitter_ms, 0),
        ("concurrentExecLimit", definition.concurrent_exec_limit, 0),
        ("rateLimitPerFrequency", definition.rate_limit_per_frequency, 0),
        ("rateLimitFrequencyInSeconds", definition.rate_limit_frequency_in_seconds, 0),
    )
    for key, value, bound in least:
        if value is not None and value < bound:
            yield Fault(key, f"TaskDef {key}: {value:g} must be >= {bound}")
