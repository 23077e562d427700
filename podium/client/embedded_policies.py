"""The policies of `podium.client.policies` on an engine in this process."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from os import PathLike
from pathlib import Path

from podium.client.checked import checked_text
from podium.client.driving import blocking
from podium.client.engine import EmbeddedEngine
from podium.client.policies import RetentionPolicies
from podium.client.retaining import carried_out
from podium.client.retention import Retention
from podium.dsl.arguments import checked_verbs
from podium.engine.requests import Register
from podium.model.errors import InvalidRequest
from podium.model.retention import EVERY, KIND, RetentionPolicy, age_text


@checked_verbs
class EmbeddedRetention(RetentionPolicies):
    """The `RetentionPolicies` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    @blocking
    async def set(
        self,
        older_than: timedelta | str | None,
        *,
        workflow: str | None = None,
        archive: str | PathLike[str] | None = None,
    ) -> None:
        age = age_text(older_than)
        folder = None if archive is None else str(Path(archive).absolute())
        policy = RetentionPolicy(checked_text(workflow, "workflow"), checked_text(age, "older_than"), folder)
        kernel = await self._engine.started()
        await kernel.register(Register(entries=[(KIND, policy.name, policy.body())]))

    def list(self) -> tuple[RetentionPolicy, ...]:
        rows = self._engine.backend.entries(KIND)
        found = [RetentionPolicy.of(row.name, row.body) for row in rows]
        return tuple(sorted(found, key=lambda policy: policy.workflow or ""))

    @blocking
    async def remove(self, workflow: str | None = None) -> None:
        name = EVERY if workflow is None else workflow
        if self._engine.backend.entry(KIND, name) is None:
            raise InvalidRequest(f"there is no policy for {'all workflows' if workflow is None else workflow}")
        kernel = await self._engine.started()
        await kernel.register(Register(gone_entries=[(KIND, name)]))

    def apply(self, *, dry_run: bool = False) -> dict[str, int]:
        policies = self.list()
        if not policies:
            raise InvalidRequest("the store has no policy of retention; client.retention.set('30 days') makes one")
        engine, found = self._engine, Counter[str]()
        retention = Retention(engine.backend, engine.reader, engine.clock.now())
        for part in carried_out(policies, retention, dry_run=dry_run):
            found.update(part.values())
        return dict(sorted(found.items()))
