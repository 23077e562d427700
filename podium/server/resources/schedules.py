"""``/scheduler``: what starts runs by itself (Conductor: ``SchedulerResource.java``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from podium.client.embedded_schedules import checked_schedule
from podium.engine.requests import SaveSchedule
from podium.model.errors import IllegalTransition, InvalidRequest, PodiumError, ScheduleNotFound
from podium.model.schedules import Firing, FiringOutcome, Schedule, ScheduleInfo
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import PAGE, Parameter, number, text
from podium.server.routing import NUMBER, OBJECT, WORD, Body, Route, array, delete, get, post, put, ref
from podium.server.shapes import BULK, bulk_body, results

#: The states of Conductor's execution records, by what became of a moment.
_STATES: Mapping[FiringOutcome, str] = {
    FiringOutcome.STARTED: "EXECUTED",
    FiringOutcome.QUEUED: "POLLED",
    FiringOutcome.SKIPPED: "FAILED",
    FiringOutcome.MISSED: "FAILED",
    FiringOutcome.FAILED: "FAILED",
}
_NEXT_MAX = 5


def schedule_of(info: ScheduleInfo) -> dict[str, Any]:
    """Return a schedule as the API writes it."""
    found = dict(info.to_dict())
    found.pop("history")
    if found.get("nextRunTime") is None:
        found.pop("nextRunTime", None)
    return {"paused": False, **found}


async def save(desk: Desk, call: Call) -> Answer:
    """Save a schedule, or replace the one of its name."""
    body = call.object()
    if not body.get("name"):
        raise InvalidRequest("name: a schedule needs one")
    schedule = checked_schedule(Schedule.from_dict(body))
    await desk.drive(desk.engine.ask(SaveSchedule(schedule, is_early=True)))
    return json_answer(schedule_of(await _get(desk, schedule.name or "")))


async def _get(desk: Desk, name: str) -> ScheduleInfo:
    return await desk.do(desk.client.schedules.get, name)


async def _all(desk: Desk, workflow: str | None = None) -> Sequence[ScheduleInfo]:
    return await desk.do(desk.client.schedules.list, workflow=workflow)


async def get_schedules(desk: Desk, call: Call) -> Answer:
    """All schedules, or those of a workflow."""
    return json_answer([schedule_of(each) for each in await _all(desk, call.query["workflowName"])])


async def search_schedules(desk: Desk, call: Call) -> Answer:
    """Find schedules."""
    query = call.query
    wanted = (query["freeText"] or "*").strip("*").lower()
    found = [
        shown
        for info in await _all(desk, query["workflowName"])
        if query["scheduleName"] in {None, "", info.name}
        and query["paused"] in {None, info.schedule.paused}
        and wanted in str(shown := schedule_of(info)).lower()
    ]
    return _page(query, found)


def _page(query: Mapping[str, Any], found: list[dict[str, Any]]) -> Answer:
    """Sort what was found and return one page of it."""
    for each in reversed((query["sort"] or "").split("|")):
        key, colon, direction = each.partition(":")
        if colon:
            found.sort(key=partial(_rank, key), reverse=direction.upper() == "DESC")
    part = found[query["start"] : query["start"] + query["size"]]
    return json_answer({"totalHits": len(found), "results": part})


def _rank(key: str, item: Mapping[str, Any]) -> tuple[str, Any]:
    value = item.get(key, "")
    return ("number", value) if isinstance(value, int) else ("text", str(value))


async def get_schedule(desk: Desk, call: Call) -> Answer:
    """A schedule."""
    return json_answer(schedule_of(await _get(desk, call.path["name"])))


async def delete_schedule(desk: Desk, call: Call) -> Answer:
    """Delete a schedule; one that is not there is fine."""
    try:
        await desk.do(desk.client.schedules.delete, call.path["name"])
    except ScheduleNotFound:
        return EMPTY
    return EMPTY


async def pause(desk: Desk, call: Call) -> Answer:
    """Start nothing by a schedule any more."""
    await desk.do(desk.client.schedules.pause, call.path["name"], call.query["reason"])
    return EMPTY


async def resume(desk: Desk, call: Call) -> Answer:
    """Go on with a schedule that is paused."""
    await _resume(desk, call.path["name"])
    return EMPTY


async def _resume(desk: Desk, name: str) -> None:
    if not (await _get(desk, name)).schedule.paused:
        raise IllegalTransition(f"schedule {name} is not paused")
    await desk.do(desk.client.schedules.resume, name)


async def pause_many(desk: Desk, call: Call) -> Answer:
    """Start nothing by some schedules any more."""
    return await _each(call.names(), lambda name: desk.do(desk.client.schedules.pause, name))


async def resume_many(desk: Desk, call: Call) -> Answer:
    """Go on with some schedules."""
    return await _each(call.names(), lambda name: desk.do(desk.client.schedules.resume, name))


async def _each(names: Iterable[str], act: Callable[[str], Any]) -> Answer:
    done: list[str] = []
    failed: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            await act(name)
        except PodiumError as error:
            failed[name] = str(error)
        else:
            done.append(name)
    return json_answer(bulk_body(done, failed))


async def pause_all(desk: Desk, call: Call) -> Answer:
    """Start nothing by any schedule any more."""
    return await _of_all(desk, desk.client.schedules.pause)


async def resume_all(desk: Desk, call: Call) -> Answer:
    """Go on with all schedules."""
    return await _of_all(desk, desk.client.schedules.resume)


async def _of_all(desk: Desk, verb: Callable[[str], None]) -> Answer:
    names = [info.name for info in await _all(desk)]
    for name in names:
        await desk.do(verb, name)
    return json_answer({"schedules": len(names)})


async def requeue(desk: Desk, call: Call) -> Answer:
    """Look at all schedules again; they need no queue, so this changes nothing."""
    return json_answer({"schedules": len(await _all(desk))})


async def get_next(desk: Desk, call: Call) -> Answer:
    """The next moments of an expression, in epoch milliseconds."""
    query = call.query
    first = desk.engine.clock.now()
    bounds = [_moment(query[name]) for name in ("scheduleStartTime", "scheduleEndTime")]
    schedule = Schedule(query["cronExpression"], name="next", workflow="next", start=bounds[0], end=bounds[1])
    after = datetime.fromtimestamp(first / 1000, UTC)
    count = min(query["limit"], _NEXT_MAX)
    found = await desk.look(lambda: schedule.next(count, after=after))
    return json_answer([round(each.timestamp() * 1000) for each in found])


def _moment(epoch_ms: int | None) -> datetime | None:
    try:
        return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidRequest(f"{epoch_ms} is no moment in epoch milliseconds") from None


async def search_executions(desk: Desk, call: Call) -> Answer:
    """Find what became of the last moments of schedules, the newest first."""
    query = call.query
    is_wanted = _clauses(query["query"] or "")
    wanted = (query["freeText"] or "*").strip("*").lower()
    found = [_execution(info, firing) for info in await _all(desk) for firing in info.history]
    found = [each for each in found if is_wanted(each) and wanted in str(each).lower()]
    found.sort(key=lambda each: -each["scheduledTime"])
    return _page(query, found)


def _execution(info: ScheduleInfo, firing: Firing) -> dict[str, Any]:
    shown = info.to_dict()
    found = {
        "executionId": firing.run_id or f"{info.name}-{firing.scheduled_at}",
        "scheduleName": info.name,
        "scheduledTime": firing.scheduled_at,
        "executionTime": firing.decided_at,
        "workflowName": info.schedule.workflow,
        "workflowId": firing.run_id,
        "reason": firing.reason,
        "startWorkflowRequest": shown["startWorkflowRequest"],
        "state": _STATES[firing.outcome],
        "zoneId": info.schedule.zone,
    }
    return {key: value for key, value in found.items() if value is not None}


_CLAUSE = re.compile(r"\s*(\w+)\s*(=|<|>|IN)\s*(.+?)\s*", re.DOTALL)
_ASKED = frozenset(
    {"scheduleName", "state", "scheduledTime", "executionTime", "workflowName", "executionId", "workflowId"}
)


def _clauses(query: str) -> Callable[[Mapping[str, Any]], bool]:
    """Read the conditions of a query, joined by AND; what nobody knows is passed over."""
    tests: list[tuple[str, str, list[str]]] = []
    for clause in filter(str.strip, query.split(" AND ")):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise InvalidRequest(f"the condition {clause!r:.80} cannot be read")
        field, op, value = match.groups()
        values = [each.strip().strip("'\"") for each in value.strip("()").split(",")]
        if op in "<>" and not re.fullmatch(r"-?[0-9]{1,19}", values[0]):
            raise InvalidRequest(f"{field}: a whole number is expected, not {values[0]!r:.40}")
        if field in _ASKED:
            tests.append((field, op, values))

    def is_wanted(item: Mapping[str, Any]) -> bool:
        for field, op, values in tests:
            found = item.get(field)
            if op in {"=", "IN"}:
                if str(found) not in values:
                    return False
            elif not isinstance(found, int) or (found <= int(values[0]) if op == ">" else found >= int(values[0])):
                return False
        return True

    return is_wanted


_SCHEDULE = ref("WorkflowSchedule")
_SORT = text("sort", "Such as name:ASC.")
_FREE = text("freeText", "A part of anything that stands in it; * for everything.", default="*")
_REASON = text("reason", "Why.")
_NAMES = Body(shape=array(WORD))


def _both(path: str, handler: Any, *query: Parameter, **more: Any) -> tuple[Route, Route]:
    """Return rows for PUT and GET: the clients do not agree on the verb."""
    return put(path, handler, *query, **more), get(path, handler, *query, **more)


ROUTES = (
    post("/scheduler/schedules", save, body=Body(shape=_SCHEDULE), answers={200: _SCHEDULE}),
    get(
        "/scheduler/schedules",
        get_schedules,
        text("workflowName", "Only of this one."),
        answers={200: array(_SCHEDULE)},
    ),
    get(
        "/scheduler/schedules/search",
        search_schedules,
        text("workflowName", "Only of this one."),
        text("scheduleName", "Only this one."),
        Parameter(name="paused", type=bool, text="Only those that are, or are not."),
        _FREE,
        *PAGE,
        _SORT,
        answers={200: results(_SCHEDULE)},
    ),
    get("/scheduler/schedules/{name}", get_schedule, answers={200: _SCHEDULE}),
    delete("/scheduler/schedules/{name}", delete_schedule),
    *_both("/scheduler/schedules/{name}/pause", pause, _REASON),
    *_both("/scheduler/schedules/{name}/resume", resume, refusals={IllegalTransition: 404}),
    get(
        "/scheduler/nextFewSchedules",
        get_next,
        text("cronExpression", "Such as 0 0 6 * * ?", is_required=True),
        number("scheduleStartTime", about="Epoch milliseconds."),
        number("scheduleEndTime", about="Epoch milliseconds."),
        number("limit", _NEXT_MAX, f"How many, at most {_NEXT_MAX}.", least=0),
        answers={200: array(NUMBER)},
    ),
    *_both("/scheduler/admin/requeue", requeue, answers={200: OBJECT}),
    *_both("/scheduler/admin/pause", pause_all, answers={200: OBJECT}),
    *_both("/scheduler/admin/resume", resume_all, answers={200: OBJECT}),
    get(
        "/scheduler/search/executions",
        search_executions,
        text("query", "Such as scheduleName IN (a, b) AND state IN (FAILED)."),
        _FREE,
        *PAGE,
        _SORT,
        answers={200: results(OBJECT)},
    ),
    put("/scheduler/bulk/pause", pause_many, body=_NAMES, answers={200: BULK}),
    put("/scheduler/bulk/resume", resume_many, body=_NAMES, answers={200: BULK}),
)
