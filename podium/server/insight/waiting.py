"""What waits and for what: live runs by workflow, task and cause, as far as there is time to look at them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, zip_longest
from time import monotonic
from typing import Final, NamedTuple

from podium.client.engine import EmbeddedEngine
from podium.client.explaining import Explainer
from podium.model.causes import Cause, NeededFrom
from podium.model.errors import RunNotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.waits import Wait, waits_of
from podium.server.insight.reasons import common_reason
from podium.server.searches import Finder, RunQuery

#: Most live runs that are looked at, half of them the newest and half the oldest; seconds that it may take; attempts
#: of a run that is looked at.
_RUNS_MAX: Final = 200
_PATIENCE_S: Final = 0.6
_ATTEMPTS_MAX: Final = 2_000
_GROUPS_MAX: Final = 30
#: What needs somebody stands before what only needs time.
_ORDER: Final = {NeededFrom.WORKER: 0, NeededFrom.SOMEBODY: 1, NeededFrom.TIME: 2}
_CALL: Final = re.compile(r": client\..*$|: see its page$", re.DOTALL)


class WaitingGroup(NamedTuple):
    """Runs of one workflow that wait at one task for one thing."""

    workflow: str
    ref: str
    cause: Cause
    what: NeededFrom
    #: Of the one that has waited longest, in words.
    text: str
    number: int
    #: Epoch milliseconds: since when the one that has waited longest does.
    since: int
    #: The run in which that is.
    run_id: str


class WaitingOverview(NamedTuple):
    """What waits: what needs a worker first, then what needs somebody, then what needs time."""

    groups: Sequence[WaitingGroup]
    #: How many runs were looked at, and how many live.
    looked_at: int
    total: int


def waits(engine: EmbeddedEngine, finder: Finder) -> WaitingOverview:
    """Return what live runs wait for; it takes a bounded time, however many they are."""
    half = _RUNS_MAX // 2
    newest = finder.listed(RunQuery(statuses=(RunStatus.RUNNING,), limit=half))
    oldest = finder.listed(RunQuery(statuses=(RunStatus.RUNNING,), limit=half, sort="startTime:ASC"))
    paused = finder.listed(RunQuery(statuses=(RunStatus.PAUSED,), limit=half))
    # By turns, so that those who are passed over for want of time are some of each.
    turns = chain.from_iterable(zip_longest(oldest.rows, newest.rows, paused.rows))
    runs = {run.workflow_id: run for run in turns if run is not None}
    looked, found = 0, list[tuple[str, Wait]]()
    deadline = monotonic() + _PATIENCE_S
    outlook = Explainer(engine).outlook(lambda _run, _ref: "see its page")
    for run in runs.values():
        if looked and monotonic() > deadline:
            break
        if run.status is RunStatus.RUNNING and finder.attempts_of(run.workflow_id) > _ATTEMPTS_MAX:
            continue
        looked += 1
        whole = _whole(engine.reader.run, run)
        if whole is not None:
            found += ((run.workflow_name, wait) for wait in waits_of(whole, outlook))
    return WaitingOverview(_grouped(found), looked, (newest.total or 0) + (paused.total or 0))


def _whole(read: Callable[[str], WorkflowRun], run: WorkflowRun) -> WorkflowRun | None:
    """Return a run with its attempts; None for one that is gone or has ended meanwhile."""
    try:
        whole = read(run.workflow_id)
    except RunNotFound:
        return None
    return None if whole.status.is_terminal else whole


def _grouped(found: Iterable[tuple[str, Wait]]) -> list[WaitingGroup]:
    groups: defaultdict[tuple[str, str, Cause, str], list[Wait]] = defaultdict(list)
    for workflow, wait in found:
        # A wait of a retry has the reason of the attempt before, which may differ in its numbers only.
        groups[workflow, wait.ref, wait.cause, common_reason(_words(wait))].append(wait)
    made = []
    for (workflow, ref, cause, _), members in groups.items():
        longest = min(members, key=lambda wait: wait.since)
        since, words = longest.since, _words(longest)
        made.append(WaitingGroup(workflow, ref, cause, longest.what, words, len(members), since, longest.run_id))
    return sorted(made, key=lambda one: (_ORDER[one.what], -one.number, one.since))[:_GROUPS_MAX]


def _words(wait: Wait) -> str:
    """Return what it waits for, without what a program would call."""
    return _CALL.sub("", wait.text)
