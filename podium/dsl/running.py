"""
Whether a task function is running here: then a call that builds a step is a mistake.

The worker room, which stands above this one, says so.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Running(Protocol):
    """What runs: an attempt of a task."""

    #: The function has returned.
    is_over: bool


_running: ContextVar[Running | None] = ContextVar("podium_running", default=None)


def enter(attempt: Running) -> None:
    """Let this be what runs here, until it is over."""
    _running.set(attempt)


def running() -> Running | None:
    """Return what runs here, also in ``asyncio.to_thread``; None if nothing does."""
    found = _running.get()
    return None if found is None or found.is_over else found
