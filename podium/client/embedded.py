"""An engine in this process, on a store: the client behind ``podium.connect("sqlite:///podium.db")``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from os import PathLike
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from podium.backends.loader import open_backend
from podium.client.checked import checked_span, checked_whole
from podium.client.compensation import log_undone, undone_steps
from podium.client.declared import DeclaredTypes
from podium.client.definitions import Definition
from podium.client.driving import BlockingCall, blocking
from podium.client.embedded_operating import OperatingClient
from podium.client.embedded_signals import SignallingClient
from podium.client.embedded_waiting import EmbeddedWaiting
from podium.client.engine import EmbeddedEngine
from podium.client.external_results import OutsideResults
from podium.client.input_edits import Edits
from podium.client.interface import Span
from podium.client.messages import MessageIntake
from podium.client.news import log
from podium.client.options import Startable, StartOptions
from podium.client.results import with_result
from podium.client.serving import ServiceSettings
from podium.client.showing import Completing
from podium.client.single_use import SERVED, SingleUse
from podium.client.starting import EmbeddedStarter
from podium.client.store_activity import has_engine
from podium.client.system import SystemProcesses
from podium.client.transport import InProcess
from podium.client.views import StoreViews
from podium.client.world import ClientWorld
from podium.dsl import Task, Workflow
from podium.dsl.arguments import checked_verbs
from podium.engine import events
from podium.engine.kernel import Kernel
from podium.engine.limits import Limits
from podium.engine.ports import Backend
from podium.engine.requests import RestartRequest
from podium.engine.rows import RunFilter
from podium.model.assignments import Transport
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import InvalidRequest, RunTimeout
from podium.model.later import later
from podium.model.records import RunList
from podium.model.runs import ResultT, TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus

if TYPE_CHECKING:
    from podium.client import retention as deleting
    from podium.client import searching
    from podium.client import statistics as figures
    from podium.client.embedded_audit import EmbeddedAudit
    from podium.client.embedded_event_handlers import EmbeddedEventHandlers
    from podium.client.embedded_policies import EmbeddedRetention
    from podium.client.embedded_schedules import EmbeddedSchedules
    from podium.client.embedded_values import EmbeddedSecrets, EmbeddedVariables
    from podium.model.explanations import Explanation
    from podium.model.statistics import RunStatistics
    from podium.workers import WorkerPool
else:
    figures = later("podium.client.statistics")
    deleting = later("podium.client.retention")
    searching = later("podium.client.searching")

#: Seconds that what undoes failed runs gets when the workers leave.
_SEEING_OFF_S = 10.0
#: Most of them of which it is told after that what they wait for: one look takes as long as what has failed is large.
_TOLD_LATE_MAX = 10


@checked_verbs
class EmbeddedClient(OperatingClient, SignallingClient):
    """
    Runs workflows in this process. What its methods do is said at `podium.Client`.

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
        services: ServiceSettings | None = None,
        limits: Limits | None = None,
        world: ClientWorld | None = None,
    ) -> None:
        if limits is not None and not isinstance(limits, Limits):
            raise InvalidRequest(f"limits= takes a podium.client.Limits, not {limits!r:.60}")
        self._engine = EmbeddedEngine(backend, services or ServiceSettings(), limits or Limits(), world)
        declared = DeclaredTypes()
        self._starter = EmbeddedStarter(self._engine, declared)
        self._results = OutsideResults(self._engine, declared)
        self._edits = Edits(self._engine, declared)
        self._incoming = MessageIntake(self._engine)
        self._views = StoreViews(self._engine)

    # -- definitions -------------------------------------------------------------------------------------------------

    @blocking
    async def register(self, *definitions: Definition) -> None:
        await self._starter.register(*definitions)

    def workflows(self) -> tuple[WorkflowDef, ...]:
        return self._views.workflows()

    def task_defs(self) -> tuple[TaskDef, ...]:
        return self._views.task_defs()

    def schemas(self) -> tuple[SchemaDef, ...]:
        return self._views.schemas()

    @blocking
    async def unregister_workflow(self, name: str, version: int) -> None:
        await self._starter.unregister_workflow(name, version)

    @blocking
    async def unregister_task(self, name: str) -> None:
        await self._starter.unregister_task(name)

    @property
    def secrets(self) -> EmbeddedSecrets:  # said at `podium.Client`
        from podium.client.embedded_values import EmbeddedSecrets

        return EmbeddedSecrets(self._engine)

    @property
    def environment(self) -> EmbeddedVariables:
        from podium.client.embedded_values import EmbeddedVariables

        return EmbeddedVariables(self._engine)

    @property
    def event_handlers(self) -> EmbeddedEventHandlers:  # said at `podium.Client`
        from podium.client.embedded_event_handlers import EmbeddedEventHandlers

        return EmbeddedEventHandlers(self._engine)

    @property
    def schedules(self) -> EmbeddedSchedules:  # said at `podium.Client`
        from podium.client.embedded_schedules import EmbeddedSchedules

        return EmbeddedSchedules(self._engine, self._starter)

    @property
    def audit(self) -> EmbeddedAudit:  # said at `podium.Client`
        from podium.client.embedded_audit import EmbeddedAudit

        return EmbeddedAudit(self._engine)

    @property
    def retention(self) -> EmbeddedRetention:
        from podium.client.embedded_policies import EmbeddedRetention

        return EmbeddedRetention(self._engine)

    # -- runs --------------------------------------------------------------------------------------------------------

    @blocking
    async def start(
        self,
        workflow: Startable,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        version: int | None = None,
        correlation_id: str | None = None,
        priority: int = 0,
        task_to_domain: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        idempotency_strategy: IdempotencyStrategy | str = IdempotencyStrategy.FAIL,
        check: bool = True,
    ) -> str:
        options: StartOptions = {
            "version": version,
            "correlation_id": correlation_id,
            "priority": priority,
            "task_to_domain": task_to_domain,
            "idempotency_key": idempotency_key,
            "idempotency_strategy": idempotency_strategy,
            "check": check,
        }
        return await self._starter.start(workflow, input, options)

    @blocking
    async def start_many(
        self,
        workflow: Startable,
        inputs: Iterable[Mapping[str, object]],
        *,
        version: int | None = None,
        check: bool = True,
    ) -> list[str]:
        return await self._starter.start_many(workflow, inputs, version=version, check=check)

    @blocking
    async def wait(self, run_id: str, timeout: float | None = None, *, include_tasks: bool = True) -> WorkflowRun:
        return await self._waited(run_id, timeout, include_tasks=include_tasks, began=self._engine.clock.now())

    @blocking
    async def wait_alone(self, run_id: str, timeout: float | None) -> WorkflowRun:
        """Wait as `wait` does, on a store that nobody else can reach: so nobody can complete a task by hand."""
        return await self._waited(run_id, timeout, is_alone=True)

    async def _waited(
        self,
        run_id: str,
        timeout: float | None,
        *,
        include_tasks: bool = True,
        began: int = 0,
        is_alone: bool = False,
    ) -> WorkflowRun:
        """Wait; what was undone is said of a run that has ended since *began*."""
        await self._engine.started()  # whoever waits wants the run to go on
        waiting = EmbeddedWaiting(self._engine, is_alone=is_alone)
        deadline = None if timeout is None else monotonic() + timeout
        revision = await waiting.end(run_id, deadline)
        if not revision:
            words = await BlockingCall(partial(waiting.says, run_id))
            if timeout is None or deadline is None or monotonic() < deadline:
                raise RunTimeout(f"run {run_id} cannot end by itself, however long{words and f': {words}'}")
            raise RunTimeout(f"run {run_id} has not ended within {timeout:g} s; it goes on{words and f': {words}'}")
        see = partial(self._views.run, run_id, with_tasks=include_tasks)
        run = await BlockingCall(partial(see, revision=revision))
        if run.status.is_successful and not include_tasks:
            return run
        whole = run if include_tasks else await BlockingCall(partial(self._engine.reader.run, run_id))
        if await waiting.compensation(whole, deadline):
            run = await BlockingCall(see)
        if run.end_time >= began:
            log_undone(run)
        return run

    def waiting(self, completing: Completing | None = None) -> EmbeddedWaiting:
        """Return what waits for runs a while at a time; see `podium.client.showing`."""
        return EmbeddedWaiting(self._engine, completing=completing)

    @blocking
    async def run(
        self,
        workflow: Workflow[..., ResultT] | WorkflowDef | str,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        timeout: float | None = None,
        **options: Unpack[StartOptions],
    ) -> WorkflowRun[ResultT]:
        return with_result(await self._waited(await self._starter.start(workflow, input, options), timeout), workflow)

    def get(self, run_id: str, *, include_tasks: bool = True) -> WorkflowRun:
        return self._views.run(run_id, with_tasks=include_tasks)

    def explain(self, run_id: str) -> Explanation:
        return self._views.explain(run_id)

    def explanation(self, run_id: str, completing: Completing) -> Explanation:
        return self._views.explain(run_id, completing)

    def live(self, run_id: str, *, interval: float = 0.25) -> Any:
        return self.get(run_id).live(interval=interval)

    def search(
        self,
        *,
        name: str | None = None,
        status: RunStatus | str | None = None,
        correlation_id: str | None = None,
        parent_id: str | None = None,
        version: int | None = None,
        priority: int | None = None,
        reason: str | None = None,
        started: Span | None = None,
        updated: Span | None = None,
        ended: Span | None = None,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
        text: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> RunList:
        spans = {"started": started, "updated": updated, "ended": ended}
        bounds = [at for name_of_span, span in spans.items() for at in checked_span(span, name_of_span)]
        for count, value in (("limit", limit), ("offset", offset)):
            checked_whole(value, count, 0)
        asked: list[Any] = [name, status, correlation_id, parent_id, version, priority, reason, *bounds]
        where = RunFilter(*asked)
        return self._views.runs(where, limit, offset, searching.contents(input, output, text))

    def statistics(
        self, name: str | None = None, *, version: int | None = None, started: Span | None = None, limit: int = 10_000
    ) -> RunStatistics:
        return figures.Statistics(self._views, self._engine).counted(
            name, version, checked_span(started, "started"), limit
        )

    def has_engine(self) -> bool:
        return has_engine(self._engine.backend, SystemProcesses(), self._engine.clock)

    def pending_humans(self, *, name: str | None = None, limit: int = 100) -> list[TaskRun]:
        return self._views.pending_humans(name, limit)

    @blocking
    async def delete(self, run_id: str, *, force: bool = False) -> None:
        if force and not (await BlockingCall(partial(self._engine.reader.status, run_id))).is_terminal:
            await self._engine.ask(events.Terminate(run_id, "it is deleted"))
        await BlockingCall(partial(self._deletion().delete, run_id))

    def prune(
        self,
        *,
        older_than: timedelta | str,
        workflow: str | None = None,
        dry_run: bool = False,
        archive: str | PathLike[str] | None = None,
    ) -> dict[str, int]:
        return self._deletion().prune(older_than, workflow, dry_run=dry_run, archive=archive)

    def _deletion(self) -> deleting.Retention:
        return deleting.Retention(self._engine.backend, self._engine.reader, self._engine.clock.now())

    # -- operations --------------------------------------------------------------------------------------------------

    @blocking
    async def pause(self, run_id: str) -> None:
        await self._engine.ask(events.Pause(run_id))

    @blocking
    async def resume(self, run_id: str) -> None:
        await self._engine.ask(events.Resume(run_id))

    @blocking
    async def terminate(
        self, run_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False
    ) -> None:
        await self._engine.ask(events.Terminate(run_id, reason, is_loud=trigger_failure_workflow))

    @blocking
    async def retry(self, run_id: str, *, resume_subworkflows: bool = False, force: bool = False) -> None:
        target = await BlockingCall(partial(self._views.failed_descendant, run_id)) if resume_subworkflows else run_id
        undone = await BlockingCall(partial(self._undone, target, "retried", with_itself=True, force=force))
        await self._engine.ask(events.Retry(target, undone))

    @blocking
    async def restart(self, run_id: str, *, use_latest: bool = False, force: bool = False) -> None:
        undone = await BlockingCall(partial(self._undone, run_id, "restarted", with_itself=False, force=force))
        await self._engine.ask(RestartRequest(run_id, use_latest, undone))

    def _undone(self, run_id: str, verb: str, *, with_itself: bool, force: bool) -> dict[str, frozenset[str]]:
        """
        Return what was undone of a run and of its parents, which would go on with it, by run.

        Unless *force* says that it is known, a run of which anything was undone is refused.
        """
        run = self._engine.reader.run(run_id, with_tasks=False)
        found = {}
        if with_itself:
            found[run_id] = undone_steps(run, self._engine.reader.run, verb=verb, force=force)
        if run.parent_workflow_id is not None:
            found |= self._undone(run.parent_workflow_id, verb, with_itself=True, force=force)
        return {each: steps for each, steps in found.items() if steps}

    @blocking
    async def update_task(self, result: TaskResult) -> None:
        await self._results.update(result)

    @blocking
    async def complete_task(
        self,
        run_id: str,
        reference_name: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus = TaskStatus.COMPLETED,
    ) -> None:
        await self._results.complete(run_id, reference_name, output, status)

    @blocking
    async def send_message(self, run_id: str, payload: Mapping[str, object]) -> str:
        return await self._incoming.message(run_id, payload)

    @blocking
    async def deliver_webhook(
        self, payload: Mapping[str, object], *, workflow: str | None = None
    ) -> list[tuple[str, str]]:
        return await self._incoming.webhook(payload, workflow)

    def task(self, task_id: str) -> TaskRun:
        return self._engine.reader.task(task_id)

    def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        return self._engine.reader.logs(task_id)

    # -- workers -----------------------------------------------------------------------------------------------------

    def workers(
        self,
        tasks: Iterable[Task[..., Any]],
        *,
        concurrency: int = 8,
        domain: str | None = None,
    ) -> AbstractContextManager[WorkerPool]:
        from podium.workers.pool import serve  # who only starts runs and looks at them needs no workers

        observer = self._engine.observer
        pool = serve(self.transport, tasks, concurrency=concurrency, domain=domain, observe=observer)
        return SingleUse(self._until_seen_off(pool), SERVED)

    @contextmanager
    def _until_seen_off(self, pool: WorkerPool) -> Iterator[WorkerPool]:
        with pool:
            yield pool
            deadline = monotonic() + _SEEING_OFF_S
            self._engine.settle()  # a run that has ended can be read a moment before its failure run is known here
            started = list(self._engine.newsroom.compensations)
            for number, run_id in enumerate(started):
                if number >= _TOLD_LATE_MAX and monotonic() > deadline:
                    left = len(started) - number
                    log.warning("%d more runs were started because a run failed; nobody looks whether they go on", left)
                    break
                self.waiting().for_compensation(self._engine.reader.run(run_id), deadline)

    @property
    def transport(self) -> Transport:
        """The way for workers of one's own making; the engine starts when it is first asked for."""
        return InProcess(self._engine.kernel, self._engine.clock, self._engine.secrets)

    # -- the engine --------------------------------------------------------------------------------------------------

    @property
    def kernel(self) -> Kernel:
        """The engine of this client; it starts when it is first asked for."""
        return self._engine.kernel

    @property
    def engine(self) -> EmbeddedEngine:
        """What this client works with, for rooms that build upon it; to ask for it starts nothing."""
        return self._engine

    def close(self) -> None:
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


def open_embedded(
    url: str = "memory://", services: ServiceSettings | None = None, limits: Limits | None = None
) -> EmbeddedClient:
    """
    Open a store by its URL, with an engine in this process; errors as `podium.connect` has them.

    Args:
        url: Of a store.
        services: What tasks may reach outside.
        limits: How large what enters a run, or grows in it, may be.
    """
    return EmbeddedClient(open_backend(url), services=services, limits=limits)
