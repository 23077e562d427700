"""What callers do with policies of retention: ``client.retention.set(...)``, ``.list()``, ``.apply()``."""

from __future__ import annotations

from datetime import timedelta
from os import PathLike
from typing import Protocol

from podium.model.retention import RetentionPolicy


class RetentionPolicies(Protocol):
    """
    The policies of retention of a store, which its engines carry out.

    They are kept in the store. An engine looks at them when it has run for some seconds, when they change, and then
    again and again; runs go in commits of a few hundred, never one that has not ended, nor one with a sub-workflow that
    has not. `AsyncClient.retention` has the same methods, to be awaited.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     client.retention.set("90 days")
        ...     client.retention.set("7 days", workflow="ping", archive="/var/archive")
        ...     [(policy.workflow, policy.older_than) for policy in client.retention.list()]
        [(None, '90 days'), ('ping', '7 days')]
    """

    def set(
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

    def list(self) -> tuple[RetentionPolicy, ...]:
        """Return the policies, the one for all workflows first."""

    def remove(self, workflow: str | None = None) -> None:
        """
        Remove the policy of a workflow, or the one for all without a name: runs that it let go stay from now on.

        Raises:
            InvalidRequest: There is none.
        """

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
