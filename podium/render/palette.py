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


@frozen
class Style:
    """How one status looks."""

    #: Also the CSS class, after ``status-``.
    key: str
    #: As on a light page; `Theme.fill_of` and `Theme.text_of` know the dark one, too.
    fill: str
    text: str
    #: Signs of the Basic Multilingual Plane that no system shows as a coloured emoji, and that the fonts have which
    #: systems fall back to (DejaVu Sans, Segoe UI Symbol, Apple Symbols); empty for "not started".
    icon: str
    border: Border
    #: How a legend and a text spell it.
    word: str
    #: How a count spells it: "8 done, 1 failed"; as *word* if it is empty.
    counted: str = ""
    #: Not filled: as bright or as dark as the page.
    is_blank: bool = False

    @property
    def count_word(self) -> str:
        """How a count spells it."""
        return self.counted or self.word


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
        """Return the fill of a status."""
        return self.blank if style.is_blank else style.fill

    def text_of(self, style: Style) -> str:
        """Return the colour of the text on the fill of a status."""
        return self.blank_text if style.is_blank else style.text


_NOT_STARTED = Style("not-started", _WHITE, _BLACK, "", Border.THIN, "not started", "to come", is_blank=True)
_SCHEDULED = Style("scheduled", "#c3c7cc", _BLACK, "◷", Border.SOLID, "scheduled")
_IN_PROGRESS = Style("in-progress", "#56b4e9", _BLACK, "►", Border.BOLD, "in progress", "running")
_COMPLETED = Style("completed", "#00856a", _WHITE, "✓", Border.SOLID, "completed", "done")
_WITH_ERRORS = Style(
    "completed-with-errors", "#f2e85c", _BLACK, "✓!", Border.DASHED, "completed with errors", "done with errors"
)
_FAILED = Style("failed", "#b8320a", _WHITE, "✗", Border.DOUBLE, "failed")
_TIMED_OUT = Style("timed-out", "#f09a0a", _BLACK, "◷!", Border.DOUBLE, "timed out")
_CANCELED = Style("canceled", "#3f3f46", _WHITE, "⊘", Border.SOLID, "canceled")
#: What somebody ended, as a run: a task that ends with it is canceled.
_TERMINATED = Style("terminated", "#3f3f46", _WHITE, "⊘", Border.BOLD, "terminated")
_SKIPPED = Style("skipped", _WHITE, _BLACK, "⊘", Border.DOTTED, "skipped", is_blank=True)
_PAUSED = Style("paused", "#d183b5", _BLACK, "‖", Border.SOLID, "paused")

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
        "ADDED": Style("added", "#00856a", _WHITE, "+", Border.BOLD, "added"),
        "REMOVED": Style("removed", "#b8320a", _WHITE, "−", Border.DASHED, "removed"),  # noqa: RUF001  # as wide as a plus
        "RENAMED": Style("renamed", "#d183b5", _BLACK, "≈", Border.DOUBLE, "renamed"),
        "CHANGED": Style("changed", "#f2e85c", _BLACK, "≠", Border.SOLID, "changed"),
        "MOVED": Style("moved", "#56b4e9", _BLACK, "↷", Border.DOTTED, "moved"),
    },
)

#: In a picture of two runs: what differs of a task, to its look.
RUN_CHANGES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "OTHER_END": Style("other-end", "#b8320a", _WHITE, "≠", Border.DOUBLE, "ended otherwise"),
        "OTHER_WAY": Style("other-way", "#f09a0a", _BLACK, "↷", Border.DASHED, "another way or number of tries"),
        "OTHER_VALUES": Style("other-values", "#f2e85c", _BLACK, "≈", Border.SOLID, "other values"),
        "OTHER_TIME": Style("other-time", "#56b4e9", _BLACK, "◷", Border.DOTTED, "another time"),
        "ONLY_A": Style("only-a", "#d183b5", _BLACK, "A", Border.BOLD, "only in A"),
        "ONLY_B": Style("only-b", "#3f3f46", _WHITE, "B", Border.BOLD, "only in B"),
    },
)

#: How hot a step of a workflow can be, from 0.
HEAT_STEPS: Final = 5


def heat_key(metric: str, step: int) -> str:
    """Return what stands for a step of heat, as a status does in a picture of a run."""
    return f"{metric}-{step}"


_HEAT_LOOKS: Final = (
    ("#d7e3ea", _BLACK, "▁", Border.SOLID),
    ("#fbd38d", _BLACK, "▃", Border.DOTTED),
    ("#f08a3c", _BLACK, "▅", Border.DASHED),
    ("#c2410c", _WHITE, "▇", Border.BOLD),
    ("#6b1d0a", _WHITE, "█", Border.DOUBLE),
)
_HEAT_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "failures": ("none failed", "up to 1 % failed", "up to 5 % failed", "up to 20 % failed", "more failed"),
        "retries": ("no retries", "retries up to 1 %", "retries up to 5 %", "retries up to 20 %", "more retries"),
        "time": ("p95 up to 0.1 s", "p95 up to 1 s", "p95 up to 10 s", "p95 up to 1 min", "p95 longer"),
        "waiting": ("waits up to 0.1 s", "waits up to 1 s", "waits up to 10 s", "waits up to 1 min", "waits longer"),
    }
)

#: In a picture of many runs: how hot a task is, to its look; the hotter, the darker, for all eyes.
HEATS: Final[Mapping[str, Style]] = MappingProxyType(
    {
        heat_key(metric, step): Style(f"heat-{step}", fill, text, icon, border, words[step])
        for metric, words in _HEAT_WORDS.items()
        for step, (fill, text, icon, border) in enumerate(_HEAT_LOOKS)
    },
)

#: Every look that is no status: of differences, of two runs, of heat.
MARKS: Final[Mapping[str, Style]] = MappingProxyType({**CHANGES, **RUN_CHANGES, **HEATS})

#: What the colours of a picture of many runs can tell.
HEAT_METRICS: Final = tuple(_HEAT_WORDS)

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
    Return the look of a status.

    Args:
        status: A `TaskStatus`, a `RunStatus`, `NOT_STARTED`, or one of `CHANGES`, `RUN_CHANGES` or `HEATS`.

    Example:
        >>> style_of("FAILED").word
        'failed'
    """
    return STYLES.get(status) or MARKS[status]


def legend(statuses: set[str]) -> tuple[Style, ...]:
    """Return the looks of *statuses* once each, in the palette's order."""
    looks = (style for status, style in [*STYLES.items(), *MARKS.items()] if status in statuses)
    return tuple(dict.fromkeys(looks))
