"""
Builders for tasks that only steer: variables, ends, nothing, and waiting for a signal.

Each takes the step's reference name first. Every value may be a reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, overload

from podium.dsl.arguments import checked_arguments
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.run_variables import named_values
from podium.dsl.steps import Step
from podium.model.statuses import TaskType
from podium.typed.authored import Authored

P = ParamSpec("P")


@overload
def set_variable(name: str, /, **values: object) -> Step[None]: ...
@overload
def set_variable(name: str, kind: Callable[P, object], /, *args: P.args, **values: P.kwargs) -> Step[None]: ...
@checked_arguments
def set_variable(name: str, kind: Any = None, /, *args: object, **values: object) -> Step[None]:
    """
    Set workflow variables (SET_VARIABLE); `podium.dsl.variable` and `podium.dsl.variables` read them in later steps.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        kind: The record class that describes the variables, so that names and types are checked.
        args: Values in the order of its fields.
        values: Variable name to value; an old value is replaced as a whole.

    Raises:
        AuthoringError: R2 or R3, the values do not fit the record class.

    Example:
        ``set_variable("note", stage="done")``, or typed ``set_variable("note", Progress, stage="done")``
    """
    given = dict(values) if kind is None else named_values(kind, args, values)
    return Step(name, type=TaskType.SET_VARIABLE.value, inputs=given, returns=None)


_ENDS = ("COMPLETED", "FAILED", "TERMINATED")


@checked_arguments
def terminate(name: str, status: str, reason: str | None = None, *, output: object = None) -> Step[Any]:
    """
    End the run at once (TERMINATE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        status: ``COMPLETED``, ``FAILED`` or ``TERMINATED``.
        reason: Why.
        output: The run's output: a map or a record, or any other value for the single output ``output``. Without it,
            the run has none.

    Raises:
        AuthoringError: V1, the status is another one.
    """
    wanted = str(status).upper()
    if wanted not in _ENDS:
        refuse(f"terminate {name!r}: the status is one of {', '.join(_ENDS)}, not {status!r:.40}", code="V1")
    inputs: dict[str, Authored] = {"terminationStatus": wanted}
    if reason is not None:
        inputs["terminationReason"] = reason
    if output is not None:
        inputs["workflowOutput"] = output
    return Step(name, type=TaskType.TERMINATE.value, inputs=inputs, keys=("output",))


@checked_arguments
def noop(name: str, /) -> Step[None]:
    """
    Do nothing (NOOP).

    Run by: Podium, Conductor.

    Args:
        name: The reference name.
    """
    return Step(name, type=TaskType.NOOP.value, returns=None)


@checked_arguments
def yield_(name: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Hand the run back to its caller, and wait for a signal (YIELD).

    Run by: Podium, Orkes. Everywhere else, use `podium.dsl.wait` without a time.

    Args:
        name: The reference name.
        returns: What the signal brings; where that is no record, it is under ``result``, as in `podium.dsl.human`.
        inputs: What the caller gets to see.
    """
    return Step(name, type="YIELD", inputs=inputs, returns=returns)
