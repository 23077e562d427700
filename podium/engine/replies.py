"""How callers wait for the kernel: for the answer to a request, and for the end of a run."""

from __future__ import annotations

import threading

from podium.model.errors import InternalError
from podium.model.values import JsonValue


class Reply:
    """
    The answer to one request, to be waited for once.

    A lock serves as the latch: it costs a third of a microsecond, a ``threading.Event`` ten times as much.

    Args:
        unanswered: Where the reply stands until it is answered.
    """

    __slots__ = ("_error", "_latch", "_unanswered", "_value")

    def __init__(self, unanswered: set[Reply] | None = None) -> None:
        self._latch = threading.Lock()
        self._latch.acquire()
        self._value: JsonValue = None
        self._error: BaseException | None = None
        self._unanswered = unanswered
        if unanswered is not None:
            unanswered.add(self)

    def resolve(self, value: JsonValue) -> None:
        """Answer with a value."""
        self._value = value
        self._answered()

    def reject(self, error: BaseException) -> None:
        """Answer with an error."""
        self._error = error
        self._answered()

    def _answered(self) -> None:
        if not self._latch.locked():
            return  # answered before
        if self._unanswered is not None:
            self._unanswered.discard(self)
        self._latch.release()

    def wait(self, timeout_s: float | None = None) -> JsonValue:
        """
        Return the answer.

        Args:
            timeout_s: Seconds to wait; None for as long as it takes.

        Raises:
            InternalError: No answer came in time.
            PodiumError: The answer is an error.
        """
        if not self._latch.acquire(timeout=-1 if timeout_s is None else timeout_s):
            raise InternalError(f"the engine did not answer within {timeout_s} s")
        if self._error is not None:
            raise self._error
        return self._value


class Watchers:
    """Those who wait for runs to end. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latches: dict[str, list[threading.Event]] = {}

    def add(self, run_id: str) -> threading.Event:
        """
        Return a latch that is set whenever the run ends; give it back to `remove`.

        Clear it before each look at the run, so that an end after the look is not missed.
        """
        latch = threading.Event()
        with self._lock:
            self._latches.setdefault(run_id, []).append(latch)
        return latch

    def remove(self, run_id: str, latch: threading.Event) -> None:
        """Stop waiting."""
        with self._lock:
            latches = self._latches.get(run_id)
            if latches is not None and latch in latches:
                latches.remove(latch)
                if not latches:
                    del self._latches[run_id]

    def ended(self, run_id: str) -> None:
        """The run has ended, and that is committed."""
        if run_id in self._latches:  # a look without the lock: nobody waits for most runs
            with self._lock:
                for latch in self._latches.get(run_id, ()):
                    latch.set()

    @property
    def awaited(self) -> tuple[str, ...]:
        """The runs whose end somebody waits for."""
        if not self._latches:
            return ()
        with self._lock:
            return tuple(self._latches)

    def engine_ended(self) -> None:
        """No run ends here any more."""
        with self._lock:
            for latches in self._latches.values():
                for latch in latches:
                    latch.set()
