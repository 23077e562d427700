"""``/queue``: what comes for tasks from outside, by Conductor's default event queue (``QueueAdminResource.java``)."""

from __future__ import annotations

from functools import partial

from podium.engine import ids
from podium.model.assignments import Report
from podium.model.statuses import REPORTABLE, TaskStatus
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.routing import NUMBER, OBJECT, WORD, Body, by_name, get, post

#: The default queue has one line for each of these; what is put in is acted on at once, so nothing waits there.
_LINES = (TaskStatus.COMPLETED, TaskStatus.FAILED)


async def get_sizes(desk: Desk, call: Call) -> Answer:
    """How much waits in the default queue, by status: never anything."""
    return json_answer({status.value: 0 for status in _LINES})


async def get_names(desk: Desk, call: Call) -> Answer:
    """The names of the default queue's lines, by status."""
    return json_answer({status.value: f"podium_{status.value}" for status in _LINES})


async def update_by_ref(desk: Desk, call: Call) -> Answer:
    """Say how the live attempt of a task stands, by its name."""
    path = call.path
    await desk.do(
        desk.client.complete_task,
        path["workflowId"],
        path["taskRefName"],
        call.object(),
        status=TaskStatus(path["status"]),
    )
    return EMPTY


async def update_by_id(desk: Desk, call: Call) -> Answer:
    """Say how an attempt stands, by its id."""
    path = call.path
    await desk.look(partial(desk.engine.reader.task, path["taskId"]))
    await desk.drive(desk.engine.ask(Report(*ids.locate(path["taskId"]), TaskStatus(path["status"]), call.object())))
    return EMPTY


_STATUSES = {"status": sorted(each.value for each in REPORTABLE)}
_OUTPUT = Body(shape=OBJECT, is_required=False)

ROUTES = (
    get("/queue/size", get_sizes, answers={200: by_name(NUMBER)}),
    get("/queue", get_names, answers={200: by_name(WORD)}),
    post("/queue/update/{workflowId}/{taskRefName}/{status}", update_by_ref, body=_OUTPUT, choices=_STATUSES),
    post("/queue/update/{workflowId}/task/{taskId}/{status}", update_by_id, body=_OUTPUT, choices=_STATUSES),
)
