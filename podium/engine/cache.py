"""What the kernel works with: the store, the definitions, the live runs in memory, the consumers."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from podium.engine.consumers import Consumers
from podium.engine.library import DefinitionLibrary
from podium.engine.limits import Limits
from podium.engine.ports import Backend
from podium.engine.state import RunState, restore
from podium.engine.traits import TaskTypes

#: Live runs kept in memory; the least recently used goes first. It is read again when something happens to it.
_RUNS_MAX = 20_000


class EngineCache:
    """
    The kernel's memory. Belongs to its thread.

    Attributes:
        backend: The store.
        library: Plans by name and by digest.
        consumers: Who takes ready work.
        is_retrying: The present group was tried before, so what it starts may exist already.
    """

    def __init__(self, backend: Backend, types: TaskTypes, limits: Limits) -> None:
        self.backend = backend
        self.library = DefinitionLibrary(backend, types, limits)
        self.consumers = Consumers()
        self.is_retrying = False
        self._runs: OrderedDict[str, RunState] = OrderedDict()
        #: Runs that were read from the store and whose timers are not armed yet.
        self.restored: list[RunState] = []

    def find(self, run_id: str) -> RunState | None:
        """Return a run from memory, else from the store; None if it does not exist."""
        state = self._runs.get(run_id)
        if state is not None:
            self._runs.move_to_end(run_id)
            return state
        row = self.backend.load_runs([run_id]).get(run_id)
        if row is None:
            return None
        plan = self.library.of_digest(row.digest)
        earlier = partial(self.backend.load_bodies, run_id)
        state = restore(row, self.backend.load_current_tasks(run_id), plan, earlier)
        self.restored.append(state)
        return state

    def remembers(self, run_id: str) -> bool:
        """Return whether `find` gives a run from memory, so that another process may have changed it since."""
        return run_id in self._runs

    def keep(self, state: RunState) -> None:
        """Keep a run in memory; one that has ended, all its tasks included, is dropped."""
        run_id = state.run.run_id
        if state.run.status.is_terminal and not state.is_unfinished:
            self._runs.pop(run_id, None)
            return
        self._runs[run_id] = state
        self._runs.move_to_end(run_id)
        while len(self._runs) > _RUNS_MAX:
            self._runs.popitem(last=False)

    def drop(self, run_id: str) -> None:
        """Forget a run; it is read again when it is needed."""
        self._runs.pop(run_id, None)
