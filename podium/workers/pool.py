"""A pool of workers in this process, for an engine here or elsewhere."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Collection, Coroutine, Iterable, Sequence
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from podium.dsl import Task, Workflow
from podium.model.assignments import Assignment, AttemptKey, Consumer, Lender, Transport, queue_of
from podium.model.errors import InvalidRequest
from podium.model.texts import shown
from podium.workers.functions import WorkerFunction
from podium.workers.reporter import Observer, ResultReporter
from podium.workers.threads import Threads
from podium.workers.watch import Alertness, Watch

if TYPE_CHECKING:
    from podium.workers.coroutines import Coroutines

_log = logging.getLogger("podium.workers")


#: How many attempts of a function that takes no time wait here for each of its threads.
_AHEAD = 64


class WorkerPool:
    """
    Serves tasks with their functions while it is entered.

    Plain functions run on threads, async functions on one event loop in a thread of its own; of each kind at most
    *concurrency* at once. Leaving lets what runs finish, for at most *grace_s* seconds, and gives back what has not
    begun. Async functions that take longer are cancelled, and plain ones told so (`TaskContext.cancelled`); their
    attempts are offered anew. What does not listen goes on in its thread and reports if the engine still lives.

    Args:
        transport: The way to an engine.
        tasks: Tasks made with ``@task``, each name once.
        concurrency: Most plain functions, and most async functions, at once.
        domain: As `serve` has it.
        grace_s: Seconds that what runs has to end.
        observe: Hears of what is done here.
        ahead: How many attempts of a function that takes no time may wait here for each of its threads; None for 64.

    Attributes:
        queues: The names of the tasks that it serves, with its domain if it has one.
    """

    is_patient = True

    def __init__(
        self,
        transport: Transport,
        tasks: Iterable[Task[..., Any]],
        *,
        concurrency: int = 8,
        domain: str | None = None,
        grace_s: float = 10.0,
        observe: Observer | None = None,
        ahead: int | None = None,
    ) -> None:
        if domain is not None and (not isinstance(domain, str) or not domain.strip() or set(domain) & set(",:*\0")):
            raise InvalidRequest(f"domain: a name without ',', ':' and '*' is expected, not {domain!r}")
        if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
            raise InvalidRequest(f"concurrency: a whole number from 1 upwards is expected, not {concurrency!r}")
        self._transport = transport
        self._grace_s = grace_s
        self._observe = observe
        self._is_used = False
        self._coroutines: Coroutines | None = None
        self._making_loop = threading.Lock()
        self._concurrency = concurrency
        self._ahead = _AHEAD if ahead is None else ahead
        self._functions = {
            queue_of(task.name, domain): WorkerFunction(task, transport.reveal, self._run_coroutine)
            for task in checked_tasks(tasks)
        }
        self.queues: frozenset[str] = frozenset(self._functions)
        self._watch = Watch(self._look)
        worker_id = f"{socket.gethostname()}-{os.getpid()}"
        self._reporter = ResultReporter(transport, worker_id, self._stopped, observe)
        lend = transport.lend if isinstance(transport, Lender) else None
        self._threads = Threads(concurrency, self._functions, self._reporter, self._watch, lend)

    # -- as a consumer -----------------------------------------------------------------------------------------------

    def room(self, queue: str) -> int:
        """Return how many more attempts of a queue could begin; see `podium.model.assignments.Consumer`."""
        function = self._functions[queue]
        size = self._concurrency if function.is_slow else self._concurrency * self._ahead
        side = self._coroutines if function.is_async else self._threads
        return size - self._reporter.busy_count(is_async=function.is_async) - (side.waiting_count if side else 0)

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take attempts; see `podium.model.assignments.Consumer`."""
        if self._observe is not None:
            self._observe.given(assignments)
        if self._coroutines is None:
            self._threads.put(assignments)
            return
        plain = [one for one in assignments if not self._functions[one.queue].is_async]
        if plain:
            self._threads.put(plain)
        if len(plain) < len(assignments):
            self._coroutines.put([one for one in assignments if self._functions[one.queue].is_async])

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return attempts that have not begun, the last ones; see `podium.model.assignments.Consumer`."""
        spared = self._threads.spare(queues, most)
        if self._coroutines is not None and len(spared) < most:
            spared += self._coroutines.spare(queues, most - len(spared))
        return spared

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Let go of attempts that are not wanted any more; see `podium.model.assignments.Consumer`."""
        # What waits first: whatever begins meanwhile is among those that run then.
        self._threads.drop(attempts)
        if self._coroutines is not None:
            self._coroutines.drop(attempts)
        unwanted = [one for one in self._reporter.running if one.key in attempts]
        for attempt in unwanted:
            attempt.cancel()
        if self._coroutines is not None:
            self._coroutines.call_off([one for one in unwanted if one.is_async])

    def withdraw(self) -> Sequence[Assignment]:
        """Return the attempts that have not begun; see `podium.model.assignments.Consumer`."""
        return [*self._threads.take_back(), *(self._coroutines.take_back() if self._coroutines else ())]

    @property
    def running_count(self) -> int:
        """How many attempts are in work."""
        return len(self._reporter.running)

    # -- as a context ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        if self._is_used:
            raise InvalidRequest("a pool serves once; make a new one with client.workers(...)")
        self._is_used = True
        if any(function.is_async for function in self._functions.values()):
            self._loop().start()
        if self.queues:
            self._transport.attach(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close_all()
        if self.queues:
            self._transport.detach(self)
        deadline = monotonic() + self._grace_s
        if not self._reporter.wait_until_quiet(deadline):
            for attempt in self._reporter.running:
                attempt.call_off()
            if self._coroutines is not None:
                self._coroutines.cancel()
            self._reporter.wait_until_quiet(monotonic() + 1.0)
        self._reporter.hand_over()
        if self._coroutines is not None:
            self._coroutines.join()
        late = self._reporter.running
        self._watch.close()
        if late:
            names = ", ".join(sorted({attempt.assignment.queue for attempt in late}))
            _log.warning("%d tasks have not ended within %s s and go on: %s", len(late), self._grace_s, names)
            return
        self._threads.join(monotonic() + 1.0)
        self._watch.join(1.0)
        self._reporter.hand_over()

    def _close_all(self) -> None:
        self._threads.close()
        if self._coroutines is not None:
            self._coroutines.close()

    def _stopped(self) -> None:
        """The engine has stopped: nobody wants anything from us any more."""
        self._close_all()
        self._watch.close()
        self.withdraw()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _look(self) -> Alertness:
        """Look after everything once; called by the watch."""
        now = monotonic()
        running = self._reporter.running
        wanted = Alertness.CALM if running else Alertness.ASLEEP
        for attempt in running:
            self._reporter.watch_over(attempt, now)
            self._threads.look_after_engine(attempt, now)
        self._reporter.hand_over_if_due(now)
        wanted = max(wanted, self._threads.look(now))
        if self._reporter.is_waiting and not self._reporter.is_stopped:
            wanted = Alertness.KEEN
        return wanted

    def _loop(self) -> Coroutines:
        with self._making_loop:
            if self._coroutines is None:
                from podium.workers.coroutines import Coroutines  # asyncio is slow to import, and few need it

                self._coroutines = Coroutines(self._concurrency, self._functions, self._reporter, self._watch)
            return self._coroutines

    def _run_coroutine(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._loop().run(coroutine)


def checked_tasks(tasks: Iterable[Any]) -> Iterable[Task[..., Any]]:
    """
    Return tasks that may be served together.

    Raises:
        InvalidRequest: Something is no task, or a name comes twice.
    """
    if isinstance(tasks, Task) or not isinstance(tasks, Iterable):
        raise InvalidRequest(f"workers are given as a list of tasks, not as {shown(tasks)}; write {_as_list(tasks)}")
    known: dict[str, Task[..., Any]] = {}
    for task in tasks:
        if not isinstance(task, Task):
            raise InvalidRequest(f"a worker is made with @task, {shown(task)} is not; write {_as_task(task)}")
        if task.name in known:
            first, second = known[task.name].described_place, task.described_place
            raise InvalidRequest(f"two workers have the name {task.name!r}: {first} and {second}")
        known[task.name] = task
    return known.values()


def _as_list(given: object) -> str:
    """Return what was probably meant by something that is no list."""
    return f"{given.name}.tasks" if isinstance(given, Workflow) else f"[{_name_of(given)}]"


def _as_task(given: object) -> str:
    """Return what was probably meant by something that is no task."""
    if isinstance(given, Workflow):
        return f"*{given.name}.tasks"
    return f"task({_name_of(given)})" if _name_of(given).isidentifier() else "task(fn, name='...')"


def _name_of(value: object) -> str:
    return str(getattr(value, "__name__", None) or getattr(value, "name", None) or "...")


def serve(
    transport: Transport,
    tasks: Iterable[Task[..., Any]],
    *,
    concurrency: int = 8,
    domain: str | None = None,
    observe: Observer | None = None,
) -> WorkerPool:
    """
    Make a pool that serves tasks in this process; what ``client.workers(...)`` does.

    Args:
        transport: The way to an engine, such as the ``transport`` of a client.
        tasks: Tasks made with ``@task``, each name once. A task's queue is its name.
        concurrency: Most plain functions, and most async functions, at once.
        domain: Serve those tasks only that a run's ``task_to_domain`` gives to this domain; None for those without one.
        observe: Hears of what the pool does.

    Returns:
        The pool; it serves while it is entered as a context.

    Raises:
        InvalidRequest: Something is no task, a name comes twice, or a parameter's type cannot be read from JSON.
        AuthoringError: An annotation cannot be resolved.

    Example:
        >>> import podium.client
        >>> from podium.dsl import task
        >>> @task
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> with podium.client.connect("memory://") as client, serve(client.transport, [double]) as pool:
        ...     sorted(pool.queues)
        ['double']
    """
    return WorkerPool(transport, tasks, concurrency=concurrency, domain=domain, observe=observe)


if TYPE_CHECKING:
    _conforms: type[Consumer] = WorkerPool
