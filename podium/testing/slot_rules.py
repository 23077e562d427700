"""
The invariants of limits, checked commit by commit: nobody is at work without a slot, and no slot is without a holder.

It knows the rows of a commit, and nothing of how the engine comes to them.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.rows import SlotRow, WriteSet
from podium.model.definitions import TaskDef
from podium.model.statuses import TaskStatus
from podium.testing.accounts import KnownAttempt, KnownRun, PlaceIndex, require

_AT_WORK = TaskStatus.IN_PROGRESS.value


class SlotLedger:
    """Every slot that was committed."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, int], SlotRow] = {}

    def take(self, writes: WriteSet, runs: Mapping[str, KnownRun], layouts: Mapping[str, PlaceIndex]) -> None:
        """
        Take the slots of a commit over, whose runs and attempts have been.

        Raises:
            Violation: Two have one slot, a slot has no holder, or somebody is at work without one.
        """
        for slot in writes.freed_slots:
            known = self._slots.get(slot[:2])
            if known is not None and known[:4] == slot[:4]:
                del self._slots[slot[:2]]
        for slot in writes.slots:
            known = self._slots.get(slot[:2])
            is_free = known is None or 0 < known.expires_at <= slot.taken_at
            require(is_free, f"slot {slot.number} of {slot.name} was taken from run {known.run_id if known else ''}")
            self._slots[slot[:2]] = slot
        changed = {row.run_id for row in (*writes.new_runs, *writes.runs)}
        held = {(slot.run_id, slot.seq): slot for slot in self._slots.values() if not slot.expires_at}
        for (run_id, seq), slot in held.items():
            if run_id in changed:
                _check_holder(slot, runs[run_id], seq)
        for run_id in changed:
            run = runs[run_id]
            _check_limited(run, layouts[run.row.digest], held.get((run_id, 0)))
            for seq in run.live:
                attempt = run.attempts[seq]
                _check_attempt(
                    attempt, layouts[run.row.digest], held.get((run_id, seq)), runs.get(attempt.sub_id or "")
                )


def _check_holder(slot: SlotRow, run: KnownRun, seq: int) -> None:
    """A slot is held by a run that goes on, or by an attempt that is at work."""
    if not seq:
        require(not run.is_ended or run.is_cut, f"{run} has ended and holds slot {slot.number} of {slot.name}")
        return
    attempt = run.attempts.get(seq)
    is_held = attempt is not None and attempt.is_live and attempt.moment("slot") == slot.number
    require(is_held, f"{attempt or seq} of {run} holds slot {slot.number} of {slot.name} and is not at work")


def _check_limited(run: KnownRun, layout: PlaceIndex, slot: SlotRow | None) -> None:
    """A run that has begun has a slot where its workflow has a limit."""
    if layout.definition.rate_limit_config is not None and run.attempts and not (run.is_ended or run.was_told):
        require(slot is not None, f"{run} goes on without a slot")


def _check_attempt(attempt: KnownAttempt, layout: PlaceIndex, slot: SlotRow | None, child: KnownRun | None) -> None:
    """An attempt in progress of a limited task has a slot below the limit; one that waits has none."""
    is_anew = child is not None and child.was_reopened  # it need not wait for room
    place = layout.places.get(attempt.row.base_ref)
    definition = place.task.task_definition if place is not None else None
    most = (definition or TaskDef()).concurrent_exec_limit
    row = attempt.row
    if row.open_queue is not None and not row.open_queue.startswith("@"):
        require(slot is None, f"{attempt} waits, and holds a slot")
    elif most and most > 0 and row.status == _AT_WORK:
        require(slot is not None and (slot.number <= most or is_anew), f"{attempt} is at work, and its slot is {slot}")
