"""Whether runs and attempts fit together, after each commit."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.accounts import KnownAttempt, KnownPlace, KnownRun, NewAttempt, PlaceIndex, require

_BAD = frozenset(status.value for status in TaskStatus if not status.is_successful)


class Fitting:
    """
    Checks what a commit has changed against all that there is.

    Attributes:
        revived: Runs that live again by the commit in hand: what follows their end may have been made in it.

    Args:
        runs: All runs, by id.
        layouts: Their definitions, by digest.
    """

    def __init__(self, runs: Mapping[str, KnownRun], layouts: Mapping[str, PlaceIndex]) -> None:
        self._runs = runs
        self._layouts = layouts
        self.revived: set[str] = set()

    def layout_of(self, attempt: KnownAttempt) -> PlaceIndex:
        """Return the places of the run that an attempt belongs to."""
        return self._layouts[self._runs[attempt.row.run_id].row.digest]

    def check_birth(self, birth: NewAttempt, earlier: int) -> None:
        """One place, one chain of attempts; and nothing begins before what stands before it has ended."""
        attempt, last = birth
        run, row = self._runs[attempt.row.run_id], attempt.row
        run.was_told |= row.status == TaskStatus.SKIPPED
        if run.was_told:
            return
        if earlier:
            require(last is None or last.is_retried, f"{attempt} was made although {last} is not retried")
            anew = row.task_type in {TaskType.SWITCH, TaskType.DECISION}
            require(anew or last is None or attempt.number == last.number + 1, f"{attempt} follows {last}")
        place = self.layout_of(attempt).places.get(row.base_ref)
        if place is None or earlier:
            return  # a branch of a dynamic fork, or tried again: the flow may have gone on without a permissive one
        suffix = row.ref[len(row.base_ref) :]
        if place.before is not None:
            require(self._is_over(run, place.before, suffix), f"{attempt} began before {place.before.ref} was over")
        elif place.owner is not None:
            self._check_first(run, attempt, place, suffix)

    def _check_first(self, run: KnownRun, attempt: KnownAttempt, place: KnownPlace, suffix: str) -> None:
        """Check the first place of an inner list: its owner is there, and so was the iteration before."""
        owner = place.owner
        if owner is None:
            return
        if place.kind != "body":
            require(owner.ref + suffix in run.newest, f"{attempt} has no {owner.ref}")
            return
        outer, _, number = suffix.rpartition("__")
        require(owner.ref + outer in run.newest, f"{attempt} has no {owner.ref}")
        if int(number) > 1:
            earlier = f"{outer}__{int(number) - 1}"
            for inside in owner.inside:
                known = run.newest.get(inside.ref + earlier)
                require(known is None or not known.is_live, f"{attempt} began while {known} lived")

    def _is_over(self, run: KnownRun, place: KnownPlace, suffix: str) -> bool:
        attempt = run.newest.get(place.ref + suffix)
        if attempt is None:
            return False
        if attempt.is_live:
            return attempt.sub_id in self.revived
        if attempt.row.status in _BAD and not place.task.permissive:
            return False
        if place.task.type != TaskType.SWITCH:
            return True
        case = orjson.loads(attempt.row.output).get("selectedCase")
        last = place.lasts.get(case if case in place.task.decision_cases else "")
        return last is None or self._is_over(run, last, suffix)

    def check_end(self, attempt: KnownAttempt) -> None:
        """A JOIN has waited for all, and a SUB_WORKFLOW for its child."""
        row = attempt.row
        run = self._runs[row.run_id]
        if attempt.is_meddled:
            return
        place = self.layout_of(attempt).places.get(row.base_ref)
        has_script = place is not None and bool(place.task.expression)
        if row.task_type == TaskType.JOIN and row.status != TaskStatus.CANCELED and not has_script:
            suffix = row.ref[len(row.base_ref) :]
            for ref in orjson.loads(attempt.inputs).get("joinOn", ()):
                awaited = run.newest.get(ref + suffix)
                is_done = awaited is not None and (not awaited.is_live or awaited.sub_id in self.revived)
                over = is_done and awaited is not None and not awaited.is_retried
                require(over, f"{attempt} did not wait for {ref} ({awaited})")
        if attempt.sub_id is not None and row.status == TaskStatus.COMPLETED and row.task_type == TaskType.SUB_WORKFLOW:
            child = self._runs[attempt.sub_id]
            require(child.row.status == RunStatus.COMPLETED, f"{attempt} is COMPLETED, its child is not: {child}")

    def check_run(self, run: KnownRun) -> None:
        """A run that has ended is at rest, one that is complete was everywhere, and what lives waits for what lives."""
        row = run.row
        if run.is_ended:
            require(not run.live, f"{run} has ended, with live attempts")
            require(row.due_at is None and row.holder is None, f"{run} has ended, and is due or held")
            self._check_parent(run)
        if row.status == RunStatus.COMPLETED:
            self._check_completed(run)
        for seq in run.live:
            attempt = run.attempts[seq]
            if attempt.sub_id is not None:
                child = self._runs.get(attempt.sub_id)
                require(child is not None and not child.is_ended, f"{attempt} waits for {child}")

    def _check_parent(self, run: KnownRun) -> None:
        parent = self._runs.get(run.row.parent_id or "")
        attempt = parent.attempts.get(run.row.parent_seq) if parent is not None else None
        if attempt is not None and attempt.sub_id == run.row.run_id:
            require(not attempt.is_live, f"{run} has ended, and {attempt} has not")

    def _check_completed(self, run: KnownRun) -> None:
        """Check that a completed run went through every place of its outermost list."""
        if run.was_told or any(one.row.task_type == TaskType.TERMINATE for one in run.attempts.values()):
            return
        for place in self._layouts[run.row.digest].roots:
            require(self._is_over(run, place, ""), f"{run} is COMPLETED and {place.ref} was not done")
