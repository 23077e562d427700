"""Where the frames of a run are shown: an output of a notebook, a terminal, or a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, TextIO
from unicodedata import combining, east_asian_width

from podium.model.runs import WorkflowRun
from podium.render import outline
from podium.render.notebook import bundle
from podium.render.palette import NOT_STARTED, style_of

#: Goes to the beginning of a line so many lines above, and clears all below it (ECMA-48: CPL, ED).
_BACK: Final = "\x1b[{}F\x1b[J"
#: Lines of an outline that say which run it is.
_HEAD: Final = slice(0, 2)


def in_notebook() -> bool:
    """
    Return whether this process is the kernel of a notebook, whose outputs can be replaced later.

    IPython is never imported here: where it runs, it has been imported already.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class NotebookScreen:
    """One output of a cell, which each frame replaces; the last one is what the notebook saves."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, run: WorkflowRun) -> None:
        """Replace the output."""
        frame = bundle(run, None, None)
        if self._handle is None:
            display = import_module("IPython.display").display  # it is there: `in_notebook` found it
            self._handle = display(frame, raw=True, display_id=True)
        else:
            self._handle.update(frame, raw=True)


class TerminalScreen:
    """
    The outline of the run: redrawn in place on a terminal; elsewhere, such as in a log, only the lines that are new.

    Args:
        stream: Where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: Sequence[str] = ()

    def show(self, run: WorkflowRun) -> None:
        """Write what has changed."""
        lines: Sequence[str] = outline(run).splitlines()
        if self._stream.isatty():
            lines = _fitting(lines)
            back = _BACK.format(len(self._lines)) if self._lines else ""
            self._stream.write(back + "".join(f"{line}\n" for line in lines))
        else:
            known = set(self._lines)
            self._stream.write("".join(f"{line}\n" for line in lines if line not in known))
        self._stream.flush()
        self._lines = lines


def _fitting(lines: Sequence[str]) -> Sequence[str]:
    """Cut lines to the terminal: one that wraps, or that has scrolled away, cannot be gone back to."""
    try:
        columns, rows = os.get_terminal_size()
    except OSError:
        columns, rows = 80, 24
    room = max(1, rows - 2 - len(lines[_HEAD]))
    return [_cut(line, columns - 1) for line in (*lines[_HEAD], *_window(lines[_HEAD.stop :], room))]


def _window(lines: Sequence[str], room: int) -> Sequence[str]:
    """Choose as many lines as there is room for: those around the step that was begun last."""
    if len(lines) <= room:
        return lines
    begun = [number for number, line in enumerate(lines) if not line.endswith(style_of(NOT_STARTED).word)]
    first = min(max(0, max(begun, default=0) - room // 2), len(lines) - room)
    return lines[first : first + room]


def _cut(line: str, columns: int) -> str:
    """Cut a line to a width; wide characters take two columns."""
    width = 0
    for position, character in enumerate(line):
        width += 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        if width > columns:
            return f"{line[: max(0, position - 1)]}…"
    return line
