"""Secrets and variables in the store: sealed, given to tasks, told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import podium
from podium.client.sealing import KEY_VARIABLE, new_key
from podium.model.errors import InvalidRequest
from podium.testing.serving import running_server

CANARY = "canary-9b1c"


@podium.task(retries=0)
def charge(key: str, region: str) -> str:
    """Return the length of a key, and where."""
    if region == "nowhere":
        raise ValueError(f"no {key}")
    return f"{len(key)} {region}"


@podium.workflow
def paid() -> str:
    """Use a secret and a variable."""
    return charge(podium.secret("shop"), podium.env("region")).output


@pytest.fixture(params=["sqlite", "server"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kinds that can keep secrets."""
    return str(request.param)


@pytest.fixture
def client(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[podium.Client]:
    """A client whose engine has a key, and a file as its store: here, or in a server."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    store = f"sqlite:///{tmp_path}/store.db"
    with ExitStack() as stack:
        url = stack.enter_context(running_server(store)).api if kind == "server" else store
        yield stack.enter_context(podium.connect(url))


def test_a_task_gets_what_was_put(client: podium.Client) -> None:
    """A secret and a variable reach the task that names them; a changed value does from the next task on."""
    client.environment.put("region", "eu")
    client.secrets.put("shop", CANARY)
    with client.workers([charge]):
        assert client.run(paid, timeout=20).output == {"result": f"{len(CANARY)} eu"}
        client.secrets.put("shop", "other")
        client.environment.put("region", "us")
        assert client.run(paid, timeout=20).output == {"result": "5 us"}
    assert [each.name for each in client.secrets.list()] == ["shop"]
    assert client.environment.list()["region"] == "us"
    client.secrets.delete("shop")
    client.environment.delete("region")
    assert (client.secrets.list(), "region" in client.environment.list()) == ((), False)


def test_a_secret_stands_nowhere(client: podium.Client, tmp_path: Path) -> None:
    """No file of the store, no view of a run, no reason of a failed task and no export has a planted secret."""
    client.environment.put("region", "nowhere")
    client.secrets.put("shop", CANARY)
    with client.workers([charge]):
        run = client.run(paid, timeout=20)
    assert run.status == "FAILED"
    assert "***" in (run.reason or "")
    shown = f"{run}{run.to_records()}{run.tasks}{client.explain(run.workflow_id)}{client.secrets.list()}"
    assert CANARY not in shown
    client.close()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes()


def test_keys_are_changed_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an old key sealed is opened as long as that key is named, and what no key opens is not there."""
    url = f"sqlite:///{tmp_path}/store.db"
    old, new = new_key(), new_key()
    for keys, seen in [(old, CANARY), (f"{new},{old}", CANARY), (new, None)]:
        monkeypatch.setenv(KEY_VARIABLE, keys)
        with podium.connect(url) as client:
            if keys == old:
                client.secrets.put("shop", CANARY)
            assert isinstance(client, podium.EmbeddedClient)
            client.engine.renew()
            assert client.engine.secrets.get("shop") == seen


def test_one_sealed_value_does_not_stand_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever exchanges stored values without a key gets none of them to be used."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with podium.connect(f"sqlite:///{tmp_path}/store.db") as client:
        assert isinstance(client, podium.EmbeddedClient)
        client.secrets.put("shop", CANARY)
        seal, row = client.engine.seal, client.engine.backend.entry("secret", "shop")
        assert row is not None
        assert (seal.open("shop", row.body), seal.open("bank", row.body)) == (CANARY, None)


def test_without_a_key_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is refused where there is nothing to seal it with, and so is a key that is none."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with podium.connect("memory://") as client:
        with pytest.raises(InvalidRequest, match="podium secrets new-key"):
            client.secrets.put("shop", CANARY)
        assert client.secrets.list() == ()
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(InvalidRequest, match=KEY_VARIABLE):
        podium.connect("memory://")


@pytest.mark.parametrize(("name", "value"), [("a.b", "x"), ("", "x"), ("a", ""), ("ä", "x"), ("a", "x" * 70_000)])
def test_names_and_values_that_cannot_be_are_refused(client: podium.Client, name: str, value: str) -> None:
    """A name that would be a path, an empty value, and one that is too large are refused before they are kept."""
    for part in (client.secrets, client.environment):
        with pytest.raises(InvalidRequest):
            part.put(name, value)
