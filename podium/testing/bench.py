"""
An engine that goes step by step in virtual time: nothing happens unless the test makes it happen.

Everything that the engine takes from the world is a fake with a seed, so the same calls give the same run, ids
included.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from podium.backends.memory import MemoryBackend
from podium.dsl import Task, Workflow
from podium.engine import ids
from podium.engine.batch import Request
from podium.engine.config import EngineConfig, ScriptRunner
from podium.engine.kernel import Kernel
from podium.engine.limits import Limits
from podium.engine.news import Listener, nobody
from podium.engine.operators import Operators
from podium.engine.ports import Backend
from podium.engine.reader import Reader
from podium.engine.replies import Reply
from podium.engine.requests import Attach, Detach, Register, StartRequest
from podium.engine.scripts import DirectScripts
from podium.engine.turn import Share
from podium.model.assignments import Assignment, AttemptKey, Report
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import InternalError
from podium.model.retention import RetentionPolicy
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue
from podium.testing.clock import EPOCH_MS, VirtualClock

__all__ = ["EPOCH_MS", "Bench", "FakeProcesses", "HandWorker", "SeededIds", "VirtualClock"]
#: All timers are kept in memory, so that the next one is always known.
HORIZON_MS = 10**15


class SeededIds:
    """Ids from virtual time and a seeded generator."""

    def __init__(self, clock: VirtualClock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def run_id(self) -> str:
        """Return the id of a new run."""
        return ids.run_id(self._clock.now(), self._rng.getrandbits(42))

    def child_id(self, parent: str, parent_task: str, retry_count: int) -> str:
        """Return a fresh id."""
        return self.run_id()


class FakeProcesses:
    """Processes that live until they are killed."""

    def __init__(self, identity: str, dead: set[str]) -> None:
        self._identity = identity
        self._dead = dead

    def identity(self) -> str:
        """Say who this process is."""
        return self._identity

    def is_alive(self, identity: str) -> bool:
        """Return whether a process lives."""
        return identity not in self._dead


class HandWorker:
    """
    A worker in the test's hands: attempts wait here until the test does something with them.

    Attributes:
        size: How many it takes at once, where others could take them.
        called_off: What it was told is not wanted any more, in order.
    """

    is_patient: bool = True

    def __init__(self, queues: Iterable[str], size: int = 10_000) -> None:
        self.queues = frozenset(queues)
        self.size = size
        self.waiting: deque[Assignment] = deque()
        self.called_off: list[AttemptKey] = []

    def room(self, queue: str) -> int:
        """Return how many more it takes."""
        return self.size - len(self.waiting)

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take attempts."""
        self.waiting.extend(assignments)

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return the last ones."""
        spared = [one for one in self.waiting if one.queue in queues][-most:]
        for one in spared:
            self.waiting.remove(one)
        return spared

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Note what is not wanted any more; the test may do with it what it likes."""
        self.called_off.extend(sorted(attempts))

    def withdraw(self) -> Sequence[Assignment]:
        """Return everything back."""
        left = tuple(self.waiting)
        self.waiting.clear()
        return left


class Bench:
    """
    One engine process on a store, in virtual time, without threads.

    Args:
        backend: The store; a fresh one in memory if none is given.
        clock: Shared by several engines of one test.
        seed: Of ids and jitter.
        name: The engine's name in the store.
        dead: Names of engines that have died; shared by several engines of one test.
        scripts: Runs scripts and queries; directly if none is given.
        types: The task types that it knows; those that come with the engine if none are given.
        tell: Hears what is new, after each commit.
        retain: Is called with the policies of retention when their turn has come.
        environment: What ``${workflow.env.…}`` gives.
        secrets: What ``${workflow.secrets.…}`` gives.
        share: What one run may take of one commit.

    Example:
        >>> from podium.model.definitions import WorkflowTask
        >>> bench = Bench()
        >>> run_id = bench.start(WorkflowDef(name="one", tasks=(WorkflowTask(name="t", task_reference_name="t"),)))
        >>> worker = bench.serve("t")
        >>> bench.complete(worker.waiting.popleft(), {"n": 1})
        >>> bench.run(run_id).output
        {'n': 1}
    """

    def __init__(
        self,
        backend: Backend | None = None,
        *,
        clock: VirtualClock | None = None,
        seed: int = 0,
        name: str = "bench",
        dead: set[str] | None = None,
        scripts: ScriptRunner | None = None,
        types: Operators | None = None,
        tell: Listener = nobody,
        retain: Callable[[Sequence[RetentionPolicy]], None] | None = None,
        environment: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        share: Share | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.backend: Backend = backend if backend is not None else MemoryBackend()
        rng = random.Random(seed)  # noqa: S311  # reproducible on purpose
        self.ids = SeededIds(self.clock, rng)
        self.kernel = Kernel(
            EngineConfig(
                backend=self.backend,
                clock=self.clock,
                ids=self.ids,
                random=rng,
                processes=FakeProcesses(name, dead if dead is not None else set()),
                scripts=scripts or DirectScripts(),
                types=types or Operators(),
                engine_id=name,
                horizon_ms=HORIZON_MS,
                tell=tell,
                retain=retain,
                environment=environment or {},
                secrets=secrets or {},
                share=share or Share(),
                limits=limits or Limits(),
            ),
        )
        self.reader = Reader(self.backend)

    def settle(self, steps_max: int = 10_000) -> None:
        """
        Let the engine do all that it can do now.

        Raises:
            InternalError: It did not come to rest.
        """
        for _ in range(steps_max):
            if not self.kernel.step():
                return
        raise InternalError(f"the engine did not come to rest within {steps_max} steps")

    def advance(self, seconds: float) -> None:
        """Move time on, stopping at each moment at which something is due."""
        end = self.clock.now() + int(seconds * 1000)
        while (due := self.kernel.next_due()) is not None and due <= end:
            self.clock.move_to(due)
            self.settle()
        self.clock.move_to(end)
        self.settle()

    def ask(self, request: Request) -> Any:
        """
        Make a request and settle.

        Raises:
            PodiumError: The request was refused.
        """
        reply = self.kernel.ask(request)
        return self._answer(reply)

    def _answer(self, reply: Reply) -> Any:
        self.settle()
        return reply.wait(0.0)

    def register(self, *definitions: Workflow[..., Any] | Task[..., Any] | WorkflowDef | TaskDef) -> None:
        """Put definitions into the registry; a workflow with the sub-workflows and task definitions that it names."""
        workflows = [one for one in definitions if isinstance(one, WorkflowDef)]
        task_defs = [one for one in definitions if isinstance(one, TaskDef)]
        for one in definitions:
            if isinstance(one, Workflow):
                workflows += one.definitions
                task_defs += one.task_defs
            elif isinstance(one, Task):
                task_defs.append(one.task_def)
        self._answer(self.kernel.register(Register(tuple(workflows), tuple(task_defs))))

    def start(
        self,
        workflow: Workflow[..., Any] | WorkflowDef | str,
        run_input: Mapping[str, JsonValue] | None = None,
        **options: Any,
    ) -> str:
        """
        Start a run and settle.

        Args:
            workflow: A workflow, which is registered first; a definition, which is not; or a registered name.
            run_input: The run's input.
            options: Fields of `StartRequest`.

        Returns:
            The run's id.
        """
        request = StartRequest(self.ids.run_id(), run_input or {}, **options)
        if isinstance(workflow, Workflow):
            self.register(workflow)
            request = request._replace(name=workflow.name, version=workflow.version)
        elif isinstance(workflow, WorkflowDef):
            request = request._replace(definition=workflow)
        else:
            request = request._replace(name=workflow)
        return str(self.ask(request))

    def serve(self, *queues: str, size: int = 10_000) -> HandWorker:
        """Serve queues by hand; *size* as for `HandWorker`."""
        worker = HandWorker(queues, size)
        self.kernel.attach(Attach(worker))
        self.settle()
        return worker

    def dismiss(self, worker: HandWorker) -> None:
        """Stop serving; what waits is given back."""
        self.kernel.attach(Detach(worker))
        self.settle()

    def report(
        self,
        assignment: Assignment,
        status: TaskStatus,
        output: Mapping[str, JsonValue] | None = None,
        reason: str | None = None,
        **fields: Any,
    ) -> None:
        """Say how an attempt stands, and settle; fields are those of `Report`."""
        self.kernel.submit(
            Report(assignment.run_id, assignment.seq, status, output or {}, reason, **fields),
        )
        self.settle()

    def complete(self, assignment: Assignment, output: Mapping[str, JsonValue] | None = None) -> None:
        """End an attempt well."""
        self.report(assignment, TaskStatus.COMPLETED, output)

    def fail(self, assignment: Assignment, reason: str = "no reason", *, terminal: bool = False) -> None:
        """End an attempt badly."""
        status = TaskStatus.FAILED_WITH_TERMINAL_ERROR if terminal else TaskStatus.FAILED
        self.report(assignment, status, reason=reason)

    def run(self, run_id: str) -> WorkflowRun:
        """Return a run as it stands in the store."""
        return self.reader.run(run_id)
