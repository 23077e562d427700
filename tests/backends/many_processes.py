"""Several processes on one store, as its tests see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from podium.backends.loader import open_backend
from podium.engine.ports import Backend

#: Opens another process's way to one and the same store.
Open = Callable[[], Backend]


@contextmanager
def ways_to(url: str) -> Iterator[Open]:
    """Return what opens a store as often as it is called; all are closed at the end."""
    with ExitStack() as stack:

        def opened() -> Backend:
            store = open_backend(url)
            stack.callback(store.close)
            return store

        yield opened
