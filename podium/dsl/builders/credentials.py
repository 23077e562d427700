"""Secrets and signed tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs

from podium.dsl.builders.converting import in_seconds, one_of
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.settings import Duration
from podium.dsl.steps import Step

__all__ = ["SignedToken", "signed_jwt", "update_secret"]


@attrs.frozen(kw_only=True)
class SignedToken:
    """The output of `signed_jwt`."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"secrets": "_secrets"}

    #: The token, masked wherever it is shown; in which form is not documented.
    secrets: Any


@builder("UPDATE_SECRET", output=None, inside="_secrets", keys={"key": "secretKey", "value": "secretValue"})
def update_secret(name: str, /, *, key: str, value: str) -> Step[None]:
    """
    Set a secret of the server (UPDATE_SECRET).

    Run by: Orkes.

    Args:
        name: The reference name.
        key: The secret's name; it is made if there is none.
        value: Its new value; a reference, or the definition itself would tell it.
    """
    declared()


@builder(
    "GET_SIGNED_JWT",
    output=SignedToken,
    keys={"ttl": "ttlInSecond"},
    convert={"ttl": in_seconds, "algorithm": one_of("RS256")},
)
def signed_jwt(
    name: str,
    /,
    *,
    subject: str,
    issuer: str,
    private_key: str,
    private_key_id: str,
    audience: str,
    ttl: Duration,
    scopes: str | Sequence[str],
    algorithm: str = "RS256",
) -> Step[SignedToken]:
    """
    Sign a JSON Web Token (GET_SIGNED_JWT).

    Run by: Orkes.

    Args:
        name: The reference name.
        subject: Whom it speaks of.
        issuer: Who gives it out.
        private_key: The key in PKCS#8: `podium.dsl.secret`.
        private_key_id: The key's id.
        audience: Whom it is for.
        ttl: How long it is good.
        scopes: What it allows.
        algorithm: ``RS256``, which is the only one.

    Returns:
        The step; ``.output.secrets`` holds the token.
    """
    declared()
