"""Is a script JavaScript at all?"""

from __future__ import annotations

from functools import lru_cache


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
