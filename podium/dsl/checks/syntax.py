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


@lru_cache(maxsize=1024)
def has_bare_return(script: str) -> bool:
    """Tell whether a script has a ``return`` outside of every function, which Conductor's engine cannot read."""
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
