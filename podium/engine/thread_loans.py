"""
The kernel's thread, lent to others while it has nothing else to do.

To wake a thread of a pool for a function of some microseconds costs more than the function, and so does it to wake the
kernel for its result. So quick work is done where it was handed out, and a run of quick tasks needs no other thread. A
function that is not quick after all holds nobody up for long: another thread goes on as the kernel's.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.model.assignments import Loan as LoanPort


class ThreadLoan:
    """
    The thread, lent once; see `podium.model.assignments.Loan`.

    Args:
        is_wanted: Tells whether the kernel has something to do.
        replace: Starts another thread in the place of this one.
    """

    __slots__ = ("_is_over", "_is_wanted", "_lock", "_replace")

    def __init__(self, is_wanted: Callable[[], bool], replace: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._is_wanted = is_wanted
        self._replace = replace

    @property
    def is_wanted(self) -> bool:
        """Whether the thread is wanted back, or was replaced."""
        return self._is_over or self._is_wanted()

    def call_off(self) -> None:
        """
        Let another thread take the place of this one, unless it is back already.

        Raises:
            RuntimeError: None can be started now.
        """
        with self._lock:
            if not self._is_over:
                self._replace()
                self._is_over = True

    def end(self) -> bool:
        """Give the thread back; False if another one has taken its place."""
        with self._lock:
            is_here, self._is_over = not self._is_over, True
            return is_here


class IdleWork:
    """What is to be done on the kernel's thread when it has nothing else to do. Belongs to that thread."""

    def __init__(self, is_wanted: Callable[[], bool], replace: Callable[[], None]) -> None:
        self._waiting: deque[Callable[[LoanPort], None]] = deque()
        self._is_wanted = is_wanted
        self._replace = replace

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, work: Callable[[LoanPort], None]) -> None:
        """Let some work be done soon."""
        self._waiting.append(work)

    def run(self) -> bool:
        """Do what there is to do; False if this thread is the kernel's no more."""
        while self._waiting:
            loan = ThreadLoan(self._is_wanted, self._replace)
            self._waiting.popleft()(loan)
            if not loan.end():
                return False
        return True


if TYPE_CHECKING:
    _conforms: type[LoanPort] = ThreadLoan
