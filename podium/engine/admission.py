"""
Who may begin, and who waits until there is room: the limits of `podium.engine.slots` at work.

A run whose definition has a ``rateLimitConfig`` begins when fewer than ``concurrentExecLimit`` runs of its workflow and
key go on; until then nothing of it is scheduled, and the limit's name stands where its holder would. Conductor's open
server keeps ``rateLimitConfig`` and does nothing with it; Orkes does as here.
"""

from __future__ import annotations

import hashlib

from podium.engine.decision import Decision
from podium.engine.events import Grant
from podium.engine.operators.base import operator_of
from podium.engine.slots import Limit
from podium.expressions.template import compile_template
from podium.expressions.text import java_text
from podium.model.errors import LimitReached
from podium.model.statuses import RateLimitPolicy


def begin_run(decision: Decision, *, may_refuse: bool = False) -> None:
    """
    Lay the first place of a run out, or let it wait until its limit has room.

    Raises:
        LimitReached: It has none, the definition's policy is REJECT, and *may_refuse*.
    """
    limit = _limit_of(decision)
    run, slots = decision.run, decision.context.slots
    # A run that ended and is restarted within one commit has not given its slot back yet, and keeps it.
    needs_slot = limit is not None and not run.slot
    if limit is not None and needs_slot and not slots.has_room(limit, run.run_id, 0):
        config = decision.state.plan.definition.rate_limit_config
        if may_refuse and config is not None and config.policy is RateLimitPolicy.REJECT:
            words = f"runs of workflow {run.name!r} with the key {run.rate_limit_key!r} go on, which is its limit"
            raise LimitReached(f"{limit.most} {words}")
        run.holder = limit.name
        slots.is_awaited = True
        return
    if limit is not None and needs_slot:
        run.slot = slots.take(limit, run.run_id, 0)
    decision.enter_scope(decision.state.plan.root, ())


def go_on_anyway(decision: Decision) -> None:
    """Take a slot for a run that goes on after its end: it counts, but whoever asked for that need not wait."""
    limit = _limit_of(decision)
    if limit is not None and not decision.run.slot:
        decision.run.slot = decision.context.slots.take(limit, decision.run.run_id, 0)


def grant(decision: Decision, event: Grant) -> None:
    """There is room for what waits: hand the attempt out, or begin the run."""
    run = decision.run
    if event.seq:
        record = decision.live(event.seq)
        if record is not None and record.open_queue == event.limit:
            operator_of(record.node).begin(decision, record)
        return
    limit = _limit_of(decision)
    if run.status.is_terminal or limit is None or run.holder != event.limit:
        return
    if decision.context.slots.has_room(limit, run.run_id, 0):
        run.holder = decision.context.holder
        run.slot = decision.context.slots.take(limit, run.run_id, 0)
        decision.state.touched = True
        decision.enter_scope(decision.state.plan.root, ())


def _limit_of(decision: Decision) -> Limit | None:
    """Return what limits the run, or None; its key is resolved once."""
    run = decision.run
    config = decision.state.plan.definition.rate_limit_config
    if config is None or config.concurrent_exec_limit < 1:
        return None
    if run.rate_limit_key is None:
        template = compile_template({"key": config.rate_limit_key or ""})
        found = template.resolve(decision.document, environment=decision.context.environment, task_id=None)
        run.rate_limit_key = _shown(decision, java_text(found["key"]))
    return Limit(run.limit_name, config.concurrent_exec_limit)


def _shown(decision: Decision, key: str) -> str:
    """Return a key as everybody may see it: with a digest where it holds masked values."""
    shown = decision.without_masks(key, None)
    if shown == key:
        return key
    return f"{shown}~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
