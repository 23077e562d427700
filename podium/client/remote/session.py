"""Asking a server: with a token if it wants one, again where that changes nothing, and in words if it will not."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from podium.client.driving import WithTimeout
from podium.client.remote.calls import HttpAnswer, HttpCall, NoAnswer
from podium.client.remote.refusals import BETWEEN, is_final, lacks, refusal, unreachable
from podium.client.remote.settings import RemoteSettings
from podium.client.remote.wire import Exchange, Wire
from podium.model.errors import InvalidRequest, ServerError

#: Seconds before a call is made again: at first, and at last.
_PAUSE_S, _PAUSE_MAX_S = 0.1, 5.0
#: Seconds for which a server is asked again that has never answered; one that has answered has its whole time.
_FIRST_S = 2.0
#: Seconds after which a token is replaced, as Conductor's own clients do.
_TOKEN_LIFE_S = 45 * 60.0

#: What a server answers that has not begun to do what it was asked for.
_NOT_NOW = frozenset({429, 503})
_EXPIRED = frozenset({"EXPIRED_TOKEN", "INVALID_TOKEN"})


class Moment:
    """A pause that ends when its owner closes, at the latest."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def is_answered(self) -> bool:
        """Whether it is over."""
        return self._over.is_set()

    def block(self, timeout_s: float | None = None) -> bool:
        """Wait in this thread until it is over; see `podium.client.driving.Pause`."""
        return self._over.wait(timeout_s)

    def tell(self, listener: Callable[[], None]) -> None:
        """Call a listener when it is over; see `podium.client.driving.Pause`."""
        with self._lock:
            if not self._over.is_set():
                self._listeners.append(listener)
                return
        listener()

    def end(self) -> None:
        """End the wait of everybody who waits for this moment."""
        with self._lock:
            self._over.set()
            told, self._listeners = self._listeners, []
        for listener in told:
            listener()


class _Token(NamedTuple):
    text: str
    since: float


class ServerKind(NamedTuple):
    """What kind of server it is."""

    is_podium: bool
    #: It does what the open-source Conductor does not: it starts no second run with the key of a first, say.
    is_extended: bool
    #: In words, such as ``a Conductor server``.
    name: str


class Session:
    """
    Asks one server; its coroutines are brought on by threads and by event loops.

    Args:
        wire: Where it is.
        patience_s: Seconds for which a call is made again; None for 2, and for the whole time of an answer if the
            server has ever answered.
    """

    def __init__(self, wire: Wire, patience_s: float | None = None) -> None:
        self.wire: Wire = wire
        self._patience_s = patience_s
        self._closing = Moment()
        self._token: _Token | None = None
        #: The server wants no token; None while that is not known.
        self._is_open: bool | None = None if wire.settings.key_id else True
        self._kind: ServerKind | None = None
        self._has_answered = False

    @property
    def settings(self) -> RemoteSettings:
        """Where the server is, and how it is spoken to."""
        return self.wire.settings

    async def ask(self, call: HttpCall) -> HttpAnswer:
        """
        Return the answer to a call.

        Raises:
            PodiumError: The server refuses it (`refusal`), or cannot be reached in time.
        """
        answer = await self._asked(call)
        if answer.status == 401 and str(answer.error.get("error") or answer.error.get("code")) in _EXPIRED:
            self._token = None
            answer = await self._asked(call)
        if not answer.is_good:
            raise refusal(call, answer, self.settings.base)
        return answer

    async def kind(self) -> ServerKind:
        """Return what kind of server it is; it is asked once."""
        if self._kind is None:
            answer = await self._asked(HttpCall("GET", "/podium"))
            is_podium = answer.is_good and answer.is_json and "podium" in answer.error
            if not (is_podium or answer.is_good or answer.status in {400, 404, 405, 500}):
                raise refusal(HttpCall("GET", "/podium"), answer, self.settings.base)
            is_orkes = not is_podium and self._token is not None
            name = "a Podium server" if is_podium else "an Orkes cluster" if is_orkes else "a Conductor server"
            self._kind = ServerKind(is_podium, is_podium or is_orkes, name)
        return self._kind

    async def needs_podium(self, what: str) -> None:
        """
        See that the server is Podium's.

        Raises:
            NotOffered: It is another; *what* is its own.
        """
        kind = await self.kind()
        if not kind.is_podium:
            raise lacks(what, kind.name, self.settings.base)

    async def pause(self, seconds: float) -> None:
        """
        Wait for so many seconds, or until the session is closed.

        Raises:
            InvalidRequest: The client was closed meanwhile.
        """
        self.refuse_closed()
        await WithTimeout(self._closing, seconds)
        self.refuse_closed()

    def refuse_closed(self) -> None:
        """
        Do nothing while the client is open.

        Raises:
            InvalidRequest: It is closed.
        """
        if self._closing.is_answered:
            raise InvalidRequest("this client is closed; make another with podium.connect(...)")

    def close(self) -> None:
        """End every wait of this session; later calls are refused."""
        self._closing.end()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _asked(self, call: HttpCall) -> HttpAnswer:
        headers = {} if self._is_open else await self._headers()
        return await self._answered(call, headers)

    async def _answered(self, call: HttpCall, headers: dict[str, str]) -> HttpAnswer:
        """Return an answer, whatever it is; ask again where that is right."""
        began, tries = monotonic(), 0
        while True:
            self.refuse_closed()
            outcome = (await Exchange(self.wire, call, headers)).outcome
            if isinstance(outcome, HttpAnswer):
                self._has_answered = True
            left = began + self._patience(call) - monotonic()
            if not _may_repeat(call, outcome) or left <= 0:
                break
            tries += 1
            await self.pause(min(left, pause_s(tries, outcome)))
        if isinstance(outcome, NoAnswer):
            raise unreachable(call, outcome, self.settings.base)
        return outcome

    def _patience(self, call: HttpCall) -> float:
        if self._patience_s is not None:
            return self._patience_s
        return call.waits_s + (self.settings.timeout_s if self._has_answered else _FIRST_S)

    async def _headers(self) -> dict[str, str]:
        """Return what shows who asks."""
        token = self._token
        if token is None or monotonic() - token.since > _TOKEN_LIFE_S:
            body = {"keyId": self.settings.key_id, "keySecret": self.settings.key_secret}
            call = HttpCall("POST", "/token", body=dict(body), is_repeatable=True)
            answer = await self._answered(call, {})
            if answer.status in {404, 405}:
                self._is_open = True
                return {}
            found = answer.error.get("token")
            if not answer.is_good or not isinstance(found, str):
                raise refusal(call, answer, self.settings.base)
            self._is_open = False
            self._token = token = _Token(found, monotonic())
        return {"X-Authorization": token.text}


def pause_s(tries: int, outcome: HttpAnswer | NoAnswer | None = None) -> float:
    """
    Return the seconds until the next try: twice as many each time, a part of them by chance; or what the server says.

    Args:
        tries: How many there were.
        outcome: What became of the last one.
    """
    if isinstance(outcome, HttpAnswer):
        wanted = outcome.headers.get("retry-after", "")
        if wanted.isdecimal():
            return max(float(wanted), _PAUSE_S)
    longest = min(_PAUSE_MAX_S, _PAUSE_S * 2 ** min(tries - 1, 10))
    return random.uniform(longest / 2, longest)  # noqa: S311  # so that many clients do not come back at once


def _may_repeat(call: HttpCall, outcome: HttpAnswer | NoAnswer) -> bool:
    if isinstance(outcome, NoAnswer):
        return not outcome.is_hopeless and (call.is_repeatable or not outcome.was_sent)
    if outcome.status in _NOT_NOW:
        return not is_final(outcome)
    is_passing = outcome.status in BETWEEN or (outcome.status == 500 and outcome.error.get("retryable") is True)
    return call.is_repeatable and is_passing


__all__ = ["Moment", "ServerError", "ServerKind", "Session", "pause_s"]
