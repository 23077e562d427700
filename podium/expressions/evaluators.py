"""
The evaluators that INLINE, SWITCH and event handlers name by ``evaluatorType``.

Conductor: the `Evaluator` beans ``value-param``, ``javascript``, ``graaljs`` and ``python``.
"""

from __future__ import annotations

from typing import Protocol

from podium.expressions.text import java_text
from podium.model.errors import PodiumError
from podium.model.json_text import kind_of
from podium.model.values import JsonObject, JsonValue

#: The evaluator types that run JavaScript; both names mean the same engine.
SCRIPT_TYPES = frozenset({"javascript", "graaljs"})


class EvaluatorError(PodiumError):
    """An expression cannot be evaluated."""


class ScriptEvaluators(Protocol):
    """
    Whatever runs JavaScript and Python for the engine.

    The engine decides where scripts run: short ones in its own thread, others elsewhere; tests put a table here.
    """

    def evaluate(self, script: str, bindings: JsonObject) -> JsonValue:
        """
        Evaluate a script with ``$`` bound to a copy of the bindings.

        Raises:
            ScriptError: As `podium.expressions.javascript.evaluate`.
        """

    def run_python(self, script: str, bindings: JsonObject) -> JsonValue:
        """
        Return what a script in Python returns, the bindings being its global variables.

        Raises:
            EvaluatorError, ScriptError: As `podium.expressions.python_script.PythonScripts.evaluate`.
        """


def evaluate(kind: str, expression: str, inputs: JsonObject, *, scripts: ScriptEvaluators) -> JsonValue:
    """
    Evaluate an expression by the evaluator of that type.

    Args:
        kind: ``value-param`` (the expression is the plain name of an input), ``javascript`` or ``graaljs`` (a script
            over ``$``), or ``python`` (the body of a function over the inputs).
        expression: The expression.
        inputs: The resolved inputs.
        scripts: Runs JavaScript and Python.

    Returns:
        The value; None if a named input is missing.

    Raises:
        EvaluatorError: The type is unknown, or is ``python`` and its library is not installed.
        ScriptError: The script failed.
    """
    if kind == "value-param":
        if not isinstance(inputs, dict):
            raise EvaluatorError(f"Input has to be a JSON object: {kind_of(inputs)}")
        return inputs.get(expression)
    if kind in SCRIPT_TYPES:
        return scripts.evaluate(expression, inputs)
    if kind == "python":
        return scripts.run_python(expression, inputs)
    raise EvaluatorError(f"No evaluator registered for type: {kind}")


def switch_text(value: JsonValue) -> str:
    """
    Turn the value of a SWITCH's expression into the name of a case.

    Missing values are the case ``null``, and a list is Java's text of it. Conductor: ``"" + value``.

    Example:
        >>> switch_text(None), switch_text(True), switch_text(1.0), switch_text(["a", 1])
        ('null', 'true', '1.0', '[a, 1]')
    """
    return java_text(value)
