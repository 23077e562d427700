"""
What follows when the process that had an attempt in hand has died.

The attempt is handed out again, because most processes die of something else. But one that takes its process down each
time must end as well, and without harm to those that were at work beside it. So it is watched ever more closely: after
the first death its beginning is recorded before it is called, which is not done otherwise, for the price of a commit.
If its process dies again, it is tried alone. If that process dies too, then of this attempt: each death was an attempt,
and its retries are counted by them.
"""

from __future__ import annotations

from podium.engine.decision import Decision
from podium.engine.records import TaskRecord
from podium.model.statuses import TaskStatus

#: Deaths after which an attempt is not handed out while another such attempt is at work in the process.
ALONE = 2


def hand_on(decision: Decision, record: TaskRecord, *, has_died: bool) -> None:
    """
    Hand an attempt out again that another process had in hand, or in its queue.

    Args:
        decision: The decision in work.
        record: The attempt.
        has_died: Whether that process died; one that stops in good order gives back what it has not done.
    """
    # One that died before, and is not in progress, had surely not begun.
    if has_died and (record.status is TaskStatus.IN_PROGRESS or not record.deaths):
        record.deaths += 1
        if record.deaths > ALONE:
            record.retry_count = max(record.retry_count, record.deaths - 1)
            reason = (
                f"the process that ran it died, {record.deaths} times, at last with no other such attempt beside it"
            )
            decision.end(record, TaskStatus.FAILED, reason=reason)
            return
    record.status = TaskStatus.SCHEDULED
    record.is_local = False
    decision.arm(record)
    decision.offer(record)


def inherited(record: TaskRecord) -> int:
    """Return the deaths that the next attempt after this one begins with: it is suspected for the same reason."""
    return record.deaths if record.deaths > ALONE else 0
