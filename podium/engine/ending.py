"""
How a run ends: completed, failed, timed out or terminated.

Conductor: ``WorkflowExecutorOps.completeWorkflow`` and ``terminateWorkflow``, ``DeciderService.updateWorkflowOutput``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from podium.engine import inbox
from podium.engine.contracts import misfit
from podium.engine.decision import Decision
from podium.engine.events import ChildEnded, Follow, Start, Terminate
from podium.engine.loops import keep_broken
from podium.engine.missing import Missing
from podium.engine.news import Compensated, RunEnded
from podium.engine.records import RunRecord, TaskRecord
from podium.engine.state import joined_refs
from podium.expressions.text import java_text
from podium.model.errors import DefinitionError, LimitExceeded, WorkflowNotFound
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.texts import storable
from podium.model.values import JsonValue

#: Statuses whose reference names a run lists; an optional task's last failure is none of them in the end.
NOTED = frozenset({TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR})


class Ending(StrEnum):
    """Who must know of a run's end."""

    #: The parent, and the failure workflow.
    LOUD = "loud"
    #: The parent.
    QUIET = "quiet"
    #: Nobody: the parent ended first.
    BY_PARENT = "parent"


#: Failure workflows that may fail one after the other. One that fails and names itself would never end, and each run's
#: input holds the run before it.
_FAILURES_MAX = 10
_TOO_MANY = f"{_FAILURES_MAX} failure workflows have failed one after the other"


def complete(decision: Decision) -> None:
    """End a run in which nothing is left to do."""
    state = decision.state
    if state.run.permissive:
        end_run(decision, RunStatus.FAILED, _permissive_reason(decision))
        return
    if state.last is None:
        state.run.reason = "No tasks found to be executed"
    try:
        result = output_of_run(decision)  # which sees the run RUNNING
    except LimitExceeded as error:
        end_run(decision, RunStatus.FAILED, f"the output of the run cannot be made: {error}", output={})
        return
    fault = _misfit(decision, result)
    if fault is not None:
        end_run(decision, RunStatus.FAILED, fault, output=result)
        return
    state.run.status = RunStatus.COMPLETED
    _set_output(decision, result)
    _finish(decision, tell_parent=True)


def _misfit(decision: Decision, output: Mapping[str, JsonValue]) -> str | None:
    """Say why an output is not what the workflow declares; None if it is."""
    definition, limits = decision.state.plan.definition, decision.context.limits
    if definition.output_schema is None or not definition.enforce_schema:
        return None
    return misfit(definition, "output", output, f"the output of workflow {definition.name!r}", limits)


def end_as_told(decision: Decision, terminators: Sequence[TaskRecord]) -> None:
    """
    End a run as TERMINATE tasks say; a permissive failure before them still fails the run.

    Of several that ended at once the first gives the output, the last the status and the reason, as in Conductor.
    """
    output, last = terminators[0].output, terminators[-1]
    if decision.run.permissive:
        end_run(decision, RunStatus.FAILED, _permissive_reason(decision), output=output)
        return
    status = RunStatus(str(last.input["terminationStatus"]))
    given = last.input.get("terminationReason")
    reason = "" if given is None else java_text(given)
    if not reason.strip():
        reason = f"Workflow is {status} by TERMINATE task: '{last.ref}'"
    fault = _misfit(decision, output) if status is RunStatus.COMPLETED else None
    if fault is not None:
        status, reason = RunStatus.FAILED, fault
    if status is not RunStatus.COMPLETED:
        end_run(decision, status, reason, failing=last, output=output)
        return
    decision.run.reason = _written(decision, reason, last, output)
    decision.run.status = status
    _set_output(decision, output)
    _begin_ending(decision, Ending.QUIET)


def note_failure(run: RunRecord, record: TaskRecord) -> None:
    """List an attempt that failed among the run's failed ones."""
    run.failed_refs[record.ref] = None
    run.failed_names[str(record.task_def_name)] = None  # a TaskType of ours is no key of JSON


def refuse(decision: Decision, reason: str) -> None:
    """End a run as FAILED, because its definition or its data cannot be acted on."""
    end_run(decision, RunStatus.FAILED, reason)


def give_up(decision: Decision, stuck: Sequence[TaskRecord]) -> None:
    """
    Fail a run in which only joins are left, and what they wait for can never happen.

    Conductor lets such a run wait for ever.
    """
    waits = []
    for join in stuck:
        missing = [ref for ref in joined_refs(join) if ref not in decision.state.by_ref]
        if join.node.task.expression:
            waits.append(f"the script of {join.task_type} '{join.ref}' does not say that it is done")
        elif missing:  # the others wait for joins that are named
            names, were = ", ".join(map(repr, missing)), "was" if len(missing) == 1 else "were"
            waits.append(f"{join.task_type} '{join.ref}' waits for {names}, which {were} never scheduled")
        elif not joined_refs(join):
            waits.append(f"{join.task_type} '{join.ref}' waits for no task: its joinOn is empty")
    reason = "; ".join(waits) or "its joins wait for each other"
    end_run(decision, RunStatus.FAILED, f"The workflow cannot go on: {reason}", failing=stuck[0])


def end_run(
    decision: Decision,
    status: RunStatus,
    reason: str | None,
    *,
    failing: TaskRecord | None = None,
    output: Mapping[str, JsonValue] | None = None,
    by_request: bool = False,
    by_parent: bool = False,
) -> None:
    """
    End a run badly: what lives is cancelled, in as many commits as it takes (`go_on`).

    Args:
        decision: The decision in work.
        status: FAILED, TIMED_OUT or TERMINATED.
        reason: Why.
        failing: The attempt that caused it.
        output: The run's output, when a TERMINATE task gave it.
        by_request: An operator asked for it; no failure workflow is started.
        by_parent: The parent ended first; it is not told.
    """
    run = decision.run
    before = run.status, run.reason, run.failed_task_id
    run.status = status  # expressions in outputParameters see it
    run.reason = None if reason is None else _written(decision, reason, failing, output)
    run.failed_task_id = failing.task_id if failing is not None else run.failed_task_id
    try:
        _break_loops(decision)
        result = output if output is not None else output_of_run(decision)
    except Missing:
        run.status, run.reason, run.failed_task_id = before  # it comes again
        raise
    except LimitExceeded as error:
        result = {}
        run.reason = f"{error}; {run.reason}" if run.reason else str(error)
    _set_output(decision, result)
    quiet = Ending.BY_PARENT if by_parent else Ending.QUIET
    _begin_ending(decision, quiet if by_request or by_parent else Ending.LOUD)


def _written(decision: Decision, reason: str, record: TaskRecord | None, output: JsonValue) -> str:
    """Return a reason as it is written down: without masked values, and no longer than it may be."""
    # Once for a run, so all that it holds is looked through: a reason may be put together from anything.
    attempts = decision.state.newest.values() if decision.masks else ()
    payloads = [payload for attempt in attempts for payload in (attempt.input, attempt.output)]
    return storable(decision.context.limits.cut(decision.without_masks(reason, record, output, *payloads)))


def _set_output(decision: Decision, output: Mapping[str, JsonValue]) -> None:
    run = decision.run
    run.output = dict(output)
    try:
        run.output_bytes = decision.context.limits.packed(run.output, "the output of the run")
    except LimitExceeded as error:
        run.output, run.output_bytes = {}, b"{}"
        run.reason = f"{error}; {run.reason}" if run.reason else str(error)
        run.status = RunStatus.FAILED if run.status is RunStatus.COMPLETED else run.status


def _begin_ending(decision: Decision, ending: Ending) -> None:
    run = decision.run
    _break_loops(decision)
    run.ending = ending
    decision.state.touched = True


def go_on(decision: Decision) -> None:
    """Go on with the end of a run: cancel what lives, as far as the turn lets it, and then tell who must know."""
    run = decision.run
    if not _cancel_pending(decision):
        return
    ending, run.ending = run.ending, None  # the failure workflow sees the run as one that has ended
    if ending == Ending.LOUD:
        try:
            _start_failure_workflow(decision, run.output)
        except Missing:
            run.ending = ending
            raise
        run.output_bytes = None  # it got a word about the failure workflow
    _finish(decision, tell_parent=ending != Ending.BY_PARENT)


def output_of_run(decision: Decision) -> Mapping[str, JsonValue]:
    """
    Return the output: ``outputParameters`` resolved, else that of the last attempt, also of a run that failed.

    A TERMINATE that has ended in the same round gives its own, even if something else ends the run.
    """
    plan = decision.state.plan
    told = [r for r in (*decision.state.pending.values(), *decision.agenda.terminators) if is_terminator(r)]
    if told:
        return min(told, key=lambda record: record.seq).output
    if plan.definition.output_parameters:
        return plan.outputs.resolve(decision.document, environment=decision.context.environment, task_id=None)
    last = decision.state.last
    return decision.output_of(last) if last is not None else {}


def is_terminator(record: TaskRecord) -> bool:
    """Return whether an attempt is a TERMINATE that ends its run."""
    return record.node.traits.ends_run and record.status is TaskStatus.COMPLETED


def failure_text(ref: str, status: str, reason: str | None) -> str:
    """Return why a run fails: the server's words, with the task's reference name where the server writes its id."""
    return f"Task '{ref}' failed with status: {status} and reason: '{java_text(reason)}'"


def _permissive_reason(decision: Decision) -> str:
    return ". ".join(failure_text(ref, status, reason) for ref, (_, status, reason) in decision.run.permissive.items())


def _break_loops(decision: Decision) -> None:
    for record in decision.state.pending.values():
        if record.node.traits.is_loop and not record.status.is_terminal:
            keep_broken(record, decision.state, decision.agenda.seen_below, decision.output_of)


def _cancel_pending(decision: Decision) -> bool:
    """Cancel what lives; False if the turn was over before its end."""
    state, run = decision.state, decision.run
    because = run.reason if run.status is not RunStatus.COMPLETED else None
    text = f"reason: {because}" if because else f"status {run.status}"
    for record in list(state.pending.values()):
        if not decision.turn.take():
            return False
        _cancel(decision, record, text)
        del state.pending[record.seq]
    state.close_all()
    return True


def _cancel(decision: Decision, record: TaskRecord, text: str) -> None:
    if record.status.is_terminal:
        if record.status in NOTED:
            note_failure(decision.run, record)
        return
    end_child(decision, record, f"Parent workflow has been terminated with {text}")
    record.status = TaskStatus.CANCELED
    record.ended_at = decision.context.now
    record.due_at = None
    record.open_queue = None
    record.wake_at = 0
    decision.state.touch(record)
    decision.turn.made += 1


def end_child(decision: Decision, record: TaskRecord, reason: str) -> None:
    """Terminate the run that an attempt has started, if it ends before that."""
    if record.sub_workflow_id and record.node.traits.calls_workflow and not record.is_follower:
        decision.tell(Terminate(record.sub_workflow_id, reason, by_parent=True))


def _finish(decision: Decision, *, tell_parent: bool) -> None:
    run = decision.run
    run.ended_at = run.updated_at = decision.context.now
    run.due_at = None
    run.holder = None
    inbox.close(decision)
    took_ms = run.ended_at - run.created_at
    told = RunEnded(run.run_id, run.name, run.status.value, run.reason, took_ms, run.version, run.ended_at, run.trace)
    decision.news.append(told)
    waiting = [(run.parent_id, run.parent_seq)] if run.parent_id and tell_parent else []
    if waiting or run.followers:
        _tell_end(decision, [*waiting, *run.followers])
        run.followers = []


def _tell_end(decision: Decision, waiting: Iterable[tuple[str, int]]) -> None:
    run = decision.run
    label, masks = f"{run.name}.{run.version}/{run.run_id}", decision.masks
    for run_id, seq in waiting:
        decision.tell(ChildEnded(run_id, seq, run.run_id, label, run.status, run.output, run.reason, masks))


def follow(decision: Decision, event: Follow) -> None:
    """Another run's attempt waits for the end: tell it then, or now if the run has ended."""
    run = decision.run
    if run.status.is_terminal and run.ending is None:
        _tell_end(decision, [(event.follower_id, event.follower_seq)])
    else:
        run.followers = [*run.followers, (event.follower_id, event.follower_seq)]
        decision.state.touched = True


def _start_failure_workflow(decision: Decision, output: dict[str, JsonValue]) -> None:
    definition = decision.state.plan.definition
    name = _failure_name(definition.failure_workflow, decision.run.input)
    if not name:
        return
    run = decision.run
    if _failures_before(run.input) >= _FAILURES_MAX:
        output["conductor.failure_workflow"] = f"Error workflow {name} failed to start.  reason: {_TOO_MANY}"
        return
    try:
        plan = decision.context.library.find(name, definition.failure_workflow_version)
    except (WorkflowNotFound, DefinitionError) as error:
        output["conductor.failure_workflow"] = f"Error workflow {name} failed to start.  reason: {error}"
        return
    failed = decision.context.snapshot(decision.state)
    run_id = decision.context.ids.run_id()
    run.failure_run_id = run_id
    decision.news.append(Compensated(run.run_id, run_id))
    inputs = {
        **run.input,
        "workflowId": run.run_id,
        "reason": run.reason,
        "failureStatus": run.status.value,
        "failedWorkflow": failed,
    }
    if run.failed_task_id is not None:
        inputs["failureTaskId"] = run.failed_task_id
    decision.tell(
        Start(
            run_id,
            plan,
            inputs,
            correlation_id=run.correlation_id,
            task_to_domain=run.task_to_domain,
            masks=decision.masks,
            trace=run.trace,
        ),
    )
    output["conductor.failure_workflow"] = run_id


def _failures_before(run_input: JsonValue) -> int:
    """Count the failed runs that led to a run, by its input."""
    count = 0
    while isinstance(run_input, Mapping) and isinstance(failed := run_input.get("failedWorkflow"), Mapping):
        run_input = failed.get("input")
        count += 1
    return count


def _failure_name(name: str | None, run_input: Mapping[str, JsonValue]) -> str | None:
    # Conductor reads "$workflow.input.<key>" by its third part; with braces it looks up "key}" and starts nothing,
    # so both spellings are taken here.
    if not name or not name.startswith("$"):
        return name
    parts = name.strip("${}").split(".")
    value = run_input.get(parts[2]) if len(parts) > 2 else None
    return value if isinstance(value, str) else None
