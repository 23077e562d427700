"""A consumer of tasks that few engines have: what does them is loaded and made when the first of them comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from podium.model.assignments import Assignment, AttemptKey, Consumer


class ClosingConsumer(Consumer, Protocol):
    """A consumer that serves as long as its engine runs."""

    def close(self) -> None:
        """Begin nothing more, and let what is under way end, as far as that is soon."""


class LateConsumer:
    """
    Serves queues as the consumer does that it makes when the first attempt comes.

    Args:
        queues: The queues.
        make: Makes the consumer, ready to take attempts. If the machine is short of something, what it raises says so,
            and it is called again.
    """

    is_patient: bool = True

    def __init__(self, queues: Collection[str], make: Callable[[], ClosingConsumer]) -> None:
        self.queues: frozenset[str] = frozenset(queues)
        self._make = make
        self._lock = threading.Lock()
        self._made: ClosingConsumer | None = None
        self._is_closing = False

    @property
    def is_made(self) -> bool:
        """Whether an attempt has come."""
        return self._made is not None

    def room(self, queue: str) -> int:
        """Return how many more attempts could begin at once; before the first, nobody knows of more than one."""
        return 1 if self._made is None else self._made.room(queue)

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take attempts; see `podium.model.assignments.Consumer`."""
        with self._lock:
            if self._is_closing:
                return  # whoever takes the runs over does these
            if self._made is None:
                self._made = self._make()
        self._made.offer(assignments)

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return attempts that have not begun; see `podium.model.assignments.Consumer`."""
        return () if self._made is None else self._made.spare(queues, most)

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Hear that attempts are wanted no longer; see `podium.model.assignments.Consumer`."""
        if self._made is not None:
            self._made.call_off(attempts)

    def withdraw(self) -> Sequence[Assignment]:
        """Return the attempts that have not begun; see `podium.model.assignments.Consumer`."""
        return () if self._made is None else self._made.withdraw()

    def close(self) -> None:
        """Make nothing more, and close what was made."""
        with self._lock:
            self._is_closing = True
        if self._made is not None:
            self._made.close()
