"""What callers ask of the kernel, beside the events of a single run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from podium.model.assignments import Consumer
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.statuses import IdempotencyStrategy
from podium.model.values import JsonValue


class StartRequest(NamedTuple):
    """Start a run; the answer is its id."""

    #: The id that the run will have.
    run_id: str
    input: Mapping[str, JsonValue]
    #: A registered workflow, unless a definition is given.
    name: str | None = None
    version: int | None = None
    definition: WorkflowDef | None = None
    correlation_id: str | None = None
    priority: int = 0
    task_to_domain: Mapping[str, str] = {}
    created_by: str | None = None
    idempotency_key: str | None = None
    idempotency_strategy: IdempotencyStrategy = IdempotencyStrategy.FAIL
    #: Why the run can only be recorded as FAILED.
    fault: str | None = None


class RestartRequest(NamedTuple):
    """Begin an ended run anew."""

    run_id: str
    use_latest: bool = False


class Register(NamedTuple):
    """Put definitions into the registry, replacing those of the same name and version."""

    workflows: Sequence[WorkflowDef] = ()
    task_defs: Sequence[TaskDef] = ()
    schemas: Sequence[SchemaDef] = ()


class Attach(NamedTuple):
    """A consumer serves its queues from now on."""

    consumer: Consumer


class Detach(NamedTuple):
    """A consumer stops; what it had not begun is offered to others."""

    consumer: Consumer
