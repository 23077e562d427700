"""
Scripts in Python (``evaluatorType: python``), by pydantic-monty (extra ``podium[python]``).

Monty is an interpreter of its own for a part of Python, without files, network and processes. Its workers are processes
that it replaces when one breaks, with limits of time and memory, so a hostile script harms nobody else.

Conductor: ``PythonEvaluator.java``. The script is the body of a function, so it needs ``return``, unless it is a single
expression; every input is a global variable under its name.
"""

from __future__ import annotations

import ast
import keyword
import threading
from typing import TYPE_CHECKING, Any

from podium.expressions.evaluators import EvaluatorError
from podium.expressions.javascript import MEMORY_LIMIT_BYTES, TIME_LIMIT_S, ScriptError, ScriptTimeout
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from pydantic_monty import Monty

_FUNCTION = "_podium_script"
_LIBRARY = "the evaluator type 'python' needs pydantic-monty: pip install 'podium[python]'; or write JavaScript"


class PythonScripts:
    """
    Runs scripts in a few processes, which are started when they are first needed and end with `close`.

    It may be used from any thread.
    """

    def __init__(self, *, processes: int = 2, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._processes = processes
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._pool: Monty | None = None

    def evaluate(self, script: str, bindings: JsonObject) -> JsonValue:
        """
        Return what a script returns.

        Args:
            script: The body of a function, or an expression.
            bindings: The global variables; those whose names Python does not take are left out.

        Raises:
            EvaluatorError: The library is not installed.
            ScriptTimeout: The time was up.
            ScriptError: The script failed, or returned something that is not JSON.
        """
        pool = self._started()
        from pydantic_monty import MontyError

        names = {name: value for name, value in bindings.items() if name.isidentifier() and not keyword.iskeyword(name)}
        limits: Any = {  # a typed dict of the library
            "max_feed_duration_secs": self._time_limit_s,
            "max_memory": MEMORY_LIMIT_BYTES,
            "max_total_sleep_secs": 0.0,
        }
        try:
            with pool.checkout(script_name="script", limits=limits) as session:
                result = session.feed_run(_written(script, names), inputs=names, print_callback=_unheard)
        except MontyError as error:
            inner = error.exception()
            if isinstance(inner, TimeoutError) and "feed time limit" in str(inner):
                raise ScriptTimeout(self._time_limit_s) from None
            text = f"{type(inner).__name__}: {inner}"
            raise ScriptError(f"Error evaluating the script `{text[:2000]}`") from None
        return _as_json(result)

    def _started(self) -> Monty:
        with self._lock:
            if self._pool is None:
                try:
                    from pydantic_monty import Monty
                except ImportError:
                    raise EvaluatorError(_LIBRARY) from None
                self._pool = Monty(max_processes=self._processes).__enter__()
            return self._pool

    def close(self) -> None:
        """Stop the processes; a later call starts them anew."""
        with self._lock:
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None


def _unheard(_stream: str, _text: str) -> None:
    """Nobody hears what a script prints."""


def _written(script: str, names: JsonObject) -> str:
    """Return the program of a script."""
    try:
        ast.parse(script.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = script
    else:
        body = f"return ({script.strip()}\n)"
    shared = f"    global {', '.join(names)}\n" if names else ""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"def {_FUNCTION}():\n{shared}{lines}\n    return None\n{_FUNCTION}()"


def _as_json(value: Any) -> JsonValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _as_json(item) for key, item in value.items()}
    kind = "a dict whose keys are not all texts" if isinstance(value, dict) else f"a {type(value).__name__}"
    raise ScriptError(
        f"Error evaluating the script `TypeError: {kind} is no JSON; return texts, numbers, lists, dicts`"
    )
