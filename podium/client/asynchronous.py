"""The client of event loops: the verbs of `podium.client.interface.Client`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial, wraps
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from podium.client.audit import Audit
from podium.client.checked import is_new, whole_search
from podium.client.driving import DrivingLoop, body_of
from podium.client.event_handlers import EventHandlers
from podium.client.interface import Client
from podium.client.policies import RetentionPolicies
from podium.client.schedules import Schedules
from podium.client.secrets import Secrets, Variables
from podium.dsl import Task
from podium.dsl.arguments import checked_verbs
from podium.model.errors import InvalidRequest
from podium.model.runs import RunSummary

if TYPE_CHECKING:
    from podium.workers import WorkerPool

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


def _awaited(
    verb: Callable[Concatenate[Client, P], T],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    """Return the method that awaits a verb of the client beneath: as a coroutine if it is written as one."""
    name = verb.__name__

    @wraps(verb)
    def call(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return self._do(name, args, kwargs)

    return call


class AsyncPart:
    """A part of a client, for event loops: its methods are those of the part beneath, to be awaited."""

    def __init__(self, do: Callable[[str, tuple[Any, ...], dict[str, Any]], Coroutine[Any, Any, Any]]) -> None:
        self.do = do


def _awaited_of_part(
    verb: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[AsyncPart, P], Coroutine[Any, Any, T]]:
    """Return the method that awaits a verb of the part beneath."""
    name = verb.__name__

    @wraps(verb)
    def call(self: AsyncPart, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return self.do(name, args, kwargs)

    return call


@checked_verbs
class AsyncSchedules(AsyncPart):
    """The schedules of a store: the methods of `podium.client.schedules.Schedules`, to be awaited."""

    add = _awaited_of_part(Schedules.add)
    list = _awaited_of_part(Schedules.list)
    get = _awaited_of_part(Schedules.get)
    next = _awaited_of_part(Schedules.next)
    pause = _awaited_of_part(Schedules.pause)
    resume = _awaited_of_part(Schedules.resume)
    delete = _awaited_of_part(Schedules.delete)
    run = _awaited_of_part(Schedules.run)


@checked_verbs
class AsyncEventHandlers(AsyncPart):
    """The event handlers of a store: those of `podium.client.event_handlers.EventHandlers`, to be awaited."""

    add = _awaited_of_part(EventHandlers.add)
    list = _awaited_of_part(EventHandlers.list)
    get = _awaited_of_part(EventHandlers.get)
    delete = _awaited_of_part(EventHandlers.delete)
    publish = _awaited_of_part(EventHandlers.publish)


@checked_verbs
class AsyncRetention(AsyncPart):
    """The policies of a store: the methods of `podium.client.policies.RetentionPolicies`, to be awaited."""

    set = _awaited_of_part(RetentionPolicies.set)
    list = _awaited_of_part(RetentionPolicies.list)
    remove = _awaited_of_part(RetentionPolicies.remove)
    apply = _awaited_of_part(RetentionPolicies.apply)


@checked_verbs
class AsyncAudit(AsyncPart):
    """The audit of a store: the methods of `podium.client.audit.Audit`, to be awaited."""

    list = _awaited_of_part(Audit.list)
    keep = _awaited_of_part(Audit.keep)
    kept = _awaited_of_part(Audit.kept)
    prune = _awaited_of_part(Audit.prune)


@checked_verbs
class AsyncSecrets(AsyncPart):
    """The secrets of a store: the methods of `podium.client.secrets.Secrets`, to be awaited."""

    put = _awaited_of_part(Secrets.put)
    list = _awaited_of_part(Secrets.list)
    delete = _awaited_of_part(Secrets.delete)


@checked_verbs
class AsyncVariables(AsyncPart):
    """The variables of a store: the methods of `podium.client.secrets.Variables`, to be awaited."""

    put = _awaited_of_part(Variables.put)
    list = _awaited_of_part(Variables.list)
    delete = _awaited_of_part(Variables.delete)


@checked_verbs
class AsyncClient:
    """
    A client for event loops, entered with ``async with``: the methods of `podium.Client` with ``await`` before them.

    A wait costs no thread, so thousands of them may go on at once. Looks into the store are made by the loop's own
    threads, and nothing blocks the loop. A call that is cancelled no longer waits; what it asked of the engine may
    happen all the same. It belongs to the event loop in which it was entered.

    Args:
        opening: Makes the client beneath, when this one is entered.

    Example:
        >>> import asyncio
        >>> import podium
        >>> @podium.workflow
        ... def nothing() -> None:
        ...     podium.noop("nothing")
        >>> async def main() -> str:
        ...     async with podium.connect_async("memory://") as client:
        ...         run = await client.run(nothing, timeout=10)
        ...         return run.status
        >>> print(asyncio.run(main()))
        COMPLETED
    """

    def __init__(self, opening: Callable[[], Client]) -> None:
        self._opening = opening
        self._client: Client | None = None
        self._loop: DrivingLoop | None = None

    register = _awaited(Client.register)
    workflows = _awaited(Client.workflows)
    task_defs = _awaited(Client.task_defs)
    schemas = _awaited(Client.schemas)
    unregister_workflow = _awaited(Client.unregister_workflow)
    unregister_task = _awaited(Client.unregister_task)
    start = _awaited(Client.start)
    start_many = _awaited(Client.start_many)
    wait = _awaited(Client.wait)
    run = _awaited(Client.run)
    get = _awaited(Client.get)
    explain = _awaited(Client.explain)
    search = _awaited(Client.search)
    statistics = _awaited(Client.statistics)
    has_engine = _awaited(Client.has_engine)
    pending_humans = _awaited(Client.pending_humans)
    delete = _awaited(Client.delete)
    prune = _awaited(Client.prune)
    pause = _awaited(Client.pause)
    resume = _awaited(Client.resume)
    terminate = _awaited(Client.terminate)
    retry = _awaited(Client.retry)
    restart = _awaited(Client.restart)
    rerun = _awaited(Client.rerun)
    skip_task = _awaited(Client.skip_task)
    fail_task = _awaited(Client.fail_task)
    update_task_by_name = _awaited(Client.update_task_by_name)
    extend_lease = _awaited(Client.extend_lease)
    reset_callbacks = _awaited(Client.reset_callbacks)
    bulk = _awaited(Client.bulk)
    limits = _awaited(Client.limits)
    update_task = _awaited(Client.update_task)
    complete_task = _awaited(Client.complete_task)
    execute = _awaited(Client.execute)
    signal = _awaited(Client.signal)
    signal_and_wait = _awaited(Client.signal_and_wait)
    query = _awaited(Client.query)
    send_message = _awaited(Client.send_message)
    deliver_webhook = _awaited(Client.deliver_webhook)
    task = _awaited(Client.task)
    logs = _awaited(Client.logs)
    close = _awaited(Client.close)

    @property
    def secrets(self) -> AsyncSecrets:
        """The secrets of the store, without their values."""
        return AsyncSecrets(partial(self._do, part="secrets"))

    @property
    def environment(self) -> AsyncVariables:
        """The variables of the store, which expressions see as ``${workflow.env.NAME}``."""
        return AsyncVariables(partial(self._do, part="environment"))

    @property
    def event_handlers(self) -> AsyncEventHandlers:
        """The event handlers of the store, and what is done with them."""
        return AsyncEventHandlers(partial(self._do, part="event_handlers"))

    async def search_all(self, *, page: int = 500, **conditions: Any) -> AsyncIterator[RunSummary]:
        """Yield all runs that `search` would give, a page at a time: ``async for``; see `podium.Client.search_all`."""
        asked, size, seen = whole_search(page, conditions)
        for offset in count(0, size):
            found = await self.search(**asked, limit=size, offset=offset)
            for run in found:
                if is_new(run, seen):
                    yield run
            if len(found) < size:
                return

    @property
    def audit(self) -> AsyncAudit:
        """Who has changed what in the store by a server."""
        return AsyncAudit(partial(self._do, part="audit"))

    @property
    def retention(self) -> AsyncRetention:
        """How long the runs of the store stay after their end."""
        return AsyncRetention(partial(self._do, part="retention"))

    @property
    def schedules(self) -> AsyncSchedules:
        """The schedules of the store, and what is done with them."""
        return AsyncSchedules(partial(self._do, part="schedules"))

    def workers(
        self, tasks: Iterable[Task[..., Any]], *, concurrency: int = 8, domain: str | None = None
    ) -> AbstractAsyncContextManager[WorkerPool]:
        """Serve tasks as long as the returned context, an ``async with``, is open; see `podium.Client.workers`."""
        return self._serving(tasks, concurrency, domain)

    @asynccontextmanager
    async def _serving(
        self, tasks: Iterable[Task[..., Any]], concurrency: int, domain: str | None
    ) -> AsyncIterator[WorkerPool]:
        client, loop = self._entered()
        serving = client.workers(tasks, concurrency=concurrency, domain=domain)
        pool = await loop.call(serving.__enter__)
        try:
            yield pool
        except BaseException as error:
            if not await loop.call(partial(serving.__exit__, type(error), error, error.__traceback__)):
                raise
        else:
            await loop.call(partial(serving.__exit__, None, None, None))

    async def __aenter__(self) -> Self:
        if self._client is not None:
            raise InvalidRequest("this client has been entered already; make another with podium.connect_async(...)")
        self._loop = DrivingLoop(asyncio.get_running_loop())
        self._client = await self._loop.call(self._opening)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _entered(self) -> tuple[Client, DrivingLoop]:
        if self._client is None or self._loop is None:
            raise InvalidRequest("enter the client first: async with podium.connect_async(...) as client")
        return self._client, self._loop

    def _do(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], *, part: str | None = None
    ) -> Coroutine[Any, Any, Any]:
        client, loop = self._entered()
        owner = client if part is None else getattr(client, part)
        verb: Callable[..., Any] = getattr(owner, name)
        body = body_of(verb)
        return loop.call(partial(verb, *args, **kwargs)) if body is None else loop.drive(body(owner, *args, **kwargs))
