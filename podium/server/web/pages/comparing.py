"""What many runs came to, what differs between two, and how one would have gone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import frozen

from podium.diff import RunDiff, diff_runs
from podium.model.errors import InvalidRequest, PodiumError, WorkflowNotFound
from podium.model.payloads import dump
from podium.model.run_facts import RunSummary
from podium.model.runs import RunCounterfactual, WorkflowRun
from podium.model.statistics import BAD, RunStatistics, TaskStatistics
from podium.model.statuses import RunStatus
from podium.model.walk import walk
from podium.render import svg
from podium.render.palette import HEAT_METRICS
from podium.render.run_diff_pictures import draw_run_diff
from podium.server.errors import Refusal
from podium.server.web.answers import Answer, Download, Redirect, View
from podium.server.web.pictures import PagePicture, in_page
from podium.server.web.run_parts import LARGE
from podium.server.web.run_search import SPANS
from podium.server.web.table import part, show
from podium.server.web.visits import Visit
from podium.server.web.writing import address, asks, segment

#: Most runs that are offered to compare with, most attempts of a run that is simulated, most steps that are told.
_OFFERED, _ATTEMPTS_MAX, _STEPS_MAX = 20, 3_000, 200
_HOUR = 3_600_000
#: What the colours of a heat picture may tell, in words.
_TOLD = {
    "failures": "how many failed",
    "retries": "how often they were tried again",
    "time": "how long they took",
    "waiting": "how long they waited",
}
#: How a step may have gone otherwise: key and words.
_HOWS = {
    "failed": "had failed",
    "timed_out": "had timed out",
    "value": "had given",
    "input": "had been given to the run",
}
#: Why a step fails where nobody says why.
_REASONS = {"failed": "as if it had failed", "timed_out": "as if it had timed out"}


# -- heat --------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class HeatPage:
    """A definition, coloured by what became of many runs."""

    name: str
    version: int
    versions: Sequence[int]
    found: RunStatistics
    picture: PagePicture
    #: Each task that was reached, the one that failed most first.
    tasks: Sequence[tuple[str, TaskStatistics]]
    span: str
    heat: str
    spans: Mapping[str, str]
    heats: Mapping[str, str]

    @property
    def failed_href(self) -> str:
        """The list of the runs that failed."""
        return self._runs(status=(RunStatus.FAILED.value, RunStatus.TIMED_OUT.value))

    def href(self, ref: str) -> str:
        """Return the list of the runs in which a task failed."""
        bad = ",".join(BAD)
        # In a loop its name has the iteration behind it.
        either = f"({asks('referenceTaskName', ref)} OR {asks('referenceTaskName', ref + '__*')})"
        return self._runs(tasks=f"{either} AND status IN ({bad})")

    def _runs(self, **asked: object) -> str:
        span = "" if self.span == "all" else self.span
        return address("/runs", query=asks("workflowType", self.name), span=span, **asked)


@frozen(kw_only=True)
class HeatPending:
    """A workflow whose runs are being counted."""

    name: str
    part: str


def heat(visit: Visit) -> Answer:
    """Show at once that the runs of a workflow are counted; to count many takes a moment."""
    name = visit.path["workflow"]
    if not (visit.client.search(name=name, limit=1) or any(one.name == name for one in visit.client.workflows())):
        raise WorkflowNotFound(f"there is no run of workflow {name!r}, and it is not registered")
    query = visit.address.partition("?")[2]
    found = f"/definitions/{segment(name)}/heat/found"
    return View("comparing/heat.html", HeatPending(name=name, part=f"{found}?{query}" if query else found))


def heat_found(visit: Visit) -> Answer:
    """Show what became of each task in the runs of a window."""
    name, query = visit.path["workflow"], visit.query
    span, told = query.text("span", "7d"), query.text("heat", HEAT_METRICS[0])
    if span not in {*SPANS, "all"} or told not in HEAT_METRICS:
        raise InvalidRequest("there is no such window, or nothing of that kind is told")
    since = None if span == "all" else datetime.fromtimestamp(visit.now / 1000 - SPANS[span][1] * 3600, UTC)
    found = visit.client.statistics(name, version=query.number("version", 0) or None, started=(since, None))
    definition = found.definition
    assert definition is not None  # there is one, or the statistics are refused
    known = {one.version for one in visit.client.workflows() if one.name == name} | {definition.version}
    worst = sorted(found.tasks.items(), key=lambda item: (-item[1].failed, -item[1].retries, item[0]))
    it = HeatPage(
        name=name,
        version=definition.version,
        versions=sorted(known),
        found=found,
        picture=in_page(svg(found, heat=told, legend=True)),  # type: ignore[arg-type]  # looked at above
        tasks=worst,
        span=span,
        heat=told,
        spans={**{key: words for key, (words, _) in SPANS.items()}, "all": "all time"},
        heats=_TOLD,
    )
    return View("comparing/heat_found.html", it)


# -- two runs ----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class RunChoice:
    """A run, and others to compare it with."""

    run: WorkflowRun
    others: Sequence[RunSummary]


def choose(visit: Visit) -> Answer:
    """Offer runs to compare a run with; an id that was typed goes to the comparison."""
    run = visit.client.get(visit.path["run_id"], include_tasks=False)
    other = visit.query.text("other")
    if other:
        found = visit.client.get(other, include_tasks=False)
        return Redirect(f"/runs/{segment(run.workflow_id)}/diff/{segment(found.workflow_id)}")
    return View("comparing/choose.html", RunChoice(run=run, others=_others(visit, run)))


def _others(visit: Visit, run: WorkflowRun) -> list[RunSummary]:
    """Return newest runs of the same workflow, those that ended otherwise first."""
    found: dict[str, RunSummary] = {}
    wanted = RunStatus.FAILED if run.status.is_successful else RunStatus.COMPLETED
    for status in (wanted, None):
        for each in visit.client.search(name=run.workflow_name, status=status, limit=_OFFERED):
            if each.workflow_id != run.workflow_id:
                found.setdefault(each.workflow_id, each)
    return list(found.values())[:_OFFERED]


@frozen(kw_only=True)
class RunComparison:
    """Two runs, and what differs; of large ones that comes with a second request."""

    a: WorkflowRun
    b: WorkflowRun
    diff: RunDiff | None = None
    picture: PagePicture | None = None
    #: How many steps are told one by one.
    most: int = _STEPS_MAX


def compared(visit: Visit) -> Answer:
    """Show two runs, and what differs if that does not take long."""
    ids = [visit.path[name] for name in ("run_id", "other")]
    if sum(visit.desk.finder.attempts_of(each) for each in ids) <= LARGE:
        return View("comparing/diff.html", _compared(visit))
    a, b = (visit.client.get(each, include_tasks=False) for each in ids)
    return View("comparing/diff.html", RunComparison(a=a, b=b))


def compared_found(visit: Visit) -> Answer:
    """Show what differs between two large runs."""
    return View("comparing/diff_found.html", _compared(visit))


def _compared(visit: Visit) -> RunComparison:
    a, b = (visit.run(visit.path[name]) for name in ("run_id", "other"))
    found = diff_runs(a, b, runs=visit.run)
    return RunComparison(a=a, b=b, diff=found, picture=in_page(draw_run_diff(found).svg()))


def diff_file(visit: Visit) -> Answer:
    """Return all that differs between two runs as a file."""
    a, b = (visit.run(visit.path[name]) for name in ("run_id", "other"))
    found = diff_runs(a, b, runs=visit.run)
    return Download(dump(found.to_dict()), f"{a.workflow_name}-difference.json")


# -- how it would have gone --------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class WhatIfPage:
    """A run, what is asked of it, and how it would have gone."""

    run: WorkflowRun
    steps: Sequence[str]
    hows: Mapping[str, str]
    step: str
    how: str
    value: str
    told: RunCounterfactual | None = None
    happened: PagePicture | None = None
    picture: PagePicture | None = None
    trouble: str = ""

    @property
    def most(self) -> int:
        """How many steps are told one by one."""
        return _STEPS_MAX

    @property
    def facts(self) -> Sequence[str]:
        """Where it begins to differ from what happened."""
        return () if self.told is None else self.told.diff.first


def what_if(visit: Visit) -> Answer:
    """Show how a run would have gone if a step had gone otherwise."""
    imagine = visit.desk.settings.imagine
    if imagine is None:
        raise Refusal(501, "this server does not simulate runs")
    run, query = visit.run(visit.path["run_id"]), visit.query
    failing = None if run.status.is_successful else run.failing_task
    first = ("value", failing.reference_task_name) if failing is not None else ("failed", "")
    how, step, value = query.text("how", first[0]), query.text("step", first[1]), query.raw("value")
    if how not in _HOWS:
        raise InvalidRequest(f"how is one of {', '.join(_HOWS)}, not {how[:50]!r}")
    it = partial(WhatIfPage, run=run, steps=_steps(run), hows=_HOWS, step=step, how=how, value=value)
    if len(run.tasks) > _ATTEMPTS_MAX:
        trouble = f"A run of more than {_ATTEMPTS_MAX:,} attempts is not simulated here; podium what-if does it."
        return View("comparing/what_if.html", it(trouble=trouble))
    if "how" not in query:
        return View("comparing/what_if.html", it(happened=in_page(svg(run, id_prefix="h_"))))
    try:
        told = imagine(run, {} if how == "input" or not step else {step: _mock(how, value)}, _input(how, value))
        happened, picture = in_page(svg(run, id_prefix="h_")), in_page(told.svg())
    except PodiumError as error:
        return View("comparing/what_if.html", it(trouble=str(error)))
    return View("comparing/what_if.html", it(told=told, happened=happened, picture=picture))


def _steps(run: WorkflowRun) -> list[str]:
    """Return the steps that may be asked about: those of the definition, then turns and branches of the run."""
    defined = [] if run.workflow_definition is None else list(walk(run.workflow_definition.tasks))
    names = [visit.task.task_reference_name for visit in defined]
    return list(dict.fromkeys([*names, *(each.reference_task_name for each in run.tasks)]))[:500]


def _mock(how: str, value: str) -> Any:
    """Return what stands for a step, as Conductor's test request writes it."""
    if how in _REASONS:
        return {"status": how.upper(), "reasonForIncompletion": value or _REASONS[how]}
    found = _json(value)
    return {"output": found if isinstance(found, dict) else {"result": found}}


def _input(how: str, value: str) -> dict[str, Any] | None:
    if how != "input":
        return None
    found = _json(value)
    if not isinstance(found, dict):
        raise InvalidRequest('the input is a JSON object, such as {"amount": 5}')
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text


PAGES = (
    show("/definitions/{workflow:path}/heat", heat),
    part("/definitions/{workflow:path}/heat/found", heat_found),
    show("/runs/{run_id}/diff", choose),
    show("/runs/{run_id}/diff/{other}", compared),
    part("/runs/{run_id}/diff/{other}/found", compared_found),
    part("/runs/{run_id}/diff/{other}/difference.json", diff_file),
    show("/runs/{run_id}/what-if", what_if),
)
