"""A route that does attempts which are sent to it: an ASGI application, to be mounted in others, or to stand alone."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

from podium.dsl import Task
from podium.model.errors import InvalidRequest
from podium.model.payloads import dump
from podium.model.values import JsonValue
from podium.workers.handling import Handler

Scope: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"

#: Most bytes of an attempt.
_BODY_MAX = 16 * 1024 * 1024


class PushRoute:
    """
    Answers ``POST`` of an attempt (``Task``) with its result (``TaskResult``).

    200 with the result, also of a function that failed; 400 for what is no attempt or of another task, 401 without the
    token, 405 for other methods, 413 for a body above 16 MiB.

    Args:
        tasks: As `podium.workers.handling.Handler` takes them.
        token: What callers must show as ``Authorization: Bearer <token>``; None where others see to who may call.

    Example:
        >>> from podium import task
        >>> @task
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> route = PushRoute([double], token="…")  # app.mount("/work", route) in Starlette and FastAPI
    """

    def __init__(self, tasks: Iterable[Task[..., Any]], *, token: str | None = None) -> None:
        self._handler = Handler(tasks)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            status, body = await self._answer(scope, receive)
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": dump(body)})

    async def _live(self, receive: Receive, send: Send) -> None:
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, JsonValue]:
        if not self._may(dict(scope["headers"])):
            return 401, {"message": "the token is missing or wrong"}
        if scope["method"] != "POST":
            return 405, {"message": "an attempt is sent by POST"}
        content = await _content(receive)
        if content is None:
            return 413, {"message": f"an attempt has at most {_BODY_MAX:,} bytes"}
        try:
            task = json.loads(content)
            if not isinstance(task, dict):
                return 400, {"message": "a JSON object is expected"}
            return 200, await self._handler.handle_async(task)
        except (ValueError, RecursionError) as error:
            return 400, {"message": f"this is no JSON: {error}"}
        except InvalidRequest as error:
            return 400, {"message": str(error)}

    def _may(self, headers: MutableMapping[bytes, bytes]) -> bool:
        if self._token is None:
            return True
        shown = headers.get(b"authorization", b"")
        return hmac.compare_digest(shown, f"Bearer {self._token}".encode())


async def _content(receive: Receive) -> bytes | None:
    """Return the body of a request; None for one that is too large."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > _BODY_MAX:
            return None
        if not message.get("more_body"):
            return b"".join(parts)
