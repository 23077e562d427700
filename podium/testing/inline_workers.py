"""Real task functions, called one after the other where a test steps through a run."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from podium.dsl import Task
from podium.dsl import task as make_task
from podium.expressions.secrets import deliver_secrets
from podium.model.assignments import Assignment, Report
from podium.model.values import JsonValue
from podium.workers.attempts import Attempt, Reporter
from podium.workers.functions import WorkerFunction


class InlineWorkers:
    """
    Calls the functions of tasks.

    Args:
        now: Gives the engine's time.
        secrets: Put into inputs, by name.
    """

    worker_id: str = "podium-test"

    def __init__(self, now: Callable[[], int], secrets: Mapping[str, str]) -> None:
        self.now: Callable[[], int] = now
        self._secrets = secrets
        self._functions: dict[int, tuple[object, WorkerFunction]] = {}
        self._thread: ThreadPoolExecutor | None = None
        self._runner: asyncio.Runner | None = None

    def reveal(self, value: JsonValue) -> JsonValue:
        """Put the secrets in."""
        return deliver_secrets(value, self._secrets)

    def beat(self, attempt: Attempt) -> None:
        """Give no sign of life: time stands still while a function runs."""

    def work(self, worker: Task[..., Any] | Callable[..., Any], assignment: Assignment) -> Report:
        """Let a task's function, or a plain one that takes the same inputs, do an attempt; gives what came of it."""
        function = self._function(worker, assignment)
        attempt = Attempt(assignment, self, is_async=function.is_async)
        attempt.started_at = self.now()
        # In a context of its own, or the test would pass for code of the task afterwards.
        context = contextvars.copy_context()
        if function.is_async:
            report: Report = context.run(self._await, function.run_async(attempt))
        else:
            report = context.run(function.run, attempt)
        attempt.is_over = True
        return report

    def _function(self, worker: Task[..., Any] | Callable[..., Any], assignment: Assignment) -> WorkerFunction:
        known = self._functions.get(id(worker))
        if known is None or known[0] is not worker:
            served = worker if isinstance(worker, Task) else make_task(worker, name=assignment.task_def.name)
            known = (worker, WorkerFunction(served, self.reveal, self._await))
            self._functions[id(worker)] = known
        return known[1]

    def _await(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the one event loop, in a thread of its own: the test may run in a loop itself."""
        if self._thread is None or self._runner is None:
            import asyncio  # slow to import, and most tests need none

            self._thread = ThreadPoolExecutor(1, thread_name_prefix="podium-test-loop")
            self._runner = asyncio.Runner()
        return self._thread.submit(contextvars.copy_context().run, self._runner.run, coroutine).result()

    def close(self) -> None:
        """End the event loop and its thread."""
        if self._thread is not None and self._runner is not None:
            self._thread.submit(self._runner.close).result()
            self._thread.shutdown()


if TYPE_CHECKING:
    import asyncio

    _conforms: type[Reporter] = InlineWorkers
