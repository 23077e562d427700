"""The way between workers and an engine of the same process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from podium.engine.kernel import Kernel
from podium.engine.ports import Clock
from podium.engine.requests import Attach, Detach
from podium.expressions.secrets import deliver_secrets
from podium.model.assignments import Consumer, Lender, Loan, TaskStarted, Transport, Word
from podium.model.values import JsonValue


class InProcess:
    """
    Hands attempts over as soon as they are committed, and words to the engine's inbox.

    Attributes:
        now: Gives the engine's time.
        report: Passes words on; see `podium.model.assignments.Transport`.
    """

    def __init__(self, kernel: Kernel, clock: Clock, secrets: Mapping[str, str]) -> None:
        self._kernel = kernel
        self._secrets = secrets
        # The kernel's own method, without a step in between: this is the way of every result.
        self.report: Callable[[Sequence[Word]], None] = kernel.submit_all
        self.now: Callable[[], int] = clock.now

    def attach(self, consumer: Consumer) -> None:
        """Let a consumer serve its queues."""
        self._kernel.attach(Attach(consumer))

    def detach(self, consumer: Consumer) -> None:
        """Let a consumer stop; what it had not begun is offered to others."""
        self._kernel.attach(Detach(consumer))

    def confirm(self, word: TaskStarted) -> None:
        """Pass a word on and wait for its commit."""
        self._kernel.ask(word).wait()

    def lend(self, work: Callable[[Loan], None]) -> bool:
        """Do quick work on the thread that hands out, when it has nothing else to do."""
        return self._kernel.lend(work)

    def reveal(self, value: JsonValue) -> JsonValue:
        """Put the secrets of this process's environment in."""
        return deliver_secrets(value, self._secrets)


if TYPE_CHECKING:
    _conforms: type[Transport] = InProcess
    _lends: type[Lender] = InProcess
