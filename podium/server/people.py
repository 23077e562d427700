"""People and the groups they are in: users with passwords, and what roles they have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from podium.engine.ports import RegistryStore
from podium.engine.requests import Register
from podium.model.errors import InvalidRequest
from podium.model.payloads import dump, parse
from podium.server.roles import Role

#: The kinds of entries.
USER, GROUP = "user", "group"
#: Fewest and most characters of a password.
PASSWORD_MIN, _PASSWORD_MAX = 10, 1_000
#: What a password costs who guesses: 16 MiB and some 30 ms for each.
_COST, _BLOCK, _PARALLEL = 14, 8, 1


@frozen(kw_only=True)
class Group:
    """People who share roles."""

    id: str
    description: str = ""
    roles: tuple[Role, ...] = ()

    def body(self) -> bytes:
        """Return it as the store keeps it."""
        return dump({"description": self.description, "roles": [role.value for role in self.roles]})


@frozen(kw_only=True)
class User:
    """A person; signs in with a password, if there is one."""

    #: What the person signs in as.
    id: str
    name: str
    roles: tuple[Role, ...] = ()
    groups: tuple[str, ...] = ()
    #: As `hashed` gives it; empty for who cannot sign in.
    password: str = ""
    #: What was signed in before is over, in epoch milliseconds.
    valid_from: int = 0
    created_at: int = 0

    def body(self) -> bytes:
        """Return it as the store keeps it."""
        kept: dict[str, Any] = {"name": self.name, "groups": list(self.groups), "password": self.password}
        kept["roles"] = [role.value for role in self.roles]
        return dump(kept | {"validFrom": self.valid_from, "createTime": self.created_at})

    def with_password(self, password: str, now: int) -> User:
        """
        Return the user with another password, signed out everywhere.

        Raises:
            InvalidRequest: It is too short, or too long.
        """
        if not isinstance(password, str) or not PASSWORD_MIN <= len(password) <= _PASSWORD_MAX:
            raise InvalidRequest(f"a password has {PASSWORD_MIN} characters at least, and {_PASSWORD_MAX} at most")
        return evolve(self, password=hashed(password), valid_from=now)


def users_of(registry: RegistryStore) -> dict[str, User]:
    """Return the users of a store by their ids."""
    return {row.name: _user_of(row.name, row.body) for row in registry.entries(USER)}


def groups_of(registry: RegistryStore) -> dict[str, Group]:
    """Return the groups of a store by their ids."""
    return {row.name: _group_of(row.name, row.body) for row in registry.entries(GROUP)}


def _user_of(user_id: str, body: bytes) -> User:
    found: Any = parse(body)
    return User(
        id=user_id,
        name=found["name"],
        roles=tuple(map(Role, found["roles"])),
        groups=tuple(found["groups"]),
        password=found["password"],
        valid_from=found["validFrom"],
        created_at=found["createTime"],
    )


def _group_of(group_id: str, body: bytes) -> Group:
    found: Any = parse(body)
    return Group(id=group_id, description=found["description"], roles=tuple(map(Role, found["roles"])))


def roles_of(user: User, groups: Mapping[str, Group]) -> tuple[Role, ...]:
    """Return the roles of a user, those of the groups included."""
    shared = (role for name in user.groups if name in groups for role in groups[name].roles)
    return tuple(dict.fromkeys((*user.roles, *shared)))


def without_group(group_id: str, users: Iterable[User]) -> Register:
    """Return what takes a group out, and everybody out of it."""
    left = [one for one in users if group_id in one.groups]
    members = [evolve(one, groups=tuple(each for each in one.groups if each != group_id)) for one in left]
    return Register(entries=[(USER, one.id, one.body()) for one in members], gone_entries=[(GROUP, group_id)])


def checked_id(given: str, what: str) -> str:
    """
    Return the id of a user or a group.

    Raises:
        InvalidRequest: It cannot be one.
    """
    if not given or len(given) > 200 or not given.isprintable() or ":" in given or "/" in given:
        raise InvalidRequest(f"the id of a {what} has 200 printable characters at most, without : and /")
    return given


#: What Orkes calls roles like ours.
_SYNONYMS: Mapping[str, Role] = {
    **dict.fromkeys(("USER", "METADATA_MANAGER", "WORKFLOW_MANAGER", "UNRESTRICTED_WORKER_MANAGER"), Role.EDITOR),
    **dict.fromkeys(("USER_READ_ONLY", "READ_ONLY_USER", "METADATA_VIEWER"), Role.VIEWER),
    "UNRESTRICTED_WORKER": Role.WORKER,
}


def roles_in(given: Iterable[Any]) -> tuple[Role, ...]:
    """
    Return roles by their names, or by those that Orkes has for them.

    Raises:
        InvalidRequest: There is no such role.
    """
    found = []
    for one in given:
        word = str(one.get("name") if isinstance(one, Mapping) else one).upper()
        if word not in _SYNONYMS and word not in {role.value for role in Role}:
            raise InvalidRequest(f"a role is one of {', '.join(Role)}, not {word[:50]!r}")
        found.append(_SYNONYMS.get(word) or Role(word))
    return tuple(dict.fromkeys(found))


def hashed(password: str) -> str:
    """Return what is kept of a password: enough to know it by, and to nobody's use."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    words = (base64.b64encode(each).decode() for each in (salt, digest))
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *words))


def is_right(password: str, kept: str) -> bool:
    """Return whether a password is the one of which this is kept; it takes as long where nothing is."""
    kind, cost, block, parallel, salt, digest = (kept or _NOBODY).split("$")
    found = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(digest)) and bool(kept) and kind == "scrypt"


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    content = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(content, salt=salt, n=1 << cost, r=block, p=parallel, maxmem=1 << 27)


_NOBODY = f"scrypt${_COST}${_BLOCK}${_PARALLEL}$AAAA$AAAA"
