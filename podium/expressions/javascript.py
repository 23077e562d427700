"""
JavaScript for INLINE, LAMBDA, SWITCH, DO_WHILE, JOIN and event conditions.

Every evaluation has an interpreter and a global object of its own, so no script sees what another one left behind.
There is no ``print``, ``console``, ``require``, timer, module, file, environment or network in it, and pending Promise
jobs never run (Conductor: the same, in GraalJS).

What the limits can and cannot do:

* Memory is limited exactly, and so is the stack.
* Time is counted in CPU seconds **of the whole process** (the interpreter uses C's ``clock()``), so a script is cut
  off early while other threads burn CPU. If less than half of the limit has passed by the wall clock, the script is
  evaluated once more with what the other threads used added on top; it starts from nothing, so that does no harm.
* The interpreter looks at the clock once per 10,000 jumps or calls, and not inside built-in functions. A loop around
  an expensive built-in (``for (;;) JSON.parse(big)``), ``Array(4294967295).join()``, or a Promise that swallows the
  interruption can therefore overrun the limit by far, and a thread cannot be killed. The interpreter lock is released
  meanwhile, so other threads go on; but use `podium.expressions.isolation` for scripts of people you do not
  trust, and for everything that runs where it must not get stuck.
"""

from __future__ import annotations

import json
import math
import re
import time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from podium.expressions.harness import (
    BIG_INTEGERS,
    CORE,
    DESCRIBE,
    ENCODE,
    INFINITY,
    JAVA_METHODS,
    MINUS_INFINITY,
    NAN,
)
from podium.expressions.script_errors import error_text, official_text, syntax_text
from podium.model import json_text
from podium.model.errors import PodiumError
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from collections.abc import Callable

#: Conductor's default for how long a script may run, in seconds.
TIME_LIMIT_S = 4.0
#: Memory of one evaluation, in bytes.
MEMORY_LIMIT_BYTES = 64 * 1024 * 1024
#: Longest result, in characters of JSON: the largest task output that Conductor accepts.
RESULT_LIMIT_CHARS = 10 * 1024 * 1024

_STACK_LIMIT_BYTES = 256 * 1024
_SAFE_INTEGER_MAX = 2**53 - 1
_JAVA_METHOD = re.compile(
    r"\.\s*(?:get|getOrDefault|containsKey|contains|size|isEmpty|keySet|entrySet|values"
    r"|put|putAll|remove|add|addAll|set)\s*\("
)
_NUMBERS = {NAN: math.nan, INFINITY: math.inf, MINUS_INFINITY: -math.inf}
#: What JSON has in place of them: the texts that Conductor writes to its store.
_STAND_INS = {NAN: "NaN", INFINITY: "Infinity", MINUS_INFINITY: "-Infinity"}


class ScriptError(PodiumError):
    """A script failed."""


class ScriptTimeout(ScriptError):
    """
    A script did not end in time.

    Attributes:
        limit_s: The limit, in seconds.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"Script not evaluated within {limit_s:g} seconds, interrupted.")


def evaluate(
    script: str,
    bindings: JsonObject,
    *,
    time_limit_s: float = TIME_LIMIT_S,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> JsonValue:
    """
    Evaluate a script and give the value of its last statement.

    Args:
        script: JavaScript, not strict; ``return`` at its top level is a syntax error.
        bindings: What ``$`` is. The script gets a copy, and can change it without effect. Integers that a double
            does not hold keep all digits as long as nobody computes with them; NaN and infinities are null.
        time_limit_s: Seconds of CPU; see the module's text for what that means.
        memory_limit_bytes: Most memory that the interpreter may use.

    Returns:
        The result by GraalJS's rules: undefined and null are None; a number is an int if it is integral and within
        2**53, else a float; arrays are lists; objects and Maps are dicts of their visible members, so functions,
        dates and promises are mostly ``{}``. NaN and the infinities are floats as the whole result, inside it texts.

    Raises:
        ScriptTimeout: The time was up.
        ScriptError: The script does not compile, threw, used too much memory, or its result cannot be JSON. The text
            is Conductor's.

    Example:
        >>> evaluate("if ($.n > 1) { 'many' } else { 'one' }", {"n": 2})
        'many'
    """
    call = Evaluation.of(script, bindings)
    return run_in(Sandbox(time_limit_s, memory_limit_bytes), call, lambda limit_s: Sandbox(limit_s, memory_limit_bytes))


def truth(value: JsonValue) -> bool:
    """
    Return whether a condition's value lets a loop go on or an event handler act.

    This is not JavaScript's truth: a boolean counts as it is, a number if it is above 0, everything else (also
    ``"true"``, objects and lists) is false. Conductor: `ScriptEvaluator.toBoolean`.
    """
    if isinstance(value, bool):
        return value
    return isinstance(value, int | float) and value > 0


class Evaluation:
    """
    One evaluation, ready to be handed to an interpreter: all of it is text.

    Attributes:
        script: The script.
        bindings: ``$`` as JSON.
        preparation: JavaScript that completes ``$``; empty for nearly all.
    """

    __slots__ = ("bindings", "preparation", "script")

    def __init__(self, script: str, bindings: str, preparation: str) -> None:
        self.script = script
        self.bindings = bindings
        self.preparation = preparation

    @classmethod
    def of(cls, script: str, bindings: JsonObject) -> Evaluation:
        """
        Write the bindings as text.

        Raises:
            ScriptError: They are nested too deeply, or the script holds half of a surrogate pair.
        """
        preparation = JAVA_METHODS if _JAVA_METHOD.search(script) else ""
        if not script.isascii() and _has_lone_surrogate(script):
            raise ScriptError(error_text("SyntaxError: the script holds half of a surrogate pair", None))
        try:
            text = orjson.dumps(bindings, option=orjson.OPT_STRICT_INTEGER).decode()
        except TypeError:
            # Integers beyond 2**53, half surrogate pairs, or more levels than orjson writes.
            text, patches = _dump_unusual(bindings)
            if patches:
                preparation = BIG_INTEGERS.replace("PATCHES", json.dumps(patches)) + preparation
        return cls(script, text, f"((input) => {{{preparation}}})" if preparation else "")


class Sandbox:
    """A fresh interpreter with its limits, good for one evaluation."""

    __slots__ = ("_context", "_run", "limit_s")

    def __init__(self, time_limit_s: float, memory_limit_bytes: int) -> None:
        context = _context_class()()
        context.set_memory_limit(memory_limit_bytes)
        context.set_max_stack_size(_STACK_LIMIT_BYTES)
        self._run: Callable[[str, str, str, int, str, str], Any] = context.eval(CORE)
        self._context = context
        self.limit(time_limit_s)

    def limit(self, time_limit_s: float) -> None:
        """Set the limit; it counts from the start of `run`, so a sandbox can be made ahead of time."""
        self._context.set_time_limit(time_limit_s)
        self.limit_s = time_limit_s

    def run(self, call: Evaluation) -> str:
        """
        Evaluate; must be called once only.

        Returns:
            The result as `read_result` takes it.

        Raises:
            ScriptTimeout: The time was up.
            ScriptError: The interpreter could not go on, mostly for lack of memory.
        """
        import quickjs

        try:
            outcome = self._run(call.script, call.bindings, call.preparation, RESULT_LIMIT_CHARS, ENCODE, DESCRIBE)
        except quickjs.JSException as exc:
            message = str(exc).partition("\n")[0]
            if message == "InternalError: interrupted":
                raise ScriptTimeout(self.limit_s) from None
            raise ScriptError(error_text(message, None)) from None
        except (UnicodeError, ValueError, TypeError, MemoryError) as exc:
            raise ScriptError(error_text(f"the result cannot be read: {exc}", None)) from None
        if not isinstance(outcome, str):
            raise ScriptError(error_text("the interpreter gave no result", None))
        return outcome


def run_in(sandbox: Sandbox, call: Evaluation, another: Callable[[float], Sandbox]) -> JsonValue:
    """
    Evaluate in a sandbox; once more if the time that ran out was mostly that of other threads.

    Args:
        sandbox: A fresh one.
        call: What to evaluate.
        another: Makes a second sandbox with a limit in seconds, if need be.

    Raises:
        ScriptError: As `evaluate`.
    """
    return read_result(run_text(sandbox, call, another), call.script)


def run_text(sandbox: Sandbox, call: Evaluation, another: Callable[[float], Sandbox]) -> str:
    """Do what `run_in` does, without reading the result."""
    started, started_cpu = time.perf_counter(), time.process_time()
    try:
        return sandbox.run(call)
    except ScriptTimeout:
        elapsed, cpu = time.perf_counter() - started, time.process_time() - started_cpu
        if elapsed > sandbox.limit_s / 2:
            raise
        try:
            return another(sandbox.limit_s * min(cpu / max(elapsed, 1e-6), 16.0)).run(call)
        except ScriptTimeout:
            raise ScriptTimeout(sandbox.limit_s) from None


def read_result(outcome: str, script: str) -> JsonValue:
    """
    Read what the harness answered.

    Args:
        outcome: Its answer.
        script: The script, which the texts of errors are made from.

    Raises:
        ScriptError: The script threw, or its result is no JSON.
    """
    if outcome in _WORDS:
        return _WORDS[outcome]
    if outcome.startswith(("E", "V")):
        raise ScriptError(_failure(outcome, script))
    try:
        if _STAND_IN_MARK in outcome:
            number = _NUMBERS.get(outcome[1:-1])
            wrapped = json.loads(outcome, parse_float=_read_float) if number is None else [number]
        else:
            wrapped = json_text.read(outcome)
        value: JsonValue = wrapped[0]
        return value
    except (ValueError, TypeError, LookupError, RecursionError) as exc:
        why = "it holds half of a surrogate pair, which is no text" if "surrogate" in str(exc) else str(exc)
        raise ScriptError(error_text(f"the result cannot be kept as JSON: {why}", None)) from None


def _failure(outcome: str, script: str) -> str:
    """Word what a script threw, or why it does not compile."""
    head, _, message = outcome.partition("\n")
    line, _, column = head[1:].partition(":")
    place = (int(line), int(column)) if line else None
    if message.startswith("SyntaxError: ") and place is not None and check_syntax(script) is not None:
        return syntax_text(message, place, script)
    return official_text(message, place, script, is_error=head[0] == "E")


#: Part of every stand-in; in a text it does no harm.
_STAND_IN_MARK = "e999"
_WORDS = {"true": True, "false": False, "null": None}


def _read_float(text: str) -> float | str:
    """Read a number of a result that holds NaN or an infinity."""
    return _STAND_INS[text] if text in _STAND_INS else float(text)


def _has_lone_surrogate(text: str) -> bool:
    """Return whether a text cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _dump_unusual(bindings: JsonObject) -> tuple[str, list[tuple[list[str | int], str]]]:
    """
    Write bindings that orjson refuses.

    Returns:
        The JSON, with null for every integer that a double does not hold, and where those belong.
    """
    patches: list[tuple[list[str | int], str]] = []

    def clean(value: JsonValue, path: tuple[str | int, ...]) -> JsonValue:
        if isinstance(value, dict):
            return {str(key): clean(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [clean(item, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, int) and not isinstance(value, bool) and not _is_double(value):
            patches.append((list(path), str(value)))
            return None
        return None if isinstance(value, float) and not math.isfinite(value) else value

    try:
        return json.dumps(clean(bindings, ())), patches
    except (RecursionError, TypeError, ValueError) as exc:
        raise ScriptError(error_text(f"the input cannot be given to a script: {exc}", None)) from None


def _is_double(value: int) -> bool:
    """Return whether a double stands for an integer: it holds it exactly, and is printed with the same digits."""
    return abs(value) <= _SAFE_INTEGER_MAX or (abs(value) < 2**63 and Decimal(repr(float(value))) == value)


@lru_cache(maxsize=1)
def _context_class() -> Any:  # the binding ships no annotations
    """Import the interpreter at its first use."""
    import quickjs

    return quickjs.Context


@lru_cache(maxsize=256)
def check_syntax(script: str) -> str | None:
    """
    Compile a script without running it.

    Returns:
        The error, such as ``SyntaxError: ... at line 2``, or None if it compiles.
    """
    import quickjs

    context = _context_class()()
    context.set_memory_limit(MEMORY_LIMIT_BYTES)
    context.set_max_stack_size(_STACK_LIMIT_BYTES)
    context.set_time_limit(TIME_LIMIT_S)
    try:
        # A label that a throw leaves at once: the program is compiled as a whole, and nothing of it runs.
        context.eval(f"throw 0;{script}")
    except quickjs.JSException as exc:
        message, _, stack = str(exc).partition("\n")
        if not message.startswith("SyntaxError"):
            return None
        place = re.search(r"<input>:(\d+)", stack)
        return message + (f" at line {place[1]}" if place else "")
    except (UnicodeError, ValueError):
        return "SyntaxError: the script holds a character that is no text"
    return None
