from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podium.engine import decider
from podium.engine.decision import Decision
from podium.engine.kernel import Kernel
from podium.engine.operators.join import Join
from podium.engine.records import TaskRecord
from podium.testing.ledger import Violation
from podium.testing.simulate import main, simulate

#: Seeds in one test.
BLOCK = 25


@pytest.mark.parametrize("first", range(0, 150, BLOCK))
def test_nothing_goes_wrong_in_memory(first: int, tmp_path: Path) -> None:
    """Whatever fails, the ledger finds every commit in order, and every run ends when the world has healed."""
    for seed in range(first, first + BLOCK):
        simulate(seed, "memory", tmp_path)


@pytest.mark.parametrize("seed", [1000, 1152, 1180, 1270])
def test_a_seed_that_found_something_finds_it_no_more(seed: int, tmp_path: Path) -> None:
    """1152: a paused run never timed out; the others: a run ends, and lives again, in one and the same commit."""
    simulate(seed, "memory", tmp_path)


def test_nothing_goes_wrong_in_an_sqlite_file_and_it_is_the_same_world(tmp_path: Path) -> None:
    """A seed gives the same trace on both backends: the order of results is part of their contract."""
    for seed in range(15):
        assert simulate(seed, "sqlite", tmp_path).digest == simulate(seed, "memory", tmp_path).digest


def test_a_long_simulation(tmp_path: Path) -> None:
    """Worlds that go wrong for long heal as well."""
    for seed in range(5):
        assert simulate(seed, "memory", tmp_path, steps=1_500).runs > 10


def test_a_seed_repeats_itself_in_another_process(tmp_path: Path) -> None:
    """A trace follows from its seed alone, and not from how the interpreter happens to hash strings."""
    seen = set()
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "podium.testing.simulate", "--seeds", "0-9", "--verbose"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        seen.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)

    assert len(seen) == 1


def test_the_command_says_that_nothing_broke(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line is the one that a build looks for."""
    assert main(["--seeds", "0-3"]) == 0
    assert "0 violations" in capsys.readouterr().out


def for_seeds(count: int, folder: Path) -> None:
    """Simulate seeds from 0."""
    for seed in range(count):
        simulate(seed, "memory", folder)


def take_late_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant: the result of an attempt that has ended is taken."""

    def live(decision: Decision, seq: int) -> TaskRecord | None:
        return next((r for r in decision.state.newest.values() if r.seq == seq), None)

    monkeypatch.setattr(decider, "_live", live)


def join_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant: a JOIN does not wait for the last of its branches."""

    def notice(join: Join, decision: Decision, record: TaskRecord) -> None:
        if record.awaited <= 1:
            join._finish(decision, record)

    monkeypatch.setattr(Join, "notice", notice)


def trust_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant: a state in memory is used without a look whether another process has changed the run."""
    monkeypatch.setattr(Kernel, "_prove", lambda *_: None)


def forget_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant: what becomes due is not noticed, neither here nor by others."""
    monkeypatch.setattr("podium.engine.timers.Timers.add", lambda *_: None)
    monkeypatch.setattr("podium.engine.services.DueService.duty", lambda *_: None)


def leave_the_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant: nobody takes over what a dead process held."""
    monkeypatch.setattr("podium.engine.services.RescueService._inherit", lambda *_: None)


@pytest.mark.parametrize("plant", [take_late_results, join_early, trust_memory, forget_timers, leave_the_dead])
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The simulation finds bugs: each of these within a few seeds."""
    monkeypatch.setattr("podium.testing.simulation.ROUNDS_MAX", 300)
    plant(monkeypatch)

    with pytest.raises(Violation):
        for_seeds(60, tmp_path)
