"""The operations of `podium.client.operations` on an engine in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from podium.client.checked import checked_length, checked_lines, checked_object, checked_text
from podium.client.driving import BlockingCall, blocking, body_of, together
from podium.client.engine import EmbeddedEngine
from podium.client.external_results import OutsideResults
from podium.client.input_edits import Edits
from podium.client.interface import Client
from podium.client.operations import BulkResult, BulkVerb
from podium.client.run_requests import asked_bulk
from podium.dsl.arguments import checked_verbs
from podium.engine import events, ids
from podium.model.assignments import Report
from podium.model.errors import InvalidRequest, PodiumError, TaskNotFound
from podium.model.later import later
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus

if TYPE_CHECKING:
    from podium.client import limit_view
    from podium.model.limit_use import LimitUse
else:
    limit_view = later("podium.client.limit_view")

#: Most runs of one request that are in work at once.
_BULK_MAX = 200


@checked_verbs
class OperatingClient(Client):
    """The part of `podium.client.EmbeddedClient` that operators use; said at `podium.client.operations.Operations`."""

    _edits: Edits
    _engine: EmbeddedEngine
    _results: OutsideResults

    def _undone(self, run_id: str, verb: str, *, with_itself: bool, force: bool) -> dict[str, frozenset[str]]:
        raise NotImplementedError

    @blocking
    async def rerun(
        self,
        run_id: str,
        *,
        from_task: str | None = None,
        task_input: Mapping[str, object] | None = None,
        workflow_input: Mapping[str, object] | None = None,
        correlation_id: str | None = None,
        force: bool = False,
    ) -> None:
        if from_task is None and task_input is not None:
            raise InvalidRequest("task_input belongs to a task: say which by from_task")
        run_input = None
        if workflow_input is not None:
            run_input = await BlockingCall(partial(self._edits.run_input, run_id, workflow_input))
        edit = events.Edit(run_id, run_input, checked_text(correlation_id, "correlation_id"))
        target, seq, task = run_id, None, None
        if from_task is not None:
            found = await BlockingCall(partial(find_attempt, self._engine.reader.run, run_id, from_task))
            if found is None:
                raise TaskNotFound(f"Task {from_task} not found in run {run_id}")
            target, seq = found[0].workflow_id, found[1].seq
            task = None if task_input is None else self._edits.task_input(*found, task_input)
        undone = await BlockingCall(partial(self._undone, target, "rerun", with_itself=seq is not None, force=force))
        await self._engine.ask(events.Rerun(target, seq, task, edit, undone))

    @blocking
    async def skip_task(
        self,
        run_id: str,
        reference_name: str,
        *,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
    ) -> None:
        shown, given = checked_object(input, "the input"), checked_object(output, "the output")
        await self._engine.ask(events.Skip(run_id, reference_name, shown, given))

    @blocking
    async def fail_task(
        self,
        run_id: str,
        reference_name: str,
        reason: str | None = None,
        *,
        output: Mapping[str, object] | None = None,
        terminal: bool = False,
    ) -> None:
        status = TaskStatus.FAILED_WITH_TERMINAL_ERROR if terminal else TaskStatus.FAILED
        await self._results.complete(run_id, reference_name, output, status, reason=reason)

    @blocking
    async def update_task_by_name(
        self,
        run_id: str,
        reference_name: str,
        status: TaskStatus | str = TaskStatus.COMPLETED,
        output: Mapping[str, object] | None = None,
        *,
        reason: str | None = None,
        worker_id: str | None = None,
        callback_after: float | str | timedelta = 0,
        logs: Iterable[str] = (),
    ) -> WorkflowRun:
        now = self._engine.clock.now()
        await self._results.complete(
            run_id,
            reference_name,
            output,
            status,
            reason=checked_text(reason, "reason"),
            worker_id=checked_text(worker_id, "worker_id"),
            callback_after_s=checked_length(callback_after, "callback_after"),
            logs=[(now, line) for line in checked_lines(logs)],
        )
        return await BlockingCall(partial(self._engine.reader.run, run_id))

    @blocking
    async def extend_lease(self, task_id: str) -> None:
        run_id, seq = ids.locate(task_id)
        await self._engine.ask(Report(run_id, seq, TaskStatus.IN_PROGRESS, is_heartbeat=True))

    @blocking
    async def reset_callbacks(self, run_id: str) -> None:
        await self._engine.ask(events.ResetCallbacks(run_id))

    @blocking
    async def bulk(self, verb: BulkVerb, run_ids: Iterable[str], /, **options: Any) -> BulkResult:
        asked = asked_bulk(self, verb, run_ids, options)
        method: Callable[..., Any] = getattr(self, verb)
        result = BulkResult([], {})
        for at in range(0, len(asked), _BULK_MAX):
            part = asked[at : at + _BULK_MAX]
            outcomes = await together([self._one(method, run_id, options) for run_id in part])
            for run_id, refusal in zip(part, outcomes, strict=True):
                if refusal is None:
                    result.successful.append(run_id)
                else:
                    result.failed[run_id] = refusal
        return result

    async def _one(self, method: Callable[..., Any], run_id: str, options: Mapping[str, Any]) -> str | None:
        """Do one of many; give the words of its refusal."""
        body = body_of(method)
        try:
            if body is None:
                await BlockingCall(partial(method, run_id, **options))
            else:
                await body(self, run_id, **options)
        except PodiumError as error:
            return str(error)
        return None

    def limits(self, name: str | None = None) -> tuple[LimitUse, ...]:
        return limit_view.limits_in_use(self._engine, name)


def find_attempt(read: Callable[[str], WorkflowRun], run_id: str, name: str) -> tuple[WorkflowRun, TaskRun] | None:
    """Return the newest attempt that an id or a reference name means, in a run or below it, with its run."""
    run = read(run_id)
    tasks = sorted(run.tasks, key=lambda one: one.seq, reverse=True)
    for is_meant in (_has_id, _has_name, _has_base_name):
        for one in tasks:
            if is_meant(one, name):
                return run, one
    for one in tasks:
        if one.sub_workflow_id and not one.retried:
            found = find_attempt(read, one.sub_workflow_id, name)
            if found is not None:
                return found
    return None


def _has_id(task: TaskRun, name: str) -> bool:
    return task.task_id == name


def _has_name(task: TaskRun, name: str) -> bool:
    return task.reference_task_name == name


def _has_base_name(task: TaskRun, name: str) -> bool:
    return task.workflow_task is not None and task.workflow_task.task_reference_name == name
