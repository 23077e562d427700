"""Keys, tokens and roles: who may do what on a server that asks who calls."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import podium
from podium.client.embedded import open_embedded
from podium.engine.requests import Register
from podium.model.errors import PodiumError
from podium.server.access import APPLICATION, TOKEN_MS, AccessApplication, Gate, with_new_key
from podium.server.errors import Refusal
from podium.server.roles import Role
from podium.server.settings import ServerSettings
from podium.testing.serving import RunningServer, running_server
from tests.server.conftest import one_task


class Guarded:
    """A server that asks who calls, with an application for each role."""

    def __init__(self, server: RunningServer, keys: dict[Role, tuple[str, str]]) -> None:
        self.server = server
        self.keys = keys

    def token(self, role: Role) -> str:
        """Return a token of a role's key."""
        key_id, secret = self.keys[role]
        answer = httpx.post(f"{self.server.api}/token", json={"keyId": key_id, "keySecret": secret})
        return str(answer.json()["token"])

    def api(self, role: Role) -> httpx.Client:
        """Return a client that says who it is."""
        return httpx.Client(base_url=self.server.api, headers={"X-Authorization": self.token(role)})


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    """A server whose store has a key of each role."""
    keys: dict[Role, tuple[str, str]] = {}

    def opened() -> podium.EmbeddedClient:
        client = open_embedded("memory://")
        for role in Role:
            made = AccessApplication(id=role.lower(), name=role.lower(), roles=(role,))
            application, key_id, secret = with_new_key(made, 1)
            keys[role] = key_id, secret
            client.kernel.register(Register(entries=[(APPLICATION, made.id, application.body())])).wait()
        return client

    with running_server(opened, settings=ServerSettings(asks_who=True)) as server:
        yield Guarded(server, keys)


def test_nothing_is_told_to_who_does_not_say_who_he_is(guarded: Guarded) -> None:
    """Without a token, with a foreign or changed one, or a wrong secret: 401, and what SDKs look at; health is open."""
    with httpx.Client(base_url=guarded.server.api) as api:
        assert api.get("/health").status_code == 200
        token = guarded.token(Role.VIEWER)
        for headers, error in [
            ({}, "MISSING_TOKEN"),
            ({"X-Authorization": "x"}, "INVALID_TOKEN"),
            ({"X-Authorization": token[:-1] + ("0" if token[-1] != "0" else "1")}, "INVALID_TOKEN"),
            ({"X-Authorization": "x" + token}, "INVALID_TOKEN"),
        ]:
            answer = api.get("/metadata/workflow", headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (401, error)
        assert api.get("/metadata/workflow", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        for body in ({"keyId": guarded.keys[Role.ADMIN][0], "keySecret": "x"}, {"keyId": "x", "keySecret": "x"}, {}):
            assert api.post("/token", json=body).status_code in {400, 401}


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/metadata/workflow", None, {Role.ADMIN, Role.EDITOR, Role.VIEWER}),
        ("POST", "/metadata/workflow", one_task("kept"), {Role.ADMIN, Role.EDITOR}),
        ("PUT", "/environment/region", "eu", {Role.ADMIN, Role.EDITOR}),
        ("GET", "/tasks/poll/kept", None, {Role.ADMIN, Role.EDITOR, Role.WORKER}),
        ("POST", "/workflow/bulk/search", [], {Role.ADMIN, Role.EDITOR, Role.VIEWER}),
        ("POST", "/workflow/correlated/batch", {}, {Role.ADMIN, Role.EDITOR, Role.VIEWER}),
        ("GET", "/applications", None, {Role.ADMIN}),
        ("GET", "/podium/retention", None, {Role.ADMIN}),
        ("GET", "/workflow/execute/kept", None, {Role.ADMIN, Role.EDITOR}),
        ("GET", "/scheduler/schedules/nightly/pause", None, {Role.ADMIN, Role.EDITOR}),
        ("GET", "/scheduler/admin/pause", None, {Role.ADMIN, Role.EDITOR}),
        ("GET", "/tasks/search", None, {Role.ADMIN, Role.EDITOR, Role.VIEWER}),
        ("POST", "/tasks/queue/requeue/kept", None, {Role.ADMIN, Role.EDITOR}),
        ("POST", "/applications", {"name": "x"}, {Role.ADMIN}),
    ],
)
def test_roles_may_what_is_said_of_them(
    guarded: Guarded, method: str, path: str, body: Any, allowed: set[Role]
) -> None:
    """Who may is answered, and who may not is refused with 403 in words that name the role."""
    for role in Role:
        with guarded.api(role) as api:
            answer = api.request(method, path, json=body)
            assert (answer.status_code != 403) == (role in allowed), role
            assert role in allowed or role.value in answer.json()["message"]


def test_an_admin_makes_applications_and_keys_and_takes_them_back(guarded: Guarded) -> None:
    """A new key works with its roles; an inactive or removed one no longer does, nor do its tokens."""
    with guarded.api(Role.ADMIN) as api:
        made = api.post("/applications", json={"name": "billing"}).json()
        path = f"/applications/{made['id']}"
        assert api.post(f"{path}/roles/VIEWER").status_code == 200
        assert api.post(f"{path}/roles/KING").status_code == 400
        key = api.post(f"{path}/accessKeys").json()
        guarded.keys[Role.VIEWER] = key["id"], key["secret"]
        with guarded.api(Role.VIEWER) as viewer:
            assert viewer.get("/token/userInfo").json()["name"] == "billing"
            assert viewer.get("/metadata/workflow").status_code == 200
            assert api.post(f"{path}/accessKeys/{key['id']}/status").json()["status"] == "INACTIVE"
            assert viewer.get("/metadata/workflow").status_code == 401
        listed = api.get(f"{path}/accessKeys").text
        assert key["id"] in listed
        assert key["secret"] not in listed
        assert api.delete(path).status_code == 200
        assert api.get(path).status_code == 404


def test_a_client_says_who_it_is(guarded: Guarded) -> None:
    """podium.connect with a key works as far as the key's roles go."""
    for role, is_fine in ((Role.EDITOR, True), (Role.WORKER, False)):
        key_id, secret = guarded.keys[role]
        with podium.connect(guarded.server.api, key_id=key_id, key_secret=secret) as client:
            if is_fine:
                assert client.workflows() == ()
            else:
                with pytest.raises(PodiumError, match="WORKER"):
                    client.workflows()


def test_a_token_ends_after_an_hour() -> None:
    """EXPIRED_TOKEN is what lets SDKs ask for another one."""
    with open_embedded() as client:
        application, key_id, secret = with_new_key(AccessApplication(id="a", name="a"), 1)
        entries = [(APPLICATION, "a", application.body()), ("token_key", "1", b"k" * 32)]
        client.kernel.register(Register(entries=entries)).wait()
        gate = Gate(client.engine.backend)
        gate.renew()
        token = gate.token(key_id, secret, 1_000)
        assert gate.caller(token, 1_000 + TOKEN_MS - 1).id == "app:a"
        with pytest.raises(Refusal, match="expired") as refused:
            gate.caller(token, 1_000 + TOKEN_MS)
        assert refused.value.more["error"] == "EXPIRED_TOKEN"


def test_without_a_key_that_signs_nobody_is_let_in() -> None:
    """Where the key of tokens cannot be read, tokens signed with an empty one are refused like all others."""
    with open_embedded() as client:
        application, key_id, secret = with_new_key(AccessApplication(id="a", name="a"), 1)
        client.kernel.register(Register(entries=[(APPLICATION, "a", application.body())])).wait()
        gate = Gate(client.engine.backend)
        gate.renew()
        content = base64.urlsafe_b64encode(json.dumps([key_id, 10**15]).encode())
        forged = f"{content.decode()}.{hmac.new(b'', content, 'sha256').hexdigest()}"
        for ask in (lambda: gate.caller(forged, 1), lambda: gate.token(key_id, secret, 1)):
            with pytest.raises(Refusal) as refused:
                ask()
            assert refused.value.status == 503


def test_a_server_that_asks_nobody_has_no_tokens(api: httpx.Client) -> None:
    """404 for /token is what lets SDKs go without."""
    assert api.post("/token", json={"keyId": "a", "keySecret": "b"}).status_code == 404
