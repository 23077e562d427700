"""
What is said of an attempt from outside: who takes it, how it stands, how it ended.

It comes late, twice or from somebody who has given the attempt back, so each handler asks first whether the attempt can
still change. Conductor: ``WorkflowExecutorOps.updateTask``.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine import ending, process_deaths
from podium.engine.decision import Decision
from podium.engine.events import Claim, Released, ReportByName
from podium.engine.records import TaskRecord
from podium.model.assignments import Report, TaskStarted
from podium.model.durations import in_milliseconds
from podium.model.errors import IllegalTransition, LimitExceeded, TaskNotFound
from podium.model.statuses import TaskStatus
from podium.model.texts import storable
from podium.model.values import JsonValue


def report(decision: Decision, event: Report) -> None:
    """A worker, a person or a service says how an attempt stands."""
    record = decision.live(event.seq)
    if record is None:
        # A late or repeated result changes nothing; one for an attempt that never was is somebody's mistake.
        if event.seq >= decision.run.next_seq:
            raise TaskNotFound(f"No such task found by id: {event.run_id}/{event.seq}")
        return
    now = decision.context.now
    if event.logs:
        decision.log(record, event.logs, event.output)
    # A sign of life starts the clock of silence anew, and says nothing about the result.
    if event.is_heartbeat:
        record.updated_at = now
        decision.arm(record)
        decision.state.touch(record)
        return
    # An attempt that a local worker began is recorded with its result only, which spares a commit.
    if not record.started_at and event.started_at:
        record.started_at = min(event.started_at, now)  # a worker's clock may be ahead
        record.poll_count += 1
    record.worker_id = event.worker_id or record.worker_id
    record.updated_at = now
    if event.sub_workflow_id is not None and not record.node.traits.is_kept:
        record.sub_workflow_id = event.sub_workflow_id
    if event.status.is_terminal:
        if record.sub_workflow_id:
            ending.end_child(decision, record, f"The task of the parent workflow was set to {event.status}")
        is_loop = record.node.traits.is_loop  # whose output holds its counters
        decision.end(record, event.status, {**record.output, **event.output} if is_loop else event.output, event.reason)
        return
    if record.node.traits.is_kept:
        return  # the engine itself is at work on it, and its output is the engine's
    try:
        decision.context.limits.packed(event.output, "the output of task", of=record.ref)
    except LimitExceeded as error:
        decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, {}, str(error))
        return
    record.output = dict(event.output)
    reason = decision.without_masks(decision.redacted(record, event.reason), record, event.output)
    record.reason = storable(decision.context.limits.cut(reason)) if reason is not None else None
    record.callback_after_s = event.callback_after_s
    _put_back(decision, record, now)


def _put_back(decision: Decision, record: TaskRecord, now: int) -> None:
    """A worker is not finished: hand the attempt out again after the time it asked for."""
    if record.traits.is_judged:
        decision.arm(record)  # the script that judges may take its time
        decision.agenda.turn(record, "look")
        decision.state.touch(record)
        return
    if not record.traits.returns_to_queue or record.node.task.async_complete:
        if record.status is TaskStatus.SCHEDULED and record.wake_at:
            decision.state.touch(record)
            return  # it rests, and the engine begins it when that is over
        record.status = TaskStatus.IN_PROGRESS
        decision.arm(record)
        decision.state.touch(record)
        return
    record.status = TaskStatus.SCHEDULED
    record.is_local = False
    record.deaths = 0  # it came back
    record.open_queue = None
    record.wake_at = 0
    if record.callback_after_s > 0:
        decision.sleep(record, now + in_milliseconds(record.callback_after_s))
        decision.state.touch(record)
    else:
        decision.arm(record)
        decision.offer(record)


def report_by_name(decision: Decision, event: ReportByName) -> None:
    """The same, of the live attempt of a place."""
    state = decision.state
    record = state.by_ref.get(event.ref) or state.newest.get(event.ref)
    if record is None or decision.live(record.seq) is None:
        raise TaskNotFound(f"no live task with the reference name {event.ref!r} in run {event.run_id}")
    output: Mapping[str, JsonValue] = {**record.output, **event.output}
    whole = Report(
        event.run_id,
        record.seq,
        event.status,
        output,
        event.reason,
        worker_id=event.worker_id,
        callback_after_s=event.callback_after_s,
        logs=event.logs,
    )
    report(decision, whole)


def taken(decision: Decision, event: TaskStarted) -> None:
    """
    A worker has begun; or one elsewhere will, when this is committed.

    Raises:
        IllegalTransition: It was given back in between, and others have the slots of its limit. It has not begun.
    """
    record = decision.live(event.seq)
    if record is None or record.status is not TaskStatus.SCHEDULED:
        return
    if event.is_local and event.started_at < record.updated_at:
        return  # said of an earlier hand-out, and repeated because its commit was uncertain
    if not decision.keeps_slot(record, is_begun=event.is_local):
        raise IllegalTransition(f"task {record.task_id} was laid aside meanwhile, and its limit has no room for it")
    record.status = TaskStatus.IN_PROGRESS
    if not (record.traits.is_judged and record.started_at):  # which counts each of its requests when it asks for it
        record.poll_count += 1
    record.started_at = record.started_at or min(event.started_at, decision.context.now)
    record.updated_at = decision.context.now
    record.worker_id = event.worker_id
    record.callback_after_s = 0
    record.wake_at = 0  # who has it in hand, perhaps from before it was put to rest, need not be woken
    record.is_local = event.is_local
    if event.is_local:
        decision.take_back(record)
    else:
        record.open_queue = None
    decision.arm(record)
    decision.state.touch(record)


def released(decision: Decision, event: Released) -> None:
    """A worker gives back what it has not begun."""
    record = decision.live(event.seq)
    if record is not None:
        record.status = TaskStatus.SCHEDULED
        record.is_local = False
        decision.arm(record)
        decision.offer(record)


def claim(decision: Decision, event: Claim) -> None:
    """This process would have an attempt that is open, or that another process had."""
    record = decision.live(event.seq)
    if record is None or record.wake_at or record.open_queue != event.queue:
        return
    if record.is_open:
        if decision.is_admitted(record) and decision.context.takes(record):
            decision.arm(record)
            decision.assign(record)
    else:
        process_deaths.hand_on(decision, record, has_died=event.has_died)
