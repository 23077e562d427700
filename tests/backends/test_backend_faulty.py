"""`podium.backends.faulty`: a store that fails on purpose."""

from __future__ import annotations

import random
from functools import partial

import pytest

from podium.backends.faulty import FaultRates, FaultyBackend, StoreFault
from podium.backends.memory import MemoryBackend
from podium.engine.rows import EngineRow, WriteSet
from podium.model.errors import CommitUncertain, InvalidRequest, PodiumError, StaleRun, StoreUnavailable
from podium.testing.backend_fixtures import a_run, a_start


def faulty(rates: FaultRates, seed: int = 1) -> FaultyBackend:
    """Return a faulty store around an empty memory store."""
    return FaultyBackend(MemoryBackend(), random.Random(seed), rates)


@pytest.mark.parametrize(
    ("rate", "error", "is_written"),
    [
        ("refused", StoreUnavailable, False),
        ("lost", StoreUnavailable, False),
        ("lost_unseen", CommitUncertain, False),
        ("done_unseen", CommitUncertain, True),
    ],
)
def test_a_fault_of_a_commit(rate: str, error: type[PodiumError], is_written: bool) -> None:
    """Each fault raises its error; only a commit whose answer was lost is written."""
    store = faulty(FaultRates(**{rate: 1.0}))

    with pytest.raises(error):
        store.commit(a_start())
    assert is_written == bool(store.inner.load_runs(["run-1"]))
    assert {StoreFault[rate.upper()]: 1} == store.faults


def test_a_stale_commit_is_never_made_up() -> None:
    """StaleRun comes from the inner store, and is not counted as a fault."""
    store = faulty(FaultRates(done_unseen=1.0))

    with pytest.raises(StaleRun):
        store.commit(WriteSet(runs=[a_run(revision=2)]))
    assert store.faults.total() == 0


def test_reads_and_heartbeats_fail_too() -> None:
    """Everything but a commit fails at one rate, and then changes nothing."""
    store = faulty(FaultRates(read=1.0))

    backend = store.as_backend
    for call in (lambda: backend.load_runs(["run-1"]), lambda: backend.heartbeat(EngineRow("e1", "host", 1))):
        with pytest.raises(StoreUnavailable):
            call()
    assert store.inner.engines() == []
    assert store.faults == {StoreFault.READ: 2}


def test_a_healed_store_works() -> None:
    """After heal() nothing fails any more, and what was counted stays."""
    store = faulty(FaultRates(refused=1.0, read=1.0))
    with pytest.raises(StoreUnavailable):
        store.commit(a_start())
    store.heal()

    store.commit(a_start())
    assert {"run-1": a_run()} == store.load_runs(["run-1"])
    assert store.faults == {StoreFault.REFUSED: 1}


def outcomes(store: FaultyBackend) -> list[str]:
    """Commit and read a hundred times; give what was raised."""
    found: list[str] = []
    for number in range(100):
        writes = a_start(run=a_run(f"run-{number}"))
        for call in (partial(store.commit, writes), partial(store.due, 1, 1)):
            try:
                call()
            except PodiumError as error:
                found.append(type(error).__name__)
            else:
                found.append("")
    return found


def test_a_seed_repeats_all_faults() -> None:
    """The same random numbers give the same faults, all kinds of them; others give others."""
    rates = FaultRates(refused=0.1, lost=0.1, done_unseen=0.1, lost_unseen=0.1, read=0.2)
    store = faulty(rates, 7)
    seen = outcomes(store)

    assert outcomes(faulty(rates, 7)) == seen
    assert outcomes(faulty(rates, 8)) != seen
    assert set(StoreFault) == set(store.faults)
    assert sum(map(bool, seen)) == store.faults.total()


def test_rates_do_not_shift_the_random_numbers() -> None:
    """Each call draws once, whatever the rates: switching a fault off leaves the others where they were."""
    with_refusals = outcomes(faulty(FaultRates(read=0.2, refused=0.5), 7))
    without = outcomes(faulty(FaultRates(read=0.2), 7))

    assert with_refusals[1::2] == without[1::2]


def test_rates_that_make_no_sense_are_refused() -> None:
    """A rate is a probability, and a commit suffers one fault at most."""
    for rates in ({"read": 1.1}, {"lost": -0.1}, {"lost": 0.6, "refused": 0.6}):
        with pytest.raises(InvalidRequest):
            FaultRates(**rates)
