"""
What must come of tasks, by the definition alone: the beginning of a second interpreter, and a simple one.

It knows what the workers of a simulation say (`podium.testing.definitions.worker_output`) and reads the few templates
that generated definitions are written with. What it does not know it does not judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from podium.engine.rows import RunRow
from podium.model.definitions import WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.accounts import RUN_ENDED, CommittedChange, KnownAttempt, KnownPlace, KnownRun, NewAttempt, require
from podium.testing.definitions import QUEUES, worker_output

_REFERENCE = re.compile(r"\$\{(\w+)\.output(?:\.(\w+))?\}")
_INPUT = re.compile(r"\$\{workflow\.input\.(\w+)\}")
_TURNS = re.compile(r"\$\.\w+\['iteration'\] < (\d+)")

#: Types that are never retried by themselves.
_NEVER_RETRIED = frozenset(
    {"DECISION", "SWITCH", "FORK_JOIN", "FORK_JOIN_DYNAMIC", "JOIN", "EXCLUSIVE_JOIN", "DO_WHILE"}
)

#: A value that this interpreter does not know.
UNKNOWN = object()


def check_values(change: CommittedChange, runs: Mapping[str, KnownRun], revived: set[str]) -> None:
    """
    Check what the attempts of a run were given and gave, in one commit.

    Args:
        change: What the commit did to the run.
        runs: All runs, by id.
        revived: Those that an operator made live again in this commit.

    Raises:
        Violation: A value is wrong, or an attempt too many or too few was made.
    """
    for birth in change.births:
        _check_count(birth, change)
        _check_input(birth, change)
    for attempt in change.ended:
        if not attempt.is_meddled:
            _check_output(attempt, change, runs, revived)
    for attempt in (*change.ended, *(move.new for move in change.moves)):
        _check_retry(attempt, change)
    _check_turns(change)
    _check_variables(change)
    _check_run_output(change)


# -- attempts --------------------------------------------------------------------------------------------------------


def _allowed(task: WorkflowTask) -> int:
    """Return how often a task may be tried again."""
    if task.retry_count is not None:
        return task.retry_count
    return task.task_definition.retry_count if task.task_definition is not None else 0


def _place(attempt: KnownAttempt, change: CommittedChange) -> KnownPlace | None:
    return change.layout.places.get(attempt.row.base_ref)


def _check_count(birth: NewAttempt, change: CommittedChange) -> None:
    """Only an operator gets more attempts than the definition allows."""
    attempt, earlier = birth
    place = _place(attempt, change)
    if place is None or earlier is None or change.is_revived or change.run.was_reopened:
        return
    if place.task.type not in _NEVER_RETRIED:
        allowed = _allowed(place.task)
        require(earlier.number < allowed, f"{attempt} is one try too many: {allowed} retries are allowed")


def _check_retry(attempt: KnownAttempt, change: CommittedChange) -> None:
    """A bad end with a try left is followed by another try, unless the run has ended."""
    place = _place(attempt, change)
    is_bad = attempt.row.status in {TaskStatus.FAILED, TaskStatus.TIMED_OUT}
    if place is None or not is_bad or change.is_revived or place.task.type in _NEVER_RETRIED:
        return
    status = change.run.row.status
    definition = place.task.task_definition
    is_out_of_time = definition is not None and definition.total_timeout_seconds > 0
    is_its_end = status == RunStatus.FAILED and change.run.fails_by(attempt) and not is_out_of_time
    # What has ended and was not acted on is still to be done.
    is_acted_on = status == RunStatus.RUNNING and attempt.is_executed
    if attempt.number < _allowed(place.task) and (is_acted_on or is_its_end):
        require(attempt.is_retried, f"{attempt} had a try left and was not tried again")


# -- inputs ----------------------------------------------------------------------------------------------------------


def _check_input(birth: NewAttempt, change: CommittedChange) -> None:
    """A worker is given what its template says."""
    attempt = birth.attempt
    place = _place(attempt, change)
    if place is None or birth.earlier is not None or place.task.type != TaskType.SIMPLE or change.is_revived:
        return
    for key, template in place.task.input_parameters.items():
        expected = resolved(template, change.run, attempt)
        if expected is not UNKNOWN:
            given = attempt.input.get(key)
            require(given == expected, f"{attempt} was given {given!r} as {key!r}, not {expected!r}")


def resolved(template: Any, run: KnownRun, attempt: KnownAttempt) -> Any:
    """Return what a template stands for in the input of an attempt; `UNKNOWN` if that is not known."""
    if not isinstance(template, str):
        return UNKNOWN if "${" in str(template) else template
    of_input = _INPUT.fullmatch(template)
    if of_input is not None:
        return orjson.loads(run.row.input).get(of_input[1])
    found = _REFERENCE.search(template)
    if found is None:
        return UNKNOWN if "${" in template else template
    source = run.newest_of(found[1], attempt.row.seq)
    if source is None or source.row.status != TaskStatus.COMPLETED:
        return UNKNOWN
    value = source.output if found[2] is None else source.output.get(found[2])
    if found[0] == template:
        return value
    text = template.replace(found[0], str(value))
    return UNKNOWN if "${" in text else text


# -- outputs ---------------------------------------------------------------------------------------------------------


def _check_output(
    attempt: KnownAttempt, change: CommittedChange, runs: Mapping[str, KnownRun], revived: set[str]
) -> None:
    """What an attempt gave is what its worker said, or what its type makes of others."""
    row = attempt.row
    if row.status != TaskStatus.COMPLETED:
        return
    place = _place(attempt, change)
    if row.task_type in QUEUES:
        expected = worker_output(row.ref)
        is_its = attempt.output == expected or (place is not None and place.task.cache_config is not None)
        require(is_its, f"{attempt} gave {attempt.output}, and its worker said {expected}")
    elif row.task_type in {TaskType.INLINE, TaskType.JSON_JQ_TRANSFORM}:
        _require_same(attempt, attempt.output.get("result"))
    elif change.is_revived:
        return
    elif row.task_type == TaskType.JOIN and place is not None and not place.task.expression:
        _check_join(attempt, change.run)
    elif row.task_type == TaskType.EXCLUSIVE_JOIN:
        suffix = row.ref[len(row.base_ref) :]
        refs = (*attempt.input["joinOn"], *attempt.input["defaultExclusiveJoinTask"])
        tails = [change.run.newest.get(f"{ref.removesuffix(suffix)}{suffix}") for ref in refs]
        outputs = [tail.output for tail in tails if tail is not None]
        require(attempt.output in outputs, f"{attempt} gave {attempt.output}, which no case gave")
    elif row.task_type == TaskType.SUB_WORKFLOW and attempt.sub_id is not None and attempt.sub_id not in revived:
        given = orjson.loads(runs[attempt.sub_id].row.output)
        expected = {**given, "subWorkflowId": attempt.sub_id}
        require(attempt.output == expected, f"{attempt} gave {attempt.output}, and its child {given}")


def _require_same(attempt: KnownAttempt, result: Any) -> None:
    """Most scripts of generated definitions give their input back."""
    if not any("same" in str(attempt.input.get(key)) for key in ("expression", "queryExpression")):
        return
    expected = {"same": attempt.input.get("v")}
    require(result == expected, f"{attempt} gave {result}, not {expected}")


def _check_join(join: KnownAttempt, run: KnownRun) -> None:
    """A JOIN has the output of each branch."""
    given = join.output
    suffix = join.row.ref[len(join.row.base_ref) :]
    for name in join.input.get("joinOn", ()):
        ref = f"{name.removesuffix(suffix)}{suffix}"
        awaited = run.newest.get(ref)
        if awaited is None or awaited.row.task_type == TaskType.DO_WHILE or awaited.row.seq > join.row.seq:
            continue  # a loop's output is put together from its iterations; a later attempt is an operator's
        expected = awaited.output
        require(given.get(ref, {}) == expected, f"{join} gave {given.get(ref)} for {ref}, not {expected}")


def _check_turns(change: CommittedChange) -> None:
    """A loop takes as many turns as its condition, or its list, says."""
    for attempt in change.run.attempts.values():
        if attempt.row.task_type != TaskType.DO_WHILE or attempt.is_meddled:
            continue
        place = _place(attempt, change)
        most = _turns(place.task, change.run, attempt) if place is not None else None
        if most is None:
            continue
        turns = attempt.output.get("iteration", 0)
        require(turns <= most, f"{attempt} is in turn {turns} of {most}")
        if attempt.row.status == TaskStatus.COMPLETED:
            require(turns == most, f"{attempt} ended after {turns} of {most} turns")


def _turns(task: WorkflowTask, run: KnownRun, loop: KnownAttempt) -> int | None:
    """Return the number of turns of a loop; None if it is not known."""
    found = _TURNS.fullmatch(task.loop_condition or "")
    if found is not None:
        return int(found[1])
    if task.loop_condition not in {None, "true"}:
        return None
    items: Any = task.items if task.items is not None else task.input_parameters.get("_items")
    items = resolved(items, run, loop)
    return len(items) if isinstance(items, list) else None


# -- runs ------------------------------------------------------------------------------------------------------------


def _check_variables(change: CommittedChange) -> None:
    """Variables are what a SET_VARIABLE of this commit says, if there is one, and else what they were."""
    run, before = change.run, change.before
    now = orjson.loads(run.row.variables)
    said = [
        one.input
        for one in change.ended
        if one.row.task_type == TaskType.SET_VARIABLE and one.row.status == TaskStatus.COMPLETED and not one.is_meddled
    ]
    if not said:
        was = orjson.loads(before.variables) if before is not None else dict(change.layout.definition.variables)
        require(change.is_revived or now == was, f"the variables of {run} became {now} by themselves")
        return
    require(any(now.items() >= one.items() for one in said), f"{run} has the variables {now}, and was told {said}")


def _check_run_output(change: CommittedChange) -> None:
    """A run that ends well gives what its definition says."""
    run, definition = change.run, change.layout.definition
    ended_early = any(one.row.task_type == TaskType.TERMINATE for one in run.attempts.values())
    if run.row.status == RunStatus.COMPLETED and definition.output_parameters and not ended_early:
        expected = {"last": orjson.loads(run.row.variables).get("v"), "none": None}
        given = orjson.loads(run.row.output)
        require(given.items() >= expected.items(), f"{run} gave {given}, not {expected}")


def check_failure_runs(
    started: Sequence[RunRow], runs: Mapping[str, KnownRun], failed: Sequence[tuple[KnownRun, str]]
) -> None:
    """
    Check that a run that failed has started its failure workflow, and that nobody has started one twice.

    Args:
        started: The runs that a commit has started.
        runs: All runs, by id.
        failed: The runs that failed in it by themselves, with the name of the failure workflow of each.

    Raises:
        Violation: A failure workflow was started too often, or not at all.
    """
    counts: Counter[str] = Counter()
    for row in started:
        given = orjson.loads(row.input)
        if "failedWorkflow" in given:
            counts[given["workflowId"]] += 1
    for run_id, count in counts.items():
        run = runs[run_id]
        endings = sum(status in RUN_ENDED for status in run.history)
        run.failure_runs += count
        many = run.failure_runs > endings and not run.was_reopened
        require(not many, f"{run} has started {run.failure_runs} failure workflows and ended {endings} times")
    for run, name in failed:
        is_started = counts[run.row.run_id] or b"conductor.failure_workflow" in run.row.output
        require(is_started, f"{run} failed, and {name} was not started")
