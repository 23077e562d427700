"""
References: R1, D1, D2, D3, D4.

R1 a name that nothing has; D1 a value that only exists if one case of a switch ran; D2 a value of a branch that may
still be running; D3 a value of a loop's body that means the last iteration; D4 a value of a step that runs later.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import frozen

from podium.checks.layout import Relation, TaskPosition, parting, passing_around
from podium.checks.paths import path_of
from podium.checks.report import ProblemCollector, Severity
from podium.checks.typos import is_slip
from podium.checks.uses import values_of_task
from podium.checks.waits import WaitGraph
from podium.dsl.names import nearest
from podium.model.expressions import FoundReference, references
from podium.model.statuses import TaskType
from podium.model.task_types import SWITCHES

#: Conductor: ``ParametersUtils.java``.
_WORKFLOW_KEYS = (
    "input",
    "output",
    "variables",
    "status",
    "workflowId",
    "parentWorkflowId",
    "parentWorkflowTaskId",
    "workflowType",
    "version",
    "correlationId",
    "reasonForIncompletion",
    "schemaVersion",
    "secrets",
    "env",
)
_TASK_KEYS = (
    "input",
    "output",
    "taskType",
    "status",
    "referenceTaskName",
    "retryCount",
    "correlationId",
    "pollCount",
    "taskDefName",
    "scheduledTime",
    "startTime",
    "endTime",
    "workflowInstanceId",
    "taskId",
    "reasonForIncompletion",
    "callbackAfterSeconds",
    "workerId",
    "iteration",
)
_SYSTEM_WORDS = frozenset({"CPEWF_TASK_ID", "NETFLIX_ENV", "NETFLIX_STACK"})


@frozen(eq=False)
class _Use:
    """One ``${…}``."""

    report: ProblemCollector
    waits: WaitGraph
    #: The task that reads it; None for the workflow's output.
    reader: TaskPosition | None
    #: Path below the task or the definition.
    at: str
    found: FoundReference

    @property
    def text(self) -> str:
        return f"${{{self.found.text}}}"

    def complain(self, code: str, message: str, *, severity: Severity = "error", hint: str | None = None) -> None:
        self.report.add(self.reader, code, message, at=self.at, severity=severity, hint=hint)


def check_references(report: ProblemCollector) -> None:
    """Look at every ``${…}`` of the definition."""
    by_name = report.layout.by_name
    waits = WaitGraph(report.layout)
    for spot in report.layout.spots:
        for at, found in _of_task(spot):
            use = _Use(report, waits, spot, at, found)
            if _starts_at_step(use):
                _check_order(use, spot, by_name[found.root or ""])
        _check_cache_key(report, waits, spot)
    for found in references(dict(report.layout.definition.output_parameters)):
        use = _Use(report, waits, None, f"outputParameters.{found.path}", found)
        if _starts_at_step(use):
            # Everything has ended by then, but a case may not have run.
            _check_cases_and_loops(use, by_name[found.root or ""].line)


def _check_cache_key(report: ProblemCollector, waits: WaitGraph, spot: TaskPosition) -> None:
    """A key may name the step's inputs, and values of the run; with a part that is missing nothing is kept."""
    config = spot.task.cache_config
    for found in references(config.key if config is not None else None):
        own = spot.task.task_definition
        inputs = {*spot.task.input_parameters, *(own.input_template if own is not None else ())}
        known = {*inputs, *report.layout.by_name, "workflow", None}
        if found.root not in known and found.text not in _SYSTEM_WORDS:
            near = nearest(str(found.root), sorted(inputs))
            use = _Use(report, waits, spot, "cacheConfig.key", found)
            hint = f"did you mean {near!r}?" if near else f"its inputs are {', '.join(sorted(inputs)) or 'none'}"
            message = f"{use.text} in the key of its cache is no input of the step: nothing is kept or found"
            use.complain("R1", message, severity="warning", hint=hint)


def _of_task(spot: TaskPosition) -> Iterator[tuple[str, FoundReference]]:
    """Yield the references of one task, and where they stand."""
    for at, value in values_of_task(spot.task):
        if spot.task.type == TaskType.JOIN and at == "inputParameters":
            continue  # Conductor drops a JOIN's own inputs
        for found in references(value):
            yield ".".join(part for part in (at, found.path) if part), found


def _starts_at_step(use: _Use) -> bool:
    """Check the first names of a path; True if it starts at a step of the workflow."""
    root = use.found.root
    if root is None or use.found.text in _SYSTEM_WORDS:
        return False
    path = path_of(use.found.text)
    segments = path.segments if path is not None else ()
    key = segments[0] if segments and isinstance(segments[0], str) else None
    if root == "workflow":
        _check_workflow_path(use, key, segments[1:])
        return False
    if root not in use.report.layout.by_name:
        _unknown_root(use, root, bare=not segments)
        return False
    if key is not None and key not in _TASK_KEYS:
        near = nearest(key, _TASK_KEYS)
        hint = f"did you mean {near!r}?" if near else f"a step's values are under .output: ${{{root}.output.{key}}}"
        use.complain("R1", f"{use.text} is always null: a step has no {key!r}", hint=hint)
    return True


def _check_workflow_path(use: _Use, key: str | None, rest: tuple[str | int, ...]) -> None:
    if key is not None and key not in _WORKFLOW_KEYS:
        near = nearest(key, _WORKFLOW_KEYS)
        hint = f"did you mean {near!r}?" if near else f"inputs are under .input: ${{workflow.input.{key}}}"
        use.complain("R1", f"{use.text} is always null: 'workflow' has no {key!r}", hint=hint)
    elif key == "input" and rest and isinstance(rest[0], str):
        _check_input(use, rest[0])


def _check_input(use: _Use, name: str) -> None:
    # The list of inputs is documentation to Conductor: only what looks like a slip of the pen is reported.
    definition = use.report.layout.definition
    known = {*definition.input_parameters, *definition.input_template}
    if name in known:
        return
    near = nearest(name, sorted(known))
    if near is not None and is_slip(name, near):
        message = f"{use.text}: the workflow has no input {name!r}"
        use.complain("R1", message, severity="warning", hint=f"did you mean {near!r}?")


def _unknown_root(use: _Use, root: str, *, bare: bool) -> None:
    layout = use.report.layout
    base = root.partition("__")[0]
    near = use.report.nearest_step(root)
    if base != root and base in layout.by_name:
        hint: str | None = (
            f"a loop's step is named without its iteration: ${{{base}.output…}} is the newest one, "
            "${<loop>.output['2']…} an earlier one"
        )
    else:
        hint = f"did you mean {near!r}?" if near else None
    if bare and root.isidentifier() and near is None:
        message = f"{use.text}: no step is named {root!r}; it is an environment variable of the server, or null"
        use.complain("R1", message, severity="warning", hint=f"write $${{{root}}} to mean this text")
        return
    # The instances of a dynamic fork have names that are not written down; only for the inputs of top-level tasks does
    # Conductor insist on written ones.
    nested = use.reader is None or len(use.reader.line) > 1
    severity: Severity = "warning" if layout.has_dynamic_fork and nested and near is None else "error"
    use.complain("R1", f"{use.text}: no step is named {root!r}", severity=severity, hint=hint)


def _check_order(use: _Use, reader: TaskPosition, source: TaskPosition) -> None:
    relation, depth = parting(source, reader)
    repeats = any(spot.task.type == TaskType.DO_WHILE for spot in reader.line[:depth])
    if relation in {Relation.AFTER, Relation.INSIDE}:
        own_loop = relation is Relation.INSIDE and reader.task.type == TaskType.DO_WHILE
        if not repeats and not own_loop:
            message = f"{use.text} is always null here: {source.name!r} runs later"
            use.complain("D4", message, hint=f"move this step behind {source.name!r}")
    elif relation is Relation.EXCLUDED and not repeats:
        switch = source.line[depth - 1].name
        message = f"{use.text} is always null here: {source.name!r} is in another case of {switch!r}"
        use.complain("D1", message, hint="a case sees its own steps, and those before the switch")
    elif relation is Relation.PARALLEL and not use.waits.have_covered(source, reader):
        _still_running(use, source, source.line[depth - 1])
    elif relation is Relation.BEFORE and _branches_are_joined(use, reader, source, depth):
        _check_cases_and_loops(use, source.line[depth:])


def _branches_are_joined(use: _Use, reader: TaskPosition, source: TaskPosition, depth: int) -> bool:
    for outer in source.line[depth:-1]:
        if outer.task.type == TaskType.FORK_JOIN and not (
            use.waits.have_covered(source, outer.end_of_level) or use.waits.have_covered(source, reader)
        ):
            _still_running(use, source, outer)
            return False
    return True


def _still_running(use: _Use, source: TaskPosition, fork: TaskPosition) -> None:
    following = fork.following
    join = following.task_reference_name if following is not None else "its join"
    message = f"{use.text} may not exist yet: {source.name!r} is in a branch of {fork.name!r} that may still be running"
    # A loop's own inputs are resolved again before each look at its condition: it may be waiting for that branch.
    polls = use.reader is not None and use.reader.task.type == TaskType.DO_WHILE
    severity: Severity = "warning" if polls else "error"
    use.complain(
        "D2",
        message,
        severity=severity,
        hint=f"read it behind {join!r}, and let {join!r} wait for that branch's last step",
    )


def _check_cases_and_loops(use: _Use, line: tuple[TaskPosition, ...]) -> None:
    if _check_cases(use, line):
        _check_loops(use, line)


def _check_cases(use: _Use, line: tuple[TaskPosition, ...]) -> bool:
    """Check whether the cases around a step, that its reader is not in, have surely run; True if so."""
    source = line[-1]
    for outer, inner in pairwise(line):
        block = inner.level.block
        other = passing_around(outer.task, block) if outer.task.type in SWITCHES and block is not None else None
        if other is None:
            continue
        if use.reader is None:
            severity: Severity = "warning"
            hint = f"that may be meant so; {outer.name}.merge(...) gives the value of whichever case ran"
        else:
            # Read from JSON, it may be meant so: a script that takes the one that is not null, for example.
            severity = "error" if use.report.is_authored else "warning"
            hint = f"give each case a value and use {outer.name}.merge(...), an EXCLUSIVE_JOIN of the cases' steps"
        message = f"{use.text} is null after {other} of {outer.name!r}: {source.name!r} runs in another case"
        use.complain("D1", message, severity=severity, hint=hint)
        return False
    return True


def _check_loops(use: _Use, line: tuple[TaskPosition, ...]) -> None:
    """Say what a value means that comes from the body of a loop which its reader is not in."""
    for outer in line[:-1]:
        if outer.task.type == TaskType.DO_WHILE:
            may_be_empty = outer.task.items is not None or isinstance(outer.task.input_parameters.get("_items"), str)
            end = ", and null if its list is empty" if may_be_empty else ""
            message = f"{use.text} is what the last iteration of {outer.name!r} gave{end}"
            hint = f"${{{outer.name}.output['1'].{line[-1].name}}} is what the first one gave"
            use.complain("D3", message, severity="warning" if may_be_empty else "note", hint=hint)
            return
