"""How loops begin and end: a list, a limit, ``.until(...)``, or a script as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from podium.decompile.conditions import StructureHead, is_reference, reader_of
from podium.decompile.nodes import Builder, CallNode, Name, Node, Operation, Value, call, nodes_in
from podium.decompile.scopes import FunctionScope
from podium.decompile.scripts import read_condition
from podium.dsl.refs import path_piece
from podium.model.definitions import WorkflowTask
from podium.model.values import JsonObject

_STOP = re.compile(r"if \((?P<condition>.*)\) \{ false; \} else \{ true; \}", re.DOTALL)
_GO_ON = re.compile(r"if \((?P<condition>.*)\) \{ true; \} else \{ false; \}", re.DOTALL)


class LoopHeads:
    """
    The ways to begin one DO_WHILE.

    Args:
        task: The task.
        name: The reference name to build it under.
        inside: Reference names of the loop and of all steps in its body.
        scope: What the end of the body sees.
    """

    def __init__(self, task: WorkflowTask, name: str, inside: Sequence[str], scope: FunctionScope) -> None:
        self._task = task
        self._name = name
        self._inside = inside
        self._scope = scope
        self._condition = task.loop_condition or ""
        with scope.hiding(inside):  # what begins a loop stands before its body
            self._builder, self._head, inputs = _over(task, name, scope)
        self._kept, self._inputs = _kept(inputs)

    def __iter__(self) -> Iterator[StructureHead]:
        """Yield them, the most readable first."""
        if self._builder == "for_each" and self._condition == "true":
            yield self._header()
        if stop := _STOP.fullmatch(self._condition):
            read = read_condition(stop["condition"], self._read)
            if read is not None:
                yield from self._stopped(read)
        with self._scope.hiding(self._inside):
            scripted = list(self._scripted())
        yield from scripted

    def _header(self, *stops: Node, **named: Node) -> StructureHead:
        return StructureHead(node=call(self._builder, *self._head, **named, **self._kept), stops=stops)

    def _read(self, name: str, keys: Sequence[str | int]) -> Node | None:
        """Return what ``$.name`` stands for at the end of the body."""
        bound = self._scope.find(name) if name in self._inside else None
        if bound is None or getattr(bound.thing, "reference_name", "") != name:
            return reader_of(self._inputs, self._scope)(name, keys)
        return self._scope.known(f"{name}.output" + "".join(map(path_piece, keys)))

    def _stopped(self, read: Node) -> Iterator[StructureHead]:
        """Yield a loop that stops at a condition; the limit of iterations stands apart."""
        limit, rest = self._limit(read)
        if limit is not None:
            yield self._header(*(() if rest is None else (rest,)), max_iterations=limit)
        yield self._header(read)

    def _limit(self, read: Node) -> tuple[Node | None, Node | None]:
        """Take ``| (loop.iteration >= limit)`` off a condition."""
        match read:
            case Operation("|", (rest, Operation(">=", (of, limit)))) if self._is_limit(of, limit):
                return limit, rest
            case Operation(">=", (of, limit)) if self._is_limit(of, limit):
                return limit, None
            case _:
                return None, None

    def _is_limit(self, node: Node, limit: Node) -> bool:
        bound = {found.variable for found in map(self._scope.find, self._inside) if found is not None}
        loop = self._scope.find(self._name)
        of = getattr(node, "of", None)
        is_iteration = getattr(node, "name", "") == "iteration" and isinstance(of, Name)
        is_outside = not any(isinstance(each, Name) and each.variable in bound for each in nodes_in(limit))
        return is_iteration and is_outside and loop is not None and getattr(of, "variable", None) is loop.variable

    def _scripted(self) -> Iterator[StructureHead]:
        """Yield the loops whose condition stands at their beginning."""
        if go_on := _GO_ON.fullmatch(self._condition):
            read = read_condition(go_on["condition"], reader_of(self._inputs, self._scope))
            if read is not None:
                yield self._header(while_=read)
        text = self._scope.plain_text(self._condition, f"{self._name}_condition")
        named = self._scope.named({key: each for key, each in self._inputs.items() if key != "evaluator"}, self._name)
        if self._task.evaluator_type == "graaljs":
            named = (("evaluator", Value("graaljs")), *named)
        yield self._header(while_=CallNode(Builder("js"), (text,), named))
        yield StructureHead(node=call("loop", Value(self._name), while_=call("js", text)))


def _over(task: WorkflowTask, name: str, scope: FunctionScope) -> tuple[str, list[Node], JsonObject]:
    """Return the builder, its arguments, and the inputs that are left."""
    inputs = task.input_parameters
    if task.items is not None and is_reference(task.items):
        return "for_each", [Value(name), scope.value(task.items)], inputs
    if task.items is None and isinstance(inputs.get("_items"), list):
        rest = {key: value for key, value in inputs.items() if key != "_items"}
        return "for_each", [Value(name), scope.value(inputs["_items"], f"{name}_items")], rest
    return "loop", [Value(name)], inputs


def _kept(inputs: JsonObject) -> tuple[Mapping[str, Node], JsonObject]:
    """Return the argument ``keep_last=``, if there is one, and the other inputs."""
    keep = inputs.get("keepLastN")
    if not isinstance(keep, int) or isinstance(keep, bool):
        return {}, inputs
    return {"keep_last": Value(keep)}, {key: value for key, value in inputs.items() if key != "keepLastN"}
