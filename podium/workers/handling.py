"""
Workers that are called instead of polling: one attempt in, its result out, nothing kept.

For serverless functions `Handler`; for web applications the same as a route, see `podium.workers.push`.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Iterable, Mapping
from contextvars import copy_context
from time import time
from typing import Any

from podium.dsl import Task
from podium.dsl.names import nearest
from podium.model.errors import InvalidRequest
from podium.model.handouts import assignment_of, result_of
from podium.model.values import JsonObject, JsonValue
from podium.workers.attempts import Attempt
from podium.workers.functions import WorkerFunction
from podium.workers.pool import checked_tasks


class _Desk:
    """What an attempt needs of whoever reports on it, where nobody listens until it has ended."""

    def __init__(self, worker_id: str) -> None:
        self.worker_id = worker_id

    def now(self) -> int:
        """Return the time in epoch milliseconds."""
        return round(time() * 1000)

    def beat(self, attempt: Attempt) -> None:
        """Do nothing: whoever called knows that the function is alive."""

    def reveal(self, value: JsonValue) -> JsonValue:
        """Return the value: the server has put the secrets in."""
        return value


class Handler:
    """
    Does attempts of tasks with their functions, one call for each; it holds no state and no connection.

    Args:
        tasks: Made with ``@task``, each name once.
        worker_id: Who works, as the server shows it; None for the host and the process.

    Raises:
        InvalidRequest: Something is no task, or a name comes twice.

    Example:
        >>> from podium import task
        >>> @task
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> handle = Handler([double])
        >>> handle({"taskType": "double", "taskId": "t", "workflowInstanceId": "r", "inputData": {"number": 4},
        ...         "status": "IN_PROGRESS"})["outputData"]
        {'result': 8}
    """

    def __init__(self, tasks: Iterable[Task[..., Any]], *, worker_id: str | None = None) -> None:
        self._desk = _Desk(worker_id or f"{socket.gethostname()}-{os.getpid()}")
        self._functions = {
            task.name: WorkerFunction(task, self._desk.reveal, _to_its_end) for task in checked_tasks(tasks)
        }

    @property
    def task_types(self) -> frozenset[str]:
        """The names of the tasks that it does."""
        return frozenset(self._functions)

    def __call__(self, task: Mapping[str, JsonValue]) -> JsonObject:
        """
        Do an attempt, and return its result; a failing function is a result too.

        Args:
            task: The attempt as a server hands it out: the JSON object ``Task``.

        Returns:
            The JSON object ``TaskResult``, to be sent to ``POST /tasks``.

        Raises:
            InvalidRequest: It is no attempt, or of a task that is not done here; or an event loop calls it.
        """
        if asyncio._get_running_loop() is not None:  # noqa: SLF001  # the way to ask without an exception
            raise InvalidRequest("an event loop must not wait for a function: await handler.handle_async(task)")
        function, attempt = self._attempt(task)
        # In a context of its own, because the caller's thread goes on as nobody's worker.
        run = copy_context().run
        report = _to_its_end(function.run_async(attempt)) if function.is_async else run(function.run, attempt)
        return result_of(attempt.assignment, report)

    async def handle_async(self, task: Mapping[str, JsonValue]) -> JsonObject:
        """Do what a call does, in an event loop: plain functions run on a thread of their own."""
        function, attempt = self._attempt(task)
        if function.is_async:
            report = await asyncio.create_task(function.run_async(attempt))
        else:
            report = await asyncio.to_thread(function.run, attempt)
        return result_of(attempt.assignment, report)

    def _attempt(self, task: Mapping[str, JsonValue]) -> tuple[WorkerFunction, Attempt]:
        given = assignment_of(task)
        function = self._functions.get(given.queue) or self._functions.get(given.task_def.name)
        if function is None:
            near = nearest(given.queue, sorted(self._functions))
            advice = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(self._functions))}"
            raise InvalidRequest(f"task {given.queue!r} is not done here; {advice}")
        attempt = Attempt(given, self._desk, is_async=function.is_async)
        attempt.started_at = self._desk.now()
        return function, attempt


def _to_its_end(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)
