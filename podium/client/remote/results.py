"""What workers have said and the server has not heard yet: kept until it takes it or refuses it for good."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Any, TypeAlias

from attrs import define

from podium.client.remote.session import pause_s
from podium.model.errors import (
    AccessDenied,
    DefinitionError,
    InvalidRequest,
    LimitExceeded,
    NotOffered,
    PodiumError,
    RequestError,
    ServerFailed,
)
from podium.model.statuses import TaskStatus
from podium.model.texts import shorten
from podium.model.values import JsonObject

_log = logging.getLogger("podium.workers")

#: Results that are sent together, and how many sendings go on at once.
BATCH_MAX, SENDERS = 64, 16
#: How often a result is sent that makes the server fail; others fail with it, so this is seldom the result's fault.
_FAILED_MAX = 12
_REASON_MAX = 500

#: Sends some results in one go; gives for each why it was refused for good (`is_refusal`), or None.
Send: TypeAlias = "Callable[[Sequence[WaitingResult]], Coroutine[Any, Any, list[PodiumError | None]]]"


def is_refusal(error: PodiumError) -> bool:
    """Return whether an error says that a result will never be taken; everything else goes by, and is no answer."""
    is_answer = isinstance(error, RequestError | LimitExceeded | DefinitionError)
    return is_answer and not isinstance(error, AccessDenied | NotOffered)


@define(eq=False)
class WaitingResult:
    """
    A result that waits to be sent.

    Attributes:
        result: What is said: a ``TaskResult``.
        queue: Of the attempt.
        is_beat: It only says that the worker lives, and is worth nothing when something else is said.
        tries: How often it was sent.
        is_replaced: It stands for a result that the server did not take.
    """

    result: JsonObject
    queue: str
    is_beat: bool = False
    tries: int = 0
    is_replaced: bool = False

    @property
    def task_id(self) -> str:
        """The attempt's id."""
        return str(self.result["taskId"])


class ResultOutbox:
    """
    Sends results, several at once, and again for as long as nobody has taken or refused them. Lives in one event loop.

    Args:
        send: Sends some; raises what says that nothing was heard.
        most: How many go into one sending.
        gone: Is called when a result is done with.
    """

    def __init__(self, send: Send, most: Callable[[], int], gone: Callable[[], None]) -> None:
        self._send = send
        self._most = most
        self._gone = gone
        self._waiting: deque[WaitingResult] = deque()
        self._sending = 0
        self._failures = 0
        self._is_told = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_at = 0.0

    @property
    def count(self) -> int:
        """How many results have not been taken."""
        return len(self._waiting) + self._sending

    @property
    def is_away(self) -> bool:
        """Whether the server did not hear the last one."""
        return self._failures > 0

    def put(self, waiting: Sequence[WaitingResult]) -> None:
        """Take results; they are sent in this order, as far as several are sent at once."""
        self._waiting.extend(waiting)
        self._wake()

    def _wake(self) -> None:
        # While the server is away a single sender finds out when it is back.
        most = 1 if self._failures else SENDERS
        if self._waiting and len(self._tasks) < most:
            task = asyncio.get_running_loop().create_task(self._main())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()
            self._wake()

    async def _main(self) -> None:
        while self._waiting:
            pause = self._next_at - monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            some = [self._waiting.popleft() for _ in range(min(self._most(), BATCH_MAX, len(self._waiting)))]
            if self._waiting:
                self._wake()
            self._sending += len(some)
            try:
                refused = await self._send(some)
            except PodiumError as error:
                self._unheard(some, error)
                if self._failures and len(self._tasks) > 1:
                    return
                continue
            finally:
                self._sending -= len(some)
            self._heard(some, refused)

    def _unheard(self, some: Sequence[WaitingResult], error: PodiumError) -> None:
        """Keep what nobody has heard, in its place."""
        kept = []
        for one in some:
            one.tries += 1
            if isinstance(error, ServerFailed) and one.tries >= _FAILED_MAX:
                self._given_up(one, error)
            elif not one.is_beat:
                kept.append(one)
        self._waiting.extendleft(reversed(kept))
        self._failures += 1
        self._next_at = monotonic() + pause_s(self._failures)
        if not self._is_told:
            self._is_told = True
            _log.warning("results wait, and are sent again: %s", error)

    def _heard(self, some: Sequence[WaitingResult], refused: Sequence[PodiumError | None]) -> None:
        if self._is_told:
            _log.info("the server takes results again; %d wait", len(self._waiting))
        self._failures, self._next_at, self._is_told = 0, 0.0, False
        for one, error in zip(some, refused, strict=True):
            if error is not None:
                self._refused(one, error)
        self._gone()

    def _refused(self, one: WaitingResult, error: PodiumError) -> None:
        """Let the run know of a result that the server cannot take; pass over what is wanted no longer."""
        is_wrong = isinstance(error, InvalidRequest | LimitExceeded)
        if one.is_beat or one.is_replaced or not is_wrong:
            level = logging.INFO if isinstance(error, RequestError) and not is_wrong else logging.ERROR
            _log.log(level, "a word of attempt %s is passed over: %s", one.task_id, error)
            return
        _log.error("the server does not take the result of attempt %s: %s", one.task_id, error)
        reason = shorten(f"the server does not take its result: {error}", _REASON_MAX)
        failed: dict[str, Any] = {**one.result, "outputData": {}, "reasonForIncompletion": reason}
        failed["status"] = TaskStatus.FAILED_WITH_TERMINAL_ERROR.value
        self.put([WaitingResult(failed, one.queue, is_replaced=True)])

    def _given_up(self, one: WaitingResult, error: PodiumError) -> None:
        _log.error(
            "the result of attempt %s makes the server fail, and is given up after %d tries: %s",
            one.task_id, one.tries, error,
        )  # fmt: skip

    def cancel(self) -> list[WaitingResult]:
        """Send nothing more; gives what was not taken."""
        for task in list(self._tasks):
            task.cancel()
        left, self._waiting = list(self._waiting), deque()
        return [one for one in left if not one.is_beat]
