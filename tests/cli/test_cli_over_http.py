"""Each command with ``--db http://…``: the same words against a server, and a clear refusal where a store is needed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_calls import Podium
from typer.main import get_command

from podium.cli.main import app
from podium.client.sealing import new_key
from podium.testing.serving import RunningServer, running_server

#: Commands that only a process on the store itself can do.
OF_STORES = {
    *("server", "keys new", "keys list", "keys revoke", "db current", "db upgrade", "db check"),
    *(f"users {verb}" for verb in ("add", "list", "password", "remove", "roles")),
}

#: Commands that look at a server or change something there; each is called by a test below.
OVER_HTTP = {
    *("run", "register", "worker", "list", "runs", "search", "show", "explain", "logs", "watch", "timeline"),
    *("playback", "render", "graph", "diff", "resume", "retry", "restart", "rerun", "pause", "terminate", "complete"),
    *("skip", "fail", "signal", "message", "query", "prune", "audit", "heat", "what-if"),
    *(f"schedule {verb}" for verb in ("add", "list", "show", "pause", "resume", "delete", "next", "run")),
    *(f"retention {verb}" for verb in ("set", "list", "remove")),
    *(f"secrets {verb}" for verb in ("put", "list", "delete")),
}

#: Workflows that go on when somebody does something.
NET = """
from pathlib import Path

from podium import human, pull_messages, task, workflow


@task(retries=0)
def pay(amount: float) -> str:
    if not Path("solvent").exists():
        raise ValueError("the card is refused")
    return "paid"


@workflow
def pays(amount: float = 1.0) -> str:
    return pay(amount).output


@workflow
def signed() -> str:
    answer = human("signature")
    return pay(answer.output.amount).output


@workflow
def talks() -> str:
    heard = pull_messages("listen")
    return heard.output.messages[0].payload.word
"""


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server, which the commands are told of by the environment."""
    (folder / "net.py").write_text(NET)
    monkeypatch.setenv("PODIUM_SECRETS_KEY", new_key())
    with running_server() as running:
        monkeypatch.setenv("PODIUM_DB", running.api)
        yield running


@pytest.fixture
def ok(podium: Podium, server: RunningServer) -> Any:
    """Call ``podium`` and give what it wrote; it must have done what it was told."""

    def call(*words: str, code: int = 0, stdin: str | None = None) -> str:
        result = podium(*words, stdin=stdin)
        assert result.exit_code == code, result.output
        return str(result.stdout)

    return call


def newest(ok: Any) -> str:
    """Return the id of the newest run."""
    return str(json.loads(ok("list", "--json", "--limit", "1"))[0]["workflowId"])


def _with_db(command: Any, *names: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _with_db(each, *names, name)
    elif any("--db" in option.opts for option in command.params):
        yield " ".join(names)


def test_no_command_is_forgotten() -> None:
    """Whatever takes ``--db`` is tried here, or belongs to those that need the store."""
    assert set(_with_db(get_command(app))) == OF_STORES | OVER_HTTP


def test_a_workflow_is_registered_run_and_looked_at(ok: Any, folder: Path) -> None:
    """Run serves the tasks here and writes the output; lists, pictures and logs come from the server."""
    ok("register", "flows.py:hello")
    assert json.loads(ok("run", "flows.py:hello", "-i", "name=you", "--timeout", "60s")) == {"result": "hello you "}
    run_id = newest(ok)

    for verb in ("list", "runs", "search"):
        assert run_id in ok(verb, "--name", "hello", "-i", "name=you")
    assert "hello version 2: COMPLETED" in ok("show", run_id)
    assert "hello you" in ok("show", run_id[:23], "greet")
    assert "is COMPLETED" in ok("explain", "last")
    assert "COMPLETED" in ok("watch", run_id)
    assert "greet" in ok("timeline", run_id)
    assert "greet" in ok("playback", run_id)
    ok("render", run_id, "-o", "run.svg")
    assert "greet" in (folder / "run.svg").read_text()
    ok("graph", "-o", "all.svg")
    assert "hello" in (folder / "all.svg").read_text()
    assert ok("query", run_id, "${workflow.input.name}") == '"you"\n'


def test_two_versions_are_compared(ok: Any, folder: Path) -> None:
    """Both are the server's."""
    ok("register", "flows.py:hello")
    definition = json.loads(ok("export", "flows.py:hello")) | {"version": 3, "description": "later"}
    (folder / "later.json").write_text(json.dumps(definition))
    ok("register", "later.json")

    assert "description" in ok("diff", "hello@2", "hello@3")


def test_a_failed_run_is_taken_up(ok: Any, folder: Path) -> None:
    """Retry, restart and rerun go on with the tasks of a file, and fail, skip and terminate change what goes on."""
    ok("run", "net.py:pays", "--timeout", "60s", code=1)
    run_id = newest(ok)
    assert "the card is refused" in ok("show", run_id)
    assert "Traceback" in ok("logs", run_id, "pay", "--attempt", "1")
    (folder / "solvent").touch()
    for words in (["retry", run_id], ["restart", run_id], ["rerun", run_id, "--from", "pay"]):
        assert json.loads(ok(*words, "net.py:pays", "--timeout", "60s")) == {"result": "paid"}

    ok("schedule", "add", "net.py:pays", "--cron", "0 6 1 * *", "--name", "monthly")
    ok("schedule", "run", "monthly")
    waiting = newest(ok)
    assert "pay" in ok("explain", waiting)
    ok("fail", waiting, "pay", "--reason", "no shop")
    assert "no shop" in ok("watch", waiting, code=1)
    ok("schedule", "run", "monthly")
    ok("terminate", newest(ok), "--reason", "enough")
    assert "TERMINATED" in ok("show", "last")


def test_a_run_that_waits_is_told_to_go_on(ok: Any, podium: Podium, folder: Path) -> None:
    """Pause, resume, complete, signal, skip and message; what is to be typed next names the server."""
    ok("register", "net.py:signed", "net.py:talks")
    result = podium("run", "net.py:signed", "--timeout", "1s")
    assert result.exit_code == 1
    run_id = newest(ok)
    assert f"podium complete {run_id} signature --db {os.environ['PODIUM_DB']}" in ok("explain", run_id)
    ok("pause", run_id)
    assert "PAUSED" in ok("show", run_id)
    ok("resume", run_id)
    ok("skip", run_id, "pay", "-o", "result=gift")
    ok("complete", run_id, "signature", "-o", "amount=1")
    assert json.loads(ok("resume", run_id, "net.py:signed", "--timeout", "60s")) == {"result": "gift"}

    assert podium("run", "net.py:signed", "--timeout", "1s").exit_code == 1
    ok("signal", newest(ok), "-o", "amount=1")
    (folder / "solvent").touch()
    assert json.loads(ok("resume", newest(ok), "net.py:signed", "--timeout", "60s")) == {"result": "paid"}

    assert podium("run", "net.py:talks", "--timeout", "1s").exit_code == 1
    ok("message", newest(ok), "-i", "word=hi")
    assert json.loads(ok("resume", newest(ok), "net.py:talks", "--timeout", "60s")) == {"result": "hi"}


def test_schedules_retention_and_secrets_are_the_servers(ok: Any) -> None:
    """Set, shown and taken back."""
    ok("register", "flows.py:hello")
    ok("schedule", "add", "hello", "--cron", "0 6 1 * *", "--name", "monthly")
    assert "monthly" in ok("schedule", "list")
    assert "0 6 1 * *" in ok("schedule", "show", "monthly")
    assert len(ok("schedule", "next", "monthly").splitlines()) == 5
    ok("schedule", "pause", "monthly")
    ok("schedule", "resume", "monthly")
    ok("schedule", "delete", "monthly")

    ok("retention", "set", "30d", "--workflow", "hello")
    assert "30d" in ok("retention", "list")
    ok("retention", "remove", "--workflow", "hello")
    assert ok("prune", "--older-than", "30d", "--dry-run") == ""

    ok("secrets", "put", "shop", stdin="canary\n")
    listed = ok("secrets", "list")
    assert "shop" in listed
    assert "canary" not in listed
    ok("secrets", "delete", "shop")


def test_runs_are_counted_imagined_and_told_of(ok: Any) -> None:
    """The heat of a workflow's runs, what would have come of one, and who has started it."""
    ok("run", "flows.py:hello", "-i", "name=you", "--timeout", "60s")
    assert "greet" in ok("heat", "hello")
    assert "FAILED" in ok("what-if", newest(ok), "--fail", "greet")
    assert "start" in ok("audit")


@pytest.mark.parametrize("command", sorted(OF_STORES))
def test_what_needs_the_store_says_so(podium: Podium, server: RunningServer, command: str) -> None:
    """Before anything is done, with the reason."""
    more = {
        "keys new": ["me", "--role", "admin"],
        "keys revoke": ["k"],
        "users add": ["ann", "--role", "viewer"],
        "users roles": ["ann", "viewer"],
        "users password": ["ann"],
        "users remove": ["ann"],
    }.get(command, [])
    result = podium(*command.split(), *more, stdin="a long password\n")

    assert result.exit_code == 2
    assert f"{server.api} is a server, and this works on a store" in result.stderr


def test_copies_are_made_between_stores(podium: Podium, server: RunningServer) -> None:
    """Neither side may be a server."""
    for words in ((server.api, "sqlite:///copy.db"), ("sqlite:///podium.db", server.api)):
        result = podium("copy", *words)
        assert result.exit_code == 2
        assert "is a server" in result.stderr


def test_a_server_that_is_away_is_said(podium: Podium, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and a line with the address and what to do; no traceback."""
    monkeypatch.setattr("podium.client.remote.session._FIRST_S", 0.01)
    result = podium("list", "--db", "http://127.0.0.1:9/api")

    assert result.exit_code == 1
    assert "http://127.0.0.1:9/api cannot be reached" in result.stderr
