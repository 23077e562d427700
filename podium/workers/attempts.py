"""One attempt while it is in a pool's hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from podium.dsl import running
from podium.expressions.secrets import blotted, long_texts
from podium.model.assignments import Assignment, AttemptKey, Loan
from podium.model.expressions import secret_names
from podium.model.values import JsonValue


class Reporter(Protocol):
    """What an attempt needs of whoever reports on it."""

    #: Who works here, as the engine shows it.
    worker_id: str

    def now(self) -> int:
        """Return the engine's time in epoch milliseconds."""

    def beat(self, attempt: Attempt) -> None:
        """Give a sign of life of an attempt now."""

    def reveal(self, value: JsonValue) -> JsonValue:
        """Return a value of an attempt's input with the secrets that it names."""


class Attempt:
    """
    One attempt in this pool's hands.

    Attributes:
        assignment: What the engine handed over.
        is_async: Its function runs on the event loop.
        reporter: What is told of it.
        started_at: When it began, in epoch milliseconds; 0 before.
        began: The same on the monotonic clock, in seconds.
        logs: (epoch milliseconds, text) of each line logged, or None.
        is_slow: It may take its time, so its neighbours do not count on its thread.
        is_over: The function has returned.
        is_called_off: The pool closes and does not wait any longer.
        is_unwanted: It has ended in the engine, without a word from here.
        failure: What kind of failure ended it: the name of an exception; empty without one.
        loan: The engine's thread, if the function runs there.
        beat_at: When the next sign of life is due (monotonic seconds); 0 while the engine has not been told that the
            attempt is in progress.
    """

    __slots__ = (
        "assignment",
        "beat_at",
        "began",
        "failure",
        "is_async",
        "is_called_off",
        "is_over",
        "is_slow",
        "is_unwanted",
        "loan",
        "logs",
        "reporter",
        "started_at",
    )

    def __init__(self, assignment: Assignment, reporter: Reporter, *, is_async: bool) -> None:
        self.assignment: Assignment = assignment
        self.is_async: bool = is_async
        self.reporter: Reporter = reporter
        self.started_at: int = 0
        self.began: float = 0.0
        self.logs: list[tuple[int, str]] | None = None
        self.is_slow: bool = False
        self.is_over: bool = False
        self.is_called_off: bool = False
        self.is_unwanted: bool = False
        self.failure: str = ""
        self.loan: Loan | None = None
        self.beat_at: float = 0.0

    @property
    def key(self) -> AttemptKey:
        """What it is called by."""
        return self.assignment.run_id, self.assignment.seq

    def hides(self) -> Callable[[str], str] | None:
        """Return what takes the attempt's secrets, and what its run masks, out of a text; None if there is nothing."""
        given = dict(self.assignment.input)
        secrets = [self.reporter.reveal(f"${{workflow.secrets.{name}}}") for name in secret_names(given)]
        if not secrets and self.assignment.hidden is None:
            return None
        return blotted({*(self.assignment.hidden or ()), *long_texts(secrets)})

    @property
    def is_cancelled(self) -> bool:
        """Its function had better end now."""
        return self.is_unwanted or self.is_called_off

    def cancel(self) -> None:
        """Nobody wants it any more."""
        self.is_unwanted = True

    def call_off(self) -> None:
        """The pool closes: it is given back."""
        self.is_called_off = True

    def log(self, text: str) -> None:
        """Keep a line for the attempt's logs."""
        if self.logs is None:
            self.logs = []
        self.logs.append((self.reporter.now(), text))

    def enter(self) -> None:
        """Make this the attempt that `current` finds."""
        running.enter(self)
