"""The operations on runs and tasks, on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from os import PathLike
from time import time
from typing import Any

from attrs import evolve

from podium.client.checked import (
    checked_length,
    checked_lines,
    checked_object,
    checked_report,
    checked_result,
    checked_text,
)
from podium.client.compensation import undone_steps
from podium.client.declared import DeclaredTypes
from podium.client.driving import BlockingCall, blocking, body_of
from podium.client.embedded_operating import find_attempt
from podium.client.interface import Client
from podium.client.operations import BulkResult, BulkVerb
from podium.client.remote.calls import HttpAnswer
from podium.client.remote.server import Server
from podium.client.retention import hindrance
from podium.client.run_requests import asked_bulk
from podium.dsl.arguments import checked_verbs
from podium.model.errors import (
    IllegalTransition,
    InboxFull,
    InvalidRequest,
    NotOffered,
    PodiumError,
    RunNotFound,
    ServerBusy,
    TaskNotFound,
)
from podium.model.retention import age_s
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus
from podium.model.values import JsonObject

#: What servers do for many runs at once, and how: the method and the path of ``/workflow/bulk``.
_BULK: Mapping[str, tuple[str, str]] = {
    "pause": ("PUT", "pause"),
    "resume": ("PUT", "resume"),
    "terminate": ("POST", "terminate"),
}
#: Most runs in one request (Conductor refuses more than 1,000).
_BULK_MAX = 500


@checked_verbs
class RemoteOperatingClient(Client):
    """Acts on the runs of a server; what the verbs do is said at `podium.Client` and `podium.client.operations`."""

    _server: Server
    _declared: DeclaredTypes

    # -- runs --------------------------------------------------------------------------------------------------------

    @blocking
    async def pause(self, run_id: str) -> None:
        await self._server.ask("PUT", "workflow", run_id, "pause", is_repeatable=True)

    @blocking
    async def resume(self, run_id: str) -> None:
        await self._server.ask("PUT", "workflow", run_id, "resume")

    @blocking
    async def terminate(
        self, run_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False
    ) -> None:
        kind = await self._server.session.kind()
        if trigger_failure_workflow and not kind.is_extended:
            raise NotOffered(f"{kind.name} starts no failure workflow of a run that is terminated; nothing was changed")
        query = {"reason": reason, "triggerFailureWorkflow": trigger_failure_workflow or None}
        await self._server.ask("DELETE", "workflow", run_id, query=query)

    @blocking
    async def retry(self, run_id: str, *, resume_subworkflows: bool = False, force: bool = False) -> None:
        query = {"resumeSubworkflowTasks": resume_subworkflows}
        await self._take_up(run_id, "retry", "retried", query, with_itself=True, force=force)

    @blocking
    async def restart(self, run_id: str, *, use_latest: bool = False, force: bool = False) -> None:
        query = {"useLatestDefinitions": use_latest}
        await self._take_up(run_id, "restart", "restarted", query, with_itself=False, force=force)

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
        given: dict[str, Any] = {"correlationId": checked_text(correlation_id, "correlation_id")}
        if workflow_input is not None:
            given["workflowInput"] = checked_object(workflow_input, "workflow_input")
            run = await self._server.run(run_id, with_tasks=False)
            self._declared.refuse_wrong_input(run, given["workflowInput"])
        if from_task is not None:
            found = await BlockingCall(partial(find_attempt, self._server.read_run, run_id, from_task))
            if found is None:
                raise TaskNotFound(f"Task {from_task} not found in run {run_id}")
            given["reRunFromTaskId"] = found[1].task_id
            if task_input is not None:
                given["taskInput"] = checked_object(task_input, "task_input")
                self._declared.refuse_wrong_task_input(found[0], found[1].reference_task_name, given["taskInput"])
        body = {key: value for key, value in given.items() if value is not None}
        is_within = from_task is not None
        await self._take_up(run_id, "rerun", "rerun", {}, with_itself=is_within, force=force, body=body)

    async def _take_up(
        self,
        run_id: str,
        verb: str,
        done: str,
        query: Mapping[str, bool],
        *,
        with_itself: bool,
        force: bool,
        body: JsonObject | None = None,
    ) -> None:
        """Let an ended run go on; refuse here what was undone, because servers do it without asking."""
        await BlockingCall(partial(self._refuse_undone, run_id, done, with_itself=with_itself, force=force))
        try:
            await self._server.ask("POST", "workflow", run_id, verb, query={**query}, body=body)
        except RunNotFound as error:
            # Conductor says so too of a run that lives.
            run = await self._server.run(run_id, with_tasks=False)
            raise IllegalTransition(f"run {run_id} is {run.status} and cannot be {done}: {error}") from None

    def _refuse_undone(self, run_id: str, verb: str, *, with_itself: bool, force: bool) -> None:
        run = self._server.read_run(run_id)
        if with_itself:
            undone_steps(run, self._server.read_run, verb=verb, force=force)
        if run.parent_workflow_id:
            self._refuse_undone(run.parent_workflow_id, verb, with_itself=True, force=force)

    @blocking
    async def skip_task(
        self,
        run_id: str,
        reference_name: str,
        *,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
    ) -> None:
        kind = await self._server.session.kind()
        if (input or output) and not kind.is_extended:
            raise NotOffered(f"{kind.name} passes over the input and output of a task that is skipped")
        body = {"taskInput": checked_object(input, "the input"), "taskOutput": checked_object(output, "the output")}
        await self._server.ask("PUT", "workflow", run_id, "skiptask", reference_name, body=dict(body))

    @blocking
    async def reset_callbacks(self, run_id: str) -> None:
        await self._server.ask("POST", "workflow", run_id, "resetcallbacks", is_repeatable=True)

    @blocking
    async def delete(self, run_id: str, *, force: bool = False) -> None:
        run = await self._server.run(run_id, with_tasks=False)
        if run.parent_workflow_id or not (run.status.is_terminal or force):
            raise IllegalTransition(hindrance(run))
        verb = "remove" if run.status.is_terminal else "terminate-remove"
        query = {"archiveWorkflow": False, "reason": None if verb == "remove" else "it is deleted"}
        await self._server.ask("DELETE", "workflow", run_id, verb, query=query)

    @blocking
    async def prune(
        self,
        *,
        older_than: timedelta | str,
        workflow: str | None = None,
        dry_run: bool = False,
        archive: str | PathLike[str] | None = None,
    ) -> dict[str, int]:
        if archive is not None:
            raise NotOffered("archive= is written where the store is: call prune on a client of the store itself")
        body = {"olderThanSeconds": age_s(older_than), "workflow": workflow, "dryRun": dry_run}
        found = await self._server.own("prune", "POST", "prune", body=dict(body), is_repeatable=dry_run)
        return {str(name): int(count) for name, count in found.items()}

    @blocking
    async def bulk(self, verb: BulkVerb, run_ids: Iterable[str], /, **options: Any) -> BulkResult:
        asked = asked_bulk(self, verb, run_ids, options)
        if verb in _BULK and options.keys() <= ({"reason"} if verb == "terminate" else set()):
            return await self._all_at_once(verb, asked, options.get("reason"))
        result, method = BulkResult([], {}), getattr(self, verb)
        for run_id in asked:
            try:
                await _body(method)(self, run_id, **options)
            except PodiumError as error:
                result.failed[run_id] = str(error)
            else:
                result.successful.append(run_id)
        return result

    async def _all_at_once(self, verb: str, asked: list[str], reason: str | None) -> BulkResult:
        result, (method, name) = BulkResult([], {}), _BULK[verb]
        for at in range(0, len(asked), _BULK_MAX):
            part = asked[at : at + _BULK_MAX]
            answer = await self._server.ask(method, "workflow", "bulk", name, body=[*part], query={"reason": reason})
            found = self._server.object(answer)
            result.successful.extend(found.get("bulkSuccessfulResults") or ())
            result.failed.update(found.get("bulkErrorResults") or {})
        return result

    # -- tasks -------------------------------------------------------------------------------------------------------

    @blocking
    async def update_task(self, result: TaskResult) -> None:
        result = checked_result(result)
        output, status = result.output_data, result.status
        run_id = result.workflow_instance_id
        if not run_id or (status is TaskStatus.COMPLETED and self._declared.knows_any):
            attempt = await self._server.task(result.task_id)
            run_id = attempt.run_id
            if status is TaskStatus.COMPLETED:
                await self._refuse_wrong(run_id, attempt.reference_task_name, lambda _: output)
        await self._server.update(evolve(result, workflow_instance_id=run_id))

    @blocking
    async def complete_task(
        self,
        run_id: str,
        reference_name: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus = TaskStatus.COMPLETED,
    ) -> None:
        await self._complete(run_id, reference_name, output, status)

    async def _complete(
        self, run_id: str, reference_name: str, output: Mapping[str, object] | None, status: TaskStatus | str
    ) -> None:
        given, told = checked_object(output, "the output"), checked_report(status)
        if told is TaskStatus.COMPLETED:
            await self._refuse_wrong(run_id, reference_name, lambda so_far: {**so_far, **given})
        answer = await self._server.ask("POST", "tasks", run_id, reference_name, told.value, body=given)
        await self._see_done(answer, run_id, reference_name)

    async def _see_done(self, answer: HttpAnswer, run_id: str, reference_name: str) -> None:
        """See that an attempt was there to be ended: Conductor answers with nothing if not."""
        if not answer.text:
            await self._server.run(run_id, with_tasks=False)
            raise TaskNotFound(f"run {run_id} has no live attempt of {reference_name!r}")

    async def _refuse_wrong(
        self, run_id: str, reference_name: str, output: Callable[[JsonObject], Mapping[str, Any]]
    ) -> None:
        """Refuse a result that its step is not declared to give."""
        if self._declared.knows_any:
            run = await self._server.run(run_id)
            attempt = run.task(reference_name)
            so_far = {} if attempt is None else attempt.output_data
            await BlockingCall(partial(self._declared.refuse_wrong, run, reference_name, lambda: output(so_far)))

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
        await self._tell(run_id, reference_name, status, output, reason=reason)

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
        told = checked_report(status)
        if told is TaskStatus.COMPLETED:
            given = checked_object(output, "the output")
            await self._refuse_wrong(run_id, reference_name, lambda so_far: {**so_far, **given})
        await self._tell(
            run_id,
            reference_name,
            told,
            output,
            reason=checked_text(reason, "reason"),
            worker_id=checked_text(worker_id, "worker_id"),
            callback_after=checked_length(callback_after, "callback_after"),
            logs=checked_lines(logs),
        )
        return await self._server.run(run_id)

    async def _tell(
        self,
        run_id: str,
        reference_name: str,
        status: TaskStatus,
        output: Mapping[str, object] | None,
        *,
        reason: str | None = None,
        worker_id: str | None = None,
        callback_after: float = 0,
        logs: list[str] | None = None,
    ) -> None:
        """Say how the live attempt of a task stands, with everything that Conductor takes by an attempt's id only."""
        given = checked_object(output, "the output")
        if (await self._server.session.kind()).is_podium:
            said: dict[str, Any] = {
                "status": status.value,
                "outputData": given,
                "reasonForIncompletion": reason,
                "workerId": worker_id,
                "callbackAfterSeconds": callback_after,
                "logs": logs or None,
            }
            body = {key: value for key, value in said.items() if value is not None}
            await self._server.ask("POST", "podium", "runs", run_id, "tasks", reference_name, body=body)
            return
        attempt = _live(await self._server.run(run_id), reference_name)
        await self._server.update(
            TaskResult(
                workflow_instance_id=run_id,
                task_id=attempt.task_id,
                status=status,
                output_data={**attempt.output_data, **given},
                reason_for_incompletion=reason,
                worker_id=worker_id,
                callback_after_seconds=callback_after,
                logs=tuple(
                    TaskLog(log=line, task_id=attempt.task_id, created_time=round(time() * 1000)) for line in logs or ()
                ),
            )
        )

    @blocking
    async def extend_lease(self, task_id: str) -> None:
        run_id = (await self._server.task(task_id)).run_id
        await self._server.update(
            TaskResult(workflow_instance_id=run_id, task_id=task_id, status=TaskStatus.IN_PROGRESS, extend_lease=True)
        )

    # -- words from outside ------------------------------------------------------------------------------------------

    @blocking
    async def send_message(self, run_id: str, payload: Mapping[str, object]) -> str:
        body = checked_object(payload, "the payload")
        try:
            return (await self._server.ask("POST", "workflow", run_id, "messages", body=body)).text
        except ServerBusy as error:
            raise (InboxFull(str(error)) if "(429)" in str(error) else error) from None

    @blocking
    async def deliver_webhook(
        self, payload: Mapping[str, object], *, workflow: str | None = None
    ) -> list[tuple[str, str]]:
        body: dict[str, Any] = {"payload": checked_object(payload, "the payload")}
        if workflow is not None:
            body["workflow"] = checked_text(workflow, "workflow")
        found = await self._server.own("deliver_webhook", "POST", "webhooks", body=body)
        return [(str(run_id), str(ref)) for run_id, ref in found]


def _live(run: WorkflowRun, reference_name: str) -> TaskRun:
    attempt = run.task(reference_name)
    if attempt is None or attempt.status.is_terminal:
        raise TaskNotFound(f"run {run.workflow_id} has no live attempt of {reference_name!r}")
    return attempt


def _body(verb: Callable[..., Any]) -> Callable[..., Any]:
    body = body_of(verb)
    assert body is not None, f"{verb} is written as a coroutine, as all verbs here"
    return body
