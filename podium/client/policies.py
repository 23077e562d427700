"""``client.retention``: how long the runs of a store stay after their end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from os import PathLike
from pathlib import Path

from podium.client.checked import checked_text
from podium.client.driving import blocking
from podium.client.engine import EmbeddedEngine
from podium.client.retaining import carried_out
from podium.client.retention import Retention
from podium.engine.requests import Register
from podium.model.errors import InvalidRequest
from podium.model.retention import EVERY, KIND, RetentionPolicy, age_s


class EmbeddedRetention:
    """
    The policies of retention of a store, which its engines carry out.

    They are kept in the store. An engine looks at them when it has run for some seconds, when they change, and then
    again and again; runs go in commits of a few hundred, never one that has not ended, nor one with a sub-workflow that
    has not.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     client.retention.set("90 days")
        ...     client.retention.set("7 days", workflow="ping", archive="/var/archive")
        ...     [(policy.workflow, policy.older_than) for policy in client.retention.list()]
        [(None, '90 days'), ('ping', '7 days')]
    """

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
        """
        Say how long runs stay after their end.

        Args:
            older_than: Such as ``"30 days"``; None for ever, where the policy for all workflows says otherwise.
            workflow: The workflow's name, registered or not; its sub-workflows go with their parents. None for all
                workflows that have no policy of their own.
            archive: A folder of the machine on which the engine works, into which runs are written before they are
                deleted, see `podium.Client.prune`; None for nowhere.

        Raises:
            InvalidRequest: The age cannot be read, or the archive is a file.
        """
        age = f"{int(age_s(older_than))}s" if isinstance(older_than, timedelta) else older_than
        folder = None if archive is None else str(Path(archive).absolute())
        policy = RetentionPolicy(checked_text(workflow, "workflow"), checked_text(age, "older_than"), folder)
        kernel = await self._engine.started()
        await kernel.register(Register(entries=[(KIND, policy.name, policy.body())]))

    def list(self) -> tuple[RetentionPolicy, ...]:
        """Return the policies, the one for all workflows first."""
        rows = self._engine.backend.entries(KIND)
        found = [RetentionPolicy.of(row.name, row.body) for row in rows]
        return tuple(sorted(found, key=lambda policy: policy.workflow or ""))

    @blocking
    async def remove(self, workflow: str | None = None) -> None:
        """
        Remove the policy of a workflow, or the one for all without a name: runs that it let go stay from now on.

        Raises:
            InvalidRequest: There is none.
        """
        name = EVERY if workflow is None else workflow
        if self._engine.backend.entry(KIND, name) is None:
            raise InvalidRequest(f"there is no policy for {'all workflows' if workflow is None else workflow}")
        kernel = await self._engine.started()
        await kernel.register(Register(gone_entries=[(KIND, name)]))

    def apply(self, *, dry_run: bool = False) -> dict[str, int]:
        """
        Do now what the policies say.

        Args:
            dry_run: Only count.

        Returns:
            How many runs of each workflow were deleted, by name; sub-workflows included.

        Raises:
            InvalidRequest: There is no policy.
        """
        policies = self.list()
        if not policies:
            raise InvalidRequest("the store has no policy of retention; client.retention.set('30 days') makes one")
        engine, found = self._engine, Counter[str]()
        retention = Retention(engine.backend, engine.reader, engine.clock.now())
        for part in carried_out(policies, retention, dry_run=dry_run):
            found.update(part.values())
        return dict(sorted(found.items()))
