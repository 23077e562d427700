"""Steps that compute on the server: scripts and jq queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from podium.dsl.arguments import checked_arguments
from podium.dsl.bindings import ScriptInputs
from podium.dsl.expressions import Expression, Script
from podium.dsl.javascript import compile_js
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.steps import Step
from podium.model.statuses import TaskType
from podium.typed.authored import Authored


@checked_arguments
def inline(
    name: str,
    script: object,
    /,
    *,
    returns: type[T] = ANYTHING,
    evaluator: str = "javascript",
    **inputs: object,
) -> Step[T]:
    """
    Compute something on the server (INLINE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        script: JavaScript that reads its inputs as ``$.name`` and whose value is that of its last statement; or
            ``js(...)``, ``python(...)``; or a Python expression on references, such as ``price * count``.
        returns: The type of the result.
        evaluator: The script's language.
        inputs: What the script reads.

    Raises:
        AuthoringError: P1, the script is something else.

    Example:
        ``total = inline("total", quote.output.price * count)``
    """
    bound: dict[str, Authored] = dict(inputs)
    if isinstance(script, Expression):
        names = ScriptInputs(taken=("expression", "evaluatorType", *bound))
        text = compile_js(script, names)
        bound |= names.values
    elif isinstance(script, Script):
        text, evaluator = script.text, script.language
        _refuse_taken(f"inline {name!r}", bound, script.inputs, "is given twice, to the script and to the step")
        bound |= script.inputs
    elif isinstance(script, str):
        text = script
    else:
        refuse(f"inline {name!r} takes a script or an expression on references, not {script!r:.60}")
    _refuse_taken(f"inline {name!r}", bound, ("expression", "evaluatorType"))
    return Step(
        name,
        type=TaskType.INLINE.value,
        inputs={**bound, "evaluatorType": evaluator, "expression": text},
        returns=returns,
        keys=("output", "result"),
    )


@checked_arguments
def jq(name: str, query: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Reshape JSON with a jq query (JSON_JQ_TRANSFORM); ``.output`` is its first result.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        query: The query; ``.`` is the object of the inputs.
        returns: The type of the result.
        inputs: What the query reads.

    Example:
        ``jq("prices", "[.quotes[].price]", quotes=found.output, returns=list[float])``
    """
    _refuse_taken(f"jq {name!r}", inputs, ("queryExpression",))
    return Step(
        name,
        type=TaskType.JSON_JQ_TRANSFORM.value,
        inputs={**inputs, "queryExpression": query},
        returns=returns,
        keys=("output", "result"),
    )


def _refuse_taken(
    step: str,
    inputs: Mapping[str, Authored],
    taken: Collection[str],
    why: str = "has the name under which the script itself is an input; choose another",
) -> None:
    """Refuse an input that another would silently replace."""
    for name in inputs.keys() & set(taken):
        refuse(f"the input {name!r} of {step} {why}")
