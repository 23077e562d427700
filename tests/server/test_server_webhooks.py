"""Webhooks of other systems: who may call them, and what a call does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from server_calls import one_task

from podium.client.sealing import KEY_VARIABLE, Seal, new_key
from podium.model.errors import InvalidRequest
from podium.server.webhooks import VERIFIERS, Webhook, challenge, is_genuine, read_webhook, stored_webhook
from podium.testing.serving import running_server

SECRET, BODY, NOW = "canary-5db1", b'{"event": {"type": "paid"}}', 1_700_000_000_000


def a_webhook(verifier: str, **more: Any) -> Webhook:
    """Return a webhook that is read as it comes."""
    return read_webhook("w1", {"name": "shop", "verifier": verifier, "secretValue": SECRET, **more}, "ann", None)


def digest(content: bytes) -> Any:
    """Return the HMAC of a content."""
    return hmac.new(SECRET.encode(), content, hashlib.sha256)


SIGNED: dict[str, dict[str, str]] = {
    "HEADER_BASED": {"x-token": SECRET, "x-other": "b"},
    "HMAC_BASED": {"x-signature": base64.b64encode(digest(BODY).digest()).decode()},
    "SIGNATURE_BASED": {"x-hub-signature-256": f"sha256={digest(BODY).hexdigest()}"},
    "SLACK_BASED": {
        "x-slack-request-timestamp": str(NOW // 1000),
        "x-slack-signature": f"v0={digest(f'v0:{NOW // 1000}:'.encode() + BODY).hexdigest()}",
    },
    "STRIPE": {"stripe-signature": f"v0=x,t={NOW // 1000},v1={digest(f'{NOW // 1000}.'.encode() + BODY).hexdigest()}"},
    "TWITTER": {"x-twitter-webhooks-signature": f"sha256={base64.b64encode(digest(BODY).digest()).decode()}"},
}


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_call_is_genuine_if_it_is_signed_as_its_system_does(verifier: str) -> None:
    """With what was said; with another body, without a header, or late where it says when, it is not."""
    webhook = a_webhook(verifier, headers={"X-Token": SECRET, "X-Other": "b"})
    headers = SIGNED[verifier]

    assert is_genuine(webhook, headers, BODY, NOW)
    for name in headers:
        assert not is_genuine(webhook, {**headers, name: ""}, BODY, NOW)
        assert not is_genuine(webhook, {**headers, name: headers[name] + "é"}, BODY, NOW)
    assert is_genuine(webhook, headers, BODY + b" ", NOW) == (verifier == "HEADER_BASED")
    assert is_genuine(webhook, headers, BODY, NOW + 6 * 60_000) == (verifier not in {"SLACK_BASED", "STRIPE"})


def test_a_system_that_only_asks_is_answered() -> None:
    """Slack gets its word back, X its word signed; what tells something is none of that."""
    slack, twitter = a_webhook("SLACK_BASED"), a_webhook("TWITTER")
    asked = b'{"type":"url_verification","challenge":"abc"}'

    assert json.loads(challenge(slack, {}, asked) or "") == {"challenge": "abc"}
    signed = f"sha256={base64.b64encode(digest(b'word').digest()).decode()}"
    assert json.loads(challenge(twitter, {"crc_token": "word"}, b"") or "") == {"response_token": signed}
    assert challenge(twitter, {}, asked) is None


def test_nobody_gets_a_call_signed_by_asking() -> None:
    """What X asks to be signed is a word: a signed object could be sent as a call. A broken question is a call too."""
    twitter = a_webhook("TWITTER")
    for forged in ('{"order":"o-1"}', "{}", "[1]", "", " ", "a b", "x" * 1_000):
        assert challenge(twitter, {"crc_token": forged}, b"") is None
    assert challenge(a_webhook("SLACK_BASED"), {}, b'{"type":"url_verification"') is None


@pytest.mark.parametrize(
    "given",
    [
        {"verifier": "HEADER_BASED"},
        {"verifier": "HMAC_BASED"},
        {"verifier": "NONE"},
        {"name": ""},
        {"headers": {"a": 1}},
        {"headers": {"a": "b", "c": " "}},
        {"headers": {"a": "***"}},
        {"verifier": "STRIPE", "secretValue": "***"},
        {"headers": {"a": "b"}, "workflowsToStart": {"w": -1}},
        {"headers": {"a": "b"}, "workflowsToStart": {"w": "1"}},
    ],
)
def test_a_webhook_that_anybody_could_call_is_refused(given: dict[str, Any]) -> None:
    """Whatever proves a caller must be there, and fields have their types."""
    with pytest.raises(InvalidRequest):
        read_webhook("w1", {"name": "shop", **given}, "", None)


def test_what_proves_a_caller_is_sealed_and_never_shown() -> None:
    """It is opened with the key only, and stays where a change has ``***``."""
    seal = Seal([new_key()])
    webhook = a_webhook("HEADER_BASED", headers={"X-Token": SECRET})
    body = webhook.body(seal)

    assert SECRET not in body.decode() + json.dumps(webhook.to_dict())
    assert stored_webhook("w1", body, seal) == webhook
    assert stored_webhook("w1", body, Seal([new_key()])) is None
    changed = read_webhook("w1", {"name": "b", "headers": {"X-Token": "***"}, "secretValue": "***"}, "", webhook)
    assert (changed.headers, changed.secret, changed.name) == (webhook.headers, webhook.secret, "b")


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client of a server that has a key to seal with."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with running_server() as server, httpx.Client(base_url=server.api, timeout=30) as client:
        yield client


def test_a_call_starts_runs_and_lets_those_go_on_that_wait(sealed: httpx.Client) -> None:
    """Of the workflows that the webhook names, and no others; a call that is not genuine does nothing."""
    waiting = {
        "name": "w",
        "taskReferenceName": "paid",
        "type": "WAIT_FOR_WEBHOOK",
        "inputParameters": {"matches": {"$['event']['type']": "paid"}},
    }
    for name in ("order", "other"):
        sealed.post("/metadata/workflow", json={"name": name, "tasks": [waiting]}).raise_for_status()
    sealed.post("/metadata/workflow", json=one_task("refund")).raise_for_status()
    order, other = (sealed.post(f"/workflow/{name}", json={}).text for name in ("order", "other"))
    given = {"name": "shop", "headers": {"X-Token": SECRET}, "receiverWorkflowNamesToVersions": {"order": None}}
    made = sealed.post("/metadata/webhook", json={**given, "workflowsToStart": {"refund": None}}).json()

    url = made["url"].removeprefix("/api")
    assert sealed.post(url, content=BODY).status_code == 401
    assert sealed.post(f"{url}x", content=BODY).status_code == 404
    told = sealed.post(url, content=BODY, headers={"X-Token": SECRET}).raise_for_status().json()
    assert told["continued"] == [order]
    assert sealed.get(f"/workflow/{order}").json()["status"] == "COMPLETED"
    assert sealed.get(f"/workflow/{other}").json()["status"] == "RUNNING"
    assert sealed.get(f"/workflow/{told['started'][0]}").json()["input"] == {"event": {"type": "paid"}}
    found = sealed.get("/audit", params={"kind": "webhook", "verb": "receive"}).json()["results"]
    assert {each["runId"] for each in found} == {order, told["started"][0]}
    assert SECRET not in sealed.get("/metadata/webhook").text + sealed.get("/audit").text

    sealed.delete(f"/metadata/webhook/{made['id']}").raise_for_status()
    assert sealed.post(url, content=BODY, headers={"X-Token": SECRET}).status_code == 404
    assert sealed.get("/metadata/webhook").json() == []


def test_without_a_key_no_webhook_is_made(api: httpx.Client) -> None:
    """What proves its callers could not be sealed."""
    answer = api.post("/metadata/webhook", json={"name": "shop", "headers": {"X-Token": SECRET}})
    assert (answer.status_code, "PODIUM_SECRETS_KEY" in answer.text) == (400, True)
