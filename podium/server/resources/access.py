"""
``/token`` and ``/applications``: who calls, and with which keys.

Orkes's API, as its SDKs use it; the open-source server has none. Where a server asks nobody who he is, ``/token`` is a
path that it does not have (404), which is what tells SDKs so.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from podium.engine.requests import Register
from podium.model.errors import InvalidRequest, NotFound
from podium.server.access import APPLICATION, AccessApplication, Gate, token_in, with_new_key
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import Refusal
from podium.server.people import roles_in
from podium.server.roles import Role
from podium.server.routing import NUMBER, WORD, Body, array, delete, get, post, put
from podium.server.shapes import record


def _gate(desk: Desk) -> Gate:
    if desk.gate is None:
        raise Refusal(404, "this server asks nobody who he is; start it with --auth", code="NoSuchPath")
    return desk.gate


async def token(desk: Desk, call: Call) -> Answer:
    """Return a token for a key, or for a person; without one of these, nothing but /health is answered."""
    gate, now = _gate(desk), desk.engine.clock.now()
    body = call.object()
    key_id, secret = body.get("keyId"), body.get("keySecret")
    user_id, password = body.get("username"), body.get("password")
    if isinstance(user_id, str) and isinstance(password, str):
        made = await desk.look(lambda: gate.token_of_user(user_id, password, now))
    elif isinstance(key_id, str) and isinstance(secret, str):
        made = gate.token(key_id, secret, now)
    else:
        words = "keyId and keySecret are expected here, or username and password"
        raise Refusal(401, words, error="INVALID_CREDENTIALS")
    caller = gate.caller(made, now)
    call.who = {"id": caller.id, "name": caller.name}  # for the audit
    return json_answer({"token": made})


async def who_am_i(desk: Desk, call: Call) -> Answer:
    """The caller, as SDKs call it."""
    caller = _gate(desk).caller(token_in(call.headers), desk.engine.clock.now())
    roles = [{"name": role.value} for role in caller.roles]
    is_application = caller.key is not None
    return json_answer({"id": caller.id, "name": caller.name, "roles": roles, "applicationUser": is_application})


async def list_all(desk: Desk, call: Call) -> Answer:
    """The applications."""
    return json_answer([_shown(one) for one in _gate(desk).applications.values()])


async def create(desk: Desk, call: Call) -> Answer:
    """Make an application, without keys and roles."""
    now, name = desk.engine.clock.now(), call.object().get("name")
    if not isinstance(name, str) or not name:
        raise InvalidRequest("name: an application needs one")
    made = AccessApplication(id=desk.engine.ids.run_id(), name=name, created_at=now, updated_at=now)
    await _keep(desk, made)
    return json_answer(_shown(made))


async def get_of_key(desk: Desk, call: Call) -> Answer:
    """The application of a key."""
    for one in _gate(desk).applications.values():
        if any(key.id == call.path["accessKeyId"] for key in one.keys):
            return json_answer(_shown(one))
    raise NotFound(f"there is no key {call.path['accessKeyId']!r}")


async def get_one(desk: Desk, call: Call) -> Answer:
    """An application."""
    return json_answer(_shown(_of(desk, call)))


async def rename(desk: Desk, call: Call) -> Answer:
    """Give an application another name."""
    name = call.object().get("name")
    if not isinstance(name, str) or not name:
        raise InvalidRequest("name: an application needs one")
    changed = evolve(_of(desk, call), name=name, updated_at=desk.engine.clock.now())
    await _keep(desk, changed)
    return json_answer(_shown(changed))


async def remove(desk: Desk, call: Call) -> Answer:
    """Take an application away, with its keys."""
    await desk.register(Register(gone_entries=[(APPLICATION, _of(desk, call).id)]))
    await desk.look(_gate(desk).renew)
    return EMPTY


async def add_role(desk: Desk, call: Call) -> Answer:
    """Let an application do what a role may."""
    one = _of(desk, call)
    await _keep(desk, evolve(one, roles=tuple(dict.fromkeys((*one.roles, _role(call.path["role"]))))))
    return EMPTY


async def drop_role(desk: Desk, call: Call) -> Answer:
    """Let an application no longer do what a role may."""
    one, gone = _of(desk, call), _role(call.path["role"])
    await _keep(desk, evolve(one, roles=tuple(role for role in one.roles if role is not gone)))
    return EMPTY


async def add_key(desk: Desk, call: Call) -> Answer:
    """Make a key; its secret is told here, and never again."""
    changed, key_id, secret = with_new_key(_of(desk, call), desk.engine.clock.now())
    await _keep(desk, changed)
    return json_answer({"id": key_id, "secret": secret})


async def list_keys(desk: Desk, call: Call) -> Answer:
    """The keys of an application, without their secrets."""
    return json_answer([_shown_key(key) for key in _of(desk, call).keys])


async def turn_key(desk: Desk, call: Call) -> Answer:
    """Let a key that is good be good no longer, or the other way round."""
    one, key = _key_of(desk, call)
    turned = evolve(key, is_active=not key.is_active)
    await _keep(desk, evolve(one, keys=tuple(turned if each is key else each for each in one.keys)))
    return json_answer(_shown_key(turned))


async def drop_key(desk: Desk, call: Call) -> Answer:
    """Take a key away."""
    one, key = _key_of(desk, call)
    await _keep(desk, evolve(one, keys=tuple(each for each in one.keys if each is not key)))
    return EMPTY


def _of(desk: Desk, call: Call) -> AccessApplication:
    found = _gate(desk).applications.get(call.path["id"])
    if found is None:
        raise NotFound(f"no application has the id {call.path['id']!r}")
    return found


def _key_of(desk: Desk, call: Call) -> Any:
    one = _of(desk, call)
    for key in one.keys:
        if key.id == call.path["keyId"]:
            return one, key
    raise NotFound(f"application {one.name!r} has no key {call.path['keyId']!r}")


def _role(word: str) -> Role:
    return roles_in([word])[0]


async def _keep(desk: Desk, application: AccessApplication) -> None:
    await desk.register(Register(entries=[(APPLICATION, application.id, application.body())]))
    await desk.look(_gate(desk).renew)


def _shown(one: AccessApplication) -> dict[str, Any]:
    moments = {"createTime": one.created_at, "updateTime": one.updated_at}
    return {"id": one.id, "name": one.name, "roles": [role.value for role in one.roles], **moments}


def _shown_key(key: Any) -> dict[str, Any]:
    return {"id": key.id, "createdAt": key.created_at, "status": "ACTIVE" if key.is_active else "INACTIVE"}


_NAMED = Body(shape=record(("name",), name=WORD))
_APPLICATION = record(("id", "name"), id=WORD, name=WORD, roles=array(WORD), createTime=NUMBER, updateTime=NUMBER)
_KEY = record(("id",), id=WORD, secret=WORD, createdAt=NUMBER, status=WORD)
_CREDENTIALS = Body(shape=record((), **dict.fromkeys(("keyId", "keySecret", "username", "password"), WORD)))

ROUTES = (
    post("/token", token, body=_CREDENTIALS, answers={200: record(("token",), token=WORD)}, is_open=True),
    get("/token/userInfo", who_am_i, answers={200: record(("id",), id=WORD, name=WORD)}),
    get("/applications", list_all, answers={200: array(_APPLICATION)}),
    post("/applications", create, body=_NAMED, answers={200: _APPLICATION}),
    get("/applications/key/{accessKeyId}", get_of_key, answers={200: _APPLICATION}),
    get("/applications/{id}", get_one, answers={200: _APPLICATION}),
    put("/applications/{id}", rename, body=_NAMED, answers={200: _APPLICATION}),
    delete("/applications/{id}", remove),
    post("/applications/{id}/roles/{role}", add_role),
    delete("/applications/{id}/roles/{role}", drop_role),
    post("/applications/{id}/accessKeys", add_key, answers={200: _KEY}),
    get("/applications/{id}/accessKeys", list_keys, answers={200: array(_KEY)}),
    post("/applications/{id}/accessKeys/{keyId}/status", turn_key, answers={200: _KEY}),
    delete("/applications/{id}/accessKeys/{keyId}", drop_key),
)
