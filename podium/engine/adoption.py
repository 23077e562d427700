"""
Runs whose process is gone, and which wait for nothing that it had in hand.

Most live runs wait for somebody, a time or another run: nothing in them changes with their holder. So they are taken
over as rows, hundreds with one commit, without a plan, a decision or a place in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from podium.engine.ports import Backend
from podium.engine.records import attempt_rests, run_rests
from podium.engine.rows import HandOverRow, HeldRun, HeldTask, WriteSet
from podium.model.errors import StaleRun
from podium.model.statuses import RunStatus


class Adoption(NamedTuple):
    """What became of runs that were to be taken over."""

    #: Those in which something is to be decided.
    active: Sequence[str]
    #: When the others, or their attempts, are due: moment, run and number, 0 for the run itself.
    moments: Sequence[tuple[int, str, int]]


def adopt_resting(
    backend: Backend, run_ids: Collection[str], holder: str | None, heir: str, can_read: Callable[[str], bool]
) -> Adoption:
    """
    Let runs be the heir's in which nothing is to be decided, all in one commit.

    Args:
        backend: The store.
        run_ids: The runs; those that are not the holder's any more are left out.
        holder: Who is gone; None for runs that nobody holds.
        heir: Who is to have them.
        can_read: Says whether the definition of a digest is fine; a run without one is to be ended.

    Raises:
        StoreError: As `RunStore.commit` has it; the same may be asked for again.
    """
    # The attempts come after the runs: what has changed in between makes the revision stale, which the commit notices.
    found = backend.held(run_ids)
    theirs = [
        (run, tasks)
        for run, tasks in (found[run_id] for run_id in run_ids if run_id in found)
        if run.holder == holder and not RunStatus(run.status).is_terminal
    ]
    is_fine = {digest: can_read(digest) for digest in dict.fromkeys(run.digest for run, _ in theirs)}
    resting = [(run, tasks) for run, tasks in theirs if is_fine[run.digest] and _rests(run, tasks)]
    taken = [HandOverRow(run.run_id, run.revision + 1, heir) for run, _ in resting]
    try:
        if taken:
            backend.commit(WriteSet(handed_over=taken, taken_runs=[row.run_id for row in taken]))
    except StaleRun:
        return Adoption([run.run_id for run, _ in theirs], ())  # one by one, each finds out how it stands
    adopted = {row.run_id for row in taken}
    moments = [moment for run, tasks in resting for moment in _moments(run, tasks)]
    return Adoption([run.run_id for run, _ in theirs if run.run_id not in adopted], moments)


def _rests(run: HeldRun, tasks: Iterable[HeldTask]) -> bool:
    return run_rests(run) and all(map(attempt_rests, tasks))


def _moments(run: HeldRun, tasks: Iterable[HeldTask]) -> Iterable[tuple[int, str, int]]:
    if run.due_at is not None:
        yield run.due_at, run.run_id, 0
    for task in tasks:
        if task.due_at is not None:
            yield task.due_at, run.run_id, task.seq
