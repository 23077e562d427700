"""What scripts read: R1 for an input that a script uses and nothing gives."""

from __future__ import annotations

import json
from collections.abc import Collection

from podium.checks.layout import TaskPosition
from podium.checks.reads import ScriptReads, reads_of
from podium.checks.report import ProblemCollector
from podium.dsl.names import nearest
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import task_kind
from podium.model.walk import walk

#: Conductor's names of JavaScript.
JAVASCRIPT = frozenset({"javascript", "graaljs"})


def check_scripts(report: ProblemCollector) -> None:
    """Look at the scripts of SWITCH, DO_WHILE, DECISION, INLINE and LAMBDA."""
    for spot in report.layout.spots:
        task = spot.task
        if task.type == TaskType.SWITCH and task.evaluator_type == "value-param" and task.expression:
            _check_value_param(report, spot, task.expression)
            continue
        found = script_of(task)
        if found is None:
            continue
        at, script = found
        known = {*task.input_parameters}
        if task.type == TaskType.DO_WHILE:
            body = (visit.task.task_reference_name for visit in walk(task.loop_over))
            known |= {*body, spot.name, "loopIndex", "loopItem"}
        elif task.task_definition is not None:
            known |= task.task_definition.input_template.keys()
        _check_reads(report, spot, at, reads_of(script), known)


def script_of(task: WorkflowTask) -> tuple[str, str] | None:
    """Return where a task has its JavaScript, and the script; None if it has none that can be read as it stands."""
    if task.type == TaskType.DO_WHILE:
        return ("loopCondition", task.loop_condition) if task.loop_condition else None
    if task.type == TaskType.DECISION:
        return ("caseExpression", task.case_expression) if task.case_expression else None
    if task.type == TaskType.SWITCH:
        return ("expression", task.expression) if task.evaluator_type in JAVASCRIPT and task.expression else None
    key = task_kind(task.type).script
    script = task.input_parameters.get(key)
    language = task.input_parameters.get("evaluatorType") or "javascript"
    # References in it are replaced before it is read, so their text may be anything.
    is_script = isinstance(script, str) and "${" not in script and str(language) in JAVASCRIPT
    return (f"inputParameters.{key}", str(script)) if is_script else None


def _check_value_param(report: ProblemCollector, spot: TaskPosition, name: str) -> None:
    if name in spot.task.input_parameters:
        return
    near = nearest(name, spot.task.input_parameters)
    hint = f"did you mean {near!r}?" if near else "a value-param expression is the bare name of an input parameter"
    message = f"{spot.name!r} always takes the case 'null' or the default: it has no input {name!r}"
    report.add(spot, "R1", message, at="expression", severity="warning", hint=hint)


def _check_reads(
    report: ProblemCollector, spot: TaskPosition, at: str, reads: ScriptReads, known: Collection[str]
) -> None:
    for name in reads.names:
        if name not in known:
            near = nearest(name, sorted(known))
            hint = f"did you mean {near!r}?" if near else "give it as an input parameter of this task"
            message = f"the script of {spot.name!r} reads $.{name}, which is always undefined"
            report.add(spot, "R1", message, at=at, severity="warning", hint=hint)
    for name, key in reads.keys:
        value = spot.task.input_parameters.get(name, "")
        if isinstance(value, int | float | None):
            message = f"the script of {spot.name!r} reads {key!r} of $.{name}, which is {json.dumps(value)}"
            report.add(spot, "R1", message, at=at, severity="warning", hint="a value as it stands has no such key")
