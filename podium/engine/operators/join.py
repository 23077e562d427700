"""JOIN and EXCLUSIVE_JOIN: wait for other tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.state import awaited_refs, joined_refs
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.engine.decision import Decision


class Join(Operator):
    """
    JOIN: complete when every named task has ended.

    It counts down instead of looking at all its branches each time. Conductor: ``Join.java``, ``JoinTaskMapper.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Wait for the tasks that the definition names, in the same iteration."""
        self.enter_for(decision, node, iterations, node.task.join_on, {})

    def enter_for(
        self,
        decision: Decision,
        node: Node,
        iterations: tuple[int, ...],
        refs: Sequence[str],
        inputs: dict[str, JsonValue],
    ) -> None:
        """Wait for the attempts of these places, in the same iteration."""
        record = decision.create(
            node,
            iterations,
            task_type=TaskType.JOIN,
            status=TaskStatus.IN_PROGRESS,
            inputs={**inputs, "joinOn": list(refs)},
            task_def_name=TaskType.JOIN,
        )
        self.resume(decision, record)

    def resume(self, decision: Decision, record: TaskRecord) -> None:
        """Wait; complete at once if nothing is left to wait for."""
        if decision.state.await_refs(record, awaited_refs(record)) == 0:
            self._finish(decision, record)

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """One of the awaited tasks has ended."""
        if record.awaited == 0:
            self._finish(decision, record)

    def _finish(self, decision: Decision, join: TaskRecord) -> None:
        joined = [decision.state.by_ref[ref] for ref in awaited_refs(join) if ref in decision.state.by_ref]
        outputs = ((one.ref, decision.output_of(one)) for one in joined)
        output = {ref: dict(value) for ref, value in outputs if value}
        bad = [one for one in joined if not one.status.is_successful and not one.node.task.optional]
        if bad:
            reason = " ".join(one.reason or "" for one in joined if not one.status.is_successful)
            is_canceled = all(one.status is TaskStatus.CANCELED for one in bad)
            decision.end(join, TaskStatus.CANCELED if is_canceled else TaskStatus.FAILED, output, reason)
            return
        # An inner JOIN over such a task has said so itself.
        lame = [one for one in joined if one.status is TaskStatus.COMPLETED_WITH_ERRORS and one.node.task.optional]
        if lame:
            names = " ".join(f"{one.task_def_name}/{one.task_id}" for one in lame)
            decision.end(join, TaskStatus.COMPLETED_WITH_ERRORS, output, f"{names} completed with errors")
            return
        decision.end(join, TaskStatus.COMPLETED, output)


class ExclusiveJoin(Operator):
    """
    EXCLUSIVE_JOIN: take over the output of the one task of several that ran.

    The first task of ``joinOn`` that was scheduled decides; while it is running, or if none was, a default that has
    ended wins. Conductor: ``ExclusiveJoin.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Look at the candidates, and wait if none has ended."""
        task = node.task
        record = decision.create(
            node,
            iterations,
            task_type=TaskType.EXCLUSIVE_JOIN,
            status=TaskStatus.IN_PROGRESS,
            inputs={
                "joinOn": list(task.join_on),
                "defaultExclusiveJoinTask": list(task.default_exclusive_join_task),
            },
            task_def_name=TaskType.EXCLUSIVE_JOIN,
        )
        self.resume(decision, record)

    def resume(self, decision: Decision, record: TaskRecord) -> None:
        """Look again."""
        if not self._look(decision, record):
            decision.state.await_refs(record, awaited_refs(record))

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """One of the candidates has ended."""
        self._look(decision, record)

    def _look(self, decision: Decision, join: TaskRecord) -> bool:
        chosen = self._first(decision, joined_refs(join))
        if chosen is None or chosen.is_pending:
            chosen = self._first(decision, join.node.task.default_exclusive_join_task)
        if chosen is None or chosen.is_pending:
            return False
        if chosen.status.is_successful:
            decision.end(join, TaskStatus.COMPLETED, decision.output_of(chosen))
        else:
            decision.end(join, TaskStatus.FAILED, reason=chosen.reason)
        return True

    @staticmethod
    def _first(decision: Decision, refs: Sequence[str]) -> TaskRecord | None:
        for ref in refs:
            record = decision.state.by_ref.get(ref)
            if record is not None and record.status is not TaskStatus.SKIPPED:
                return record
        return None
