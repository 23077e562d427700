"""The client of a server: what ``podium.connect("http://…")`` gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from podium.client.compensation import log_undone
from podium.client.declared import DeclaredTypes
from podium.client.definitions import Definition
from podium.client.driving import BlockingCall, RemoteCall, blocking, drive
from podium.client.explaining import complete_task
from podium.client.options import Startable, StartOptions
from podium.client.remote.audit import RemoteAudit
from podium.client.remote.event_handlers import RemoteEventHandlers
from podium.client.remote.outlook import RemoteOutlook
from podium.client.remote.policies import RemoteRetention
from podium.client.remote.reading import ReadingClient
from podium.client.remote.schedules import RemoteSchedules
from podium.client.remote.server import Server
from podium.client.remote.session import Session
from podium.client.remote.settings import RemoteSettings
from podium.client.remote.signalling import RemoteSignallingClient
from podium.client.remote.starting import RemoteStarter
from podium.client.remote.transport import RemoteTransport
from podium.client.remote.values import RemoteSecrets, RemoteVariables
from podium.client.remote.waiting import RemoteWaiting
from podium.client.remote.wire import Wire
from podium.client.results import with_result
from podium.client.showing import Completing
from podium.client.single_use import SERVED, SingleUse
from podium.dsl import Task, Workflow
from podium.dsl.arguments import checked_verbs
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionNotFound, PodiumError, WorkflowNotFound
from podium.model.explanations import Explanation
from podium.model.runs import ResultT, WorkflowRun
from podium.model.statuses import IdempotencyStrategy

if TYPE_CHECKING:
    from podium.workers import WorkerPool

#: Seconds that what undoes failed runs gets when the workers leave.
_SEEING_OFF_S = 10.0
#: Quick attempts that may wait here for each thread of a pool: they are nobody else's until their lease is over.
AHEAD = 2


@checked_verbs
class RemoteClient(ReadingClient, RemoteSignallingClient):
    """
    Speaks to a Podium server, a Conductor or an Orkes cluster. What its methods do is said at `podium.Client`.

    Every method may be called from any thread. What may be asked twice is asked again when an answer is lost; what a
    server lacks is refused as `podium.model.errors.NotOffered`.

    Args:
        wire: The way to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._session = Session(wire)
        self._server = Server(self._session)
        self._outlook = RemoteOutlook(self._server)
        self._declared = DeclaredTypes()
        self._starter = RemoteStarter(self._server, self._declared)
        self._secrets = RemoteSecrets(self._server)
        self._variables = RemoteVariables(self._server)
        self._event_handlers = RemoteEventHandlers(self._server)
        self._audit = RemoteAudit(self._server)
        self._policies = RemoteRetention(self._server)
        self._schedules = RemoteSchedules(self._server, self._starter)
        self._transport: RemoteTransport | None = None

    # -- definitions and starts --------------------------------------------------------------------------------------

    @blocking
    async def register(self, *definitions: Definition) -> None:
        await self._starter.register(*definitions)

    @blocking
    async def unregister_workflow(self, name: str, version: int) -> None:
        self._starter.forget(name, version)
        await self._server.ask("DELETE", "metadata", "workflow", name, version, missing=WorkflowNotFound)

    @blocking
    async def unregister_task(self, name: str) -> None:
        await self._server.ask("DELETE", "metadata", "taskdefs", name, missing=DefinitionNotFound)

    @property
    def secrets(self) -> RemoteSecrets:
        return self._secrets

    @property
    def environment(self) -> RemoteVariables:
        return self._variables

    @property
    def event_handlers(self) -> RemoteEventHandlers:  # said at `podium.Client`
        return self._event_handlers

    @property
    def audit(self) -> RemoteAudit:  # said at `podium.Client`
        return self._audit

    @property
    def retention(self) -> RemoteRetention:
        return self._policies

    @property
    def schedules(self) -> RemoteSchedules:  # said at `podium.Client`
        return self._schedules

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

    # -- waits -------------------------------------------------------------------------------------------------------

    @blocking
    async def wait(self, run_id: str, timeout: float | None = None, *, include_tasks: bool = True) -> WorkflowRun:
        return await self._waited(run_id, timeout, include_tasks=include_tasks)

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

    def waiting(self, completing: Completing | None = None) -> RemoteWaiting:  # said at `podium.client.showing`
        return RemoteWaiting(self._server, self._outlook, completing or complete_task)

    @blocking
    async def explanation(self, run_id: str, completing: Completing) -> Explanation:
        return await self._outlook.explain(run_id, completing)

    async def _waited(self, run_id: str, timeout: float | None, *, include_tasks: bool = True) -> WorkflowRun:
        waiting = RemoteWaiting(self._server, self._outlook)
        deadline = None if timeout is None else monotonic() + timeout
        if not await waiting.end(run_id, deadline):
            raise await waiting.refuse_late(run_id, timeout or 0.0)
        run = await self._viewed(run_id, with_tasks=include_tasks)
        if run.status.is_successful and not include_tasks:
            return run
        whole = run if include_tasks else await self._server.run(run_id)
        if await waiting.compensation(whole, deadline):
            run = await self._viewed(run_id, with_tasks=include_tasks)
        log_undone(run)
        return run

    # -- workers, and the end ----------------------------------------------------------------------------------------

    def workers(
        self,
        tasks: Iterable[Task[..., Any]],
        *,
        concurrency: int = 8,
        domain: str | None = None,
    ) -> AbstractContextManager[WorkerPool]:
        from podium.workers.pool import WorkerPool  # who only starts runs and looks at them needs no workers

        transport = self.transport
        pool = WorkerPool(transport, tasks, concurrency=concurrency, domain=domain, ahead=AHEAD)
        return SingleUse(self._until_seen_off(pool, transport), SERVED)

    @contextmanager
    def _until_seen_off(self, pool: WorkerPool, transport: RemoteTransport) -> Iterator[WorkerPool]:
        with pool:
            yield pool
            drive(self._see_off(transport.failed_runs, monotonic() + _SEEING_OFF_S))
        transport.flush()

    async def _see_off(self, run_ids: Iterable[str], deadline: float) -> None:
        """Wait for what undoes the runs that failed here."""
        waiting = RemoteWaiting(self._server, self._outlook)
        for run_id in run_ids:
            try:
                run = await self._server.run(run_id)
                if run.status.is_terminal:
                    await waiting.compensation(run, deadline)
            except PodiumError:
                continue  # whoever waits for the run hears of it; who only works may perhaps not look

    @property
    def transport(self) -> RemoteTransport:
        """The way for workers of one's own making; it begins to poll when a pool is attached."""
        self._session.refuse_closed()
        if self._transport is None:
            self._transport = RemoteTransport(self._wire.another())
        return self._transport

    @blocking
    async def close(self) -> None:
        self._session.close()
        transport, self._transport = self._transport, None
        if transport is not None:
            await BlockingCall(transport.close)
        await _Closing(self._wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Closing(RemoteCall):
    """The end of the connections."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def make(self) -> None:
        """Close those of threads; a client of threads has no others."""
        self._wire.close()

    async def make_async(self) -> None:
        """Close both."""
        await self._wire.close_async()
        self._wire.close()


def open_remote(settings: RemoteSettings) -> RemoteClient:
    """
    Return a client of a server; it asks nothing before its first verb.

    Args:
        settings: Where the server is.
    """
    return RemoteClient(Wire(settings))
