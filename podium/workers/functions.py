"""Running one attempt: arguments in, the function, its result or its failure as a report."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping
from types import CoroutineType
from typing import Any

from podium.dsl import Task
from podium.model.assignments import Report
from podium.model.errors import AuthoringError, TaskCancelled, TerminalTaskError
from podium.model.spans import are_wanted
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue
from podium.typed.in_progress import InProgress
from podium.workers.attempts import Attempt
from podium.workers.inputs import Arguments, WrongInputError
from podium.workers.outputs import WrongOutputError, packer, plain
from podium.workers.tracing import attempt_span, tell_end

#: Longest reason that an attempt keeps (Conductor truncates there too).
REASON_MAX = 500

#: Longest traceback in the logs.
_TRACEBACK_MAX = 20_000

#: A function that usually takes longer gets a thread to itself.
_SLOW_S = 0.0002

#: A function that usually takes less may run on the engine's own thread: to wake another one takes as long.
_QUICK_S = 0.00005

#: Calls elsewhere until a function that has held the engine up may run there again; four times as many each time.
_PROOF, _OFFENCES_MAX = 1_000, 8

#: One slow call counts as at most this much, so that a function's first call does not mark it for long.
_REMEMBERED_S = 0.002


class WorkerFunction:
    """
    What serves one task.

    Attributes:
        is_async: It runs on the event loop.
        is_slow: It is expected to take its time; so is a function that has not yet run.
        is_quick: It may run on the engine's own thread: it is plain, and is known to take next to no time.
    """

    def __init__(
        self,
        task: Task[..., Any],
        reveal: Callable[[JsonValue], JsonValue],
        run_coroutine: Callable[[Any], Any],
    ) -> None:
        self.is_async: bool = _is_async(task.fn)
        self.is_slow: bool = True
        self.is_quick: bool = False
        self._fn = task.fn
        self._inputs = Arguments(task, reveal)
        self._pack = packer(task.returns, task.name)
        self._run_coroutine = run_coroutine
        self._typical_s: float | None = None
        #: How often it has held the engine up, and how many calls it must make until it may run there again.
        self._offences = 0
        self._to_prove = 0

    def held_up(self) -> None:
        """Note that it took its time on the engine's own thread; it runs elsewhere for long, and longer each time."""
        self._to_prove = _PROOF << 2 * min(self._offences, _OFFENCES_MAX)
        self._offences += 1
        self.is_quick = False

    def took(self, elapsed_s: float) -> None:
        """Learn from a call."""
        self._to_prove = max(0, self._to_prove - 1)
        elapsed_s = min(elapsed_s, _REMEMBERED_S)
        typical = self._typical_s
        self._typical_s = typical = elapsed_s if typical is None else typical + (elapsed_s - typical) * 0.3
        self.is_slow = typical > _SLOW_S
        self.is_quick = typical < _QUICK_S and not self._to_prove and not self.is_async

    def run(self, attempt: Attempt) -> Report:
        """Call a plain function; whatever it does, there is a report."""
        if not are_wanted():
            return self._run(attempt)
        with attempt_span(attempt) as made:
            return tell_end(made, attempt, self._run(attempt))

    def _run(self, attempt: Attempt) -> Report:
        attempt.enter()
        try:
            ordered, named = self._inputs.bind(attempt)
            value = self._fn(*ordered, **named)
            if isinstance(value, CoroutineType):  # a plain wrapper around an async function
                value = self._run_coroutine(value)
            return self._ended(attempt, value)
        except BaseException as error:  # noqa: BLE001  # SystemExit must end the attempt, not the pool's thread
            if attempt.is_cancelled and isinstance(error, TaskCancelled):
                return _given_up(attempt)
            return self._failed(attempt, error)

    async def run_async(self, attempt: Attempt) -> Report:
        """Await an async function; whatever it does, there is a report."""
        if not are_wanted():
            return await self._run_async(attempt)
        with attempt_span(attempt) as made:
            return tell_end(made, attempt, await self._run_async(attempt))

    async def _run_async(self, attempt: Attempt) -> Report:
        attempt.enter()
        try:
            ordered, named = self._inputs.bind(attempt)
            awaitable: Awaitable[Any] = self._fn(*ordered, **named)
            return self._ended(attempt, await awaitable)
        except BaseException as error:  # noqa: BLE001  # as in `run`
            return _given_up(attempt) if attempt.is_cancelled else self._failed(attempt, error)

    def _ended(self, attempt: Attempt, value: Any) -> Report:
        if isinstance(value, InProgress):
            output = plain(value.output)
            return _report(attempt, TaskStatus.IN_PROGRESS, output, callback_after_s=value.callback_after)
        return _report(attempt, TaskStatus.COMPLETED, self._pack(value))

    @staticmethod
    def _failed(attempt: Attempt, error: BaseException) -> Report:
        attempt.failure = type(error).__name__
        if isinstance(error, WrongInputError | WrongOutputError):
            subject = "the input does not fit: " if isinstance(error, WrongInputError) else ""
            return _report(attempt, TaskStatus.FAILED_WITH_TERMINAL_ERROR, {}, f"{subject}{error}")
        attempt.log(_traceback(error))
        # An author's mistake does not go away by itself.
        is_terminal = isinstance(error, TerminalTaskError | AuthoringError)
        status = TaskStatus.FAILED_WITH_TERMINAL_ERROR if is_terminal else TaskStatus.FAILED
        text = _message(error)
        if type(error) is not TerminalTaskError or not text:
            text = f"{type(error).__name__}: {text}" if text else type(error).__name__
        return _report(attempt, status, {}, text)


def _given_up(attempt: Attempt) -> Report:
    """Say that an attempt was left where it was; if it has ended already, this is passed over."""
    return _report(attempt, TaskStatus.IN_PROGRESS, attempt.assignment.output)


def _report(
    attempt: Attempt,
    status: TaskStatus,
    output: Mapping[str, JsonValue],
    reason: str | None = None,
    *,
    callback_after_s: float = 0,
) -> Report:
    assignment = attempt.assignment
    return Report(
        assignment.run_id,
        assignment.seq,
        status,
        output,
        reason if reason is None else reason[:REASON_MAX],
        attempt.reporter.worker_id,
        callback_after_s,
        attempt.started_at,
        attempt.logs or (),
    )


def _is_async(fn: Callable[..., Any]) -> bool:
    while isinstance(fn, functools.partial):
        fn = fn.func
    target = fn if inspect.isroutine(fn) or inspect.isclass(fn) else type(fn).__call__
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(target)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # the author's __str__ may be what is broken
        return "(its message cannot be read)"


def _traceback(error: BaseException) -> str:
    # The outermost frame is ours and says nothing.
    inner = error.__traceback__.tb_next if error.__traceback__ else None
    try:
        text = "".join(traceback.format_exception(type(error), error, inner or error.__traceback__)).rstrip()
    except Exception:  # noqa: BLE001  # as in _message
        text = f"{type(error).__name__}: {_message(error)}"
    return text if len(text) <= _TRACEBACK_MAX else f"…\n{text[-_TRACEBACK_MAX:]}"
