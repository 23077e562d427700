"""
The whole engine in a simulated world: one thread, one seeded chooser, virtual time.

Engine processes share a store that fails; workers are slow, late, forgetful and repeat themselves; processes die in
the middle of a commit; operators interfere. After each step the ledger has checked what was committed. Then everything
heals, and every run must end.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from attrs import frozen

from podium.backends.faulty import FaultyBackend
from podium.engine.events import Pause, ReportByName, Resume, Retry, Terminate
from podium.engine.reader import Reader
from podium.engine.requests import Register, RestartRequest, StartRequest
from podium.engine.services import RETRY_MS, DueService
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus, TaskType
from podium.testing.accounts import Attempt, Run, Violation, require
from podium.testing.bench import EPOCH_MS, VirtualClock
from podium.testing.definitions import QUEUES, RUN_INPUT, Catalog, make_catalog, worker_output
from podium.testing.fragile import FragileDatabase
from podium.testing.processes import EngineProcess, Neighbours
from podium.testing.questions import Questions
from podium.testing.swarm import draw_swarm
from podium.testing.witness import EngineDied, Witness

if TYPE_CHECKING:
    from podium.engine.batch import Request
    from podium.engine.ports import Backend

#: Rounds after which a healed world must have come to its end.
ROUNDS_MAX = 3_000


@frozen(kw_only=True)
class Outcome:
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
    One world.

    Args:
        seed: Everything follows from it.
        store: An empty store; the caller closes it.
        steps: Choices made before the world heals.
        fragile: The database in the store, if it has one that a process can die in.
    """

    def __init__(self, seed: int, store: Backend, *, steps: int = 400, fragile: FragileDatabase | None = None) -> None:
        self.seed = seed
        self.steps = steps
        self.trace: list[str] = []
        self.rng = Random(seed)  # noqa: S311  # reproducible on purpose
        self.swarm = draw_swarm(self.rng)
        self.clock = VirtualClock()
        self.store = store
        self.witness = Witness(store, self.note)
        self.witness.fragile = fragile
        self.ledger = self.witness.ledger
        self.faulty = FaultyBackend(self.witness.as_backend, self._split("store"), self.swarm.store)
        self.catalogs = [make_catalog(self._split("a")), make_catalog(self._split("b"))]
        self.engines: list[EngineProcess] = []
        self.dead: set[str] = set()
        self.launched = 0
        self.questions = Questions(self.ledger, self.note, self.clock.now)
        #: Results that were sent, for repetition.
        self.sent: list[Report] = []
        self.is_healed = False
        self.offers: Counter[tuple[str, int]] = Counter()
        self.put_back: Counter[tuple[str, int]] = Counter()

    def _split(self, name: str) -> Random:
        return Random(f"{self.seed}/{name}")  # noqa: S311  # reproducible on purpose

    def note(self, line: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.clock.now() - EPOCH_MS:>9} {line}")

    def run(self) -> Outcome:
        """
        Let the world go its way.

        Raises:
            Violation: An invariant broke, or a run did not end.
        """
        with _errors_are_violations():
            self._register_all()
            self._launch()
            names, weights = zip(*self.swarm.weights.items(), strict=True)
            for name in self.rng.choices(names, weights, k=self.steps):
                self.clock.move_to(self.clock.now() + self.rng.randint(0, 40))
                getattr(self, f"_{name}")()
            self._heal()
            self._live_on()
            self._check_store()
        digest = hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]
        return Outcome(
            seed=self.seed,
            digest=digest,
            commits=self.ledger.commits,
            runs=len(self.ledger.runs),
            endings=Counter(run.row.status for run in self.ledger.runs.values()),
            disagreements=tuple(self.ledger.disagreements),
            ends=self.ledger.ends,
            judged=self.ledger.judged,
            trace=tuple(self.trace),
        )

    # -- engine processes --------------------------------------------------------------------------------------------

    def _register_all(self) -> None:
        """Register the definitions through a process of its own, before anything can go wrong."""
        engine = self._process("clerk", self.witness.as_backend)
        for catalog in self.catalogs:
            engine.kernel.register(_registration(catalog))
        while engine.kernel.step():
            pass
        engine.kernel.stop()
        self.dead.add(engine.name)

    def _process(self, name: str, backend: Backend) -> EngineProcess:
        neighbours = Neighbours(name, self.dead, is_one_machine=self.swarm.is_one_machine)
        return EngineProcess(
            name,
            backend=backend,
            clock=self.clock,
            rng=self._split(name),
            neighbours=neighbours,
            habits=self.swarm.habits,
            check=self._check_offer,
            spared=self._spared,
        )

    def _launch(self) -> None:
        if len(self.engines) >= self.swarm.engines_max:
            return
        self.launched += 1
        engine = self._process(f"e{self.launched}", self.faulty.as_backend)
        self.note(f"launch {engine.name}")
        self.engines.append(engine)
        self._attach_to(engine)

    def _attach_to(self, engine: EngineProcess) -> None:
        if engine.local is None and self.rng.random() < 0.7:
            engine.serve_locally(sorted(self.rng.sample(QUEUES, self.rng.randint(1, len(QUEUES)))))
        if engine.gate is None and self.rng.random() < 0.7:
            engine.serve_others(sorted(self.rng.sample(QUEUES, self.rng.randint(1, len(QUEUES)))))

    def _attach(self) -> None:
        if self.engines:
            self._attach_to(self.rng.choice(self.engines))

    def _detach(self) -> None:
        if self.engines:
            engine = self.rng.choice(self.engines)
            self.note(f"detach {engine.name}")
            engine.dismiss()

    def _crash(self) -> None:
        if self.engines:
            self._bury(self.rng.choice(self.engines))

    def _crash_in_commit(self) -> None:
        when = self.rng.choice(("dies_before", "dies_after", "dies_within"))
        self.note(f"the next commit {when}")
        setattr(self.witness, when, self.rng.random() if when == "dies_within" else True)

    def _stop(self) -> None:
        if self.engines:
            engine = self.rng.choice(self.engines)
            self.note(f"stop {engine.name}")
            engine.kernel.stop()
            self._bury(engine)

    def _bury(self, engine: EngineProcess) -> None:
        """Throw a process away as it is: its inbox, its workers, the answers it owed."""
        self.note(f"dead {engine.name}")
        self.engines.remove(engine)
        self.dead.add(engine.name)
        self.questions.forget(engine)

    def _step(self) -> None:
        if self.engines:
            engine = self.rng.choice(self.engines)
            for _ in range(self.rng.randint(1, 4)):
                if not self._step_of(engine):
                    self._check_punctuality(engine)
                    break
            self.questions.hear()

    def _step_of(self, engine: EngineProcess) -> bool:
        """Let a process do one step; False if it is at rest, or died."""
        self.ledger.author, self.ledger.now = engine.name, self.clock.now()
        try:
            return engine.kernel.step()
        except EngineDied:
            self._bury(engine)
            return False

    def _check_offer(self, assignment: Assignment) -> None:
        """A worker gets only what is committed, and what waits for one."""
        run = self.ledger.runs.get(assignment.run_id)
        attempt = run.attempts.get(assignment.seq) if run is not None else None
        require(attempt is not None, f"{assignment.run_id}/{assignment.seq} was offered and is not in the store")
        if attempt is not None and run is not None:
            require(attempt.row.status == TaskStatus.SCHEDULED, f"{attempt} was offered")
            require(not run.is_ended, f"{attempt} was offered, and {run} has ended")
            self.ledger.check_offer(attempt)
            is_mine = attempt.row.open_queue == f"@{self.ledger.author}" or (
                attempt.row.open_queue is None and run.row.holder == self.ledger.author
            )
            require(
                is_mine, f"{attempt} was offered by {self.ledger.author}, and the store does not say that it has it"
            )
        key = (assignment.run_id, assignment.seq)
        self.offers[key] += 1
        if self.swarm.is_calm and not self.is_healed and not any(self.faulty.faults.values()):
            require(self.offers[key] <= 1 + self.put_back[key], f"{attempt} was offered again without a reason")

    def _spared(self, assignment: Assignment) -> None:
        """A worker lets others have an attempt that it has not begun."""
        self.put_back[assignment.run_id, assignment.seq] += 1

    def _hear(self) -> None:
        """A process hears that another one has committed something, or believes so."""
        if self.engines:
            self.rng.choice(self.engines).kernel.look()

    # -- time --------------------------------------------------------------------------------------------------------

    def _wait_short(self) -> None:
        self.clock.move_to(self.clock.now() + self.rng.choice((100, 200, 1_000, 2_000, 5_000)))

    def _wait_long(self) -> None:
        self.clock.move_to(self.clock.now() + self.rng.choice((15_000, 60_000, 310_000, 4_000_000)))

    def _check_punctuality(self, engine: EngineProcess) -> None:
        """What a live process holds is not overdue when it has nothing to do."""
        if engine not in self.engines or self._step_of(engine):
            return  # it has died, or its services had found something
        if engine not in self.engines or not engine.kernel.is_idle or engine.scripts.waiting:
            return
        if self.swarm.store.read and not self.is_healed:
            return  # what it could not read it does not know
        # Timers wait for the service's next look where memory holds less than what comes until then, or where another
        # process set them, and they have died with it.
        waits_ms = DueService.interval_ms - self.swarm.habits.horizon_ms
        for row in self.store.due(self.clock.now() - max(0, waits_ms), 1_000):
            run = self.ledger.runs[row.run_id]
            what = run.attempts[row.seq] if row.seq else run
            late_ms = self.clock.now() - max(row.due_at, what.written_at)
            is_late = what.author == engine.name or late_ms > DueService.interval_ms
            require(row.holder != engine.name or not is_late, f"{what} was due {late_ms} ms ago")

    # -- workers -----------------------------------------------------------------------------------------------------

    def _local(self) -> None:
        """A worker inside a process ends something, or says that it has begun."""
        working = [engine for engine in self.engines if engine.busy or (engine.local and engine.local.waiting)]
        if not working:
            return
        engine = self.rng.choice(working)
        waiting = engine.local.waiting if engine.local else ()
        index = self.rng.randrange(len(engine.busy) + len(waiting))
        if index < len(engine.busy):
            assignment = engine.busy.pop(index)
        else:
            assert engine.local is not None, "only its waiting attempts are counted beyond the busy ones"
            assignment = engine.local.waiting[index - len(engine.busy)]
            engine.local.waiting.remove(assignment)
            if assignment.deaths or self.rng.random() < 0.2:
                engine.busy.append(assignment)
                engine.kernel.submit(
                    TaskStarted(assignment.run_id, assignment.seq, engine.name, self.clock.now(), is_local=True),
                )
                return
        report = self._answer_for(assignment, engine.name)
        self.note(f"local {engine.name} {self._name(assignment)} {report.status}")
        engine.kernel.submit(report._replace(started_at=self.clock.now()))

    def _poll(self) -> None:
        """A worker elsewhere fetches work; it has it only when that is committed."""
        gates = [engine for engine in self.engines if engine.gate is not None and engine.gate.waiting]
        if gates:
            engine = self.rng.choice(gates)
            assert engine.gate is not None, "chosen because it has one"
            assignment = engine.gate.waiting.popleft()
            event = TaskStarted(assignment.run_id, assignment.seq, "elsewhere", self.clock.now())
            self.questions.ask(engine, event, assignment)

    def _remote(self) -> None:
        """A worker elsewhere sends a result, to any process."""
        if self.questions.held and self.engines:
            assignment = self.questions.held.pop(self.rng.randrange(len(self.questions.held)))
            report = self._answer_for(assignment, "elsewhere")
            self.sent.append(report)
            self.questions.ask(self.rng.choice(self.engines), report)

    def _name(self, assignment: Assignment) -> str:
        return f"{self.ledger.name(assignment.run_id)}/{assignment.seq}"

    def _answer_for(self, assignment: Assignment, worker_id: str) -> Report:
        names, weights = zip(*self.swarm.answers.items(), strict=True)
        status = TaskStatus(self.rng.choices(names, weights)[0])
        report = Report(assignment.run_id, assignment.seq, status, worker_id=worker_id)
        if status is TaskStatus.COMPLETED:
            return report._replace(output=worker_output(assignment.ref))
        if status is TaskStatus.IN_PROGRESS:
            self.put_back[assignment.run_id, assignment.seq] += 1
            return report._replace(callback_after_s=self.rng.choice((0, 0, 3, 30)), output={"so far": 1})
        return report._replace(reason=f"{status} on purpose")

    def _beat(self) -> None:
        if self.questions.held and self.engines:
            one = self.rng.choice(self.questions.held)
            event = Report(one.run_id, one.seq, TaskStatus.IN_PROGRESS, is_heartbeat=True)
            self.questions.ask(self.rng.choice(self.engines), event)

    def _repeat(self) -> None:
        if self.sent and self.engines:
            report = self.rng.choice(self.sent)
            if report.status is TaskStatus.IN_PROGRESS:
                self.put_back[report.run_id, report.seq] += 1
            self.questions.ask(self.rng.choice(self.engines), report)

    def _drop(self) -> None:
        if self.questions.held:
            dropped = self.questions.held.pop(self.rng.randrange(len(self.questions.held)))
            self.note(f"a worker forgot {self._name(dropped)}")

    def _human(self) -> None:
        live = self._live_of(TaskType.HUMAN)
        if live and self.engines:
            row = self.rng.choice(live).row
            event = ReportByName(row.run_id, row.ref, TaskStatus.COMPLETED, {"said": "yes"})
            self.questions.ask(self.rng.choice(self.engines), event)

    def _meddle(self) -> None:
        """Somebody outside ends an attempt that is not theirs, whatever it is."""
        live = [run for run in self.ledger.runs.values() if run.live]
        if live and self.engines:
            run = self.rng.choice(live)
            row = run.attempts[self.rng.choice(sorted(run.live))].row
            self.ledger.meddled.add((row.run_id, row.seq))
            status = self.rng.choice((TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.IN_PROGRESS))
            self.put_back[row.run_id, row.seq] += 1
            report = Report(row.run_id, row.seq, status, worker_output(row.ref), f"{status} by somebody")
            self.questions.ask(self.rng.choice(self.engines), report)

    def _script(self) -> None:
        """A script that ran aside ends."""
        running = [engine for engine in self.engines if engine.scripts.waiting]
        if running:
            scripts = self.rng.choice(running).scripts
            scripts.finish(self.rng.randrange(len(scripts.waiting)))

    def _live_of(self, task_type: str) -> list[Attempt]:
        return [
            run.attempts[seq]
            for run in self.ledger.runs.values()
            for seq in sorted(run.live)
            if run.attempts[seq].row.task_type == task_type
        ]

    # -- operators ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if not self.engines:
            return
        engine = self.rng.choice(self.engines)
        catalog = self.rng.choice(self.catalogs)
        request = StartRequest(engine.ids.run_id(), RUN_INPUT)
        if self.rng.random() < 0.5:
            request = request._replace(name=self.rng.choice([catalog.main, *catalog.registered]).name)
        else:
            request = request._replace(definition=catalog.main)
        if self.rng.random() < 0.2:
            strategy = IdempotencyStrategy.RETURN_EXISTING
            request = request._replace(idempotency_key="key", idempotency_strategy=strategy)
        self.questions.ask(engine, request)

    def _register(self) -> None:
        if self.engines:
            self.rng.choice(self.engines).kernel.register(_registration(self.rng.choice(self.catalogs)))

    def _operate(self, make: Callable[[str], Request], fits: Callable[[Run], bool]) -> None:
        """Ask something of a run, mostly of one that fits."""
        runs = list(self.ledger.runs.values())
        fitting = [run for run in runs if fits(run)]
        if fitting and self.rng.random() < 0.9:
            runs = fitting
        if runs and self.engines:
            self.questions.ask(self.rng.choice(self.engines), make(self.rng.choice(runs).row.run_id))

    def _pause(self) -> None:
        self._operate(Pause, lambda run: run.row.status == RunStatus.RUNNING)

    def _resume(self) -> None:
        self._operate(Resume, lambda run: run.row.status == RunStatus.PAUSED)

    def _terminate(self) -> None:
        self._operate(lambda run_id: Terminate(run_id, "by hand"), lambda run: not run.is_ended)

    def _retry(self) -> None:
        self._operate(Retry, lambda run: run.is_ended and run.row.status != RunStatus.COMPLETED)

    def _restart(self) -> None:
        self._operate(lambda run_id: RestartRequest(run_id, self.rng.random() < 0.3), lambda run: run.is_ended)

    # -- liveness ----------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Stop all that goes wrong, and let there be workers for everything."""
        self.note("heal")
        self.is_healed = True
        self.faulty.heal()
        self.clock.move_to(self.clock.now() + RETRY_MS)  # what could not be read a moment ago is read again
        self.witness.dies_before = self.witness.dies_after = False
        self.witness.dies_within = None
        if not self.engines:
            self._launch()
        for engine in self.engines:
            engine.dismiss()
            engine.serve_locally(QUEUES)

    def _live_on(self) -> None:
        """Let time pass until every run has ended."""
        for _ in range(ROUNDS_MAX):
            self._settle()
            self._work_everything()
            self._settle()
            for engine in self.engines:
                self._check_punctuality(engine)
            self.questions.hear()
            if not self.questions.asks and all(run.is_ended for run in self.ledger.runs.values()):
                return
            self._go_to_next_moment()
        stuck = "\n".join(str(run) for run in self.ledger.runs.values() if not run.is_ended)
        raise Violation(f"after {ROUNDS_MAX} rounds these runs have not ended:\n{stuck}\nasked: {self.questions.asks}")

    def _settle(self) -> None:
        for engine in tuple(self.engines):
            for _ in range(1_000):
                if not self._step_of(engine):
                    break
            else:
                raise Violation(f"{engine.name} does not come to rest")

    def _work_everything(self) -> None:
        for engine in self.engines:
            while engine.scripts.waiting:
                engine.scripts.finish(0)
            waiting = engine.local.waiting if engine.local is not None else ()
            for one in (*engine.busy, *waiting):
                output = worker_output(one.ref)
                engine.kernel.submit(Report(one.run_id, one.seq, TaskStatus.COMPLETED, output))
            engine.busy.clear()
            if engine.local is not None:
                engine.local.waiting.clear()
        engine = self.engines[0]
        for one in self.questions.held:
            self.questions.ask(engine, Report(one.run_id, one.seq, TaskStatus.COMPLETED, worker_output(one.ref)))
        self.questions.held.clear()
        for human in self._live_of(TaskType.HUMAN):
            if self.ledger.runs[human.row.run_id].row.status == RunStatus.RUNNING:
                self.questions.ask(engine, ReportByName(human.row.run_id, human.row.ref, TaskStatus.COMPLETED))
        for run_id, run in self.ledger.runs.items():
            if run.row.status == RunStatus.PAUSED:
                self.questions.ask(engine, Resume(run_id))

    def _go_to_next_moment(self) -> None:
        now = self.clock.now()
        due = self.store.due(10**15, 1)
        ahead = due[0].due_at if due else now + 1_000
        # Beside the moments of the runs there are those of the services: they look every second, or every few.
        self.clock.move_to(max(now + 250, min(ahead, now + 4_000_000)))

    # -- in the end --------------------------------------------------------------------------------------------------

    def _check_store(self) -> None:
        """The store has what was committed, can show it, and has nothing left to do."""
        reader = Reader(self.store)
        for run_id, run in self.ledger.runs.items():
            rows = {row.seq: row for row in self.store.load_tasks(run_id)}
            require(rows.keys() == run.attempts.keys(), f"{run} has the attempts {sorted(rows)}")
            for seq, row in rows.items():
                kept = run.attempts[seq]
                same = (row.status, row.output, row.input) == (kept.row.status, kept.outputs, kept.inputs)
                require(same, f"{kept} is stored as {row}")
            require(reader.run(run_id).status == run.row.status, f"{run} is shown otherwise")
        require(not self.store.due(10**15, 1), "something is due in the end")
        require(not self.store.claim(dict.fromkeys(QUEUES, 1), 1, "nobody"), "something lies open in the end")
        require(not self.store.held_runs(None, 1), "a run is nobody's in the end")


def _registration(catalog: Catalog) -> Register:
    return Register((catalog.main, *catalog.registered), catalog.task_defs)


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
