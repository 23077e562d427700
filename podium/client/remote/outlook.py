"""What a run on a server waits for: as a Podium server says, or as its records and the polls of workers tell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import time
from typing import Any

from attrs import evolve

from podium.client.driving import BlockingCall
from podium.client.explaining import complete_task
from podium.client.remote.server import Server
from podium.client.showing import Completing
from podium.model.assignments import queue_of
from podium.model.causes import ExplanationContext
from podium.model.errors import NotOffered, ServerFailed
from podium.model.explanations import Explanation, explanation
from podium.model.runs import WorkflowRun
from podium.model.waits import waits_of

#: Milliseconds since a worker's last poll for which a queue counts as served.
_SERVED_MS = 60_000


class RemoteOutlook:
    """Looks at runs of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def explain(self, run_id: str, completing: Completing = complete_task) -> Explanation:
        """
        Return why a run stands where it stands; see `podium.Client.explain`.

        Args:
            run_id: The run; on a Podium server also the name of a schedule.
            completing: Gives the call that completes a task.
        """
        if (await self._server.session.kind()).is_podium:
            return _reworded(await self._server.explanation(run_id), completing)
        run = await self._server.run(run_id)
        run = evolve(run, undoing=await self._server.undoing(run))
        serves = await self._serving()
        return await BlockingCall(partial(self._explained, run, serves, completing))

    def _explained(self, run: WorkflowRun, serves: Callable[[str], bool], completing: Completing) -> Explanation:
        get = self._server.read_run
        waits = tuple(waits_of(run, ExplanationContext(serves, get, round(time() * 1000), completing)))
        return explanation(run, waits, get)

    async def _serving(self) -> Callable[[str], bool]:
        """Return what tells whether a queue is served: some worker has polled it lately."""
        try:
            found: Any = (await self._server.ask("GET", "tasks", "queue", "polldata", "all")).json
        except (NotOffered, ServerFailed):
            return lambda _: True  # nobody knows, so nobody is blamed
        since = time() * 1000 - _SERVED_MS
        polls = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        served = {
            queue_of(str(one.get("queueName", "")), one.get("domain") or None)
            for one in polls
            if (one.get("lastPollTime") or 0) >= since
        }
        return served.__contains__


def _reworded(found: Explanation, completing: Completing) -> Explanation:
    """Return an explanation with the caller's own call where a server writes the client's."""
    text, waits = found.text, []
    for wait in found.waits:
        told, ours = complete_task(wait.run_id, wait.ref), completing(wait.run_id, wait.ref)
        text = text.replace(told, ours)
        waits.append(wait._replace(text=wait.text.replace(told, ours)))
    return evolve(found, text=text, waits=tuple(waits))
