"""Processes of several machines on one database server: work moves, the dead are replaced, clocks may differ."""

from __future__ import annotations

import time

import pytest

import podium
from podium import wait, workflow
from podium.testing.servers import ServerMissing
from podium.testing.torture.cast import AHEAD_MS
from podium.testing.torture.judge import Judge
from podium.testing.torture.play import stage_for

RUNS = 6
#: Ten seconds of silence, two looks of a second, and what a busy machine needs for the work itself.
PICKED_UP_S = 40


@workflow
def nap() -> None:
    """Wait for three seconds."""
    wait("pause", duration="3 seconds")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["postgresql", "mysql"])
def test_another_machine_does_what_a_dead_one_had(backend: str) -> None:
    """A worker's machine is gone for good while it works; who is left finds that out by its silence, and goes on."""
    try:
        opened = stage_for(backend)
        with opened as stage, podium.connect(stage.url) as client:
            near, far = stage.workers
            near.kill()
            stage.starter.tell(f"begin gone {RUNS}")
            while not stage.lines("ran"):
                time.sleep(0.01)  # until the far one has work in hand
            near.begin()
            far.kill()
            began = time.monotonic()
            judge = Judge(stage, client)
            judge.wait("gone", RUNS)
            assert time.monotonic() - began < PICKED_UP_S
            assert judge.verdict("gone", RUNS).words == ()
    except ServerMissing as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["postgresql", "mysql"])
def test_no_timer_is_early_beside_a_machine_whose_clock_is_ahead(backend: str) -> None:
    """A machine that is 5 s ahead does not take the timers of others for overdue: all go by the server's clock."""
    assert AHEAD_MS > 3_000
    try:
        with stage_for(backend) as stage, podium.connect(stage.url) as client:
            client.register(nap)
            for _ in range(2):
                began = time.monotonic()
                run = client.run(nap, {}, timeout=60)
                assert run.status.is_successful
                assert time.monotonic() - began >= 2.9
    except ServerMissing as error:
        pytest.skip(str(error))
