"""Searches of runs and attempts (Conductor: ``WorkflowResource.java``, ``TaskResource.java``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podium.server.answers import Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import PAGE, Parameter, flag, text
from podium.server.routing import Shape, get
from podium.server.searches import ResultPage, run_summary, task_summary
from podium.server.shapes import RESULTS_OF_RUNS, RESULTS_OF_TASKS, SUMMARIES_OF_RUNS, SUMMARIES_OF_TASKS
from podium.server.wire import whole


async def _found(desk: Desk, find: Callable[[], ResultPage], shown: Callable[[Any], Any]) -> Answer:
    def look() -> Answer:
        page = find()
        return json_answer({"totalHits": page.total, "results": [shown(each) for each in page.rows]})

    return await desk.look(look)


async def search_workflows(desk: Desk, call: Call) -> Answer:
    """Find runs; gives a summary of each."""
    return await _found(desk, lambda: desk.finder.runs(call.query), run_summary)


async def search_workflows_whole(desk: Desk, call: Call) -> Answer:
    """Find runs; gives them without their attempts."""
    return await _found(desk, lambda: desk.finder.runs(call.query), whole)


async def search_workflows_by_tasks(desk: Desk, call: Call) -> Answer:
    """Find runs by their attempts; gives a summary of each."""
    return await _found(desk, lambda: desk.finder.runs(call.query, by_tasks=True), run_summary)


async def search_workflows_by_tasks_whole(desk: Desk, call: Call) -> Answer:
    """Find runs by their attempts; gives them without their attempts."""
    return await _found(desk, lambda: desk.finder.runs(call.query, by_tasks=True), whole)


async def search_tasks(desk: Desk, call: Call) -> Answer:
    """Find attempts; gives a summary of each."""
    return await _found(desk, lambda: desk.finder.tasks(call.query), task_summary)


async def search_tasks_whole(desk: Desk, call: Call) -> Answer:
    """Find attempts."""
    return await _found(desk, lambda: desk.finder.tasks(call.query), whole)


_SEARCH: tuple[Parameter, ...] = (
    *PAGE,
    text("sort", "Such as startTime:DESC; several with a bar between them."),
    text("freeText", "A part of anything that stands in it; * for everything.", default="*"),
    text("query", "Such as workflowType = 'order' AND status IN (FAILED, TIMED_OUT)."),
)
_RUN_SEARCH = (
    *_SEARCH,
    text("classifier", "Only these: workflow, agent, or what definitions say of themselves."),
    flag("topLevelOnly", "No sub-workflows."),
)


def _search(path: str, handler: Any, shape: Shape, query: tuple[Parameter, ...] = _SEARCH) -> Any:
    return get(path, handler, *query, answers={200: shape})


ROUTES = (
    _search("/workflow/search", search_workflows, SUMMARIES_OF_RUNS, _RUN_SEARCH),
    _search("/workflow/search-v2", search_workflows_whole, RESULTS_OF_RUNS, _RUN_SEARCH),
    _search("/workflow/search-by-tasks", search_workflows_by_tasks, SUMMARIES_OF_RUNS),
    _search("/workflow/search-by-tasks-v2", search_workflows_by_tasks_whole, RESULTS_OF_RUNS),
    _search("/tasks/search", search_tasks, SUMMARIES_OF_TASKS),
    _search("/tasks/search-v2", search_tasks_whole, RESULTS_OF_TASKS),
)
