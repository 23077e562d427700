"""Consumers that break: what one cannot say or take stops nobody else."""

from __future__ import annotations

import logging

import pytest

from podium.engine.consumers import Consumers
from podium.testing.bench import HandWorker


class Mute(HandWorker):
    """A consumer that cannot say what it can take."""

    def room(self, queue: str) -> int:
        """Break."""
        raise ZeroDivisionError(queue)


def test_a_consumer_that_cannot_say_its_room_gets_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Its error is logged, and the room of the others is known."""
    consumers = Consumers()
    consumers.attach(Mute(["w"]))
    consumers.attach(HandWorker(["w"], size=3))

    with caplog.at_level(logging.ERROR, "podium.engine"):
        assert consumers.rooms() == [{"w": 3}]
        assert consumers.spared() == []
    assert "could not say how much more of 'w'" in caplog.text
