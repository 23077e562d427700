"""From the runs that a group of events has changed to the rows that its commit writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

from podium.engine.rows import RunRow, TaskRow, WriteSet, beside_end, beside_step
from podium.engine.state import RunState

#: What few commits write of a run; see `_write_rest`.
_rest: Callable[[RunState], tuple[object, ...]] = attrgetter(
    "is_moved",
    "is_emptied",
    "deleted",
    "is_inbox_emptied",
    "outbox",
    "kept_outputs",
    "new_messages",
    "taken_messages",
)


def written(states: Sequence[RunState]) -> WriteSet:
    """Return what changed of runs, their attempts and their messages; each state is to be written."""
    writes = WriteSet()
    _write_runs(writes, states)
    _write_attempts(writes, states)
    rest = [state for state in states if any(_rest(state))]
    if rest:
        _write_rest(writes, rest)
    return writes


def _write_rest(writes: WriteSet, states: Sequence[RunState]) -> None:
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


def _write_runs(writes: WriteSet, states: Sequence[RunState]) -> None:
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
        run.stored = beside
    writes.new_runs, writes.runs, writes.stepped_runs = new, stepped + changed, len(stepped)


def _write_attempts(writes: WriteSet, states: Sequence[RunState]) -> None:
    new: list[TaskRow] = []
    changed: list[TaskRow] = []
    ended: list[TaskRow] = []
    for state in states:
        created = state.created
        for seq, record in state.changed.items():
            is_new = seq in created
            row = record.row(is_new=is_new)
            state.size += len(row.input) + len(row.output)
            beside = beside_end(row)
            if is_new:
                new.append(row)
            elif beside == record.stored:
                ended.append(row)
            else:
                changed.append(row)
            record.stored = beside
    writes.new_tasks, writes.tasks, writes.ended_tasks = new, ended + changed, len(ended)
