"""E-mail and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.dsl.builders.declaring import builder, declared
from podium.dsl.external_steps import HttpResponse
from podium.dsl.steps import Step

__all__ = ["opsgenie", "sendgrid"]


@builder("OPS_GENIE", at=("output",))
def opsgenie(
    name: str,
    /,
    *,
    alias: str,
    description: str,
    message: str,
    token: str,
    visible_to: Sequence[Mapping[str, object]] | None = None,
    responders: Sequence[Mapping[str, object]] | None = None,
    details: Mapping[str, object] | None = None,
    actions: Sequence[str] | None = None,
    priority: str | None = None,
    entity: str | None = None,
    tags: Sequence[str] | None = None,
) -> Step[Any]:
    """
    Raise an alarm in Opsgenie (OPS_GENIE).

    Run by: Orkes.

    Args:
        name: The reference name.
        alias: The alarm's id, up to 512 characters.
        description: What has happened, up to 15,000 characters.
        message: What has happened, in short.
        token: The API key: `podium.dsl.secret`.
        visible_to: Who sees it: ``{"id": …, "type": …}``.
        responders: Who is told: ``{"username": …, "type": "user"}``.
        details: More about it.
        actions: What can be done about it.
        priority: ``P1`` to ``P5``.
        entity: What it is about, such as a server.
        tags: Words to find it by.

    Returns:
        The step; its output holds what Opsgenie answers.
    """
    declared()


@builder(
    "SENDGRID",
    output=HttpResponse[Any],
    at=("output", "response"),
    keys={"sender": "from", "integration": "sendgridConfiguration"},
)
def sendgrid(
    name: str,
    /,
    *,
    sender: str,
    to: str,
    subject: str,
    content: str,
    integration: str,
    content_type: str = "text/plain",
) -> Step[HttpResponse[Any]]:
    """
    Send an e-mail with SendGrid (SENDGRID).

    Run by: Orkes.

    Args:
        name: The reference name.
        sender: From whom; SendGrid must know the address.
        to: To whom.
        subject: The subject.
        content: The text.
        integration: SendGrid's name at the server.
        content_type: ``text/plain`` or ``text/html``.

    Returns:
        The step; ``.output`` is SendGrid's answer.
    """
    declared()
