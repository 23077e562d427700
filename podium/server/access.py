"""
Who may do what: applications with keys, tokens that stand for a key for an hour, and what each role may.

People sign in with their name and a password, and are given such a token too.

Conductor's SDKs post a key and its secret to ``/token`` and send the token they get as ``X-Authorization`` with every
other request (Orkes; the open-source server has none of it). A key's secret is random and long, so its hash is enough
to know it by; tokens are signed with a key of the store, which all its servers share.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from podium.engine.ports import RegistryStore
from podium.engine.requests import Register
from podium.model.errors import StoreError
from podium.model.payloads import dump, parse
from podium.model.values import JsonValue
from podium.server.errors import Refusal
from podium.server.limiting import Buckets
from podium.server.people import Group, User, groups_of, is_right, roles_of, users_of
from podium.server.roles import Role
from podium.server.routing import Route

#: The kinds of entries: applications with their keys, and the one key that signs tokens.
APPLICATION, SIGNING = "application", "token_key"
#: How often each address may sign in: a second, and at once. Workers that start together do.
_SIGN_INS = 1.0, 200
#: How ids of people begin in tokens and in the audit; ids of keys have no colon.
_USER = "user:"
#: Milliseconds that a token is good for; SDKs ask for another after 45 minutes.
TOKEN_MS = 60 * 60_000
#: Milliseconds for which a token is nearly new.
_NEW_MS = 5 * 60_000


@frozen(kw_only=True)
class AccessKey:
    """A key of an application; its secret is told once, when it is made."""

    id: str
    #: SHA-256 of the secret, in hex.
    digest: str
    created_at: int
    is_active: bool = True


@frozen(kw_only=True)
class AccessApplication:
    """Who calls: a worker, a service, a person's command line."""

    id: str
    name: str
    roles: tuple[Role, ...] = ()
    keys: tuple[AccessKey, ...] = ()
    created_at: int = 0
    updated_at: int = 0

    def body(self) -> bytes:
        """Return it as the store keeps it."""
        keys: list[JsonValue] = [
            {"id": key.id, "digest": key.digest, "createdAt": key.created_at, "isActive": key.is_active}
            for key in self.keys
        ]
        moments = {"createTime": self.created_at, "updateTime": self.updated_at}
        return dump({"name": self.name, "roles": [role.value for role in self.roles], "keys": keys, **moments})


def application_of(app_id: str, body: bytes) -> AccessApplication:
    """Return an application as the store keeps it."""
    found: Any = parse(body)
    keys = [
        AccessKey(id=key["id"], digest=key["digest"], created_at=key["createdAt"], is_active=key["isActive"])
        for key in found["keys"]
    ]
    return AccessApplication(
        id=app_id,
        name=found["name"],
        roles=tuple(Role(role) for role in found["roles"]),
        keys=tuple(keys),
        created_at=found["createTime"],
        updated_at=found["updateTime"],
    )


def with_new_key(application: AccessApplication, now: int) -> tuple[AccessApplication, str, str]:
    """Return an application with one key more, that key's id, and its secret."""
    key_id, secret = secrets.token_hex(12), secrets.token_urlsafe(32)
    key = AccessKey(id=key_id, digest=_digest(secret), created_at=now)
    return evolve(application, keys=(*application.keys, key), updated_at=now), key_id, secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def may(roles: tuple[Role, ...], route: Route) -> bool:
    """
    Return whether one of the roles may have a route.

    An editor may everything but deal with applications and retention; a viewer reads; a worker polls and says how
    attempts stand. Some SDKs ask by GET for what changes something, so the method alone tells nothing.
    """
    if Role.ADMIN in roles:
        return True
    is_of_admins = route.path.startswith(_OF_ADMINS)
    if Role.EDITOR in roles and not is_of_admins:
        return True
    if Role.VIEWER in roles and not is_of_admins and is_reading(route):
        return True
    is_work = route.path.startswith(_OF_WORKERS) and not route.path.startswith(_NO_WORK)
    return Role.WORKER in roles and is_work


def is_reading(route: Route) -> bool:
    """Return whether a route only shows something."""
    return route.path in _READING or (route.method == "GET" and not route.path.startswith(_CHANGING))


#: An archive is a folder of the server's machine, so policies are its keeper's.
_OF_ADMINS = (
    *("/applications", "/users", "/groups", "/roles", "/auth/"),
    *("/admin/config", "/podium/retention", "/audit"),
)
#: What changes something though it is asked for by GET.
_CHANGING = (
    "/tasks/poll/",
    "/workflow/execute/",
    "/scheduler/admin/",
    "/scheduler/schedules/{name}/pause",
    "/scheduler/schedules/{name}/resume",
)
#: What shows other attempts than the worker's own, or moves them.
_NO_WORK = ("/tasks/search", "/tasks/queue/")
_OF_WORKERS = ("/tasks", "/podium/tasks", "/podium/workers", "/token/userInfo")
_READING = frozenset(
    {
        "/workflow/{name}/correlated",
        "/workflow/correlated/batch",
        "/workflow/bulk/search",
        "/podium/runs/search",
        "/podium/statistics",
        "/podium/runs/{workflowId}/query",
        "/secrets",
    }
)


@frozen
class Caller:
    """Who calls: an application, by one of its keys, or a person."""

    #: As the audit has it: ``app:ID`` or ``user:ID``.
    id: str
    name: str
    roles: tuple[Role, ...]
    #: The key that was used; None of a person.
    key: str | None = None


@frozen(kw_only=True)
class _Known:
    """The applications and people as they were last read."""

    version: int = -1
    users: Mapping[str, User] = field(factory=dict)
    groups: Mapping[str, Group] = field(factory=dict)
    applications: Mapping[str, AccessApplication] = field(factory=dict)
    #: By the id of the key.
    keys: Mapping[str, tuple[AccessApplication, AccessKey]] = field(factory=dict)
    signing: bytes = b""


class Gate:
    """
    Knows who calls.

    It looks into memory only; `renew` reads the store, and is called by threads.

    Args:
        registry: Where applications are.
    """

    def __init__(self, registry: RegistryStore) -> None:
        self._registry = registry
        self._known = _Known()
        self._sign_ins = Buckets(*_SIGN_INS)

    def renew(self) -> None:
        """Read the applications again, if anything has changed and the store can be reached."""
        try:
            version = self._registry.registry_version()
            if version == self._known.version:
                return
            found = {row.name: application_of(row.name, row.body) for row in self._registry.entries(APPLICATION)}
            users, groups = users_of(self._registry), groups_of(self._registry)
            signing = self._registry.entry(SIGNING, "1")
        except StoreError:
            return
        keys = {key.id: (one, key) for one in found.values() for key in one.keys}
        body = b"" if signing is None else signing.body
        self._known = _Known(version=version, applications=found, keys=keys, signing=body, users=users, groups=groups)

    def refuse_often(self, address: str) -> None:
        """
        Count that somebody signs in, before it is known who.

        Raises:
            Refusal: 429, too many did from this address.
        """
        self._sign_ins.refuse(address, "too many have signed in from here; wait a moment")

    @property
    def applications(self) -> Mapping[str, AccessApplication]:
        """The applications by their ids."""
        return self._known.applications

    @property
    def has_signing_key(self) -> bool:
        """Whether tokens can be signed."""
        return bool(self._known.signing)

    def token(self, key_id: str, secret: str, now: int) -> str:
        """
        Return a token for a key.

        Raises:
            Refusal: 401, the key or its secret is wrong, or the key was taken back.
        """
        self._refuse_unsigned()
        _, key = self._known.keys.get(key_id, (None, None))
        # Something is compared in any case, so that the time it takes does not tell which keys there are.
        is_right = hmac.compare_digest(_digest(secret), key.digest if key is not None else _digest(""))
        if key is None or not is_right or not key.is_active:
            raise Refusal(401, "the key, or its secret, is not known here", error="INVALID_CREDENTIALS")
        return self._signed(key_id, now)

    def token_of_user(self, user_id: str, password: str, now: int) -> str:
        """
        Return a token for a person; it takes some 30 ms of a processor, so it is called by a thread.

        Raises:
            Refusal: 401, there is no such user, or the password is wrong.
        """
        self._refuse_unsigned()
        user = self._known.users.get(user_id)
        if not is_right(password, "" if user is None else user.password):
            raise Refusal(401, "the name, or the password, is not known here", error="INVALID_CREDENTIALS")
        return self._signed(f"{_USER}{user_id}", now)

    def renewed(self, token: str, now: int) -> str | None:
        """
        Return a token for the same caller that is good from now on; None where the one he has is nearly new.

        Args:
            token: One that `caller` has just taken.
            now: Epoch milliseconds.
        """
        who, expires_at = json.loads(base64.urlsafe_b64decode(token.partition(".")[0]))
        return self._signed(who, now) if expires_at - now < TOKEN_MS - _NEW_MS else None

    def _signed(self, who: str, now: int) -> str:
        content = base64.urlsafe_b64encode(json.dumps([who, now + TOKEN_MS]).encode())
        return f"{content.decode()}.{self._signature(content)}"

    def caller(self, token: str | None, now: int) -> Caller:
        """
        Return who a token stands for.

        Raises:
            Refusal: 401; its ``error`` tells an SDK whether another token would do (``EXPIRED_TOKEN``).
        """
        if not token:
            raise Refusal(
                401, "say who you are: POST /api/token, then the header X-Authorization", error="MISSING_TOKEN"
            )
        self._refuse_unsigned()
        content, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(content.encode()).encode()):
            raise Refusal(401, "this token is not one of this server", error="INVALID_TOKEN")
        who, expires_at = json.loads(base64.urlsafe_b64decode(content))
        found = self._person(who, expires_at) if who.startswith(_USER) else self._application(who)
        if found is None:
            raise Refusal(401, "the key of this token was taken back", error="REVOKED_KEY")
        if expires_at <= now:
            raise Refusal(401, "this token has expired", error="EXPIRED_TOKEN")
        return found

    def _application(self, key_id: str) -> Caller | None:
        application, key = self._known.keys.get(key_id, (None, None))
        if application is None or key is None or not key.is_active:
            return None
        return Caller(f"app:{application.id}", application.name, application.roles, key_id)

    def _person(self, who: str, expires_at: int) -> Caller | None:
        user = self._known.users.get(who.removeprefix(_USER))
        if user is None or not user.password or expires_at - TOKEN_MS < user.valid_from:
            return None
        return Caller(who, user.name, roles_of(user, self._known.groups))

    def _refuse_unsigned(self) -> None:
        # With an empty key anybody could sign.
        if not self._known.signing:
            raise Refusal(503, "the key that signs tokens cannot be read now")

    def _signature(self, content: bytes) -> str:
        return hmac.new(self._known.signing, content, hashlib.sha256).hexdigest()


def token_in(headers: Mapping[str, str]) -> str | None:
    """Return the token that a request brings: as Conductor's SDKs do, or as others do."""
    given = headers.get("x-authorization")
    if given is None:
        given = headers.get("authorization", "")
        given = given[7:] if given[:7].lower() == "bearer " else None
    return given


def signing_key() -> Register:
    """Return what puts a new key that signs tokens into the store."""
    return Register(new_entries=[(SIGNING, "1", secrets.token_bytes(32))])
