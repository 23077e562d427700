"""What the operations have in common that let a run go on which has ended: `podium.engine.operations`, `reruns`."""

from __future__ import annotations

from collections.abc import Iterable

from podium.engine import admission, failures
from podium.engine.deadlines import arm_run
from podium.engine.decision import Decision
from podium.engine.ending import is_terminator
from podium.engine.events import ChildRevived, Edit, Retry, Undone
from podium.engine.records import TaskRecord
from podium.model.compensation import without_notes
from podium.model.errors import IllegalTransition
from podium.model.statuses import RunStatus, TaskStatus


def refuse_ending(decision: Decision) -> None:
    """
    Raise if the run has its last status, and what lived in it is not all ended.

    Raises:
        IllegalTransition: It has.
    """
    run = decision.run
    if run.ending is not None:
        raise IllegalTransition(f"run {run.run_id} is {run.status}, and its tasks are being ended; ask again soon")


def terminator_of(records: Iterable[TaskRecord]) -> TaskRecord | None:
    """Return the TERMINATE among some attempts by which their run has ended; None if none has ended it."""
    return next(filter(is_terminator, records), None)


def refuse_told(decision: Decision, stay: Iterable[TaskRecord]) -> None:
    """
    Raise if the run has ended by a TERMINATE that stays: what that has stopped is not done behind its back.

    Args:
        decision: The decision in work.
        stay: The attempts that stay as they are.

    Raises:
        IllegalTransition: It has.
    """
    told = terminator_of(stay)
    if told is not None:
        words = f"run {decision.run.run_id} was ended by TERMINATE {told.ref!r}, which would end it again"
        raise IllegalTransition(f"{words}: restart it, or rerun it from a task before that")


def failed(decision: Decision) -> list[TaskRecord]:
    """Return the newest attempt of each place that has ended badly."""
    return [r for r in decision.state.newest.values() if r.status.is_terminal and not r.status.is_successful]


def begin_anew(decision: Decision) -> None:
    """Begin a run that has ended from its start, without its attempts and the notes of what is to be undone."""
    run, state = decision.run, decision.state
    state.empty()
    run.variables, run.variables_bytes = without_notes(run.variables), None
    run.skips.clear()
    reset(decision)
    restart_clock(decision)
    admission.begin_run(decision)


def reopen(decision: Decision, reopened: list[TaskRecord], *, with_children: bool = False) -> None:
    """
    Let a run that has ended go on, and these attempts of it: in place, or by new ones.

    Args:
        decision: The decision in work.
        reopened: The attempts.
        with_children: Let the sub-workflows of those that had one go on too, rather than start others.
    """
    state = decision.state
    reset(decision)
    restart_clock(decision)
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
        if with_children and record.sub_workflow_id and record.node.traits.calls_workflow and not record.is_follower:
            go_on_in_place(decision, record)
            decision.tell(Retry(record.sub_workflow_id, by_parent=True))
        elif with_children and record.status is TaskStatus.CANCELED and not record.traits.is_passive:
            _replace(decision, record)
        else:
            _reopen_one(decision, record)


def _replace(decision: Decision, record: TaskRecord) -> None:
    """
    Let another attempt stand where one was cancelled because a sub-workflow beside it had failed.

    Conductor sets such an attempt back in place, under its id (``WorkflowExecutorOps.updateAndPushParents``). Here what
    its worker still says of it changes nothing, so the new one has an id of its own.
    """
    _reopen_one(decision, record)
    fresh = decision.agenda.laid_out.get(record.ref)
    if fresh is not None and fresh.retried_task_id == record.task_id:
        fresh.retried_task_id = None
        decision.state.delete(record)


def go_on_in_place(decision: Decision, record: TaskRecord) -> None:
    """
    Let an attempt that has ended be in progress again; whoever calls this sees to it that it comes on.

    It counts where its task is limited, but whoever asked for that need not wait for room.
    """
    if record.node.is_limited and record.node.traits.calls_workflow:
        decision.keeps_slot(record, is_begun=True)
    record.status = TaskStatus.IN_PROGRESS
    record.ended_at = 0
    record.executed = False  # a permissive one may have been acted on
    record.reason = None
    decision.run.permissive.pop(record.ref, None)
    decision.state.touch(record)
    if record.seq not in decision.state.pending:
        decision.state.index(record)
    decision.arm(record)


def _reopen_one(decision: Decision, record: TaskRecord) -> None:
    traits = record.node.traits
    if traits.is_passive:
        record.retry_count += 0 if record.status is TaskStatus.CANCELED else 1
        go_on_in_place(decision, record)
        decision.agenda.turn(record, "resume")
        return
    record.executed = True
    if traits.is_choice:
        record.retried = True
        decision.state.by_ref.pop(record.ref, None)
        decision.state.touch(record)
        decision.enter(record.node, record.iterations)
    else:
        failures.again(decision, record, is_anew=True)


def reset(decision: Decision) -> None:
    """Let a run be RUNNING here, as if it had not ended."""
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


def restart_clock(decision: Decision) -> None:
    """Begin to count the run's timeout anew."""
    decision.run.last_retried_at = decision.context.now
    decision.run.is_alerted = False
    arm_run(decision.run, decision.state.plan)
    decision.state.touched = True


def forget(decision: Decision, undone: Undone | None) -> None:
    """Drop the notes of what was undone in this run."""
    run = decision.run
    steps = (undone or {}).get(run.run_id)
    if steps:
        run.variables, run.variables_bytes = without_notes(run.variables, steps, decision.context.now), None


def revive_parent(
    decision: Decision, *, is_rerun: bool = False, edit: Edit | None = None, undone: Undone | None = None
) -> None:
    """Let the run that started this one, and has ended with it, go on too."""
    run = decision.run
    if run.parent_id:
        decision.tell(ChildRevived(run.parent_id, run.parent_seq, run.run_id, is_rerun, edit, undone))
