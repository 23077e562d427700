"""What a client sees of a store: runs and definitions as callers read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve

from podium.client.checked import checked_filter, checked_run_status, checked_whole
from podium.client.compensation import what_was_undone
from podium.client.engine import EmbeddedEngine
from podium.engine.rows import RunFilter
from podium.model.codec import from_json
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.later import later
from podium.model.records import RunList
from podium.model.runs import RunSource, RunSummary, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType

if TYPE_CHECKING:
    from podium.client import explaining, searching
    from podium.model.explanations import Explanation
else:
    explaining = later("podium.client.explaining")
    searching = later("podium.client.searching")

_AROUND = frozenset({TaskType.DO_WHILE, TaskType.JOIN, TaskType.EXCLUSIVE_JOIN})


class StoreViews:
    """Looks at an engine's store, and starts nothing."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    def workflows(self) -> tuple[WorkflowDef, ...]:
        """Return every registered workflow, by name and version."""
        return tuple(from_json(row.body, WorkflowDef) for row in self._engine.backend.workflows())

    def task_defs(self) -> tuple[TaskDef, ...]:
        """Return every registered task definition, by name."""
        return tuple(from_json(row.body, TaskDef) for row in self._engine.backend.task_defs())

    def schemas(self) -> tuple[SchemaDef, ...]:
        """Return every registered schema, by name and version."""
        return tuple(from_json(row.body, SchemaDef) for row in self._engine.backend.schemas())

    def run(self, run_id: str, *, with_tasks: bool = True, revision: int | None = None) -> WorkflowRun:
        """Return a run that knows how to be looked at again, and what was undone of it; see `Reader.run`."""
        reader = self._engine.reader
        fetch = partial(self.run, run_id, with_tasks=with_tasks)
        source = RunSource(fetch, self.run, lambda: self.explain(run_id), self.workflows)
        run = reader.run(run_id, with_tasks=with_tasks, source=source, revision=revision)
        undoing = what_was_undone(run, reader.run)
        return evolve(run, undoing=undoing) if undoing != run.undoing else run

    def explain(self, run_id: str, completing: Callable[[str, str], str] | None = None) -> Explanation:
        """Return why a run stands where it stands; *completing* gives the call that completes a task."""
        explainer = explaining.Explainer(self._engine)
        return explainer.explain(run_id, completing or explaining.complete_task)

    def runs(self, where: RunFilter, limit: int, offset: int, wanted: searching.PayloadFilter | None = None) -> RunList:
        """Return the runs that a filter lets through and that have what is wanted, newest first."""
        if where.status is not None:
            where = where._replace(status=checked_run_status(where.status).value)
        checked_filter(where)
        reader = self._engine.reader
        if wanted is None or not wanted.is_asked:
            return RunList(reader.runs(where, limit=limit, offset=offset))
        narrow = wanted.narrowed(where)

        def page(size: int, start: int) -> Sequence[RunSummary]:
            return reader.runs(narrow, limit=size, offset=start)

        def fits(run_id: str) -> bool:
            return wanted.are_in(reader.run(run_id, with_tasks=False))

        return RunList(searching.matching(fits, page, limit, offset))

    def pending_humans(self, name: str | None, limit: int) -> list[TaskRun]:
        """Return the HUMAN tasks that wait in the newest live runs."""
        checked_whole(limit, "limit", 0)
        alive = [*self.runs(RunFilter(name=name, status=RunStatus.RUNNING), limit, 0)]
        alive += self.runs(RunFilter(name=name, status=RunStatus.PAUSED), limit, 0)
        newest = sorted(alive, key=lambda run: -run.create_time)[:limit]
        attempts = (attempt for run in newest for attempt in self.run(run.workflow_id).tasks)
        return [each for each in attempts if each.task_type == TaskType.HUMAN and not each.status.is_terminal]

    def failed_descendant(self, run_id: str) -> str:
        """Return the run that failed first: the run itself, or the sub-workflow in it that made it fail."""
        bad = [one for one in self.run(run_id).tasks if not one.retried and one.status.is_terminal]
        bad = [one for one in bad if not one.status.is_successful]
        failed = [one for one in bad if one.status is not TaskStatus.CANCELED] or bad
        # A loop fails with what fails in it, and a JOIN is cancelled with what it waits for.
        chosen = [one for one in failed if one.task_type not in _AROUND]
        if chosen and chosen[0].task_type == TaskType.SUB_WORKFLOW and chosen[0].sub_workflow_id:
            return self.failed_descendant(chosen[0].sub_workflow_id)
        return run_id
