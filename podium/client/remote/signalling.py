"""The words of `podium.client.signals`, for a server: the same on each, since each is looked at from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from time import monotonic
from typing import Unpack

from podium.client.checked import checked_strategy_of_return, checked_text
from podium.client.driving import BlockingCall, blocking
from podium.client.embedded_signals import (
    RunStanding,
    all_blocking,
    asked_refs,
    first_blocking,
    refuse_unknown_refs,
    response_of,
    waits_for_nobody,
)
from podium.client.options import Startable, StartOptions
from podium.client.remote.operating import RemoteOperatingClient
from podium.client.remote.starting import RemoteStarter
from podium.dsl.arguments import checked_verbs
from podium.model.errors import TaskNotFound
from podium.model.signals import SignalResponse
from podium.model.statuses import ReturnStrategy, TaskStatus

#: Seconds between two looks at a run that goes on: short at first, then longer.
_LOOK_S, _LOOK_MAX_S = 0.01, 0.5
#: How often a signal looks for a task again that somebody else has just ended.
_TRIES = 20


@checked_verbs
class RemoteSignallingClient(RemoteOperatingClient):
    """Starts runs and talks to them, on a server; what the verbs do is said at `podium.client.signals`."""

    _starter: RemoteStarter

    @blocking
    async def execute(
        self,
        workflow: Startable,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        wait_until_task_ref: str | Iterable[str] = (),
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 10.0,
        request_id: str | None = None,
        **options: Unpack[StartOptions],
    ) -> SignalResponse:
        strategy, refs = checked_strategy_of_return(return_strategy), asked_refs(wait_until_task_ref)
        if refs:
            await BlockingCall(
                partial(refuse_unknown_refs, workflow, options.get("version"), refs, self._server.registered)
            )
        request_id = checked_text(request_id, "request_id")
        run_id = await self._starter.start(workflow, input, options)
        return response_of(await self._settled(run_id, refs, timeout), strategy, request_id)

    @blocking
    async def signal(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
    ) -> None:
        await self._signal(run_id, output, status)

    @blocking
    async def signal_and_wait(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 5.0,
    ) -> SignalResponse:
        strategy = checked_strategy_of_return(return_strategy)
        await self._signal(run_id, output, status)
        return response_of(await self._settled(run_id, frozenset(), timeout), strategy, None)

    async def _signal(self, run_id: str, output: Mapping[str, object] | None, status: TaskStatus | str) -> None:
        for _ in range(_TRIES):
            target = await self._server.run(run_id)
            found = await BlockingCall(partial(first_blocking, target, self._server.read_run))
            if found is None:
                break
            run, task = found
            try:
                await self._complete(run.workflow_id, task.reference_task_name, output, status)
            except TaskNotFound:
                continue  # somebody else was faster; the run may wait at another one by now
            return
        raise TaskNotFound(waits_for_nobody(target))

    async def _settled(self, run_id: str, refs: frozenset[str], timeout: float) -> RunStanding:
        deadline, pause = monotonic() + timeout, _LOOK_S
        while True:
            target = await self._server.run(run_id)
            found = await BlockingCall(partial(all_blocking, target, refs, self._server.read_run))
            left = deadline - monotonic()
            if target.status.is_terminal or found or left <= 0:
                return RunStanding(target, found, not (target.status.is_terminal or found))
            await self._server.session.pause(min(pause, left))
            pause = min(_LOOK_MAX_S, 1.5 * pause)
