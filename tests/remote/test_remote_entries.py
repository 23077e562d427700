"""What people set up beside definitions, through a client of a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_server import FakeServer

import podium
from podium import Client, task, workflow
from podium.client.sealing import new_key
from podium.model.errors import AlreadyExists, HandlerNotFound, InvalidRequest
from podium.testing.serving import running_server

PATIENCE_S = 60.0


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of a real server that can seal secrets."""
    monkeypatch.setenv("PODIUM_SECRETS_KEY", new_key())
    with running_server() as server, podium.connect(server.api) as made:
        yield made


@task
def show(password: str, region: str) -> int:
    """Tell how long a password is."""
    assert region == "eu"
    return len(password)


@workflow
def shows() -> int:
    """Use a secret and a variable."""
    return show(podium.secret("shop"), podium.env("region")).output


def test_secrets_and_variables_reach_the_tasks_of_workers_elsewhere(client: Client) -> None:
    """Values may begin like JSON; what is listed shows no secret, and what is deleted twice is fine."""
    client.secrets.put("shop", '"geheim')
    client.environment.put("region", "eu")

    assert [one.name for one in client.secrets.list()] == ["shop"]
    assert client.environment.list()["region"] == "eu"
    with client.workers([show]):
        assert client.run(shows, timeout=PATIENCE_S).result == 7
    for _ in range(2):
        client.secrets.delete("shop")
        client.environment.delete("region")
    assert client.secrets.list() == ()


def test_event_handlers_are_set_up_and_told_over_http(client: Client) -> None:
    """Added, replaced only where that is meant, found by event, told of a message, and taken out."""
    action = {"action": "start_workflow", "start_workflow": {"name": "told", "input": {"order": "${order}"}}}
    handler = podium.EventHandler(name="h", event="conductor:shop", actions=[action], active=True)

    @workflow
    def told(order: str) -> None:
        podium.human(f"look_at_{1}", order=order)

    client.register(told)
    client.event_handlers.add(handler)
    with pytest.raises(AlreadyExists):
        client.event_handlers.add(handler, replace=False)
    client.event_handlers.add(handler)
    assert [one.name for one in client.event_handlers.list("conductor:shop", active=True)] == ["h"]
    assert client.event_handlers.list("other") == ()
    assert client.event_handlers.get("h").actions == handler.actions

    client.event_handlers.publish("conductor:shop", {"order": "o-7"})
    assert len(client.search(name="told", input={"order": "o-7"})) == 1

    client.event_handlers.delete("h")
    for verb in (client.event_handlers.get, client.event_handlers.delete):
        with pytest.raises(HandlerNotFound):
            verb("h")
    with pytest.raises(InvalidRequest, match="EventHandler is expected"):
        client.event_handlers.add("h")  # type: ignore[arg-type]  # the mistake that is shown


def test_another_server_gets_a_value_as_it_stands() -> None:
    """Conductor takes the body for the value, whatever it looks like; JSON's quotes would become a part of it."""
    server = FakeServer().on("PUT /secrets/shop", (200, "")).on("PUT /environment/region", (200, ""))

    with server.client() as client:
        client.secrets.put("shop", "7")
        client.environment.put("region", "true")

    assert [body for what, _, body in server.asked if what.startswith("PUT")] == [7, True]
    assert server.headers[-1]["content-type"] == "text/plain"
