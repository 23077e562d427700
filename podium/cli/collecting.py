"""What a process that serves asks of Python's collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """
    Let the collector pass over everything that is there now: the code, which lives as long as the process.

    Else each full collection walks all of it, and takes as long as a hundred runs of a few steps. A library may not
    ask for that in somebody's program; a command that serves until it is told to stop owns its process.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
