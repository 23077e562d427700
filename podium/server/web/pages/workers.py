"""Workers: who serves which queue, what waits there, how they do, and who holds the slots of limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from attrs import define, frozen

from podium.model.runs import TaskRun
from podium.server.insight.queues import QueueStanding, standing
from podium.server.roster import Poller
from podium.server.web.answers import Answer, View
from podium.server.web.table import show
from podium.server.web.visits import Visit

#: Runs that are looked at, the newest, and most attempts of them.
_RUNS, _SAMPLE = 200, 3_000
#: Longer than any poll waits: who has not asked for so long is gone, or busy.
_SILENT_MS = 90_000


@frozen(kw_only=True)
class WorkerRow:
    """A worker, with what it did of one task."""

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
class Workers:
    """What the page shows."""

    workers: tuple[WorkerRow, ...]
    standing: QueueStanding
    #: Of how many runs, the newest, the work is counted.
    runs: int


def workers(visit: Visit) -> Answer:
    """Show who works, what waits for whom, and who holds slots."""
    found = tuple(_workers(_attempts(visit), visit.desk.roster, visit.now))
    return View("workers.html", Workers(workers=found, standing=standing(visit.desk), runs=_RUNS))


def _attempts(visit: Visit) -> Sequence[TaskRun]:
    """Return the newest attempts of the newest runs; by time alone all attempts would be looked at."""
    runs = [each.workflow_id for each in visit.client.search(limit=_RUNS)]
    if not runs:
        return []
    query: dict[str, Any] = {
        "query": f"workflowId IN ({','.join(runs)})",
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


def _workers(attempts: Iterable[TaskRun], roster: Iterable[Poller], now: int) -> Iterable[WorkerRow]:
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
) -> WorkerRow:
    name, task, domain = key
    return WorkerRow(
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


PAGES = (show("/workers", workers, nav="Workers"),)
