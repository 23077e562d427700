"""``/admin``: the server's settings, and what waits in it (Conductor: ``AdminResource.java``)."""

from __future__ import annotations

from attrs import asdict

from podium.engine.events import OfferAgain
from podium.engine.searches import Compare, Either, Every, Order, Search
from podium.model.statuses import TaskStatus
from podium.model.version import own_version
from podium.server.answers import Answer, json_answer, text_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import number
from podium.server.routing import BARE, OBJECT, array, get, post, ref
from podium.server.wire import whole

_PENDING = Either(
    tuple(Compare("status", "=", status.value) for status in (TaskStatus.SCHEDULED, TaskStatus.IN_PROGRESS))
)


async def get_config(desk: Desk, call: Call) -> Answer:
    """The settings of this server."""
    backend = desk.engine.backend
    store = {"isShared": backend.is_shared, "isDurable": backend.is_durable}
    return json_answer({"version": own_version() or "0", "store": store, "limits": asdict(desk.engine.limits)})


async def get_pending(desk: Desk, call: Call) -> Answer:
    """The attempts of a task that have not ended, the oldest first."""
    where = Every((Compare("task_type", "=", call.path["tasktype"]), _PENDING))
    search = Search(where, (Order("scheduled_at"),), call.query["count"], call.query["start"])
    return await desk.look(lambda: json_answer([whole(each) for each in desk.finder.attempts(search).rows]))


async def requeue_sweep(desk: Desk, call: Call) -> Answer:
    """Look at a run again; it needs no sweep, so this changes nothing."""
    run_id = call.path["workflowId"]
    await desk.drive(desk.engine.ask(OfferAgain(run_id)))
    return text_answer(f"true.{run_id}")


async def verify_and_repair(desk: Desk, call: Call) -> Answer:
    """Say whether a run had to be repaired: never, since a run and its queues are one store."""
    await desk.drive(desk.engine.ask(OfferAgain(call.path["workflowId"])))
    return text_answer("false")


ROUTES = (
    get("/admin/config", get_config, answers={200: OBJECT}),
    get(
        "/admin/task/{tasktype}",
        get_pending,
        number("start", 0, "How many to pass over.", least=0),
        number("count", 100, "Most to give.", least=0, most=5000),
        answers={200: array(ref("Task"))},
    ),
    post("/admin/sweep/requeue/{workflowId}", requeue_sweep, answers={200: BARE}),
    post("/admin/consistency/verifyAndRepair/{workflowId}", verify_and_repair, answers={200: BARE}),
)
