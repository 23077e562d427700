"""How a simulated world goes: choice by choice while things go wrong, then until all has come to its end."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from podium.engine.services import RETRY_MS
from podium.testing.accounts import Violation
from podium.testing.definitions import QUEUES
from podium.testing.fragile import FragileDatabase
from podium.testing.simulation.crew import SimulatedWorkers
from podium.testing.simulation.machines import Machines
from podium.testing.simulation.operators import Administrators
from podium.testing.simulation.watch import SimulationWatch
from podium.testing.simulation.world import SimulatedWorld

if TYPE_CHECKING:
    from podium.engine.ports import Backend

#: Rounds after which a healed world must have come to its end.
ROUNDS_MAX = 6_000


@frozen(kw_only=True)
class SimulationOutcome:
    """What a simulated world came to."""

    seed: int
    #: The same seed gives the same digest, on every backend.
    digest: str
    commits: int
    runs: int
    #: How the runs ended.
    endings: Mapping[str, int]
    #: Where runs are not what the interpreter of definitions tells.
    disagreements: tuple[str, ...]
    #: How often runs ended, and how often the interpreter could tell how.
    ends: int
    judged: int
    #: What happened, line by line.
    trace: tuple[str, ...]


class Simulation:
    """
    One world, from its beginning to its end.

    Args:
        seed: Everything follows from it.
        store: An empty store; the caller closes it.
        steps: Choices made before the world heals.
        fragile: The database in the store, if it has one that a process can die in.
    """

    def __init__(self, seed: int, store: Backend, *, steps: int = 400, fragile: FragileDatabase | None = None) -> None:
        self._steps = steps
        self._world = SimulatedWorld(seed, store, fragile)
        self._watch = SimulationWatch(self._world)
        self._machines = Machines(self._world, self._watch)
        self._crew = SimulatedWorkers(self._world, self._watch)
        self._operators = Administrators(self._world)

    @property
    def trace(self) -> list[str]:
        """What happened, line by line."""
        return self._world.trace

    def run(self) -> SimulationOutcome:
        """
        Let the world go its way.

        Raises:
            Violation: An invariant broke, or a run did not end.
        """
        world = self._world
        with _errors_are_violations():
            self._machines.register_all()
            self._machines.launch()
            names, weights = zip(*world.swarm.weights.items(), strict=True)
            for name in world.rng.choices(names, weights, k=self._steps):
                world.clock.move_to(world.clock.now() + world.rng.randint(0, 40))
                self._chosen(name)()
            self._heal()
            self._live_on()
            self._watch.check_store()
        return SimulationOutcome(
            seed=world.seed,
            digest=hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16],
            commits=world.ledger.commits,
            runs=len(world.ledger.runs),
            endings=Counter(run.row.status for run in world.ledger.runs.values()),
            disagreements=tuple(world.ledger.disagreements),
            ends=world.ledger.ends,
            judged=world.ledger.judged,
            trace=tuple(self.trace),
        )

    def _chosen(self, name: str) -> Callable[[], None]:
        """Return a step of the chooser by its name in `podium.testing.swarm`."""
        parts = (self._machines, self._crew, self._operators, self)
        step: Callable[[], None] = next(getattr(part, name) for part in parts if hasattr(part, name))
        return step

    def wait_short(self) -> None:
        """Let some seconds pass."""
        self._pass(self._world.rng.choice((100, 200, 1_000, 2_000, 5_000)))

    def wait_long(self) -> None:
        """Let minutes pass, or an hour."""
        self._pass(self._world.rng.choice((15_000, 60_000, 310_000, 4_000_000)))

    def _pass(self, milliseconds: int) -> None:
        self._world.clock.move_to(self._world.clock.now() + milliseconds)

    # -- liveness ----------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Stop all that goes wrong, and let there be workers for everything."""
        world = self._world
        world.note("heal")
        world.is_healed = True
        world.faulty.heal()
        self._pass(RETRY_MS)  # what could not be read a moment ago is read again
        world.witness.dies_before = world.witness.dies_after = False
        world.witness.dies_within = None
        if not world.engines:
            self._machines.launch()
        for engine in world.engines:
            engine.dismiss()
            engine.serve_locally(QUEUES)
        self._settle()  # what was asked before is done before, such as saving a schedule
        self._operators.unschedule()

    def _live_on(self) -> None:
        """Let time pass until every run has ended."""
        runs, questions = self._world.ledger.runs, self._world.questions
        for _ in range(ROUNDS_MAX):
            self._settle()
            self._crew.work_everything()
            self._settle()
            for engine in tuple(self._world.engines):
                self._machines.look_at_rest(engine)
            questions.hear()
            if not questions.asks and all(run.is_ended for run in runs.values()):
                return
            self._go_to_next_moment()
        stuck = "\n".join(str(run) for run in runs.values() if not run.is_ended)
        raise Violation(f"after {ROUNDS_MAX} rounds these runs have not ended:\n{stuck}\nasked: {questions.asks}")

    def _settle(self) -> None:
        for engine in tuple(self._world.engines):
            for _ in range(1_000):
                if not self._machines.step_of(engine):
                    break
            else:
                raise Violation(f"{engine.name} does not come to rest")

    def _go_to_next_moment(self) -> None:
        now = self._world.clock.now()
        due = self._world.store.due(10**15, 1)
        ahead = due[0].due_at if due else now + 1_000
        # Beside the moments of the runs there are those of the services: they look every second, or every few.
        self._world.clock.move_to(max(now + 250, min(ahead, now + 4_000_000)))


class _Alarm(logging.Handler):
    """An error in the engine's log is a bug of the engine."""

    def emit(self, record: logging.LogRecord) -> None:
        raise Violation(f"the engine logged: {self.format(record)}")


@contextmanager
def _errors_are_violations() -> Iterator[None]:
    logger = logging.getLogger("podium.engine")
    alarm = _Alarm(logging.ERROR)
    propagates = logger.propagate
    logger.addHandler(alarm)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(alarm)
        logger.propagate = propagates
