"""``/audit``: who has changed what, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime

from podium.model.errors import InvalidRequest
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.bodies import optional_text
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import number, text
from podium.server.routing import NUMBER, OBJECT, WORD, Body, array, get, post, put
from podium.server.shapes import MAYBE_WORD, record

#: The last moment that can be asked for: the end of the year 9999, in epoch milliseconds.
_END_OF_TIME = 253_402_300_799_999


async def find(desk: Desk, call: Call) -> Answer:
    """Changes, newest first."""
    query = call.query
    words: dict[str, str | None] = {name: query[name] for name in ("who", "address", "verb", "kind", "name", "result")}
    found = await desk.do(
        desk.client.audit.list,
        run_id=query["runId"],
        since=_moment(query["since"]),
        until=_moment(query["until"]),
        limit=query["size"],
        offset=query["start"],
        **words,
    )
    return json_answer({"results": [each.to_dict() for each in found]})


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC)


async def keep(desk: Desk, call: Call) -> Answer:
    """Say how long changes are kept; null for ever."""
    await desk.do(desk.client.audit.keep, optional_text(call.object(), "olderThan"))
    return EMPTY


async def kept(desk: Desk, call: Call) -> Answer:
    """How long changes are kept."""
    return json_answer({"olderThan": await desk.do(desk.client.audit.kept)})


async def prune(desk: Desk, call: Call) -> Answer:
    """Delete old changes."""
    age = optional_text(call.object(), "olderThan")
    if age is None:
        raise InvalidRequest("olderThan: an age is expected here, such as '400 days'")
    return json_answer({"deleted": await desk.do(desk.client.audit.prune, older_than=age)})


_AGE = record(olderThan=MAYBE_WORD)
_CHANGE = record(
    ("id", "at", "who", "verb", "kind", "result"),
    id=WORD,
    at=NUMBER,
    runId=MAYBE_WORD,
    details=OBJECT,
    **dict.fromkeys(("who", "address", "verb", "kind", "name", "result"), WORD),
)

ROUTES = (
    get(
        "/audit",
        find,
        text("who", "Such as ``user:ann``."),
        text("address", "From where."),
        text("verb", "Such as ``terminate``."),
        text("kind", "Such as ``run`` or ``secret``."),
        text("name", "Of what was changed."),
        text("runId", "The run that was changed."),
        text("result", "``OK``, or the name of an error."),
        number("since", about="The first moment, in epoch milliseconds.", least=0, most=_END_OF_TIME),
        number("until", about="The last moment.", least=0, most=_END_OF_TIME),
        number("start", 0, "How many to pass over.", least=0),
        number("size", 100, "Most to give.", least=0, most=5000),
        answers={200: record(("results",), results=array(_CHANGE))},
    ),
    get("/audit/retention", kept, answers={200: _AGE}),
    put("/audit/retention", keep, body=Body(shape=_AGE)),
    post("/audit/prune", prune, body=Body(shape=_AGE), answers={200: record(("deleted",), deleted=NUMBER)}),
)
