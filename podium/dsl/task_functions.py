"""
The functions that workers run, as they are written: inputs, types, settings and task definition.

A `podium.dsl.tasks.Task` makes steps of one; steps and what is collected of them know no more than this.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar

import attrs

from podium.dsl.arguments import misbound
from podium.dsl.callables import annotations_of, behind, doc_of, is_context, name_of, signature_of
from podium.dsl.places import call_site
from podium.dsl.refs import refuse
from podium.dsl.settings import apply_to_task_def
from podium.model.definitions import TaskDef
from podium.model.errors import AuthoringError
from podium.typed import records
from podium.typed.authored import Authored

P = ParamSpec("P")
R = TypeVar("R")


class TaskFunction(Generic[P, R]):
    """
    A function that workers run, under a task name.

    Attributes:
        fn: The plain function; the only way to run it here.
        name: The name that workers poll for.
        settings: What the author said of retries, timeouts and limits.
        place: ``file:line`` of the function, or None.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        name: str | None = None,
        settings: Mapping[str, Authored] | None = None,
        local_names: Mapping[str, object] | None = None,
    ) -> None:
        given: Any = fn  # whatever authors pass; a classmethod cannot be called, but its object's task can
        is_ours = hasattr(type(given), "__podium_refusal__")
        if is_ours or not (callable(given) or isinstance(given, classmethod)):
            refuse(f"a task is made of a function or something else that can be called, not of {fn!r:.60}")
        self.fn = fn
        if name is not None and (not isinstance(name, str) or not name):
            refuse(f"name={name!r:.60}: the name that workers poll for is expected, a text such as 'charge'", code="N2")
        self.name: str = name or name_of(fn)
        self.place: str | None = call_site()
        if not self.name:
            refuse("this function has no name; write task(fn, name='...')", code="N2")
        self.settings: dict[str, Authored] = dict(settings or {})
        self._local_names = local_names
        self._annotations: dict[str, records.Hint] | None = None
        if inspect.isgeneratorfunction(behind(fn)) or inspect.isasyncgenfunction(behind(fn)):
            refuse(f"task {self.name!r} yields, and a task gives one result when it ends; return a list")
        plain = {name: value for name, value in self.settings.items() if value is not True or name != "input_template"}
        self._task_def = apply_to_task_def(TaskDef(name=self.name), plain)
        self._is_whole = plain.get("schemas") is not True and len(plain) == len(self.settings)
        self.__doc__ = doc_of(fn)

    @property
    def task_def(self) -> TaskDef:
        """
        The definition of the task.

        Raises:
            AuthoringError: P1, a schema is wanted of a type that has none, or an annotation cannot be resolved.
        """
        if not self._is_whole:
            self._task_def = self._with_contract(self._task_def)
            self._is_whole = True
        return self._task_def

    @property
    def signature(self) -> inspect.Signature:
        """
        The function's parameters that are inputs: without the worker's context.

        Raises:
            AuthoringError: P1, they are not known, have no names, or belong to a method without its object.
        """
        signature = signature_of(self.fn, f"{self.name}()", self.place)
        contexts = self.contexts
        parameters = [each for each in signature.parameters.values() if each.name not in contexts]
        for parameter in parameters:
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                message = f"{self.name}(*{parameter.name}) has inputs without names; give each a name"
                raise AuthoringError(message, code="P1", place=self.place)
        return signature.replace(parameters=parameters)

    @property
    def contexts(self) -> Mapping[str, records.Hint]:
        """The parameters that get the worker's context, and how they are annotated."""
        return {name: hint for name, hint in self._hints().items() if name != "return" and is_context(hint)}

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """
        The resolved annotations of inputs and of ``return``; the worker's context is left out.

        Raises:
            AuthoringError: P1, an annotation cannot be resolved.
        """
        return {name: hint for name, hint in self._hints().items() if name == "return" or not is_context(hint)}

    def _hints(self) -> Mapping[str, records.Hint]:
        if self._annotations is None:
            self._annotations = annotations_of(self.fn, self._local_names)
            if self._is_whole:
                self._local_names = None  # they would keep alive what lives there
        return self._annotations

    @property
    def returns(self) -> records.Hint:
        """The return annotation, ``Any`` if there is none."""
        hint = self.annotations.get("return", Any)
        is_async_generator = hint is not Any and inspect.isasyncgenfunction(self.fn)
        return Any if is_async_generator else hint

    @property
    def described_place(self) -> str:
        """Where the function is, for messages."""
        return self.place or f"module {getattr(self.fn, '__module__', '?')}"

    def _with_contract(self, plain: TaskDef) -> TaskDef:
        """Complete the definition by what the function says of itself; schemas that the author has written stay."""
        from podium.dsl.contracts import schemas_of, template_of  # few tasks want them, and they cost time to import

        changes: dict[str, Any] = {}
        if self.settings.get("input_template") is True:
            changes["input_template"] = template_of(self.signature, self.annotations)
        if self.settings.get("schemas") is True:
            found = schemas_of(self.name, self.signature, self.noted_annotations(), doc_of(self.fn), self.place)
            changes |= {field: schema for field, schema in found.items() if getattr(plain, field) is None}
        return attrs.evolve(plain, **changes)

    def noted_annotations(self) -> Mapping[str, records.Hint]:
        """Return the annotations with what ``Annotated`` notes of them."""
        hints = annotations_of(self.fn, self._local_names, extras=True)
        return {name: hint for name, hint in hints.items() if name == "return" or not is_context(hint)}


def bind_inputs(
    signature: inspect.Signature,
    args: tuple[Authored, ...],
    kwargs: Mapping[str, Authored],
    subject: str,
) -> dict[str, Authored]:
    """
    Return the arguments of a call by name, in the order of the parameters; those not given are left out.

    Raises:
        AuthoringError: R3, the arguments do not fit.
    """
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        refuse(misbound(subject, signature, kwargs, error), code="R3")
    return by_name(signature, bound.arguments)


def by_name(signature: inspect.Signature, bound: Mapping[str, Authored]) -> dict[str, Authored]:
    """Return bound arguments by name, those that were taken by ``**`` among them."""
    inputs: dict[str, Authored] = {}
    for name, value in bound.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            inputs |= value
        else:
            inputs[name] = value
    return inputs
