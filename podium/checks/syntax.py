"""Is a script JavaScript at all?"""

from __future__ import annotations

import json
from functools import lru_cache

from podium.model.values import JsonObject

#: What a condition may cost that is tried on known values.
_TIME_LIMIT_S = 1
_MEMORY_LIMIT_BYTES = 16 * 1024 * 1024


@lru_cache(maxsize=1024)
def javascript_fault(script: str) -> str | None:
    """
    Parse a script without running it.

    Args:
        script: What Conductor would evaluate; its value is that of its last statement.

    Returns:
        The parser's message, None if it can be read.
    """
    import quickjs

    context = quickjs.Context()
    context.set("source", script)
    try:
        # Function() parses its text and does not run it. A `return` at the top, which Conductor refuses, is let
        # through: nobody is told something wrong.
        context.eval("new Function(source); undefined")
    except quickjs.JSException as error:
        return str(error).strip().splitlines()[0]
    return None


@lru_cache(maxsize=1024)
def has_bare_return(script: str) -> bool:
    """Return whether a script has a ``return`` outside of every function, which Conductor's engine cannot read."""
    if "return" not in script or javascript_fault(script) is not None:
        return False
    import quickjs

    context = quickjs.Context()
    context.set("source", script)
    try:
        # A static block takes statements and no return; neither the class nor the function ever runs.
        context.eval("new Function('class Block { static { ' + source + '\\n } }'); undefined")
    except quickjs.JSException as error:
        return "return in a static" in str(error)
    return False


def is_false(condition: str, values: JsonObject) -> bool:
    """Return whether a loop's condition is surely false for some values (Conductor: ``ScriptEvaluator``)."""
    import quickjs

    context = quickjs.Context()
    context.set_time_limit(_TIME_LIMIT_S)
    context.set_memory_limit(_MEMORY_LIMIT_BYTES)
    try:
        context.set("given", json.dumps(values))
        context.eval("var $ = JSON.parse(given); undefined")
        result = context.eval(condition)
    except quickjs.JSException:
        return False
    return not result if isinstance(result, bool) else not (isinstance(result, int | float) and result > 0)
