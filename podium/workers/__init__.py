"""
Workers: the functions behind tasks, run in this process for an engine here or elsewhere.

Plain functions run on threads, async functions on an event loop in a thread of its own. What a function returns becomes
the task's output; an exception makes the attempt FAILED, `podium.model.errors.TerminalTaskError` makes it fail for
good.
"""

from __future__ import annotations

from podium.typed.in_progress import InProgress
from podium.workers.context import TaskContext, current
from podium.workers.pool import WorkerPool, serve

__all__ = ["InProgress", "TaskContext", "WorkerPool", "current", "serve"]
