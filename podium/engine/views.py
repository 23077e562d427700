"""Runs and attempts as the API shows them, made from what the store keeps."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from podium.engine import ids
from podium.engine.loops import Bodies, by_loop, loop_output
from podium.engine.plan import Plan
from podium.engine.records import RunRecord, TaskRecord, run_record, task_record
from podium.engine.rows import RunRow, TaskRow
from podium.engine.state import RunState, restore
from podium.model.runs import RunSummary, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus


def run_view(row: RunRow, tasks: Sequence[TaskRow], plan: Plan) -> WorkflowRun:
    """
    Return a run with all its attempts.

    Args:
        row: The run.
        tasks: Every attempt, by seq.
        plan: The plan of the run's digest.
    """
    # The rows of a dynamic fork say which places it made, so the state knows every place once it has seen them all.
    records = _records(restore(row, tasks, plan), tasks)
    return view_of(run_record(row), records, plan)


def _records(state: RunState, tasks: Sequence[TaskRow]) -> list[TaskRecord]:
    return [task_record(task, state.node(task.base_ref)) for task in tasks]


def view_of(run: RunRecord, records: Sequence[TaskRecord], plan: Plan) -> WorkflowRun:
    """Return a run with these attempts, by seq."""
    bodies = by_loop(records)
    return WorkflowRun(
        status=run.status if run.ending is None else RunStatus.RUNNING,
        create_time=run.created_at,
        update_time=run.updated_at,
        created_by=run.created_by,
        end_time=run.ended_at,
        workflow_id=run.run_id,
        parent_workflow_id=run.parent_id,
        parent_workflow_task_id=ids.task_id(run.parent_id, run.parent_seq) if run.parent_id else None,
        tasks=tuple(task_view(run, record, bodies) for record in records),
        input=run.input,
        output=run.output,
        correlation_id=run.correlation_id,
        reason_for_incompletion=run.reason,
        event=run.event,
        task_to_domain=run.task_to_domain,
        failed_reference_task_names=tuple(run.failed_refs),
        failed_task_names=tuple(run.failed_names),
        workflow_definition=plan.definition,
        priority=run.priority,
        variables=run.variables,
        last_retried_time=run.last_retried_at,
        idempotency_key=run.idempotency_key,
        rate_limit_key=run.rate_limit_key,
        rate_limited=run.awaits_slot,
    )


def task_view(run: RunRecord, record: TaskRecord, bodies: Bodies) -> TaskRun:
    """
    Return an attempt.

    Args:
        run: Its run.
        record: The attempt.
        bodies: Where the output of a loop is put together from.
    """
    node = record.node
    task, definition = node.task, node.task_def
    if task.task_definition is not definition:  # it is that of the engine's own tasks
        task = attrs.evolve(task, task_definition=definition)
    output = record.output
    if node.traits.is_loop:
        output = dict(loop_output(record, bodies))
    return TaskRun(
        task_type=record.task_type,
        status=record.status,
        input_data=record.input,
        reference_task_name=record.ref,
        retry_count=record.retry_count,
        seq=record.seq,
        correlation_id=run.correlation_id,
        poll_count=record.poll_count,
        task_def_name=record.task_def_name,
        scheduled_time=record.scheduled_at,
        start_time=record.started_at,
        end_time=record.ended_at,
        update_time=record.updated_at,
        start_delay_in_seconds=record.start_delay_s,
        retried_task_id=record.retried_task_id,
        retried=record.retried,
        executed=record.executed,
        response_timeout_seconds=definition.response_timeout_seconds,
        workflow_instance_id=run.run_id,
        workflow_type=run.name,
        task_id=record.task_id,
        reason_for_incompletion=record.reason,
        callback_after_seconds=record.callback_after_s,
        worker_id=record.worker_id,
        output_data=output,
        workflow_task=task,
        domain=record.domain,
        rate_limit_per_frequency=definition.rate_limit_per_frequency or 0,
        rate_limit_frequency_in_seconds=definition.rate_limit_frequency_in_seconds or 1,
        workflow_priority=run.priority,
        iteration=record.shown_iteration,
        sub_workflow_id=record.sub_workflow_id,
    )


def summary(row: RunRow) -> RunSummary:
    """Return a run as one line of a list."""
    return RunSummary(
        workflow_id=row.run_id,
        workflow_type=row.name,
        version=row.version,
        status=RunStatus(row.status),
        correlation_id=row.correlation_id,
        create_time=row.created_at,
        end_time=row.ended_at,
        reason_for_incompletion=row.reason,
        parent_workflow_id=row.parent_id,
    )
