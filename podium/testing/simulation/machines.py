"""Engine processes: launched, at work, stopped, killed."""

from __future__ import annotations

from podium.engine.ports import Backend
from podium.testing.definitions import QUEUES
from podium.testing.processes import EngineProcess, Neighbours
from podium.testing.simulation.watch import SimulationWatch
from podium.testing.simulation.world import SimulatedWorld, registration
from podium.testing.witness import EngineDied


class Machines:
    """Those who run and end processes."""

    def __init__(self, world: SimulatedWorld, watch: SimulationWatch) -> None:
        self._world = world
        self._watch = watch
        self._launched = 0

    def register_all(self) -> None:
        """Register the definitions through a process of its own, before anything can go wrong."""
        engine = self._process("clerk", self._world.witness.as_backend)
        for catalog in self._world.catalogs:
            engine.kernel.register(registration(catalog))
        while engine.kernel.step():
            pass
        engine.kernel.stop()
        self._world.dead.add(engine.name)

    def _process(self, name: str, backend: Backend) -> EngineProcess:
        neighbours = Neighbours(name, self._world.dead, is_one_machine=self._world.swarm.is_one_machine)
        return EngineProcess(
            name,
            backend=backend,
            clock=self._world.clock,
            rng=self._world.split(name),
            neighbours=neighbours,
            habits=self._world.swarm.habits,
            check=self._watch.check_offer,
            spared=self._watch.spared,
        )

    def launch(self) -> None:
        """Start a process, if there may be another one."""
        if len(self._world.engines) >= self._world.swarm.engines_max:
            return
        self._launched += 1
        engine = self._process(f"e{self._launched}", self._world.faulty.as_backend)
        self._world.note(f"launch {engine.name}")
        self._world.engines.append(engine)
        self._attach_to(engine)

    def _attach_to(self, engine: EngineProcess) -> None:
        if engine.local is None and self._world.rng.random() < 0.7:
            engine.serve_locally(sorted(self._world.rng.sample(QUEUES, self._world.rng.randint(1, len(QUEUES)))))
        if engine.gate is None and self._world.rng.random() < 0.7:
            engine.serve_others(sorted(self._world.rng.sample(QUEUES, self._world.rng.randint(1, len(QUEUES)))))

    def attach(self) -> None:
        """Let a process serve queues that it did not serve."""
        if self._world.engines:
            self._attach_to(self._world.any_engine())

    def detach(self) -> None:
        """Let a process serve none any more."""
        if self._world.engines:
            engine = self._world.any_engine()
            self._world.note(f"detach {engine.name}")
            engine.dismiss()

    def crash(self) -> None:
        """Kill a process."""
        if self._world.engines:
            self._bury(self._world.any_engine())

    def crash_in_commit(self) -> None:
        """Let the process die that commits next."""
        when = self._world.rng.choice(("dies_before", "dies_after", "dies_within"))
        self._world.note(f"the next commit {when}")
        setattr(self._world.witness, when, self._world.rng.random() if when == "dies_within" else True)

    def stop(self) -> None:
        """Stop a process as it should be stopped."""
        if self._world.engines:
            engine = self._world.any_engine()
            self._world.note(f"stop {engine.name}")
            engine.kernel.stop()
            self._bury(engine)

    def _bury(self, engine: EngineProcess) -> None:
        """Throw a process away as it is: its inbox, its workers, the answers it owed."""
        self._world.note(f"dead {engine.name}")
        self._world.engines.remove(engine)
        self._world.dead.add(engine.name)
        self._world.questions.forget(engine)

    def step(self) -> None:
        """Let a process do some steps, and hear what it answers."""
        if self._world.engines:
            engine = self._world.any_engine()
            for _ in range(self._world.rng.randint(1, 4)):
                if not self.step_of(engine):
                    self.look_at_rest(engine)
                    break
            self._world.questions.hear()

    def step_of(self, engine: EngineProcess) -> bool:
        """Let a process do one step; False if it is at rest, or died."""
        self._world.ledger.author, self._world.ledger.now = engine.name, self._world.clock.now()
        try:
            return engine.kernel.step()
        except EngineDied:
            self._bury(engine)
            return False

    def look_at_rest(self, engine: EngineProcess) -> None:
        """Let the watch look at a process that has nothing to do."""
        if engine not in self._world.engines or self.step_of(engine):
            return  # it has died, or its services had found something
        if engine in self._world.engines:
            self._watch.check_punctuality(engine)

    def hear(self) -> None:
        """A process hears that another one has committed something, or believes so."""
        if self._world.engines:
            self._world.any_engine().kernel.look()
