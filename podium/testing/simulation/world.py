"""What everybody in a simulated world shares."""

from __future__ import annotations

from random import Random

from podium.backends.faulty import FaultyBackend
from podium.engine.ports import Backend
from podium.engine.requests import Register
from podium.testing.accounts import KnownAttempt
from podium.testing.bench import EPOCH_MS, VirtualClock
from podium.testing.definitions import Catalog, Shape, make_catalog
from podium.testing.fragile import FragileDatabase
from podium.testing.processes import EngineProcess
from podium.testing.questions import Questions
from podium.testing.swarm import draw_swarm
from podium.testing.witness import Witness


class SimulatedWorld:
    """
    One world.

    Attributes:
        rng: The chooser.
        swarm: What goes wrong here.
        ledger: The truth.
        engines: The processes that live.
        dead: The names of those that have died.
        questions: The clients.
        is_healed: Nothing goes wrong any more.
        trace: What happened, line by line.

    Args:
        seed: Everything follows from it.
        store: An empty store; the caller closes it.
        fragile: The database in the store, if it has one that a process can die in.
    """

    def __init__(self, seed: int, store: Backend, fragile: FragileDatabase | None) -> None:
        self.seed = seed
        self.store = store
        self.trace: list[str] = []
        self.rng = Random(seed)  # noqa: S311  # reproducible on purpose
        self.swarm = draw_swarm(self.rng)
        self.clock = VirtualClock()
        self.witness = Witness(store, self.note)
        self.witness.fragile = fragile
        self.ledger = self.witness.ledger
        self.faulty = FaultyBackend(self.witness.as_backend, self.split("store"), self.swarm.store)
        self.catalogs = [make_catalog(self.split(name), Shape(has_messages=True)) for name in "ab"]
        self.engines: list[EngineProcess] = []
        self.dead: set[str] = set()
        self.questions = Questions(self.ledger, self.note, self.clock.now)
        self.is_healed = False

    def split(self, name: str) -> Random:
        """Return random numbers for one purpose, which others do not disturb."""
        return Random(f"{self.seed}/{name}")  # noqa: S311  # reproducible on purpose

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.clock.now() - EPOCH_MS:>9} {line}")

    def any_engine(self) -> EngineProcess:
        """Return one of the processes that live; there must be one."""
        return self.rng.choice(self.engines)

    def live_of(self, *task_types: str) -> list[KnownAttempt]:
        """Return the live attempts of some types, of all runs."""
        return [
            run.attempts[seq]
            for run in self.ledger.runs.values()
            for seq in sorted(run.live)
            if run.attempts[seq].row.task_type in task_types
        ]


def registration(catalog: Catalog) -> Register:
    """Return the request that registers all of a catalog."""
    return Register((catalog.main, *catalog.registered), catalog.task_defs)
