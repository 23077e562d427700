"""A run as a tree that changes in place on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from podium.cli.attempts import name_of, note_of
from podium.cli.console import COLOURS, printable
from podium.cli.formats import length, now_ms
from podium.cli.progress import ProgressStyle
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from podium.render.options import Runs

#: Lines of an outline that say which run it is.
_HEAD = 2
#: Most lines that say what the run waits for.
_NOTES_MAX = 4
#: What ends the line of a task that the run has not reached.
_NOT_STARTED = " - not started"
#: Lines of the terminal that stay free.
_FREE = 3


class LiveTree:
    """
    The outline of a run, redrawn at each look, and below it what the run waits for.

    Args:
        manner: How it is shown.
        runs: Where the runs of sub-workflows are, if they are to be shown inside.
    """

    def __init__(self, manner: ProgressStyle, runs: Runs | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._manner = manner
        self._runs = runs
        self._warning = ""
        self._console = Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)

    def show(self, run: WorkflowRun) -> None:
        """Redraw the tree."""
        self._live.update(self._drawn(run), refresh=True)

    def warn(self, text: str) -> None:
        """Show a text below the tree from the next look on."""
        self._warning = text

    def _drawn(self, run: WorkflowRun) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from podium.render import outline

        now = now_ms()
        lines = [printable(line) for line in outline(run, runs=self._runs).splitlines()]
        notes = [printable(line) for line in self._notes(run, now)]
        room = self._console.height - _FREE - _HEAD - 2 * len(notes)  # a command in a note takes two lines
        shown = [*lines[:_HEAD], *window(lines[_HEAD:], max(3, room))]
        if not run.status.is_terminal:
            shown[1] = f"{shown[1]} for {length(now - run.create_time)}"
        texts = list(map(_coloured, shown))
        for text in texts:
            text.no_wrap, text.overflow = True, "ellipsis"
        return Group(*texts, *(Text(note, style="yellow") for note in notes))

    def _notes(self, run: WorkflowRun, now: int) -> list[str]:
        live = [attempt for attempt in run.tasks if not attempt.status.is_terminal]
        live.sort(key=lambda attempt: attempt.status is not TaskStatus.SCHEDULED)  # retries come first
        noted = [(attempt, note_of(attempt, now)) for attempt in live]
        said = [f"{name_of(attempt)}: {note}{self._manner.advice(run, attempt)}" for attempt, note in noted if note]
        more = len(said) - _NOTES_MAX
        rest = [f"… and {more} more that wait"] if more > 0 else []
        return [*said[:_NOTES_MAX], *rest, *([self._warning] if self._warning else [])]

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()


def window(lines: Sequence[str], room: int) -> Sequence[str]:
    """
    Choose as many lines of an outline as there is room for: those around the task that the run reached last.

    Example:
        >>> window(["a - ✓ completed", "b - ✓ completed", "c - ► in progress", "d - not started"], 2)
        ['b - ✓ completed', 'c - ► in progress']
    """
    if len(lines) <= room:
        return lines
    reached = [number for number, line in enumerate(lines) if not line.endswith(_NOT_STARTED)]
    middle = max(reached, default=0) - room // 2
    first = min(max(0, middle), len(lines) - room)
    return lines[first : first + room]


def _coloured(line: str) -> Text:
    """Return a line of an outline with its status in colour."""
    from rich.text import Text

    from podium.render.palette import style_of

    text = Text(line, style="dim" if line.endswith(_NOT_STARTED) else "")
    for status in TaskStatus:
        style = style_of(status)
        sign = f"{style.icon} {style.word}"
        start = line.rfind(sign)
        if start > 0 and line[:start].endswith((" - ", ": ")):
            text.stylize(COLOURS.get(status, ""), start, start + len(sign))
    return text
