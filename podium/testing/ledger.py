"""
The invariants of a store, checked commit by commit.

A ledger keeps its own copy of every row and looks at each set of writes before it takes it over: what changed, whether
that was allowed, and whether runs and attempts fit together afterwards. It shares no code with the engine's decisions.
When things must come `podium.testing.moments` says, and what must come `podium.testing.values` and
`podium.testing.flows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson
from attrs import evolve

from podium.engine.rows import RunRow, TaskRow, WriteSet, beside_end, beside_step
from podium.model.codec import from_json
from podium.model.definitions import WorkflowDef
from podium.model.durations import in_milliseconds
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.accounts import (
    RUN_ENDED,
    CommittedChange,
    KnownAttempt,
    KnownRun,
    Move,
    NewAttempt,
    PlaceIndex,
    Violation,
    require,
)
from podium.testing.cache_rules import CacheLedger
from podium.testing.fitting import Fitting
from podium.testing.flows import check_flow
from podium.testing.moments import check_moments
from podium.testing.reference.agreement import disagreements
from podium.testing.schedule_rules import ScheduleLedger
from podium.testing.slot_rules import SlotLedger
from podium.testing.start_rules import StartLedger
from podium.testing.values import check_failure_runs, check_values

_BAD = frozenset(status.value for status in TaskStatus if not status.is_successful)
#: Attempts that an operator's retry takes up again in place.
_REOPENED = frozenset({TaskType.JOIN, TaskType.EXCLUSIVE_JOIN, TaskType.DO_WHILE, TaskType.SUB_WORKFLOW})
_JOINS = frozenset({TaskType.JOIN, TaskType.EXCLUSIVE_JOIN})


class Ledger:
    """
    Every run and attempt that was committed.

    Attributes:
        runs: By id.
        commits: How many commits there were.
        disagreements: Where runs that ended are not what the interpreter of definitions tells.
        ends: How often a run has ended.
        judged: How often of those the interpreter could tell how.
        may_reopen: Runs that an operator has asked to retry, to rerun or to restart.
        may_terminate: Runs that an operator has asked to terminate.
        meddled: Attempts that somebody outside may have ended, which knows nothing of what they wait for.
        starts: Whose the idempotency keys are.
        author: The process that is at work.
        now: The time.
    """

    def __init__(self) -> None:
        self.runs: dict[str, KnownRun] = {}
        self.commits = 0
        self.disagreements: list[str] = []
        self.ends = self.judged = 0
        self.may_reopen: set[str] = set()
        self.may_terminate: set[str] = set()
        self.meddled: set[tuple[str, int]] = set()
        self.author = ""
        self.now = 0
        self._layouts: dict[str, PlaceIndex] = {}
        self._schedules = ScheduleLedger(self.runs)
        self.starts = StartLedger(self.runs, self._layouts)
        self._fitting = Fitting(self.runs, self._layouts)
        self._slots = SlotLedger()
        self._outputs = CacheLedger()
        self._names: dict[str, str] = {}

    def name(self, run_id: str) -> str:
        """Return a short name for a run: ``r1`` for the first that was asked for."""
        return self._names.setdefault(run_id, f"r{len(self._names) + 1}")

    def take(self, writes: WriteSet) -> str:
        """
        Take a commit over.

        Returns:
            It in one line, for a trace.

        Raises:
            Violation: It must not happen.
        """
        self.commits += 1
        writes = self._in_whole_rows(writes)
        for definition in writes.definitions:
            self._layouts.setdefault(definition.digest, PlaceIndex(from_json(definition.body, WorkflowDef)))
        before = {row.run_id: self.runs[row.run_id].row for row in writes.runs if row.run_id in self.runs}
        self._check_hints(writes)
        self._fitting.revived = self._take_runs(writes)
        for run_id in writes.emptied_runs:
            require(run_id in self.may_reopen, f"run {run_id} lost its attempts without a restart")
            self.runs[run_id].empty(orjson.loads(before[run_id].variables))
        births, moves = self._take_attempts(writes)
        ended = [birth.attempt for birth in births if not birth.attempt.is_live]
        ended += [move.new for move in moves if move.old.is_live and not move.new.is_live]
        for attempt in ended:
            run = self.runs[attempt.row.run_id]
            if attempt.row.seq in run.attempts or attempt.row.seq in run.removed:
                self._fitting.check_end(attempt)  # else a rerun has forgotten it, and perhaps what it follows from
        for row in (*writes.new_runs, *writes.runs):
            run = self.runs[row.run_id]
            run.author, run.written_at = self.author, self.now
            self._fitting.check_run(run)
        for change in self._changes(writes, before, births, moves, ended):
            self._outputs.take(change, {row.body for row in writes.cached}, self.now)
            if change.run.was_told:
                continue
            check_moments(change)
            check_values(change, self.runs, self._fitting.revived)
            check_flow(change, self.runs)
        self.starts.take(writes)
        self._schedules.take(writes)
        self._outputs.settle()
        self._slots.take(writes, self.runs, self._layouts)
        check_failure_runs(writes.new_runs, self.runs, self._ended_badly(writes, before))
        for row in (*writes.new_runs, *writes.runs):
            if row.status in RUN_ENDED:
                self._judge(self.runs[row.run_id])
        return self._line(writes)

    def _take_attempts(self, writes: WriteSet) -> tuple[list[NewAttempt], list[Move]]:
        """Take what a commit makes of attempts over, in the order in which the engine did it."""
        # A rerun forgets what followed its task before that is done again; a loop may forget what has just ended.
        forgotten = {key for key in writes.deleted_tasks if key[0] in self._fitting.revived}
        moves = [self._moved(row) for row in writes.tasks if row[:2] in forgotten]
        for run_id, seq in forgotten:
            run = self.runs[run_id]
            self._deleted(run_id, seq)
            gone = run.removed.pop(seq, None)
            run.did_skipped |= gone is not None and gone.row.status == TaskStatus.SKIPPED
            run.recall()
            run.was_rerun = run.was_told = True
        born = [self._born(row) for row in writes.new_tasks]
        moves += [self._moved(row) for row in writes.tasks if row[:2] not in forgotten]
        for run_id, seq in writes.deleted_tasks:
            self._deleted(run_id, seq)
        births = [NewAttempt(attempt, self.runs[attempt.row.run_id].attempts.get(earlier)) for attempt, earlier in born]
        for birth, (_, earlier) in zip(births, born, strict=True):
            self._fitting.check_birth(birth, earlier)
        return births, moves

    def _judge(self, run: KnownRun) -> None:
        """Ask the interpreter what it thinks of a run that has ended."""
        try:
            found = disagreements(run, self._layouts[run.row.digest], self.runs)
        except Exception as error:  # the engine would take it for an error of the store
            raise Violation(f"the interpreter broke on {run}: {error!r}") from error
        self.ends += 1
        self.judged += found is not None
        self.disagreements += found or ()

    def _in_whole_rows(self, writes: WriteSet) -> WriteSet:
        """Return a commit with the rows of those runs of which it writes the holder only."""
        changed = [
            self.runs[run_id].row._replace(revision=revision, holder=holder)
            for run_id, revision, holder in writes.handed_over
        ]
        return evolve(writes, runs=[*writes.runs, *changed], handed_over=()) if changed else writes

    def _check_hints(self, writes: WriteSet) -> None:
        """What is said to stand in the store as it is does so: it will not be written."""
        for row in writes.runs[: writes.stepped_runs]:
            known = self.runs[row.run_id].row
            require(beside_step(row) == beside_step(known), f"run {row.run_id} changes in more than it says")
        for task in writes.tasks[: writes.ended_tasks]:
            old = self.runs[task.run_id].attempts[task.seq].row
            require(beside_end(task) == beside_end(old), f"attempt {task.seq} of {task.run_id} changes in more")

    def _changes(
        self,
        writes: WriteSet,
        before: Mapping[str, RunRow],
        births: Sequence[NewAttempt],
        moves: Sequence[Move],
        ended: Sequence[KnownAttempt],
    ) -> Iterator[CommittedChange]:
        """Sort a commit by runs."""
        for row in (*writes.new_runs, *writes.runs):
            run, run_id = self.runs[row.run_id], row.run_id
            yield CommittedChange(
                run,
                before.get(run_id),
                self._layouts[row.digest],
                tuple(birth for birth in births if birth.attempt.row.run_id == run_id),
                tuple(move for move in moves if move.new.row.run_id == run_id),
                tuple(attempt for attempt in ended if attempt.row.run_id == run_id),
                is_revived=run_id in self._fitting.revived,
            )

    def _ended_badly(self, writes: WriteSet, before: Mapping[str, RunRow]) -> list[tuple[KnownRun, str]]:
        """Return the runs that this commit has ended by themselves, with the failure workflow that they name."""
        found = []
        for row in (*writes.new_runs, *writes.runs):
            name = self._layouts[row.digest].definition.failure_workflow
            was_live = row.run_id not in before or before[row.run_id].status not in RUN_ENDED
            is_bad = row.status in {RunStatus.FAILED, RunStatus.TIMED_OUT} and not self.runs[row.run_id].was_refused
            if name and was_live and is_bad and row.run_id not in self._fitting.revived:
                found.append((self.runs[row.run_id], name))
        return found

    def steps_of(self, run_id: str) -> list[str]:
        """
        Return the names of a run's workers' tasks, but for those that an EXCLUSIVE_JOIN chooses from.

        In loops they are those of the second iteration, of which a loop that goes on has not begun any.
        """
        places = self._layouts[self.runs[run_id].row.digest].places
        tasks = [place.task for place in places.values()]
        joins = [one for one in tasks if one.type == TaskType.EXCLUSIVE_JOIN]
        chosen = {ref for one in joins for ref in (*one.join_on, *one.default_exclusive_join_task)}
        steps = [place for ref, place in places.items() if place.task.type == TaskType.SIMPLE and ref not in chosen]
        return [place.ref + "__2" * place.depth for place in steps]

    def check_offer(self, attempt: KnownAttempt) -> None:
        """
        Look at an attempt that is given to a worker.

        Raises:
            Violation: It rests, or the delay of its place is not over.
        """
        require(not attempt.moment("wake"), f"{attempt} was offered before its time")
        place = self._fitting.layout_of(attempt).places.get(attempt.row.base_ref)
        is_first = place is not None and place.task.type == TaskType.SIMPLE and not attempt.number
        was_told = attempt.is_meddled or self.runs[attempt.row.run_id].was_told
        if place is not None and is_first and not was_told:
            begins_at = attempt.row.scheduled_at + in_milliseconds(place.task.start_delay)
            require(self.now >= begins_at, f"{attempt} was offered {begins_at - self.now} ms before its delay was over")

    # -- rows --------------------------------------------------------------------------------------------------------

    def _take_runs(self, writes: WriteSet) -> set[str]:
        """Take the runs' rows over; gives those that somebody asked to reopen, and their parents."""
        for row in writes.new_runs:
            require(row.run_id not in self.runs, f"run {row.run_id} was started twice")
            require(row.revision == 1, f"run {row.run_id} begins at revision {row.revision}")
            require(row.digest in self._layouts, f"the definition of run {row.run_id} is not stored")
            self.runs[row.run_id] = run = KnownRun(row)
            run.first_variables = dict(self._layouts[row.digest].definition.variables)
        # A run may end, live again and end again in one commit.
        asked = self._asked_for({row.run_id for row in writes.runs})
        for row in writes.runs:
            run = self.runs[row.run_id]
            require(row.revision == run.row.revision + 1, f"{run} got revision {row.revision}")
            if run.is_ended and row.status != run.row.status:
                overwritten = row.status == RunStatus.TERMINATED and row.run_id in self.may_terminate
                require(row.run_id in asked or overwritten, f"{run} became {row.status} by itself")
            require(row.digest in self._layouts, f"the definition of {run} is not stored")
            if row.holder != run.row.holder:
                run.held_since = self.now
            run.row = row
            run.was_reopened |= row.run_id in asked
            run.history.append(row.status)
        return asked

    def _asked_for(self, written: set[str]) -> set[str]:
        """Return those of the runs that an operator asked to reopen, themselves or by way of children or parents."""
        asked = written & self.may_reopen
        found = set(asked)
        while found:
            parents = {self.runs[run_id].row.parent_id for run_id in found}
            # What was cancelled beside a child that goes on goes on too, and the runs that it had started.
            found = {one for one in written if one in parents or self.runs[one].row.parent_id in found} - asked
            asked |= found
        return asked

    def _born(self, row: TaskRow) -> tuple[KnownAttempt, int]:
        """Take a new attempt over; gives it with the number of the one before it in its place, or 0."""
        run = self.runs[row.run_id]
        require(row.seq not in run.used, f"number {row.seq} was used twice in {run}")
        attempt = KnownAttempt(row, row.input)
        known = run.newest.get(row.ref)
        if known is None:
            # A run may be restarted, fail, and go on in place, all in one commit.
            goes_on = row.task_type in _REOPENED and row.run_id in self._fitting.revived
            require(attempt.number == 0 or run.was_told or goes_on, f"{attempt} is the first attempt of its place")
        else:
            require(row.seq > known.row.seq, f"{attempt} came after {known}")
        run.used.add(row.seq)
        self._enter(run, attempt)
        return attempt, known.row.seq if known is not None else 0

    def _enter(self, run: KnownRun, attempt: KnownAttempt) -> None:
        row = attempt.row
        attempt.is_meddled = attempt.key in self.meddled
        attempt.author, attempt.written_at = self.author, self.now
        run.attempts[row.seq] = attempt
        newest = run.newest.get(row.ref)
        if newest is None or newest.row.seq <= row.seq:
            run.newest[row.ref] = attempt
        (run.live.add if attempt.is_live else run.live.discard)(row.seq)

    def _moved(self, row: TaskRow) -> Move:
        """Take a changed attempt over; gives it as it was and as it is."""
        run = self.runs[row.run_id]
        old = run.attempts.get(row.seq)
        if old is None:
            raise Violation(f"attempt {row.seq} of {run} was changed and does not exist")
        new = KnownAttempt(row._replace(ref=old.row.ref, base_ref=old.row.base_ref), old.inputs)
        lives_again = row.task_type in _REOPENED and not self._fitting.revived.isdisjoint({row.run_id, old.sub_id})
        if not old.is_live and not lives_again:
            shrugged = row.status == TaskStatus.COMPLETED_WITH_ERRORS and not old.is_executed
            require(row.status == old.row.status or shrugged, f"{old} had ended and became {row.status}")
            require(row.output == old.outputs, f"{old} had ended and got another output")
        if not lives_again:
            require(new.is_retried or not old.is_retried, f"{old} is not retried any more")
            # The end of a run comes before what an attempt would have brought about.
            undone = old.is_executed and not new.is_executed and not run.is_ended
            require(not undone, f"{old} is not executed any more")
        self._enter(run, new)
        return Move(old, new)

    def _deleted(self, run_id: str, seq: int) -> None:
        run = self.runs[run_id]
        attempt = run.attempts.pop(seq, None)
        if attempt is not None:
            require(not attempt.is_live, f"{attempt} was deleted alive")
            run.removed[seq] = attempt

    def _line(self, writes: WriteSet) -> str:
        runs = [f"{self.name(row.run_id)}@{row.revision}={row.status}" for row in (*writes.new_runs, *writes.runs)]
        tasks = [f"+{self.name(row.run_id)}/{row.seq}:{row.ref}={row.status}" for row in writes.new_tasks]
        tasks += [f"{self.name(row.run_id)}/{row.seq}:{row.ref}={row.status}" for row in writes.tasks]
        tasks += [f"-{self.name(run_id)}/{seq}" for run_id, seq in writes.deleted_tasks]
        tasks += [
            f"registry:{name}" for name in (*(w.name for w in writes.workflows), *(t.name for t in writes.task_defs))
        ]
        return f"commit {' '.join(runs)} | {' '.join(tasks)}"
