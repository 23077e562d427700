"""
Following a path through a value, as Jayway's json-path 2.9.0 does, within a limit of work.

A step over many values costs as many units; what a whole look-up may cost is limited, because ``..`` and filters
inside filters multiply.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from podium.expressions.jsonpath.comparisons import MISSING, Value, compare
from podium.expressions.jsonpath.functions import call
from podium.expressions.jsonpath.nodes import (
    AllOf,
    AnyOf,
    Condition,
    Deep,
    EveryMember,
    Filter,
    FunctionCall,
    Indexes,
    Members,
    Not,
    Operand,
    PathComparison,
    PathError,
    PathOperand,
    PathSyntax,
    Slice,
    Step,
)
from podium.expressions.refusals import PathFault, PathTooCostly
from podium.model.values import JsonObject, JsonValue

#: Values that one look-up, and all of one template together, may look at: about a tenth of a second, and twice that.
WORK_MAX, TEMPLATE_WORK_MAX = 300_000, 600_000
#: What a comparison and a list or object in a search cost; a value that is passed on costs 1.
_COMPARISON, _SEARCH = 5, 5

_Found: TypeAlias = list[JsonValue]


_KEYS = FunctionCall("keys", ())


class _NotFound(PathError):
    """A place that has to be there is not."""


class Walk:
    """
    One look-up: the document, and how much work it may do and has done.

    Attributes:
        done: How many values were looked at.
    """

    def __init__(self, root: JsonValue, work_max: int = WORK_MAX) -> None:
        self._root = root
        self._work_max = work_max
        self.done = 0
        #: Values of the paths in filters that start at the document; it stays the same during a look-up.
        self._at_root: dict[int, JsonValue] = {}

    def value(self, path: PathSyntax, item: JsonValue, *, skip: int = 0, must_exist: bool = False) -> JsonValue:
        """
        Return the value of a path: for an indefinite one the list of all, else the last one found or None.

        Args:
            path: The path.
            item: What it starts at.
            skip: How many steps have been taken on the way to *item*.
            must_exist: Whether a place that is not there raises `PathError`.

        Raises:
            PathError: A step cannot be taken.
            PathFault: The look-up has no value at all.
            PathTooCostly: It looks at too much.
        """
        found: _Found = []
        self._follow(path, skip, item, found, _Mode(must_exist))
        if not path.is_definite:
            return found
        if not found and must_exist:
            raise _NotFound("nothing is there")
        return found[-1] if found else None

    def spend(self, amount: int) -> None:
        """Count work."""
        self.done += amount
        if self.done > self._work_max:
            raise PathTooCostly(f"it looks at more than {WORK_MAX:,} values: make it more precise, or use an INLINE")

    def _follow(self, path: PathSyntax, at: int, value: JsonValue, found: _Found, mode: _Mode) -> None:
        """Take the steps from *at* on; what is selected by the last one is appended."""
        if not mode.upstream_index:
            value, at = _descend(path.steps, value, at)
        if at == len(path.steps):
            self.spend(1)
            found.append(value)
            return
        step = path.steps[at]
        match step:
            case FunctionCall(name, parameters):
                result = call(self, name, value, parameters, must_exist=mode.must_exist)
                found.append(result)
                if at + 1 < len(path.steps):
                    self._follow(path, at + 1, result, found, mode)
            case Deep():
                self._search(path, at + 1, value, found, mode)
            case Members(names) if len(names) > 1 and at == len(path.steps) - 1:
                self._pick(path, at, value, found, mode)
            case _:
                is_leaf = at == len(path.steps) - 1
                drops = is_leaf and isinstance(step, Members | EveryMember) and mode.drops(path, at)
                for each in self._selected(path, at, value, mode):
                    if not (drops and isinstance(value, dict)):
                        self._follow(path, at + 1, each, found, mode)

    def _selected(self, path: PathSyntax, at: int, value: JsonValue, mode: _Mode) -> Iterator[JsonValue]:
        """Yield the values that a step selects."""
        step = path.steps[at]
        if isinstance(step, Filter):
            yield from self._filtered(path, at, value, mode)
        elif isinstance(step, EveryMember):
            if isinstance(value, dict | list):
                self.spend(len(value))
                yield from value.values() if isinstance(value, dict) else value
        elif isinstance(step, Members) and isinstance(value, dict):
            yield from self._members(step, value, mode)
        elif isinstance(step, Indexes | Slice) and isinstance(value, list):
            for index in _indexes(step, len(value)):
                self.spend(1)
                if -len(value) <= index < len(value):
                    yield value[index]
        elif isinstance(step, Members | Indexes | Slice):
            mode.miss(path, at)

    @staticmethod
    def _members(step: Members, value: JsonObject, mode: _Mode) -> Iterator[JsonValue]:
        for name in step.names:
            if name in value:
                yield value[name]
            elif mode.must_exist:
                raise _NotFound(name)

    def _pick(self, path: PathSyntax, at: int, value: JsonValue, found: _Found, mode: _Mode) -> None:
        """Select an object with some members of another one."""
        step = path.steps[at]
        assert isinstance(step, Members), "only they are picked"
        if not isinstance(value, dict):
            mode.miss(path, at)
            return
        self.spend(len(step.names))
        if mode.must_exist and any(name not in value for name in step.names):
            raise _NotFound(", ".join(step.names))
        found.append({name: value[name] for name in step.names if name in value})

    def _filtered(self, path: PathSyntax, at: int, value: JsonValue, mode: _Mode) -> Iterator[JsonValue]:
        """Yield the items of a list for which a filter's condition holds; an object counts as one item."""
        if isinstance(value, dict):
            if self._accepts(path, at, value, mode):
                yield value
        elif isinstance(value, list):
            for item in value:
                if self._accepts(path, at, item, mode):
                    yield item
        elif path.upstream_definite[at]:
            raise PathError("a filter looks at objects and lists only")

    def _accepts(self, path: PathSyntax, at: int, item: JsonValue, mode: _Mode) -> bool:
        step = path.steps[at]
        assert isinstance(step, Filter), "nothing else has a condition"
        try:
            return self._holds(step.condition, item, mode)
        except PathError:
            return False

    def _holds(self, condition: Condition, item: JsonValue, mode: _Mode) -> bool:
        match condition:
            case PathComparison(left, operator, right):
                self.spend(_COMPARISON)
                return compare(self._operand(left, item, mode), operator, self._operand(right, item, mode), self.spend)
            case AnyOf(parts):
                return any(self._holds(part, item, mode) for part in parts)
            case AllOf(parts):
                return all(self._holds(part, item, mode) for part in parts)
            case Not(part):
                return not self._holds(part, item, mode)

    def _operand(self, operand: Operand, item: JsonValue, mode: _Mode) -> Value:
        """Return the value of what is compared."""
        if not isinstance(operand, PathOperand):
            return operand
        try:
            if operand.is_check:
                self.value(operand.path, item, must_exist=True)
                return True
            value = self._path_value(operand.path, item, mode)
        except _NotFound:
            return False if operand.is_check else MISSING
        if isinstance(value, list) and operand.path.steps[-1:] == (_KEYS,):
            raise PathFault("Jayway cannot compare the names of an object")
        return value

    def _path_value(self, path: PathSyntax, item: JsonValue, mode: _Mode) -> JsonValue:
        """Return the value of a path in a filter."""
        if not path.starts_at_root:
            return self.value(path, item, must_exist=mode.must_exist)
        if id(path) not in self._at_root:
            self._at_root[id(path)] = self.value(path, self._root, must_exist=mode.must_exist)
        return self._at_root[id(path)]

    def parameter(self, path: PathSyntax, *, must_exist: bool) -> JsonValue:
        """Return the value of a function's parameter."""
        return self.value(path, self._root, must_exist=must_exist)

    def _search(self, path: PathSyntax, at: int, value: JsonValue, found: _Found, mode: _Mode) -> None:
        """
        Take the steps from *at* on at every depth of a value, outermost first.

        In a list the step itself is left out where another one follows: that is taken from all items, as Jayway does.
        """
        if at == len(path.steps):
            raise PathFault("nothing stands behind ..")
        is_leaf = at == len(path.steps) - 1
        pending = [value]
        while pending:
            model = pending.pop()
            if not isinstance(model, dict | list):
                continue
            self.spend(_SEARCH + len(model))
            if self._is_hit(path, at, model, mode):
                if is_leaf or isinstance(model, dict):
                    self._follow(path, at, model, found, mode)
                else:
                    for index, item in enumerate(model):
                        mode.upstream_index[at + 1] = index
                        self._follow(path, at + 1, item, found, mode)
            inner = list(model.values()) if isinstance(model, dict) else model
            pending.extend(inner[::-1])

    def _is_hit(self, path: PathSyntax, at: int, model: JsonValue, mode: _Mode) -> bool:
        match path.steps[at]:
            case Members(names):
                return isinstance(model, dict) and (not path.is_step_definite(at) or all(n in model for n in names))
            case Indexes() | Slice():
                return isinstance(model, list)
            case EveryMember():
                return True
            case Filter():
                return self._accepts(path, at, model, mode)
            case _:
                return False


class _Mode:
    """How one path is followed."""

    __slots__ = ("must_exist", "upstream_index")

    def __init__(self, must_exist: bool) -> None:
        self.must_exist = must_exist
        #: For a step behind ``..`` and another step the index of the item that a search took it from last.
        self.upstream_index: dict[int, int] = {}

    def miss(self, path: PathSyntax, at: int) -> None:
        """Nothing can be selected from such a value."""
        if self.must_exist and path.upstream_definite[at]:
            raise _NotFound("no object or list is there")

    def drops(self, path: PathSyntax, at: int) -> bool:
        """Return whether a search drops a last step's results: it took it from an item without a named index."""
        index = self.upstream_index.get(at)
        return index is not None and path.steps[at - 1] != Indexes((index,))


def _descend(steps: tuple[Step, ...], value: JsonValue, at: int) -> tuple[JsonValue, int]:
    """Follow names as far as they lead; this is what nearly all steps are."""
    while at < len(steps):
        step = steps[at]
        if type(step) is not Members or len(step.names) != 1 or type(value) is not dict or step.names[0] not in value:
            break
        value = value[step.names[0]]
        at += 1
    return value, at


def _indexes(step: Indexes | Slice, length: int) -> range | tuple[int, ...]:
    """Return the indexes that a step names in a list; a slice with two ends counts only its end from the back."""
    if isinstance(step, Indexes):
        return step.indexes
    if step.start is None:
        end = step.end if step.end is not None else length
        return range(min(length, end + length if end < 0 else end))
    if step.end is None:
        return range(max(0, step.start + length if step.start < 0 else step.start), length)
    return range(step.start, min(length, step.end))
