"""People, groups and roles: who signs in, and what they may."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.model.errors import InvalidRequest
from podium.server.people import User, hashed, is_right
from podium.server.roles import Role
from tests.server.test_server_access import Guarded, guarded

__all__ = ["guarded"]  # a fixture

PASSWORD = "correct horse"


@pytest.fixture
def admin(guarded: Guarded) -> Iterator[httpx.Client]:
    """An administrator of a server that asks who calls."""
    with guarded.api(Role.ADMIN) as client:
        yield client


def signed_in(api: str, name: str, password: str = PASSWORD) -> httpx.Client:
    """Return a client of somebody who has signed in."""
    token = httpx.post(f"{api}/token", json={"username": name, "password": password}).raise_for_status().json()["token"]
    return httpx.Client(base_url=api, headers={"X-Authorization": token})


@settings(max_examples=5, deadline=None)
@given(st.text(), st.text())
def test_a_password_is_known_by_what_is_kept_of_it(password: str, other: str) -> None:
    """And no other one; two people with one password do not have the same kept, and of nothing nothing is right."""
    kept = hashed(password)

    assert is_right(password, kept)
    assert is_right(other, kept) == (other == password)
    assert kept != hashed(password)
    assert not is_right(password, "")


def test_a_password_has_some_length() -> None:
    """A short one is refused, and so is one that would take long to hash."""
    for password in ("too short", "x" * 1_001):
        with pytest.raises(InvalidRequest, match="password"):
            User(id="ann", name="Ann").with_password(password, 1)


def test_people_sign_in_and_do_what_their_roles_say(guarded: Guarded, admin: httpx.Client) -> None:
    """By their name and password; the audit says who they are, and no answer what is kept of a password."""
    made = admin.put("/users/ann", json={"name": "Ann", "roles": ["USER"], "password": PASSWORD}).raise_for_status()
    assert [role["name"] for role in made.json()["roles"]] == ["EDITOR"]
    assert "scrypt" not in made.text
    with signed_in(guarded.server.api, "ann") as ann:
        who = ann.get("/token/userInfo").json()
        assert (who["id"], who["name"], who["applicationUser"]) == ("user:ann", "Ann", False)
        ann.put("/environment/region", content="eu").raise_for_status()
        assert ann.get("/users").status_code == 403
    (told,) = admin.get("/audit", params={"kind": "variable"}).json()["results"]
    assert (told["who"], told["details"]["name"]) == ("user:ann", "Ann")
    signed = admin.get("/audit", params={"verb": "sign_in", "who": "user:ann"}).json()["results"]
    assert [each["name"] for each in signed] == ["ann"]
    wrong = {"username": "ann", "password": "wrong"}
    assert httpx.post(f"{guarded.server.api}/token", json=wrong).status_code == 401
    assert httpx.post(f"{guarded.server.api}/token", json={**wrong, "username": "bob"}).status_code == 401


def test_another_password_and_the_end_of_a_person_end_what_was_signed_in(guarded: Guarded, admin: httpx.Client) -> None:
    """A token of before is refused from then on; a change of roles counts at once, and ends nothing."""
    admin.put("/users/ann", json={"roles": ["VIEWER"], "password": PASSWORD}).raise_for_status()
    with signed_in(guarded.server.api, "ann") as ann:
        assert ann.get("/metadata/workflow").status_code == 200
        admin.put("/users/ann", json={"roles": ["WORKER"]}).raise_for_status()
        assert ann.get("/metadata/workflow").status_code == 403
        admin.put("/users/ann", json={"password": PASSWORD * 2}).raise_for_status()
        assert ann.get("/tasks/poll/x").status_code == 401
    with signed_in(guarded.server.api, "ann", PASSWORD * 2) as ann:
        admin.delete("/users/ann").raise_for_status()
        assert ann.get("/tasks/poll/x").status_code == 401


def test_groups_share_their_roles(admin: httpx.Client) -> None:
    """Whoever is in one has its roles; who is taken out, or whose group goes, has them no longer."""
    for name in ("ann", "bob"):
        admin.put(f"/users/{name}", json={"name": name}).raise_for_status()
    admin.put("/groups/ops", json={"description": "on call", "roles": ["EDITOR"]}).raise_for_status()
    admin.post("/groups/ops/users", json=["ann", "bob"]).raise_for_status()
    assert [one["id"] for one in admin.get("/groups/ops/users").json()] == ["ann", "bob"]
    may = admin.get("/users/ann/checkPermissions", params={"type": "WORKFLOW_DEF", "id": "order"}).json()
    assert may == dict.fromkeys(("CREATE", "READ", "UPDATE", "DELETE", "EXECUTE"), True)
    admin.delete("/groups/ops/users/ann").raise_for_status()
    assert [one["id"] for one in admin.get("/groups/ops/users").json()] == ["bob"]
    admin.delete("/groups/ops").raise_for_status()
    assert admin.get("/users/bob").json()["groups"] == []
    assert admin.get("/groups/ops").status_code == 404
    assert admin.post("/groups/none/users/ann").status_code == 404
    assert admin.put("/users/bob", json={"groups": ["none"]}).status_code == 400


def test_roles_are_four_and_grant_nothing_to_single_objects(admin: httpx.Client) -> None:
    """They can be read; what would change them, or grant access to one object, is refused and says why."""
    assert [role["name"] for role in admin.get("/roles").json()] == ["ADMIN", "EDITOR", "VIEWER", "WORKER"]
    assert admin.get("/roles/custom").json() == []
    assert admin.get("/roles/KING").status_code == 404
    assert admin.post("/roles", json={"name": "KING"}).status_code == 409
    assert admin.post("/auth/authorization", json={}).status_code == 409
    may = admin.get("/auth/authorization/WORKFLOW_DEF/order").json()
    assert [one["id"] for one in may["UPDATE"]] == ["ADMIN", "EDITOR"]
    assert admin.put("/users/ann", json={"roles": ["KING"]}).status_code == 400
    assert admin.put("/users/a:b", json={}).status_code == 400
