"""``/podium``: what Podium's clients ask beside Conductor's API, see `podium.client.remote`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from podium.engine.replies import Reply
from podium.model.assignments import Report
from podium.model.errors import InvalidRequest, PodiumError, RunNotFound, TaskNotFound
from podium.model.forms import explanation_to_dict, limit_to_dict, summary_to_dict
from podium.model.statistics import statistics_to_dict
from podium.model.statuses import RunStatus
from podium.model.texts import shown
from podium.model.version import own_version
from podium.server.answers import EMPTY, Answer, json_answer, text_answer
from podium.server.bodies import optional_object, optional_text
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.handouts import report_of
from podium.server.parameters import number, text
from podium.server.routing import BARE, NUMBER, OBJECT, WORD, Body, array, by_name, delete, get, post, put, ref
from podium.server.shapes import record
from podium.server.starts import start_request

#: Most milliseconds that a wait is held; and the seconds of a part of it, after which a server that ends lets go.
_HELD_MS, _PART_S = 30_000, 1.0
#: Most runs that one request starts, and most results that one tells.
_MANY = 1_000

#: The texts and numbers that a search takes, and its spans, by the names of `podium.Client.search`.
_TEXTS = {"name": "name", "status": "status", "correlationId": "correlation_id", "parentId": "parent_id"}
_MORE_TEXTS = {"reason": "reason", "text": "text"}
_NUMBERS = {"version": "version", "priority": "priority", "limit": "limit", "offset": "offset"}
_SPANS = ("started", "updated", "ended")


async def about(desk: Desk, call: Call) -> Answer:
    """That this is a Podium server, and which."""
    return json_answer({"podium": own_version() or "unknown"})


async def wait(desk: Desk, call: Call) -> Answer:
    """How a run stands, as soon as it has ended, or when the time is up."""
    run_id = call.path["workflowId"]
    deadline = monotonic() + call.query["timeoutMillis"] / 1000
    waiting = desk.client.waiting()
    while not await desk.drive(waiting.end(run_id, min(deadline, monotonic() + _PART_S))):
        if monotonic() >= deadline or desk.is_draining:
            break
    status = await desk.look(partial(desk.engine.reader.status, run_id))
    return json_answer({"workflowId": run_id, "status": status.value})


async def explain(desk: Desk, call: Call) -> Answer:
    """Why a run, or a schedule, stands where it stands."""
    return json_answer(explanation_to_dict(await desk.do(desk.client.explain, call.path["id"])))


async def query(desk: Desk, call: Call) -> Answer:
    """What an expression gives in a run as it stands."""
    body = call.object()
    if "expression" not in body:
        raise InvalidRequest("expression: what is asked for is missing")
    return json_answer({"value": await desk.do(desk.client.query, call.path["workflowId"], body["expression"])})


async def search(desk: Desk, call: Call) -> Answer:
    """Runs, newest first."""
    body = call.object()
    wanted: dict[str, Any] = {name: optional_text(body, key) for key, name in (_TEXTS | _MORE_TEXTS).items()}
    wanted |= {name: _number(body, key) for key, name in _NUMBERS.items() if body.get(key) is not None}
    wanted |= {name: _span(body, name) for name in _SPANS}
    wanted |= {name: optional_object(body, name) for name in ("input", "output")}
    runs = await desk.do(desk.client.search, **wanted)
    return json_answer({"results": [summary_to_dict(run) for run in runs]})


def _number(body: Mapping[str, Any], key: str) -> int:
    value = body[key]
    if type(value) is not int:
        raise InvalidRequest(f"{key}: a whole number is expected, not {shown(value)}")
    return value


def _span(body: Mapping[str, Any], key: str) -> tuple[datetime | None, datetime | None] | None:
    given = body.get(key)
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2 or any(type(at) not in {int, type(None)} for at in given):
        raise InvalidRequest(f"{key}: two moments in epoch milliseconds are expected, null for no bound")
    try:
        first, last = (None if at is None else datetime.fromtimestamp(at / 1000, UTC) for at in given)
    except (ValueError, OverflowError, OSError):
        raise InvalidRequest(f"{key}: {shown(given)} is no time") from None
    return first, last


async def statistics(desk: Desk, call: Call) -> Answer:
    """What many runs have in common, by workflow and task."""
    body = call.object()
    name, started = optional_text(body, "name"), _span(body, "started")
    numbers = {key: _number(body, key) for key in ("version", "limit") if body.get(key) is not None}
    found = await desk.do(desk.client.statistics, name, started=started, **numbers)
    return json_answer(statistics_to_dict(found))


async def start_many(desk: Desk, call: Call) -> Answer:
    """Start several runs, which share commits; the answer has their ids, in order."""
    bodies = call.items()
    if len(bodies) > _MANY or not all(isinstance(one, dict) for one in bodies):
        raise InvalidRequest(f"at most {_MANY} objects are expected, one for each run")
    requests = [start_request(desk, call, one) for one in bodies]

    async def started() -> list[str]:
        replies: list[Reply] = [await desk.kernel.admit(one) for one in requests]
        return [await reply for reply in replies]

    run_ids = await desk.drive(started())
    call.outcomes |= dict.fromkeys(run_ids)
    return json_answer(list(run_ids))


async def tell(desk: Desk, call: Call) -> Answer:
    """Say how the live attempt of a task stands, by its name."""
    body = call.object()
    logs = body.get("logs") or []
    if not isinstance(logs, list):
        raise InvalidRequest("logs: a list of texts is expected")
    await desk.do(
        desk.client.update_task_by_name,
        call.path["workflowId"],
        call.path["taskRefName"],
        optional_text(body, "status") or "COMPLETED",
        optional_object(body, "outputData"),
        reason=optional_text(body, "reasonForIncompletion"),
        worker_id=optional_text(body, "workerId"),
        callback_after=body.get("callbackAfterSeconds") or 0,
        logs=[str(line) for line in logs],
    )
    return EMPTY


async def update(desk: Desk, call: Call) -> Answer:
    """Say how several attempts stand, which share a commit; the answer has for each null, or why it was refused."""
    results = call.object().get("results")
    if not isinstance(results, list) or len(results) > _MANY:
        raise InvalidRequest(f"results: a list of at most {_MANY} is expected")
    now = desk.engine.clock.now()
    read = [_read(one, now) for one in results]
    outcomes = await desk.drive(_taken(desk, read))
    for one, report, outcome in zip(results, read, outcomes, strict=True):
        if not isinstance(report, Report):
            continue
        lent = desk.lent_attempt(str(one.get("taskId")), report)
        if lent is None:
            call.outcomes[report.run_id] = None if outcome is None else type(outcome).__name__
        elif outcome is None:
            desk.count(lent.queue, lent, report)
    return json_answer({"outcomes": [None if one is None else _told(one) for one in outcomes]})


def _read(result: Any, now: int) -> Report | PodiumError:
    try:
        if not isinstance(result, dict):
            raise InvalidRequest(f"an object is expected, not {shown(result)}")
        return report_of(result, now)
    except PodiumError as error:
        return error


async def _taken(desk: Desk, reports: Sequence[Report | PodiumError]) -> list[PodiumError | None]:
    """Hand all reports in before the first answer is waited for; give what each was refused with."""
    asked = [one if isinstance(one, PodiumError) else desk.kernel.ask(one) for one in reports]
    return [one if isinstance(one, PodiumError) else await _refusal(one) for one in asked]


async def _refusal(reply: Reply) -> PodiumError | None:
    try:
        await reply
    except RunNotFound as error:
        return TaskNotFound(str(error))
    except PodiumError as error:
        return error
    return None


def _told(error: PodiumError) -> dict[str, str]:
    return {"code": type(error).__name__, "message": str(error)}


async def leave(desk: Desk, call: Call) -> Answer:
    """Let the polls of a worker come back at once: it takes nothing more."""
    desk.dispatcher.release(call.path["workerId"])
    return EMPTY


async def limits(desk: Desk, call: Call) -> Answer:
    """How limits are used."""
    found = await desk.do(desk.client.limits, call.query["name"])
    return json_answer([limit_to_dict(use) for use in found])


async def prune(desk: Desk, call: Call) -> Answer:
    """Delete the runs that ended some time ago, or count them."""
    body = call.object()
    seconds = body.get("olderThanSeconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e10:
        raise InvalidRequest(f"olderThanSeconds: a number of seconds is expected, not {shown(seconds)}")
    older, name, dry_run = timedelta(seconds=seconds), optional_text(body, "workflow"), body.get("dryRun") is True
    return json_answer(dict(await desk.do(desk.client.prune, older_than=older, workflow=name, dry_run=dry_run)))


async def deliver(desk: Desk, call: Call) -> Answer:
    """Tell the runs of a webhook's call; the answer has the steps that were waiting for it."""
    body = call.object()
    payload, name = optional_object(body, "payload") or {}, optional_text(body, "workflow")
    found = await desk.do(desk.client.deliver_webhook, payload, workflow=name)
    return json_answer([list(each) for each in found])


async def publish(desk: Desk, call: Call) -> Answer:
    """Hand a message to the handlers of an event; the answer is its id."""
    body = call.object()
    event, message_id = body.get("event"), optional_text(body, "id")
    if not isinstance(event, str):
        raise InvalidRequest("event: the name of a queue is expected here, such as 'conductor:order:paid'")
    payload = optional_object(body, "payload") or {}
    return text_answer(await desk.do(desk.client.event_handlers.publish, event, payload, message_id=message_id))


async def schedules(desk: Desk, call: Call) -> Answer:
    """The schedules, each as it stands."""
    found = await desk.do(desk.client.schedules.list, workflow=call.query["workflowName"])
    return json_answer([info.to_dict() for info in found])


async def schedule(desk: Desk, call: Call) -> Answer:
    """A schedule as it stands, with what became of its last moments."""
    return json_answer((await desk.do(desk.client.schedules.get, call.path["name"])).to_dict())


async def run_schedule(desk: Desk, call: Call) -> Answer:
    """Start a run of a schedule now."""
    return json_answer({"workflowId": await desk.do(desk.client.schedules.run, call.path["name"])})


async def retention(desk: Desk, call: Call) -> Answer:
    """The policies of retention, the one for all workflows first."""
    found = await desk.do(desk.client.retention.list)
    return json_answer(
        [{"workflow": one.workflow, "olderThan": one.older_than, "archive": one.archive} for one in found]
    )


async def set_retention(desk: Desk, call: Call) -> Answer:
    """Say how long the runs of a workflow, or of all, stay after their end."""
    body = call.object()
    age, workflow, archive = (optional_text(body, name) for name in ("olderThan", "workflow", "archive"))
    await desk.do(desk.client.retention.set, age, workflow=workflow, archive=archive)
    return EMPTY


async def remove_retention(desk: Desk, call: Call) -> Answer:
    """Remove the policy of a workflow, or the one for all."""
    await desk.do(desk.client.retention.remove, call.query["workflow"])
    return EMPTY


async def apply_retention(desk: Desk, call: Call) -> Answer:
    """Do now what the policies say; the answer has how many runs of each workflow were deleted."""
    dry_run = call.object().get("dryRun") is True
    return json_answer(await desk.do(desk.client.retention.apply, dry_run=dry_run))


_STATUS = record(("workflowId", "status"), workflowId=WORD, status={"enum": [each.value for each in RunStatus]})
_HELD = number("timeoutMillis", 10_000, "How long to wait.", least=0, most=_HELD_MS)
_RESULTS = Body(shape=record(("results",), results=array(ref("TaskResult"))))
_ASKED = Body(shape=OBJECT)

ROUTES = (
    get("/podium", about, answers={200: record(("podium",), podium=WORD)}, is_open=True),
    get("/podium/runs/{workflowId}/wait", wait, _HELD, answers={200: _STATUS}),
    get("/podium/explain/{id}", explain, answers={200: OBJECT}),
    post("/podium/runs/{workflowId}/query", query, body=_ASKED, answers={200: OBJECT}),
    post("/podium/statistics", statistics, body=_ASKED, answers={200: OBJECT}),
    post("/podium/runs/search", search, body=_ASKED, answers={200: record(("results",), results=array(OBJECT))}),
    post(
        "/podium/runs/batch",
        start_many,
        body=Body(shape=array(ref("StartWorkflowRequest"))),
        answers={200: array(WORD)},
    ),
    post("/podium/runs/{workflowId}/tasks/{taskRefName}", tell, body=_ASKED),
    post("/podium/tasks/update", update, body=_RESULTS, answers={200: OBJECT}),
    post("/podium/workers/{workerId}/leave", leave),
    get("/podium/limits", limits, text("name", "Of a task, or ``workflow:key``."), answers={200: array(OBJECT)}),
    post("/podium/prune", prune, body=_ASKED, answers={200: by_name(NUMBER)}),
    get("/podium/retention", retention, answers={200: array(OBJECT)}),
    put("/podium/retention", set_retention, body=_ASKED),
    delete("/podium/retention", remove_retention, text("workflow")),
    post("/podium/retention/apply", apply_retention, body=_ASKED, answers={200: by_name(NUMBER)}),
    post("/podium/events", publish, body=_ASKED, answers={200: BARE}),
    post("/podium/webhooks", deliver, body=_ASKED, answers={200: array(array(WORD))}),
    get("/podium/schedules", schedules, text("workflowName"), answers={200: array(OBJECT)}),
    get("/podium/schedules/{name}", schedule, answers={200: OBJECT}),
    post("/podium/schedules/{name}/run", run_schedule, answers={200: OBJECT}),
)
