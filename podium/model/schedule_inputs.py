"""What a schedule puts into the input of its runs."""

from __future__ import annotations

from typing import Final

#: What it adds to the input that it has, as Conductor's does.
ADDED_INPUTS: Final = frozenset(
    {"_startedByScheduler", "_scheduledTime", "_executedTime", "_executionId", "_schedulerCron"}
)
