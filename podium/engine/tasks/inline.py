"""INLINE and LAMBDA: a script over the task's input. Conductor: ``Inline.java``, ``Lambda.java``."""

from __future__ import annotations

from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.records import TaskRecord
from podium.expressions.evaluators import EvaluatorError, evaluate
from podium.expressions.javascript import ScriptError, ScriptTimeout
from podium.expressions.secrets import deliver_secrets
from podium.expressions.text import finite
from podium.model.statuses import TaskStatus

_KINDS = frozenset({"javascript", "graaljs", "python", "value-param"})


class Inline(Operator):
    """INLINE: ``expression`` in the language of ``evaluatorType``; ``$`` is the whole input."""

    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Evaluate the script, and end with its result."""
        kind = record.input.get("evaluatorType")
        kind = "javascript" if kind is None else kind
        expression = record.input.get("expression")
        fault = _fault(kind, expression)
        if fault is not None:
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, {"error": fault}, fault)
            return
        inputs = deliver_secrets(record.input, decision.context.secrets, record.input_bytes)
        try:
            result = evaluate(str(kind), str(inputs["expression"]), inputs, scripts=decision.context.scripts)
        except ScriptTimeout as error:
            decision.end(record, TaskStatus.FAILED, {"error": str(error)}, str(error))
        except (EvaluatorError, ScriptError) as error:
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, {"error": str(error)}, str(error))
        else:
            decision.end(record, TaskStatus.COMPLETED, {"result": finite(result)})


def _fault(kind: object, expression: object) -> str | None:
    if not isinstance(kind, str) or not kind.strip():
        return "Empty 'evaluatorType' in INLINE task's input parameters. A non-empty String value must be provided."
    if kind not in _KINDS:
        return f"Unknown evaluator '{kind}' in INLINE task."
    if not isinstance(expression, str) or not expression.strip():
        return "Empty 'expression' in Inline task's input parameters. A non-empty String value must be provided."
    return None


class Lambda(Operator):
    """LAMBDA, the forerunner of INLINE: a script that returns."""

    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Evaluate the script, and end with its result."""
        script = record.input.get("scriptExpression")
        if not isinstance(script, str) or not script.strip():
            decision.end(
                record,
                TaskStatus.FAILED,
                reason="Empty 'scriptExpression' in Lambda task's input parameters. "
                "A non-empty String value must be provided.",
            )
            return
        inputs = deliver_secrets(record.input, decision.context.secrets, record.input_bytes)
        wrapped = f"(function(){{{inputs['scriptExpression']}\n}})()"
        try:
            result = evaluate("javascript", wrapped, inputs, scripts=decision.context.scripts)
        except (EvaluatorError, ScriptError) as error:
            decision.end(record, TaskStatus.FAILED, {"error": str(error)}, str(error))
        else:
            decision.end(record, TaskStatus.COMPLETED, {"result": finite(result)})
