"""What lies in queues and who serves them, limits that let nobody in, and timers that are late."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from podium.client.system import SystemProcesses
from podium.engine.heartbeats import is_alive
from podium.model.limit_use import LimitUse
from podium.model.statuses import RunStatus
from podium.model.task_types import SYSTEM_TYPES

if TYPE_CHECKING:
    from podium.server.desk import Desk

#: Milliseconds after which a timer is late, and most of them that are named.
_LATE_MS: Final = 2_000
_LATE_MAX: Final = 20
#: Milliseconds within which a poll tells that somebody serves a queue.
_LATELY_MS: Final = 60_000


class QueueState(NamedTuple):
    """A queue of attempts."""

    name: str
    #: How many lie open.
    backlog: int
    #: The run of the one that is next; None where none lies open.
    next_run: str | None
    #: Processes that serve it, and the worker that asked last over the network, with the moment; None and 0 for none.
    processes: int
    worker: str | None
    polled_at: int
    #: Nobody serves it, or has asked for it lately.
    is_deserted: bool


class LateTimer(NamedTuple):
    """Something that should have happened before now."""

    run_id: str
    due_at: int


class QueueStanding(NamedTuple):
    """How queues, limits and timers stand."""

    queues: Sequence[QueueState]
    limits: Sequence[LimitUse]
    late: Sequence[LateTimer]
    #: Timers that fired late since this process began.
    late_before: int


def standing(desk: Desk) -> QueueStanding:
    """Return how queues, limits and timers stand: those who wait for somebody first."""
    limits = [one for one in desk.client.limits() if one.waiting or one.holders]
    limits.sort(key=lambda one: -len(one.waiting))
    return QueueStanding(_queues(desk), limits, _late(desk), desk.kernel.counts.late_timers)


def _queues(desk: Desk) -> list[QueueState]:
    backend, now = desk.engine.backend, desk.engine.clock.now()
    sizes = {name: size for name, size in backend.queue_sizes().items() if name[:1] not in {"#", "@"}}
    processes = SystemProcesses()
    alive = [row for row in backend.engines() if is_alive(row, processes, now)]
    served = Counter(queue for row in alive for queue in json.loads(row.queues or "[]"))
    polled = {f"{domain}:{task}" if domain else task: asked for (task, domain), asked in list(desk.polls.items())}
    found = []
    workers = {queue for queue in served if queue[:1] not in {"#", "@"} and queue not in SYSTEM_TYPES}
    for name in sorted({*sizes, *polled, *workers}):
        worker, at = polled.get(name, (None, 0))
        backlog, here = sizes.get(name, 0), served[name] or int(desk.kernel.serves(name))
        following = backend.lying_in(name, 1) if backlog else ()
        is_deserted = bool(backlog) and not here and now - at > _LATELY_MS
        next_run = following[0].run_id if following else None
        found.append(QueueState(name, backlog, next_run, here, worker, at, is_deserted))
    return sorted(found, key=lambda one: (not one.is_deserted, -one.backlog, one.name))


def _late(desk: Desk) -> list[LateTimer]:
    """Return what is due for a while; the times of a paused run pass without a word."""
    backend = desk.engine.backend
    due = backend.due(desk.engine.clock.now() - _LATE_MS, _LATE_MAX)
    pulses = backend.pulses({row.run_id for row in due})
    live = {run_id for run_id, pulse in pulses.items() if pulse.status == RunStatus.RUNNING}
    return [LateTimer(row.run_id, row.due_at) for row in due if row.run_id in live]
