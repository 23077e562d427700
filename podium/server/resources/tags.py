"""Tags: words that people put on workflows, tasks and schedules (Orkes: ``TagsResource``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from podium.client.stored_values import SECRET
from podium.engine.ports import Backend
from podium.engine.requests import Register
from podium.model.errors import DefinitionNotFound, InvalidRequest, ScheduleNotFound
from podium.model.payloads import dump
from podium.model.texts import shown
from podium.server.access import APPLICATION
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.bodies import optional_text
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.routing import Body, Route, array, delete, get, post, put
from podium.server.shapes import MAYBE_WORD, record

#: What can have tags, and what says so of a name, by the kind of their entries in the store.
_OWNERS: Mapping[str, Callable[[Backend, str], bool]] = {
    "workflow_tags": lambda backend, name: backend.workflow(name, None) is not None,
    "task_tags": lambda backend, name: backend.task_def(name) is not None,
    "schedule_tags": lambda backend, name: backend.schedule(name) is not None,
    "secret_tags": lambda backend, name: backend.entry(SECRET, name) is not None,
    "application_tags": lambda backend, name: backend.entry(APPLICATION, name) is not None,
}


def _tag(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("key"), str) or not given["key"]:
        raise InvalidRequest(f"a tag is an object with a text 'key' and a 'value', not {shown(given)}")
    return {"key": given["key"], "type": optional_text(given, "type") or "METADATA", "value": given.get("value")}


def tags_of(backend: Backend, kind: str, name: str) -> list[dict[str, Any]]:
    """Return the tags of something."""
    row = backend.entry(kind, name)
    found: list[dict[str, Any]] = [] if row is None else orjson.loads(row.body)
    return found


def _known(backend: Backend, kind: str, name: str) -> list[dict[str, Any]]:
    if not _OWNERS[kind](backend, name):
        words = kind.removesuffix("_tags")
        raise (ScheduleNotFound if words == "schedule" else DefinitionNotFound)(f"no {words} is called {name!r:.80}")
    return tags_of(backend, kind, name)


async def _get(desk: Desk, call: Call, kind: str) -> Answer:
    backend = desk.engine.backend
    return json_answer(await desk.look(lambda: _known(backend, kind, call.path["name"])))


async def _keep(desk: Desk, kind: str, name: str, tags: list[dict[str, Any]]) -> Answer:
    await desk.register(Register(entries=[(kind, name, dump(tags))]))
    return EMPTY


async def _put(desk: Desk, call: Call, kind: str) -> Answer:
    tags = [_tag(each) for each in call.items()]
    await desk.look(lambda: _known(desk.engine.backend, kind, call.path["name"]))
    return await _keep(desk, kind, call.path["name"], tags)


async def _add(desk: Desk, call: Call, kind: str) -> Answer:
    tag = _tag(call.object())
    known = await desk.look(lambda: _known(desk.engine.backend, kind, call.path["name"]))
    return await _keep(desk, kind, call.path["name"], [*(each for each in known if each != tag), tag])


async def _delete(desk: Desk, call: Call, kind: str) -> Answer:
    body = call.json()
    gone = [_tag(each) for each in (body if isinstance(body, list) else [body])]
    known = await desk.look(lambda: _known(desk.engine.backend, kind, call.path["name"]))
    left = [each for each in known if each not in gone]
    return await _keep(desk, kind, call.path["name"], left)


async def get_all(desk: Desk, call: Call) -> Answer:
    """All tags that anything has, each once."""

    def look() -> list[dict[str, Any]]:
        rows = (row for kind in _OWNERS for row in desk.engine.backend.entries(kind))
        found = {dump(tag): tag for row in rows for tag in orjson.loads(row.body)}
        return list(found.values())

    return json_answer(await desk.look(look))


def _rows(path: str, kind: str) -> tuple[Route, ...]:
    """Return the rows for the tags of one kind of things."""

    async def get_tags(desk: Desk, call: Call) -> Answer:
        """The tags of it."""
        return await _get(desk, call, kind)

    async def put_tags(desk: Desk, call: Call) -> Answer:
        """Give it these tags, in place of those that it had."""
        return await _put(desk, call, kind)

    async def add_tag(desk: Desk, call: Call) -> Answer:
        """Give it one more tag."""
        return await _add(desk, call, kind)

    async def delete_tags(desk: Desk, call: Call) -> Answer:
        """Take tags from it."""
        return await _delete(desk, call, kind)

    return (
        get(path, get_tags, answers={200: _TAGS}),
        put(path, put_tags, body=Body(shape=_TAGS)),
        post(path, add_tag, body=Body(shape=_TAG)),
        delete(path, delete_tags, body=Body(shape={"anyOf": [_TAG, _TAGS]})),
    )


_TAG = record(("key",), key={"type": "string", "minLength": 1}, type=MAYBE_WORD, value={})
_TAGS = array(_TAG)

ROUTES = (
    get("/metadata/tags", get_all, answers={200: _TAGS}),
    *_rows("/metadata/workflow/{name}/tags", "workflow_tags"),
    *_rows("/metadata/task/{name}/tags", "task_tags"),
    *_rows("/scheduler/schedules/{name}/tags", "schedule_tags"),
    *_rows("/secrets/{name}/tags", "secret_tags"),
    *_rows("/applications/{name}/tags", "application_tags"),
)
