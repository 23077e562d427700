"""
Webhooks of other systems: who may call one, and how it proves that it is the system it says.

Each has a verifier, as Orkes has them: headers that must be there, or a signature over what was sent. All comparisons
take the same time wherever two texts differ, and a signature that holds a moment is good for five minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from attrs import frozen

from podium.client.sealing import Seal
from podium.model.errors import InvalidRequest
from podium.model.payloads import dump, parse
from podium.model.texts import shown
from podium.server.parameters import INT_MAX

#: The kind of entries.
WEBHOOK = "webhook"
#: Stands for what proves a caller, where that is not shown.
_KEPT: Final = "***"
#: Milliseconds that a signature with a moment in it is good for, before and after it.
_FRESH_MS: Final = 5 * 60_000
#: What X asks to be signed: no JSON object is one.
_WORD: Final = re.compile(r"[\w+/=.-]{1,256}", re.ASCII)


class _Given(NamedTuple):
    """A call: its headers by lower-case name, its body, and when it came, in epoch milliseconds."""

    headers: Mapping[str, str]
    content: bytes
    now: int


@frozen(kw_only=True)
class Webhook:
    """What is done with the calls of a webhook."""

    id: str
    name: str
    #: Of `VERIFIERS`.
    verifier: str
    #: The headers that must be there, by lower-case name.
    headers: Mapping[str, str]
    #: The header that holds the signature, and the secret that it is made with.
    header_key: str
    secret: str
    #: Workflows whose runs hear of it, and those that it starts; by name the version, None for the greatest.
    receivers: Mapping[str, int | None]
    starts: Mapping[str, int | None]
    created_by: str = ""
    source: str = ""

    def body(self, seal: Seal) -> bytes:
        """
        Return it as the store keeps it: what proves a caller is sealed, as secrets are.

        Raises:
            InvalidRequest: There is no key to seal it with.
        """
        sealed = seal.seal(self.id, json.dumps([dict(self.headers), self.secret]))
        kept: dict[str, Any] = {"name": self.name, "verifier": self.verifier, "headerKey": self.header_key}
        kept |= {"receivers": dict(self.receivers), "starts": dict(self.starts), "sealed": sealed.decode()}
        return dump(kept | {"createdBy": self.created_by, "source": self.source})

    def to_dict(self) -> dict[str, Any]:
        """Return it as the API writes it, without what proves a caller."""
        return {
            "id": self.id,
            "name": self.name,
            "verifier": self.verifier,
            "headers": dict.fromkeys(self.headers, _KEPT),
            "headerKey": self.header_key,
            "secretValue": _KEPT if self.secret else None,
            "receiverWorkflowNamesToVersions": dict(self.receivers),
            "workflowsToStart": dict(self.starts),
            "sourcePlatform": self.source,
            "createdBy": self.created_by,
            "urlVerified": True,
            "url": f"/api/webhook/{self.id}",
        }


def stored_webhook(webhook_id: str, body: bytes, seal: Seal) -> Webhook | None:
    """Return a webhook as the store keeps it; None if no key opens what proves its callers."""
    found: Any = parse(body)
    opened = seal.open(webhook_id, found["sealed"].encode())
    if opened is None:
        return None
    headers, secret = json.loads(opened)
    return Webhook(
        id=webhook_id,
        name=found["name"],
        verifier=found["verifier"],
        headers=headers,
        header_key=found["headerKey"],
        secret=secret,
        receivers=found["receivers"],
        starts=found["starts"],
        created_by=found["createdBy"],
        source=found["source"],
    )


def read_webhook(webhook_id: str, given: Mapping[str, Any], created_by: str, before: Webhook | None) -> Webhook:
    """
    Read a webhook as Orkes's clients send it; ``***`` stands for what was kept before.

    Raises:
        InvalidRequest: A field is missing or wrong.
    """
    name, verifier = given.get("name"), given.get("verifier") or "HEADER_BASED"
    if not isinstance(name, str) or not name:
        raise InvalidRequest("name: a webhook needs one")
    if not isinstance(verifier, str) or verifier not in VERIFIERS:
        raise InvalidRequest(f"verifier: one of {', '.join(VERIFIERS)} is expected, not {shown(verifier)}")
    headers = {key.lower(): value for key, value in _texts(given, "headers").items()}
    secret, header_key = given.get("secretValue") or "", given.get("headerKey") or _HEADERS.get(verifier, "")
    if not isinstance(secret, str) or not isinstance(header_key, str):
        raise InvalidRequest("secretValue and headerKey are texts")
    if before is not None:
        headers = {key: before.headers.get(key, value) if value == _KEPT else value for key, value in headers.items()}
        secret = before.secret if secret in {_KEPT, ""} else secret
    _refuse_guessable(headers, secret)
    if not (headers if verifier == "HEADER_BASED" else secret and header_key):
        needed = "headers" if verifier == "HEADER_BASED" else "secretValue and headerKey"
        raise InvalidRequest(f"{needed}: {verifier} needs what callers are known by, or anybody could call")
    return Webhook(
        id=webhook_id,
        name=name,
        verifier=verifier,
        headers=headers,
        header_key=header_key.lower(),
        secret=secret,
        receivers=_versions(given, "receiverWorkflowNamesToVersions"),
        starts=_versions(given, "workflowsToStart"),
        created_by=created_by if before is None else before.created_by,
        source=str(given.get("sourcePlatform") or ""),
    )


def _refuse_guessable(headers: Mapping[str, str], secret: str) -> None:
    """Refuse what anybody could send: a header without a value, and what stands for a value that is not there."""
    for name, value in headers.items():
        if not value.strip():
            raise InvalidRequest(f"headers: {shown(name)} has no value, so whoever leaves it out would be let in")
    for name, value in {**headers, "secretValue": secret}.items():
        if value == _KEPT:
            raise InvalidRequest(f"{shown(name)}: {_KEPT} stands for the value that was kept before, and there is none")


def _texts(given: Mapping[str, Any], key: str) -> dict[str, str]:
    found = given.get(key) or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidRequest(f"{key}: an object of texts is expected, not {shown(found)}")
    return found


def _versions(given: Mapping[str, Any], key: str) -> dict[str, int | None]:
    found = given.get(key) or {}
    versions = [value for value in found.values() if value is not None] if isinstance(found, dict) else [""]
    if any(type(value) is not int or not 0 <= value <= INT_MAX for value in versions):
        raise InvalidRequest(f"{key}: an object of versions by workflow is expected, not {shown(found)}")
    return {name: version or None for name, version in found.items()}


def is_genuine(webhook: Webhook, headers: Mapping[str, str], content: bytes, now: int) -> bool:
    """Return whether a call is of the system that a webhook is for; *headers* by lower-case name."""
    return VERIFIERS[webhook.verifier](webhook, _Given(headers, content, now))


def challenge(webhook: Webhook, query: Mapping[str, str], content: bytes) -> str | None:
    """
    Return the answer to a system that only asks whether this is its webhook; None for a call that tells something.

    Slack sends a word to be sent back, X (Twitter) one to be signed. Only a word is: whoever asks has proved nothing
    yet, and a signed JSON object would be a call that proves itself.
    """
    if webhook.verifier == "TWITTER" and _WORD.fullmatch(query.get("crc_token", "")):
        digest = hmac.new(webhook.secret.encode(), query["crc_token"].encode(), hashlib.sha256).digest()
        return json.dumps({"response_token": f"sha256={base64.b64encode(digest).decode()}"})
    if webhook.verifier == "SLACK_BASED" and b'"url_verification"' in content:
        try:
            found = json.loads(content)
        except ValueError:
            return None  # no word to send back, so it must prove itself as every call
        if isinstance(found, dict) and found.get("type") == "url_verification":
            return json.dumps({"challenge": str(found.get("challenge"))})
    return None


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _by_headers(webhook: Webhook, call: _Given) -> bool:
    headers = call.headers
    found = [_same(headers.get(name, ""), wanted) for name, wanted in webhook.headers.items()]
    return bool(found) and all(found)


def _by_digest(webhook: Webhook, call: _Given) -> bool:
    """The header is the signature of the body, in hex or base64, perhaps behind ``sha256=``."""
    digest = hmac.new(webhook.secret.encode(), call.content, hashlib.sha256)
    given = call.headers.get(webhook.header_key, "").removeprefix("sha256=")
    found = [_same(given, digest.hexdigest()), _same(given, base64.b64encode(digest.digest()).decode())]
    return any(found)


def _by_slack(webhook: Webhook, call: _Given) -> bool:
    at = call.headers.get("x-slack-request-timestamp", "")
    digest = hmac.new(webhook.secret.encode(), f"v0:{at}:".encode() + call.content, hashlib.sha256)
    return _same(call.headers.get(webhook.header_key, ""), f"v0={digest.hexdigest()}") and _is_fresh(at, call.now)


def _by_stripe(webhook: Webhook, call: _Given) -> bool:
    parts = [part.partition("=") for part in call.headers.get(webhook.header_key, "").split(",")]
    at = next((value for key, _, value in parts if key.strip() == "t"), "")
    digest = hmac.new(webhook.secret.encode(), f"{at}.".encode() + call.content, hashlib.sha256).hexdigest()
    found = [_same(value, digest) for key, _, value in parts if key.strip() == "v1"]
    return any(found) and _is_fresh(at, call.now)


def _is_fresh(at: str, now: int) -> bool:
    return at.isdecimal() and at.isascii() and len(at) < 15 and abs(int(at) * 1000 - now) <= _FRESH_MS


VERIFIERS: Final[Mapping[str, Callable[[Webhook, _Given], bool]]] = {
    "HEADER_BASED": _by_headers,
    "HMAC_BASED": _by_digest,
    "SIGNATURE_BASED": _by_digest,
    "SLACK_BASED": _by_slack,
    "STRIPE": _by_stripe,
    "TWITTER": _by_digest,
}
#: Where signatures are, where a webhook does not say.
_HEADERS: Final = {
    "HMAC_BASED": "x-signature",
    "SIGNATURE_BASED": "x-hub-signature-256",
    "SLACK_BASED": "x-slack-signature",
    "STRIPE": "stripe-signature",
    "TWITTER": "x-twitter-webhooks-signature",
}
