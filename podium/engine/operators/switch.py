"""SWITCH and its forerunner DECISION: one of several lists of tasks runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.engine.expressions.evaluators import EvaluatorError, evaluate, switch_text
from podium.engine.expressions.javascript import ScriptError
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.engine.decision import Decision


class Switch(Operator):
    """
    SWITCH.

    It is complete before its case runs; a key with an empty list runs nothing, and the default only runs when the key
    is absent. Conductor: ``SwitchTaskMapper.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Evaluate and record the choice."""
        task = node.task
        inputs = decision.resolve(node)
        try:
            value = evaluate(task.evaluator_type or "", task.expression or "", inputs, scripts=decision.world.scripts)
        except EvaluatorError as error:
            decision.refuse(str(error))
            return
        except ScriptError as error:
            record = decision.create(
                node,
                iterations,
                task_type=task.type,
                status=TaskStatus.IN_PROGRESS,
                inputs=inputs,
            )
            decision.end(record, TaskStatus.FAILED, reason=str(error))
            return
        case = switch_text(value)
        self._record(decision, node, iterations, case, {**inputs, "case": case})

    def _record(
        self,
        decision: Decision,
        node: Node,
        iterations: tuple[int, ...],
        case: str,
        inputs: dict[str, JsonValue],
    ) -> None:
        scope = node.cases.get(case, node.default)
        if scope is not None and scope.nodes:
            inputs["hasChildren"] = "true"
        record = decision.create(
            node,
            iterations,
            task_type=node.task.type,
            status=TaskStatus.COMPLETED,
            inputs=inputs,
            task_def_name=node.task.type,
        )
        record.output = {"evaluationResult": [case], "selectedCase": case}

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """Enter the chosen case; what follows the SWITCH follows the case's last task."""
        node = record.node
        case = record.output.get("selectedCase")
        scope = node.cases.get(case, node.default) if isinstance(case, str) else None
        if scope is None or not decision.enter_scope(scope, record.iterations):
            decision.follow(node, record.iterations)


class LegacyDecision(Switch):
    """
    DECISION.

    Its value is a script's or an input's; a case with an empty list falls to the default; a script error ends the run.
    Conductor: ``DecisionTaskMapper.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Evaluate and record the choice."""
        task = node.task
        inputs = decision.resolve(node)
        if task.case_expression and task.case_expression.strip():
            try:
                value = evaluate("javascript", task.case_expression, inputs, scripts=decision.world.scripts)
            except (EvaluatorError, ScriptError):
                decision.refuse(f"Error while evaluating script: {task.case_expression}")
                return
        else:
            value = inputs.get(task.case_value_param or "")
        case = switch_text(value)
        scope = node.cases.get(case)
        chosen = scope if scope is not None and scope.nodes else node.default
        kept: dict[str, JsonValue] = {"case": case}
        if chosen is not None and chosen.nodes:
            kept["hasChildren"] = "true"
        record = decision.create(
            node,
            iterations,
            task_type=TaskType.DECISION,
            status=TaskStatus.COMPLETED,
            inputs=kept,
            task_def_name=TaskType.DECISION,
        )
        record.output = {"caseOutput": [case]}

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """Enter the chosen case."""
        node = record.node
        (case,) = record.output["caseOutput"]
        scope = node.cases.get(case)
        chosen = scope if scope is not None and scope.nodes else node.default
        if chosen is None or not decision.enter_scope(chosen, record.iterations):
            decision.follow(node, record.iterations)
