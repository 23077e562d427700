"""What callers do with schedules: ``client.schedules.add(...)``, ``.pause(...)``, ``.next(...)``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, TypeAlias

from podium.dsl import Workflow
from podium.model.schedules import Schedule, ScheduleInfo

#: What schedules are made of: one, or a workflow that says its own by ``@workflow(schedule=...)``.
Scheduled: TypeAlias = "Schedule | Workflow[..., Any]"


class Schedules(Protocol):
    """
    The schedules of a store.

    Their moments come while an engine works on the store: this client's, once it has done something, or that of any
    other process, such as ``podium worker``. `AsyncClient.schedules` has the same methods, to be awaited.

    Example:
        >>> import podium
        >>> @podium.workflow(schedule="0 6 1 * *")
        ... def billing() -> None:
        ...     podium.noop("nothing")
        >>> with podium.connect("memory://") as client:
        ...     client.register(billing)
        ...     [info.name for info in client.schedules.list()]
        ['billing']
    """

    def add(self, *schedules: Scheduled) -> None:
        """
        Put schedules into the store, or change those of the same names.

        One that is there keeps its history, and its next moment unless the times are others. A paused one goes on if
        the new one is not paused; `Client.register` leaves it paused.

        Args:
            schedules: Schedules of registered workflows; or workflows, which are registered first.

        Raises:
            WorkflowNotFound: The workflow of a schedule is not registered.
            InvalidRequest: A schedule has no workflow, or its input cannot be right.
        """

    def list(self, *, workflow: str | None = None) -> tuple[ScheduleInfo, ...]:
        """Return the schedules of a workflow, or all, by name."""

    def get(self, name: str) -> ScheduleInfo:
        """
        Return a schedule as it stands, with what became of its last moments.

        Raises:
            ScheduleNotFound: No schedule has this name.
        """

    def next(self, schedule: Schedule | str, count: int = 5) -> tuple[datetime, ...]:
        """
        Return the next moments; fewer where the schedule ends before, none while it is paused.

        Args:
            schedule: A schedule, in the store or not; its name; or a cron expression.
            count: How many.

        Raises:
            ScheduleNotFound: No schedule has this name, and it is no cron expression.
        """

    def pause(self, name: str, reason: str | None = None) -> None:
        """
        Let a schedule start nothing any more; its runs go on.

        Raises:
            ScheduleNotFound: No schedule has this name.
        """

    def resume(self, name: str) -> None:
        """
        Let a paused schedule go on from now; what it would have started meanwhile is not made up for.

        Raises:
            ScheduleNotFound: No schedule has this name.
        """

    def delete(self, name: str) -> None:
        """
        Remove a schedule; its runs stay.

        Raises:
            ScheduleNotFound: No schedule has this name.
        """

    def run(self, name: str) -> str:
        """
        Start a run of a schedule now, beside those that have not ended, and also while it is paused.

        Returns:
            The run's id.

        Raises:
            ScheduleNotFound: No schedule has this name.
            WorkflowNotFound: Its workflow is not registered.
        """
