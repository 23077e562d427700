"""
Where in the author's source a thing was written.

Places are kept on the builder objects and handed to `podium.check`; they never reach the JSON, which must not
depend on where a file lies.
"""

from __future__ import annotations

import sys
from types import FrameType

from podium.model.tracebacks import brief, is_ours

__all__ = ["brief", "call_site"]


def call_site() -> str | None:
    """
    Return the author's place: ``file:line`` of the nearest caller outside of Podium.

    Returns:
        The file as Python knows it, a colon and the line; None if there is no such caller.
    """
    # inspect.stack() would read source files, which is a hundred times slower.
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # see above
    while frame is not None:
        if not is_ours(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return None
