"""What the server answers: one module for each resource, each with its rows (`podium.server.routing.Route`)."""

from __future__ import annotations

from itertools import chain

from podium.server.resources import (
    access,
    admin,
    audit,
    events,
    finding,
    health,
    metadata,
    older,
    own,
    people,
    queues,
    schedules,
    schemas,
    tags,
    task_queues,
    tasks,
    values,
    webhooks,
    workflow_bulk,
    workflow_state,
    workflow_tests,
    workflows,
)
from podium.server.routing import Route

#: All rows.
ROUTES: tuple[Route, ...] = tuple(
    chain.from_iterable(
        module.ROUTES
        for module in (
            workflows,
            workflow_bulk,
            workflow_tests,
            tasks,
            task_queues,
            finding,
            events,
            metadata,
            queues,
            schedules,
            values,
            own,
            schemas,
            tags,
            workflow_state,
            admin,
            audit,
            access,
            people,
            webhooks,
            older,
            health,
        )
    )
)
