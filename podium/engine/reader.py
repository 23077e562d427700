"""Read runs from a store, without working on them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter

from attrs import evolve

from podium.engine import ids
from podium.engine.document import RunDocument
from podium.engine.library import DefinitionLibrary
from podium.engine.masking import masks_of, shower
from podium.engine.operators import Operators
from podium.engine.plan import Plan
from podium.engine.ports import Backend
from podium.engine.recent import RecentRuns
from podium.engine.records import TaskRecord, run_record, stored_domain, task_record
from podium.engine.rows import LogRow, RunFilter, RunRow, TaskRow
from podium.engine.state import RunState, restore
from podium.engine.views import ended_view, run_view, summary, task_view, view_of
from podium.expressions.refusals import PathRefused, PathTooCostly, PatternRefused
from podium.expressions.secrets import redact
from podium.expressions.template import compile_template
from podium.model.errors import InvalidRequest, RunNotFound, TaskNotFound
from podium.model.payloads import parse
from podium.model.runs import RunSource, RunSummary, TaskLog, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.texts import storable
from podium.model.values import JsonValue

#: Most runs that are read together: their payloads may be large.
_RUNS_AT_ONCE = 100


class Reader:
    """
    Gives runs as the API shows them. May be used from any thread.

    Args:
        backend: The store.
        recent: The runs that an engine of this process has ended lately: they are looked at, and not read.
    """

    def __init__(self, backend: Backend, recent: RecentRuns | None = None) -> None:
        self._backend = backend
        self._recent = recent or RecentRuns()
        self._library = DefinitionLibrary(backend, Operators())
        self._lock = threading.Lock()

    def run(
        self,
        run_id: str,
        *,
        with_tasks: bool = True,
        source: RunSource | None = None,
        revision: int | None = None,
        is_masked: bool = True,
    ) -> WorkflowRun:
        """
        Return a run.

        Args:
            run_id: The run.
            with_tasks: With all its attempts.
            source: What gives it anew.
            revision: In which it is, if the caller has just looked.
            is_masked: Without the values of its masked fields, as everybody is shown it.

        Raises:
            RunNotFound: No run has this id.
        """
        self._recent.see(run_id)
        if is_masked and self._recent.holds(run_id, with_tasks=with_tasks):
            ended = self._recent.find(run_id, self.pulse(run_id)[1] if revision is None else revision)
            if ended is not None and not (with_tasks and ended.attempts is None):
                return ended_view(ended, source, with_tasks=with_tasks)
        return self._view(self._row(run_id), with_tasks=with_tasks, source=source, is_masked=is_masked)

    def shown(self, row: RunRow) -> WorkflowRun:
        """Return a run without its attempts, as everybody is shown it; *row* is the whole row, as just read."""
        return self._view(row, with_tasks=False)

    def masks(self, row: RunRow) -> bool:
        """Return whether some of what a run holds is not shown; *row* is the whole row."""
        return bool(self._masks(row))

    def _view(
        self, row: RunRow, *, with_tasks: bool, source: RunSource | None = None, is_masked: bool = True
    ) -> WorkflowRun:
        run_id = row.run_id
        # The texts of masked fields are looked for in all attempts, also where these are not shown.
        if not with_tasks and not (is_masked and self._masks(row)):
            return view_of(run_record(row), (), self._plan(row.digest), source, is_masked=is_masked)
        # The attempts are read after the run, so they are at least as new; a reader never sees half a commit of either.
        tasks = self._backend.load_tasks(run_id)
        while (digest := self._row(run_id).digest) != row.digest:
            # Restarted with another definition in between, in which those attempts have no place.
            row, tasks = self._row(run_id), self._backend.load_tasks(run_id)
        view = run_view(row, tasks, self._plan(digest), source, is_masked=is_masked)
        return view if with_tasks else evolve(view, tasks=())

    def run_for(self, run_id: str, seer_id: str, *, with_tasks: bool) -> WorkflowRun:
        """
        Return a run as another run may work with it: with its masked fields, if that one masks all of them too.

        Raises:
            RunNotFound: One of the two is not there.
        """
        is_masked = not self._masks(self._row(run_id)) <= self._masks(self._row(seer_id))
        return self.run(run_id, with_tasks=with_tasks, is_masked=is_masked)

    def _masks(self, row: RunRow) -> frozenset[str]:
        return masks_of(run_record(row), self._plan(row.digest))

    def query(self, run_id: str, template: JsonValue) -> JsonValue:
        """
        Return what a template gives in a run as it stands.

        Raises:
            RunNotFound: No run has this id.
            InvalidRequest: A path in it is not taken.
        """
        row = self._row(run_id)
        tasks = self._backend.load_tasks(run_id)
        plan = self._plan(row.digest)
        state = restore(row, tasks, plan)
        records = [task_record(task, state.node(task.base_ref)) for task in tasks]
        _mask(state, records)

        def history(_: RunState, base_refs: Collection[str], after: int) -> Sequence[TaskRecord]:
            return [record for record in records if record.seq > after and record.base_ref in base_refs]

        try:
            found = compile_template(template).resolve(RunDocument(state, history), environment={}, task_id=None)
        except (PathRefused, PatternRefused, PathTooCostly) as error:
            raise InvalidRequest(f"the expression cannot be used: {error}") from None
        return found

    def _row(self, run_id: str) -> RunRow:
        row = self._backend.load_runs([run_id]).get(run_id)
        if row is None:
            raise RunNotFound(f"No such workflow found by id: {run_id}")
        return row

    def status(self, run_id: str) -> RunStatus:
        """
        Return a run's status.

        Raises:
            RunNotFound: No run has this id.
        """
        return self.pulse(run_id)[0]

    def pulse(self, run_id: str) -> tuple[RunStatus, int]:
        """
        Return a run's status, and a number that changes whenever something changes in it.

        Raises:
            RunNotFound: No run has this id.
        """
        self._recent.see(run_id)
        found = self._backend.pulses([run_id]).get(run_id)
        if found is None:
            raise RunNotFound(f"No such workflow found by id: {run_id}")
        return RunStatus(found.status), found.revision

    def task(self, task_id: str) -> TaskRun:
        """
        Return an attempt.

        Raises:
            TaskNotFound: No attempt has this id.
        """
        shown = self.attempts([self._task_row(task_id)])
        if not shown:
            raise TaskNotFound(f"No such task found by id: {task_id}")
        return shown[0]

    def queue(self, task_id: str) -> tuple[str, str | None]:
        """
        Return the task type and the domain of an attempt; nothing else of its run is read.

        Raises:
            TaskNotFound: No attempt has this id.
        """
        row = self._task_row(task_id)
        return row.task_type, stored_domain(row)

    def _task_row(self, task_id: str) -> TaskRow:
        found = self._backend.load_task(*ids.locate(task_id))
        if found is None:
            raise TaskNotFound(f"No such task found by id: {task_id}")
        return found

    def attempts(self, rows: Sequence[TaskRow]) -> Sequence[TaskRun]:
        """
        Return attempts whose rows were just read, in their order; those that have gone meanwhile are left out.

        A run is read once, however many of its attempts are among them.
        """
        by_run: dict[str, list[TaskRow]] = {}
        for row in rows:
            by_run.setdefault(row.run_id, []).append(row)
        found: dict[tuple[str, int], TaskRun] = {}
        run_ids = list(by_run)
        for start in range(0, len(run_ids), _RUNS_AT_ONCE):
            for run in self._backend.load_runs(run_ids[start : start + _RUNS_AT_ONCE]).values():
                with suppress(RunNotFound):
                    found |= self._attempts_of(run, by_run[run.run_id])
        return [found[row.run_id, row.seq] for row in rows if (row.run_id, row.seq) in found]

    def _attempts_of(self, row: RunRow, rows: Sequence[TaskRow]) -> Mapping[tuple[str, int], TaskRun]:
        """Return attempts of a run, by their keys."""
        plan, run = self._plan(row.digest), run_record(row)
        masks = masks_of(run, plan)
        found: dict[tuple[str, int], TaskRun] = {}
        whole: Sequence[TaskRun] | None = None
        for each in rows:
            key, node = (each.run_id, each.seq), plan.nodes.get(each.base_ref)
            if node is None or node.traits.is_loop:
                # The output of a loop is in its iterations; the place of a dynamic branch is in its fork.
                whole = self.run(row.run_id).tasks if whole is None else whole
                place = bisect_left(whole, each.seq, key=attrgetter("seq"))
                if place < len(whole) and whole[place].seq == each.seq:
                    found[key] = whole[place]
            else:
                record = task_record(each, node)
                payloads = (run.input, run.variables, record.input, record.output)
                found[key] = task_view(run, record, {}, own=shower(masks, payloads))
        return found

    def _plan(self, digest: str) -> Plan:
        plan = self._recent.plans.get(digest)
        if plan is not None:
            return plan
        with self._lock:
            return self._library.of_digest(digest)

    def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        """Return the lines that were logged for an attempt, oldest first."""
        run_id, seq = ids.locate(task_id)
        rows = self._backend.load_logs(run_id, seq)
        return tuple(TaskLog(log=row.text, task_id=task_id, created_time=row.created_at) for row in rows)

    def log_row(self, task_id: str, at: int, text: str, secrets: Mapping[str, str]) -> LogRow:
        """
        Return a line for an attempt as the store may keep it: without what is masked, and without its secrets.

        Raises:
            TaskNotFound: No attempt has this id.
        """
        run_id, seq = ids.locate(task_id)
        found, row = self._backend.load_task(run_id, seq), self._backend.load_runs([run_id]).get(run_id)
        if found is None or row is None:
            raise TaskNotFound(f"No such task found by id: {task_id}")
        run, given = run_record(row), parse(found.input)
        show = shower(self._masks(row), (run.input, run.variables, given, parse(found.output)))
        return LogRow(run_id, seq, at, storable(show(redact(text, given, secrets))))

    def runs(self, where: RunFilter, *, limit: int, offset: int) -> Sequence[RunSummary]:
        """Return runs as lines of a list, newest first."""
        return [summary(row) for row in self._backend.list_runs(where, limit, offset)]


def _mask(state: RunState, records: Sequence[TaskRecord]) -> None:
    """Take the values of masked fields out of a run that nobody works on, so that no path leads to them."""
    run, attempts = state.run, [*state.newest.values(), *records]
    payloads = [payload for record in attempts for payload in (record.input, record.output)]
    show = shower(masks_of(run, state.plan), [run.input, run.output, run.variables, *payloads])
    run.input, run.output, run.variables = show(run.input), show(run.output), show(run.variables)
    for record in attempts:
        record.input, record.output = show(record.input), show(record.output)
