"""A block that can be entered once, and says so."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

from podium.model.errors import InvalidRequest

T = TypeVar("T")


class SingleUse(AbstractContextManager[T], Generic[T]):
    """
    Another context, of which a second entry is refused in words.

    Args:
        context: What is entered.
        words: What is said at the second time.
    """

    def __init__(self, context: AbstractContextManager[T], words: str) -> None:
        self._context = context
        self._words = words
        self._is_used = False

    def __enter__(self) -> T:
        if self._is_used:
            raise InvalidRequest(self._words)
        self._is_used = True
        return self._context.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return self._context.__exit__(kind, error, traceback)


#: What `SingleUse` says of a pool of workers.
SERVED = "these workers have served; for another block write client.workers(...) again"
