"""What authors meet who give references to pydantic models: pydantic checks values that are not known yet."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from podium.dsl.refs import Ref
from podium.model.errors import AuthoringError


def model_refusal(error: Any) -> AuthoringError | None:
    """
    Say what to write instead of a pydantic model that is made with references.

    Args:
        error: What the author's function has raised.

    Returns:
        The author's mistake, None if the error is another one.
    """
    if not hasattr(error, "error_count") or not hasattr(error, "title"):
        return None
    references = [each["loc"] for each in error.errors(include_url=False) if isinstance(each.get("input"), Ref)]
    if not references:
        return None
    field = ".".join(map(str, references[0]))
    message = (
        f"{error.title} checks its field {field!r} now, and its value is known only while the workflow runs; "
        f"write {error.title}.model_construct(...), which checks nothing"
    )
    return AuthoringError(message, code="P1", place=_place(error.__traceback__))


def _place(trace: TracebackType | None) -> str | None:
    """Return the author's line: the last one that is neither pydantic's nor ours."""
    place = None
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if module not in {"pydantic", "podium"}:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
