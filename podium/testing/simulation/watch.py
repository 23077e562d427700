"""What must be true of every offer, of every process at rest, and of the store in the end."""

from __future__ import annotations

from collections import Counter

from podium.engine.reader import Reader
from podium.engine.services import DueService
from podium.model.assignments import Assignment
from podium.model.statuses import TaskStatus, TaskType
from podium.testing.accounts import KnownRun, require
from podium.testing.definitions import QUEUES
from podium.testing.processes import EngineProcess
from podium.testing.simulation.world import SimulatedWorld


class SimulationWatch:
    """
    Looks at what the ledger does not see.

    Attributes:
        put_back: How often each attempt may be offered again, and why is known.
    """

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world
        self._offers: Counter[tuple[str, int]] = Counter()
        self.put_back: Counter[tuple[str, int]] = Counter()

    def check_offer(self, assignment: Assignment) -> None:
        """A worker gets only what is committed, and what waits for one."""
        run = self._world.ledger.runs.get(assignment.run_id)
        attempt = run.attempts.get(assignment.seq) if run is not None else None
        require(attempt is not None, f"{assignment.run_id}/{assignment.seq} was offered and is not in the store")
        if attempt is not None and run is not None:
            require(attempt.row.status == TaskStatus.SCHEDULED, f"{attempt} was offered")
            require(not run.is_ended, f"{attempt} was offered, and {run} has ended")
            self._world.ledger.check_offer(attempt)
            author = self._world.ledger.author
            is_mine = attempt.row.open_queue == f"@{author}" or (
                attempt.row.open_queue is None and run.row.holder == author
            )
            require(is_mine, f"{attempt} was offered by {author}, and the store does not say that it has it")
        key = (assignment.run_id, assignment.seq)
        self._offers[key] += 1
        if self._world.swarm.is_calm and not self._world.is_healed and not any(self._world.faulty.faults.values()):
            require(self._offers[key] <= 1 + self.put_back[key], f"{attempt} was offered again without a reason")

    def spared(self, assignment: Assignment) -> None:
        """A worker lets others have an attempt that it has not begun."""
        self.put_back[assignment.run_id, assignment.seq] += 1

    def check_punctuality(self, engine: EngineProcess) -> None:
        """What a live process holds is not overdue when it has nothing to do."""
        if not engine.kernel.is_idle or engine.scripts.waiting:
            return
        if self._world.swarm.store.read and not self._world.is_healed:
            return  # what it could not read it does not know
        # Timers wait for the service's next look where memory holds less than what comes until then, or where another
        # process set them, and they have died with it.
        waits_ms = DueService.interval_ms - self._world.swarm.habits.horizon_ms
        for row in self._world.store.due(self._world.clock.now() - max(0, waits_ms), 1_000):
            run = self._world.ledger.runs[row.run_id]
            what = run.attempts[row.seq] if row.seq else run
            late_ms = self._world.clock.now() - max(row.due_at, what.written_at, run.held_since)
            is_late = what.author == engine.name or late_ms > DueService.interval_ms
            require(row.holder != engine.name or not is_late, f"{what} was due {late_ms} ms ago")

    def check_store(self) -> None:
        """The store has what was committed, can show it, and has nothing left to do."""
        reader = Reader(self._world.store)
        for run_id, run in self._world.ledger.runs.items():
            rows = {row.seq: row for row in self._world.store.load_tasks(run_id)}
            require(rows.keys() == run.attempts.keys(), f"{run} has the attempts {sorted(rows)}")
            for seq, row in rows.items():
                kept = run.attempts[seq]
                same = (row.status, row.output, row.input) == (kept.row.status, kept.outputs, kept.inputs)
                require(same, f"{kept} is stored as {row}")
            require(reader.run(run_id).status == run.row.status, f"{run} is shown otherwise")
            _check_messages(run)
        require(not self._world.store.due(10**15, 1), "something is due in the end")
        require(not self._world.store.claim(dict.fromkeys(QUEUES, 1), 1, "nobody"), "something lies open in the end")
        require(not self._world.store.held_runs(None, 1), "a run is nobody's in the end")


def _check_messages(run: KnownRun) -> None:
    """No message was taken twice."""
    pulls = (one for one in run.attempts.values() if one.row.task_type == TaskType.PULL_WORKFLOW_MESSAGES)
    taken = [message["id"] for pull in pulls for message in pull.output.get("messages", ())]
    require(len(taken) == len(set(taken)), f"{run} has taken messages twice: {taken}")
