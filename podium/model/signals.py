"""What a caller gets who starts or signals a run and waits until it waits for somebody: nouns of Conductor's API."""

from __future__ import annotations

from attrs import frozen

from podium.model.codec import to_dict
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import ReturnStrategy, RunStatus
from podium.model.values import JsonObject, JsonValue


@frozen(kw_only=True, repr=False)
class SignalResponse:
    """
    How a run stands that has ended, or waits for somebody.

    Attributes:
        response_type: What was asked for.
        target: The run that was named.
        run: The run that is returned: the target, or the sub-workflow that holds the blocking task.
        task: The task that the run waits at, or that was waited for; None if there is none, as when the run has ended.
        signal_timeout: The time was over before the run ended or waited.
        request_id: The caller's own id of the request.
    """

    response_type: ReturnStrategy
    target: WorkflowRun
    run: WorkflowRun
    task: TaskRun | None = None
    signal_timeout: bool = False
    request_id: str | None = None

    def __repr__(self) -> str:
        at = "" if self.task is None else f" at {self.task.reference_task_name!r}"
        return f"<SignalResponse {self.target_workflow_status} {self.target_workflow_id}{at}>"

    @property
    def target_workflow_id(self) -> str:
        """The id of the run that was named."""
        return self.target.workflow_id

    @property
    def target_workflow_status(self) -> RunStatus:
        """The status of the target workflow."""
        return self.target.status

    @property
    def workflow_id(self) -> str:
        """The id of the run that is returned, or that holds the task."""
        return self.run.workflow_id

    @property
    def _shows_task(self) -> TaskRun | None:
        is_task = self.response_type in {ReturnStrategy.BLOCKING_TASK, ReturnStrategy.BLOCKING_TASK_INPUT}
        return self.task if is_task else None

    @property
    def input(self) -> JsonObject:
        """The input of the run, or of the task if one is asked for."""
        task = self._shows_task
        return self.run.input if task is None else task.input_data

    @property
    def output(self) -> JsonObject:
        """The output of the run, or of the task if one is asked for."""
        task = self._shows_task
        return self.run.output if task is None else task.output_data

    def to_dict(self) -> dict[str, JsonValue]:
        """Return it as the API has it."""
        run = to_dict(self.run)
        found: dict[str, JsonValue] = {
            "responseType": self.response_type.value,
            "targetWorkflowId": self.target_workflow_id,
            "targetWorkflowStatus": self.target_workflow_status.value,
            "workflowId": self.workflow_id,
            "requestId": self.request_id,
            "correlationId": self.run.correlation_id,
            "input": self.input,
            "output": self.output,
            "priority": self.run.priority,
            "variables": self.run.variables,
            "signalTimeout": self.signal_timeout,
        }
        task = self._shows_task
        if task is None:
            found |= {"tasks": run.get("tasks", []), "createdBy": self.run.created_by}
            found |= {"createTime": self.run.create_time, "updateTime": self.run.update_time}
            found["status"] = self.run.status.value
        else:
            found |= {
                "taskType": task.task_type,
                "taskId": task.task_id,
                "referenceTaskName": task.reference_task_name,
                "retryCount": task.retry_count,
                "taskDefName": task.task_def_name,
                "retriedTaskId": task.retried_task_id,
                "workflowType": task.workflow_type,
                "reasonForIncompletion": task.reason_for_incompletion,
                "createdBy": task.worker_id,
                "createTime": task.start_time,
                "updateTime": task.update_time,
                "status": task.status.value,
            }
        return {key: value for key, value in found.items() if value is not None}
