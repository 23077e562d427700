"""
What a workflow's function can see: its parameters, and the steps written so far.

`FunctionScope.value` turns JSON into expressions: ``${…}`` becomes a parameter, an attribute of a step, or `podium.ref`
with the path as it stands. Each such expression is tried, and taken only if it gives the very same text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen

from podium.decompile.evaluating import evaluate
from podium.decompile.naming import is_identifier
from podium.decompile.nodes import (
    NESTING_MAX,
    Entries,
    ItemNode,
    ItemsNode,
    JsonText,
    MemberNode,
    Name,
    Node,
    Text,
    Value,
    Variable,
    call,
)
from podium.dsl.blocks import BlockNode as DslNode
from podium.dsl.blocks import closed
from podium.dsl.dynamic_forks import DynamicFork
from podium.dsl.fan_outs import FanOut
from podium.dsl.forks import Fork
from podium.dsl.loops import ForEach, Loop
from podium.dsl.refs import Ref, Target, target_of
from podium.dsl.steps import Step
from podium.model.errors import PodiumError
from podium.model.expressions import Literal, Reference, Segment, parse, simple_path
from podium.model.values import JsonObject, JsonValue
from podium.typed import records
from podium.typed.authored import Authored

#: Texts of so many lines become constants of the module.
_LINES_MIN = 3
#: A path of more parts stays a text: nobody reads it as attributes.
_SEGMENTS_MAX = 32

#: Makes a constant of the module, of how it is written, what it is, and what it would like to be called.
MakeConstant = Callable[[Node, JsonValue, str], Variable]


@frozen
class Bound:
    """A step or structure, its variable, and the real object that stands for it."""

    variable: Variable
    thing: object


class FunctionScope:
    """
    One function.

    Args:
        parameters: The names of the workflow's inputs that are parameters, and their variables.
        constant: Makes a constant of the module.

    Attributes:
        environment: What the variables stand for.
    """

    def __init__(self, parameters: Mapping[str, Variable], constant: MakeConstant) -> None:
        self._parameters = dict(parameters)
        self._bound: dict[str, Bound] = {}
        self._constant = constant
        self.environment: dict[Variable, object] = {
            variable: Ref(Target("workflow.input", (name,))) for name, variable in parameters.items()
        }

    def bind(self, reference_name: str, variable: Variable, thing: object) -> None:
        """Note that a step can be seen from now on; the first one of a name stays."""
        self.environment[variable] = thing
        self._bound.setdefault(reference_name, Bound(variable, thing))

    @contextmanager
    def hiding(self, reference_names: Collection[str]) -> Iterator[None]:
        """Let some steps be out of sight: what begins a loop stands before them."""
        hidden = {name: self._bound.pop(name) for name in reference_names if name in self._bound}
        try:
            yield
        finally:
            self._bound |= hidden

    def find(self, reference_name: str) -> Bound | None:
        """Return the step of a reference name, if it is written already."""
        return self._bound.get(reference_name)

    def attempt(self, node: Node) -> Authored:
        """
        Return what an expression makes; steps made by it live nowhere.

        Raises:
            PodiumError: The builders refuse it.
        """
        with closed():
            try:
                return evaluate(node, self.environment)
            except (TypeError, ValueError, AttributeError, KeyError) as error:
                raise Untried(str(error)) from error

    # Values

    def value(self, value: JsonValue, hint: str = "text", depth: int = 0) -> Node:
        """
        Return the expression for a JSON value.

        Args:
            value: The value; references may stand in its texts.
            hint: What it is, for the name of a constant.
            depth: How deeply it is nested.
        """
        if isinstance(value, str):
            return self._text(value, hint) if "${" in value else self.plain_text(value, hint)
        if isinstance(value, Mapping | list | tuple) and depth >= NESTING_MAX:
            return JsonText(value)
        if isinstance(value, Mapping):
            return Entries(tuple((key, self.value(item, f"{hint}_{key}", depth + 1)) for key, item in value.items()))
        if isinstance(value, list | tuple):
            return ItemsNode(tuple(self.value(item, hint, depth + 1) for item in value))
        return Value(value)

    def named(self, values: JsonObject, hint: str = "text") -> tuple[tuple[str, Node], ...]:
        """Return the expressions for the members of an object."""
        return tuple((key, self.value(item, f"{hint}_{key}")) for key, item in values.items())

    def plain_text(self, text: str, hint: str) -> Node:
        """Return a text that holds no references; a long one is a constant of the module."""
        if text.count("\n") + 1 < _LINES_MIN:
            return Value(text)
        variable = self._constant(Value(text), text, hint)
        self.environment[variable] = text
        return Name(variable)

    def _text(self, text: str, hint: str) -> Node:
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            return self.reference(parts[0].text)
        found = [part.text if isinstance(part, Literal) else self.known(part.text) for part in parts]
        is_readable = any(each is not None and not isinstance(each, str) for each in found)
        if not is_readable:
            return self.plain_text(text, hint)
        written = [each if each is not None else part.source for each, part in zip(found, parts, strict=True)]
        if not all(isinstance(each, str) or _fits_in_braces(each) for each in written):
            return self.plain_text(text, hint)
        return Text(tuple(_joined(written)))

    # References

    def reference(self, text: str) -> Node:
        """Return the expression for what stands between ``${`` and ``}``."""
        found = self.known(text)
        return call("ref", Value(text)) if found is None else found

    def known(self, text: str) -> Node | None:
        """Return the expression for a path that has an object in Python, None for any other."""
        path = simple_path(text)
        if path is None or len(path.segments) > _SEGMENTS_MAX:
            return None
        for node in self._spellings(path.root, path.segments):
            try:
                made = self.attempt(node)
            except PodiumError:
                continue
            if isinstance(made, Ref) and str(made) == f"${{{text}}}":
                return node
        return None

    def _spellings(self, root: str, segments: Sequence[Segment]) -> Iterator[Node]:
        if root == "workflow":
            yield from self._of_workflow(segments)
            return
        bound = self.find(root)
        if bound is None:
            return
        for member, keys in _outputs(bound.thing):
            if tuple(segments[: len(keys)]) == keys:
                base: Node = MemberNode(Name(bound.variable), member)
                rest = segments[len(keys) :]
                if rest and isinstance(bound.thing, Fork | FanOut | DynamicFork):  # a map for type checkers too
                    base, rest = ItemNode(base, rest[0]), rest[1:]
                yield from self._deeper(base, rest)

    def _of_workflow(self, segments: Sequence[Segment]) -> Iterator[Node]:
        if len(segments) < 2 or not isinstance(segments[1], str):
            return
        kind, name = segments[0], segments[1]
        if kind == "input" and name in self._parameters:
            yield from self._deeper(Name(self._parameters[name]), segments[2:])
        for word, builder in (("variables", "variable"), ("secrets", "secret"), ("env", "env")):
            if kind == word:
                yield from self._deeper(call(builder, Value(name)), segments[2:])

    def _deeper(self, node: Node, segments: Sequence[Segment]) -> Iterator[Node]:
        if not segments:
            yield node
            return
        first = segments[0]
        for name in self._attributes(node, first):
            yield from self._deeper(MemberNode(node, name), segments[1:])
        yield from self._deeper(ItemNode(node, first), segments[1:])

    def _attributes(self, node: Node, segment: Segment) -> Iterator[str]:
        """Yield the attributes that may stand for a key: the field that has it on the wire, or the key itself."""
        if not isinstance(segment, str):
            return
        try:
            made = self.attempt(node)
        except PodiumError:
            return
        hint = target_of(made).hint if isinstance(made, Ref) else None
        for field in records.fields(hint) or ():
            if records.wire_name(hint, field) == segment:
                yield field
                return
        if is_identifier(segment) and not segment.startswith("_") and not hasattr(Ref, segment):
            yield segment


class Untried(PodiumError):
    """A spelling that the builders do not take."""


def _outputs(thing: object) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield the attributes of a step or structure that are references, and the path of each."""
    if isinstance(thing, ForEach):
        yield from (("item", ("output", "loopItem")), ("index", ("output", "loopIndex")))
    if isinstance(thing, Loop):
        yield from (("iteration", ("output", "iteration")), ("output", ("output",)))
    elif isinstance(thing, Step):
        yield from (("output", thing.output_keys), ("status", ("status",)), ("task_id", ("taskId",)))
    elif isinstance(thing, DslNode) and hasattr(type(thing), "output"):
        yield ("output", ("output",))


def _fits_in_braces(node: Node) -> bool:
    """Return whether an expression can stand in an f-string of every Python: no quotes or escapes in its texts."""
    from podium.decompile.nodes import nodes_in

    for each in nodes_in(node):
        text = each.value if isinstance(each, Value) else each.key if isinstance(each, ItemNode) else ""
        if isinstance(text, str) and (not text.isprintable() or set(text) & {"'", '"', "\\"}):
            return False
    return True


def _joined(parts: Sequence[str | Node]) -> Iterator[str | Node]:
    """Yield the parts with no two texts side by side."""
    held = ""
    for part in parts:
        if isinstance(part, str):
            held += part
            continue
        if held:
            yield held
        held = ""
        yield part
    if held:
        yield held
