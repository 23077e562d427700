"""How long the kernel waits for something to happen."""

from __future__ import annotations

import threading

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
