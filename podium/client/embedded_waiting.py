"""Waits for the end of a run, and for what undoes it; says meanwhile what cannot go on by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from podium.client.compensation import failure_runs, may_be_undone
from podium.client.driving import BlockingCall, WithTimeout, blocking
from podium.client.engine import EmbeddedEngine
from podium.client.news import log
from podium.engine.replies import Reply
from podium.model.later import later
from podium.model.runs import WorkflowRun

if TYPE_CHECKING:
    from podium.client import explaining
    from podium.model import causes
    from podium.model import waits as run_waits
    from podium.model.waits import Wait
else:
    explaining = later("podium.client.explaining")
    causes = later("podium.model.causes")
    run_waits = later("podium.model.waits")

#: Seconds between two looks at a run of which nothing is heard; twice as many each time, where its end would be heard.
_LOOK_S, _LOOK_MAX_S = 1.0, 10.0
#: Seconds that a run stands still before it is asked what it waits for; then twice as many each time.
_STILL_S, _STILL_MAX_S = 0.2, 10.0
#: Seconds that another process gets to serve a task, or somebody to complete one, before that is worth a word.
_GRACE_S = 1.0


class EmbeddedWaiting:
    """
    Waits for runs, and says once for each what needs somebody's help.

    Args:
        engine: Where the runs are.
        completing: Gives the call that completes a task, by the run's id and the task's name; None for the client's.
        is_alone: Nobody else can reach the store.
    """

    def __init__(
        self,
        engine: EmbeddedEngine,
        *,
        completing: Callable[[str, str], str] | None = None,
        is_alone: bool = False,
    ) -> None:
        self._engine = engine
        self._kernel = engine.kernel  # whoever waits wants the run to go on, so the engine must run
        self._completing = completing
        self._is_alone = is_alone
        self._said: set[tuple[str, str]] = set()
        self._stillness: dict[str, _AskSchedule] = defaultdict(_AskSchedule)

    async def end(self, run_id: str, deadline: float | None = None, *, may_give_up: bool = False) -> int:
        """
        Wait for the end of a run.

        Args:
            run_id: The run.
            deadline: On the monotonic clock, in seconds; None for as long as it takes.
            may_give_up: Wait no longer when it cannot go on without somebody's help.

        Returns:
            The revision in which it has ended; 0 if it goes on: it has not ended in time, was given up, or cannot end
            by itself.

        Raises:
            RunNotFound: No run has this id.
            EngineStopped: The engine was stopped meanwhile.
        """
        standing: list[Reply] = []
        with self._engine.world.awaiting(lambda: bool(standing) and not standing[0].is_answered):
            return await self._end(run_id, deadline, standing, may_give_up=may_give_up)

    async def _end(self, run_id: str, deadline: float | None, standing: list[Reply], *, may_give_up: bool) -> int:
        """As `end`; *standing* has what is answered at the end of the run, when that is known to be still to come."""
        patience = _LOOK_S
        is_first = True
        while True:
            end = self._kernel.watchers.add(run_id)
            try:
                has_ended, revision = await self._stand(run_id, may_trust=is_first)
                if has_ended:
                    return revision
                standing[:] = [end]
                if is_first:
                    self._kernel.hurry()
                is_first = False
                self._kernel.refuse_if_down()
                left = None if deadline is None else deadline - monotonic()
                if left is not None and left <= 0:
                    return 0
                if self._stillness[run_id].is_long((revision, self._engine.newsroom.unserved)):
                    waits = await BlockingCall(lambda: self._look(run_id))
                    is_helpless = may_give_up and waits and all(self._is_helpless(wait) for wait in waits)
                    if is_helpless or self._cannot_end(waits):
                        return 0
                still = min(patience, self._stillness[run_id].ends_in())
                await WithTimeout(end, still if left is None else min(still, left))
                if end.is_answered and end.value:
                    return int(end.value)
            finally:
                self._kernel.watchers.remove(run_id, end)
            if self._kernel.hears_of_ends:
                patience = min(_LOOK_MAX_S, 2 * patience)

    async def _stand(self, run_id: str, *, may_trust: bool) -> tuple[bool, int]:
        """Return whether a run has ended, and its revision; the engine's memory may be trusted for a while."""
        # The end of what was begun here just now is what most wait for: the store would tell what is known.
        known = self._kernel.stands_here(run_id) if may_trust else None
        if known is not None:
            return known
        status, revision = await BlockingCall(lambda: self._engine.reader.pulse(run_id))
        return status.is_terminal, revision

    def _cannot_end(self, waits: Sequence[Wait]) -> bool:
        """Tell whether a run cannot end by itself, where time jumps: nothing is due, or nothing that it waits for."""
        world = self._engine.world
        if world.moves_by_itself:
            return False
        return world.is_at_standstill or (
            bool(waits) and all(wait.what is not causes.NeededFrom.TIME for wait in waits)
        )

    def _look(self, run_id: str) -> list[Wait]:
        """See what a run waits for, and say once what needs somebody's help."""
        run = self._engine.reader.run(run_id)
        waits = list(self._waits(run))
        for wait in waits:
            if self._is_helpless(wait) and (wait.run_id, wait.ref) not in self._said:
                self._said.add((wait.run_id, wait.ref))
                log.warning("run %s of %s: %s", run_id, run.workflow_name, wait.text, extra={"run_id": wait.run_id})
        return waits

    def _waits(self, run: WorkflowRun) -> Iterator[Wait]:
        completing = None if self._is_alone else self._completing or explaining.complete_task
        return run_waits.waits_of(run, explaining.Explainer(self._engine).outlook(completing))

    def _is_helpless(self, wait: Wait) -> bool:
        if wait.what is causes.NeededFrom.TIME:
            return False
        is_hopeless = self._is_alone or (wait.what is causes.NeededFrom.WORKER and not self._engine.backend.is_shared)
        return is_hopeless or self._engine.clock.now() - wait.since >= _GRACE_S * 1000

    def says(self, run_id: str) -> str:
        """Say what a run waits for; empty if that cannot be said."""
        return run_waits.in_words(self._waits(self._engine.reader.run(run_id)))

    async def compensation(self, run: WorkflowRun, deadline: float | None = None) -> bool:
        """
        Wait for the failure workflows of a run that has ended, as long as they go on by themselves.

        Args:
            run: The run, with its tasks.
            deadline: As for `end`.

        Returns:
            Whether there are any: what a run says of them may be older than they are now.
        """
        found = False
        reader = self._engine.reader
        waiting = await BlockingCall(lambda: list(failure_runs(run, reader.run))) if may_be_undone(run) else []
        while waiting:
            run_id, found = waiting.pop(0), True
            if (await BlockingCall(partial(reader.status, run_id))).is_terminal:
                continue
            if not await self.end(run_id, deadline, may_give_up=True):
                words = await BlockingCall(partial(self.says, run_id))
                log.warning("run %s, which was started because a run failed, goes on: %s", run_id, words)
                continue
            waiting += await BlockingCall(partial(self._failure_runs_of, run_id))
        return found

    def _failure_runs_of(self, run_id: str) -> list[str]:
        reader = self._engine.reader
        return list(failure_runs(reader.run(run_id), reader.run))

    @blocking
    async def for_end(self, run_id: str, deadline: float | None = None) -> bool:
        """Do what `end` does, in a thread."""
        return bool(await self.end(run_id, deadline))

    @blocking
    async def for_compensation(self, run: WorkflowRun, deadline: float | None = None) -> bool:
        """Do what `compensation` does, in a thread."""
        return await self.compensation(run, deadline)


class _AskSchedule:
    """Tells when a run has stood still for long enough to be asked why: soon at first, then ever more rarely."""

    def __init__(self) -> None:
        self._state: object = None
        self._look_at = 0.0
        self._pause_s = _STILL_S

    def ends_in(self) -> float:
        """Return the seconds until it is long."""
        return max(0.0, self._look_at - monotonic())

    def is_long(self, state: object) -> bool:
        now = monotonic()
        if state != self._state:
            self._state, self._pause_s = state, _STILL_S
            self._look_at = now + self._pause_s
            return False
        if now < self._look_at:
            return False
        self._pause_s = min(_STILL_MAX_S, 2 * self._pause_s)
        self._look_at = now + self._pause_s
        return True
