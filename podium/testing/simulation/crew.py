"""Workers: those inside the processes, those elsewhere, and people."""

from __future__ import annotations

from podium.engine.events import InboxMessage, ReportByName, Resume
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.payloads import dump
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.definitions import PEOPLE, worker_output
from podium.testing.processes import EngineProcess
from podium.testing.simulation.watch import SimulationWatch
from podium.testing.simulation.world import SimulatedWorld

#: How much of the work fails in a world that has healed: a run may end badly, but it ends.
_FAILS = 0.15


class SimulatedWorkers:
    """Those who do the work, and say how it went: late, twice, or never."""

    def __init__(self, world: SimulatedWorld, watch: SimulationWatch) -> None:
        self._world = world
        self._watch = watch
        #: Results that were sent, for repetition.
        self._sent: list[Report] = []
        self._messages = 0

    def local(self) -> None:
        """A worker inside a process ends something, or says that it has begun."""
        working = [engine for engine in self._world.engines if engine.busy or (engine.local and engine.local.waiting)]
        if not working:
            return
        engine = self._world.rng.choice(working)
        waiting = engine.local.waiting if engine.local else ()
        index = self._world.rng.randrange(len(engine.busy) + len(waiting))
        if index < len(engine.busy):
            assignment = engine.busy.pop(index)
        else:
            assert engine.local is not None, "only its waiting attempts are counted beyond the busy ones"
            assignment = engine.local.waiting[index - len(engine.busy)]
            engine.local.waiting.remove(assignment)
            if assignment.deaths or self._world.rng.random() < 0.2:
                engine.busy.append(assignment)
                engine.kernel.submit(
                    TaskStarted(assignment.run_id, assignment.seq, engine.name, self._world.clock.now(), is_local=True),
                )
                return
        report = self._answer_for(assignment, engine.name)
        self._world.note(f"local {engine.name} {self._name(assignment)} {report.status}")
        engine.kernel.submit(report._replace(started_at=self._world.clock.now()))

    def poll(self) -> None:
        """A worker elsewhere fetches work; it has it only when that is committed."""
        gates = [engine for engine in self._world.engines if engine.gate is not None and engine.gate.waiting]
        if gates:
            engine = self._world.rng.choice(gates)
            assert engine.gate is not None, "chosen because it has one"
            assignment = engine.gate.waiting.popleft()
            event = TaskStarted(assignment.run_id, assignment.seq, "elsewhere", self._world.clock.now())
            self._world.questions.ask(engine, event, assignment)

    def remote(self) -> None:
        """A worker elsewhere sends a result, to any process."""
        if self._world.questions.held and self._world.engines:
            assignment = self._world.questions.held.pop(self._world.rng.randrange(len(self._world.questions.held)))
            report = self._answer_for(assignment, "elsewhere")
            self._sent.append(report)
            self._world.questions.ask(self._world.any_engine(), report)

    def _name(self, assignment: Assignment) -> str:
        return f"{self._world.ledger.name(assignment.run_id)}/{assignment.seq}"

    def _answer_for(self, assignment: Assignment, worker_id: str) -> Report:
        names, weights = zip(*self._world.swarm.answers.items(), strict=True)
        status = TaskStatus(self._world.rng.choices(names, weights)[0])
        report = Report(assignment.run_id, assignment.seq, status, worker_id=worker_id)
        if status is TaskStatus.COMPLETED:
            return self._good(report, assignment)
        if status is TaskStatus.IN_PROGRESS:
            self._watch.put_back[assignment.run_id, assignment.seq] += 1
            return report._replace(callback_after_s=self._world.rng.choice((0, 0, 3, 30)), output={"so far": 1})
        return report._replace(reason=f"{status} on purpose")

    def _good(self, report: Report, one: Assignment) -> Report:
        """Return what is said of work that is done; of an answer to a request that is repeated the engine judges."""
        if one.queue == TaskType.HTTP_POLL:
            self._watch.put_back[one.run_id, one.seq] += 1
            report = report._replace(status=TaskStatus.IN_PROGRESS)
        return report._replace(output=worker_output(one.ref))

    def beat(self) -> None:
        """A worker elsewhere says that it lives."""
        if self._world.questions.held and self._world.engines:
            one = self._world.rng.choice(self._world.questions.held)
            event = Report(one.run_id, one.seq, TaskStatus.IN_PROGRESS, is_heartbeat=True)
            self._world.questions.ask(self._world.any_engine(), event)

    def repeat(self) -> None:
        """A worker sends once more what it has sent before."""
        if self._sent and self._world.engines:
            report = self._world.rng.choice(self._sent)
            if report.status is TaskStatus.IN_PROGRESS:
                self._watch.put_back[report.run_id, report.seq] += 1
            self._world.questions.ask(self._world.any_engine(), report)

    def drop(self) -> None:
        """A worker elsewhere forgets what it has in hand."""
        if self._world.questions.held:
            dropped = self._world.questions.held.pop(self._world.rng.randrange(len(self._world.questions.held)))
            self._world.note(f"a worker forgot {self._name(dropped)}")

    def human(self) -> None:
        """A person answers."""
        live = self._world.live_of(*PEOPLE)
        if live and self._world.engines:
            row = self._world.rng.choice(live).row
            event = ReportByName(row.run_id, row.ref, TaskStatus.COMPLETED, {"said": "yes"})
            self._world.questions.ask(self._world.any_engine(), event)

    def message(self) -> None:
        """Somebody sends a message to a run, mostly to one that pulls."""
        pulling = {attempt.row.run_id for attempt in self._world.live_of(TaskType.PULL_WORKFLOW_MESSAGES)}
        runs = sorted(pulling) or [run_id for run_id, run in self._world.ledger.runs.items() if not run.is_ended]
        if runs and self._world.engines:
            self._send(self._world.any_engine(), self._world.rng.choice(runs))

    def _send(self, engine: EngineProcess, run_id: str) -> None:
        self._messages += 1
        self._world.questions.ask(
            engine, InboxMessage(run_id, f"message {self._messages}", dump({"n": self._messages}))
        )

    def meddle(self) -> None:
        """Somebody outside ends an attempt that is not theirs, whatever it is."""
        live = [run for run in self._world.ledger.runs.values() if run.live]
        if live and self._world.engines:
            run = self._world.rng.choice(live)
            row = run.attempts[self._world.rng.choice(sorted(run.live))].row
            self._world.ledger.meddled.add((row.run_id, row.seq))
            status = self._world.rng.choice((TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.IN_PROGRESS))
            self._watch.put_back[row.run_id, row.seq] += 1
            report = Report(row.run_id, row.seq, status, worker_output(row.ref), f"{status} by somebody")
            self._world.questions.ask(self._world.any_engine(), report)

    def script(self) -> None:
        """A script that ran aside ends."""
        running = [engine for engine in self._world.engines if engine.scripts.waiting]
        if running:
            scripts = self._world.rng.choice(running).scripts
            scripts.finish(self._world.rng.randrange(len(scripts.waiting)))

    def _last_word(self, one: Assignment) -> Report:
        """Return how an attempt ends in a world that has healed: mostly well."""
        if self._world.rng.random() < _FAILS:
            return Report(one.run_id, one.seq, TaskStatus.FAILED, reason="FAILED in the end")
        return self._good(Report(one.run_id, one.seq, TaskStatus.COMPLETED), one)

    def work_everything(self) -> None:
        """Let everybody end all that they have in hand."""
        for engine in self._world.engines:
            while engine.scripts.waiting:
                engine.scripts.finish(0)
            waiting = engine.local.waiting if engine.local is not None else ()
            for one in (*engine.busy, *waiting):
                engine.kernel.submit(self._last_word(one))
            engine.busy.clear()
            if engine.local is not None:
                engine.local.waiting.clear()
        engine = self._world.engines[0]
        for one in self._world.questions.held:
            self._world.questions.ask(engine, self._last_word(one))
        self._world.questions.held.clear()
        for human in self._world.live_of(*PEOPLE):
            if self._world.ledger.runs[human.row.run_id].row.status == RunStatus.RUNNING:
                self._world.questions.ask(engine, ReportByName(human.row.run_id, human.row.ref, TaskStatus.COMPLETED))
        for pull in self._world.live_of(TaskType.PULL_WORKFLOW_MESSAGES):
            if self._world.ledger.runs[pull.row.run_id].row.status == RunStatus.RUNNING:
                self._send(engine, pull.row.run_id)
        for run_id, run in self._world.ledger.runs.items():
            if run.row.status == RunStatus.PAUSED:
                self._world.questions.ask(engine, Resume(run_id))
