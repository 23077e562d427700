"""
The colours, icons, borders and words of statuses, and the two themes.

No two fills of a theme are closer than 10 (CIEDE2000) in normal vision, protanopia, deuteranopia and tritanopia, and
text on a fill has a contrast of at least 4.5; ``tests/render/test_render_palette.py`` computes both, so a nicer green
cannot break them unseen. A status is never told by its colour alone: each style has an icon, a border and a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from attrs import frozen

from podium.model.statuses import RunStatus, TaskStatus

#: What the options ``collapse`` and ``theme`` are unless something else is asked for.
AUTO: Final = "auto"

#: The status, in a picture of a run, of a task that the run has not reached.
NOT_STARTED: Final = "NOT_STARTED"

_BLACK: Final = "#000000"
_WHITE: Final = "#ffffff"


class Border(StrEnum):
    """The outline of a node."""

    THIN = "thin"
    SOLID = "solid"
    BOLD = "bold"
    DASHED = "dashed"
    DOTTED = "dotted"
    DOUBLE = "double"


@frozen(kw_only=True)
class Style:
    """How one status looks."""

    #: Also the CSS class, after ``status-``.
    key: str
    #: As on a light page; `Theme.fill_of` and `Theme.text_of` know the dark one, too.
    fill: str
    text: str
    #: Not filled: as bright or as dark as the page.
    is_blank: bool = False
    #: Signs of the Basic Multilingual Plane that no system shows as a coloured emoji, and that the fonts have which
    #: systems fall back to (DejaVu Sans, Segoe UI Symbol, Apple Symbols); empty for "not started".
    icon: str
    border: Border
    #: How a legend and a text spell it.
    word: str
    #: How a count spells it: "8 done, 1 failed".
    count_word: str


@frozen(kw_only=True)
class Theme:
    """What is not a status: page, lines, and the boxes of a definition."""

    page: str
    #: Text on the page, lines, bars.
    ink: str
    #: Small text on the page.
    muted: str
    #: Lines that a run did not take.
    faint: str
    #: Boxes of a definition, and of tasks whose status is not known.
    box: str
    box_text: str
    #: Outline of what has not started.
    outline: str
    #: Fill and text of a status that has no colour of its own.
    blank: str
    blank_text: str

    def fill_of(self, style: Style) -> str:
        """Give the fill of a status."""
        return self.blank if style.is_blank else style.fill

    def text_of(self, style: Style) -> str:
        """Give the colour of the text on the fill of a status."""
        return self.blank_text if style.is_blank else style.text


_NOT_STARTED = Style(
    key="not-started",
    fill=_WHITE,
    text=_BLACK,
    is_blank=True,
    icon="",
    border=Border.THIN,
    word="not started",
    count_word="to come",
)
_SCHEDULED = Style(
    key="scheduled",
    fill="#c3c7cc",
    text=_BLACK,
    icon="◷",
    border=Border.SOLID,
    word="scheduled",
    count_word="scheduled",
)
_IN_PROGRESS = Style(
    key="in-progress",
    fill="#56b4e9",
    text=_BLACK,
    icon="►",
    border=Border.BOLD,
    word="in progress",
    count_word="running",
)
_COMPLETED = Style(
    key="completed", fill="#00856a", text=_WHITE, icon="✓", border=Border.SOLID, word="completed", count_word="done"
)
_WITH_ERRORS = Style(
    key="completed-with-errors",
    fill="#f2e85c",
    text=_BLACK,
    icon="✓!",
    border=Border.DASHED,
    word="completed with errors",
    count_word="done with errors",
)
_FAILED = Style(
    key="failed", fill="#b8320a", text=_WHITE, icon="✗", border=Border.DOUBLE, word="failed", count_word="failed"
)
_TIMED_OUT = Style(
    key="timed-out",
    fill="#f09a0a",
    text=_BLACK,
    icon="◷!",
    border=Border.DOUBLE,
    word="timed out",
    count_word="timed out",
)
_CANCELED = Style(
    key="canceled", fill="#3f3f46", text=_WHITE, icon="⊘", border=Border.SOLID, word="canceled", count_word="canceled"
)
#: What somebody ended, as a run: a task that ends with it is canceled.
_TERMINATED = Style(
    key="terminated",
    fill="#3f3f46",
    text=_WHITE,
    icon="⊘",
    border=Border.BOLD,
    word="terminated",
    count_word="terminated",
)
_SKIPPED = Style(
    key="skipped",
    fill=_WHITE,
    text=_BLACK,
    is_blank=True,
    icon="⊘",
    border=Border.DOTTED,
    word="skipped",
    count_word="skipped",
)
_PAUSED = Style(
    key="paused", fill="#d183b5", text=_BLACK, icon="‖", border=Border.SOLID, word="paused", count_word="paused"
)

#: The nine looks that must be told apart by colour; "skipped" is "canceled" without its fill.
FILLED: Final = (
    _NOT_STARTED, _SCHEDULED, _IN_PROGRESS, _COMPLETED, _WITH_ERRORS, _FAILED, _TIMED_OUT, _CANCELED, _PAUSED,
)  # fmt: skip

#: Status to its look, in the order of a legend.
STYLES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        NOT_STARTED: _NOT_STARTED,
        TaskStatus.SCHEDULED: _SCHEDULED,
        TaskStatus.IN_PROGRESS: _IN_PROGRESS,
        RunStatus.RUNNING: _IN_PROGRESS,
        TaskStatus.COMPLETED: _COMPLETED,
        TaskStatus.COMPLETED_WITH_ERRORS: _WITH_ERRORS,
        TaskStatus.FAILED: _FAILED,
        TaskStatus.FAILED_WITH_TERMINAL_ERROR: _FAILED,
        TaskStatus.TIMED_OUT: _TIMED_OUT,
        TaskStatus.CANCELED: _CANCELED,
        RunStatus.TERMINATED: _TERMINATED,
        TaskStatus.SKIPPED: _SKIPPED,
        RunStatus.PAUSED: _PAUSED,
    },
)

#: In a picture of a difference: what became of a task, to its look; the fills are those of statuses.
CHANGES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "ADDED": Style(
            key="added", fill="#00856a", text=_WHITE, icon="+", border=Border.BOLD, word="added", count_word="added"
        ),
        "REMOVED": Style(
            key="removed",
            fill="#b8320a",
            text=_WHITE,
            icon="−",  # noqa: RUF001  # a minus sign is as wide as the plus
            border=Border.DASHED,
            word="removed",
            count_word="removed",
        ),
        "RENAMED": Style(
            key="renamed",
            fill="#d183b5",
            text=_BLACK,
            icon="≈",
            border=Border.DOUBLE,
            word="renamed",
            count_word="renamed",
        ),
        "CHANGED": Style(
            key="changed",
            fill="#f2e85c",
            text=_BLACK,
            icon="≠",
            border=Border.SOLID,
            word="changed",
            count_word="changed",
        ),
        "MOVED": Style(
            key="moved", fill="#56b4e9", text=_BLACK, icon="↷", border=Border.DOTTED, word="moved", count_word="moved"
        ),
    },
)

#: Status colours are the same in both themes; page and lines are swapped, and what is not filled goes with the page.
THEMES: Final[Mapping[str, Theme]] = MappingProxyType(
    {
        "light": Theme(
            page="#ffffff",
            ink="#24292f",
            muted="#57606a",
            faint="#8b929a",
            box="#f6f8fa",
            box_text="#24292e",
            outline="#8b929b",
            blank="#fefefe",
            blank_text="#24292d",
        ),
        "dark": Theme(
            page="#0d1117",
            ink="#e6edf3",
            muted="#a9b4c0",
            faint="#6b747e",
            box="#21262d",
            box_text=_WHITE,
            outline="#8b929a",
            blank="#161b22",
            blank_text="#e6edf3",
        ),
    },
)


def style_of(status: str) -> Style:
    """
    Give the look of a status.

    Args:
        status: A `TaskStatus`, a `RunStatus`, `NOT_STARTED`, or one of `CHANGES`.

    Example:
        >>> style_of("FAILED").word
        'failed'
    """
    return STYLES.get(status) or CHANGES[status]


def legend(statuses: set[str]) -> tuple[Style, ...]:
    """Give the looks of *statuses* once each, in the palette's order."""
    looks = (style for status, style in [*STYLES.items(), *CHANGES.items()] if status in statuses)
    return tuple(dict.fromkeys(looks))
