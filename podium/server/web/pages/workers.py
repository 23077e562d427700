"""Workers: who serves which queue, what waits there, how they do, and who holds the slots of limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from attrs import define, frozen

from podium.model.limit_use import LimitUse
from podium.model.runs import TaskRun
from podium.model.statuses import TaskType
from podium.server.roster import Poller
from podium.server.web.answers import Answer, View
from podium.server.web.table import show
from podium.server.web.visits import Visit

#: Attempts that are looked at, the newest, of the last hour.
_SAMPLE, _WINDOW_MS = 3_000, 3_600_000
#: Longer than any poll waits: who has not asked for so long is gone, or busy.
_SILENT_MS = 90_000
#: What engines do by themselves is of interest where it waits.
_SYSTEM = frozenset(each.value for each in TaskType)
#: What the engine serves itself, and no worker polls for.
_OWN = ("#", "@", "~")


@frozen(kw_only=True)
class Worker:
    """A worker, with what it did of one task within the last hour."""

    name: str
    task: str
    domain: str
    done: int
    failed: int
    busy: int
    #: Of those that ended well, milliseconds; None where there are none.
    took: float | None
    last_at: int
    #: When it asked this server for work first and last; 0 for one that works in an engine's process, or at another.
    since: int
    asked_at: int
    #: The program that asks, and its version.
    agent: str
    is_silent: bool
    #: Why the newest of its attempts failed.
    reason: str
    run_id: str


@frozen(kw_only=True)
class Queue:
    """A queue: what waits in it, and who serves it."""

    name: str
    waiting: int
    #: Who asked last over HTTP or gRPC, and when; empty and 0 for nobody.
    poller: str
    polled_at: int
    #: Engine processes that serve it with workers of their own.
    processes: int
    #: Something waits and nobody serves it.
    is_abandoned: bool
    is_silent: bool


@frozen(kw_only=True)
class Workers:
    """What the page shows."""

    workers: tuple[Worker, ...]
    queues: tuple[Queue, ...]
    limits: tuple[LimitUse, ...]
    #: Engine processes that live.
    engines: int


def workers(visit: Visit) -> Answer:
    """Show who works, what waits for whom, and who holds slots."""
    backend = visit.desk.engine.backend
    served: dict[str, int] = {}
    engines = [row for row in backend.engines() if row.heartbeat_at]
    for row in engines:
        for queue in json.loads(row.queues) if row.queues else ():
            served[queue] = served.get(queue, 0) + 1
    sizes = {name: size for name, size in backend.queue_sizes().items() if not name.startswith(_OWN)}
    it = Workers(
        workers=tuple(_workers(_attempts(visit), visit.desk.roster, visit.now)),
        queues=tuple(_queues(sizes, dict(visit.desk.polls), served, visit.now)),
        limits=visit.client.limits(),
        engines=len(engines),
    )
    return View("workers.html", it)


def _attempts(visit: Visit) -> Sequence[TaskRun]:
    query: dict[str, Any] = {
        "query": f"updateTime > {visit.now - _WINDOW_MS}",
        "freeText": "*",
        "sort": "updateTime:DESC",
        "size": _SAMPLE,
        "start": 0,
    }
    rows: Sequence[TaskRun] = visit.desk.finder.tasks(query).rows
    return [each for each in rows if each.worker_id and each.task_type != "HUMAN"]


@define
class _Tally:
    done: int = 0
    failed: int = 0
    busy: int = 0
    last_at: int = 0
    reason: str = ""
    run_id: str = ""


def _workers(attempts: Iterable[TaskRun], roster: Iterable[Poller], now: int) -> Iterable[Worker]:
    """Count attempts by worker and task, with who asks for work; those that fail most stand first."""
    asking = {(each.worker, each.task_type, each.domain or ""): each for each in roster if each.worker}
    tallies: dict[tuple[str, str, str], _Tally] = {key: _Tally() for key in asking}
    lengths: dict[tuple[str, str, str], list[int]] = {}
    for each in attempts:
        key = (each.worker_id or "", each.task_def_name or each.task_type, each.domain or "")
        tally = tallies.setdefault(key, _Tally())
        tally.last_at = max(tally.last_at, each.update_time)
        if not each.status.is_terminal:
            tally.busy += 1
        elif each.status.is_successful:
            tally.done += 1
            lengths.setdefault(key, []).append(each.end_time - each.start_time)
        else:
            tally.failed += 1
            if not tally.reason:
                tally.reason = each.reason_for_incompletion or each.status.value
                tally.run_id = each.workflow_instance_id or ""
    found = [_worker(key, tally, lengths.get(key), asking.get(key), now) for key, tally in tallies.items()]
    return sorted(found, key=lambda one: (-one.failed, one.name, one.task))


def _worker(
    key: tuple[str, str, str], tally: _Tally, lengths: Sequence[int] | None, poller: Poller | None, now: int
) -> Worker:
    name, task, domain = key
    return Worker(
        name=name,
        task=task,
        domain=domain,
        done=tally.done,
        failed=tally.failed,
        busy=tally.busy,
        took=median(lengths) if lengths else None,
        last_at=tally.last_at,
        since=poller.since if poller is not None else 0,
        asked_at=poller.last if poller is not None else 0,
        agent=poller.agent if poller is not None else "",
        is_silent=poller is not None and now - poller.last > _SILENT_MS,
        reason=tally.reason,
        run_id=tally.run_id,
    )


def _queues(
    sizes: Mapping[str, int],
    polls: Mapping[tuple[str, str | None], tuple[str, int]],
    served: Mapping[str, int],
    now: int,
) -> Iterable[Queue]:
    """Put together what is known of each queue; those that nobody serves stand first."""
    asked = {f"{domain}:{task}" if domain else task: poll for (task, domain), poll in polls.items()}
    names = {*sizes, *asked, *(name for name in served if not name.startswith(_OWN))}
    found = []
    for name in names:
        poller, polled_at = asked.get(name, ("", 0))
        waiting, processes = sizes.get(name, 0), served.get(name, 0)
        if name in _SYSTEM and not waiting:
            continue
        is_silent = bool(polled_at) and now - polled_at > _SILENT_MS
        is_abandoned = waiting > 0 and not processes and (not polled_at or is_silent)
        found.append(
            Queue(
                name=name,
                waiting=waiting,
                poller=poller,
                polled_at=polled_at,
                processes=processes,
                is_abandoned=is_abandoned,
                is_silent=is_silent,
            )
        )
    return sorted(found, key=lambda one: (not one.is_abandoned, -one.waiting, one.name))


PAGES = (show("/workers", workers, nav="Workers"),)
