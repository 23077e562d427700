"""What older and Orkes's clients ask beside: limits, acknowledgements, incoming events, rate limits by tags, queues."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import asdict, evolve

from podium.engine.requests import Register
from podium.model.codec import from_dict, from_json
from podium.model.definitions import RateLimitConfig, WorkflowDef
from podium.model.errors import InvalidRequest, WorkflowNotFound
from podium.server.answers import EMPTY, Answer, json_answer, text_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import Refusal
from podium.server.parameters import INT_MAX, flag, number, text
from podium.server.routing import BARE, NUMBER, OBJECT, WORD, Body, by_name, delete, get, post, ref
from podium.server.shapes import record
from podium.server.wire import whole


async def limits(desk: Desk, call: Call) -> Answer:
    """How large what enters a run may be."""
    return json_answer(asdict(desk.engine.limits))


async def acknowledge(desk: Desk, call: Call) -> Answer:
    """Say whether an attempt that was polled is still its worker's; nothing needs to be acknowledged."""
    attempt = await desk.look(lambda: desk.engine.reader.task(call.path["taskId"]))
    return json_answer(not attempt.status.is_terminal)


async def drop_from_queue(desk: Desk, call: Call) -> Answer:
    """Refused: an attempt without its queue would wait for ever."""
    raise Refusal(409, "an attempt and its queue are one here: fail it, or terminate its run")


async def take_event(desk: Desk, call: Call) -> Answer:
    """Hand an incoming event to its handlers: ``event`` names it, and the rest is its payload."""
    body = call.object()
    event = body.pop("event", None)
    if not isinstance(event, str) or not event:
        raise InvalidRequest("event: the name of a queue is expected here, such as 'conductor:order:paid'")
    return text_answer(await desk.do(desk.client.event_handlers.publish, event, body))


async def get_event_queues(desk: Desk, call: Call) -> Answer:
    """The queues that active event handlers listen to; by event their names, or how many messages wait in them."""
    found = await desk.do(desk.client.event_handlers.list, active=True)
    names = {each.event: each.event.partition(":")[2] for each in found}
    if not call.query["verbose"]:
        return json_answer(dict(names))
    waiting = await desk.look(lambda: len(desk.engine.backend.unsent(1_000)))
    return json_answer({event: {name: waiting} for event, name in names.items()})


async def get_rate_limit(desk: Desk, call: Call) -> Answer:
    """How many runs of a workflow may be alive at once; an empty object where any number may."""
    definition = await _definition(desk, call)
    limit = definition.rate_limit_config
    return json_answer({} if limit is None else {"rateLimit": whole(limit)})


async def set_rate_limit(desk: Desk, call: Call) -> Answer:
    """Say how many runs of a workflow may be alive at once; runs that have begun keep what they began with."""
    body = call.object()
    given = body.get("rateLimit", body)
    if not isinstance(given, Mapping):
        raise InvalidRequest("rateLimit: an object is expected")
    limit = from_dict(dict(given), RateLimitConfig)
    await desk.register(Register(workflows=[evolve(await _definition(desk, call), rate_limit_config=limit)]))
    return EMPTY


async def remove_rate_limit(desk: Desk, call: Call) -> Answer:
    """Let any number of runs of a workflow be alive at once."""
    await desk.register(Register(workflows=[evolve(await _definition(desk, call), rate_limit_config=None)]))
    return EMPTY


async def _definition(desk: Desk, call: Call) -> WorkflowDef:
    name, version = call.path["name"], call.query["version"]

    def look() -> WorkflowDef:
        row = desk.engine.backend.workflow(name, version)
        if row is None:
            raise WorkflowNotFound(f"No such workflow found by name: {name}, version: {version}")
        return from_json(row.body, WorkflowDef)

    return await desk.look(look)


_VERSION = number("version", about="None for the greatest.", least=0, most=INT_MAX)
_LIMIT = Body(shape=record(rateLimit=ref("RateLimitConfig")))

ROUTES = (
    get("/limits", limits, answers={200: OBJECT}),
    post("/tasks/{taskId}/ack", acknowledge, text("workerid", "Who asks."), answers={200: {"type": "boolean"}}),
    delete("/tasks/queue/{taskType}/{taskId}", drop_from_queue),
    post(
        "/event/handleIncomingEvent", take_event, body=Body(shape=record(("event",), event=WORD)), answers={200: BARE}
    ),
    get(
        "/admin/queues",
        get_event_queues,
        flag("verbose", "With how many messages wait."),
        answers={200: by_name({"anyOf": [WORD, by_name(NUMBER)]})},
    ),
    get("/metadata/tags/workflow/{name}", get_rate_limit, _VERSION, answers={200: OBJECT}),
    post("/metadata/tags/workflow/{name}", set_rate_limit, _VERSION, body=_LIMIT),
    delete("/metadata/tags/workflow/{name}", remove_rate_limit, _VERSION),
)
