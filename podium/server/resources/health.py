"""How the server is, for whoever keeps it running."""

from __future__ import annotations

from podium.model.errors import PodiumError
from podium.model.values import JsonValue
from podium.model.version import own_version
from podium.server.answers import Answer, json_answer, text_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.metrics import CONTENT_TYPE
from podium.server.routing import BARE, OBJECT, TRUTH, array, get
from podium.server.shapes import record


async def health(desk: Desk, call: Call) -> Answer:
    """Whether the engine works and the store can be reached."""
    try:
        desk.kernel.refuse_if_down()
        await desk.look(desk.engine.backend.registry_version)
    except PodiumError as error:
        return json_answer(_body(healthy=False, message=str(error)), 503)
    return json_answer(_body(healthy=True))


def _body(*, healthy: bool, message: str = "") -> JsonValue:
    results: list[JsonValue] = [{"healthy": False, "result": "UNHEALTHY", "message": message}] if message else []
    return {"healthResults": results, "suppressedHealthResults": [], "healthy": healthy}


async def metrics(desk: Desk, call: Call) -> Answer:
    """What the server did and does, for Prometheus."""
    sizes = await desk.look(desk.engine.backend.queue_sizes)
    queues = {queue: size for queue, size in sizes.items() if queue[:1] not in {"#", "@"}}
    text = desk.meter.text(queues, desk.dispatcher.waiting_count)
    own = desk.settings.worker_metrics
    return Answer(text if own is None else text + own(), CONTENT_TYPE)


async def actuator_health(desk: Desk, call: Call) -> Answer:
    """Whether the server works, in the words of Spring."""
    answer = await health(desk, call)
    return json_answer({"status": "UP" if answer.status == 200 else "DOWN"}, answer.status)


async def version(desk: Desk, call: Call) -> Answer:
    """The version of this server."""
    return text_answer(own_version() or "0")


_HEALTH = record(("healthy",), healthy=TRUTH, healthResults=array(OBJECT), suppressedHealthResults=array(OBJECT))
_HEALTH_ANSWERS = {200: _HEALTH, 503: _HEALTH}

ROUTES = (
    get("/health", health, answers=_HEALTH_ANSWERS, is_root=True, is_open=True),
    get("/health", health, answers=_HEALTH_ANSWERS, is_open=True),
    get("/actuator/health", actuator_health, answers={200: OBJECT, 503: OBJECT}, is_root=True, is_open=True),
    get("/metrics", metrics, answers={200: BARE}, is_root=True),
    get("/actuator/prometheus", metrics, answers={200: BARE}, is_root=True),
    get("/version", version, answers={200: BARE}, is_open=True),
)
