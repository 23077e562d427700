"""
Scripts that are nothing but a formula over ``$``: comparisons, arithmetic and logic, without calls or assignments.

Most conditions of loops and switches are of this kind (``$.poll['iteration'] < 30 && !($.state == 'DONE')``). Such a
script cannot run any code but the operators', cannot change anything, and does work in proportion to its length and
its inputs. So it needs neither an interpreter of its own nor a time limit, as long as both are small: an interpreter
that is kept per thread and never sees another kind of script gives the same value ten times as fast.

A script that might be anything else is not taken; the grammar here errs on that side.
"""

from __future__ import annotations

import operator
import re
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from podium.expressions.harness import ENCODE
from podium.expressions.javascript import MEMORY_LIMIT_BYTES, RESULT_LIMIT_CHARS, evaluate, read_result
from podium.model.values import JsonObject, JsonValue

#: Longer scripts are not looked at.
LENGTH_MAX = 2000
#: Bytes that the operators of one formula may look at in all, if each looks at all of its input: some milliseconds.
WORK_MAX = 1_000_000
#: Compiled formulas that one thread keeps.
_KEPT_MAX = 512

_BLANK = r"[ \t\r\n]*"
_NAME = r"[A-Za-z_$][A-Za-z0-9_$]*"
_STRING = r"""'[^'\\\r\n\u2028\u2029]*'|"[^"\\\r\n\u2028\u2029]*\""""
_MEMBER = rf"{_BLANK}(?:(?:\?\.|\.){_BLANK}({_NAME})|(?:\?\.{_BLANK})?\[{_BLANK}(?:({_STRING})|(\d{{1,9}})){_BLANK}\])"
#: What may stand where a value is expected. Two signs in a row are refused, because they would be ``++`` or ``--``.
_OPERAND = re.compile(
    rf"{_BLANK}(?:(?P<open>\()|(?P<sign>!|[-+](?!{_BLANK}[-+]))"
    rf"|(?P<value>\d{{1,30}}(?:\.\d{{1,30}})?(?![\w.$])|{_STRING}|(?:true|false|null|undefined)(?![\w$])|\$(?![\w$])))"
)
_MEMBERS = re.compile(rf"(?:{_MEMBER})*")
_ONE_MEMBER = re.compile(_MEMBER)
#: What may stand behind a value. A slash is a division here, because a value stands in front of it.
_OPERATOR = re.compile(
    rf"{_BLANK}(?:(?P<close>\))|(?P<operator>===|!==|==|!=|<=|>=|<(?!<)|>(?!>)|&&|\|\||\?\?"
    rf"|\*(?!\*)|/(?![/*])|%|[-+](?![-+])|\?(?!\.)|:))"
)
#: The form that Conductor's SDKs give to conditions, ``if (formula) { true; } else { false; }``: a formula as well.
_OUTCOME = rf"{_BLANK}\{{{_BLANK}(?P<%s>true|false){_BLANK};?{_BLANK}\}}{_BLANK}"
_CHOICE = re.compile(
    rf"{_BLANK}if{_BLANK}\((?P<condition>[^;{{}}]*)\){_OUTCOME % 'then'}else{_OUTCOME % 'otherwise'};?{_BLANK}"
)
_END = re.compile(rf"{_BLANK};?{_BLANK}")

#: What most loops count with: two whole numbers and one operator. Python gives what JavaScript gives, as long as all
#: numbers are among those that JavaScript keeps exactly; what may give a fraction or a negative zero is not among it.
_COUNTING = (
    rf"{_BLANK}(?:\$(?P<left>(?:{_MEMBER})+)|(?P<number>0|[1-9]\d{{0,14}})){_BLANK}"
    r"(?P<sign>===|!==|==|!=|<=|>=|<|>|\+|-)"
    rf"{_BLANK}(?:\$(?P<right>(?:{_MEMBER})+)|(?P<other>0|[1-9]\d{{0,14}})){_BLANK};?{_BLANK}"
)
_SIGNS: Mapping[str, Callable[[int, int], int]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "===": operator.eq,
    "!=": operator.ne,
    "!==": operator.ne,
    "+": operator.add,
    "-": operator.sub,
}
#: The greatest whole number that JavaScript keeps exactly.
_EXACT_MAX = 2**53 - 1

_RUN = r"""((encode) => {
const { parse, stringify, rawJSON, isRawJSON } = JSON;
const kit = { stringify, rawJSON, isRawJSON, text: String, Number, Object, Map, BigInt, ArrayBuffer, DataView,
  RangeError, call: Reflect.apply, exec: RegExp.prototype.exec };
const encoded = (0, eval)(encode);
return (formula, bindings, limit) => {
  const value = formula(parse(bindings));
  return typeof value === 'boolean' ? value : encoded(value, limit, kit);
};
})"""


class TooMuchWork(Exception):
    """A formula and its input are too large, or too odd, to be evaluated here."""


class PlainScript:
    """
    A formula.

    Attributes:
        source: The script.
        paths: The members of ``$`` that it reads, as paths from ``$``; only they need be given to it.
    """

    __slots__ = ("_count", "_input_max", "_reads", "paths", "source")

    def __init__(self, source: str, paths: frozenset[tuple[str, ...]], operands: int) -> None:
        self.source = source
        self.paths = paths
        self._reads = _tree(paths)
        self._input_max = WORK_MAX // operands
        self._count = _counting(source)

    def narrowed(self, bindings: JsonObject) -> JsonObject:
        """Return only what the formula reads of its bindings."""
        return bindings if self._reads is None else _narrow(bindings, self._reads)

    def evaluate(self, bindings: JsonObject) -> JsonValue:
        """
        Evaluate; takes some microseconds and may be done in any thread.

        Args:
            bindings: What ``$`` is; only the members in `paths` are looked at.

        Raises:
            ScriptError: It does not compile, reads a member of null, or takes too much memory.
            TooMuchWork: It has to be evaluated elsewhere, as any other script.
        """
        number = self._count(bindings)
        if number is not None:
            return number
        narrowed = self.narrowed(bindings)
        try:
            text = orjson.dumps(narrowed, option=orjson.OPT_STRICT_INTEGER).decode()
        except TypeError as exc:  # integers beyond 2**53 and the like
            raise TooMuchWork(str(exc)) from None
        if len(text) > self._input_max:
            raise TooMuchWork(f"{len(text)} characters of input")
        outcome = _interpreter().run(self.source, text)
        if outcome is None:
            # The long way is for errors, whose text needs the place.
            return evaluate(self.source, narrowed)
        return outcome if isinstance(outcome, bool) else read_result(outcome, self.source)


@lru_cache(maxsize=4096)
def plain_script(script: str) -> PlainScript | None:
    """
    Read a script as a formula.

    Args:
        script: Any JavaScript.

    Returns:
        The formula, or None if the script is, or might be, anything else.

    Example:
        >>> plain_script("$.n > 1 ? 'many' : 'one'").evaluate({"n": 2})
        'many'
        >>> plain_script("$.items.map(x => x)") is None
        True
    """
    if len(script) > LENGTH_MAX or "$" not in script:
        return None
    choice = _CHOICE.fullmatch(script)
    if choice is not None:
        return plain_script(f"({choice['condition']}) ? {choice['then']} : {choice['otherwise']}")
    paths: set[tuple[str, ...]] = set()
    at = depth = operands = 0
    while True:
        operand = _OPERAND.match(script, at)
        if operand is None:
            return None
        at = operand.end()
        operands += 1
        if operand["open"]:
            depth += 1
            continue
        if operand["sign"]:
            continue
        members = _MEMBERS.match(script, at) if operand["value"] == "$" else None
        if members is not None:
            paths.add(_path(members[0]))
            at = members.end()
        while (operator := _OPERATOR.match(script, at)) is not None and operator["close"]:
            depth -= 1
            at = operator.end()
        if operator is None:
            is_whole = depth == 0 and _END.fullmatch(script, at) is not None
            return PlainScript(script, frozenset(paths), operands) if is_whole else None
        if depth < 0:
            return None
        at = operator.end()


def _path(members: str) -> tuple[str, ...]:
    """Read the leading names of a chain of members; what is behind an index belongs to the value in front of it."""
    names: list[str] = []
    for match in _ONE_MEMBER.finditer(members):
        if match[3] is not None:
            break
        names.append(match[1] if match[1] is not None else match[2][1:-1])
    return tuple(names)


_Tree = dict[str, "_Tree | None"]


def _tree(paths: frozenset[tuple[str, ...]]) -> _Tree | None:
    """Arrange paths as a tree; None stands for a value that is needed as a whole."""
    tree: _Tree = {}
    for path in sorted(paths, key=len, reverse=True):
        if not path:
            return None
        node: _Tree = tree
        for name in path[:-1]:
            below = node.setdefault(name, {})
            assert below is not None, "longer paths come first"
            node = below
        node[path[-1]] = None
    return tree


def _narrow(value: Mapping[str, JsonValue], tree: _Tree) -> JsonObject:
    """Copy only the members that are read, so that a condition's cost does not grow with what it does not look at."""
    narrowed: dict[str, JsonValue] = {}
    for name, below in tree.items():
        if name in value:
            member = value[name]
            narrowed[name] = member if below is None or not isinstance(member, dict) else _narrow(member, below)
    return narrowed


def _counting(script: str) -> Callable[[JsonObject], int | None]:
    """Return what calculates a script from its bindings without an interpreter, and gives None where it cannot."""
    found = re.fullmatch(_COUNTING, script)  # compiled with the first script, and kept by `re`
    if found is None:
        return _uncounted
    left, right = _operand(found["left"], found["number"]), _operand(found["right"], found["other"])
    if left is None or right is None:
        return _uncounted
    calculate = _SIGNS[found["sign"]]

    def count(bindings: JsonObject) -> int | None:
        one, other = left(bindings), right(bindings)
        if type(one) is not int or type(other) is not int or abs(one) > _EXACT_MAX or abs(other) > _EXACT_MAX:
            return None
        number = calculate(one, other)
        return number if abs(number) <= _EXACT_MAX else None

    return count


def _uncounted(_: JsonObject) -> None:
    return None


def _operand(members: str | None, number: str | None) -> Callable[[JsonObject], JsonValue] | None:
    """Return what gives an operand: a number as it is written, or the members of ``$``; None for one with an index."""
    if members is None:
        value = int(number or "")
        return lambda _: value
    path = _path(members)
    if len(path) < sum(1 for _ in _ONE_MEMBER.finditer(members)):
        return None
    *above, last = path

    def look(bindings: JsonObject) -> JsonValue:
        holder: JsonValue = bindings
        for name in above:
            holder = holder.get(name) if isinstance(holder, dict) else None
        return holder.get(last) if isinstance(holder, dict) else None

    return look


class _Interpreter:
    """One thread's interpreter for formulas."""

    def __init__(self) -> None:
        import quickjs

        self._failure: type[Exception] = quickjs.JSException
        self._context = quickjs.Context()
        self._context.set_memory_limit(MEMORY_LIMIT_BYTES)
        self._run: Any = self._context.eval(_RUN)(ENCODE)
        self._formulas: dict[str, Any] = {}

    def run(self, source: str, bindings: str) -> str | bool | None:
        """
        Evaluate a formula.

        Returns:
            A truth value, or what `read_result` reads; None if it failed.
        """
        try:
            return self._evaluate(source, bindings)
        except self._failure:
            return None

    def _evaluate(self, source: str, bindings: str) -> str | bool:
        """Evaluate, compiling the formula at its first use."""
        formula = self._formulas.get(source)
        if formula is None:
            if len(self._formulas) >= _KEPT_MAX:
                self._formulas.clear()
            formula = self._context.eval(f"(($) => (\n{source.strip().removesuffix(';')}\n))")
            self._formulas[source] = formula
        outcome: str | bool = self._run(formula, bindings, RESULT_LIMIT_CHARS)
        return outcome


_threads = threading.local()


def _interpreter() -> _Interpreter:
    """Return this thread's interpreter."""
    found: _Interpreter | None = getattr(_threads, "interpreter", None)
    if found is None:
        found = _threads.interpreter = _Interpreter()
    return found
