"""``/event``: event handlers (Conductor: ``EventResource.java``)."""

from __future__ import annotations

from podium.model.codec import from_dict
from podium.model.handlers import EventHandler
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import flag
from podium.server.routing import Body, array, delete, get, post, put, ref
from podium.server.wire import whole


async def add(desk: Desk, call: Call) -> Answer:
    """Add an event handler; one of its name must not be there."""
    await desk.do(desk.client.event_handlers.add, _handler(call), replace=False)
    return EMPTY


async def change(desk: Desk, call: Call) -> Answer:
    """Replace an event handler."""
    handler = _handler(call)
    await desk.do(desk.client.event_handlers.get, handler.name)
    await desk.do(desk.client.event_handlers.add, handler)
    return EMPTY


async def list_all(desk: Desk, _: Call) -> Answer:
    """All event handlers."""
    return json_answer([whole(each) for each in await desk.do(desk.client.event_handlers.list)])


async def list_of_event(desk: Desk, call: Call) -> Answer:
    """The event handlers of an event."""
    active = True if call.query["activeOnly"] else None
    found = await desk.do(desk.client.event_handlers.list, call.path["event"], active=active)
    return json_answer([whole(each) for each in found])


async def remove(desk: Desk, call: Call) -> Answer:
    """Take an event handler out."""
    await desk.do(desk.client.event_handlers.delete, call.path["name"])
    return EMPTY


def _handler(call: Call) -> EventHandler:
    return from_dict(call.object(), EventHandler)


_HANDLER = Body(shape=ref("EventHandler"))

ROUTES = (
    post("/event", add, body=_HANDLER),
    put("/event", change, body=_HANDLER),
    get("/event", list_all, answers={200: array(ref("EventHandler"))}),
    get(
        "/event/{event}",
        list_of_event,
        flag("activeOnly", "Only active ones.", default=True),
        answers={200: array(ref("EventHandler"))},
    ),
    delete("/event/{name}", remove),
)
