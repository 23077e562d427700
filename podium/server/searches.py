"""
Searches of the API: one page of what is found, and how many there are.

What is masked is found by nobody: of runs that mask fields, what a search in payloads has found is held against what
everybody is shown of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from podium.engine import ids
from podium.engine.ports import Backend
from podium.engine.reader import Reader
from podium.engine.rows import RunRow, TaskRow
from podium.engine.searches import PAYLOADS, Compare, Condition, Either, Every, Order, Search, fields_of, holds
from podium.expressions.text import java_text
from podium.model.codec import from_json
from podium.model.definitions import WorkflowDef
from podium.model.payloads import dump
from podium.model.runs import TaskRun, WorkflowRun
from podium.server.grammar import RUNS, TASKS, condition, order
from podium.server.wire import iso, without_nulls

_Row = TypeVar("_Row", RunRow, TaskRow)

_NEWEST_RUNS = (Order("created_at", is_descending=True),)
_NEWEST_TASKS = (Order("scheduled_at", is_descending=True),)
#: How many rows are looked through together.
_PAGE = 500
_AGENT = "agent"


class ResultPage(NamedTuple):
    """One page of what was found."""

    total: int
    rows: Sequence[Any]


class RunQuery(NamedTuple):
    """What a list of runs asks for; everything must hold."""

    #: In the grammar, of runs and of attempts: runs that have such an attempt.
    query: str = ""
    tasks: str = ""
    #: A part of anything that stands in the run.
    text: str = ""
    #: One of these; any without them.
    statuses: Sequence[str] = ()
    #: Epoch milliseconds; 0 for any. What has not ended is not found by its end.
    started_from: int = 0
    ended_from: int = 0
    #: No sub-workflows.
    is_top: bool = False
    sort: str = ""
    limit: int = 100
    offset: int = 0


class Listed(NamedTuple):
    """A part of a list of runs, without their attempts; nobody has counted all of what had to be looked through."""

    total: int | None
    rows: Sequence[WorkflowRun]


class Finder:
    """
    Searches a store; its methods block.

    Args:
        backend: The store.
        reader: Shows what is in it.
    """

    def __init__(self, backend: Backend, reader: Reader) -> None:
        self._backend = backend
        self._reader = reader

    def runs(self, query: dict[str, Any], *, by_tasks: bool = False) -> ResultPage:
        """Return runs, by the parameters of a search: as they are shown, without their attempts."""
        fields = TASKS if by_tasks else RUNS
        where = condition(query["query"], query["freeText"], fields)
        if not by_tasks:
            where = Every((where, *self._narrowing(query)))
        search = Search(where, order(query["sort"], RUNS, _NEWEST_RUNS), query["size"], query["start"])
        find = self._backend.search_runs_by_tasks if by_tasks else self._backend.search_runs
        if PAYLOADS.isdisjoint(fields_of(where)):
            count = self._backend.count_runs_by_tasks if by_tasks else self._backend.count_runs
            found = ResultPage(count(where), find(search))
        else:
            is_found = partial(self._shows_task, where) if by_tasks else partial(self._shows_run, where)
            found = _held(find, search, partial(filter, is_found))
        return found._replace(rows=[self._reader.shown(row) for row in found.rows])

    def tasks(self, query: dict[str, Any]) -> ResultPage:
        """Return attempts, by the parameters of a search, as they are shown."""
        where = condition(query["query"], query["freeText"], TASKS)
        search = Search(where, order(query["sort"], TASKS, _NEWEST_TASKS), query["size"], query["start"])
        return self.attempts(search)

    def attempts(self, search: Search) -> ResultPage:
        """Return the attempts of a search, as they are shown."""
        if PAYLOADS.isdisjoint(fields_of(search.where)):
            found = ResultPage(self._backend.count_tasks(search.where), self._backend.search_tasks(search))
        else:
            found = _held(self._backend.search_tasks, search, partial(self._shown_tasks, search.where))
        return found._replace(rows=self._reader.attempts(found.rows))

    def listed(self, asked: RunQuery) -> Listed:
        """
        Return a part of a list of runs.

        What stands in payloads, and attempts together with other conditions, is looked for until the part is full.

        Raises:
            InvalidRequest: A query cannot be read.
        """
        where = Every(tuple(self._conditions(asked)))
        of_tasks = condition(asked.tasks, None, TASKS)
        search = Search(where, order(asked.sort, RUNS, _NEWEST_RUNS), asked.limit, asked.offset)
        if of_tasks == Every():
            if PAYLOADS.isdisjoint(fields_of(where)):
                rows = self._backend.search_runs(search)
                return Listed(self._backend.count_runs(where), [self._reader.shown(row) for row in rows])
            is_found = partial(self._shows_run, where)
            return self._sifted(self._backend.search_runs, search, is_found)
        return self._sifted(
            self._backend.search_runs_by_tasks,
            search._replace(where=of_tasks),
            lambda row: self._fits(where, row) and self._shows_task(of_tasks, row),
        )

    def _conditions(self, asked: RunQuery) -> Iterator[Condition]:
        given = condition(asked.query, asked.text, RUNS)
        yield from given.parts if isinstance(given, Every) else (given,)
        if asked.statuses:
            either = tuple(Compare("status", "=", status) for status in asked.statuses)
            yield either[0] if len(either) == 1 else Either(either)
        if asked.started_from:
            yield Compare("created_at", ">=", asked.started_from)
        if asked.ended_from:
            yield Compare("ended_at", ">=", asked.ended_from)
        if asked.is_top:
            yield Compare("parent_id", "null")

    def _sifted(
        self, find: Callable[[Search], Sequence[RunRow]], search: Search, is_found: Callable[[RunRow], bool]
    ) -> Listed:
        """Look through what was found until one part of what really is has come together."""
        kept, passed = [], 0
        for start in range(0, 1 << 40, _PAGE):
            rows = find(search._replace(limit=_PAGE, offset=start))
            for row in filter(is_found, rows):
                passed += 1
                if passed > search.offset:
                    kept.append(row)
                if len(kept) == search.limit:
                    return Listed(None, [self._reader.shown(each) for each in kept])
            if len(rows) < _PAGE:
                break
        return Listed(passed, [self._reader.shown(each) for each in kept])

    def attempts_of(self, run_id: str) -> int:
        """Return how many attempts a run has."""
        return self._backend.count_tasks(Compare("run_id", "=", run_id))

    def _narrowing(self, query: dict[str, Any]) -> Iterator[Condition]:
        """Yield what else is asked of runs beside the query."""
        if query["topLevelOnly"]:
            yield Compare("parent_id", "null")
        if query["classifier"]:
            yield self._of_class(query["classifier"])

    def _of_class(self, wanted: str) -> Condition:
        """Return the condition that a run is of a class of workflows; what is not registered is a workflow."""
        classes = {row.name: classifier(from_json(row.body, WorkflowDef)) for row in self._backend.workflows()}
        if wanted == "workflow":
            return Every(tuple(Compare("name", "!=", name) for name, found in classes.items() if found != wanted))
        return Either(tuple(Compare("name", "=", name) for name, found in classes.items() if found == wanted))

    def _shows_run(self, where: Condition, row: RunRow) -> bool:
        return self._fits(where, row) if self._reader.masks(row) else True

    def _fits(self, where: Condition, row: RunRow) -> bool:
        """Return whether a condition holds of a run as everybody is shown it."""
        run = self._reader.shown(row)
        payloads = {"input": run.input, "output": run.output, "variables": run.variables}

        def value_of(field: str) -> Any:
            if field == "duration":
                return row.ended_at - row.created_at
            return dump(payloads[field]) if field in payloads else getattr(row, field)

        return holds(where, value_of)

    def _shows_task(self, where: Condition, row: RunRow) -> bool:
        if not self._reader.masks(row):
            return True
        mine = Every((Compare("run_id", "=", row.run_id), where))
        return bool(self.attempts(Search(mine, (), 1)).rows)

    def _shown_tasks(self, where: Condition, rows: Sequence[TaskRow]) -> Iterator[TaskRow]:
        """Yield those of which a condition holds as everybody is shown them; those of no run any more are none."""
        runs = self._backend.load_runs(list({row.run_id for row in rows}))
        masking = {run_id for run_id, run in runs.items() if self._reader.masks(run)}
        shown = self._reader.attempts([row for row in rows if row.run_id in masking])
        attempts = {each.task_id: each for each in shown}
        for row in rows:
            attempt = attempts.get(ids.task_id(row.run_id, row.seq))
            if row.run_id not in masking:
                is_shown = row.run_id in runs
            else:
                is_shown = attempt is not None and _holds_of(where, row, attempt, runs[row.run_id])
            if is_shown:
                yield row


def _holds_of(where: Condition, row: TaskRow, attempt: TaskRun, run: RunRow) -> bool:
    """Return whether a condition holds of an attempt as everybody is shown it."""
    values = {
        "input": dump(attempt.input_data),
        "output": dump(attempt.output_data),
        "duration": row.ended_at - row.started_at,
        "waited": row.started_at - row.scheduled_at,
        "run_name": run.name,
        "run_correlation_id": run.correlation_id,
    }
    return holds(where, lambda field: values[field] if field in values else getattr(row, field))


def _held(
    find: Callable[[Search], Sequence[_Row]], search: Search, sift: Callable[[Sequence[_Row]], Iterable[_Row]]
) -> ResultPage:
    """Look through all that was found, and keep one page of what really is."""
    total, kept = 0, []
    for start in range(0, 1 << 40, _PAGE):
        rows = find(search._replace(limit=_PAGE, offset=start))
        for row in sift(rows):
            if search.offset <= total < search.offset + search.limit:
                kept.append(row)
            total += 1
        if len(rows) < _PAGE:
            break
    return ResultPage(total, kept)


def classifier(definition: WorkflowDef | None) -> str:
    """Return the class of a workflow, as Conductor tells agents from other workflows."""
    metadata = definition.metadata if definition is not None else {}
    own = metadata.get("classifier")
    if own:
        return str(own)
    return _AGENT if "agent_sdk" in metadata or "agentDef" in metadata else "workflow"


def run_summary(run: WorkflowRun) -> dict[str, Any]:
    """Return a run as a ``WorkflowSummary``."""
    given, output = java_text(dict(run.input)), java_text(dict(run.output))
    return without_nulls(
        {
            "workflowType": run.workflow_name,
            "version": run.workflow_version,
            "workflowId": run.workflow_id,
            "correlationId": run.correlation_id,
            "startTime": iso(run.create_time),
            "updateTime": iso(run.update_time),
            "endTime": iso(run.end_time),
            "status": run.status.value,
            "input": given,
            "output": output,
            "reasonForIncompletion": run.reason_for_incompletion,
            "executionTime": max(0, run.end_time - run.create_time) if run.end_time else 0,
            "event": run.event,
            "failedReferenceTaskNames": ",".join(run.failed_reference_task_names),
            "failedTaskNames": list(run.failed_task_names),
            "priority": run.priority,
            "createdBy": run.created_by,
            "taskToDomain": dict(run.task_to_domain),
            "idempotencyKey": run.idempotency_key,
            "inputSize": len(given),
            "outputSize": len(output),
            "parentWorkflowId": run.parent_workflow_id,
            "classifier": classifier(run.workflow_definition),
        }
    )


def task_summary(task: TaskRun) -> dict[str, Any]:
    """Return an attempt as a ``TaskSummary``."""
    return without_nulls(
        {
            "workflowId": task.workflow_instance_id,
            "workflowType": task.workflow_type,
            "correlationId": task.correlation_id,
            "scheduledTime": iso(task.scheduled_time),
            "startTime": iso(task.start_time),
            "updateTime": iso(task.update_time),
            "endTime": iso(task.end_time),
            "status": task.status.value,
            "reasonForIncompletion": task.reason_for_incompletion,
            "executionTime": max(0, task.end_time - task.start_time) if task.end_time else 0,
            "queueWaitTime": task.queue_wait_time,
            "taskDefName": task.task_def_name,
            "taskType": task.task_type,
            "input": java_text(dict(task.input_data)),
            "output": java_text(dict(task.output_data)),
            "taskId": task.task_id,
            "taskReferenceName": task.reference_task_name,
            "workflowPriority": task.workflow_priority,
            "domain": task.domain,
        }
    )
