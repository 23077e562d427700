"""
The runs that ended lately, as the engine had them in memory.

Whoever waits for a run wants it when it has ended, so it is shown from here and need not be read and unpacked again.
Whether it still is as it was, a look at its revision tells. Who asks first is spared that look: it is as if he had
asked a moment earlier, when the run had not ended.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import NamedTuple

from podium.engine.plan import Plan
from podium.engine.records import RunRecord, TaskRecord
from podium.engine.state import RunState

#: Most runs that are kept, and the bytes of payloads and the attempts that each may have.
_RUNS_MAX = 512
_BYTES_MAX = 16 * 1024
_ATTEMPTS_MAX = 64


class EndedRun(NamedTuple):
    """A run that has ended. Nobody works on it any more, so nobody changes it; its payloads are others' too."""

    run: RunRecord
    plan: Plan
    #: All of them, in any order; None if memory did not hold them all.
    attempts: Collection[TaskRecord] | None


class RecentRuns:
    """
    The runs that ended last. The kernel's thread puts them in; any thread may look.

    Attributes:
        plans: What the engine has compiled and holds, by digest: a reader need not compile it again.

    Example:
        >>> RecentRuns().find("018bcfe5-6800-7000-8000-000700000000", 3) is None
        True
    """

    def __init__(self) -> None:
        self.plans: OrderedDict[str, Plan] = OrderedDict()
        self._runs: dict[str, EndedRun] = {}
        #: Those that nobody has seen since they ended.
        self._unseen: set[str] = set()

    def add(self, state: RunState) -> None:
        """Keep a run that has ended, if it is small."""
        run = state.run
        if state.size > _BYTES_MAX or run.next_seq > _ATTEMPTS_MAX:
            return
        # A place shows its newest attempt only, and a loop its newest iteration; numbers are given once.
        are_all = len(state.newest) == run.next_seq - 1
        self._runs[run.run_id] = EndedRun(run, state.plan, state.newest.values() if are_all else None)
        self._unseen.add(run.run_id)
        if len(self._runs) > _RUNS_MAX:
            self.forget(next(iter(self._runs)))

    def forget(self, run_id: str) -> None:
        """Let a run go, which goes on."""
        self._runs.pop(run_id, None)
        self._unseen.discard(run_id)

    def see(self, run_id: str) -> None:
        """Note that somebody sees a run: who comes after him has to ask the store."""
        self._unseen.discard(run_id)

    def holds(self, run_id: str, *, with_tasks: bool) -> bool:
        """Return whether it is worth the look at a run's revision to ask for it here."""
        ended = self._runs.get(run_id)
        return ended is not None and (not with_tasks or ended.attempts is not None)

    def first_sight(self, run_id: str) -> RunRecord | None:
        """Return a run as it ended to the first who sees it; None if somebody has, or it is not here."""
        ended = self._runs.get(run_id) if run_id in self._unseen else None
        self._unseen.discard(run_id)
        return None if ended is None else ended.run

    def find(self, run_id: str, revision: int) -> EndedRun | None:
        """Return a run in this revision, None if it is not here."""
        ended = self._runs.get(run_id)
        return ended if ended is not None and ended.run.revision == revision else None
