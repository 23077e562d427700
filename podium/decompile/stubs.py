"""The worker tasks that definitions name, as functions without a body: their names, inputs and types."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podium.decompile.naming import Names, is_identifier, snake
from podium.decompile.nodes import (
    Builder,
    CallNode,
    Entries,
    FunctionParameter,
    ItemsNode,
    Name,
    Node,
    Text,
    Value,
    Variable,
    literal,
)
from podium.decompile.printing import Printer
from podium.dsl.tasks import Task
from podium.model.values import JsonObject, JsonValue

#: Words of JSON Schema for what Python calls otherwise.
_SCHEMA_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list[Any]",
    "object": "dict[str, Any]",
}

#: What annotations stand for that say something.
HINTS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list[Any]": list[Any],
    "dict[str, Any]": dict[str, Any],
}


class Stub:
    """
    One worker task, and how it is called.

    Attributes:
        name: The task's name.
        variable: Its function.
        task: A task that takes anything, to try calls with.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        plain = name if is_identifier(name) and not name.startswith("_") else snake(name)
        self.variable = Variable((plain, f"{plain}_task") if plain else ("unnamed_task",))
        self.task = _any_task(name)
        #: What ``@task(...)`` says beside the name.
        self.settings: dict[str, JsonValue] = {}
        self._schema: JsonObject = {}
        self._types: dict[str, list[str]] = {}
        self._calls = 0
        self._given: dict[str, int] = {}
        self._is_open = False

    def note_call(self, inputs: Sequence[tuple[str, Node]], types: Mapping[str, str]) -> None:
        """Note one call: its inputs, and the types that are known of them."""
        self._calls += 1
        for key, _ in inputs:
            self._given[key] = self._given.get(key, 0) + 1
            self._types.setdefault(key, []).append(types.get(key, "Any"))

    @property
    def is_used(self) -> bool:
        """Whether anything calls it."""
        return self._calls > 0 or self._is_open

    def note_schema(self, schema: JsonObject | None) -> None:
        """Note what a JSON Schema says about the inputs."""
        self._schema = {**self._schema, **(schema or {})}

    def note_open(self) -> None:
        """Note that it is called with inputs that are not known here, as by a fork over a list."""
        self._is_open = True

    def parameters(self) -> Sequence[FunctionParameter]:
        """Return the parameters: those of all calls, the ones that some call leaves out last and optional."""
        always = [key for key, count in self._given.items() if count == self._calls and not self._is_open]
        others = [key for key in self._given if key not in always]
        return [
            *(self._parameter(key, is_optional=False) for key in always if is_identifier(key)),
            *(self._parameter(key, is_optional=True) for key in others if is_identifier(key)),
        ]

    def _parameter(self, key: str, *, is_optional: bool) -> FunctionParameter:
        kind = schema_type(self._schema, key) or common_type(self._types[key])
        annotation = f"{kind} | None" if is_optional and kind != "Any" and not kind.endswith("None") else kind
        return FunctionParameter(Variable((key,), key), key, annotation, Value(None) if is_optional else None)

    @property
    def takes_more(self) -> bool:
        """Some input has a name that no parameter can have, or is not known."""
        return self._is_open or not all(map(is_identifier, self._given))

    def _more(self) -> str:
        more = Variable(("more", "other_inputs"))
        Names(self._given).give(more)
        return more.text

    def real_task(self) -> Task[..., Any]:
        """Return a task with the parameters that the stub has."""
        keyword, required = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
        signature = [
            inspect.Parameter(each.name, keyword, default=required if each.default is None else None)
            for each in self.parameters()
        ]
        if self.takes_more:
            signature.append(inspect.Parameter(self._more(), inspect.Parameter.VAR_KEYWORD))
        return _task_with(self.name, inspect.Signature(signature))

    def lines(self, printer: Printer) -> list[str]:
        """Print the stub."""
        named = {} if self.variable.text == self.name else {"name": self.name}
        settings = tuple((key, literal(value)) for key, value in {**named, **self.settings}.items())
        decorator = CallNode(Builder("task"), (), settings) if settings else Builder("task")
        head = printer.signature(
            self.variable.text,
            self.parameters(),
            "Any",
            more=self._more() if self.takes_more else "",
        )
        return [
            *printer.lines(decorator, "@"),
            *head,
            "    raise NotImplementedError",
        ]


def _any_task(name: str) -> Task[..., Any]:
    everything = inspect.Parameter("inputs", inspect.Parameter.VAR_KEYWORD)
    return _task_with(name, inspect.Signature([everything]))


def _task_with(name: str, signature: inspect.Signature) -> Task[..., Any]:
    def stub(**_: JsonValue) -> None:
        raise NotImplementedError

    stub.__signature__ = signature  # type: ignore[attr-defined]  # how inspect lets functions tell another one
    stub.__annotations__ = {}
    return Task(stub, name=name)


def schema_type(schema: JsonObject, key: str) -> str | None:
    """
    Return the type that a JSON Schema of an object declares for one of its members.

    Example:
        >>> schema_type({"properties": {"id": {"type": "string"}}}, "id")
        'str'
    """
    properties = schema.get("properties")
    member = properties.get(key) if isinstance(properties, Mapping) else None
    word = member.get("type") if isinstance(member, Mapping) else None
    return _SCHEMA_TYPES.get(word) if isinstance(word, str) else None


def type_of(node: Node, known: Mapping[Variable, str] | None = None) -> str:
    """Return the type of an expression as an annotation."""
    match node:
        case Value(None):
            return "None"
        case Value(value):
            return type(value).__name__
        case Text():
            return "str"
        case ItemsNode():
            return "list[Any]"
        case Entries():
            return "dict[str, Any]"
        case Name(variable) if known is not None:
            return known.get(variable, "Any")
        case _:
            return "Any"


def common_type(types: Iterable[str]) -> str:
    """
    Return one annotation for several.

    Example:
        >>> common_type(["int", "float", "None"]), common_type(["str", "int"]), common_type(["None"])
        ('float | None', 'Any', 'Any')
    """
    found = set(types)
    is_optional = "None" in found
    found.discard("None")
    if found == {"int", "float"}:
        found = {"float"}
    if len(found) != 1 or "Any" in found:
        return "Any"
    (kind,) = found
    return f"{kind} | None" if is_optional and not kind.endswith("None") else kind
