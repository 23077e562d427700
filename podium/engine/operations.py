"""
What an operator can ask of a run: pause, resume, terminate, retry, restart.

Conductor: ``WorkflowExecutorOps.java``; the rules and their refusals are those of its API.
"""

from __future__ import annotations

from podium.engine import admission, ending, failures, timeouts
from podium.engine.deadlines import arm_run
from podium.engine.decision import Decision
from podium.engine.events import ChildRevived, Pause, Restart, Resume, Retry, Terminate
from podium.engine.records import TaskRecord
from podium.model.compensation import without_notes
from podium.model.errors import IllegalTransition
from podium.model.statuses import RunStatus, TaskStatus


def pause(decision: Decision, event: Pause) -> None:
    """Schedule nothing new; what is in workers' hands may end. Pausing twice is fine."""
    run = decision.run
    if run.status.is_terminal:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; only a RUNNING run can be paused")
    if run.status is RunStatus.RUNNING:
        run.status = RunStatus.PAUSED
        decision.state.touched = True


def resume(decision: Decision, event: Resume) -> None:
    """Go on after a pause: act on what ended or became due meanwhile. The workflow's clock starts again."""
    run = decision.run
    if run.status is not RunStatus.PAUSED:
        raise IllegalTransition(f"run {event.run_id} is {run.status}; only a PAUSED run can be resumed")
    run.status = RunStatus.RUNNING
    _restart_clock(decision)
    for record in list(decision.state.pending.values()):
        if record.status.is_terminal:
            decision.agenda.ended(record)
            continue
        decision.arm(record)
        if record.due_at is not None:
            decision.state.touch(record)  # its timer is armed again
            if record.due_at <= decision.context.now:
                timeouts.wake(decision, record)


def terminate(decision: Decision, event: Terminate) -> None:
    """End a run as TERMINATED; one that failed or timed out is overwritten, one that was terminated stays as it is."""
    run = decision.run
    if run.status is RunStatus.TERMINATED or (event.by_parent and run.status.is_terminal):
        return
    if run.status is RunStatus.COMPLETED:
        raise IllegalTransition("Cannot terminate a COMPLETED workflow.")
    _refuse_ending(decision)
    decision.state.touched = True
    ending.end_run(
        decision,
        RunStatus.TERMINATED,
        event.reason,
        by_request=True,
        by_parent=event.by_parent,
    )


def retry(decision: Decision, event: Retry) -> None:
    """
    Go on from the failed and cancelled attempts.

    Joins and loops go on in place; everything else gets a new attempt, whatever its retry limit.
    """
    run = decision.run
    if run.status is RunStatus.COMPLETED:
        raise IllegalTransition(f"run {event.run_id} is COMPLETED, so there is nothing to retry; restart begins anew")
    if not run.status.is_terminal:
        raise IllegalTransition(f"Workflow is still running.  status={run.status} (run {event.run_id})")
    _refuse_ending(decision)
    if decision.state.last is None:
        raise IllegalTransition("Workflow has not started yet")
    reopened = [r for r in decision.state.newest.values() if r.status.is_terminal and not r.status.is_successful]
    if not reopened and run.status is not RunStatus.TIMED_OUT:
        raise IllegalTransition(
            "There are no retryable tasks! Use restart if you want to attempt entire workflow execution again.",
        )
    _reopen(decision, reopened)
    _revive_parent(decision)


def child_revived(decision: Decision, event: ChildRevived) -> None:
    """The ended child of an attempt goes on: so does this run, unless it did not end because of it."""
    record = next((r for r in decision.state.newest.values() if r.seq == event.seq), None)
    if record is None or record.retried or record.node.task.optional or record.sub_workflow_id != event.child_id:
        return
    if decision.run.ending is not None:
        return  # too late: what lives here is being cancelled
    if not decision.state.is_present(record):
        return  # its iteration is over: the loop has gone on without it
    bad = [r for r in decision.state.newest.values() if r.status.is_terminal and not r.status.is_successful]
    record.status = TaskStatus.IN_PROGRESS
    record.ended_at = 0
    record.executed = False  # a permissive one may have been acted on
    record.reason = None
    decision.run.permissive.pop(record.ref, None)
    decision.state.touch(record)
    if decision.run.status.is_terminal:
        _reopen(decision, [r for r in bad if r is not record])
        _revive_parent(decision)
    elif record.seq not in decision.state.pending:
        decision.state.index(record)
        decision.state.await_again(record)


def restart(decision: Decision, event: Restart) -> None:
    """
    Begin an ended run anew under its id, with its input and its variables.

    Without the notes of what is to be undone: none of it is done any more, and it would be undone again.
    """
    run, state = decision.run, decision.state
    if not run.status.is_terminal:
        raise IllegalTransition(f"Workflow: {event.run_id} is not in terminal state, unable to restart.")
    _refuse_ending(decision)
    if run.status is RunStatus.COMPLETED and not state.plan.definition.restartable:
        raise IllegalTransition(f"Workflow: {event.run_id} is non-restartable")
    if event.plan is not None:
        state.plan = event.plan
        run.version, run.digest = event.plan.definition.version, event.plan.digest
    state.empty()
    run.variables, run.variables_bytes = without_notes(run.variables), None
    _reset(decision)
    run.created_at = decision.context.now
    run.last_retried_at = 0
    arm_run(run, state.plan)
    admission.begin_run(decision)
    _revive_parent(decision)


def _refuse_ending(decision: Decision) -> None:
    run = decision.run
    if run.ending is not None:
        raise IllegalTransition(f"run {run.run_id} is {run.status}, and its tasks are being ended; ask again soon")


def _reopen(decision: Decision, reopened: list[TaskRecord]) -> None:
    state = decision.state
    _reset(decision)
    _restart_clock(decision)
    admission.go_on_anyway(decision)
    state.close_all()
    fresh = sorted(reopened, key=lambda record: record.seq)
    for record in state.newest.values():
        # An attempt that lives again, or whose good end came with the run's end and was never acted on.
        if record.is_pending and record not in fresh:
            state.index(record)
            if record.status.is_terminal:
                decision.agenda.ended(record)
    for record in fresh:
        _reopen_one(decision, record)


def _reopen_one(decision: Decision, record: TaskRecord) -> None:
    traits = record.node.traits
    if traits.is_passive:
        record.retry_count += 0 if record.status is TaskStatus.CANCELED else 1
        record.status = TaskStatus.IN_PROGRESS
        record.ended_at = 0
        record.executed = False
        record.reason = None
        decision.state.index(record)
        decision.state.touch(record)
        decision.agenda.turn(record, "resume")
        return
    record.executed = True
    if traits.is_choice:
        record.retried = True
        decision.state.by_ref.pop(record.ref, None)
        decision.state.touch(record)
        decision.enter(record.node, record.iterations)
    else:
        failures.again(decision, record)


def _reset(decision: Decision) -> None:
    run = decision.run
    run.status = RunStatus.RUNNING
    run.reason = None
    run.ended_at = 0
    run.failed_task_id = None
    run.failed_refs = {}
    run.failed_names = {}
    run.permissive = {}
    run.output = {}
    run.output_bytes = None
    run.holder = decision.context.holder
    decision.state.touched = True


def _restart_clock(decision: Decision) -> None:
    decision.run.last_retried_at = decision.context.now
    arm_run(decision.run, decision.state.plan)
    decision.state.touched = True


def _revive_parent(decision: Decision) -> None:
    run = decision.run
    if run.parent_id:
        decision.tell(ChildRevived(run.parent_id, run.parent_seq, run.run_id))
