"""
Where in the author's source a thing was written.

Places are kept on the builder objects and handed to `podium.dsl.check`; they never reach the JSON, which must not
depend on where a file lies.
"""

from __future__ import annotations

import sys
from types import FrameType

#: The frames to walk out of: our own, and those that Python makes for code that attrs generates.
_OURS = ("podium.dsl", "attrs", "attr")


def here() -> str | None:
    """
    Give the author's place: ``file:line`` of the nearest caller outside `podium.dsl`.

    Returns:
        The file as Python knows it, a colon and the line; None if there is no such caller.
    """
    # inspect.stack() would read source files, which is a hundred times slower.
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # see above
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(_OURS):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return None
