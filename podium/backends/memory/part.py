"""What the duties of the memory store share."""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import NoReturn

from podium.backends.memory.tables import Tables
from podium.model.errors import StoreUnavailable


class MemoryPart:
    """The rows, and the lock that everybody takes to look at them."""

    def __init__(self) -> None:
        # Replaced by one that refuses when the store is closed, so that use after close is noticed here as on SQL.
        self._lock: Lock | _Closed = Lock()
        self._tables = Tables()

    def close(self) -> None:
        """Refuse everything from now on; closing twice is fine."""
        self._lock = _Closed()


class _Closed:
    """The lock of a closed store: nobody gets in."""

    def __enter__(self) -> NoReturn:
        raise StoreUnavailable("this store was closed")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nobody was let in, so nobody leaves."""
