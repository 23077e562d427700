"""Waits for runs on a server, and says meanwhile what cannot go on by itself."""

from __future__ import annotations

from functools import partial
from time import monotonic

from podium.client.compensation import failure_runs, may_be_undone
from podium.client.driving import BlockingCall, blocking
from podium.client.explaining import complete_task
from podium.client.news import log
from podium.client.remote.outlook import RemoteOutlook
from podium.client.remote.server import Server
from podium.client.showing import Completing
from podium.model.causes import NeededFrom
from podium.model.errors import NotFound, RunTimeout, ServerError
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.waits import Wait, in_words

#: Seconds of one long poll for a run's end, where the server holds it.
_HELD_S = 20.0
#: Seconds between two looks at a run where it does not: at first, and at last.
_LOOK_S, _LOOK_MAX_S = 0.05, 2.0
#: Seconds until a run is asked what it waits for; then twice as many each time.
_STILL_S, _STILL_MAX_S = 1.0, 30.0
#: Seconds that somebody gets to complete a task, or to serve it, before that is worth a word.
_GRACE_S = 1.0


class RemoteWaiting:
    """
    Waits for runs, and says once for each what needs somebody's help.

    Args:
        server: Where the runs are.
        outlook: Tells what they wait for.
        completing: Gives the call that completes a task, by the run's id and the task's name.
    """

    def __init__(self, server: Server, outlook: RemoteOutlook, completing: Completing = complete_task) -> None:
        self._server = server
        self._outlook = outlook
        self._completing = completing
        #: When each wait was first seen, on the monotonic clock: a server's clock may differ from ours by hours.
        self._seen: dict[tuple[str, str], float] = {}
        self._said: set[tuple[str, str]] = set()

    async def end(self, run_id: str, deadline: float | None = None, *, may_give_up: bool = False) -> bool:
        """
        Wait for the end of a run.

        Args:
            run_id: The run.
            deadline: On the monotonic clock, in seconds; None for as long as it takes.
            may_give_up: Wait no longer when it cannot go on without somebody's help.

        Returns:
            Whether it has ended.

        Raises:
            RunNotFound: No run has this id.
        """
        look_s, still_s = _LOOK_S, _STILL_S
        ask_at = monotonic() + still_s
        while True:
            left = None if deadline is None else max(0.0, deadline - monotonic())
            if (await self._status(run_id, _HELD_S if left is None else min(left, _HELD_S), ask_at)).is_terminal:
                return True
            if left is not None and left <= 0:
                return False
            if monotonic() >= ask_at:
                waits = await self._look(run_id)
                helpless = [self._is_helpless(wait) for wait in waits if wait.what is not NeededFrom.TIME]
                if may_give_up and helpless and all(helpless) and len(helpless) == len(waits):
                    return False
                # Who has had no time to help yet is looked at again when he has.
                still_s = min(_STILL_MAX_S, 2 * still_s) if all(helpless) else _GRACE_S
                ask_at = monotonic() + still_s
            if not (await self._server.session.kind()).is_podium:
                await self._server.session.pause(look_s if left is None else min(look_s, left))
                look_s = min(_LOOK_MAX_S, 1.5 * look_s)

    async def _status(self, run_id: str, wait_s: float, ask_at: float) -> RunStatus:
        """Return how a run stands; a Podium server answers when it has ended, or the time is up."""
        if not (await self._server.session.kind()).is_podium:
            return (await self._server.run(run_id, with_tasks=False)).status
        wait_s = max(0.0, min(wait_s, max(0.1, ask_at - monotonic())))
        query = {"timeoutMillis": round(wait_s * 1000)}
        answer = await self._server.ask("GET", "podium", "runs", run_id, "wait", query=query, waits_s=wait_s)
        return RunStatus(self._server.object(answer)["status"])

    async def _look(self, run_id: str) -> list[Wait]:
        """See what a run waits for, and say once what needs somebody's help."""
        waits = await self.waits(run_id)
        for wait in waits:
            if self._is_helpless(wait) and (wait.run_id, wait.ref) not in self._said:
                self._said.add((wait.run_id, wait.ref))
                log.warning("run %s: %s", run_id, wait.text, extra={"run_id": wait.run_id})
        return waits

    def _is_helpless(self, wait: Wait) -> bool:
        """Return whether somebody has had time to help, and has not."""
        if wait.what is NeededFrom.TIME:
            return False
        return monotonic() - self._seen.setdefault((wait.run_id, wait.ref), monotonic()) >= _GRACE_S

    async def waits(self, run_id: str) -> list[Wait]:
        """Return what a run waits for; nothing where that cannot be said."""
        try:
            return list((await self._outlook.explain(run_id, self._completing)).waits)
        except (NotFound, ServerError):
            return []  # it is only said beside; whoever waits hears of it by the wait itself

    @blocking
    async def for_end(self, run_id: str, deadline: float | None = None) -> bool:
        """Do what `end` does, in a thread."""
        return await self.end(run_id, deadline)

    @blocking
    async def says(self, run_id: str) -> str:
        """Say what a run waits for; empty if that cannot be said."""
        return in_words(iter(await self.waits(run_id)))

    async def refuse_late(self, run_id: str, timeout: float) -> RunTimeout:
        """Return the error that says that a run has not ended in time."""
        words = in_words(iter(await self.waits(run_id)))
        return RunTimeout(f"run {run_id} has not ended within {timeout:g} s; it goes on{words and f': {words}'}")

    async def compensation(self, run: WorkflowRun, deadline: float | None = None) -> bool:
        """
        Wait for the failure workflows of a run that has ended, as long as they go on by themselves.

        Args:
            run: The run, with its tasks.
            deadline: As for `end`.

        Returns:
            Whether there are any: what a run says of them may be older than they are now.
        """
        found, waiting = False, list[str]()
        if may_be_undone(run):
            waiting = await BlockingCall(partial(self._failure_runs, run))
        while waiting:
            run_id, found = waiting.pop(0), True
            if not await self.end(run_id, deadline, may_give_up=True):
                words = in_words(iter(await self.waits(run_id)))
                log.warning("run %s, which was started because a run failed, goes on: %s", run_id, words)
                continue
            failed = await self._server.run(run_id)
            waiting += await BlockingCall(partial(self._failure_runs, failed))
        return found

    def _failure_runs(self, run: WorkflowRun) -> list[str]:
        return list(failure_runs(run, self._server.read_run))
