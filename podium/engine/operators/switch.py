"""SWITCH and its forerunner DECISION: one of several lists of tasks runs."""

from __future__ import annotations

from podium.engine import ending
from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node, Scope
from podium.engine.records import TaskRecord
from podium.expressions.evaluators import EvaluatorError, evaluate, switch_text
from podium.expressions.javascript import ScriptError
from podium.expressions.text import java_text
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue, list_in


class SwitchOperator(Operator):
    """
    SWITCH.

    It is complete before its case runs, whose first task comes with it; a key with an empty list runs nothing, and the
    default only runs when the key is absent. Conductor: ``SwitchTaskMapper.java``.
    """

    is_choice = True
    is_retried = False
    takes_template = False

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Evaluate, record the choice, and lay out the first task of the case."""
        task = node.task
        inputs = decision.resolve(node)
        try:
            value = evaluate(task.evaluator_type or "", task.expression or "", inputs, scripts=decision.context.scripts)
        except EvaluatorError as error:
            ending.refuse(decision, str(error))
            return
        except ScriptError as error:
            record = decision.create(
                node,
                iterations,
                task_type=task.type,
                status=TaskStatus.FAILED,
                inputs=inputs,
            )
            record.reason = decision.without_masks(decision.redacted(record, str(error)), record)
            return
        case = switch_text(value)
        output: dict[str, JsonValue] = {"evaluationResult": [case], "selectedCase": case}
        self._choose(decision, node, iterations, {**inputs, "case": case}, output)

    def _choose(
        self,
        decision: Decision,
        node: Node,
        iterations: tuple[int, ...],
        inputs: dict[str, JsonValue],
        output: dict[str, JsonValue],
    ) -> None:
        record = decision.create(
            node,
            iterations,
            task_type=node.task.type,
            status=TaskStatus.COMPLETED,
            inputs=inputs,
            task_def_name=node.task.type,
        )
        if not record.status.is_successful:
            return  # its input is too large
        record.output = output
        scope = self._scope(record)
        if scope is not None and decision.enter_scope(scope, iterations):
            record.input = {**record.input, "hasChildren": "true"}
            record.input_bytes = None

    def _scope(self, record: TaskRecord) -> Scope | None:
        """Return the tasks of the case that was chosen; None if none was."""
        case = record.output.get("selectedCase")
        return record.node.cases.get(case, record.node.default) if isinstance(case, str) else None

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """Go on behind the SWITCH if its case is empty; else that follows the case's last task."""
        scope = self._scope(record)
        if scope is None or scope.first is None:
            decision.follow(record.node, record.iterations)


class LegacyDecision(SwitchOperator):
    """
    DECISION.

    Its value is a script's or an input's; a case with an empty list falls to the default; a script error ends the run.
    Conductor: ``DecisionTaskMapper.java``.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Evaluate, record the choice, and lay out the first task of the case."""
        task = node.task
        inputs = decision.resolve(node)
        if task.case_expression and task.case_expression.strip():
            try:
                value = evaluate("javascript", task.case_expression, inputs, scripts=decision.context.scripts)
            except (EvaluatorError, ScriptError):
                ending.refuse(decision, f"Error while evaluating script: {java_text(task.case_expression)}")
                return
        else:
            value = inputs.get(task.case_value_param or "")
        case = switch_text(value)
        self._choose(decision, node, iterations, {"case": case}, {"caseOutput": [case]})

    def _scope(self, record: TaskRecord) -> Scope | None:
        """Return the tasks of the case that was chosen; those of the default for an empty one."""
        (case,) = list_in(record.output, "caseOutput")
        scope = record.node.cases.get(str(case))
        return scope if scope is not None and scope.nodes else record.node.default
