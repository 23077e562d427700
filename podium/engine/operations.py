"""
What an operator can ask of a run: pause, resume, terminate, retry, restart, skip a task, set variables, and more.

A rerun is in `podium.engine.reruns`. Each operation says what becomes of attempts, timers and other runs.

Conductor: ``WorkflowExecutorOps.java``; the rules and their refusals are those of its API.
"""

from __future__ import annotations

from podium.engine import ending, revival, timeouts
from podium.engine.deadlines import arm_run
from podium.engine.decision import Decision
from podium.engine.events import (
    ChildStays,
    Pause,
    ResetCallbacks,
    Restart,
    Resume,
    Retry,
    SetVariables,
    Skip,
    Terminate,
)
from podium.engine.moves import pass_over
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.model.errors import IllegalTransition, NotRestartable, StillRunning
from podium.model.statuses import RunStatus, TaskStatus


def pause(decision: Decision, event: Pause) -> None:
    """
    Schedule nothing new. Pausing twice is fine.

    Attempts in workers' hands, and those that are ready for them, go on and may end; what follows waits. Sub-workflows
    go on. Of the clocks only the workflow's own runs.
    """
    run = decision.run
    if run.status.is_terminal:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; only a RUNNING run can be paused")
    if run.status is RunStatus.RUNNING:
        run.status = RunStatus.PAUSED
        decision.state.touched = True


def resume(decision: Decision, event: Resume) -> None:
    """
    Go on after a pause: act on what ended or became due meanwhile.

    The workflow's clock starts again; those of attempts count the pause too.
    """
    run = decision.run
    if run.status is not RunStatus.PAUSED:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; only a PAUSED run can be resumed")
    run.status = RunStatus.RUNNING
    revival.restart_clock(decision)
    for record in list(decision.state.pending.values()):
        if record.status.is_terminal:
            decision.agenda.ended(record)
            continue
        decision.arm(record)
        if record.due_at is not None:
            decision.state.touch(record)  # its timer is armed again
            if record.due_at <= decision.context.now:
                timeouts.wake(decision, record)


def set_variables(decision: Decision, event: SetVariables) -> None:
    """
    Set variables of a live run, as a SET_VARIABLE task of its own would; what is not named stays.

    Conductor: Orkes's ``POST /workflow/{id}/variables`` and the action ``update_workflow_variables``.

    Raises:
        IllegalTransition: The run has ended.
        PayloadRefused: They would be too large.
    """
    run = decision.run
    if run.status.is_terminal:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; only variables of a live run can be set")
    variables = {**run.variables, **event.variables}
    if event.append_lists:
        for name, value in event.variables.items():
            known = run.variables.get(name)
            if isinstance(known, list):
                variables[name] = [*known, *(value if isinstance(value, list) else [value])]
    limits = decision.context.limits
    run.variables_bytes = limits.given(variables, "the variables of the run", limits.variables_bytes)
    run.variables = variables
    decision.state.touched = True


def terminate(decision: Decision, event: Terminate) -> None:
    """
    End a run as TERMINATED; one that failed or timed out is overwritten, one that was terminated stays as it is.

    Attempts that live are CANCELED, what workers say of them later changes nothing, and their sub-workflows are
    terminated. The parent is told. The failure workflow starts only if the event is loud.
    """
    run = decision.run
    if run.status is RunStatus.TERMINATED or (event.by_parent and run.status.is_terminal):
        return
    if run.status is RunStatus.COMPLETED:
        raise IllegalTransition("Cannot terminate a COMPLETED workflow.")
    revival.refuse_ending(decision)
    decision.state.touched = True
    ending.end_run(
        decision,
        RunStatus.TERMINATED,
        event.reason,
        by_request=not event.is_loud,
        by_parent=event.by_parent,
    )


def retry(decision: Decision, event: Retry) -> None:
    """
    Go on from the failed and cancelled attempts.

    Joins and loops go on in place; everything else gets a new attempt, whatever its retry limit and at once. A
    sub-workflow is started anew. The clocks of the workflow and of the attempts begin anew, and a parent that has ended
    goes on too.
    """
    try:
        reopened = _retryable(decision, event)
    except IllegalTransition:
        if not event.by_parent:
            raise
        decision.tell(ChildStays(str(decision.run.parent_id), decision.run.parent_seq, event.run_id))
        return
    revival.forget(decision, event.undone)
    revival.reopen(decision, reopened, with_children=event.by_parent)
    if not event.by_parent:  # which lives, or has ended again since it asked: then it ends this run next
        revival.revive_parent(decision, undone=event.undone)


def _retryable(decision: Decision, event: Retry) -> list[TaskRecord]:
    """Return the attempts that a retry goes on from, or raise why there is none."""
    run = decision.run
    if run.status is RunStatus.COMPLETED:
        raise IllegalTransition(f"run {event.run_id} is COMPLETED, so there is nothing to retry; restart begins anew")
    if not run.status.is_terminal:
        raise StillRunning(f"Workflow is still running.  status={run.status} (run {event.run_id})")
    revival.refuse_ending(decision)
    if all(record.status is TaskStatus.SKIPPED for record in decision.state.newest.values()):
        raise IllegalTransition("Workflow has not started yet")  # it waited for room, and something was passed over
    reopened = revival.failed(decision)
    if not reopened and run.status is not RunStatus.TIMED_OUT:
        raise IllegalTransition(
            "There are no retryable tasks! Use restart if you want to attempt entire workflow execution again.",
        )
    revival.refuse_told(decision, decision.state.newest.values())
    return reopened


def restart(decision: Decision, event: Restart) -> None:
    """
    Begin an ended run anew under its id, with its input and its variables.

    Without the notes of what is to be undone: none of it is done any more, and it would be undone again. All attempts
    are deleted, with their logs; sub-workflows that they started stay as they ended. A parent that has ended goes on.
    """
    run, state = decision.run, decision.state
    if not run.status.is_terminal:
        raise IllegalTransition(f"Workflow: {event.run_id} is not in terminal state, unable to restart.")
    revival.refuse_ending(decision)
    if run.status is RunStatus.COMPLETED and not state.plan.definition.restartable:
        raise NotRestartable(f"Workflow: {event.run_id} is non-restartable")
    if event.plan is not None:
        state.plan = event.plan
        run.version, run.digest = event.plan.definition.version, event.plan.digest
    revival.begin_anew(decision)
    run.created_at = decision.context.now
    run.last_retried_at = 0
    state.beside().is_moved = True
    arm_run(run, state.plan)
    revival.revive_parent(decision, undone=event.undone)


def skip(decision: Decision, event: Skip) -> None:
    """
    Pass over a task that a RUNNING run has not come to: it is SKIPPED, with the output that is given.

    What follows it follows when the run comes there. A task within a loop is named with its iteration (``ref__2``), and
    has no attempt before the run comes to it, unless a JOIN waits for it.
    """
    run, ref = decision.run, event.ref
    if run.status is not RunStatus.RUNNING:
        words = f"The workflow {event.run_id} is not running so the task referenced by {ref} cannot be skipped"
        raise IllegalTransition(words)
    node, iterations = _place(decision, ref)
    is_awaited = ref in decision.state.waiting
    is_told = ref in run.skips and not is_awaited
    if decision.attempt_of(ref) is not None or is_told or _is_past(decision, node, iterations):
        raise IllegalTransition(f"The task referenced {ref} has already been processed, cannot be skipped")
    decision.context.limits.given(event.input, f"the input of task {ref!r:.200}")
    decision.context.limits.given(event.output, f"the output of task {ref!r:.200}")
    if iterations and not is_awaited:
        run.skips[ref] = event.input, event.output
        decision.state.touched = True
    else:
        run.skips.pop(ref, None)
        pass_over(decision, node, iterations, inputs=event.input, output=event.output)


def _is_past(decision: Decision, node: Node, iterations: tuple[int, ...]) -> bool:
    """Return whether a loop around a place has left its iteration, or has ended."""
    loop = node.loop
    while loop is not None:
        number, iterations = iterations[-1], iterations[:-1]
        record = decision.attempt_of(loop.ref_in(iterations))
        if record is not None and (record.status.is_terminal or record.shown_iteration > number):
            return True
        loop = loop.loop
    return False


def _place(decision: Decision, ref: str) -> tuple[Node, tuple[int, ...]]:
    """Return the place of a full reference name, and its iterations."""
    plan = decision.state.plan
    name = ref
    parts: list[str] = []
    node = plan.nodes.get(name)
    while node is None and "__" in name:
        name, _, number = name.rpartition("__")
        parts.insert(0, number)
        node = plan.nodes.get(name)
    numbers = tuple(int(part) for part in parts if part.isdecimal())
    if node is None or len(numbers) != len(parts):
        words = f"The task referenced by {ref} does not exist in the WorkflowDefinition {decision.run.name}"
        raise IllegalTransition(words)
    if len(numbers) != node.depth:
        example = node.ref_in([1] * node.depth)
        raise IllegalTransition(f"The task {ref} is within a loop: name it with its iteration, such as {example}")
    return node, numbers


def reset_callbacks(decision: Decision, event: ResetCallbacks) -> None:
    """
    Hand out at once what rests: attempts that a worker put to rest, and those that wait for a delay or a retry's time.

    Attempts in workers' hands, and the tasks of the engine itself, are left alone.
    """
    run = decision.run
    if run.status.is_terminal:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; its tasks do not wait for anything")
    for record in list(decision.state.pending.values()):
        is_resting = record.status is TaskStatus.SCHEDULED and record.wake_at and record.callback_after_s > 0
        if is_resting and record.traits.returns_to_queue:
            record.callback_after_s = 0
            record.wake_at = 0
            decision.arm(record)
            decision.state.touch(record)
            decision.agenda.turn(record, "begin")
