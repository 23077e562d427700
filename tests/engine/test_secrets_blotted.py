"""Secrets do not reach reasons, outputs of failures, or logs, whoever it is that fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from urllib.parse import quote, quote_plus

import httpx
import pytest
from engine_flows import flow, inline, task
from hypothesis import given
from hypothesis import strategies as st

import podium
from podium import TaskContext, workflow
from podium.client.embedded import EmbeddedClient
from podium.expressions.secrets import BLOT, blotted, redact
from podium.model.statuses import TaskStatus

SECRET = "s3cr3t-VALUE-42"
GIVEN = {"deep": ["Bearer ${workflow.secrets.KEY}"]}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedClient]:
    """An engine on memory, with a secret."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", SECRET)
    with podium.connect("memory://") as made:
        yield made


@pytest.mark.parametrize("show", [str, repr, ascii, quote, quote_plus, str.encode])
@given(secret=st.text(min_size=3, max_size=30).filter(lambda text: len(text.strip()) >= 3 and text.strip() not in BLOT))
def test_a_secret_is_found_in_every_form(show: object, secret: str) -> None:
    """As it is, as a Python literal, and as in a URL."""
    shown = str(show(secret))  # type: ignore[operator]  # each takes a text
    blotted = redact(f"before {shown} after", GIVEN, {"KEY": secret})
    assert blotted != f"before {shown} after"
    assert BLOT in blotted


@pytest.mark.parametrize("secret", ["pa|ss{w}^`[x]~", 'a\\b"c', "100%x", "ü|€"])
@pytest.mark.parametrize("place", ["http://h/x?key={}&more=1", "http://h/keys/{}/more"])
def test_a_secret_is_found_in_the_address_that_a_server_quotes(place: str, secret: str) -> None:
    """As HTTP tasks encode it, which is not how `quote` does; also where the server tells it in JSON."""
    address = httpx.URL(place.format(secret)).raw_path.decode()
    for told in (address, json.dumps({"path": address})):
        before, after = place.removeprefix("http://h").split("{}")
        assert f"{before}{BLOT}{after}" in redact(told, GIVEN, {"KEY": secret})


def test_only_secrets_that_were_given_are_blotted_out() -> None:
    """Another secret's value is a word like any other."""
    secrets = {"KEY": "alpha", "OTHER": "beta"}
    assert redact({"a": ["alpha", "beta", 1, None]}, GIVEN, secrets) == {"a": [BLOT, "beta", 1, None]}


def test_a_part_of_a_secret_in_json_is_a_secret() -> None:
    """Where the input names a place in it, and each text of it where it names the whole."""
    given = "${workflow.secrets.DB.password}"
    secrets = {"DB": '{"user": "anna", "password": "pass-1"}'}
    assert redact("wrong: pass-1", given, secrets) == f"wrong: {BLOT}"


def test_a_line_of_a_secret_is_a_secret() -> None:
    """Libraries quote the line of a key that they cannot read."""
    secrets = {"KEY": "BEGIN\nabcdef\nEND"}
    assert redact("bad line 'abcdef'", GIVEN, secrets) == f"bad line '{BLOT}'"


def test_the_words_of_a_failed_script_hold_no_secret(client: EmbeddedClient) -> None:
    """Neither the reason nor the output; jq alike."""
    key = "${workflow.secrets.KEY}"
    thrown = client.run(flow(inline("i", "throw new Error($.key)", key=key)), timeout=10)
    query = task("JSON_JQ_TRANSFORM", "j", inputs={"key": key, "queryExpression": ".key | error"})
    asked = client.run(flow(query), timeout=10)
    for run in (thrown, asked):
        assert run.tasks[0].status in {TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR}
        assert BLOT in (run.tasks[0].reason_for_incompletion or "")
        assert SECRET not in str(run)


def test_the_words_of_a_worker_hold_no_secret(client: EmbeddedClient) -> None:
    """An input of the wrong type, an exception's text, and the lines that were logged."""

    @podium.task(retries=0)
    def dial(port: int) -> int:
        return port

    @podium.task(retries=0)
    def call(context: TaskContext, key: str) -> int:
        context.log(f"calling with {key}")
        raise ValueError(f"no such key: {key}")

    @workflow(version=1)
    def dialing() -> None:
        dial(podium.secret("KEY"))  # type: ignore[arg-type]  # the mistake

    @workflow(version=1)
    def calling() -> None:
        call(podium.secret("KEY"))

    with client.workers([dial, call]):
        for wrong in (dialing, calling):
            run = client.run(wrong, {}, timeout=10)
            attempt = run.tasks[0]
            lines = [one.log for one in client.logs(attempt.task_id)]
            assert BLOT in (attempt.reason_for_incompletion or "")
            assert SECRET not in str(run) + str(lines)
    assert lines[0] == f"calling with {BLOT}"


@given(secrets=st.lists(st.text("ab.", min_size=3, max_size=6), min_size=1, max_size=8), text=st.text("ab.c"))
def test_of_many_secrets_the_longest_that_fits_is_blotted_out(secrets: list[str], text: str) -> None:
    """As if each were tried at each place, the longer ones first."""
    either = "|".join(map(re.escape, sorted(secrets, key=len, reverse=True)))

    assert blotted(secrets)(text) == re.sub(either, BLOT, text)


def test_secrets_that_begin_like_each_other_at_any_depth_are_found() -> None:
    """A thousand of them, each with one more character than the one before."""
    assert blotted(["a" * length for length in range(3, 1000)])(f"x{'a' * 1998}y") == f"x{BLOT * 2}y"


def test_of_thousands_of_values_one_is_found_in_a_long_text() -> None:
    """And nothing else is taken for one: they share a pattern of many levels."""
    rng = Random(0)
    secrets = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=12)) for _ in range(5_000)]
    text = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz ", k=100_000))
    assert blotted(secrets)(f"{text}{secrets[17]}") == f"{text}{BLOT}"
