"""A run that a test steps through, in virtual time and one thread: what `simulate` runs to its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from attrs import evolve

from podium.checks.starting import refuse_wrong
from podium.client.checked import checked_object, checked_text
from podium.client.compensation import what_was_undone
from podium.client.declared import DeclaredTypes
from podium.client.explaining import limit_of
from podium.client.run_requests import asked_priority
from podium.client.run_workers import task_defs_of, tasks_with
from podium.dsl import Task, Workflow
from podium.dsl.arguments import checked_verb
from podium.dsl.known_names import known_names, refuse_unknown
from podium.engine.news import News
from podium.engine.rows import RunFilter
from podium.model.attempts import TaskRun
from podium.model.causes import ExplanationContext
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import InvalidRequest, RunTimeout
from podium.model.explanations import Explanation, explanation
from podium.model.runs import RunExplanation, RunSource, WorkflowRun
from podium.model.texts import shown
from podium.model.waits import waits_of
from podium.testing.answers import Answers
from podium.testing.bench import Bench
from podium.testing.clock import EPOCH_MS, VirtualClock, moment_ms
from podium.testing.inline_workers import InlineWorkers
from podium.testing.mocks import MockScope
from podium.testing.needed import (
    Simulated,
    authored_of,
    checked_run,
    definitions_of,
    environment_here,
    input_of,
    secrets_here,
    stand_ins,
)
from podium.testing.observing import observe
from podium.testing.ways import way_of

#: Things that happen in one run at most; one that needs more goes round in circles (Conductor: ``MAX_LOOPS``).
THINGS_MAX = 20_000


class Stepper:
    """
    A run in virtual time, brought on step by step; nothing happens in between.

    Worker tasks are answered by mocks, and those without a mock by their own functions, one after the other in this
    thread. Nothing goes out: a task that sends a request, a message or a statement waits for a mock. What nobody
    answers stops the run, as it stops Conductor's.

    Args:
        workflow: A workflow, a definition, or what `podium.load` reads.
        input: The run's input.
        mocks: By reference name (`podium.testing.mocks.MockScope`), or Conductor's test request.
        workers: Tasks whose functions are called, beside the workflow's own or instead of those of their name.
        only_mocks: Call no function at all.
        others: Further workflows and task definitions that the run needs.
        start: When time begins, such as ``"2026-03-01"``; the first of January 2026 (UTC) if it is not given.
        seed: Ids and the jitter of retries follow from it.
        correlation_id: As for ``client.start``.
        priority: As for ``client.start``.
        check: False starts a workflow in which `Workflow.check` finds errors.
        assumed_max: How often a task that nothing answers is taken to end well, with an empty output.
        is_observed: Let coverage and reports of failed tests count the run.

    Attributes:
        breakpoints: Reference names before which `resume` stops.
        bench: The engine beneath, for what this class has no word for.

    Raises:
        DefinitionError: The workflow cannot run.
        InvalidRequest: The input, a mock or another argument cannot be right.

    Example:
        >>> from podium import task, workflow
        >>> @task
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> @workflow
        ... def twice(number: int) -> int:
        ...     return double(double(number).output).as_("again").output
        >>> with Stepper(twice, {"number": 3}) as stepper:
        ...     stepper.until("again").input_data
        ...     stepper.resume().output
        {'number': 6}
        {'result': 12}
    """

    @checked_verb
    def __init__(
        self,
        workflow: Simulated,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        mocks: Mapping[str, Any] | None = None,
        *,
        workers: Iterable[Task[..., Any]] = (),
        only_mocks: bool = False,
        others: Iterable[Workflow[..., Any] | WorkflowDef | TaskDef] = (),
        start: datetime | str | None = None,
        seed: int = 0,
        correlation_id: str | None = None,
        priority: int = 0,
        check: bool = True,
        assumed_max: int = 0,
        is_observed: bool = True,
    ) -> None:
        self._is_observed = is_observed
        priority = asked_priority({"priority": priority})
        correlation_id = checked_text(correlation_id, "correlation_id")
        authored = authored_of(workflow)
        if check and isinstance(workflow, Workflow):
            refuse_wrong(workflow)
        run_input = checked_object(input_of(input, mocks), "the input")
        if isinstance(workflow, Workflow):
            workflow.check_input(run_input)
        self.breakpoints: set[str] = set()
        self._scope = MockScope(mocks)
        news: list[News] = []
        clock = VirtualClock(EPOCH_MS if start is None else moment_ms(start))
        secrets = secrets_here()
        self.bench: Bench = Bench(
            clock=clock, seed=seed, tell=news.extend, environment=environment_here(), secrets=secrets
        )
        self._inline = InlineWorkers(clock.now, secrets)
        tasks = () if only_mocks else tasks_with(authored, workers)
        functions = {each.name: each for each in tasks}
        declared = DeclaredTypes()
        given = _listed(others)
        for each in (authored, *given):
            if isinstance(each, Workflow):
                declared.note(each)
        self._answers = Answers(
            self.bench, self._scope, functions, self._inline, news, declared=declared, assumed_max=assumed_max
        )
        self._things = 0
        self._met: set[tuple[str, int]] = set()
        self._definitions = definitions = [*authored.definitions, *definitions_of(given)]
        self._known = known_names(definitions)
        refuse_unknown((name for name, _ in self._scope.names()), self._known, "mocks")
        self.bench.register(*task_defs_of(authored, tasks), *stand_ins(self._scope, definitions), *given, authored)
        self._run_id = self.bench.start(
            authored.name, run_input, version=authored.version, correlation_id=correlation_id, priority=priority
        )

    # -- going on ------------------------------------------------------------------------------------------------------

    def step(self) -> tuple[TaskRun, ...]:
        """
        Go on until at least one more attempt has ended.

        Returns:
            The attempts that have, in the run and in those that it called; empty if the run cannot go on.
        """
        before = {_key(attempt) for attempt in self._attempts() if attempt.status.is_terminal}
        while self._go_on():
            ended = [each for each in self._attempts() if each.status.is_terminal and _key(each) not in before]
            if ended:
                return tuple(ended)
        return ()

    def until(self, reference_name: str) -> TaskRun:
        """
        Go on until a task is reached; it is there and not yet answered.

        Args:
            reference_name: In the run or in one that it called, with ``__<iteration>`` for one iteration of a loop. A
                second call goes on to the next attempt or iteration.

        Returns:
            The attempt.

        Raises:
            AssertionError: The run went another way; the message tells which.
            InvalidRequest: There is no such task.
        """
        refuse_unknown((reference_name,), self._known, "until")
        while (found := self._arrival({reference_name})) is None:
            if not self._go_on():
                raise AssertionError(
                    f"the run does not come to {reference_name!r}:\n{way_of(self.run)}\n{self.explain()}"
                )
        return found

    def resume(self) -> WorkflowRun:
        """
        Go on to the next task that is a breakpoint, or as far as the run goes.

        Returns:
            The run as it stands.

        Raises:
            InvalidRequest: A breakpoint names no task.
        """
        refuse_unknown(self.breakpoints, self._known, "breakpoints")
        while not (self.breakpoints and self._arrival(self.breakpoints)):
            if not self._go_on():
                if self._is_observed:
                    observe(self._run_id, self.get)
                break
        return self.run

    def mock(self, reference_name: str, mocks: object) -> None:
        """
        Let mocks stand for a task from now on, instead of those that it had; as the values of *mocks*.

        Raises:
            InvalidRequest: There is no such task, or the mocks cannot be right.
        """
        refuse_unknown((reference_name,), self._known, "mock")
        self._scope.set(reference_name, mocks)
        self._answers.reconsider()

    @property
    def run(self) -> WorkflowRun:
        """The run as it stands."""
        return self.get(self._run_id)

    def get(self, run_id: str) -> WorkflowRun:
        """Return another run, such as a sub-workflow's, as it stands."""
        run = self.bench.run(run_id)
        source = RunSource(lambda: self.get(run_id), self.get, lambda: self.explain(run_id), lambda: self._definitions)
        return evolve(run, source=source, undoing=what_was_undone(run, self.bench.reader.run))

    def explain(self, run_id: str | None = None) -> Explanation:
        """Say what the run, or another one, waits for and why, or why it has ended."""
        run = self.get(run_id or self._run_id)
        outlook = ExplanationContext(
            lambda queue: True,  # noqa: ARG005  # what nobody answers `Answers` says; the rest comes as the test goes on
            self.bench.reader.run,
            self.bench.clock.now(),
            lambda _, ref: f"a test gives an answer with mocks={{{ref!r}: ...}}",
            partial(limit_of, self.bench.backend),
            self._answers.missing,
        )
        return explanation(run, tuple(waits_of(run, outlook)), self.bench.reader.run)

    @property
    def assumed(self) -> frozenset[str]:
        """The tasks that were taken to end well because nothing answered them."""
        return frozenset(self._answers.assumed)

    @property
    def now(self) -> datetime:
        """The virtual time."""
        return self.bench.clock.time

    def _go_on(self) -> bool:
        """Let the next thing happen: an answer, or the passing of time; False if nothing can."""
        bench, answers = self.bench, self._answers
        bench.settle()
        answers.gather()
        now = bench.clock.now()
        if answers.next_at is None or answers.next_at > now:
            answers.look()
            answers.drop()
        planned, due = answers.next_at, bench.kernel.next_due()
        if planned is None and (due is None or answers.unanswered):
            return False
        self._things += 1
        if self._things > THINGS_MAX:
            raise RunTimeout(f"run {self._run_id} has not ended after {THINGS_MAX:,} steps; does a loop never end?")
        if planned is not None and (due is None or planned <= due):
            bench.clock.move_to(planned)
            answers.give()
        else:
            bench.clock.move_to(due or now)
            bench.settle()
        return True

    def _arrival(self, references: set[str]) -> TaskRun | None:
        """Return the next attempt of some references; what has ended when it stops is not looked at again."""
        self.bench.settle()
        attempts = list(self._attempts())
        for attempt in attempts:
            place = attempt.workflow_task.task_reference_name if attempt.workflow_task else ""
            if references & {attempt.reference_task_name, place} and _key(attempt) not in self._met:
                self._met |= {_key(each) for each in attempts if each is attempt or each.status.is_terminal}
                return attempt
        return None

    def _attempts(self) -> Iterator[TaskRun]:
        for summary in reversed(self.bench.reader.runs(RunFilter(), limit=THINGS_MAX, offset=0)):
            yield from self.bench.run(summary.workflow_id).tasks

    # -- the end -------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the event loop of asynchronous functions; the run can still be looked at."""
        self._inline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def simulate(
    workflow: Simulated,
    input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
    mocks: Mapping[str, Any] | None = None,
    **options: Any,
) -> WorkflowRun:
    """
    Run a workflow in virtual time, in this thread, with mocks in place of tasks.

    Args:
        workflow: A workflow, a definition, or what `podium.load` reads.
        input: The run's input.
        mocks: What tasks give, by reference name or by task name. A list has one element for each attempt or iteration,
            in their order; anything else holds for every one. An element is a `Mock` (`completed`, `failed`,
            `timed_out`), its JSON in Conductor's shape (``{"status": …, "output": …, "executionTime": ms}``), an
            exception to fail with, or what the task's function would return. A function or a task does the work
            itself. ``{"taskRefToMockOutput": {…}}`` for a sub-workflow holds for the tasks inside it. Or the whole is
            Conductor's test request.
        options: As `Stepper` takes them.

    Returns:
        The run as it ended; or as it stands, if it comes to a task that nobody answers (`explain` says which).

    Raises:
        DefinitionError: The workflow cannot run.
        InvalidRequest: The input, a mock or an option cannot be right.
        RunTimeout: It goes round in circles.

    Example:
        >>> from podium import task, workflow
        >>> @task(retries=3, retry_delay="1h")
        ... def charge(amount: int) -> str: ...
        >>> @workflow
        ... def order(amount: int) -> str:
        ...     return charge(amount).output
        >>> from podium.testing import failed
        >>> run = simulate(order, {"amount": 3}, {"charge": [failed("no route"), "paid"]})
        >>> print(run.status, run.output, [attempt.status.value for attempt in run.tasks])
        COMPLETED {'result': 'paid'} ['FAILED', 'COMPLETED']
    """
    with Stepper(workflow, input, mocks, **options) as stepper:
        return stepper.resume()


def explain(run: WorkflowRun) -> RunExplanation:
    """
    Say what a run waits for and why, or why it has ended: what `WorkflowRun.explain` says.

    Raises:
        InvalidRequest: It is no run, or came from no client and no simulation.
    """
    return checked_run(run, "explain").explain()


def _listed(others: object) -> tuple[Any, ...]:
    if isinstance(others, Iterable) and not isinstance(others, str | Mapping):
        return tuple(others)
    raise InvalidRequest(f"others= takes a list of workflows and definitions, not {shown(others)}; write [...]")


def _key(attempt: TaskRun) -> tuple[str, int]:
    return attempt.run_id, attempt.seq
