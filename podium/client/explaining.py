"""What a run waits for, as an engine and its store know it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve

from podium.client.compensation import what_was_undone
from podium.client.engine import EmbeddedEngine
from podium.client.system import SystemProcesses
from podium.engine.heartbeats import is_alive
from podium.engine.ports import Backend
from podium.expressions.secrets import secret_names
from podium.model.attempts import TaskRun
from podium.model.causes import Cause, ExplanationContext, Held, Holder, NeededFrom
from podium.model.errors import RunNotFound
from podium.model.explanations import Explanation, explanation
from podium.model.later import later
from podium.model.waits import Wait, waits_of

if TYPE_CHECKING:
    from podium.engine import scheduling
    from podium.model import schedule_explanations
else:
    scheduling = later("podium.engine.scheduling")
    schedule_explanations = later("podium.model.schedule_explanations")

_NO_ENGINE = (
    "an engine: none works on this store; client.wait({run_id!r}) goes on with the run, and so does 'podium resume'"
)


def complete_task(run_id: str, ref: str) -> str:
    """Return the call that completes a task."""
    return f"client.complete_task({run_id!r}, {ref!r}, …)"


class Explainer:
    """Looks at an engine's store and its workers, and starts nothing."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    def outlook(self, completing: Callable[[str, str], str] | None = complete_task) -> ExplanationContext:
        """Return from where runs are looked at; *completing* gives the call that completes a task, if there is one."""
        engine = self._engine
        limit = partial(limit_of, engine.backend)
        return ExplanationContext(self._serving(), engine.reader.run, engine.clock.now(), completing, limit)

    def explain(self, run_id: str, completing: Callable[[str, str], str] = complete_task) -> Explanation:
        """Return why a run stands where it stands; see `podium.Client.explain`."""
        get = self._engine.reader.run
        try:
            run = get(run_id)
        except RunNotFound:
            row = self._engine.backend.schedule(run_id)
            if row is None:
                raise
            return schedule_explanations.schedule_explanation(scheduling.schedule_record(row).info())
        run = evolve(run, undoing=what_was_undone(run, get))
        waits = tuple(waits_of(run, self.outlook(completing)))
        if not run.status.is_terminal and not self._has_engine():
            text = _NO_ENGINE.format(run_id=run_id)
            waits = (Wait(NeededFrom.SOMEBODY, run_id, "", text, run.update_time, Cause.NO_ENGINE), *waits)
        return explanation(run, waits, get, self.lacks)

    def lacks(self, attempt: TaskRun) -> list[str]:
        """Name the secrets that an attempt asks for and that nobody has put anywhere."""
        known = self._engine.secrets
        names = sorted(secret_names(attempt.input_data))
        missing = [name for name in names if name not in known and name.partition(".")[0] not in known]
        return [f"it asks for the secret {name!r}, which is not there" for name in missing]

    def _has_engine(self) -> bool:
        return self._engine.is_at_work or bool(self._live_engines())

    def _serving(self) -> Callable[[str], bool]:
        """Return what tells whether a queue is served, here or by another process."""
        here = self._engine.kernel.serves if self._engine.is_at_work else None
        elsewhere = {queue for queues in self._live_engines() for queue in queues}
        return lambda queue: queue in elsewhere or (here is not None and here(queue))

    def _live_engines(self) -> list[list[str]]:
        """Return the queues that each engine process on the store serves."""
        processes, now = SystemProcesses(), self._engine.clock.now()
        alive = [row for row in self._engine.backend.engines() if is_alive(row, processes, now)]
        return [json.loads(row.queues or "[]") for row in alive]


def limit_of(backend: Backend, run_id: str, seq: int) -> Held | None:
    """Return the limit that an attempt, or with number 0 a run, waits for, with what holds its slots."""
    if seq:
        task = backend.load_task(run_id, seq)
        name = task.open_queue if task is not None else None
    else:
        run = backend.load_runs([run_id]).get(run_id)
        name = run.holder if run is not None else None
    if name is None or not name.startswith("#"):
        return None
    held = (Holder(slot.run_id, _ref(backend, slot.run_id, slot.seq), slot.expires_at) for slot in backend.slots(name))
    return Held(name[1:].partition(":")[0], tuple(held))


def _ref(backend: Backend, run_id: str, seq: int) -> str:
    task = backend.load_task(run_id, seq) if seq else None
    return task.ref if task is not None else ""
