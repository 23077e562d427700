"""``/tasks/queue``: what waits for workers, and who asks for it (Conductor: ``TaskResource.java``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from podium.model.assignments import queue_of
from podium.server.answers import Answer, json_answer, text_answer
from podium.server.calls import Call
from podium.server.desk import Desk, Queue
from podium.server.parameters import Parameter, text
from podium.server.routing import BARE, NUMBER, array, by_name, get, post, ref
from podium.server.shapes import record


async def _sizes(desk: Desk) -> Mapping[str, int]:
    """Return how many attempts lie open, by queue; those that begin with # or @ are the engine's own."""
    sizes = await desk.look(desk.engine.backend.queue_sizes)
    return {queue: size for queue, size in sorted(sizes.items()) if queue[:1] not in {"#", "@"}}


async def get_sizes(desk: Desk, call: Call) -> Answer:
    """How many attempts of some tasks wait for a worker, by task."""
    sizes = await _sizes(desk)
    return json_answer({name: sizes.get(name, 0) for name in call.query["taskType"]})


async def get_size(desk: Desk, call: Call) -> Answer:
    """How many attempts of a task wait for a worker."""
    sizes = await _sizes(desk)
    return json_answer(sizes.get(queue_of(call.query["taskType"], call.query["domain"]), 0))


async def get_all_sizes(desk: Desk, call: Call) -> Answer:
    """How many attempts wait for a worker, by queue."""
    return json_answer(dict(await _sizes(desk)))


async def get_all_verbose(desk: Desk, call: Call) -> Answer:
    """How many attempts wait for a worker, by queue and shard; there is one shard, and no hand-out is unconfirmed."""
    sizes = await _sizes(desk)
    return json_answer({queue: {"a": {"size": size, "uacked": 0}} for queue, size in sizes.items()})


def _polls(polls: Iterable[tuple[Queue, tuple[str, int]]]) -> list[Any]:
    found = []
    for (task_type, domain), (worker, at) in polls:
        more = {"domain": domain} if domain else {}
        found.append({"queueName": task_type, **more, "workerId": worker, "lastPollTime": at})
    return found


async def get_polls(desk: Desk, call: Call) -> Answer:
    """Who asked last for attempts of a task, by domain, as far as this server knows."""
    wanted = call.query["taskType"]
    return json_answer(_polls(each for each in desk.polls.items() if each[0][0] == wanted))


async def get_all_polls(desk: Desk, call: Call) -> Answer:
    """Who asked last for attempts, by task and domain, as far as this server knows."""
    return json_answer(_polls(desk.polls.items()))


async def requeue(desk: Desk, call: Call) -> Answer:
    """Look again for those who serve a task; the answer is how many attempts wait for them."""
    desk.kernel.look()
    return text_answer(str((await _sizes(desk)).get(call.path["taskType"], 0)))


_TYPE = text("taskType", "The task.", is_required=True)
_POLLS = {200: array(ref("PollData"))}

ROUTES = (
    get(
        "/tasks/queue/sizes",
        get_sizes,
        Parameter(name="taskType", is_many=True, text="The tasks."),
        answers={200: by_name(NUMBER)},
    ),
    get(
        "/tasks/queue/size",
        get_size,
        _TYPE,
        text("domain", "Of the workers."),
        text("isolationGroupId", "Has no effect."),
        text("executionNamespace", "Has no effect."),
        answers={200: NUMBER},
    ),
    get("/tasks/queue/all", get_all_sizes, answers={200: by_name(NUMBER)}),
    get(
        "/tasks/queue/all/verbose",
        get_all_verbose,
        answers={200: by_name(by_name(record(("size", "uacked"), size=NUMBER, uacked=NUMBER)))},
    ),
    get("/tasks/queue/polldata", get_polls, _TYPE, answers=_POLLS),
    get("/tasks/queue/polldata/all", get_all_polls, answers=_POLLS),
    post("/tasks/queue/requeue/{taskType}", requeue, answers={200: BARE}),
)
