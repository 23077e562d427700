"""Simulated engine processes: each has a kernel, workers of its own, and a gate for workers elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from random import Random
from typing import cast

from podium.engine.config import EngineConfig
from podium.engine.kernel import Kernel
from podium.engine.missing import Missing, ScriptCall
from podium.engine.ports import Backend
from podium.engine.requests import Attach, Detach
from podium.engine.scripts import DirectScripts
from podium.expressions.javascript import ScriptError
from podium.model.assignments import Assignment
from podium.model.payloads import dump
from podium.model.values import JsonObject, JsonValue
from podium.testing.accounts import require
from podium.testing.bench import HandWorker, SeededIds, VirtualClock
from podium.testing.swarm import ProcessSettings


class Neighbours:
    """
    The engine processes as the operating system knows them.

    Args:
        identity: This process.
        dead: The identities of those that have died; shared by all.
        is_one_machine: They run side by side, so a death is seen at once.
    """

    def __init__(self, identity: str, dead: set[str], *, is_one_machine: bool) -> None:
        self._identity = identity
        self._dead = dead
        self._is_one_machine = is_one_machine

    def identity(self) -> str:
        """Say who this process is."""
        return self._identity

    def is_alive(self, identity: str) -> bool | None:
        """Return whether a process lives, if that can be seen."""
        return identity not in self._dead if self._is_one_machine else None


class SlowScripts(DirectScripts):
    """
    Scripts of which some need longer than a decision can wait.

    Attributes:
        waiting: Those that run aside; `finish` ends one.
    """

    def __init__(self, rng: Random, rate: float) -> None:
        self._rng = rng
        self._rate = rate
        self._results: dict[tuple[str, bytes], JsonValue | ScriptError] = {}
        self.waiting: list[tuple[ScriptCall, Callable[[], None]]] = []

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return a script's value, or not yet."""
        key = (script, dump(bindings))
        if key in self._results:
            result = self._results[key]
            if isinstance(result, ScriptError):
                raise result
            return result
        if self._rng.random() < self._rate:
            raise Missing(ScriptCall("script", script, bindings))
        return super().evaluate(script, bindings)

    def run(self, call: ScriptCall) -> bool:
        """Let it be run aside."""
        return False

    def settled(self) -> None:
        """Forget the answers of this group: the next call is slow again."""
        if not self.waiting:
            self._results.clear()

    def run_aside(self, call: ScriptCall, done: Callable[[], None]) -> None:
        """Keep it until `finish`."""
        self.waiting.append((call, done))

    def finish(self, index: int) -> None:
        """End one of the waiting scripts."""
        call, done = self.waiting.pop(index)
        given = cast("JsonObject", call.given)  # of a script, and here are no queries
        try:
            result: JsonValue | ScriptError = super().evaluate(call.source, given)
        except ScriptError as error:
            result = error
        self._results[call.source, dump(given)] = result
        done()


class CheckedWorker(HandWorker):
    """
    A consumer that shows each attempt it gets to a check first.

    Args:
        queues: What it serves.
        size: How many it takes at once.
        check: Called with each attempt that it gets.
        spared: Called with each attempt that it gives away unbegun.
        is_patient: It lets more wait than that, where nobody else could take them.
    """

    def __init__(
        self,
        queues: Iterable[str],
        size: int,
        check: Callable[[Assignment], None],
        spared: Callable[[Assignment], None],
        *,
        is_patient: bool,
    ) -> None:
        super().__init__(queues, size)
        self.is_patient = is_patient
        self._check = check
        self._spared = spared

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return the last ones."""
        spared = super().spare(queues, most)
        for assignment in spared:
            self._spared(assignment)
        return spared

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take attempts."""
        require(
            self.is_patient or len(assignments) <= self.room(""),
            f"{len(assignments)} attempts came for {self.room('')}",
        )
        for assignment in assignments:
            self._check(assignment)
        super().offer(assignments)


class EngineProcess:
    """
    One engine process.

    Attributes:
        name: Its name in the store, and its identity.
        local: Its own worker; dies with it.
        busy: What that worker has said to have begun.
        scripts: Its scripts.
        gate: Where workers elsewhere fetch their work.
    """

    def __init__(
        self,
        name: str,
        *,
        backend: Backend,
        clock: VirtualClock,
        rng: Random,
        neighbours: Neighbours,
        habits: ProcessSettings,
        check: Callable[[Assignment], None],
        spared: Callable[[Assignment], None],
    ) -> None:
        self.name = name
        self.ids = SeededIds(clock, rng)
        self.scripts = SlowScripts(rng, habits.slow_scripts)
        self.kernel = Kernel(
            EngineConfig(
                backend=backend,
                clock=clock,
                ids=self.ids,
                random=rng,
                processes=neighbours,
                scripts=self.scripts,
                engine_id=name,
                group_max=habits.group_max,
                horizon_ms=habits.horizon_ms,
            ),
        )
        self._check = check
        self._spared = spared
        self._room = habits.room
        self.local: CheckedWorker | None = None
        self.busy: list[Assignment] = []
        self.gate: CheckedWorker | None = None

    def serve_locally(self, queues: Iterable[str]) -> None:
        """Let its own worker serve queues."""
        self.local = CheckedWorker(queues, self._room, self._check, self._spared, is_patient=True)
        self.kernel.attach(Attach(self.local))

    def serve_others(self, queues: Iterable[str]) -> None:
        """Let workers elsewhere fetch from queues."""
        self.gate = CheckedWorker(queues, self._room, self._check, self._spared, is_patient=False)
        self.kernel.attach(Attach(self.gate))

    def dismiss(self) -> None:
        """Stop to serve; what waits is given back."""
        for worker in (self.local, self.gate):
            if worker is not None:
                self.kernel.attach(Detach(worker))
        self.local = self.gate = None
