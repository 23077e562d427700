"""
How a builder is declared: its signature says which inputs a task type takes, and of which types.

`builder` turns such a signature into a function that makes the step. So what type checkers see, what is checked at the
author's line, and what `podium.dsl.catalogue` tells others of the builder cannot differ.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeAlias, TypeVar, cast, get_args, is_typeddict

import attrs

from podium.dsl.arguments import BUILDER
from podium.dsl.builders.converting import Converter, as_json, is_reference
from podium.dsl.callables import annotations_of
from podium.dsl.names import nearest
from podium.dsl.refs import Ref, refuse, target_of
from podium.dsl.steps import Step
from podium.dsl.task_functions import bind_inputs
from podium.dsl.tasks import Task
from podium.dsl.workflows import Workflow
from podium.model.codec import camel
from podium.model.errors import InternalError
from podium.typed import kinds, records
from podium.typed.authored import Authored, AuthoredObject

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

#: Looks at all values that an author has given, by parameter; the first argument is the reference name.
Check: TypeAlias = Callable[[str, Mapping[str, Authored]], None]

#: The attribute of a builder that holds its `Declaration`.
_DECLARED = "__podium_declared__"
#: Parameters that are no inputs.
_OWN = frozenset({"name", "returns", "extra"})


@attrs.frozen(kw_only=True)
class BuilderParameter:
    """One parameter of a builder that is an input."""

    name: str
    #: The input's key; with dots it leads into maps.
    key: str
    #: The annotation, ``Any`` if there is none.
    hint: records.Hint
    converter: Converter | None = None


class DeclaredStep(Step[R]):
    """A step of a declared builder."""

    #: Tasks and workflows that are not called here, but may be by what the step does.
    uses: tuple[Task[..., Any] | Workflow[..., Any], ...] = ()

    def note_use(self, build: CompileContext) -> None:
        """Note them, so that they are registered and served."""
        super().note_use(build)
        for each in self.uses:
            if isinstance(each, Task):
                build.use_task(each, self.written_at)
            else:
                build.use_workflow(each)


def _used(values: Iterable[Authored]) -> Iterator[Task[..., Any] | Workflow[..., Any]]:
    for value in values:
        if isinstance(value, Task | Workflow):
            yield value
        elif isinstance(value, list | tuple):
            yield from _used(value)


class Declaration:
    """
    What is known of a builder.

    Attributes:
        task_type: The type that it builds.
        always: Inputs that it writes by itself.
        inside: The input that holds all others; empty if there is none.
        output: The type of the step's output.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        task_type: str,
        *,
        output: records.Hint,
        at: tuple[str, ...] | None,
        keys: Mapping[str, str],
        inside: str,
        convert: Mapping[str, Converter],
        always: AuthoredObject,
        check: Check | None,
    ) -> None:
        self.task_type = task_type
        self.always: dict[str, Authored] = dict(always)
        self.inside = inside
        self.output = output
        self._fn = fn
        self._at = at
        self._keys = keys
        self._convert = convert
        self._check = check
        self.signature: inspect.Signature = inspect.signature(fn)

    @property
    def name(self) -> str:
        """The builder as authors call it, such as ``ai.chat``."""
        return f"{self._fn.__module__.rpartition('.')[2]}.{self._fn.__name__}"

    @cached_property
    def parameters(self) -> Mapping[str, BuilderParameter]:
        """The inputs by parameter, in the order in which they are written."""
        hints = annotations_of(self._fn)
        found: dict[str, records.Hint] = {}
        for each in self.signature.parameters.values():
            hint = hints.get(each.name, Any)
            if each.kind is not each.VAR_KEYWORD:
                found[each.name] = hint
            elif (settings := _settings(hint)) is not None:
                found |= settings
        return {name: self._parameter(name, hint) for name, hint in found.items() if name not in _OWN}

    def _parameter(self, name: str, hint: records.Hint) -> BuilderParameter:
        return BuilderParameter(
            name=name, key=self._keys.get(name, camel(name)), hint=hint, converter=self._convert.get(name)
        )

    @cached_property
    def _settings_of(self) -> str | None:
        """The parameter that takes all others, if there is one."""
        for each in self.signature.parameters.values():
            if each.kind is each.VAR_KEYWORD:
                return each.name
        return None

    @cached_property
    def takes_more(self) -> bool:
        """Any other input may be given under its own name."""
        hints = annotations_of(self._fn)
        return self._settings_of is not None and _settings(hints.get(self._settings_of, Any)) is None

    @cached_property
    def takes_extra(self) -> bool:
        """Any other input may be given in ``extra={...}``."""
        hints = annotations_of(self._fn)
        settings = _settings(hints.get(self._settings_of, Any)) if self._settings_of else None
        return "extra" in self.signature.parameters or "extra" in (settings or {})

    def step(self, args: tuple[Authored, ...], kwargs: Mapping[str, Authored]) -> Step[Any]:
        """
        Make the step.

        Raises:
            AuthoringError: R3, a parameter is missing, unknown or of another type; P1, a value makes no sense.
        """
        given = self._given(args, kwargs)
        name = given.pop("name")
        returns = given.pop("returns", None)
        extra = given.pop("extra", None)
        more = given.pop("", {})
        if self._check is not None:
            self._check(name, given)
        inputs: dict[str, Authored] = {}
        for each in self._in_order(given):
            _put(inputs, each.key, self._value(name, each, given[each.name]))
        inputs |= as_json(more)
        if extra is not None:
            if not isinstance(extra, Mapping):
                refuse(f"{self.name} {name!r}: extra= takes a map of inputs, not {extra!r:.60}")
            inputs |= as_json(extra)
        if self.inside:
            inputs = {self.inside: inputs}
        inputs = {**self.always, **inputs}
        step: DeclaredStep[Any] = DeclaredStep(
            name, type=self.task_type, inputs=inputs, returns=self._hint(returns), keys=self._at
        )
        step.uses = tuple(_used(given.values()))
        return step

    def _in_order(self, given: Mapping[str, Authored]) -> Sequence[BuilderParameter]:
        return [each for name, each in self.parameters.items() if given.get(name) is not None]

    def _given(self, args: tuple[Authored, ...], kwargs: Mapping[str, Authored]) -> dict[str, Authored]:
        """Return the arguments by parameter; those that have none stand under the empty name."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError:
            bind_inputs(self.signature, args, kwargs, f"{self.name}()")  # which says what is wrong
            raise
        bound.apply_defaults()
        given: dict[str, Authored] = dict(bound.arguments)
        settings = given.pop(self._settings_of, {}) if self._settings_of else {}
        if self.takes_more:
            return {**given, "": settings}
        for name in settings:
            if name not in self.parameters and name != "extra":
                near = nearest(name, self.parameters)
                advice = f"; did you mean {near!r}?" if near else ""
                refuse(f"{self.name}() got an unexpected keyword argument {name!r}{advice}", code="R3")
        return {**given, **settings}

    def _value(self, name: str, parameter: BuilderParameter, value: Authored) -> Authored:
        if parameter.converter is not None and not is_reference(value):
            return as_json(parameter.converter(value, parameter.name))
        self._check_kind(name, parameter, value)
        return as_json(value)

    def _check_kind(self, name: str, parameter: BuilderParameter, value: Authored) -> None:
        wanted = kinds.of_hint(parameter.hint)
        if isinstance(value, Ref):
            given = kinds.of_hint(target_of(value).hint)
        else:
            given = None if is_reference(value) else kinds.of_value(value)
        if kinds.clash(given, wanted) and given is not None and wanted is not None:
            shown = f"{value}, which is {kinds.described(given)}" if isinstance(value, Ref) else f"{value!r:.60}"
            refuse(f"{self.name} {name!r}: {parameter.name}= takes {kinds.described(wanted)}, not {shown}", code="R3")

    def _hint(self, returns: records.Hint) -> records.Hint:
        """Return the type of the output, with what ``returns=`` says in the place that is open."""
        is_open = self.output is list or bool(getattr(self.output, "__parameters__", ()))
        if is_open:
            return self.output[Any if returns is None else returns]
        return returns if self.output is Any and returns is not None else self.output


def builder(
    task_type: str,
    *,
    output: records.Hint = Any,
    at: tuple[str, ...] | None = None,
    keys: Mapping[str, str] | None = None,
    inside: str = "",
    convert: Mapping[str, Converter] | None = None,
    always: AuthoredObject | None = None,
    check: Check | None = None,
) -> Callable[[Callable[P, S]], Callable[P, S]]:
    """
    Make a builder of a function's signature; the function itself is never called.

    Its first parameter is ``name``; ``returns`` is the author's type of the open place in *output*; ``extra`` holds
    inputs that have no parameter; every other parameter is an input, and None leaves it out.

    Args:
        task_type: The type of the step.
        output: The type of the step's output. A type variable in it is what ``returns=`` says, as are the items of a
            bare ``list``, and ``Any``.
        at: The path from the reference name to the output; by default as for a function that returns *output*.
        keys: Parameter to the input's key, where that is not the parameter in camelCase.
        inside: The input that holds all others.
        convert: Parameter to what reads its value, unless that is a reference.
        always: Inputs that are written by themselves.
        check: Looks at all values together.
    """

    def decorate(fn: Callable[P, S]) -> Callable[P, S]:
        declaration = Declaration(
            fn,
            task_type,
            output=output,
            at=at,
            keys=keys or {},
            inside=inside,
            convert=convert or {},
            always=always or {},
            check=check,
        )

        @wraps(fn)
        def build(*args: P.args, **kwargs: P.kwargs) -> S:
            return cast("S", declaration.step(args, kwargs))

        setattr(build, _DECLARED, declaration)
        setattr(build, BUILDER, True)
        return build

    return decorate


def declared() -> NoReturn:
    """
    Stand for the body of a declared builder, which is its signature; the step is made from that.

    Raises:
        InternalError: A function that is no builder calls it.
    """
    raise InternalError("the body of a builder is never run")


def declaration_of(made: Callable[..., Any]) -> Declaration | None:
    """Return what is known of a builder; None for one that was not declared."""
    found: Declaration | None = getattr(made, _DECLARED, None)
    return found


def _put(inputs: dict[str, Authored], key: str, value: Authored) -> None:
    first, _, rest = key.partition(".")
    if rest:
        _put(inputs.setdefault(first, {}), rest, value)
    else:
        inputs[first] = value


def _settings(hint: records.Hint) -> Mapping[str, records.Hint] | None:
    """Return the fields of ``**settings: Unpack[Settings]``; None for any other annotation."""
    arguments = get_args(hint)
    if len(arguments) != 1 or not is_typeddict(arguments[0]):
        return None
    return records.fields(arguments[0])
