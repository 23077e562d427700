"""The thread that hears what other processes commit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from queue import Queue
from threading import Event

import pytest

from podium.engine.listening import CommitListener
from podium.engine.ports import Heard
from podium.model.errors import StoreUnavailable


class ScriptedListening:
    """Answers each wait with what the test puts in."""

    def __init__(self) -> None:
        self.answers: Queue[Heard | Exception | None] = Queue()
        self.hurries = 0

    def wait(self, timeout_s: float) -> Heard | None:
        """Return the next answer."""
        answer = self.answers.get(timeout=30)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def hurry(self) -> None:
        """Count it."""
        self.hurries += 1

    def close(self) -> None:
        """End the wait."""
        self.answers.put(None)


def listening_to(listening: ScriptedListening, heard: Callable[[Heard], None]) -> CommitListener:
    """Start a listener."""
    listener = CommitListener(listening, heard)
    listener.start()
    return listener


def test_what_is_heard_is_told() -> None:
    """Each commit of another process is told once; silence is not."""
    told: Queue[Heard] = Queue()
    listening = ScriptedListening()
    listener = listening_to(listening, told.put)
    for answer in (Heard(), None, Heard(is_plain=True)):
        listening.answers.put(answer)
    assert [told.get(timeout=30) for _ in range(2)] == [Heard(), Heard(is_plain=True)]
    listener.hurry()
    listener.close()
    assert (told.qsize(), listening.hurries) == (0, 1)


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), ValueError("a bug")])
def test_a_listener_outlives_errors(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A store that is away, or a bug, does not make it deaf for good; only the bug is worth a word in the log."""
    told = Event()
    listening = ScriptedListening()
    with caplog.at_level(logging.WARNING, "podium.engine"):
        listener = listening_to(listening, lambda _: told.set())
        for answer in (error, Heard()):
            listening.answers.put(answer)
        assert told.wait(30)
        listener.close()
    assert bool(caplog.records) is isinstance(error, ValueError)
