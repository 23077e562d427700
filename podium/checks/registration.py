"""
Registration: V1, what the official server refuses when a definition is registered.

Inside a loop's body the server does not look; what is wrong there comes up when the workflow runs, so it is reported as
a warning (Conductor: ``WorkflowTaskTypeConstraint.java``, ``WorkflowDefConstraint.java``; definitions.md, section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector, Severity
from podium.checks.syntax import javascript_fault
from podium.model.codec import camel
from podium.model.durations import parse_duration_s, parse_until
from podium.model.statuses import TaskType
from podium.model.task_types import task_kind
from podium.model.values import JsonValue


def check_registration(report: ProblemCollector) -> None:
    """Apply the server's rules."""
    definition = report.layout.definition
    if not definition.name:
        report.add(None, "V1", "the workflow has no name", at="name")
    if not definition.tasks:
        report.add(None, "V1", "the workflow has no tasks", at="tasks")
    if definition.schema_version != 2:
        message = f"schemaVersion is {definition.schema_version}; only 2 is supported"
        report.add(None, "V1", message, at="schemaVersion")
    _check_failure_workflow(report)
    for spot in report.layout.spots:
        _check_task(report, spot)


def _check_failure_workflow(report: ProblemCollector) -> None:
    name = report.layout.definition.failure_workflow or ""
    if name.startswith("${"):
        message = f"failureWorkflow {name!r} starts nothing: it is not resolved"
        hint = "the spelling that works is $workflow.input.<key>, without braces"
        report.add(None, "V1", message, at="failureWorkflow", severity="warning", hint=hint)


def _check_task(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    if task.task_definition is not None and not task.task_definition.name:
        message = f"the task definition embedded in {spot.name!r} has no name"
        report.add(spot, "V1", message, at="taskDefinition.name", severity="warning")
    if not task.name:
        _add(report, spot, "name", "it has no name")
    if not task.task_reference_name:
        _add(report, spot, "taskReferenceName", "it has no reference name")
    if task.start_delay < 0:
        _add(report, spot, "startDelay", "startDelay is negative")
    kind = task_kind(task.type)
    for field in kind.needs:
        if getattr(task, field) is None:
            _add(report, spot, camel(field), f"it has no {camel(field)}")
    if kind.needs_input and not _has_input(spot, *kind.needs_input):
        # An input template of a task definition that is registered elsewhere may hold it, hence a warning only.
        key = kind.needs_input[0]
        message = f"{task.type} {spot.name!r}: it has no {key}"
        report.add(spot, "V1", message, at=f"inputParameters.{key}", severity="warning")
    rule = _RULES.get(task.type)
    if rule is not None:
        rule(report, spot)


def _add(report: ProblemCollector, spot: TaskPosition, at: str, message: str, *, hint: str | None = None) -> None:
    subject = spot.name or spot.task.name or spot.task.type
    severity: Severity = "warning" if spot.in_loop else "error"
    report.add(spot, "V1", f"{spot.task.type} {subject!r}: {message}", at=at, severity=severity, hint=hint)


def _decision(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    if task.case_value_param is None and task.case_expression is None:
        _add(report, spot, "caseValueParam", "it needs caseValueParam or caseExpression")
    if not task.decision_cases:
        _add(report, spot, "decisionCases", "it has no case")
    if task.case_expression:
        _check_script(report, spot, "caseExpression", task.case_expression)


def _switch(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    if task.evaluator_type is None:
        _add(report, spot, "evaluatorType", "it has no evaluatorType")
    elif task.expression is None:
        _add(report, spot, "expression", "it has no expression")
    if not task.decision_cases:
        _add(report, spot, "decisionCases", "it has no case")
    if task.evaluator_type in {"javascript", "graaljs"} and task.expression:
        _check_script(report, spot, "expression", task.expression)


def _check_script(report: ProblemCollector, spot: TaskPosition, at: str, script: str) -> None:
    fault = javascript_fault(script)
    if fault is not None:
        _add(report, spot, at, f"the script cannot be read: {fault}")


def _loop(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    if task.loop_condition is None and (task.items is not None or "_items" in task.input_parameters):
        message = f"DO_WHILE {spot.name!r}: it has no loopCondition; Podium runs it over its list, Conductor refuses it"
        hint = 'write "loopCondition": ""'
        report.add(spot, "V1", message, at="loopCondition", severity="warning", hint=hint)
    elif task.loop_condition is None:
        _add(report, spot, "loopCondition", "it has no loopCondition")
    else:
        _check_script(report, spot, "loopCondition", task.loop_condition)
    if not task.loop_over:
        _add(report, spot, "loopOver", "it has no tasks")
    if task.items is None and "items" in task.input_parameters and "_items" not in task.input_parameters:
        # What ForEachTask of the official Python SDK writes (Conductor: DoWhile.java looks elsewhere).
        message = f"DO_WHILE {spot.name!r}: the list stands among its inputs, where nobody looks: the body runs once"
        hint = "write it into the task's own field items, or give the input _items"
        report.add(spot, "V1", message, at="inputParameters.items", severity="warning", hint=hint)


def _fork(report: ProblemCollector, spot: TaskPosition) -> None:
    if not spot.task.fork_tasks:
        _add(report, spot, "forkTasks", "it has no branch")
    for index, branch in enumerate(spot.task.fork_tasks):
        if not branch:
            # Registered without complaint, but no run of it can start.
            _add(report, spot, f"forkTasks[{index}]", "the branch is empty", hint="put a NOOP into it")


def _dynamic_fork(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    if "forkTaskInputs" in task.input_parameters:
        return
    pair = (task.dynamic_fork_tasks_param, task.dynamic_fork_tasks_input_param_name)
    legacy = task.dynamic_fork_join_tasks_param is not None
    if (legacy and any(pair)) or (not legacy and not all(pair)):
        message = (
            "it needs the input forkTaskInputs, or dynamicForkTasksParam with dynamicForkTasksInputParamName, "
            "or dynamicForkJoinTasksParam alone"
        )
        _add(report, spot, "dynamicForkTasksParam", message)


def _has_input(spot: TaskPosition, *names: str) -> bool:
    template: Mapping[str, JsonValue] = {}
    if spot.task.task_definition is not None:
        template = spot.task.task_definition.input_template
    return any(name in spot.task.input_parameters or name in template for name in names)


def _sub_workflow(report: ProblemCollector, spot: TaskPosition) -> None:
    params = spot.task.sub_workflow_param
    if params is None:
        _add(report, spot, "subWorkflowParam", "it has no subWorkflowParam")
    elif not params.name and params.workflow_definition is None:
        _add(report, spot, "subWorkflowParam.name", "it names no workflow")


def _terminate(report: ProblemCollector, spot: TaskPosition) -> None:
    if spot.task.optional:
        _add(report, spot, "optional", "it cannot be optional")
    status = spot.task.input_parameters.get("terminationStatus")
    if status not in ("COMPLETED", "FAILED", "TERMINATED"):  # no set: it may be a list, which has no hash
        message = f"terminationStatus is {status!r:.40}; it must be COMPLETED, FAILED or TERMINATED as it stands"
        _add(report, spot, "inputParameters.terminationStatus", message)


def _wait(report: ProblemCollector, spot: TaskPosition) -> None:
    inputs = spot.task.input_parameters
    duration, until = inputs.get("duration"), inputs.get("until")
    if "wait_until" in inputs and not duration and not until:
        # What WaitTask(wait_until=...) of the official Python SDK writes (Conductor: Wait.java).
        message = f"WAIT {spot.name!r}: wait_until is not looked at, so it waits until somebody updates it"
        report.add(spot, "V1", message, at="inputParameters.wait_until", severity="warning", hint="call it until")
        return
    if duration and until:
        _add(report, spot, "inputParameters", "it has both duration and until")
        return
    try:
        if isinstance(duration, str) and duration.strip() and not duration.startswith("${"):
            parse_duration_s(duration)
        if isinstance(until, str) and until.strip() and not until.startswith("${"):
            parse_until(until, UTC)
    except ValueError as error:
        key = "duration" if duration else "until"
        _add(report, spot, f"inputParameters.{key}", str(error))


_RULES: Mapping[str, Callable[[ProblemCollector, TaskPosition], None]] = {
    TaskType.DECISION: _decision,
    TaskType.SWITCH: _switch,
    TaskType.DO_WHILE: _loop,
    TaskType.FORK_JOIN: _fork,
    TaskType.FORK_JOIN_DYNAMIC: _dynamic_fork,
    TaskType.SUB_WORKFLOW: _sub_workflow,
    TaskType.TERMINATE: _terminate,
    TaskType.WAIT: _wait,
}
