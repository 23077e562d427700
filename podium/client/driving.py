"""
One body for threads and for event loops.

What a client does is written once, as coroutines that wait for nothing but *pauses*: replies of the engine, looks into
the store, calls of a server, moments. A thread brings such a coroutine on by blocking at each pause (`blocking`), an
event loop by sleeping until the pause is over (`DrivingLoop`): no thread per wait.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

#: Most looks that one hop to a thread makes: no more, because one that takes its time holds up those behind it.
_LOOKS_MAX = 32

#: The attribute of a blocking verb that holds its coroutine function.
_BODY = "__podium_body__"


class DrivingPause(Protocol):
    """What a coroutine of a client waits for; `podium.engine.replies.Reply` is the chief one."""

    @property
    def is_answered(self) -> bool:
        """Whether it is over."""

    def block(self, timeout_s: float | None = None) -> bool:
        """Wait in this thread until it is over; False if it was not within so many seconds."""

    def tell(self, listener: Callable[[], None]) -> None:
        """Call a listener when it is over, by any thread; at once if it is."""


class WithTimeout:
    """The end of a pause, or of so many seconds; whichever comes first."""

    def __init__(self, pause: DrivingPause, seconds: float) -> None:
        self.pause = pause
        self.seconds = seconds

    def __await__(self) -> Generator[WithTimeout, None, None]:
        yield self


class BlockingCall(Generic[T]):
    """A call that blocks for a short time, such as a look into the store; an event loop has it made by a thread."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._made: T | None = None
        self._error: Exception | None = None

    def make(self) -> None:
        """Call; what comes of it goes to the coroutine."""
        try:
            self._made = self._call()
        except Exception as error:  # noqa: BLE001  # it is raised where it is waited for
            self._error = error

    def __await__(self) -> Generator[BlockingCall[T], None, T]:
        yield self
        if self._error is not None:
            raise self._error
        return cast("T", self._made)


class RemoteCall(ABC):
    """A call that may take long, such as to a server: threads and event loops have each their own way of making it."""

    @abstractmethod
    def make(self) -> None:
        """Make the call in this thread; what comes of it is kept for the coroutine. Raises nothing."""

    @abstractmethod
    async def make_async(self) -> None:
        """Make the call in an event loop, as `make` does."""

    def __await__(self) -> Generator[Self, None, Self]:
        yield self
        return self


#: The coroutine of a verb, as one of these writes it.
Body = Coroutine[Any, Any, T]


def blocking(verb: Callable[Concatenate[S, P], Body[T]]) -> Callable[Concatenate[S, P], T]:
    """Make a method that blocks of one that is written as a coroutine; `body_of` gives the coroutine function back."""

    @wraps(verb)
    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return drive(verb(self, *args, **kwargs))

    setattr(call, _BODY, verb)
    return call


def body_of(verb: Callable[..., T]) -> Callable[..., Body[T]] | None:
    """Return the coroutine function of a verb made by `blocking`; None for another."""
    body: Callable[..., Body[T]] | None = getattr(verb, _BODY, None)
    return body


def drive(body: Body[T]) -> T:
    """Bring a coroutine to its end in this thread."""
    try:
        while True:
            pause = body.send(None)
            if isinstance(pause, BlockingCall | RemoteCall):
                pause.make()
            elif isinstance(pause, WithTimeout):
                pause.pause.block(pause.seconds)
            else:
                pause.block()
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        body.close()


class _Relay:
    """A pause of another coroutine, waited for in this one."""

    def __init__(self, pause: Any) -> None:
        self._pause = pause

    def __await__(self) -> Generator[Any, None, None]:
        yield self._pause


async def together(bodies: Sequence[Body[T]]) -> list[T]:
    """
    Bring several coroutines on side by side, and return what they give, in order.

    What they ask of the engine is asked before any answer is waited for, so it shares commits. They must not raise.
    """
    ended: dict[int, T] = {}
    live = dict(enumerate(bodies))
    try:
        while live:
            pauses = []
            for number, body in list(live.items()):
                try:
                    pauses.append(body.send(None))
                except StopIteration as end:
                    ended[number] = end.value
                    del live[number]
            for pause in pauses:
                await _Relay(pause)
    finally:
        for body in live.values():
            body.close()
    return [ended[number] for number in range(len(bodies))]


class DrivingLoop:
    """
    Brings coroutines on in an event loop.

    What ends while the loop is busy wakes it once: to wake a loop costs more than most of what it is woken for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._over: deque[asyncio.Future[None]] = deque()
        self._is_called = False
        self._looks: list[tuple[BlockingCall[Any], asyncio.Future[None]]] = []

    async def drive(self, body: Body[T]) -> T:
        """Bring a coroutine to its end. If the caller is cancelled, it ends at its pause."""
        try:
            while True:
                pause = body.send(None)
                if isinstance(pause, BlockingCall):
                    await self._look(pause)
                elif isinstance(pause, RemoteCall):
                    await pause.make_async()
                elif isinstance(pause, WithTimeout):
                    await self._end(pause.pause, pause.seconds)
                else:
                    await self._end(pause, None)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            body.close()

    async def call(self, call: Callable[[], T]) -> T:
        """Return what a call gives that may block, made by a thread."""
        return await self.loop.run_in_executor(None, call)

    async def outcome(self, answer: Future[T]) -> T:
        """Return what another thread's future comes to."""
        if not answer.done():
            future: asyncio.Future[None] = self.loop.create_future()
            answer.add_done_callback(lambda _: self._ring(future))
            await future
        return answer.result()

    def _look(self, look: BlockingCall[Any]) -> asyncio.Future[None]:
        """Have a look made by a thread, together with others of the same turn: the hop costs more than most looks."""
        future: asyncio.Future[None] = self.loop.create_future()
        if not self._looks:
            self.loop.call_soon(self._send_looks)
        self._looks.append((look, future))
        return future

    def _send_looks(self) -> None:
        looks, self._looks = self._looks, []
        for start in range(0, len(looks), _LOOKS_MAX):
            self.loop.run_in_executor(None, self._make_looks, looks[start : start + _LOOKS_MAX])

    def _make_looks(self, looks: list[tuple[BlockingCall[Any], asyncio.Future[None]]]) -> None:
        for look, future in looks:
            look.make()
            self._ring(future)

    async def _end(self, pause: DrivingPause, seconds: float | None) -> None:
        if pause.is_answered:
            return
        future: asyncio.Future[None] = self.loop.create_future()
        timer = None if seconds is None else self.loop.call_later(seconds, _settle, future)
        pause.tell(lambda: self._ring(future))
        try:
            await future
        finally:
            if timer is not None:
                timer.cancel()

    def _ring(self, future: asyncio.Future[None]) -> None:
        """Let a future end; called by any thread."""
        with self._lock:
            self._over.append(future)
            if self._is_called or self.loop.is_closed():
                return
            self._is_called = True
            try:
                self.loop.call_soon_threadsafe(self._wake)
            except RuntimeError:
                return  # the loop was closed meanwhile: nobody waits there any more

    def _wake(self) -> None:
        with self._lock:
            self._is_called = False
            over, self._over = self._over, deque()
        for future in over:
            _settle(future)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
