"""
``/users``, ``/groups``, ``/roles`` and ``/auth/authorization``: people, and what they may.

Orkes's API, as its SDKs use it. Here a role says what somebody may, and there are four of them; so what grants access
to single objects is refused, and what asks for it is answered by the roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from podium.engine.requests import Register
from podium.model.errors import InvalidRequest, NotFound
from podium.model.texts import shown
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.bodies import optional_text
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import Refusal
from podium.server.parameters import flag, text
from podium.server.people import (
    GROUP,
    USER,
    Group,
    User,
    checked_id,
    groups_of,
    roles_in,
    roles_of,
    users_of,
    without_group,
)
from podium.server.roles import Role
from podium.server.routing import NUMBER, OBJECT, TRUTH, WORD, Body, Route, array, by_name, delete, get, post, put
from podium.server.shapes import MAYBE_WORD, record

_ACCESS = ("CREATE", "READ", "UPDATE", "DELETE", "EXECUTE")


def access_of(roles: Iterable[Role], target: str) -> list[str]:
    """Return what roles may do with all objects of a type of Orkes's, such as ``WORKFLOW_DEF``."""
    found: set[str] = set()
    for role in roles:
        is_of_admins = target in {"APPLICATION", "USER", "GROUP"}
        if role is Role.ADMIN or (role is Role.EDITOR and not is_of_admins):
            found.update(_ACCESS)
        elif role is Role.VIEWER and not is_of_admins:
            found.add("READ")
        elif role is Role.WORKER and target in {"TASK_DEF", "DOMAIN"}:
            found.add("EXECUTE")
    return [each for each in _ACCESS if each in found]


# -- users ------------------------------------------------------------------------------------------------------------


async def list_users(desk: Desk, call: Call) -> Answer:
    """The people."""
    users, groups = await desk.look(lambda: _known(desk))
    return json_answer([_shown_user(one, groups) for one in users.values()])


async def get_user(desk: Desk, call: Call) -> Answer:
    """A person."""
    user, groups = await _user(desk, call)
    return json_answer(_shown_user(user, groups))


async def put_user(desk: Desk, call: Call) -> Answer:
    """Make a person, or change one; what the body does not name stays."""
    body, now = call.object(), desk.engine.clock.now()
    users, groups = await desk.look(lambda: _known(desk))
    user_id = checked_id(call.path["id"], "user")
    user = users.get(user_id) or User(id=user_id, name=user_id, created_at=now)
    changes: dict[str, Any] = {"name": optional_text(body, "name") or user.name}
    if body.get("roles") is not None:
        changes["roles"] = roles_in(_list(body, "roles"))
    if body.get("groups") is not None:
        changes["groups"] = tuple(_named_groups(_list(body, "groups"), groups))
    user = evolve(user, **changes)
    password = optional_text(body, "password")
    if password is not None:
        user = await desk.look(lambda: user.with_password(password, now))
    await _register(desk, Register(entries=[(USER, user.id, user.body())]))
    return json_answer(_shown_user(user, groups))


async def delete_user(desk: Desk, call: Call) -> Answer:
    """Take a person out; whatever the person has signed in ends."""
    user, _ = await _user(desk, call)
    await _register(desk, Register(gone_entries=[(USER, user.id)]))
    return EMPTY


async def get_user_permissions(desk: Desk, call: Call) -> Answer:
    """What a person may, by the type of what it is done to."""
    user, groups = await _user(desk, call)
    return json_answer(_granted(roles_of(user, groups)))


async def check_permissions(desk: Desk, call: Call) -> Answer:
    """Whether a person may do what with an object."""
    user, groups = await _user(desk, call)
    may = access_of(roles_of(user, groups), call.query["type"])
    return json_answer({each: each in may for each in _ACCESS})


# -- groups -----------------------------------------------------------------------------------------------------------


async def list_groups(desk: Desk, call: Call) -> Answer:
    """The groups."""
    _, groups = await desk.look(lambda: _known(desk))
    return json_answer([_shown_group(one) for one in groups.values()])


async def get_group(desk: Desk, call: Call) -> Answer:
    """A group."""
    group, _ = await _group(desk, call)
    return json_answer(_shown_group(group))


async def put_group(desk: Desk, call: Call) -> Answer:
    """Make a group, or change one."""
    body = call.object()
    roles = roles_in(_list(body, "roles"))
    description = optional_text(body, "description") or ""
    group = Group(id=checked_id(call.path["id"], "group"), description=description, roles=roles)
    await _register(desk, Register(entries=[(GROUP, group.id, group.body())]))
    return json_answer(_shown_group(group))


async def delete_group(desk: Desk, call: Call) -> Answer:
    """Take a group out, and everybody out of it."""
    group, users = await _group(desk, call)
    await _register(desk, without_group(group.id, users.values()))
    return EMPTY


async def get_group_permissions(desk: Desk, call: Call) -> Answer:
    """What the people of a group may by it."""
    group, _ = await _group(desk, call)
    return json_answer(_granted(group.roles))


async def list_members(desk: Desk, call: Call) -> Answer:
    """The people of a group."""
    group, users = await _group(desk, call)
    return json_answer([_shown_user(one, {group.id: group}) for one in users.values() if group.id in one.groups])


async def add_members(desk: Desk, call: Call) -> Answer:
    """Put some people into a group."""
    return await _moved(desk, call, call.names(), is_in=True)


async def drop_members(desk: Desk, call: Call) -> Answer:
    """Take some people out of a group."""
    return await _moved(desk, call, call.names(), is_in=False)


async def add_member(desk: Desk, call: Call) -> Answer:
    """Put a person into a group."""
    return await _moved(desk, call, [call.path["userId"]], is_in=True)


async def drop_member(desk: Desk, call: Call) -> Answer:
    """Take a person out of a group."""
    return await _moved(desk, call, [call.path["userId"]], is_in=False)


async def _moved(desk: Desk, call: Call, user_ids: list[str], *, is_in: bool) -> Answer:
    group, users = await _group(desk, call)
    entries = []
    for user_id in dict.fromkeys(user_ids):
        user = users.get(user_id)
        if user is None:
            raise NotFound(f"there is no user {user_id!r}")
        others = _without(user.groups, group.id)
        moved = evolve(user, groups=(*others, group.id) if is_in else others)
        entries.append((USER, user_id, moved.body()))
    await _register(desk, Register(entries=entries))
    return EMPTY


# -- roles ------------------------------------------------------------------------------------------------------------


async def list_roles(desk: Desk, call: Call) -> Answer:
    """The roles, which are always the same."""
    return json_answer([_shown_role(role) for role in Role])


async def list_custom_roles(desk: Desk, call: Call) -> Answer:
    """Roles of somebody's own: none."""
    return json_answer([])


async def list_permissions(desk: Desk, call: Call) -> Answer:
    """What roles may, in all."""
    return json_answer([{"name": each} for each in _ACCESS])


async def get_role(desk: Desk, call: Call) -> Answer:
    """A role."""
    if call.path["name"] not in {role.value for role in Role}:
        raise NotFound(f"there is no role {call.path['name']!r}; there are {', '.join(Role)}")
    return json_answer(_shown_role(Role(call.path["name"])))


async def change_role(desk: Desk, call: Call) -> Answer:
    """Refused: the roles are always the same."""
    raise Refusal(409, f"the roles of this server are {', '.join(Role)}, and no others")


async def authorize(desk: Desk, call: Call) -> Answer:
    """Refused: roles say what somebody may, for all objects of a type."""
    raise Refusal(409, "this server grants nothing to single objects: give users, groups or applications a role")


async def get_authorized(desk: Desk, call: Call) -> Answer:
    """Who may do what with an object, by their roles."""
    users, groups = await desk.look(lambda: _known(desk))
    found: dict[str, Any] = {each: [] for each in _ACCESS}
    subjects: list[tuple[str, str, tuple[Role, ...]]] = [("ROLE", role.value, (role,)) for role in Role]
    subjects += [("GROUP", one.id, one.roles) for one in groups.values()]
    subjects += [("USER", one.id, roles_of(one, groups)) for one in users.values()]
    for kind, subject_id, roles in subjects:
        for each in access_of(roles, call.path["type"]):
            found[each].append({"type": kind, "id": subject_id})
    return json_answer(found)


# -- what they share --------------------------------------------------------------------------------------------------


def _known(desk: Desk) -> tuple[dict[str, User], dict[str, Group]]:
    backend = desk.engine.backend
    return users_of(backend), groups_of(backend)


async def _user(desk: Desk, call: Call) -> tuple[User, dict[str, Group]]:
    users, groups = await desk.look(lambda: _known(desk))
    if call.path["id"] not in users:
        raise NotFound(f"there is no user {call.path['id']!r}")
    return users[call.path["id"]], groups


async def _group(desk: Desk, call: Call) -> tuple[Group, dict[str, User]]:
    users, groups = await desk.look(lambda: _known(desk))
    if call.path["id"] not in groups:
        raise NotFound(f"there is no group {call.path['id']!r}")
    return groups[call.path["id"]], users


async def _register(desk: Desk, request: Register) -> None:
    await desk.register(request)
    if desk.gate is not None:
        await desk.look(desk.gate.renew)


def _list(body: dict[str, Any], key: str) -> list[Any]:
    found = body.get(key)
    if found is not None and not isinstance(found, list):
        raise InvalidRequest(f"{key}: a list is expected")
    return found or []


def _named_groups(given: Iterable[Any], groups: dict[str, Group]) -> Iterable[str]:
    for one in given:
        name = one.get("id") if isinstance(one, dict) else one
        if not isinstance(name, str) or name not in groups:
            raise InvalidRequest(f"groups: there is no group {shown(name)}")
        yield name


def _without(names: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != gone)


def _granted(roles: Iterable[Role]) -> dict[str, Any]:
    roles = tuple(roles)
    types = ("WORKFLOW_DEF", "TASK_DEF", "APPLICATION", "USER", "SECRET_NAME", "TAG", "DOMAIN")
    may = {each: access_of(roles, each) for each in types}
    return {"grantedAccess": [{"target": {"type": key, "id": "*"}, "access": value} for key, value in may.items()]}


def _shown_role(role: Role) -> dict[str, Any]:
    return {"name": role.value, "permissions": [{"name": each} for each in access_of((role,), "TASK_DEF")]}


def _shown_group(one: Group) -> dict[str, Any]:
    roles = [_shown_role(role) for role in one.roles]
    return {"id": one.id, "description": one.description, "roles": roles, "defaultAccess": {}}


def _shown_user(one: User, groups: dict[str, Group]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": one.id, "name": one.name, "uuid": one.id, "applicationUser": False}
    found["roles"] = [_shown_role(role) for role in one.roles]
    found["groups"] = [_shown_group(groups[name]) for name in one.groups if name in groups]
    return found | {"createTime": one.created_at, "canSignIn": bool(one.password)}


_USER_ANSWER = record(("id", "name"), id=WORD, name=WORD, roles=array(OBJECT), groups=array(OBJECT), createTime=NUMBER)
_GROUP_ANSWER = record(("id",), id=WORD, description=WORD, roles=array(OBJECT), defaultAccess=OBJECT)
_ROLE = record(("name",), name=WORD, permissions=array(OBJECT))
_USER_BODY = Body(
    shape=record(
        name=MAYBE_WORD, password=MAYBE_WORD, roles={"type": ["array", "null"]}, groups={"type": ["array", "null"]}
    )
)
_GROUP_BODY = Body(shape=record(description=MAYBE_WORD, roles={"type": ["array", "null"]}))
_IDS = Body(shape=array(WORD))
_ANY = Body(shape=OBJECT, is_required=False)

ROUTES: tuple[Route, ...] = (
    get(
        "/users",
        list_users,
        flag("apps", "Nothing: applications have a path of their own."),
        answers={200: array(_USER_ANSWER)},
    ),
    get("/users/{id}", get_user, answers={200: _USER_ANSWER}),
    put("/users/{id}", put_user, body=_USER_BODY, answers={200: _USER_ANSWER}),
    delete("/users/{id}", delete_user),
    get("/users/{id}/permissions", get_user_permissions, answers={200: OBJECT}),
    get(
        "/users/{id}/checkPermissions",
        check_permissions,
        text("type", "Such as ``WORKFLOW_DEF``.", is_required=True),
        text("id", "Of the object."),
        answers={200: by_name(TRUTH)},
    ),
    get("/groups", list_groups, answers={200: array(_GROUP_ANSWER)}),
    get("/groups/{id}", get_group, answers={200: _GROUP_ANSWER}),
    put("/groups/{id}", put_group, body=_GROUP_BODY, answers={200: _GROUP_ANSWER}),
    delete("/groups/{id}", delete_group),
    get("/groups/{id}/permissions", get_group_permissions, answers={200: OBJECT}),
    get("/groups/{id}/users", list_members, answers={200: array(_USER_ANSWER)}),
    post("/groups/{id}/users", add_members, body=_IDS),
    delete("/groups/{id}/users", drop_members, body=_IDS),
    post("/groups/{id}/users/{userId}", add_member),
    delete("/groups/{id}/users/{userId}", drop_member),
    get("/roles", list_roles, answers={200: array(_ROLE)}),
    get("/roles/system", list_roles, answers={200: array(_ROLE)}),
    get("/roles/custom", list_custom_roles, answers={200: array(_ROLE)}),
    get("/roles/permissions", list_permissions, answers={200: array(OBJECT)}),
    post("/roles", change_role, body=_ANY),
    get("/roles/{name}", get_role, answers={200: _ROLE}),
    put("/roles/{name}", change_role, body=_ANY),
    delete("/roles/{name}", change_role),
    post("/auth/authorization", authorize, body=_ANY),
    delete("/auth/authorization", authorize, body=_ANY),
    get("/auth/authorization/{type}/{id}", get_authorized, answers={200: by_name(array(OBJECT))}),
)
