"""Runs and attempts as the API shows them, made from what the store keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import attrs

from podium.engine import ids
from podium.engine.loops import Bodies, by_loop, loop_output
from podium.engine.masking import masks_of, shower
from podium.engine.plan import Plan
from podium.engine.recent import EndedRun
from podium.engine.records import RunRecord, TaskRecord, run_record, task_record
from podium.engine.rows import RunRow, TaskRow
from podium.engine.state import RunState
from podium.model.payloads import copied
from podium.model.runs import RunSource, RunSummary, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.values import list_in

V = TypeVar("V")
_by_seq = attrgetter("seq")

#: Gives a payload, whatever its type says of it, that the reader may change.
_Own: TypeAlias = Callable[[Any], Any]


def _as_it_is(payload: V) -> V:
    return payload


def run_view(
    row: RunRow,
    tasks: Sequence[TaskRow],
    plan: Plan,
    source: RunSource | None = None,
    *,
    is_masked: bool = True,
) -> WorkflowRun:
    """
    Return a run with all its attempts.

    Args:
        row: The run.
        tasks: Every attempt, by seq.
        plan: The plan of the run's digest.
        source: What gives the run anew.
        is_masked: As for `view_of`.
    """
    state = RunState(run_record(row), plan)
    records = []
    for task in tasks:
        record = task_record(task, state.node(task.base_ref))
        records.append(record)
        if record.node.traits.makes_branches:  # its row says which places it made, before the rows of those
            state.add_dynamic(record.node, list_in(record.input, "forkedTaskDefs"))
    return view_of(state.run, records, plan, source, is_masked=is_masked)


def ended_view(ended: EndedRun, source: RunSource | None = None, *, with_tasks: bool = True) -> WorkflowRun:
    """Return a run that has ended as `run_view` gives it; nothing in it is shared with the engine or another task."""
    records = sorted(ended.attempts or () if with_tasks else (), key=_by_seq)
    return view_of(ended.run, records, ended.plan, source, own=copied)


def view_of(
    run: RunRecord,
    records: Sequence[TaskRecord],
    plan: Plan,
    source: RunSource | None = None,
    *,
    own: _Own = _as_it_is,
    is_masked: bool = True,
) -> WorkflowRun:
    """
    Return a run.

    Args:
        run: The run.
        records: The attempts to show, by seq.
        plan: What it runs.
        source: What gives it anew.
        own: Gives a payload that the reader may change; those of records that the engine works on are not the reader's.
        is_masked: Without the values of masked fields; False for another run that works with them.
    """
    bodies = by_loop(records) if any(record.node.traits.is_loop for record in records) else {}
    names = masks_of(run, plan) if is_masked else frozenset()
    if names:
        own = _masked(own, names, run, records)
    return WorkflowRun(
        source=source,
        status=run.status if run.ending is None else RunStatus.RUNNING,
        create_time=run.created_at,
        update_time=run.updated_at,
        created_by=run.created_by,
        end_time=run.ended_at,
        workflow_id=run.run_id,
        parent_workflow_id=run.parent_id,
        parent_workflow_task_id=ids.task_id(run.parent_id, run.parent_seq) if run.parent_id else None,
        tasks=tuple(task_view(run, record, bodies, own=own) for record in records),
        input=own(run.input),
        output=own(run.output),
        correlation_id=run.correlation_id,
        reason_for_incompletion=run.reason,
        event=run.event,
        task_to_domain=own(run.task_to_domain),
        failed_reference_task_names=tuple(run.failed_refs),
        failed_task_names=tuple(run.failed_names),
        workflow_definition=plan.definition,
        priority=run.priority,
        variables=own(run.variables),
        last_retried_time=run.last_retried_at,
        idempotency_key=run.idempotency_key,
        rate_limit_key=run.rate_limit_key,
        rate_limited=run.awaits_slot,
    )


def _masked(own: _Own, names: frozenset[str], run: RunRecord, records: Sequence[TaskRecord]) -> _Own:
    payloads = [run.input, run.output, run.variables]
    payloads += [payload for record in records for payload in (record.input, record.output)]
    show = shower(names, payloads)
    return lambda payload: show(own(payload))


def task_view(run: RunRecord, record: TaskRecord, bodies: Bodies, *, own: _Own = _as_it_is) -> TaskRun:
    """
    Return an attempt.

    Args:
        run: Its run.
        record: The attempt.
        bodies: Where the output of a loop is put together from.
        own: As for `view_of`.
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
        input_data=own(record.input),
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
        callback_after_seconds=record.callback_after_s or _waits_s(record),
        worker_id=record.worker_id,
        output_data=own(output),
        workflow_task=task,
        domain=record.domain,
        rate_limit_per_frequency=definition.rate_limit_per_frequency or 0,
        rate_limit_frequency_in_seconds=definition.rate_limit_frequency_in_seconds or 1,
        workflow_priority=run.priority,
        iteration=record.shown_iteration,
        sub_workflow_id=record.sub_workflow_id,
    )


def _waits_s(record: TaskRecord) -> float:
    """Return the seconds that a WAIT takes, as Conductor shows them while it waits."""
    if record.task_type != TaskType.WAIT or record.status is not TaskStatus.IN_PROGRESS or not record.wake_at:
        return 0
    return max(0, record.wake_at - record.started_at) // 1000


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
