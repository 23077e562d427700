"""What the kernel works with: the store, the definitions, the live runs in memory, the consumers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial

from podium.engine.consumers import Consumers
from podium.engine.library import DefinitionLibrary
from podium.engine.limits import Limits
from podium.engine.plan import Plan
from podium.engine.ports import Backend
from podium.engine.rows import RunRow, TaskRow
from podium.engine.state import RunState, restore
from podium.engine.traits import TaskTypes
from podium.model.errors import StoreError

#: Live runs kept in memory; the least recently used goes first. It is read again when something happens to it.
_RUNS_MAX = 20_000

#: Beyond so many, a run that nobody here works on leaves memory when its turn comes: of those that wait for somebody,
#: a time or another run there may be millions.
_RESTING_MAX = 1_000

#: Runs that are looked at for each that is kept: one more than come, so that those that rest do leave.
_LOOKS = 2


class EngineCache:
    """
    The kernel's memory. Belongs to its thread.

    Attributes:
        backend: The store.
        library: Plans by name and by digest.
        consumers: Who takes ready work.
        is_retrying: The present group was tried before, so what it starts may exist already.
    """

    def __init__(
        self, backend: Backend, types: TaskTypes, limits: Limits, plans: OrderedDict[str, Plan] | None = None
    ) -> None:
        self.backend = backend
        self.library = DefinitionLibrary(backend, types, limits, plans)
        self.consumers = Consumers()
        self.is_retrying = False
        #: How many slots each limit has, by name, as decisions have met it.
        self.capacities: dict[str, int] = {}
        self._runs: OrderedDict[str, RunState] = OrderedDict()
        #: Runs that were read from the store for the group in work, and not asked for yet.
        self._fetched: dict[str, RunState] = {}
        #: Runs that were read from the store and whose timers are not armed yet.
        self.restored: list[RunState] = []

    def recall(self, run_id: str) -> RunState | None:
        """Return a run from memory, None if it is not there; another process may have changed it since."""
        state = self._runs.get(run_id)
        if state is not None:
            self._runs.move_to_end(run_id)
        return state

    def find(self, run_id: str) -> RunState | None:
        """Return a run from memory, else from the store; None if it does not exist."""
        state = self.recall(run_id)
        if state is not None:
            return state
        state = self._fetched.pop(run_id, None)
        if state is None:
            row = self.backend.load_runs([run_id]).get(run_id)
            if row is None:
                return None
            state = self._restore(row, self.backend.load_current_tasks([run_id]).get(run_id, ()))
        self.restored.append(state)
        return state

    def fetch(self, run_ids: Iterable[str]) -> None:
        """
        Read runs that are not in memory, all of them in a few reads; `find` gives them until `forget_fetched`.

        A result that comes to another process than that of its run costs two reads; fifty of them would cost a hundred.
        """
        missing = {run_id for run_id in run_ids if run_id not in self._runs}
        if len(missing) < 2:
            return
        missing -= self._fetched.keys()
        if not missing:
            return
        # The attempts after the runs: what has changed in between makes the revision stale, which the commit notices.
        rows = self.backend.load_runs(sorted(missing))
        tasks = self.backend.load_current_tasks(list(rows))
        for run_id, row in rows.items():
            try:
                self._fetched[run_id] = self._restore(row, tasks.get(run_id, ()))
            except StoreError:
                raise
            except Exception:  # noqa: BLE001, S112  # `find` meets it again, where one knows whose event it breaks
                continue

    def _restore(self, row: RunRow, tasks: Sequence[TaskRow]) -> RunState:
        earlier = partial(self.backend.load_bodies, row.run_id)
        return restore(row, tasks, self.library.of_digest(row.digest), earlier)

    def forget_fetched(self) -> None:
        """Let go what was read and not asked for: by the next group it may have changed."""
        self._fetched.clear()

    def peek(self, run_id: str) -> RunState | None:
        """Return a run as memory has it, for a look by any thread; None if it has it not."""
        return self._runs.get(run_id)

    def revision(self, run_id: str) -> int | None:
        """Return the revision in which memory has a run; None if it has it not."""
        state = self._runs.get(run_id)
        return None if state is None else state.run.revision

    def keep(self, state: RunState) -> bool:
        """Keep a run in memory, for it goes on; tells whether it was not there before."""
        run_id = state.run.run_id
        runs = self._runs
        is_new = runs.get(run_id) is not state
        if is_new:
            runs[run_id] = state
            runs.move_to_end(run_id)
        if len(runs) > _RESTING_MAX:
            self._let_some_go()
        return is_new

    def _let_some_go(self) -> None:
        runs = self._runs
        for _ in range(_LOOKS):
            oldest, other = next(iter(runs.items()))
            if self._rests(other) or len(runs) > _RUNS_MAX:
                del runs[oldest]
            else:
                runs.move_to_end(oldest)

    def _rests(self, state: RunState) -> bool:
        """Return whether a run waits, and nobody here has anything of it in hand."""
        if state.is_unfinished or state.awaits_script or state.preparations:
            return False
        in_hand, run_id = self.consumers.in_hand, state.run.run_id
        return not in_hand or not any((run_id, seq) in in_hand for seq in state.pending)

    def drop(self, run_id: str) -> None:
        """Forget a run; it is read again when it is needed."""
        self._runs.pop(run_id, None)
