"""
Whether a value has its declared type: what is refused where it enters.

The annotations of a workflow's function say what its inputs are; those of a step's ``returns=`` what a person, or
whoever else completes it, has to give. Values are read as workers read them (`podium.typed.reading`), so that nothing
gets in that a worker would refuse; beside that, a key that is nearly the name of an absent field is a misspelling.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

from podium.dsl.arguments import misbound
from podium.dsl.misspelt_keys import misspelt
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError, InvalidRequest
from podium.model.texts import some
from podium.typed import records
from podium.typed.authored import Authored
from podium.typed.plain import UnwritableError, written

#: What parts the steps of a place such as ``order.items[2].price``; and a list or map at the end of a fault.
_STEPS = re.compile(r"[.\[\]]+")
_CONTAINER = re.compile(r" \([\[{(].*\)$", re.DOTALL)


@frozen
class WorkflowInput:
    """One input of a workflow."""

    name: str
    hint: records.Hint = Any
    is_required: bool = True
    #: Its default is null, so null is one of its values whatever the annotation says.
    is_nullable: bool = False


def _by_name(signature: inspect.Signature) -> inspect.Signature:
    """Return parameters that take their arguments by name: inputs have names, whatever Python's calls have."""
    named = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = signature.parameters.values()
    return signature.replace(
        parameters=[each.replace(kind=named) if each.kind is each.POSITIONAL_ONLY else each for each in parameters]
    )


def inputs_of(
    signature: inspect.Signature, annotations: Mapping[str, records.Hint], *, null_is_absent: bool = False
) -> tuple[WorkflowInput, ...]:
    """
    Return the inputs that a function's parameters are; those that it takes by ``**`` are none.

    Args:
        signature: The parameters.
        annotations: Their types.
        null_is_absent: A null stands for the default, where there is one.
    """
    return tuple(
        WorkflowInput(
            each.name,
            annotations.get(each.name, Any),
            is_required=each.default is each.empty,
            is_nullable=each.default is None or (null_is_absent and each.default is not each.empty),
        )
        for each in signature.parameters.values()
        if each.kind is not each.VAR_KEYWORD
    )


def check_input(
    subject: str,
    parameters: Sequence[WorkflowInput],
    given: Mapping[str, Authored],
    masked: Callable[[], Collection[str]] = tuple,
) -> None:
    """
    Refuse an input that does not fit; names that no parameter has are none of this function's business.

    Args:
        subject: What has the input, such as ``workflow 'order'``, for the message.
        parameters: Its inputs.
        given: The input.
        masked: Gives the names of fields whose values the message does not show; asked only if there is one.

    Raises:
        InvalidRequest: An input is missing, or of the wrong type; the message tells all of them.
    """
    missing = [each.name for each in parameters if each.is_required and each.name not in given]
    faults = [f"it needs {', '.join(missing)}"] if missing else []
    for each in parameters:
        if each.name in given:
            value = given[each.name]
            if not (value is None and each.is_nullable):
                faults += faults_of(value, each.hint, each.name)
    if faults:
        hidden = masked()
        told = [_without_masked(fault, hidden) for fault in faults] if hidden else faults
        raise InvalidRequest(f"input of {subject}: {some(told)}")


def _without_masked(fault: str, masked: Collection[str]) -> str:
    """Return what is wrong without the value of a masked field, and without a list or map that may hold one."""
    place, colon, _ = fault.partition(": ")
    if not set(masked).isdisjoint(_STEPS.split(place)):
        return f"{place}: it does not fit its type; its value is masked" if colon else fault
    return _CONTAINER.sub("", fault)


#: Stands for the default of an input that has none.
REQUIRED: Any = inspect.Parameter.empty


class WorkflowInputs:
    """
    The inputs of a workflow.

    Args:
        workflow: Its name, for messages.
        defaults: The inputs by name, each with its default or `REQUIRED`.
        signature: The parameters of its function; None for another workflow, which takes anything.
        annotations: The types of the parameters.
    """

    def __init__(
        self,
        workflow: str,
        defaults: Mapping[str, Authored],
        signature: inspect.Signature | None = None,
        annotations: Mapping[str, records.Hint] | None = None,
    ) -> None:
        self._workflow = workflow
        self._defaults = defaults
        self._signature = signature and _by_name(signature)
        self._declared = () if signature is None else inputs_of(signature, annotations or {})

    @property
    def names(self) -> frozenset[str]:
        """The names of all inputs that are declared."""
        return frozenset(self._defaults)

    def check(self, given: Mapping[str, Authored], masked: Callable[[], Collection[str]] = tuple) -> None:
        """
        Refuse an input that does not fit the function's parameters.

        Raises:
            InvalidRequest: As `check_input`.
        """
        check_input(f"workflow {self._workflow!r}", self._declared, given, masked)

    def complete(self, given: Mapping[str, Authored]) -> dict[str, Authored]:
        """
        Return an input as plain JSON data, with the defaults of what is absent.

        Raises:
            InvalidRequest: It does not fit the parameters, or cannot be JSON.
        """
        if self._signature is not None:
            try:
                self._signature.bind(**given)
            except TypeError as error:
                message = misbound(f"workflow {self._workflow!r}", self._signature, given, error)
                raise InvalidRequest(message) from None
        defaults = {
            name: value for name, value in self._defaults.items() if value is not REQUIRED and value is not None
        }
        try:
            plain: dict[str, Authored] = written(given, "the input")
        except UnwritableError as error:
            raise InvalidRequest(f"input of workflow {self._workflow!r}: {error}") from None
        self.check(plain)
        return {**prepare(defaults), **plain}


def faults_of(value: Authored, hint: records.Hint, path: str) -> list[str]:
    """
    Say everything that keeps a value from having its declared type, each with its place.

    Args:
        value: The value, as JSON or as Python has it.
        hint: The declared type; what cannot be read from JSON, or is no type at all, takes anything.
        path: What the value is called.

    Example:
        >>> faults_of([1, "2"], list[int], "pages")
        ["pages[1]: a whole number is expected, not a text ('2')"]
    """
    from podium.typed.reading import faults, reader_of  # it costs time to import, and most programs never need it

    if hint is Any or hint is object:
        return []
    try:
        plain = prepare(value)
        read = reader_of(hint)
    except (AuthoringError, TypeError, NameError):
        return []  # neither is for this function to say
    found: list[str] = []
    try:
        read(plain, hint)
    except Exception as error:  # noqa: BLE001  # authors' own validators may raise anything
        found += faults(error, path)
    return found + list(misspelt(plain, hint, path))
