"""How long the kernel waits for something to happen."""

from __future__ import annotations

import sys
import threading

import pytest

import podium
from podium.testing.bench import Bench


def test_shortest_waits_end() -> None:
    """A step that waits a microsecond comes back, also when all that came before it has been read."""
    kernel = Bench().kernel

    def wait() -> None:
        for _ in range(2_000):
            kernel.look()
            kernel.step()
            kernel.step(wait_s=0.000_001)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize(("before", "meanwhile"), [(0.005, 0.001), (0.0001, 0.0001)])
def test_an_engine_waits_for_the_interpreter_for_a_millisecond_at_most(before: float, meanwhile: float) -> None:
    """Functions that compute give it away so often; who has set a shorter time keeps that."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(before)
    try:
        with podium.connect("memory://") as client:
            client.register()
            assert sys.getswitchinterval() == pytest.approx(meanwhile, rel=0.05)
    finally:
        sys.setswitchinterval(usual)
