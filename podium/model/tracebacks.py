"""Tracebacks that end in the author's lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from types import FrameType, TracebackType
from typing import ParamSpec, TypeVar

from podium.model.errors import BackendError, DefinitionError, RequestError, RunTimeout, StoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

_OURS = ("podium", "attr", "attrs", "dataclasses", "enum")
#: What is explained by its message. Other errors keep their whole traceback: they are ours to explain.
_EXPLAINED = (DefinitionError, RequestError, RunTimeout, BackendError, StoreUnavailable)
#: Where Python's own modules lie: ``random.choice(ref)`` is a mistake of who wrote it, not of `random`.
_PYTHONS = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120  # a Path costs more, and this is imported by everything


def is_ours(frame: FrameType) -> bool:
    """Return whether to walk out of this frame: our own, Python's, or one of code that attrs and others generate."""
    module = str(frame.f_globals.get("__name__", ""))
    generated = frame.f_code.co_filename.startswith("<attrs generated")
    if frame.f_code.co_filename.startswith(_PYTHONS) and "-packages" not in frame.f_code.co_filename:
        return True
    return generated or any(module == own or module.startswith(f"{own}.") for own in _OURS)


def brief(fn: Callable[P, R]) -> Callable[P, R]:
    """
    Let the mistake of an author or a caller end in their own lines: how we came to notice it is not of interest.

    Example:
        A workflow that is wrong in its line 7 shows the line that ran it, and its line 7.
    """

    @wraps(fn)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return fn(*args, **kwargs)
        except _EXPLAINED as error:
            mistake = error
        raise mistake.with_traceback(_without_ours(mistake.__traceback__)) from None

    return call


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    if trace is None:
        return None
    rest = _without_ours(trace.tb_next)
    if is_ours(trace.tb_frame):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
