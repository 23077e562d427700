"""How callers wait for the kernel: for the answer to a request, for room for it, and for the end of a run."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Generator
from typing import Any

from podium.model.errors import InternalError, PodiumError


class Reply:
    """
    The answer to one request, to be waited for once: by a thread (`wait`), or by an event loop (`tell`).

    Coroutines of a client may await it; `podium.client.driving` brings them on, in a thread or in an event loop. A lock
    serves as the latch: it costs a third of a microsecond, a ``threading.Event`` ten times as much.

    Args:
        forget: Called with the reply when it is answered.

    Attributes:
        is_answered: There is an answer.
    """

    __slots__ = ("_error", "_forget", "_latch", "_listeners", "_value", "is_answered")

    def __init__(self, forget: Callable[[Reply], None] | None = None) -> None:
        self.is_answered: bool = False
        self._latch = threading.Lock()
        self._latch.acquire()
        self._value: Any = None  # of the type that the request asks for
        self._error: BaseException | None = None
        self._forget = forget
        self._listeners: list[Callable[[], None]] | None = None

    def resolve(self, value: object) -> None:
        """Answer with a value."""
        if not self.is_answered:
            self._value = value
            self._answered()

    def reject(self, error: BaseException) -> None:
        """Answer with an error."""
        if not self.is_answered:
            self._error = error
            self._answered()

    def _answered(self) -> None:
        self.is_answered = True
        if self._forget is not None:
            self._forget(self)
        self._latch.release()
        if self._listeners is not None:
            self._call()

    def block(self, timeout_s: float | None = None) -> bool:
        """Wait for the answer; False if it has not come within so many seconds."""
        return self._latch.acquire(timeout=-1 if timeout_s is None else timeout_s)

    def tell(self, listener: Callable[[], None]) -> None:
        """Call a listener once when there is an answer, by the thread that answers; at once if there is one."""
        self._listeners = [listener]
        if self.is_answered:
            self._call()

    def _call(self) -> None:
        try:
            listener = (self._listeners or []).pop()
        except IndexError:
            return  # another thread was faster
        listener()

    @property
    def value(self) -> Any:
        """
        The answer.

        Raises:
            PodiumError: The answer is an error.
        """
        if self._error is not None:
            raise self._error
        return self._value

    def wait(self, timeout_s: float | None = None) -> Any:
        """
        Return the answer.

        Args:
            timeout_s: Seconds to wait; None for as long as it takes.

        Raises:
            InternalError: No answer came in time.
            PodiumError: The answer is an error.
        """
        if not self.block(timeout_s):
            raise InternalError(f"the engine did not answer within {timeout_s} s")
        return self.value

    def __await__(self) -> Generator[Reply, None, Any]:
        yield self
        return self.value


class StartGate:
    """
    Lets in as many requests at once as there is room for; the others wait before it, first come, first served.

    What goes by another way is not counted and never waits. May be used from any thread.

    Args:
        room: Most requests that are in and not answered.
    """

    def __init__(self, room: int) -> None:
        self._lock = threading.Lock()
        self._room = room
        self._before: deque[Reply] = deque()
        self._error: PodiumError | None = None

    def enter(self) -> Reply | None:
        """
        Take a place, to be given back by `leave`.

        Returns:
            None if there was one; else what is answered when there is. Whoever gives up waiting calls `give_up`.
        """
        with self._lock:
            if self._room > 0:
                self._room -= 1
                return None
            turn = Reply()
            if self._error is None:
                self._before.append(turn)
            else:
                turn.reject(self._error)
            return turn

    def leave(self) -> None:
        """Give a place back; the next in the line has it."""
        with self._lock:
            if not self._before:
                self._room += 1
                return
            turn = self._before.popleft()
        turn.resolve(None)

    def give_up(self, turn: Reply) -> None:
        """Leave the line, or the place that has become free meanwhile."""
        with self._lock:
            if turn in self._before:
                self._before.remove(turn)
                return
        self.leave()

    def close(self, error: PodiumError) -> None:
        """Let nobody wait any more: nobody will give a place back."""
        with self._lock:
            self._error = error
            before, self._before = self._before, deque()
        for turn in before:
            turn.reject(error)


class Watchers:
    """
    Those who wait for runs to end. May be used from any thread.

    Attributes:
        followers: Told of each commit: the ids of the runs that it changed, or None for what another process committed.
            They must return at once and raise nothing.
    """

    def __init__(self) -> None:
        self.followers: list[Callable[[Collection[str] | None], None]] = []
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Reply]] = {}

    def add(self, run_id: str) -> Reply:
        """
        Return what is answered when the run ends; give it back to `remove`.

        Look at the run afterwards, not before, so that its end is not missed.
        """
        end = Reply()
        with self._lock:
            self._waiting.setdefault(run_id, []).append(end)
        return end

    def remove(self, run_id: str, end: Reply) -> None:
        """Stop waiting."""
        with self._lock:
            waiting = self._waiting.get(run_id)
            if waiting is not None and end in waiting:
                waiting.remove(end)
                if not waiting:
                    del self._waiting[run_id]

    def ended(self, run_id: str, revision: int | None = None) -> bool:
        """
        The run has ended, and that is committed; tells whether somebody waited for it.

        Args:
            run_id: The run.
            revision: The answer: in which revision it has ended, if that is known here.
        """
        if run_id in self._waiting:  # a look without the lock: nobody waits for most runs
            with self._lock:
                waiting = self._waiting.pop(run_id, ())
            for end in waiting:
                end.resolve(revision)
            return bool(waiting)
        return False

    @property
    def awaited(self) -> tuple[str, ...]:
        """The runs whose end somebody waits for."""
        if not self._waiting:
            return ()
        with self._lock:
            return tuple(self._waiting)

    def changed(self, run_ids: Collection[str] | None) -> None:
        """Tell who follows runs of a commit."""
        for follower in tuple(self.followers):
            follower(run_ids)

    def engine_ended(self) -> None:
        """No run ends here any more."""
        for run_id in self.awaited:
            self.ended(run_id)
