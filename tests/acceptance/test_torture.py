"""Each kind of fault once, on real processes and each kind of store; the long form is a program of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

import podium
from podium.testing.servers import ServerMissing
from podium.testing.torture.__main__ import table
from podium.testing.torture.cast import Stage
from podium.testing.torture.faults import FAULTS, TortureFault
from podium.testing.torture.judge import Judge
from podium.testing.torture.play import CannotTry, FaultTally, play_round, stage_for

#: Of each round: so it takes seconds.
RUNS, INJECTIONS = 6, 1

CASES = [
    pytest.param(backend, fault, id=f"{backend}-{fault.name}")
    for backend in ("sqlite", "postgresql", "mysql")
    for fault in sorted(FAULTS, key=lambda one: one.needs_small_disk)
    if fault.suits(backend)
]


class Stages:
    """One stage at a time: processes and servers are begun once for all cases that can share them."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._key: tuple[str, bool] | None = None
        self._stage: tuple[Stage, Judge] | None = None

    def get(self, backend: str, *, is_small: bool) -> tuple[Stage, Judge]:
        """Return the stage for a case; skips where this machine has none."""
        if self._key != (backend, is_small) or self._stage is None:
            self.close()
            try:
                stage = self._open.enter_context(stage_for(backend, is_small=is_small))
            except (ServerMissing, CannotTry) as error:
                pytest.skip(str(error))
            client = self._open.enter_context(podium.connect(stage.url))
            self._key, self._stage = (backend, is_small), (stage, Judge(stage, client))
        return self._stage

    def close(self) -> None:
        """End what runs."""
        self._key = self._stage = None
        self._open.close()
        self._open = ExitStack()


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    """The stages of this module."""
    stages = Stages()
    yield stages
    stages.close()


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "fault"), CASES)
def test_nothing_is_lost_repeated_or_stuck(stages: Stages, backend: str, fault: TortureFault) -> None:
    """What was accepted ends as it should; callers get errors that say to try again, and no other."""
    stage, judge = stages.get(backend, is_small=fault.needs_small_disk)
    tally = FaultTally(fault.name)
    name = fault.name.replace(" ", "-")
    verdict = play_round(stage, judge, fault, tally, Random(1), name=name, runs=RUNS, injections=INJECTIONS)
    assert (verdict.words, tally.is_bad) == ((), False)
    assert (tally.injected, tally.runs) == (INJECTIONS, RUNS)


def test_the_table_says_what_was_not_tried() -> None:
    """A kind that this machine does not let be tried has its reason in place of figures."""
    text = table(
        [FaultTally("engine killed", 3, 12), FaultTally("disk full", skipped="only root can make a small disk")]
    )
    assert [line.split()[0] for line in text.splitlines()] == ["fault", "engine", "disk"]
    assert text.splitlines()[1].split()[2:] == ["3", "12", "0", "0", "0", "0"]
    assert text.endswith("skipped: only root can make a small disk")
