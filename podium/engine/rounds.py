"""
A decision's way from its event to rest, round by round; see `podium.engine.agenda`.

Conductor looks at every task of the run in each round; this looks at the attempts that changed and at what waits for
them.
"""

from __future__ import annotations

from functools import partial

from podium.engine import ending, failures, timeouts
from podium.engine.decision import Decision
from podium.engine.records import TaskRecord
from podium.model.statuses import RunStatus, TaskStatus, TaskType


def work(decision: Decision) -> None:
    """Work the agenda off; then see whether the run is complete."""
    run = decision.run
    while not run.status.is_terminal:
        if not _round(decision):
            step = decision.agenda.pop_later()
            if step is None:
                break
            step()
    if run.status.is_terminal:
        _break_off(decision)
    elif run.status is RunStatus.RUNNING:
        _see_whether_complete(decision)


def _round(decision: Decision) -> bool:
    """Go one round; False if the run is at rest, or has ended."""
    run, agenda = decision.run, decision.agenda
    _lay_out_asked(decision)
    while not run.status.is_terminal and (record := agenda.pop_ended()) is not None:
        _act_on(decision, record)
        _lay_out_asked(decision)
    if agenda.terminators and not run.status.is_terminal:
        ending.end_as_told(decision, agenda.terminators)
    if run.status.is_terminal:
        return False
    _make(decision)
    if agenda.is_at_rest:
        return False
    decision.seen_below = run.next_seq
    while not run.status.is_terminal and (turn := agenda.next_turn()) is not None:
        turn()
        _lay_out_asked(decision)
        _make(decision)
    return True


def _lay_out_asked(decision: Decision) -> None:
    """Lay places out, a structure before what it holds, however deep."""
    asked = decision.agenda.asked
    stack = asked[::-1]
    asked.clear()
    while stack and not decision.run.status.is_terminal:
        node, iterations = stack.pop()
        known = decision.attempt_of(node.ref_in(iterations))
        if known is None:
            decision.operators.of(node.task.type).enter(decision, node, iterations)
        elif known.status is TaskStatus.SKIPPED:
            decision.follow(node, iterations)
        stack += asked[::-1]
        asked.clear()


def _make(decision: Decision) -> None:
    """Make what is laid out: from now on it is seen, and has its turn."""
    agenda = decision.agenda
    for record in agenda.laid_out.values():
        decision.state.add(record)
        if record.status.is_terminal:
            agenda.ended(record)
            continue
        timeouts.arm(decision, record)
        if not record.wake_at:
            start = decision.operators.of(record.node.task.type).start
            agenda.turn(record, partial(start, decision, record), is_first=True)
    for done in (agenda.laid_out, agenda.acted, agenda.replaced):
        done.clear()


def _break_off(decision: Decision) -> None:
    """
    Clear the agenda of a run that has ended.

    Where the end came before what follows an attempt was made, the attempt has not been acted on after all: so an
    operator's retry goes on there.
    """
    agenda = decision.agenda
    for record in agenda.acted:
        record.executed = record.task_type == TaskType.TERMINATE
        decision.state.touch(record)
    for record in agenda.replaced:
        record.retried = False
        decision.state.touch(record)
    if agenda.laid_out:
        decision.run.next_seq = min(record.seq for record in agenda.laid_out.values())
    agenda.clear()


def _act_on(decision: Decision, record: TaskRecord) -> None:
    if decision.run.status is RunStatus.PAUSED or not record.is_pending:
        return  # what ended during a pause is acted on when the run is resumed
    if not record.status.is_successful and not failures.settle(decision, record):
        return
    record.executed = True
    decision.agenda.acted.append(record)
    decision.state.touch(record)
    decision.operators.of(record.node.task.type).after(decision, record)
    # Those who waited for this attempt look when its followers are made.
    state = decision.state
    completed_loop = state.consume(record)
    for join in state.waiting.pop(record.ref, ()):
        if join.is_pending and not join.status.is_terminal:
            join.awaited -= 1
            decision.operators.of(join.node.task.type).notice(decision, join)
    around = completed_loop if record.status.is_successful else record.loop_ref
    loop = state.by_ref.get(around) if around is not None else None
    if loop is not None and loop.is_pending and not loop.status.is_terminal:
        decision.operators.of(TaskType.DO_WHILE).notice(decision, loop)


def _see_whether_complete(decision: Decision) -> None:
    if not decision.state.pending:
        ending.complete(decision)
    elif not decision.state.active:
        stuck = [r for r in decision.state.pending.values() if r.task_type != TaskType.DO_WHILE]
        resting = any(r.wake_at for r in decision.state.pending.values())
        if stuck and not resting:
            ending.give_up(decision, stuck)
