"""A world of one run, for tests in which something happens to each of its commits in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from podium.engine.events import ReportByName
from podium.engine.ports import Backend
from podium.engine.requests import StartRequest
from podium.engine.rows import RunFilter
from podium.model.assignments import Report
from podium.model.errors import InternalError, StoreError
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue
from podium.testing.bench import EPOCH_MS, Bench, VirtualClock
from podium.testing.definitions import PEOPLE, QUEUES, RUN_INPUT, Catalog, worker_output
from podium.testing.witness import EngineDied


class DecisionContext:
    """
    One run, whose workers complete everything and whose client asks until it is answered.

    Args:
        store: Where it is; an engine process that dies in it is replaced.
        catalog: What runs.
        arm: Called when everything is registered, before the run starts.
    """

    def __init__(self, store: Backend, catalog: Catalog, arm: Callable[[], None] = lambda: None) -> None:
        self.store = store
        self.clock = VirtualClock()
        self.dead: set[str] = set()
        self.births = 0
        self.launch()
        self.bench.register(*catalog.task_defs, *catalog.registered)
        arm()
        self.run_id = self.start(catalog)

    def launch(self) -> None:
        """Start an engine process; the one before is dead."""
        self.dead.add(f"e{self.births}")
        self.births += 1
        self.bench = Bench(self.store, clock=self.clock, seed=self.births, name=f"e{self.births}", dead=self.dead)
        self.worker = self.bench.serve(*QUEUES)

    def settle(self) -> None:
        """Let the engine work; one that dies is replaced."""
        try:
            self.bench.settle()
        except EngineDied:
            self.launch()
            self.bench.settle()

    def start(self, catalog: Catalog) -> str:
        """Start the run; ask again, with the same id, until the answer is yes."""
        request = StartRequest(self.bench.ids.run_id(), RUN_INPUT, definition=catalog.main)
        for _ in range(5):
            reply = self.bench.kernel.ask(request)
            self.settle()
            self.pass_time(200)
            try:
                return str(reply.wait(0.0))
            except (StoreError, InternalError):
                continue
        raise AssertionError("the start was never acknowledged")

    def pass_time(self, milliseconds: int) -> None:
        """Let a moment pass."""
        self.clock.move_to(self.clock.now() + milliseconds)
        self.settle()

    def drive(self) -> None:
        """Let everything be done."""
        for _ in range(1_000):
            self.settle()
            waiting = sorted(self.worker.waiting, key=lambda one: (one.workflow_name, one.ref, one.seq))
            if waiting:
                self.worker.waiting.remove(waiting[0])
                one = waiting[0]
                self.bench.kernel.submit(Report(one.run_id, one.seq, TaskStatus.COMPLETED, worker_output(one.ref)))
                continue
            if not self._live():
                return
            self._answer_humans()
            due = self.store.due(EPOCH_MS * 2, 1)
            self.pass_time(max(200, due[0].due_at - self.clock.now() if due else 0))
        raise AssertionError(f"these runs stand still: {self._live()}")

    def _live(self) -> list[str]:
        return [row.run_id for row in self.store.list_runs(RunFilter(status=RunStatus.RUNNING), 100, 0)]

    def _answer_humans(self) -> None:
        for run_id in self._live():
            for task in self.bench.run(run_id).tasks:
                if task.task_type in PEOPLE and not task.status.is_terminal:
                    self.bench.kernel.submit(ReportByName(run_id, task.reference_task_name, TaskStatus.COMPLETED))

    def shape(self) -> Counter[JsonValue]:
        """Return every attempt of every run, without ids and times."""
        runs = [self.bench.run(row.run_id) for row in self.store.list_runs(RunFilter(), 100, 0)]
        return Counter(
            (run.workflow_name, run.status, task.reference_task_name, task.status, task.retry_count)
            for run in runs
            for task in run.tasks
        )
