"""Runs and attempts as the API shows them, made from what the store keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import attrs

from podium.engine import ids
from podium.engine.loops import Bodies, by_loop, loop_output
from podium.engine.masking import masks_of, shower
from podium.engine.plan import Node, Plan
from podium.engine.recent import EndedRun
from podium.engine.records import RunRecord, TaskRecord, run_record, task_record
from podium.engine.rows import RunRow, TaskRow
from podium.engine.state import RunState
from podium.model.attempts import LazyAttempts
from podium.model.definitions import WorkflowTask
from podium.model.payloads import copied, parse
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
        tasks: Every attempt, by seq; each is taken up when somebody looks at it.
        plan: The plan of the run's digest.
        source: What gives the run anew.
        is_masked: As for `view_of`.
    """
    run = run_record(row)
    stored = _Stored(run, tasks, plan)
    own = _shown(_as_it_is, run, plan, lambda: stored.records) if is_masked else _as_it_is
    return _run(run, LazyAttempts(len(tasks), lambda place: stored.view(place, own)), plan, source, own)


class _Stored:
    """
    The attempts of a run as the store has them; taken up one by one, when somebody looks.

    Args:
        run: The run.
        rows: Every attempt, by seq.
        plan: What it runs.
    """

    def __init__(self, run: RunRecord, rows: Sequence[TaskRow], plan: Plan) -> None:
        self._run = run
        self._rows = rows
        self._nodes: list[Node] = []
        state = RunState(run, plan)
        for row in rows:
            node = state.node(row.base_ref)
            self._nodes.append(node)
            if node.traits.makes_branches:  # its row says which places it made, before the rows of those
                state.add_dynamic(node, list_in(parse(row.input), "forkedTaskDefs"))

    def view(self, place: int, own: _Own) -> TaskRun:
        """Return the attempt at a place, counted from 0."""
        if not self._nodes[place].traits.is_loop:
            return task_view(self._run, self._record(place), {}, own=own)
        return task_view(self._run, self.records[place], self._bodies, own=own)

    @cached_property
    def records(self) -> Sequence[TaskRecord]:
        """All attempts."""
        return [self._record(place) for place in range(len(self._rows))]

    @cached_property
    def _bodies(self) -> Bodies:
        return by_loop(self.records)

    def _record(self, place: int) -> TaskRecord:
        made: Sequence[TaskRecord] | None = self.__dict__.get("records")
        return task_record(self._rows[place], self._nodes[place]) if made is None else made[place]


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
    if is_masked:
        own = _shown(own, run, plan, lambda: records)
    bodies = by_loop(records) if any(record.node.traits.is_loop for record in records) else {}
    return _run(run, tuple(task_view(run, record, bodies, own=own) for record in records), plan, source, own)


def _run(run: RunRecord, tasks: Sequence[TaskRun], plan: Plan, source: RunSource | None, own: _Own) -> WorkflowRun:
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
        tasks=tasks,
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


def _shown(own: _Own, run: RunRecord, plan: Plan, records: Callable[[], Sequence[TaskRecord]]) -> _Own:
    """Return what gives a payload as everybody may see it: *own*, and without the values of masked fields."""
    names = masks_of(run, plan)
    if not names:
        return own
    payloads = [run.input, run.output, run.variables]
    payloads += [payload for record in records() for payload in (record.input, record.output)]
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
    definition = node.task_def
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
        workflow_task=_task_of(node),
        domain=record.domain,
        rate_limit_per_frequency=definition.rate_limit_per_frequency or 0,
        rate_limit_frequency_in_seconds=definition.rate_limit_frequency_in_seconds or 1,
        workflow_priority=run.priority,
        iteration=record.shown_iteration,
        sub_workflow_id=record.sub_workflow_id,
    )


@lru_cache(maxsize=1024)
def _task_of(node: Node) -> WorkflowTask:
    """Return the task of a place with the definition under which its attempts run."""
    if node.task.task_definition is node.task_def:
        return node.task
    return attrs.evolve(node.task, task_definition=node.task_def)  # it is that of the engine's own tasks


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
