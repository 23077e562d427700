"""
Runs, attempts, logs and definitions in a database.

Write sets become a few statements with many rows each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from podium.backends.sql.database import Writer
from podium.backends.sql.inboxes import write_messages
from podium.backends.sql.outbox import write_outbox
from podium.backends.sql.part import SqlPart, current, lists_of
from podium.backends.sql.registry import write_registry
from podium.backends.sql.results import write_results
from podium.backends.sql.schedules import write_schedules
from podium.backends.sql.slots import write_slots
from podium.backends.sql.statements import CHANGING_RUN, CHANGING_TASK
from podium.engine.ports import Heard
from podium.engine.rows import (
    RUN_STEP,
    TASK_END,
    DefinitionRow,
    HandOverRow,
    LogRow,
    PulseRow,
    RunRow,
    StartKeyRow,
    TaskRow,
    WriteSet,
)
from podium.model.errors import InternalError, StaleRun

_changed_run, _stepped_run = attrgetter(*CHANGING_RUN), attrgetter(*RUN_STEP)
_changed_task = attrgetter(*CHANGING_TASK, "run_id", "seq")
_ended_task = attrgetter(*TASK_END, "run_id", "seq")
_by_number = attrgetter("seq")


class SqlRuns(SqlPart):
    """The `podium.engine.ports.RunStore` over a database."""

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing; see `podium.engine.ports.RunStore.commit`."""
        # One statement for each kind of row, whatever the number of runs that share the commit: what a step costs is
        # binding its values. The order is that of `WriteSet`; runs come first, so a stale one costs little.
        with self._database.write(_told(writes) if self._database.tells_what else None) as cursor:
            self._write_runs(cursor, writes)
            self._write_tasks(cursor, writes)
            if writes.is_of_runs():
                return
            write_slots(cursor, self._sql, writes)
            write_registry(cursor, self._sql, writes)
            write_results(cursor, self._sql, writes)
            write_outbox(cursor, self._sql, writes)
            write_schedules(cursor, self._sql, writes)
            write_messages(cursor, self._sql, writes)

    def _write_runs(self, cursor: Writer, writes: WriteSet) -> None:
        if writes.definitions:
            cursor.executemany(self._sql.keep_definition, writes.definitions)
        if writes.new_runs:
            exists = "a run exists already: one of"
            cursor.change(self._sql.insert_run, writes.new_runs, lambda: StaleRun(f"{exists} {_ids(writes.new_runs)}"))
        if writes.runs or writes.handed_over:
            late = "another process changed a run first: one of"
            # The revision that was read is part of the condition: what another process changed since is not found.
            steps, others = writes.runs[: writes.stepped_runs], writes.runs[writes.stepped_runs :]
            changes: tuple[tuple[str, list[Any]], ...] = (
                (self._sql.step_run, [(*_stepped_run(run), run.run_id, run.revision - 1) for run in steps]),
                (self._sql.update_run, [(*_changed_run(run), run.run_id, run.revision - 1) for run in others]),
                (self._sql.hand_over_run, [(row[1], row[2], row[0], row[1] - 1) for row in writes.handed_over]),
            )
            for statement, rows in changes:
                if rows:
                    cursor.change(
                        statement, rows, lambda: StaleRun(f"{late} {_ids((*writes.runs, *writes.handed_over))}")
                    )
        if writes.moved_runs:
            moved = [row for row in writes.runs if row.run_id in writes.moved_runs]
            cursor.executemany(self._sql.move_run, [(row.correlation_id, row.created_at, row.run_id) for row in moved])
        if writes.start_keys:
            self._write_start_keys(cursor, writes.start_keys)

    def _write_start_keys(self, cursor: Writer, keys: Sequence[StartKeyRow]) -> None:
        # The database would refuse it too, but as an error of ours; the second of the two is only late.
        if len({key[:2] for key in keys}) < len(keys):
            raise StaleRun(f"two runs of one commit want the same start key: {_keys(keys)}")
        new = [key[:3] for key in keys if key.replaces is None]
        taken_over = [(key.run_id, key.name, key.key, key.replaces) for key in keys if key.replaces is not None]
        if new:
            taken = "a start key is taken: one of"
            cursor.change(self._sql.insert_start_key, new, lambda: StaleRun(f"{taken} {_keys(keys)}"))
        if taken_over:
            late = "another process took a start key over first: one of"
            cursor.change(self._sql.take_start_key, taken_over, lambda: StaleRun(f"{late} {_keys(keys)}"))

    def _write_tasks(self, cursor: Writer, writes: WriteSet) -> None:
        # Before the inserts: the numbers of attempts that are deleted may be given anew.
        if writes.emptied_runs:
            runs = [(run_id,) for run_id in writes.emptied_runs]
            cursor.executemany(self._sql.empty_run, runs)
            cursor.executemany(self._sql.empty_run_logs, runs)
        if writes.new_tasks:
            exists = "an attempt exists already: one of"
            cursor.change(
                self._sql.insert_task,
                writes.new_tasks,
                lambda: InternalError(f"{exists} {_attempts(writes.new_tasks)}"),
            )
        if writes.tasks:
            missing = "an attempt does not exist: one of"
            ends, others = writes.tasks[: writes.ended_tasks], writes.tasks[writes.ended_tasks :]
            changes = (
                (self._sql.end_task, list(map(_ended_task, ends))),
                (self._sql.update_task, list(map(_changed_task, others))),
            )
            for statement, rows in changes:
                if rows:
                    cursor.change(statement, rows, lambda: InternalError(f"{missing} {_attempts(writes.tasks)}"))
        if writes.deleted_tasks:
            cursor.executemany(self._sql.delete_task, writes.deleted_tasks)
            cursor.executemany(self._sql.delete_task_logs, writes.deleted_tasks)
        if writes.logs:
            cursor.executemany(self._sql.insert_log, writes.logs)

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""
        lists = lists_of(run_ids)
        rows = self._fetch_listed(self._sql.load_runs, "{run_ids}", lists, [*lists])
        return {run.run_id: run for run in map(RunRow._make, rows)}

    def pulses(self, run_ids: Collection[str]) -> Mapping[str, PulseRow]:
        """Return revision and status of the runs that exist, by id."""
        lists = lists_of(run_ids)
        rows = self._fetch_listed(self._sql.pulses, "{run_ids}", lists, [*lists])
        return {pulse.run_id: pulse for pulse in map(PulseRow._make, rows)}

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""
        return [TaskRow._make(row) for row in self._database.fetch(self._sql.load_tasks, (run_id,))]

    def load_current_tasks(self, run_ids: Collection[str]) -> Mapping[str, Sequence[TaskRow]]:
        """Return, by run and seq, the newest attempt of each place and every live attempt."""
        lists = lists_of(run_ids)
        # One run is asked for in one statement; the two below pay for themselves from two runs on.
        if len(run_ids) == 1:
            long_runs: Iterable[str] = run_ids
            first: list[Any] = []
        else:
            first = self._fetch_listed(self._sql.load_first_tasks, "{run_ids}", lists, [*lists])
            # Asked afterwards: a run that has grown long in between is read once more, and as a whole.
            long_runs = [row[0] for row in self._fetch_listed(self._sql.long_runs, "{run_ids}", lists, [*lists])]
        found: dict[str, list[TaskRow]] = {}
        for task in map(TaskRow._make, first):
            found.setdefault(task.run_id, []).append(task)
        for run_id in long_runs:
            rows = self._database.fetch(self._sql.load_current_tasks, (run_id,) * 6)
            found[run_id] = list(map(TaskRow._make, rows))
        return {run_id: found_now for run_id, rows in found.items() if (found_now := current(rows))}

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""
        rows = self._database.fetch(self._sql.load_task, (run_id, seq))
        return TaskRow._make(rows[0]) if rows else None

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq."""
        lists = lists_of(base_refs)
        rows = self._fetch_listed(
            self._sql.load_bodies,
            "{base_refs}",
            lists,
            [(run_id, after, *refs, run_id, run_id, after, *refs) for refs in lists],
        )
        # Lists of names were asked for one after the other, and the statement is a union: the order is made here.
        return sorted(map(TaskRow._make, rows), key=_by_number)

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first."""
        return [LogRow._make(row) for row in self._database.fetch(self._sql.load_logs, (run_id, seq))]

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""
        rows = self._database.fetch(self._sql.load_definition, (digest,))
        return DefinitionRow._make(rows[0]) if rows else None

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""
        rows = self._database.fetch(self._sql.run_of_key, (name, key))
        return str(rows[0][0]) if rows else None


def _told(writes: WriteSet) -> Heard:
    """Return what other processes may want to know of a commit."""
    queues = {task.open_queue for tasks in (writes.new_tasks, writes.tasks) for task in tasks}
    # A queue that begins with @ says which process has the attempt in hand: nobody else can take it.
    open_to_all = frozenset(queue for queue in queues if queue is not None and not queue.startswith("@"))
    ended = frozenset(run.run_id for runs in (writes.new_runs, writes.runs) for run in runs if run.ended_at)
    return Heard(ended, frozenset(writes.taken_runs), open_to_all, is_plain=writes.is_of_runs())


def _keys(keys: Sequence[StartKeyRow]) -> str:
    return ", ".join(f"{row.key!r} of {row.name}" for row in keys)


def _ids(runs: Sequence[RunRow | HandOverRow]) -> str:
    return ", ".join(run.run_id for run in runs)


def _attempts(tasks: Sequence[TaskRow]) -> str:
    return ", ".join(f"{task.seq} of run {task.run_id}" for task in tasks)
