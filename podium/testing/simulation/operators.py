"""Operators: they start runs, and interfere with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from podium.engine.events import Pause, Rerun, ResetCallbacks, Resume, Retry, Skip, Terminate
from podium.engine.requests import (
    DeleteSchedule,
    PauseSchedule,
    RestartRequest,
    ResumeSchedule,
    RunSchedule,
    SaveSchedule,
    StartRequest,
)
from podium.model.schedules import CatchUp, Schedule
from podium.model.statuses import IdempotencyStrategy, RunStatus
from podium.testing.accounts import KnownRun
from podium.testing.definitions import RUN_INPUT
from podium.testing.schedule_rules import PERIODS_MS, POLICIES
from podium.testing.simulation.world import SimulatedWorld, registration

if TYPE_CHECKING:
    from podium.engine.batch import Request


class Administrators:
    """Those who ask for things."""

    def __init__(self, world: SimulatedWorld) -> None:
        self._world = world

    def start(self) -> None:
        """Start a run: by name, or with its definition; now and then with a key."""
        if not self._world.engines:
            return
        engine = self._world.any_engine()
        catalog = self._world.rng.choice(self._world.catalogs)
        request = StartRequest(engine.ids.run_id(), RUN_INPUT)
        if self._world.rng.random() < 0.5:
            request = request._replace(name=self._world.rng.choice([catalog.main, *catalog.registered]).name)
        else:
            request = request._replace(definition=catalog.main)
        if self._world.rng.random() < 0.3:
            strategy = self._world.rng.choice(tuple(IdempotencyStrategy))  # each has a key of its own
            request = request._replace(idempotency_key=strategy.value, idempotency_strategy=strategy)
        self._world.questions.ask(engine, request)

    def schedule(self) -> None:
        """Let runs be started by themselves, or no more."""
        rng = self._world.rng
        if not self._world.engines:
            return
        engine = self._world.any_engine()
        name = rng.choice(sorted(POLICIES))
        catalog = rng.choice(self._world.catalogs)
        saved = Schedule(
            rng.choice(sorted(PERIODS_MS)),
            name=name,
            workflow=rng.choice([catalog.main, *catalog.registered]).name,
            input=RUN_INPUT,
            overlap=POLICIES[name],
            catch_up=rng.choice(tuple(CatchUp)),
            catch_up_most=3,
        )
        others = (
            PauseSchedule(name),
            ResumeSchedule(name),
            RunSchedule(name, engine.ids.run_id()),
            DeleteSchedule(name),
        )
        request = SaveSchedule(saved) if rng.random() < 0.6 else rng.choice(others)
        self._world.questions.ask(engine, request)

    def unschedule(self) -> None:
        """Remove every schedule."""
        for name in sorted(POLICIES):
            self._world.questions.ask(self._world.engines[0], DeleteSchedule(name))

    def register(self) -> None:
        """Register everything anew."""
        if self._world.engines:
            self._world.any_engine().kernel.register(registration(self._world.rng.choice(self._world.catalogs)))

    def _operate(self, make: Callable[[str], Request], fits: Callable[[KnownRun], bool]) -> None:
        """Ask something of a run, mostly of one that fits."""
        runs = list(self._world.ledger.runs.values())
        fitting = [run for run in runs if fits(run)]
        if fitting and self._world.rng.random() < 0.9:
            runs = fitting
        if runs and self._world.engines:
            self._world.questions.ask(self._world.any_engine(), make(self._world.rng.choice(runs).row.run_id))

    def pause(self) -> None:
        """Pause a run."""
        self._operate(Pause, lambda run: run.row.status == RunStatus.RUNNING)

    def resume(self) -> None:
        """Resume a run."""
        self._operate(Resume, lambda run: run.row.status == RunStatus.PAUSED)

    def terminate(self) -> None:
        """Terminate a run."""
        self._operate(lambda run_id: Terminate(run_id, "by hand"), lambda run: not run.is_ended)

    def retry(self) -> None:
        """Retry a run."""
        self._operate(Retry, lambda run: run.is_ended and run.row.status != RunStatus.COMPLETED)

    def restart(self) -> None:
        """Restart a run."""
        self._operate(lambda run_id: RestartRequest(run_id, self._world.rng.random() < 0.3), lambda run: run.is_ended)

    def rerun(self) -> None:
        """Rerun a run from one of its attempts, or from its start."""

        def make(run_id: str) -> Rerun:
            attempts = list(self._world.ledger.runs[run_id].attempts)
            return Rerun(run_id, self._world.rng.choice(attempts) if attempts else None)

        self._operate(make, lambda run: run.is_ended)

    def skip(self) -> None:
        """Skip a worker's task of a run, mostly one that it has not come to."""

        def make(run_id: str) -> Skip:
            return Skip(run_id, self._world.rng.choice(self._world.ledger.steps_of(run_id) or ["none"]))

        self._operate(make, lambda run: run.row.status == RunStatus.RUNNING)

    def reset_callbacks(self) -> None:
        """Let nothing of a run rest."""
        self._operate(ResetCallbacks, lambda run: not run.is_ended)
