"""What answers the attempts of a run that a test steps through: mocks, and real functions where there is no mock."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, NamedTuple

from attrs import evolve

from podium.client.declared import DeclaredTypes
from podium.client.services.other_runs import GetWorkflow
from podium.dsl import Task
from podium.engine.events import Terminate
from podium.engine.ids import task_id
from podium.engine.news import News, TaskUnserved
from podium.engine.rows import RunFilter
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.attempts import TaskRun
from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.task_types import Pace, task_kind
from podium.testing.bench import Bench, HandWorker
from podium.testing.inline_workers import InlineWorkers
from podium.testing.mocks import Mock, MockScope, MockSupply

_ITERATIONS = re.compile(r"(?:__\d+)+$")

#: Most live runs of one simulation that are looked into.
_RUNS_MAX = 10_000


class PlannedEvent(NamedTuple):
    """Something that happens to an attempt at a moment; in the order of the moments."""

    at_ms: int
    #: What is planned first is done first.
    number: int
    ref: str
    #: What the engine is told, or the work that a function has to do.
    word: Report | TaskStarted | Assignment
    worker: Task[..., Any] | Callable[..., Any] | None = None


class Unanswered(NamedTuple):
    """An attempt that nobody answers."""

    why: str
    #: For a worker; None for what the engine holds itself.
    assignment: Assignment | None = None


class Answers:
    """
    Answers the attempts of one bench.

    Args:
        bench: Where the runs are.
        scope: The mocks of the run that is started.
        workers: The tasks whose functions do what nothing was mocked for.
        inline: Calls them.
        news: What the engine tells.
        declared: What the results of steps must be.
        assumed_max: How often a task that nothing answers is taken to end well, with an empty output.

    Attributes:
        assumed: How often that was done, by reference name.
        unanswered: The attempts that wait for an answer that nobody gives, by run and number.
    """

    def __init__(
        self,
        bench: Bench,
        scope: MockScope,
        workers: Mapping[str, Task[..., Any]],
        inline: InlineWorkers,
        news: list[News],
        *,
        declared: DeclaredTypes,
        assumed_max: int = 0,
    ) -> None:
        self.assumed: Counter[str] = Counter()
        self._assumed_max = assumed_max
        self.unanswered: dict[tuple[str, int], Unanswered] = {}
        self._bench = bench
        self._scope = scope
        self._workers = workers
        self._inline = inline
        self._hands: dict[str, HandWorker] = {}
        self._news = news
        self._declared = declared
        self._scopes: dict[str, MockScope] = {}
        self._planned: list[PlannedEvent] = []
        self._numbers = count()
        #: The attempts in the engine's own hands that are seen to.
        self._seen: set[tuple[str, int]] = set()

    # -- what is there to answer ---------------------------------------------------------------------------------------

    def gather(self) -> bool:
        """Plan the answers to attempts that have become ready; tells whether there were any."""
        found = False
        while self._news:
            each = self._news.pop()
            if isinstance(each, TaskUnserved) and each.queue not in self._hands:
                self._hands[each.queue] = self._bench.serve(each.queue)
        for hand in self._hands.values():
            while hand.waiting:
                self._meet(hand.waiting.popleft())
                found = True
        return found

    def look(self) -> bool:
        """Plan the answers to what the engine holds itself and does not end by itself; tells whether there were any."""
        found = False
        for summary in self._bench.reader.runs(RunFilter(status=RunStatus.RUNNING), limit=_RUNS_MAX, offset=0):
            for attempt in self._bench.run(summary.workflow_id).tasks:
                key = (summary.workflow_id, attempt.seq)
                if attempt.status is TaskStatus.IN_PROGRESS and key not in self._seen and _is_answerable(attempt):
                    found |= self._see(attempt)
        return found

    def _meet(self, assignment: Assignment) -> None:
        key = (assignment.run_id, assignment.seq)
        self._seen.add(key)
        ref, name = assignment.ref, assignment.task_def.name or assignment.queue
        if self._is_mocked_whole(assignment.run_id):
            self.unanswered[key] = Unanswered("the end of its run is mocked", assignment)
            return
        supply = self._scope_of(assignment.run_id).find(ref, place_of(ref), name)
        worker = self._workers.get(name) if supply is None else supply.worker
        if worker is not None:
            self._put(PlannedEvent(self._bench.clock.now(), 0, ref, assignment, worker))
            return
        is_look = supply is None and assignment.queue == TaskType.GET_WORKFLOW
        mock = self._looked_up(assignment) if is_look else self._mock(supply, ref)
        if mock is None:
            self.unanswered[key] = Unanswered(_why(supply), assignment)
        else:
            self._plan(key, ref, self._settled(key, ref, mock))

    def _looked_up(self, assignment: Assignment) -> Mock | None:
        """Return what GET_WORKFLOW gives, such as for what undoes a child; None of a run that only a mock can know."""
        found = GetWorkflow(self._bench.reader).perform(assignment)
        return Mock(output=dict(found.output)) if found.status is TaskStatus.COMPLETED else None

    def reconsider(self) -> None:
        """Ask again who answers what nobody answered: there may be a mock by now."""
        unanswered, self.unanswered = self.unanswered, {}
        for one in unanswered.values():
            if one.assignment is not None:
                self._meet(one.assignment)

    def _see(self, attempt: TaskRun) -> bool:
        """Plan the answer to an attempt that no worker takes; tells whether there is one."""
        key, ref = (attempt.run_id, attempt.seq), attempt.reference_task_name
        supply = self._scope_of(attempt.run_id).find(ref, place_of(ref), attempt.task_def_name or "")
        may_be_assumed = attempt.task_type != TaskType.SUB_WORKFLOW and not _is_timed(attempt)
        mock = self._mock(supply, ref) if supply is not None or may_be_assumed else None
        if mock is not None:
            self._seen.add(key)
            self.unanswered.pop(key, None)
            self._plan(key, ref, self._settled(key, ref, mock), is_started=True)
            return True
        if may_be_assumed:
            self.unanswered[key] = Unanswered(_why(supply))
        return False

    def _mock(self, supply: MockSupply | None, ref: str) -> Mock | None:
        """Return the mock of an attempt, or an empty one where such may be assumed; None if there is none."""
        mock = None if supply is None or supply.worker is not None else supply.take()
        if mock is None and self.assumed[place_of(ref)] < self._assumed_max:
            self.assumed[place_of(ref)] += 1
            return Mock()
        return mock

    def _settled(self, key: tuple[str, int], ref: str, mock: Mock) -> Mock:
        """Return a mock as its task would give it; refuse one that the task's function could not have returned."""
        if not mock.is_result or mock.status is not TaskStatus.COMPLETED:
            return mock
        run = self._bench.reader.run(key[0], with_tasks=False)
        try:
            output = self._declared.placed(run, ref, mock.output)
            self._declared.refuse_wrong(run, ref, lambda: output)
        except InvalidRequest as error:
            raise InvalidRequest(f"mocks: {error}; an output as it stands is {{'output': {{...}}}}") from None
        return evolve(mock, output=dict(output))

    def _is_mocked_whole(self, run_id: str) -> bool:
        """Return whether a run is a sub-workflow's whose end a mock tells, or in one, so that nothing in it counts."""
        run = self._bench.reader.run(run_id, with_tasks=False)
        if not run.parent_workflow_id or not run.parent_workflow_task_id:
            return False
        ref = self._bench.reader.task(run.parent_workflow_task_id).reference_task_name
        supply = self._scope_of(run.parent_workflow_id).find(ref, place_of(ref))
        return supply is not None or self._is_mocked_whole(run.parent_workflow_id)

    def _scope_of(self, run_id: str) -> MockScope:
        scope = self._scopes.get(run_id)
        if scope is None:
            run = self._bench.reader.run(run_id, with_tasks=False)
            scope = self._scope
            if run.parent_workflow_id and run.parent_workflow_task_id:
                ref = self._bench.reader.task(run.parent_workflow_task_id).reference_task_name
                scope = self._scope_of(run.parent_workflow_id).inside(ref, place_of(ref))
            self._scopes[run_id] = scope
        return scope

    # -- what is planned -----------------------------------------------------------------------------------------------

    def _plan(self, key: tuple[str, int], ref: str, mock: Mock, *, is_started: bool = False) -> None:
        begins = self._bench.clock.now() + mock.queue_ms
        is_silent = mock.status is TaskStatus.TIMED_OUT
        if not is_started and (is_silent or mock.queue_ms or mock.execution_ms):
            self._put(PlannedEvent(begins, 0, ref, TaskStarted(*key, self._inline.worker_id, begins, is_local=True)))
        if not is_silent:
            report = Report(*key, mock.status, mock.output, mock.reason, self._inline.worker_id, started_at=begins)
            self._put(PlannedEvent(begins + mock.execution_ms, 0, ref, report))

    def _put(self, planned: PlannedEvent) -> None:
        heapq.heappush(self._planned, planned._replace(number=next(self._numbers)))

    @property
    def next_at(self) -> int | None:
        """The moment of what is planned next; None if nothing is."""
        return self._planned[0].at_ms if self._planned else None

    def give(self) -> None:
        """Let happen what is planned next, at the time that it is."""
        planned = heapq.heappop(self._planned)
        word = planned.word
        if isinstance(word, Assignment):
            assert planned.worker is not None
            word = self._inline.work(planned.worker, word)
        self._bench.kernel.submit(word)
        self._bench.settle()
        if isinstance(word, Report):
            if word.status is TaskStatus.IN_PROGRESS:
                self._seen.discard((word.run_id, word.seq))  # it comes again
            self._end_child(word)

    def _end_child(self, report: Report) -> None:
        """End the run that a sub-workflow has begun whose end was mocked: nobody waits for it."""
        attempt = self._bench.reader.task(task_id(report.run_id, report.seq))
        child = attempt.sub_workflow_id
        if child and not self._bench.reader.status(child).is_terminal:
            self._bench.ask(Terminate(child, "its end was mocked", by_parent=True))

    def missing(self, attempt: TaskRun) -> str | None:
        """Return why nobody answers an attempt; None if somebody does."""
        one = self.unanswered.get((attempt.run_id, attempt.seq))
        return None if one is None else one.why

    def drop(self) -> None:
        """Forget the attempts without an answer that have ended meanwhile."""
        for run_id, seq in list(self.unanswered):
            row = self._bench.backend.load_task(run_id, seq)
            if row is None or TaskStatus(row.status).is_terminal:
                del self.unanswered[run_id, seq]


def place_of(ref: str) -> str:
    """Return a reference without the iterations of the loops around it."""
    return _ITERATIONS.sub("", ref)


def _is_answerable(attempt: TaskRun) -> bool:
    return task_kind(attempt.task_type).pace in {Pace.OWN, Pace.WAIT}


def _is_timed(attempt: TaskRun) -> bool:
    is_wait = attempt.task_type == TaskType.WAIT
    return is_wait and any(attempt.input_data.get(word) for word in ("duration", "until"))


def _why(supply: MockSupply | None) -> str:
    if supply is None or supply.size is None:
        return "no mock was given for it, and no function"
    return "its mock is used up" if supply.size == 1 else f"its {supply.size} mocks are used up"
