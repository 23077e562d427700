"""
What ``${…}`` sees of a run.

Conductor: ``ParametersUtils.java``; a place shows its newest attempt, a place in a loop its newest iteration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from podium.engine import ids
from podium.engine.loops import by_loop, loop_output
from podium.engine.records import RunRecord, TaskRecord
from podium.engine.state import RunState
from podium.expressions.document import Findings
from podium.model.values import JsonValue

_RUN_FIELDS: Mapping[str, Callable[[RunState], JsonValue]] = {
    "input": lambda s: s.run.input,
    "output": lambda s: s.run.output,
    "variables": lambda s: s.run.variables,
    "status": lambda s: s.run.status.value,
    "workflowId": lambda s: s.run.run_id,
    "parentWorkflowId": lambda s: s.run.parent_id,
    "parentWorkflowTaskId": lambda s: parent_task_id(s.run),
    "workflowType": lambda s: s.run.name,
    "version": lambda s: s.run.version,
    "correlationId": lambda s: s.run.correlation_id,
    "reasonForIncompletion": lambda s: s.run.reason,
    "schemaVersion": lambda s: s.plan.definition.schema_version,
}

_TASK_FIELDS: Mapping[str, Callable[[TaskRecord], JsonValue]] = {
    "input": lambda t: t.input,
    "output": lambda t: t.output,
    "taskType": lambda t: t.task_type,
    "status": lambda t: t.status.value,
    "referenceTaskName": lambda t: t.ref,
    "retryCount": lambda t: t.retry_count,
    "pollCount": lambda t: t.poll_count,
    "taskDefName": lambda t: t.task_def_name,
    "scheduledTime": lambda t: t.scheduled_at,
    "startTime": lambda t: t.started_at,
    "endTime": lambda t: t.ended_at,
    "workflowInstanceId": lambda t: t.run_id,
    "taskId": lambda t: t.task_id,
    "reasonForIncompletion": lambda t: t.reason,
    "callbackAfterSeconds": lambda t: math.ceil(t.callback_after_s),
    "workerId": lambda t: t.worker_id,
    "iteration": lambda t: t.shown_iteration,
}


def parent_task_id(run: RunRecord) -> str | None:
    """Return the id of the parent's attempt that started a run."""
    return ids.task_id(run.parent_id, run.parent_seq) if run.parent_id else None


class RunDocument:
    """
    The roots ``workflow`` and one per place that has an attempt.

    Args:
        state: The run.
        history: Gives the past of a loop, see `podium.engine.context.DecisionContext`; asked only when somebody looks
            into the loop's output.
    """

    __slots__ = ("_history", "_state", "findings", "walked")

    def __init__(
        self, state: RunState, history: Callable[[RunState, Collection[str], int], Sequence[TaskRecord]]
    ) -> None:
        self.walked = 0
        self.findings: Findings | None = None
        self._state = state
        self._history = history

    def output_of(self, record: TaskRecord) -> Mapping[str, JsonValue]:
        """Return an attempt's output; that of a loop is put together from its iterations."""
        if record.node.traits.is_loop:
            bodies = self._history(self._state, record.node.body_refs, record.seq)
            return loop_output(record, by_loop(bodies))
        return record.output

    def field(self, root: str, name: str) -> JsonValue:
        """Return one field of a root; None when either is unknown."""
        if root == "workflow":
            read = _RUN_FIELDS.get(name)
            return read(self._state) if read is not None else None
        record = self._state.newest.get(root)
        if record is None:
            return None
        if name == "output":
            return self.output_of(record)
        if name == "correlationId":
            return self._state.run.correlation_id
        get = _TASK_FIELDS.get(name)
        return get(record) if get is not None else None

    def member(self, root: str, name: str, key: str) -> JsonValue:
        """Return one member of a field; the counters of a loop without putting its whole output together."""
        record = self._state.newest.get(root)
        if record is not None and name == "output":
            if not record.node.traits.is_loop or key in record.output:
                return record.output.get(key)
            return self.output_of(record).get(key)
        value = self.field(root, name)
        # Of what is asked for, nearly all is a dictionary; to ask for an abstract class takes long.
        return value.get(key) if type(value) is dict or isinstance(value, Mapping) else None

    def whole(self, root: str) -> Mapping[str, JsonValue] | None:
        """Return all fields of a root, or None."""
        if root == "workflow":
            return {name: read(self._state) for name, read in _RUN_FIELDS.items()}
        if root not in self._state.newest:
            return None
        return {name: self.field(root, name) for name in (*_TASK_FIELDS, "correlationId")}

    def roots(self) -> Iterable[str]:
        """Name every root."""
        return ("workflow", *self._state.newest)
