"""An engine in this process, on a store: the client behind ``podium.connect("sqlite:///podium.db")``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, Unpack

from attrs import evolve

from podium.backends.loader import open_backend
from podium.checks.starting import refuse_wrong
from podium.client.checked import (
    checked_object,
    checked_report,
    checked_run_status,
    checked_strategy,
    checked_text,
)
from podium.client.compensation import log_undone, refuse_undone, what_was_undone
from podium.client.fakes import tasks_with
from podium.client.http import HttpPolicy
from podium.client.options import StartOptions
from podium.client.process import EngineProcess
from podium.client.promises import Promises
from podium.client.standing import has_engine
from podium.client.system import SystemProcesses
from podium.client.transport import InProcess
from podium.client.waiting import Waiting
from podium.dsl import Task, Workflow
from podium.dsl.arguments import checked_verb, checked_verbs
from podium.engine import events, ids
from podium.engine.kernel import Kernel
from podium.engine.limits import Limits
from podium.engine.ports import Backend
from podium.engine.requests import Register, RestartRequest, StartRequest
from podium.engine.rows import RunFilter
from podium.model.assignments import Report, Transport
from podium.model.codec import from_json
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import InvalidRequest, LimitExceeded, RunTimeout
from podium.model.messages import EventSink
from podium.model.records import RunList
from podium.model.runs import RunSource, TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus, TaskType
from podium.model.texts import shown
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.workers import WorkerPool

#: Seconds that what undoes failed runs gets when the workers leave.
_SEEING_OFF_S = 10.0

_HOW_TO_START = "start a function with @workflow above it, which calls the tasks, or the name of a registered workflow"

#: What can be registered.
Definition: TypeAlias = "Workflow[..., Any] | Task[..., Any] | WorkflowDef | TaskDef"


@checked_verbs
class EmbeddedClient:
    """
    Runs workflows in this process.

    The engine's thread starts with the first call that changes something; a client that only reads takes nothing over.
    Every method may be called from any thread.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     [run.workflow_id for run in client.search()]
        []
    """

    def __init__(
        self,
        backend: Backend,
        *,
        http: HttpPolicy | None = None,
        limits: Limits | None = None,
        sinks: Mapping[str, EventSink] | None = None,
    ) -> None:
        self._engine = EngineProcess(backend, http or HttpPolicy(), limits or Limits(), sinks)
        #: What was registered last by name and version: the workflow, its definitions, and whether it was checked.
        self._promises = Promises()
        self._known: dict[tuple[str, int], tuple[Workflow[..., Any], WorkflowDef, bool]] = {}

    # -- definitions -------------------------------------------------------------------------------------------------

    def register(self, *definitions: Definition) -> None:
        """
        Put definitions into the store, replacing those of the same name and version.

        Args:
            definitions: Workflows (with the sub-workflows and task definitions that they name), tasks, `WorkflowDef`s
                or `TaskDef`s.

        Raises:
            InvalidRequest: Something else was given.
            DefinitionError: A workflow is not well-formed.
        """
        workflows: dict[tuple[str, int], WorkflowDef] = {}
        task_defs: dict[str, TaskDef] = {}
        for definition in definitions:
            if isinstance(definition, Workflow):
                workflows |= {(one.name, one.version): one for one in definition.definitions}
                task_defs |= {one.name: one for one in definition.task_defs}
                self._promises.note(definition)
            elif isinstance(definition, Task):
                task_defs[definition.task_def.name] = definition.task_def
            elif isinstance(definition, WorkflowDef):
                workflows[definition.name, definition.version] = definition
            elif isinstance(definition, TaskDef):
                task_defs[definition.name] = definition
            else:
                raise InvalidRequest(f"a workflow or a task is expected, not {type(definition).__name__}")
        self.kernel.register(Register(tuple(workflows.values()), tuple(task_defs.values()))).wait()

    def workflows(self) -> tuple[WorkflowDef, ...]:
        """Return every registered workflow, by name and version."""
        return tuple(from_json(row.body, WorkflowDef) for row in self._engine.backend.workflows())

    # -- runs --------------------------------------------------------------------------------------------------------

    def start(
        self,
        workflow: Workflow[..., Any] | WorkflowDef | str,
        input: Mapping[str, JsonValue] | None = None,  # noqa: A002  # the field's own name
        *,
        version: int | None = None,
        correlation_id: str | None = None,
        priority: int = 0,
        task_to_domain: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        idempotency_strategy: IdempotencyStrategy | str = IdempotencyStrategy.FAIL,
        check: bool = True,
    ) -> str:
        """
        Start a run.

        Args:
            workflow: A workflow, which is checked and registered first; a `WorkflowDef`, which is run as it is, without
                being registered; or the name of a registered one.
            input: The run's input; a JSON object. Values that JSON has not are written as workers read them: records,
                times, decimals, sets and their kin.
            version: Of a registered workflow; None for the greatest.
            correlation_id: The caller's own id, to find the run by.
            priority: 0 to 99; larger first.
            task_to_domain: Worker domains by task type.
            idempotency_key: A second start of the same workflow with this key makes no second run.
            idempotency_strategy: What it does instead: FAIL raises, RETURN_EXISTING gives the first run.
            check: False starts a workflow in which `Workflow.check` finds errors. A workflow that has not changed is
                looked at once.

        Returns:
            The run's id. The run is durable when it returns.

        Raises:
            WorkflowNotFound: The name is not registered.
            DefinitionError: The workflow cannot run, or its check finds errors.
            AlreadyExists: The key was used, and the strategy is FAIL.
            InvalidRequest: The input is no JSON object or cannot be right (`Workflow.check_input`), or the priority is
                out of range.
        """
        if not 0 <= priority <= 99:
            raise InvalidRequest(f"priority: {priority} should be between 0 and 99")
        self._register_once(workflow, check=check)
        request = self._start_request(workflow, input, version)._replace(
            correlation_id=checked_text(correlation_id, "correlation_id"),
            priority=priority,
            task_to_domain=checked_object(task_to_domain, "task_to_domain"),
            idempotency_key=checked_text(idempotency_key, "idempotency_key"),
            idempotency_strategy=checked_strategy(idempotency_strategy),
        )
        run_id: str = self.kernel.ask(request).wait()
        return run_id

    def start_many(
        self,
        workflow: Workflow[..., Any] | WorkflowDef | str,
        inputs: Iterable[Mapping[str, JsonValue]],
        *,
        version: int | None = None,
        check: bool = True,
    ) -> list[str]:
        """
        Start one run per input; they share commits, so many cost little more than one.

        Returns:
            The runs' ids, in the order of the inputs. All of them are durable when it returns.

        Raises:
            PodiumError: As `start`; those before the refused one have been started.
        """
        self._register_once(workflow, check=check)
        if not isinstance(inputs, Iterable):
            raise InvalidRequest(f"a list of inputs is expected, one map for each run, not {shown(inputs)}")
        requests = [self._start_request(workflow, one, version) for one in inputs]
        replies = [self.kernel.ask(request) for request in requests]
        return [reply.wait() for reply in replies]

    def _start_request(
        self,
        workflow: Workflow[..., Any] | WorkflowDef | str,
        run_input: Mapping[str, JsonValue] | None,
        version: int | None,
    ) -> StartRequest:
        given = checked_object(run_input, "the input")
        try:
            self._engine.limits.packed(given, "the input")
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None
        request = StartRequest(self._engine.ids.run_id(), given)
        if isinstance(workflow, Workflow):
            workflow.check_input(request.input)
            return request._replace(name=workflow.name, version=workflow.version)
        if isinstance(workflow, WorkflowDef):
            return request._replace(definition=workflow)
        if callable(workflow):
            raise InvalidRequest(f"{shown(workflow)} is no workflow; {_HOW_TO_START}")
        return request._replace(name=checked_text(workflow, "the workflow's name"), version=version)

    def wait(self, run_id: str, timeout: float | None = None, *, include_tasks: bool = True) -> WorkflowRun:
        """
        Wait until a run has ended, and until what undoes it has, if it failed.

        A failure workflow is waited for as long as it goes on by itself, and no longer than *timeout*.
        What needs somebody's help meanwhile, such as a task that nobody serves, is said in the log ``podium``.

        Args:
            run_id: The run.
            timeout: Seconds; None for as long as it takes.
            include_tasks: False for the run without its task attempts, which is quicker for a large run.

        Returns:
            The run as it ended; `WorkflowRun.undone` says what was undone.

        Raises:
            RunNotFound: No run has this id.
            RunTimeout: It has not ended in time (also a ``TimeoutError``); the run goes on. The message says what it
                waits for.
            EngineStopped: The engine was stopped meanwhile, such as by `close` in another thread.
        """
        now = self._engine.clock.now()
        return self._waited(self.waiting(), run_id, timeout, include_tasks=include_tasks, began=now)

    def wait_alone(self, run_id: str, timeout: float | None) -> WorkflowRun:
        """Wait as `wait` does, on a store that nobody else can reach: so nobody can complete a task by hand."""
        return self._waited(Waiting(self._engine, is_alone=True), run_id, timeout)

    def _waited(
        self,
        waiting: Waiting,
        run_id: str,
        timeout: float | None,
        *,
        include_tasks: bool = True,
        began: int = 0,
    ) -> WorkflowRun:
        """Wait; what was undone is said of a run that has ended since *began*."""
        deadline = None if timeout is None else monotonic() + timeout
        if not waiting.for_end(run_id, deadline):
            words = waiting.says(run_id)
            raise RunTimeout(f"run {run_id} has not ended within {timeout:g} s; it goes on{words and f': {words}'}")
        run = self._seen(run_id, with_tasks=include_tasks)
        if run.status.is_successful and not include_tasks:
            return run
        if waiting.for_compensation(run if include_tasks else self._engine.reader.run(run_id), deadline):
            run = self._seen(run_id, with_tasks=include_tasks)
        if run.end_time >= began:
            log_undone(run)
        return run

    def waiting(self, completing: Callable[[str, str], str] | None = None) -> Waiting:
        """
        Return what waits for runs a while at a time, as a program does that shows something meanwhile.

        Args:
            completing: Gives the call that completes a task, by the run's id and the task's name.
        """
        return Waiting(self._engine, completing=completing)

    def run(
        self,
        workflow: Workflow[..., Any] | WorkflowDef | str,
        input: Mapping[str, JsonValue] | None = None,  # noqa: A002  # the field's own name
        *,
        timeout: float | None = None,
        **options: Unpack[StartOptions],
    ) -> WorkflowRun:
        """Start a run and wait for its end; arguments and errors as `start` and `wait` have them."""
        return self._waited(self.waiting(), self.start(workflow, input, **options), timeout)

    def get(self, run_id: str, *, include_tasks: bool = True) -> WorkflowRun:
        """
        Return a run as it stands.

        Raises:
            RunNotFound: No run has this id.
        """
        return self._seen(run_id, with_tasks=include_tasks)

    def _seen(self, run_id: str, *, with_tasks: bool) -> WorkflowRun:
        """Return a run that knows how to be looked at again, and what was undone of it."""
        reader = self._engine.reader
        run = reader.run(run_id, with_tasks=with_tasks)
        source = RunSource(lambda: self._seen(run_id, with_tasks=with_tasks))
        return evolve(run, source=source, undoing=what_was_undone(run, reader.run))

    def live(self, run_id: str, *, interval: float = 0.25) -> Any:
        """
        Show a run while it goes on: what ``client.get(run_id).live()`` does, see `WorkflowRun.live`.

        It only looks: where no engine works on the run's store, such as in a client that only reads, nothing changes.

        Raises:
            RunNotFound: No run has this id.
        """
        return self.get(run_id).live(interval=interval)

    def search(
        self,
        *,
        name: str | None = None,
        status: RunStatus | str | None = None,
        correlation_id: str | None = None,
        parent_id: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> RunList:
        """
        Return runs, newest first, as a list that also is a table: ``client.search().to_records()``.

        Args:
            name: Of the workflow.
            status: Such as ``RUNNING``.
            correlation_id: As given to `start`.
            parent_id: Only sub-workflows of this run.
            limit: Most runs to give.
            offset: How many to pass over.

        Raises:
            InvalidRequest: No run can have this status.
        """
        wanted = checked_run_status(status).value if status is not None else None
        where = RunFilter(name=name, status=wanted, correlation_id=correlation_id, parent_id=parent_id)
        return RunList(self._engine.reader.runs(where, limit=limit, offset=offset))

    def has_engine(self) -> bool:
        """
        Return whether an engine works on the store: this client's own, or that of another process.

        Where there is none, live runs stand still until a client does something, such as `wait`; asking starts none.
        """
        return has_engine(self._engine.backend, SystemProcesses(), self._engine.clock)

    def pending_humans(self, *, name: str | None = None, limit: int = 100) -> list[TaskRun]:
        """
        Return the HUMAN tasks that wait for somebody; ``client.complete_task(run_id, name, output)`` ends one.

        Every live run is read for it, so it is made for a notebook and not for a loop.

        Args:
            name: Only in runs of this workflow.
            limit: Most runs to look into, the newest ones.

        Returns:
            The attempts, those of the newest run first. Each has the ``workflow_instance_id`` of its run, and in
            ``input_data`` what was to be shown to whoever decides.
        """
        alive = [*self.search(name=name, status=RunStatus.RUNNING, limit=limit)]
        alive += self.search(name=name, status=RunStatus.PAUSED, limit=limit)
        newest = sorted(alive, key=lambda run: -run.create_time)[:limit]
        attempts = (attempt for run in newest for attempt in self.get(run.workflow_id).tasks)
        return [each for each in attempts if each.task_type == TaskType.HUMAN and not each.status.is_terminal]

    # -- operations --------------------------------------------------------------------------------------------------

    def pause(self, run_id: str) -> None:
        """
        Schedule nothing new; what runs may end.

        Raises:
            IllegalTransition: The run has ended.
        """
        self.kernel.ask(events.Pause(run_id)).wait()

    def resume(self, run_id: str) -> None:
        """
        Go on after a pause.

        Raises:
            IllegalTransition: The run is not paused.
        """
        self.kernel.ask(events.Resume(run_id)).wait()

    def terminate(self, run_id: str, reason: str | None = None) -> None:
        """
        End a run now, its sub-workflows with it.

        Raises:
            IllegalTransition: The run is COMPLETED.
        """
        self.kernel.ask(events.Terminate(run_id, reason)).wait()

    def retry(self, run_id: str, *, resume_subworkflows: bool = False) -> None:
        """
        Go on from the failed tasks of an ended run.

        Args:
            run_id: The run.
            resume_subworkflows: Retry inside a failed sub-workflow instead of starting it anew.

        Raises:
            IllegalTransition: The run lives, is COMPLETED, has nothing to retry, or was undone when it failed.
        """
        target = self._failed_descendant(run_id) if resume_subworkflows else run_id
        self._refuse_undone(target, "retried", with_itself=True)
        self.kernel.ask(events.Retry(target)).wait()

    def restart(self, run_id: str, *, use_latest: bool = False) -> None:
        """
        Begin an ended run anew under its id, with its input.

        Args:
            run_id: The run.
            use_latest: With the newest registered definition instead of its own.

        Raises:
            IllegalTransition: The run lives, or is COMPLETED and its definition not restartable; or a run that waits
                for it was undone when it failed.
        """
        self._refuse_undone(run_id, "restarted", with_itself=False)
        self.kernel.ask(RestartRequest(run_id, use_latest)).wait()

    def update_task(self, result: TaskResult) -> None:
        """
        Say how a task attempt stands. What comes too late, or twice, changes nothing.

        Raises:
            TaskNotFound: No attempt has this id.
            InvalidRequest: The status cannot be reported, or the result is not what its step is declared to give, as
                far as this client has registered the workflow.
        """
        if not isinstance(result, TaskResult):
            raise InvalidRequest(f"a TaskResult is expected, not {shown(result)}")
        run_id, seq = ids.locate(result.task_id)
        output = checked_object(result.output_data, "output_data")
        if result.status == TaskStatus.COMPLETED:
            attempt = self.task(result.task_id)
            self._refuse_wrong_result(run_id, attempt.reference_task_name, lambda: output)
        self.kernel.ask(
            Report(
                run_id,
                seq,
                checked_report(result.status),
                output,
                result.reason_for_incompletion,
                worker_id=result.worker_id,
                callback_after_s=result.callback_after_seconds,
                logs=[(line.created_time or self._engine.clock.now(), line.log) for line in result.logs],
                is_heartbeat=result.extend_lease,
            ),
        ).wait()

    def complete_task(
        self,
        run_id: str,
        reference_name: str,
        output: Mapping[str, JsonValue] | None = None,
        *,
        status: TaskStatus = TaskStatus.COMPLETED,
    ) -> None:
        """
        End the live attempt of a task by its reference name, such as a WAIT or a HUMAN; the output is merged.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: No attempt of that name lives.
            InvalidRequest: The status cannot be reported, or the result is not what the step is declared to give
                (``human("approve", returns=Approval)``), as far as this client has registered the workflow.
        """
        given = checked_object(output, "the output")
        if status == TaskStatus.COMPLETED:
            whole = lambda: {**self._output_so_far(run_id, reference_name), **given}  # noqa: E731  # nothing to name
            self._refuse_wrong_result(run_id, reference_name, whole)
        self.kernel.ask(events.ReportByName(run_id, reference_name, checked_report(status), given)).wait()

    def _refuse_wrong_result(
        self,
        run_id: str,
        reference_name: str,
        output: Callable[[], Mapping[str, JsonValue]],
    ) -> None:
        self._promises.refuse_wrong(self._engine.reader.run(run_id, with_tasks=False), reference_name, output)

    def _output_so_far(self, run_id: str, reference_name: str) -> Mapping[str, JsonValue]:
        attempt = self.get(run_id).task(reference_name)
        return {} if attempt is None else attempt.output_data

    def task(self, task_id: str) -> TaskRun:
        """
        Return a task attempt.

        Raises:
            TaskNotFound: No attempt has this id.
        """
        return self._engine.reader.task(task_id)

    def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        """Return the lines that were logged for a task attempt, oldest first."""
        return self._engine.reader.logs(task_id)

    # -- workers -----------------------------------------------------------------------------------------------------

    def workers(
        self,
        tasks: Iterable[Task[..., Any]],
        *,
        concurrency: int = 8,
    ) -> AbstractContextManager[WorkerPool]:
        """
        Serve tasks with their functions, as long as the returned context is open.

        It closes when what undoes a run that failed here has ended, or cannot go on by itself; after ten seconds in any
        case, and at once where an exception leaves the block.

        Args:
            tasks: `Task`s made with ``@task``.
            concurrency: Most calls of plain functions at once, and of async functions.
        """
        from podium.workers.pool import serve  # who only starts runs and looks at them needs no workers

        return self._until_seen_off(serve(self.transport, tasks, concurrency=concurrency))

    @contextmanager
    def _until_seen_off(self, pool: WorkerPool) -> Iterator[WorkerPool]:
        with pool:
            yield pool
            deadline = monotonic() + _SEEING_OFF_S
            self._engine.settle()  # a run that has ended can be read a moment before its failure run is known here
            for run_id in list(self._engine.newsroom.compensations):
                self.waiting().for_compensation(self._engine.reader.run(run_id), deadline)

    @property
    def transport(self) -> Transport:
        """The way for workers of one's own making; the engine starts when it is first asked for."""
        return InProcess(self._engine)

    # -- the engine --------------------------------------------------------------------------------------------------

    @property
    def kernel(self) -> Kernel:
        """The engine of this client; it starts when it is first asked for."""
        return self._engine.kernel

    def close(self) -> None:
        """
        Stop the engine and close the store; live runs stay there. Closing twice is fine.

        HTTP requests that are under way have 2 s to end, so that they need not be repeated.
        """
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _register_once(self, workflow: Workflow[..., Any] | WorkflowDef | str, *, check: bool) -> None:
        """Register a workflow before its first start, and again if it has grown or another one had its name since."""
        if not isinstance(workflow, Workflow):
            return
        key, definition = (workflow.name, workflow.version), workflow.definition
        known, as_it_was, is_checked = self._known.get(key, (None, None, False))
        is_known = known is workflow and as_it_was == definition
        if is_known and (is_checked or not check):
            return
        if check:
            refuse_wrong(workflow)
        if not is_known:
            self.register(workflow)
        self._known[key] = (workflow, definition, check)

    def _refuse_undone(self, run_id: str, verb: str, *, with_itself: bool) -> None:
        """Refuse to take up a run that was undone, or one whose parent, which would go on with it, was."""
        run = self._engine.reader.run(run_id, with_tasks=False)
        if with_itself:
            refuse_undone(run, self._engine.reader.run, verb=verb)
        if run.parent_workflow_id is not None:
            self._refuse_undone(run.parent_workflow_id, verb, with_itself=True)

    def _failed_descendant(self, run_id: str) -> str:
        failing = self.get(run_id).failing_task
        if failing is not None and failing.task_type == "SUB_WORKFLOW" and failing.sub_workflow_id:
            return self._failed_descendant(failing.sub_workflow_id)
        return run_id


@checked_verb
def connect(
    url: str = "memory://",
    *,
    http: HttpPolicy | None = None,
    limits: Limits | None = None,
    sinks: Mapping[str, EventSink] | None = None,
) -> EmbeddedClient:
    """
    Connect to a store by URL, with an engine in this process.

    Args:
        url: ``memory://``, ``sqlite:///podium.db``, or what an installed backend takes.
        http: What HTTP tasks may reach, and how much they may take; None for the defaults of `HttpPolicy`.
        limits: How large what enters a run, or grows in it, may be; None for the defaults of `Limits`.
        sinks: What takes the messages of EVENT tasks, by the kind of their sink, such as ``kafka``; packages may bring
            more (entry point group ``podium.sinks``).

    Raises:
        UnknownBackend: Nothing is known for this URL.
        BackendNotInstalled: Its driver is missing.
    """
    return EmbeddedClient(open_backend(url), http=http, limits=limits, sinks=sinks)


@checked_verb
def run_workflow(
    workflow: Workflow[..., Any],
    run_input: Mapping[str, JsonValue],
    *,
    workers: Sequence[Task[..., Any]] | None = None,
    timeout: float | None = None,
) -> WorkflowRun:
    """
    Run a workflow in memory, its own tasks as workers: what ``order.run(...)`` does.

    Args:
        workflow: The workflow.
        run_input: Its input.
        workers: Tasks to serve beside those that the workflow names; where they have the name of one, instead of it.
        timeout: Seconds to wait; None for as long as it takes.

    Raises:
        InvalidRequest: One of the tasks has a name that is nearly one of the workflow's.
    """
    tasks = tasks_with(workflow, workers or ())
    with connect("memory://") as client, client.workers(tasks):
        run = client.wait_alone(client.start(workflow, run_input), timeout)
    return evolve(run, source=None)  # the store is gone, and the result must not keep it in memory
