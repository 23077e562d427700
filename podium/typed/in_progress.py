"""What a task function returns that is not finished."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from podium.model.durations import exact_seconds
from podium.model.errors import InvalidRequest
from podium.model.texts import shown
from podium.model.values import JsonObject


def _length(value: str | float | timedelta) -> float:
    try:
        return exact_seconds(value)
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest(
            f"InProgress({shown(value)}): a length of time is expected, such as '5s', '250ms', 0.25 or a timedelta"
        ) from None


@frozen
class InProgress:
    """
    Returned by a task function that is not finished: it is called again later, with the same input.

    A task whose function is declared to return ``Quote | InProgress`` is a task that returns a ``Quote``.

    Example:
        >>> InProgress("5s", {"seen": 3}).callback_after
        5
    """

    #: Time until the next call: seconds, a text such as ``"5s"`` or ``"250ms"``, or a timedelta; to the millisecond.
    callback_after: float = field(default=0, converter=_length)
    #: What the next call finds as `podium.workers.TaskContext.previous_output`; shown as the task's output meanwhile.
    output: JsonObject = field(factory=dict)

    if TYPE_CHECKING:
        # Tells checkers that this is no `podium.dsl.tasks.Finished`, so that they can take it out of a union.
        __str__: ClassVar[None]  # type: ignore[assignment]  # that is the point
