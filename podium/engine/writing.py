"""From the runs that a group of events has changed to the rows that its commit writes."""

from __future__ import annotations

from collections.abc import Sequence

from podium.engine.rows import RUN_STEP, RunRow, TaskRow, WriteSet, beside_end, beside_step
from podium.engine.state import ExtraWrites, RunState

#: Where the holder is in what `beside_step` gives.
_HOLDER = [name for name in RunRow._fields if name not in RUN_STEP].index("holder")


def written(states: Sequence[RunState], writer: str) -> WriteSet:
    """Return what changed of runs, their attempts and their messages; each state is to be written by *writer*."""
    writes = WriteSet()
    _write_runs(writes, states, writer)
    _write_attempts(writes, states)
    rest = [(state.run.run_id, state.besides) for state in states if state.besides is not None]
    if rest:
        _write_rest(writes, rest)
    return writes


def _write_rest(writes: WriteSet, rest: Sequence[tuple[str, ExtraWrites]]) -> None:
    writes.moved_runs = [run_id for run_id, one in rest if one.is_moved]
    writes.emptied_runs = [run_id for run_id, one in rest if one.is_emptied]
    writes.deleted_tasks = [(run_id, seq) for run_id, one in rest for seq in one.deleted]
    writes.emptied_inboxes = [run_id for run_id, one in rest if one.is_inbox_emptied]
    writes.outbox = [row for _, one in rest for row in one.outbox]
    writes.cached = [row for _, one in rest for row in one.kept_outputs]
    writes.new_messages = [message for _, one in rest for message in one.new_messages]
    writes.taken_messages = [(run_id, number) for run_id, one in rest for number in one.taken_messages]


def _write_runs(writes: WriteSet, states: Sequence[RunState], writer: str) -> None:
    taken: list[str] = []
    new: list[RunRow] = []
    changed: list[RunRow] = []
    stepped: list[RunRow] = []
    for state in states:
        run = state.run
        run.agenda = state.agenda.packed() if state.agenda else {}
        row = run.row(run.revision + 1)
        state.size += len(row.output)
        beside = beside_step(row)
        if not run.revision:
            new.append(row)
        elif beside == run.stored:
            stepped.append(row)
        else:
            changed.append(row)
        if run.revision and (run.stored is None or run.stored[_HOLDER] != writer):
            taken.append(run.run_id)
        run.stored = beside
    writes.taken_runs = taken
    writes.new_runs, writes.runs, writes.stepped_runs = new, stepped + changed, len(stepped)


def _write_attempts(writes: WriteSet, states: Sequence[RunState]) -> None:
    new: list[TaskRow] = []
    changed: list[TaskRow] = []
    ended: list[TaskRow] = []
    for state in states:
        for record in state.changed.values():
            is_new = record.is_new
            row = record.row(is_new=is_new)
            state.size += len(row.input) + len(row.output)
            beside = beside_end(row)
            if is_new:
                new.append(row)
            elif beside == record.stored:
                ended.append(row)
            else:
                changed.append(row)
            # What has ended is hardly ever written again, and what memory holds of a run counts for each step.
            record.stored = None if record.status.is_terminal else beside
    writes.new_tasks, writes.tasks, writes.ended_tasks = new, ended + changed, len(ended)
