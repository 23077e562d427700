"""The first page: what fails and why, what waits and for what, how fast things go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus
from podium.server.insight.failing import FailureGroup, Failures, failures
from podium.server.insight.flowing import Flow, WorkflowFlow, flow
from podium.server.insight.queues import QueueStanding, standing
from podium.server.insight.reasons import VARYING
from podium.server.insight.waiting import WaitingOverview, waits
from podium.server.searches import RunQuery
from podium.server.web.answers import Answer, View
from podium.server.web.run_search import SPANS, ended_lately
from podium.server.web.sparklines import Sparkline, bars
from podium.server.web.table import part, show
from podium.server.web.visits import Visit
from podium.server.web.writing import address, asks

_HOUR = 3_600_000
#: Of a reason: what stands for what varies, and what a line of text does not hold.
_AWKWARD = re.compile(f"{VARYING}|[\\x00-\\x1f]")
_BINS = 24
_LIVE = (RunStatus.RUNNING, RunStatus.PAUSED)
#: Those by whose end stores find runs.
_BAD = (RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.TERMINATED)


@frozen(kw_only=True)
class Tile:
    """How many runs have a status."""

    status: str
    count: int
    #: Which of them are counted.
    when: str
    href: str


@frozen(kw_only=True)
class FailureRow:
    """A group of failures, with what its row links to."""

    failure: FailureGroup
    spread: Sparkline
    href: str


@frozen(kw_only=True)
class Overview:
    """What the first page shows at once; the rest comes with further requests."""

    span: str
    spans: Mapping[str, tuple[str, int]]
    words: str
    tiles: Sequence[Tile]
    failures: Failures
    groups: Sequence[FailureRow]
    standing: QueueStanding


def overview(visit: Visit) -> Answer:
    """Show how things stand."""
    return View("overview/page.html", _overview(visit))


def now_part(visit: Visit) -> Answer:
    """Show anew how many runs there are, and what fails."""
    return View("overview/now.html", _overview(visit))


@frozen(kw_only=True)
class QueuesPanel:
    """How queues, limits and timers stand."""

    standing: QueueStanding


def standing_part(visit: Visit) -> Answer:
    """Show how queues, limits and timers stand."""
    return View("overview/standing.html", QueuesPanel(standing=standing(visit.desk)))


def _span(visit: Visit) -> str:
    span = visit.query.text("span", "24h")
    if span not in SPANS:
        raise InvalidRequest(f"span is one of {', '.join(SPANS)}, not {span[:50]!r}")
    return span


def _overview(visit: Visit) -> Overview:
    span = _span(visit)
    since = visit.now - SPANS[span][1] * _HOUR
    found = failures(visit.desk.finder, since)
    return Overview(
        span=span,
        spans=SPANS,
        words=SPANS[span][0],
        tiles=[_tile(visit, status, span, since) for status in RunStatus],
        failures=found,
        groups=[_group(each, since, visit.now, span) for each in found.groups],
        standing=standing(visit.desk),
    )


def _tile(visit: Visit, status: RunStatus, span: str, since: int) -> Tile:
    """Count the runs of a status: the live ones all, of those that completed the ones started in the time."""
    asked = RunQuery(statuses=(status,), limit=0)
    when, href = "now", address("/runs", status=status.value)
    if status in _BAD:
        asked = asked._replace(ended_from=since)
        when, href = f"ended in the {SPANS[span][0]}", ended_lately(span, status=status.value)
    elif status not in _LIVE:
        asked = asked._replace(started_from=since)
        when, href = f"started in the {SPANS[span][0]}", address("/runs", status=status.value, span=span)
    return Tile(status=status.value, count=visit.desk.finder.listed(asked).total or 0, when=when, href=href)


def _group(failure: FailureGroup, since: int, now: int, span: str) -> FailureRow:
    width = max(1, (now - since) / _BINS)
    spread = [0] * _BINS
    for run in failure.runs:
        spread[min(_BINS - 1, max(0, int((run.end_time - since) / width)))] += 1
    return FailureRow(
        failure=failure,
        spread=bars([0] * _BINS, f"{failure.number} by the time of their end", bad=spread, most=max(spread)),
        href=ended_lately(span, query=_query(failure), status=tuple(sorted({run.status for run in failure.runs}))),
    )


def _query(failure: FailureGroup) -> str:
    """Return what finds the runs of a group in the grammar of searches, as far as it can tell reasons apart."""
    parts = [asks("workflowType", failure.workflow)]
    if failure.ref and "*" not in failure.ref:  # which stands for any letters
        parts.append(asks("failedReferenceTaskNames", failure.ref))
    if failure.common:
        parts.append(asks("reasonForIncompletion", f"*{_AWKWARD.sub('*', failure.common)}*"))
    return " AND ".join(parts)


@frozen(kw_only=True)
class Waited:
    """What waits."""

    waits: WaitingOverview


def waits_part(visit: Visit) -> Answer:
    """Show what waits and for what."""
    return View("overview/waits.html", Waited(waits=waits(visit.desk.client.engine, visit.desk.finder)))


@frozen(kw_only=True)
class FlowPanel:
    """How fast things go."""

    flow: Flow
    words: str
    span: str
    workflows: Sequence[tuple[WorkflowFlow, Sparkline, str]]


def flow_part(visit: Visit) -> Answer:
    """Show throughput and latency, by workflow and task type."""
    span = _span(visit)
    found = flow(visit.client, visit.now - SPANS[span][1] * _HOUR, visit.now)
    rows = [
        (
            each,
            bars(each.starts, f"{each.number} runs by the time of their start", bad=each.failures),
            _link(each, span),
        )
        for each in found.workflows
    ]
    return View("overview/flow.html", FlowPanel(flow=found, words=SPANS[span][0], span=span, workflows=rows))


def _link(each: WorkflowFlow, span: str) -> str:
    return address("/runs", query=asks("workflowType", each.name), span=span)


PAGES = (
    show("/", overview, nav="Overview"),
    part("/overview/now", now_part),
    part("/overview/standing", standing_part),
    part("/overview/waits", waits_part),
    part("/overview/flow", flow_part),
)
