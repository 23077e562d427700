"""What a caller may say when a run is started, beside the workflow and its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from podium.model.statuses import IdempotencyStrategy


class StartOptions(TypedDict, total=False):
    """The options of `podium.client.EmbeddedClient.start` by name; each is optional."""

    version: int | None
    correlation_id: str | None
    priority: int
    task_to_domain: Mapping[str, str] | None
    idempotency_key: str | None
    idempotency_strategy: IdempotencyStrategy | str
    check: bool
