"""
A decision's way from its event to rest, round by round; see `podium.engine.agenda`.

Conductor looks at every task of the run in each round; this looks at the attempts that changed and at what waits for
them.
"""

from __future__ import annotations

from podium.engine import ending, failures
from podium.engine.agenda import Phase, Turn, is_live
from podium.engine.caching import take_cached
from podium.engine.decision import Decision
from podium.engine.missing import Missing
from podium.engine.moves import come_to
from podium.engine.operators.base import operator_of, tell_joins
from podium.engine.records import TaskRecord
from podium.expressions.refusals import PathRefused, PathTooCostly, PatternRefused
from podium.model.errors import LimitExceeded
from podium.model.statuses import RunStatus, TaskStatus

# Named here, because each step asks for them.
_RUNNING, _SCHEDULED = RunStatus.RUNNING, TaskStatus.SCHEDULED
_ACTING, _MAKING, _TURNS = Phase.ACTING, Phase.MAKING, Phase.TURNS


def work(decision: Decision, *, is_begun: bool = False) -> None:
    """
    Work the agenda off, as far as the turn lets it; then see whether the run is complete, or unfinished.

    Args:
        decision: The decision in work. If a step breaks off, ``missing`` says what it needs: call this again then.
        is_begun: The first step has been counted already, before it broke off.
    """
    run, state = decision.run, decision.state
    has_more = (state.awaits_script or not _take_steps(decision, is_begun=is_begun)) and bool(decision.agenda)
    if run.status is not _RUNNING:
        has_more = False
        if run.status.is_terminal:
            _break_off(decision)
    try:
        # As long as anything is active, the run is neither complete nor stuck.
        if not (state.active or has_more) and run.status is _RUNNING and _see_whether_complete(decision):
            work(decision)
            return
        if run.ending is not None:
            ending.go_on(decision)
    except Missing as missing:
        _break_for(decision, missing)
    state.is_unfinished = has_more or run.ending is not None


def _take_steps(decision: Decision, *, is_begun: bool) -> bool:  # noqa: C901  # each step comes here, so no calls
    """
    Do one thing after the other: between two of them the work can be cut.

    Returns:
        True if nothing is left to do; False if there may be more, for the turn is over, something is missing, or the
        run does not go on.
    """
    run, agenda, turn = decision.run, decision.agenda, decision.turn
    while run.status is _RUNNING:
        if is_begun:
            is_begun = False
        elif turn.unlooked:
            turn.unlooked -= 1
        elif not turn.look() and not agenda.replaced:
            return False  # attempts that replace others are made in the commit in which they do
        if agenda.asked or agenda.stack:
            if not _lay_out_next(decision):
                return False
            continue
        if agenda.phase is _ACTING:
            record = agenda.pop_ended()
            if record is not None:
                _act_on(decision, record)
                continue
            # After all that ended with it: each of those may have failed the run, or be another TERMINATE.
            if agenda.terminators:
                ending.end_as_told(decision, agenda.terminators)
                continue
            agenda.phase = _MAKING
        if agenda.phase is _MAKING:
            if agenda.laid_out:
                _make_next(decision)
                continue
            if agenda.acted or agenda.replaced:
                agenda.acted.clear()
                agenda.replaced.clear()
            if agenda.is_at_rest:
                agenda.phase = _ACTING
                if _take_later(decision):
                    continue
                return decision.missing is None
            # Loops see in their turn what was there when the turns began, not what comes in this round.
            agenda.seen_below = run.next_seq
            agenda.phase = _TURNS
        next_turn = agenda.next_turn()
        if next_turn is None:
            agenda.phase = _ACTING
            is_begun = True  # the end of a round is no step
        elif not _take_turn(decision, next_turn):
            return False
        elif not agenda:
            return True  # mostly it was the last, and led to nothing
    return False


def _lay_out_next(decision: Decision) -> bool:
    """Lay the next place out, a structure before what it holds."""
    agenda = decision.agenda
    if agenda.asked:
        agenda.stack += reversed(agenda.asked)
        agenda.asked.clear()
    node, iterations = agenda.stack[-1]
    ref = node.ref_in(iterations) if iterations else node.ref
    known = agenda.laid_out.get(ref) or decision.state.by_ref.get(ref)
    if known is None and ref in decision.run.skips:
        come_to(decision, node, iterations)
    elif known is None:
        try:
            operator_of(node).enter(decision, node, iterations)
        except Missing as missing:
            return _break_for(decision, missing)
        except (LimitExceeded, PathRefused, PatternRefused, PathTooCostly) as error:
            ending.refuse(decision, f"Task {node.ref!r:.200} cannot be scheduled: {error}")
            return True
        if decision.is_not_ready:
            decision.is_not_ready = False
            return False
    agenda.stack.pop()
    if known is not None and known.status is TaskStatus.SKIPPED and ref not in agenda.laid_out:
        decision.follow(node, iterations)
    return True


def _take_turn(decision: Decision, turn: Turn) -> bool:
    _, _, record, step = turn
    try:
        _take_step(decision, record, step)
    except Missing as missing:
        decision.agenda.take_again(turn)
        return _break_for(decision, missing)
    return True


def _take_step(decision: Decision, record: TaskRecord, step: str) -> None:
    """Take a step of an attempt: a method of its operator, unless the output that it would give is there already."""
    is_beginning = step in {"start", "begin"} and not record.started_at
    if is_beginning and record.node.task.cache_config is not None and take_cached(decision, record):
        return
    getattr(operator_of(record.node), step)(decision, record)


def _take_later(decision: Decision) -> bool:
    later = decision.agenda.pop_later()
    if later is None:
        return False
    _, _, record, step = later
    try:
        _take_step(decision, record, step)
    except Missing as missing:
        decision.agenda.wait_again(later)
        return _break_for(decision, missing)
    return True


def _break_for(decision: Decision, missing: Missing) -> bool:
    """Break off at a step; each looks up what it needs before it changes anything, so it can be done again."""
    decision.missing = missing.need
    return False


def _make_next(decision: Decision) -> None:
    """Make what is laid out: from now on it is seen, and has its turn."""
    agenda = decision.agenda
    record = agenda.laid_out.pop(next(iter(agenda.laid_out)))
    decision.run.skips.pop(record.ref, None)
    decision.state.add(record)
    if record.status.is_terminal:
        agenda.ended(record)
        return
    if record.status is not _SCHEDULED or record.wake_at or record.node.has_early_clock:
        decision.arm(record)  # the others need not be looked at by themselves
    if not record.wake_at:
        agenda.start(record)


def _break_off(decision: Decision) -> None:
    """
    Clear the agenda of a run that has ended.

    Where the end came before what follows an attempt was made, the attempt has not been acted on after all: so an
    operator's retry goes on there.
    """
    agenda = decision.agenda
    for record in agenda.acted:
        record.executed = record.node.traits.ends_run
        decision.state.touch(record)
    for record in agenda.replaced:
        record.retried = False
        decision.state.touch(record)
    if agenda.laid_out:
        decision.run.next_seq = min(record.seq for record in agenda.laid_out.values())
    agenda.clear()


def _act_on(decision: Decision, record: TaskRecord) -> None:
    if record.executed or record.retried or not record.status.is_terminal:
        return  # a child that was restarted since may have made it live again
    if not record.status.is_successful and not failures.settle(decision, record):
        return
    # From here on its end counts as acted on; `_break_off` takes that back if what follows is never made.
    record.executed = True
    state = decision.state
    decision.agenda.acted.append(record)
    state.changed[record.seq] = record
    if record.status is TaskStatus.SKIPPED:
        decision.follow(record.node, record.iterations)
    else:
        operator_of(record.node).after(decision, record)
    # Those who waited for this attempt look when its followers are made.
    completed_loop = state.consume(record)
    if state.waiting:
        tell_joins(decision, record)
    if record.node.loop is not None:
        around = completed_loop if record.status.is_successful else record.loop_ref
        loop = state.by_ref.get(around) if around is not None else None
        if loop is not None and is_live(loop):
            operator_of(loop.node).notice(decision, loop)


def _see_whether_complete(decision: Decision) -> bool:
    """End a run in which nothing else can happen; True if it goes on, for what waited does without what never comes."""
    if not decision.state.pending:
        if not decision.run.awaits_slot:
            ending.complete(decision)
    elif not decision.state.active:
        stuck = [r for r in decision.state.pending.values() if not r.node.traits.is_loop]
        resting = any(r.wake_at for r in decision.state.pending.values())
        if stuck and not resting:
            decision.agenda.rest()
            if any(operator_of(record.node).make_do(decision, record) for record in stuck):
                return True
            ending.give_up(decision, stuck)
    return False
