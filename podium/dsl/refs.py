"""
References: values that are known only while the workflow runs.

Inside a workflow, parameters and ``step.output`` have their declared types for the type checker; at run time they are
`Ref` objects that remember a path. Attributes and indexes give deeper references, operators give an
`podium.dsl.expressions.Expression`, an f-string gives ``${…}`` text, and everything that would need the value now
raises an `AuthoringError` with code P1 that says what to write instead.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn, Protocol, TypeVar, cast, is_typeddict, overload

from attrs import frozen

from podium.dsl import advice
from podium.dsl.arguments import checked_arguments
from podium.dsl.expressions import OperatorOverloads, member_of
from podium.dsl.names import nearest
from podium.dsl.places import call_site
from podium.model.errors import AuthoringError
from podium.typed import records
from podium.typed.authored import Authored

T = TypeVar("T")

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Named(Protocol):
    """Something whose name may still change when a reference to it is made."""

    def settled_name(self) -> str:
        """Return the reference name, which may not change from now on."""


@frozen(eq=False)
class Target:
    """What a reference points at."""

    #: ``workflow.input`` and the like, or the step.
    root: str | Named
    #: The way down from there; texts are keys, numbers are positions.
    keys: tuple[str | int, ...] = ()
    #: The declared type, ``Any`` if it is not known.
    hint: records.Hint = Any

    def path(self) -> str:
        """Return the text between ``${`` and ``}``."""
        root = self.root if isinstance(self.root, str) else self.root.settled_name()
        return root + "".join(map(path_piece, self.keys))


def path_piece(key: str | int) -> str:
    """
    Return what stands for a key or an index in a path.

    Example:
        >>> path_piece(0) + path_piece("a") + path_piece("a b")
        "[0].a['a b']"
    """
    if isinstance(key, int):
        return f"[{key}]"
    if _PLAIN_KEY.fullmatch(key):
        return f".{key}"
    return "['" + key.replace("\\", "\\\\").replace("'", "\\'") + "']"


class Ref(OperatorOverloads):
    """
    A value that exists only while the workflow runs; its text is ``${path}``.

    Example:
        >>> str(Ref(Target("workflow.input", ("order", "lines", 0))))
        '${workflow.input.order.lines[0]}'
    """

    __slots__ = ("__podium__",)

    __podium__: Target

    def __init__(self, target: Target) -> None:
        object.__setattr__(self, "__podium__", target)

    def __podium_hint__(self) -> records.Hint:
        return self.__podium__.hint

    def __getattr__(self, name: str) -> Ref:
        if name.startswith("_"):  # notebooks, copy and doctest ask for such names
            raise AttributeError(name)
        target = self.__podium__
        known = records.fields(target.hint)
        if known is not None and name not in known:
            _refuse_field(name, known, target)
        hint = known[name] if known else Any
        return Ref(Target(target.root, (*target.keys, records.wire_name(target.hint, name)), hint))

    def __getitem__(self, key: Authored) -> OperatorOverloads:
        if isinstance(key, OperatorOverloads) or not isinstance(key, str | int) or isinstance(key, bool):
            return member_of(self, key)
        target = self.__podium__
        known = records.fields(target.hint)
        if known is not None and key not in known and is_typeddict(records.core(target.hint)):
            _refuse_field(str(key), known, target)
        hint = records.item_type(target.hint) if known is None else known.get(str(key), Any)
        return Ref(Target(target.root, (*target.keys, key), hint))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise refusal(f"{self}.{name} cannot be set: a value of the run is read, not written; use set_variable(...)")

    def __str__(self) -> str:
        return f"${{{self.__podium__.path()}}}"

    def __format__(self, spec: str) -> str:
        if spec:
            refuse(f"{self} cannot be formatted with {spec!r}: its value is not known yet; use inline(...) or a task")
        return str(self)

    def __repr__(self) -> str:
        return f"<Ref {self}>"

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse: methods need the value."""
        name = str(self.__podium__.keys[-1]) if self.__podium__.keys else ""
        raise refusal(f"{self} cannot be called: methods need the value, known only later; {advice.for_method(name)}")

    def __bool__(self) -> bool:
        raise refusal(
            f"{self} is known only while the workflow runs, so Python's if, and, or, not cannot see it; "
            "use when(...) or switch(...), and join conditions with & | ~",
        )

    def __iter__(self) -> NoReturn:
        raise refusal(
            f"{self} is known only while the workflow runs; use for_each(...) or fan_out(...) to go through it, "
            "jq(...) to sort, add up or reshape it"
        )

    def __len__(self) -> int:
        raise refusal(f"the length of {self} is known only while the workflow runs; use len_(...) in a condition")

    def __contains__(self, item: object) -> NoReturn:
        raise refusal(
            f"Python's 'in' needs {self} now; write contains(value, item), or is_in(item, [...]) in a condition"
        )

    def __int__(self) -> int:
        raise self._no_number("int()", "int_(...) in a condition")

    def __float__(self) -> float:
        raise self._no_number("float()", "float_(...) in a condition, floor(...) and ceil(...) for math's")

    def __complex__(self) -> complex:
        raise self._no_number("complex()", "numbers that JSON knows")

    def __index__(self) -> int:
        raise self._no_number("a range, a slice or an index", "loop(...) to repeat, switch(...) to choose")

    def __round__(self, _: int | None = None) -> int:
        raise self._no_number("round()", "floor(value + 0.5), or floor(value * 100 + 0.5) / 100")

    def __hash__(self) -> int:
        raise refusal(
            f"{self} cannot be a key or a member of a set: Conductor never replaces ${{...}} in keys. To look "
            "something up by it use switch(...), or give the map to inline(...); for 'in' write is_in(value, [...])"
        )

    def _no_number(self, wanted: str, instead: str) -> AuthoringError:
        message = f"{self} is known only while the workflow runs and {wanted} needs it now; use {instead}"
        return refusal(f"{message}, or compute with inline(...) or in a task")


def refusal(message: str, *, code: str = "P1") -> AuthoringError:
    """Return the author's mistake at the author's line."""
    return AuthoringError(message, code=code, place=call_site())


def refuse(message: str, *, code: str = "P1") -> NoReturn:
    """
    Raise the author's mistake at the author's line.

    Raises:
        AuthoringError: Always.
    """
    raise refusal(message, code=code)


def _refuse_field(name: str, known: Authored, target: Target) -> NoReturn:
    near = nearest(name, known)
    kind = getattr(records.core(target.hint), "__name__", target.hint)
    found = f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"
    refuse(f"{kind} has no field {name!r}; {found}", code="R2")


def target_of(ref: Ref) -> Target:
    """Return what a reference points at."""
    return ref.__podium__


@overload
def ref(path: str, returns: type[T]) -> T: ...
@overload
def ref(path: str, returns: None = None) -> Any: ...
@checked_arguments
def ref(path: str, returns: type[Any] | None = None) -> Any:
    """
    Refer to anything by its path, for what has no object in Python.

    Args:
        path: As Conductor writes it between ``${`` and ``}``, such as ``workflow.correlationId``.
        returns: The type of the value, so that its fields are checked.

    Example:
        >>> str(ref("workflow.workflowId"))
        '${workflow.workflowId}'
    """
    return Ref(Target(path, (), Any if returns is None else returns))


@overload
def variable(name: str, returns: type[T]) -> T: ...
@overload
def variable(name: str, returns: None = None) -> Any: ...
@checked_arguments
def variable(name: str, returns: type[Any] | None = None) -> Any:
    """
    Refer to a workflow variable, as `podium.dsl.set_variable` sets it.

    Args:
        name: The variable's name.
        returns: The type of the value, so that its fields are checked; `podium.dsl.variables` does so for all.
    """
    return Ref(Target("workflow.variables", (name,), Any if returns is None else returns))


@checked_arguments
def secret(name: str) -> str:
    """Refer to a secret; it is put in only when the task is handed out."""
    return cast("str", Ref(Target(f"workflow.secrets.{name}", (), str)))


@checked_arguments
def env(name: str) -> str:
    """Refer to an environment value of the server."""
    return cast("str", Ref(Target(f"workflow.env.{name}", (), str)))
