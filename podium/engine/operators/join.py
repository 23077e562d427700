"""JOIN and EXCLUSIVE_JOIN: wait for other tasks."""

from __future__ import annotations

from collections.abc import Sequence

from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.state import awaited_refs, joined_refs
from podium.expressions.evaluators import EvaluatorError, evaluate
from podium.expressions.javascript import ScriptError
from podium.expressions.text import java_text
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonObject, JsonValue, list_in


class _Waiting(Operator):
    """What both joins are."""

    is_join = True
    is_passive = True
    is_silent = True
    is_kept = True
    is_retried = False


class JoinOperator(_Waiting):
    """
    JOIN: complete when every named task has ended.

    It counts down instead of looking at all its branches each time. Conductor: ``Join.java``, ``JoinTaskMapper.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """
        Lay the JOIN out.

        Behind a dynamic fork it waits for the branches that the fork made, and its own parameters stand in its input
        unresolved.
        """
        inputs: dict[str, JsonValue] = {"joinOn": list(node.task.join_on)}
        before = node.scope.nodes[node.position - 1] if node.position else None
        if before is not None and before.traits.makes_branches:
            fork = decision.attempt_of(before.ref_in(iterations))
            if fork is not None:
                inputs = {**node.task.input_parameters, "joinOn": list(list_in(fork.input, "forkedTasks"))}
        decision.create(
            node,
            iterations,
            task_type=TaskType.JOIN,
            status=TaskStatus.IN_PROGRESS,
            inputs=inputs,
            task_def_name=TaskType.JOIN,
        )

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Wait; complete when the run is at rest if nothing is left to wait for."""
        left = decision.state.await_refs(record, awaited_refs(record))
        if _script_of(record):
            decision.agenda.turn(record, "look")
        elif left == 0:
            self._finish_later(decision, record)

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """One of the awaited tasks has ended."""
        if not _script_of(record):
            if record.awaited == 0:
                self._finish_later(decision, record)
            return
        pause_ms = _pause_ms(record)
        if record.awaited == 0 or pause_ms == 0:
            record.wake_at = 0
            decision.agenda.turn(record, "look")
        elif not record.wake_at:
            decision.sleep(record, decision.context.now + pause_ms)

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """Some of the tasks that a script is asked about have ended since it was asked last."""
        decision.agenda.turn(record, "look")

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """
        Ask the JOIN's script whether it is done, and how.

        True is COMPLETED; an object says a status, and may say a reason and an output; everything else waits for the
        next task to end. Orkes' documentation describes it; the open-source server reads no such script.
        """
        language = "python" if record.node.task.evaluator_type == "python" else "javascript"
        scripts = decision.context.scripts
        try:
            said = evaluate(language, _script_of(record), _seen_by_script(decision, record), scripts=scripts)
        except (EvaluatorError, ScriptError) as error:
            decision.end(record, TaskStatus.FAILED, {}, f"The script of the JOIN failed: {error}")
            return
        if said is True:
            said = {"status": TaskStatus.COMPLETED.value}
        status = said.get("status") if isinstance(said, dict) else None
        if status not in _ENDS or not isinstance(said, dict):
            return
        output, reason = said.get("outputData"), said.get("reasonForIncompletion")
        decision.end(
            record,
            TaskStatus(str(status)),
            output if isinstance(output, dict) else self._outputs(decision, record),
            None if reason is None else java_text(reason),
        )

    def _finish_later(self, decision: Decision, record: TaskRecord) -> None:
        decision.agenda.later(record, "finish")

    def finish(self, decision: Decision, join: TaskRecord) -> None:
        """Complete, with the outputs of all that is joined."""
        joined = [decision.state.by_ref[ref] for ref in awaited_refs(join) if ref in decision.state.by_ref]
        output = self._outputs(decision, join)
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

    @staticmethod
    def _outputs(decision: Decision, join: TaskRecord) -> dict[str, JsonValue]:
        """Return the outputs of what has been joined, by reference name; empty ones are left out."""
        joined = (decision.state.by_ref.get(ref) for ref in awaited_refs(join))
        outputs = ((one.ref, decision.output_of(one)) for one in joined if one is not None)
        return {ref: dict(value) for ref, value in outputs if value}


#: Most tasks whose ends are each told to a JOIN's script at once. To ask it costs as much as it joins tasks, so among
#: more it is asked again after a pause that grows with their number: else their ends would cost the square of it.
_TOLD_AT_ONCE_MAX = 100
#: That pause, in milliseconds for each task that is joined.
_PAUSE_MS_PER_TASK = 0.1


def _pause_ms(join: TaskRecord) -> int:
    """Return how long after the end of a task a JOIN's script is asked; the last end is told at once."""
    count = len(list_in(join.input, "joinOn"))
    return 0 if count <= _TOLD_AT_ONCE_MAX else int(count * _PAUSE_MS_PER_TASK)


#: What a JOIN's script can end it with.
_ENDS = frozenset(status.value for status in TaskStatus if status.is_terminal and status is not TaskStatus.SKIPPED)


def _script_of(join: TaskRecord) -> str:
    return (join.node.task.expression or "").strip()


def _seen_by_script(decision: Decision, join: TaskRecord) -> JsonObject:
    """Return what ``$`` is in a JOIN's script: its parameters, ``joinOn``, and each task by its name there."""
    seen = decision.resolve(join.node)
    names = list_in(join.input, "joinOn")
    seen["joinOn"] = list(names)
    for name, ref in zip(names, joined_refs(join), strict=True):
        one = decision.state.by_ref.get(ref)
        if one is not None:
            output = dict(decision.output_of(one))
            # What has ended and was not acted on may be tried again: its end is told when that is known.
            is_open = one.is_pending and one.status.is_terminal
            seen[str(name)] = {
                "status": TaskStatus.IN_PROGRESS.value if is_open else one.status.value,
                "output": output,
                "outputData": output,
                "reasonForIncompletion": one.reason,
            }
    return seen


class ExclusiveJoin(_Waiting):
    """
    EXCLUSIVE_JOIN: take over the output of the one task of several that ran.

    The first task of ``joinOn`` that was scheduled decides; while it is running, or if none was, a default that has
    ended wins. Conductor: ``ExclusiveJoin.java``. Where only a skipped one is left, its output is taken.
    """

    looks_early = True

    def also_awaited(self, task: WorkflowTask) -> Sequence[str]:
        """Return the defaults."""
        return task.default_exclusive_join_task

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the EXCLUSIVE_JOIN out."""
        task = node.task
        decision.create(
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

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Look at the candidates, and wait if none has ended."""
        decision.state.await_refs(record, awaited_refs(record))
        self.look(decision, record)

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """One of the candidates has ended: look in the next turn."""
        decision.agenda.turn(record, "look")

    def look(self, decision: Decision, join: TaskRecord) -> None:
        """Complete if a candidate decides."""
        candidates = joined_refs(join)
        chosen = self._first(decision, candidates)
        is_spared = False
        if chosen is None or not _has_ended(chosen):
            chosen = self._first(decision, join.node.task.default_exclusive_join_task)
        elif chosen.node.task.permissive:
            # Its failure counts when there is nothing else to wait for.
            others = (decision.state.by_ref.get(ref) for ref in candidates)
            is_spared = any(other is not None and not other.status.is_terminal for other in others)
        if chosen is None or not _has_ended(chosen):
            return
        if chosen.status.is_successful or is_spared:
            decision.end(join, TaskStatus.COMPLETED, decision.output_of(chosen))
        else:
            decision.end(join, TaskStatus.FAILED, reason=chosen.reason)

    def make_do(self, decision: Decision, record: TaskRecord) -> bool:
        """Take the output of a candidate that was skipped: what an operator has given it."""
        names = (*joined_refs(record), *record.node.task.default_exclusive_join_task)
        skipped = next((one for ref in names if (one := decision.state.by_ref.get(ref)) is not None), None)
        if skipped is None or skipped.status is not TaskStatus.SKIPPED:
            return False
        decision.end(record, TaskStatus.COMPLETED, decision.output_of(skipped))
        return True

    @staticmethod
    def _first(decision: Decision, refs: Sequence[str]) -> TaskRecord | None:
        for ref in refs:
            record = decision.state.by_ref.get(ref)
            if record is not None and record.status is not TaskStatus.SKIPPED:
                return record
        return None


def _has_ended(candidate: TaskRecord) -> bool:
    """Return whether a candidate decides; one that failed may have another attempt to come."""
    return candidate.status.is_terminal and (candidate.status.is_successful or not candidate.is_pending)
