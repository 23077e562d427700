"""What a caller may say when a run is started, beside the workflow and its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypedDict

from podium.dsl import Workflow
from podium.model.definitions import WorkflowDef
from podium.model.statuses import IdempotencyStrategy

#: What can be started: a workflow, a definition as it is, or the name of a registered one.
Startable: TypeAlias = "Workflow[..., Any] | WorkflowDef | str"


class StartOptions(TypedDict, total=False):
    """The options of `podium.client.EmbeddedClient.start` by name; each is optional."""

    version: int | None
    correlation_id: str | None
    priority: int
    task_to_domain: Mapping[str, str] | None
    idempotency_key: str | None
    idempotency_strategy: IdempotencyStrategy | str
    check: bool
