"""
Where in the author's source a thing was written.

Places are kept on the builder objects and handed to `podium.dsl.check`; they never reach the JSON, which must not
depend on where a file lies.
"""

from __future__ import annotations

import os
import sys
from types import FrameType

_OURS = ("podium.dsl", "attr", "attrs", "dataclasses", "enum")
#: Where Python's own modules lie: ``random.choice(ref)`` is a mistake of who wrote it, not of `random`.
_PYTHONS = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120  # a Path costs more, and this is imported by everything


def here() -> str | None:
    """
    Give the author's place: ``file:line`` of the nearest caller outside `podium.dsl`.

    Returns:
        The file as Python knows it, a colon and the line; None if there is no such caller.
    """
    # inspect.stack() would read source files, which is a hundred times slower.
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # see above
    while frame is not None:
        if not _is_ours(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _is_ours(frame: FrameType) -> bool:
    """Tell the frames to walk out of: our own, Python's, and those of code that attrs and others generate."""
    module = str(frame.f_globals.get("__name__", ""))
    generated = frame.f_code.co_filename.startswith("<attrs generated")
    if frame.f_code.co_filename.startswith(_PYTHONS) and "-packages" not in frame.f_code.co_filename:
        return True
    return generated or any(module == own or module.startswith(f"{own}.") for own in _OURS)
