"""Many tasks in a few words: how many there are, how many in which status, and which status to hear of first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from podium.model.statuses import TaskStatus
from podium.render.palette import HEATS, NOT_STARTED, RUN_CHANGES, style_of

#: Statuses that somebody has to know of.
TROUBLE: Final = frozenset(status.value for status in TaskStatus if not status.is_successful)

_BY_URGENCY: Final = (
    TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR, TaskStatus.TIMED_OUT, TaskStatus.IN_PROGRESS,
    TaskStatus.SCHEDULED, TaskStatus.CANCELED, TaskStatus.COMPLETED_WITH_ERRORS, TaskStatus.COMPLETED,
    TaskStatus.SKIPPED, *RUN_CHANGES, *reversed(list(HEATS)), NOT_STARTED,
)  # fmt: skip


def worst(statuses: Collection[str]) -> str:
    """Return the status that a reader should hear of first; of those of a difference, the first that is there."""
    return str(next((status for status in _BY_URGENCY if status in statuses), next(iter(statuses))))


def counts(statuses: Iterable[str]) -> str:
    """
    Count by status, what is over first.

    Example:
        >>> counts(["NOT_STARTED", "COMPLETED", "FAILED", "COMPLETED"])
        '2 done, 1 failed, 1 to come'
    """
    found = Counter(style_of(status).count_word for status in statuses)
    over = [*sorted(TaskStatus, key=lambda status: not status.is_terminal), *RUN_CHANGES, *HEATS, NOT_STARTED]
    order = dict.fromkeys(style_of(status).count_word for status in over)
    return ", ".join(f"{found[word]:,} {word}" for word in order if found[word])
