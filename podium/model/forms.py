"""
What Podium's own part of the API carries, as JSON and back: runs in short, explanations, limits, schedules.

Runs, tasks and definitions are Conductor's, and written by `podium.model.codec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import time
from typing import Any

from podium.model.causes import Cause, NeededFrom
from podium.model.explanations import Explanation
from podium.model.limit_use import LimitUse, SlotHolder
from podium.model.run_facts import RunSummary
from podium.model.schedules import Schedule, ScheduleInfo, firing_from_dict
from podium.model.statuses import RunStatus
from podium.model.values import JsonObject
from podium.model.waits import Wait


def summary_to_dict(run: RunSummary) -> JsonObject:
    """Return a line of a list of runs; times are epoch milliseconds, other than in Conductor's summaries."""
    found: dict[str, Any] = {
        "workflowId": run.workflow_id,
        "workflowType": run.workflow_type,
        "version": run.version,
        "status": run.status.value,
        "correlationId": run.correlation_id,
        "createTime": run.create_time,
        "endTime": run.end_time,
        "reasonForIncompletion": run.reason_for_incompletion,
        "parentWorkflowId": run.parent_workflow_id,
    }
    return {key: value for key, value in found.items() if value is not None}


def summary_from_dict(data: Mapping[str, Any]) -> RunSummary:
    """
    Read a line of a list of runs.

    Example:
        >>> line = RunSummary(workflow_id="r", workflow_type="order", version=1, status=RunStatus.RUNNING)
        >>> summary_from_dict(summary_to_dict(line)) == line
        True
    """
    return RunSummary(
        workflow_id=data["workflowId"],
        workflow_type=data.get("workflowType", ""),
        version=data.get("version", 0),
        status=RunStatus(data["status"]),
        correlation_id=data.get("correlationId"),
        create_time=data.get("createTime", 0),
        end_time=data.get("endTime", 0),
        reason_for_incompletion=data.get("reasonForIncompletion"),
        parent_workflow_id=data.get("parentWorkflowId") or None,
    )


def explanation_to_dict(said: Explanation) -> JsonObject:
    """Return why a run stands where it stands."""
    return {
        "runId": said.run_id,
        "status": None if said.status is None else said.status.value,
        "text": said.text,
        "waits": [
            {
                "for": wait.what.name,
                "runId": wait.run_id,
                "referenceTaskName": wait.ref,
                "text": wait.text,
                "since": wait.since,
                "cause": wait.cause.value,
            }
            for wait in said.waits
        ],
    }


def explanation_from_dict(data: Mapping[str, Any]) -> Explanation:
    """Read why a run stands where it stands, as `explanation_to_dict` wrote it."""
    waits = tuple(
        Wait(
            NeededFrom[one["for"]],
            one["runId"],
            one["referenceTaskName"],
            one["text"],
            one["since"],
            Cause(one["cause"]),
        )
        for one in data["waits"]
    )
    status = data.get("status")
    return Explanation(data["runId"], None if status is None else RunStatus(status), waits, data["text"])


def limit_to_dict(use: LimitUse) -> JsonObject:
    """Return how a limit is used."""
    return {
        "kind": use.kind,
        "name": use.name,
        "most": use.most,
        "holders": [_holder(one) for one in use.holders],
        "waiting": [_holder(one) for one in use.waiting],
    }


def _holder(holder: SlotHolder) -> JsonObject:
    return {"runId": holder.run_id, "taskId": holder.task_id, "since": holder.since, "until": holder.until}


def limit_from_dict(data: Mapping[str, Any]) -> LimitUse:
    """
    Read how a limit is used.

    Example:
        >>> use = LimitUse("task", "charge", 2, (SlotHolder("r", "t", 5),), ())
        >>> limit_from_dict(limit_to_dict(use)) == use
        True
    """

    def holders(key: str) -> tuple[SlotHolder, ...]:
        return tuple(SlotHolder(one["runId"], one["taskId"], one["since"], one["until"]) for one in data[key])

    return LimitUse(data["kind"], data["name"], data["most"], holders("holders"), holders("waiting"))


def schedule_info_from_dict(data: Mapping[str, Any]) -> ScheduleInfo:
    """Read a schedule as it stands, as `ScheduleInfo.to_dict` wrote it, or Conductor does, which knows less."""
    left = dict(data)
    is_ours = "history" in left
    next_at, created_at = left.pop("nextRunTime", None), left.pop("createTime", None)
    updated_at, started = left.pop("updatedTime", None), left.pop("startedRuns", None)
    running, queued = left.pop("running", None), left.pop("queued", None)
    history = left.pop("history", None)
    schedule = Schedule.from_dict({key: value for key, value in left.items() if value is not None})
    if not next_at and not is_ours:
        next_at = schedule.after(round(time() * 1000))
    return ScheduleInfo(
        schedule=schedule,
        next_at=None if schedule.paused else next_at or None,
        created_at=created_at or 0,
        updated_at=updated_at or 0,
        started=started or 0,
        running=tuple(running or ()),
        queued=tuple(queued or ()),
        history=tuple(firing_from_dict(one) for one in history or ()),
    )
