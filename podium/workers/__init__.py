"""
Workers: the functions behind tasks, run in this process for an engine here or elsewhere.

Plain functions run on threads, async functions on an event loop in a thread of its own. What a function returns becomes
the task's output; an exception makes the attempt FAILED, `podium.model.errors.TerminalTaskError` makes it fail for
good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.model.later import loader
from podium.typed.in_progress import InProgress
from podium.workers.context import TaskContext, current
from podium.workers.pool import WorkerPool, serve

if TYPE_CHECKING:
    from podium.workers.handling import Handler
    from podium.workers.push import PushRoute

__all__ = ["Handler", "InProgress", "PushRoute", "TaskContext", "WorkerPool", "current", "serve"]

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    # asyncio is slow to import, and few need them
    __getattr__ = loader(__name__, {"Handler": "podium.workers.handling", "PushRoute": "podium.workers.push"})
