"""
Decide what an event does to a run.

``decide`` is a function of the run's state, the event and its context: no I/O, no clock, no threads, nothing is read.
What it needs beside those it says (`podium.engine.missing`); the caller fetches it and calls `proceed`. It works on the
state in place, because the state is the kernel's own; when it raises, that state must be thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from podium.engine import admission, ending, inbox, moves, operations, process_deaths, reports, reruns, timeouts
from podium.engine.context import DecisionContext
from podium.engine.contracts import misfit
from podium.engine.deadlines import arm_run, run_deadline
from podium.engine.decision import Decision
from podium.engine.events import (
    ChildEnded,
    ChildRevived,
    ChildStays,
    Claim,
    Continue,
    Due,
    Event,
    Fail,
    Follow,
    Grant,
    InboxMessage,
    Jump,
    OfferAgain,
    Pause,
    Released,
    ReportByName,
    Rerun,
    ResetCallbacks,
    Restart,
    Resume,
    Retry,
    SetVariables,
    Skip,
    Start,
    TakeOver,
    Terminate,
    Upgrade,
)
from podium.engine.limits import Limits
from podium.engine.news import RunStarted
from podium.engine.operators.base import operator_of
from podium.engine.records import RunRecord
from podium.engine.rounds import work
from podium.engine.state import RunState
from podium.engine.state_events import tell_states
from podium.engine.turn import Turn
from podium.model.assignments import Report, TaskStarted
from podium.model.definitions import WorkflowDef
from podium.model.errors import InternalError, LimitExceeded
from podium.model.schedule_inputs import ADDED_INPUTS
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue

#: Milliseconds after which a run whose agenda nobody has gone on with is looked at; longer than timers are kept in
#: memory, because the process that cut the work off goes on with it at once, as long as it lives. Each cut puts it off
#: again, though not each is written for it.
_FORGOTTEN_AFTER_MS = 15_000
_PUT_OFF_MS = 5_000

#: Empty agendas that are kept for the next decisions; there are more when many runs were unfinished at once.
_SPARE_MAX = 16

_PAUSED = RunStatus.PAUSED  # named here, because each step asks for it


def begin(event: Start, context: DecisionContext, turn: Turn) -> Decision:
    """
    Decide the start of a run: make its state and take its first steps.

    The workflow's ``inputTemplate`` fills keys that the input lacks or gives as null, also when the input is empty
    (Conductor skips it then, though its documentation promises defaults). Variables are copied as written.
    """
    plan = event.plan
    definition = plan.definition
    run = RunRecord(
        run_id=event.run_id,
        name=definition.name,
        version=definition.version,
        digest=plan.digest,
        correlation_id=event.correlation_id,
        parent_id=event.parent_id,
        parent_seq=event.parent_seq,
        depth=event.depth,
        created_at=context.now,
        updated_at=context.now,
        holder=context.holder,
        input=filled(event.input, definition),
        variables=dict(definition.variables),
        priority=event.priority,
        task_to_domain=dict(event.task_to_domain),
        created_by=event.created_by,
        idempotency_key=event.idempotency_key,
        event=event.event,
        schedule=event.schedule,
        masks=event.masks,
        trace=event.trace,
    )
    state = RunState(run, plan)
    state.touched = True
    arm_run(run, plan)
    decision = Decision(state, context, turn)
    decision.news.append(RunStarted(run.run_id, run.name, run.version, run.parent_id))
    fault = event.fault or _measured(run, context)
    # Who asks for a run is refused at once; a child or a failure workflow can only be recorded as failed.
    if fault is None and not event.is_checked:
        fault = input_misfit(run.input, definition, context.limits)
    if fault is None:
        admission.begin_run(decision, may_refuse=True)
    else:
        ending.end_run(decision, RunStatus.FAILED, fault, output={}, by_request=event.fault is not None)
    _proceed(decision)
    return decision


def _measured(run: RunRecord, context: DecisionContext) -> str | None:
    """Pack the input and the variables of a new run; give what is wrong with them."""
    limits = context.limits
    try:
        run.input_bytes = limits.packed(run.input, "the input of the run")
        run.variables_bytes = limits.packed(run.variables, "the variables of the run", limits.variables_bytes)
    except LimitExceeded as error:
        run.input, run.variables, run.input_bytes, run.variables_bytes = {}, {}, None, None
        return str(error)
    return None


def filled(given: Mapping[str, JsonValue], definition: WorkflowDef) -> dict[str, JsonValue]:
    """Return the input that a run has: the template gives what is absent or null."""
    template = definition.input_template
    if not template:
        return dict(given)
    return {**given, **{key: value for key, value in template.items() if given.get(key) is None}}


def input_misfit(run_input: Mapping[str, JsonValue], definition: WorkflowDef, limits: Limits) -> str | None:
    """
    Say why the input of a run is not what its workflow declares; None if it is.

    What a schedule adds to the input may be declared, and need not be.
    """
    subject = f"the input of workflow {definition.name!r}"
    fault = misfit(definition, "input", run_input, subject, limits)
    if fault is None or run_input.keys().isdisjoint(ADDED_INPUTS):
        return fault
    plain = {key: value for key, value in run_input.items() if key not in ADDED_INPUTS}
    return misfit(definition, "input", plain, subject, limits)


def decide(state: RunState, event: Event, context: DecisionContext, turn: Turn) -> Decision:
    """
    Decide what an event does to a run.

    Args:
        state: The run; changed in place.
        event: What happened; not a `Start`.
        context: What it may know beside the run and the event.
        turn: How much may be done in this commit; what is left then stays on the run's agenda.

    Returns:
        The decision; an event that comes too late, or twice, changes nothing. If its ``missing`` is set, it has broken
        off at a step: fetch that and call `proceed`.

    Raises:
        Missing: It has broken off where it cannot go on; throw the state away, fetch that and decide anew.
        IllegalTransition: The run's status does not allow what was asked for. Nothing was changed.
        TaskNotFound: The event names an attempt that does not exist. Nothing was changed.
        InternalError: A bug; the state must be thrown away.
    """
    decision = Decision(state, context, turn)
    handler = _HANDLERS.get(type(event))
    if handler is None:
        raise InternalError(f"no handler for the event {type(event).__name__}")
    handler(decision, event)
    work(decision)
    if decision.missing is None:
        _close(decision)
    return decision


def proceed(decision: Decision) -> None:
    """Go on with a decision that broke off, now that what was missing has been fetched."""
    decision.missing = None
    _proceed(decision, is_begun=True)


def put_aside(decision: Decision) -> None:
    """Leave a decision as it is: it lacks a script that takes long, and a `Continue` comes when that has ended."""
    decision.state.awaits_script = True
    _close(decision)


def _proceed(decision: Decision, *, is_begun: bool = False) -> None:
    work(decision, is_begun=is_begun)
    if decision.missing is None:
        _close(decision)


def _close(decision: Decision) -> None:
    """
    Note what of the run itself has changed.

    What is left to do makes it due soon: this process goes on with it at once, and another one then should this one
    die.
    """
    state, run, now = decision.state, decision.run, decision.context.now
    if state.plan.tells_states or state.dynamic:
        tell_states(decision)
    if state.is_unfinished:
        known = run.due_at if run.due_at is not None and run.due_at > now + _PUT_OFF_MS else now + _FORGOTTEN_AFTER_MS
        deadline = run_deadline(run, state.plan) if run.ending is None else None
        run.due_at = min(known, now + _FORGOTTEN_AFTER_MS, deadline or known)
    elif decision.was_unfinished and not run.status.is_terminal:
        arm_run(run, state.plan)
    # A decision that changed nothing writes nothing: not even that it was looked at.
    is_more = state.changed or state.besides is not None or decision.messages
    if state.touched or is_more or run.due_at != decision.due_before:
        state.touched = True
        run.updated_at = now
    if not state.is_unfinished and (run.status is not _PAUSED or not decision.agenda):
        decision.agenda.rest()
        spare = decision.context.agendas
        if len(spare) < _SPARE_MAX:
            spare.append(decision.agenda)
        state.agenda = None


def _continue(decision: Decision, _: Continue) -> None:
    """The agenda goes on; if it waited for a script, that has ended."""
    decision.state.awaits_script = False


def _fail(decision: Decision, event: Fail) -> None:
    """What cannot be done ends the run."""
    # It may have ended by itself since.
    if not decision.run.status.is_terminal:
        output: Mapping[str, JsonValue] | None = {} if event.is_bare else None
        ending.end_run(decision, RunStatus.FAILED, event.reason, output=output, by_request=event.is_bare)


def _due(decision: Decision, event: Due) -> None:
    now = decision.context.now
    if decision.run.status.is_terminal:
        return
    if event.seq == 0:
        # The workflow's clock runs during a pause too.
        deadline = run_deadline(decision.run, decision.state.plan)
        if decision.run.due_at is not None and deadline is not None and deadline <= now:
            timeouts.expire_run(decision)
        return
    # Timers ring late, and twice: what counts is when it is due by now.
    record = decision.live(event.seq)
    if record is None or record.due_at is None or record.due_at > now:
        return
    if decision.run.status is RunStatus.PAUSED:
        record.due_at = None  # armed again by the resumption; until then the store shall not bring it up at each turn
        decision.state.touch(record)
        return
    timeouts.wake(decision, record)


def _child_ended(decision: Decision, event: ChildEnded) -> None:
    # Another attempt may have another child by now: the end of the first is of no account then.
    record = decision.live(event.seq)
    if record is not None and record.sub_workflow_id == event.child_id:
        operator_of(record.node).child_ended(decision, record, event)


def _adopt(decision: Decision, event: TakeOver) -> None:
    """This process works on the run from now on: what the last holder had in hand is offered again."""
    run = decision.run
    # Several processes may see that one has died; the run goes to the one whose word is first in the store.
    has_ended = run.status.is_terminal and run.ending is None
    if has_ended or run.holder != event.holder or run.holder == decision.context.holder:
        return
    run.holder = decision.context.holder
    decision.state.touched = True
    # Who goes on with its end calls off what lives: nothing of it is to be offered again.
    if run.ending is not None:
        return
    unbegun = decision.state.unbegun
    for record in list(decision.state.pending.values()):
        was_local = record.status is TaskStatus.IN_PROGRESS and record.is_local
        was_queued = record.status is TaskStatus.SCHEDULED and not record.wake_at
        # What has a queue was in no hand, or is in those of another process, whose death is another matter.
        if (was_local or was_queued) and record.open_queue is None and record.seq not in unbegun:
            process_deaths.hand_on(decision, record, has_died=event.has_died)
        elif record.due_at is not None:
            decision.state.touch(record)


def _offer_again(decision: Decision, _: OfferAgain) -> None:
    """Offer what waits for this process's workers, and is with none of them."""
    run, me = decision.run, decision.context.holder
    if run.status.is_terminal:
        return
    # Without a queue an attempt is with its run's holder; in the hands of others it stands under their name.
    mine = {f"@{me}", None} if run.holder == me else {f"@{me}"}
    unbegun = decision.state.unbegun
    for record in list(decision.state.pending.values()):
        is_ready = record.status is TaskStatus.SCHEDULED and not record.wake_at and record.seq not in unbegun
        if is_ready and record.open_queue in mine and not decision.context.has(record):
            decision.offer(record)


_HANDLERS: Mapping[type, Callable[[Decision, Any], None]] = {
    Report: reports.report,
    ReportByName: reports.report_by_name,
    TaskStarted: reports.taken,
    Released: reports.released,
    Claim: reports.claim,
    Grant: admission.grant,
    Due: _due,
    ChildEnded: _child_ended,
    Follow: ending.follow,
    ChildRevived: reruns.child_revived,
    ChildStays: reruns.child_stays,
    InboxMessage: inbox.receive,
    Pause: operations.pause,
    Resume: operations.resume,
    Terminate: operations.terminate,
    Retry: operations.retry,
    Restart: operations.restart,
    Rerun: reruns.rerun,
    SetVariables: operations.set_variables,
    Skip: operations.skip,
    Jump: moves.jump,
    Upgrade: moves.upgrade,
    ResetCallbacks: operations.reset_callbacks,
    TakeOver: _adopt,
    OfferAgain: _offer_again,
    Continue: _continue,
    Fail: _fail,
}
