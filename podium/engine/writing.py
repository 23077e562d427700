"""From the runs that a group of events has changed to the rows that its commit writes."""

from __future__ import annotations

from collections.abc import Sequence

from podium.engine.rows import RunRow, TaskRow, WriteSet, beside_end, beside_step
from podium.engine.state import RunState


def written(states: Sequence[RunState]) -> WriteSet:
    """Return what changed of runs, their attempts and their messages; each state is to be written."""
    writes = WriteSet()
    _write_runs(writes, states)
    _write_attempts(writes, states)
    writes.moved_runs = [state.run.run_id for state in states if state.is_moved]
    writes.emptied_runs = [state.run.run_id for state in states if state.is_emptied]
    writes.deleted_tasks = [
        (state.run.run_id, seq) for state in states for seq in state.deleted if seq not in state.created
    ]
    writes.emptied_inboxes = [state.run.run_id for state in states if state.is_inbox_emptied]
    writes.outbox = [row for state in states for row in state.outbox]
    writes.cached = [row for state in states for row in state.kept_outputs]
    writes.new_messages = [message for state in states for message in state.new_messages]
    writes.taken_messages = [(state.run.run_id, number) for state in states for number in state.taken_messages]
    return writes


def _write_runs(writes: WriteSet, states: Sequence[RunState]) -> None:
    new: list[RunRow] = []
    changed: list[RunRow] = []
    stepped: list[str] = []
    for state in states:
        run = state.run
        run.agenda = state.agenda.packed() if state.agenda else {}
        row = run.row(run.revision + 1)
        state.size += len(row.output)
        beside = beside_step(row)
        if not run.revision:
            new.append(row)
        else:
            changed.append(row)
            if beside == run.stored:
                stepped.append(run.run_id)
        run.stored = beside
    writes.new_runs, writes.runs, writes.stepped_runs = new, changed, stepped


def _write_attempts(writes: WriteSet, states: Sequence[RunState]) -> None:
    new: list[TaskRow] = []
    changed: list[TaskRow] = []
    ended: list[tuple[str, int]] = []
    for state in states:
        created = state.created
        for seq, record in state.changed.items():
            is_new = seq in created
            row = record.row(is_new=is_new)
            state.size += len(row.input) + len(row.output)
            beside = beside_end(row)
            if is_new:
                new.append(row)
            else:
                changed.append(row)
                if beside == record.stored:
                    ended.append((row.run_id, seq))
            record.stored = beside
    writes.new_tasks, writes.tasks, writes.ended_tasks = new, changed, ended
