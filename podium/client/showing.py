"""What programs ask of a client that show runs while they go on, beside what everybody does: as ``podium`` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from podium.client.interface import Client

if TYPE_CHECKING:
    from podium.model.explanations import Explanation

#: Gives the call, or the command, that completes a task, by the run's id and the task's name.
Completing: TypeAlias = "Callable[[str, str], str]"


class RunWaits(Protocol):
    """Waits for runs a while at a time, and says once for each what needs somebody's help."""

    def for_end(self, run_id: str, deadline: float | None = None) -> bool:
        """
        Wait for the end of a run.

        Args:
            run_id: The run.
            deadline: On the monotonic clock, in seconds; None for as long as it takes.

        Returns:
            Whether it has ended.

        Raises:
            RunNotFound: No run has this id.
        """

    def says(self, run_id: str) -> str:
        """Say what a run waits for; empty if that cannot be said."""


class ShowingClient(Client, Protocol):
    """The client of such a program."""

    def waiting(self, completing: Completing | None = None) -> RunWaits:
        """
        Return what waits for runs a while at a time.

        Args:
            completing: None for the client's own call.
        """

    def explanation(self, run_id: str, completing: Completing) -> Explanation:
        """Say what a run waits for, as `podium.Client.explain` does, in the words of the program."""
