"""Where a run came from, so that it can be looked at again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.model.runs import WorkflowRun


class RunSource:
    """
    Gives a run anew, from the client that it came from.

    It stays where it is: a copy of a run shares it, and a run that is sent to another process arrives without it.

    Args:
        fetch: Gives the run as it stands.
    """

    __slots__ = ("_fetch",)

    def __init__(self, fetch: Callable[[], WorkflowRun]) -> None:
        self._fetch = fetch

    def __call__(self) -> WorkflowRun:
        """Return the run as it stands; errors as the client has them."""
        return self._fetch()

    def __copy__(self) -> RunSource:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> RunSource:
        return self

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _nowhere, ()


def _nowhere() -> None:
    """Stand for a source that was left behind in another process."""
