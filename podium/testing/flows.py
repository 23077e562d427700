"""
What must follow what, by the definition alone: branches their fork, the right case its SWITCH, nothing a pause.

As `podium.testing.values`, it judges only what it knows.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.accounts import CommittedChange, KnownAttempt, KnownPlace, KnownRun, require
from podium.testing.values import UNKNOWN, resolved

#: The type that attempts of both kinds of fork show.
_FORK = "FORK"


def check_flow(change: CommittedChange, runs: Mapping[str, KnownRun]) -> None:
    """
    Check what a commit has let follow in a run.

    Raises:
        Violation: Something that must follow is missing, or something followed that must not.
    """
    run = change.run
    if not change.is_revived:
        _check_pause(change)
    for birth in change.births:
        attempt, place = birth.attempt, change.layout.places.get(birth.attempt.row.base_ref)
        if place is not None:
            _check_case(attempt, place, change)
            _check_switch(attempt, place, change)
        if attempt.row.task_type == _FORK and run.row.status == RunStatus.RUNNING:
            _check_branches(attempt, place, change)
    for attempt in (*change.ended, *(move.new for move in change.moves)):
        _check_other_run(attempt, runs)
    if run.is_ended:
        _check_termination(change)


def _check_pause(change: CommittedChange) -> None:
    """Nothing follows in a pause; after it the run's clock begins anew."""
    run, before = change.run, change.before
    if before is None or before.status != RunStatus.PAUSED or run.is_ended:
        return
    again = run.moment("again")
    if run.row.status == RunStatus.RUNNING:
        require(again == run.row.updated_at, f"{run} was resumed, and its clock began at {again}")
    elif again == orjson.loads(before.data).get("again", 0):  # else it was resumed, and paused again in this commit
        require(not change.births, f"{run} is paused, and made {[str(birth.attempt) for birth in change.births]}")


def _check_case(attempt: KnownAttempt, place: KnownPlace, change: CommittedChange) -> None:
    """What begins a case was chosen."""
    owner = place.owner
    if owner is None or place.kind not in {"case", "default"} or place.before is not None or change.is_revived:
        return
    suffix = attempt.row.ref[len(attempt.row.base_ref) :]
    switch = change.run.newest.get(owner.ref + suffix)
    if switch is None or switch.row.task_type != TaskType.SWITCH:
        return
    chosen = switch.output.get("selectedCase")
    label = chosen if chosen in owner.task.decision_cases else None
    require(place.label == label, f"{attempt} began, and {switch} chose {chosen}")


def _check_switch(attempt: KnownAttempt, place: KnownPlace, change: CommittedChange) -> None:
    """A SWITCH chooses what its expression says."""
    task = place.task
    if task.type != TaskType.SWITCH or attempt.row.status != TaskStatus.COMPLETED or change.is_revived:
        return
    value = resolved(task.input_parameters.get("on"), change.run, attempt)
    if value is UNKNOWN:
        return
    by_script = "A" if value == "A" else "B"
    by_name = "null" if value is None else value
    expected = by_name if task.evaluator_type == "value-param" else by_script
    chosen = attempt.output.get("selectedCase")
    require(chosen == expected, f"{attempt} chose {chosen}, and not {expected}")


def _check_branches(fork: KnownAttempt, place: KnownPlace | None, change: CommittedChange) -> None:
    """The first place of each branch is there with its fork."""
    suffix = fork.row.ref[len(fork.row.base_ref) :]
    if place is not None and place.task.type == TaskType.FORK_JOIN:
        heads = [f"{branch[0].task_reference_name}{suffix}" for branch in place.task.fork_tasks if branch]
    else:
        heads = [f"{ref.removesuffix(suffix)}{suffix}" for ref in fork.input.get("forkedTasks", [])]
        count = _branch_count(place, change.run, fork)
        require(count in {None, len(heads)}, f"{fork} has {len(heads)} branches, and not {count}")
    for head in heads:
        require(head in change.run.newest, f"{fork} has no branch {head}")


def _branch_count(place: KnownPlace | None, run: KnownRun, fork: KnownAttempt) -> int | None:
    """Return how many branches a dynamic fork must have; None if that is not known."""
    given = place.task.input_parameters if place is not None else {}
    items = resolved(given.get("tasks", given.get("forkTaskInputs")), run, fork)
    return len(items) if isinstance(items, list) else None


def _check_other_run(attempt: KnownAttempt, runs: Mapping[str, KnownRun]) -> None:
    """The run that an attempt started has got its input, and does not outlive the attempt."""
    if attempt.row.task_type == TaskType.START_WORKFLOW and attempt.row.status == TaskStatus.COMPLETED:
        started = attempt.output.get("workflowId")
        require(attempt.is_meddled or started in runs, f"{attempt} has started nothing")
    if attempt.sub_id is None:
        return
    child = runs.get(attempt.sub_id)
    require(child is not None, f"{attempt} has no child")
    if child is None:
        return
    given = orjson.loads(child.row.input)
    told = attempt.input.get("workflowInput") or {}
    require(given.items() >= told.items(), f"{attempt} told its child {told}, which has {given}")
    is_over = attempt.is_live or child.is_ended or child.was_reopened
    require(is_over, f"{attempt} has ended, and its child has not: {child}")


def _check_termination(change: CommittedChange) -> None:
    """A run that a TERMINATE task ended has the status and the output that it says."""
    run = change.run
    ends = [
        one
        for one in change.ended
        if one.row.task_type == TaskType.TERMINATE and one.row.status == TaskStatus.COMPLETED and not one.is_meddled
    ]
    by_it = (run.row.reason or "").startswith("Workflow is")  # else something that ended in the same round has ended it
    if len(ends) != 1 or change.is_revived or run.was_reopened or not by_it:
        return
    (end,) = ends
    status, output = end.input["terminationStatus"], orjson.loads(run.row.output)
    # A permissive failure fails the run in its end, whatever a TERMINATE says; the interpreter knows of which.
    is_permissive = run.row.status == RunStatus.FAILED and any(
        place.task.permissive for place in change.layout.places.values()
    )
    is_overwritten = run.row.status == RunStatus.TERMINATED  # by an operator, in the same commit
    require(run.row.status == status or is_permissive or is_overwritten, f"{run} was ended by {end} as {status}")
    require(output.items() >= end.input["workflowOutput"].items(), f"{run} gave {output}, and {end} said otherwise")
