"""The ASGI application: from a request to its row in the table, and from what comes of it to an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from podium.model.audit import OK
from podium.model.errors import AlreadyExists
from podium.model.spans import Span
from podium.server.access import Gate, is_reading, may, signing_key, token_in
from podium.server.addresses import refuse_rebinding
from podium.server.answers import NO_CONTENT, Answer
from podium.server.audited import ANONYMOUS, change_of, told_of
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import Refusal, error_answer
from podium.server.limiting import Buckets
from podium.server.openapi import document_routes
from podium.server.opening import open_engine
from podium.server.origins import allowing, preflight, refuse_other_sites
from podium.server.resources import ROUTES
from podium.server.routing import Route, Router
from podium.server.settings import ServerSettings
from podium.server.tracing import request_span, tell_answer, tell_route
from podium.server.web.application import web_app

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from podium.client.embedded import EmbeddedClient

#: Seconds between looks at who may call.
_GATE_S = 1.0

Scope: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"


class Application:
    """
    Answers Conductor's REST API; an ASGI application with a lifespan.

    Args:
        opening: Opens the client whose engine does the work; called by a thread when the server starts.
        settings: See `ServerSettings`.
        routes: The table.
    """

    def __init__(
        self, opening: Callable[[], EmbeddedClient], settings: ServerSettings, routes: Iterable[Route] = ROUTES
    ) -> None:
        self._opening = opening
        self._settings = settings
        routes = tuple(routes)
        self._router = Router((*routes, *document_routes(routes)))
        self._changes = {id(route): change for route in routes if (change := change_of(route)) is not None}
        self._buckets = None if settings.rate is None else Buckets(settings.rate, max(1, round(2 * settings.rate)))
        self._desk: Desk | None = None
        self._pages: ASGIApp | None = None
        #: The first segments of the API's paths; all others are pages.
        self._own = frozenset(route.full_path.split("/")[1] for route in (*routes, *document_routes(routes)))

    @property
    def desk(self) -> Desk:
        """
        The engine as handlers have it.

        Raises:
            Refusal: The server has not started, or has ended.
        """
        if self._desk is None:
            raise Refusal(503, "the server is starting or has ended")
        return self._desk

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Desk]:
        """Open the store and start its engine; both end with the block."""
        client = await asyncio.to_thread(self._opening)
        try:
            await asyncio.to_thread(lambda: client.kernel)
            desk = Desk(client, self._settings)
            watch = None if desk.gate is None else asyncio.create_task(_keep_gate(desk, desk.gate))
            if desk.gate is not None:
                await asyncio.to_thread(_prepare_gate, desk, desk.gate)
            self._pages = await asyncio.to_thread(web_app, desk)
            self._desk = desk
            try:
                yield desk
            finally:
                if watch is not None:
                    watch.cancel()
                self._desk = None
                await asyncio.to_thread(desk.close)
                await asyncio.to_thread(desk.end)
        finally:
            await asyncio.to_thread(client.close)

    def drain(self) -> None:
        """Answer the polls that wait, and those that come: the server is told to end. It may take a moment."""
        if self._desk is not None:
            self._desk.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live as long as the server does."""
        if scope["type"] == "http":
            if self._pages is not None and scope["path"].lstrip("/").partition("/")[0] not in self._own:
                await self._pages(scope, receive, send)
                return
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.opened():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        origins = self._settings.origins
        answer = await self.answer(scope, receive) if not origins else await self._to_site(scope, receive)
        headers = [(b"content-length", str(len(answer.body)).encode()), *answer.headers]
        if answer.content_type is not None:
            headers.append((b"content-type", answer.content_type))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _to_site(self, scope: Scope, receive: Receive) -> Answer:
        """Return the answer to a request that the page of another site may have made."""
        origins, headers = self._settings.origins, dict(scope["headers"])
        allowed = preflight(origins, scope["method"], headers)
        if allowed is not None:
            return NO_CONTENT._replace(headers=allowed)
        answer = await self.answer(scope, receive)
        return answer._replace(headers=(*answer.headers, *allowing(origins, headers)))

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Return the answer to a request, which may have come by another way than HTTP."""
        with request_span(scope) as made:
            answer = await self._answered(scope, receive, made)
            tell_answer(made, answer.status)
            return answer

    async def _answered(self, scope: Scope, receive: Receive, made: Span) -> Answer:
        if scope["method"] == "OPTIONS" and (methods := self._router.methods(_segments(scope))):
            return _told_methods(methods, scope)
        refusals: Mapping[type[Exception], int] = {}
        route, call, began, result = None, None, perf_counter(), OK
        ids: dict[str, str] = {}
        try:
            headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
            route, values = self._found(scope["method"], _segments(scope))
            tell_route(made, route)
            refusals = route.refusals
            ids = _ids(route, values)
            call = Call(route, values, headers, leaving=receive)
            self._admit(call, scope)  # before anything is read of who may be nobody
            content = await self._content(receive)
            _refuse_packed(content, headers)
            call.read(scope["query_string"].decode("latin-1"), content)
            answer = await route.handler(self.desk, call)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller hears of it
            result = "REFUSED" if isinstance(error, Refusal) else type(error).__name__
            answer = error_answer(error, refusals, f"{scope['method']} {scope['path']}", ids)
        if route is not None and self._desk is not None:
            self._desk.meter.request(route, answer.status, perf_counter() - began)
            if call is not None and id(route) in self._changes:
                await self._tell(call, scope, result, answer.status)
        return answer

    async def _tell(self, call: Call, scope: Scope, result: str, status: int) -> None:
        """Write a change into the audit; not who could not say who he is, who gets nowhere and might fill it."""
        is_unknown = status == 401 or (call.route.is_open and not call.who)
        if is_unknown and call.route.path != "/token":
            return
        told = told_of(self._changes[id(call.route)], call, result, status)
        address = (scope.get("client") or ("",))[0]
        await self.desk.tell_audit(told, who=call.who.get("id", ANONYMOUS), address=address)

    def _admit(self, call: Call, scope: Scope) -> None:
        """Refuse who may not have a route, and who asks too often."""
        route, gate, address = call.route, self.desk.gate, (scope.get("client") or ("",))[0]
        if route.path == "/token" and gate is not None:
            gate.refuse_often(address)
        if gate is None and not route.is_open:
            refuse_rebinding((scope.get("server") or ("",))[0], call.headers.get("host", ""))
            refuse_other_sites(self._settings.origins, call.headers, changes=not is_reading(route))
        if gate is None or route.is_open:
            self._count(address)
            return
        caller = gate.caller(token_in(call.headers), self.desk.engine.clock.now())
        call.who = {"id": caller.id, "name": caller.name} | ({"key": caller.key} if caller.key else {})
        self._count(caller.id)
        if not may(caller.roles, route):
            roles = ", ".join(caller.roles) or "no role"
            raise Refusal(403, f"{caller.name!r} has {roles}, which may not {route.method} {route.path}")

    def _count(self, caller: str) -> None:
        if self._buckets is not None:
            self._buckets.refuse(caller, f"more than {self._settings.rate:g} requests a second; wait a moment")

    def _found(self, method: str, segments: list[str]) -> tuple[Route, list[str]]:
        found = self._router.find("GET" if method == "HEAD" else method, segments)
        # Some clients ask by GET for what changes something, and nobody does so by HEAD.
        if found is not None and (method != "HEAD" or is_reading(found[0])):
            return found
        methods = self._router.methods(segments)
        if methods:
            raise Refusal(405, f"Request method '{method}' is not supported", headers={"allow": ", ".join(methods)})
        raise Refusal(404, f"No static resource {'/'.join(segments)}.", code="NoSuchPath")

    async def _content(self, receive: Receive) -> bytes:
        message = await receive()
        content: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts = [content]
            size = len(content)
            while message.get("more_body"):
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "the caller left before the body was complete")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > self._settings.body_bytes:
                    break
            content = b"".join(parts)
        if len(content) > self._settings.body_bytes:
            raise Refusal(413, f"the body is larger than {self._settings.body_bytes} bytes")
        return content


def _told_methods(methods: Sequence[str], scope: Scope) -> Answer:
    """Return which methods a path takes; a browser that asks for a page of a site that is not named gets 405 for it."""
    is_browser = any(name == b"access-control-request-method" for name, _ in scope["headers"])
    return Answer(status=405 if is_browser else 200, headers=((b"allow", ", ".join(methods).encode()),))


def _refuse_packed(content: bytes, headers: Mapping[str, str]) -> None:
    """Refuse a body that is packed: as a text it would be kept as nobody can read it."""
    packing = headers.get("content-encoding", "identity")
    if content and packing.lower() not in {"identity", ""}:
        raise Refusal(415, f"bodies are read as they are here, not packed (Content-Encoding: {packing[:50]})")


def _prepare_gate(desk: Desk, gate: Gate) -> None:
    """Read who may call, and make the key that signs tokens if no server of this store has."""
    gate.renew()
    if not gate.has_signing_key:
        with suppress(AlreadyExists):  # another server was faster
            desk.kernel.register(signing_key()).wait()
        gate.renew()


async def _keep_gate(desk: Desk, gate: Gate) -> None:
    """See within a second what other servers, or the command line, have changed."""
    while True:
        await asyncio.sleep(_GATE_S)
        await desk.look(gate.renew)


def _ids(route: Route, values: Sequence[str]) -> dict[str, str]:
    """Return the run and the attempt that a path names, as records of the log name them."""
    known = {"workflowId": "run_id", "taskId": "task_id"}
    return {known[name]: value for name, value in zip(route.names, values, strict=True) if name in known}


def _segments(scope: Scope) -> list[str]:
    """Return the decoded segments of a path; a slash at its end makes no difference."""
    raw: bytes | None = scope.get("raw_path")
    path = scope["path"] if raw is None else raw.decode("latin-1")
    return [unquote(each, errors="replace") if "%" in each else each for each in path.strip("/").split("/")]


def create_app(
    db: str | Callable[[], EmbeddedClient] = "sqlite:///podium.db", *, settings: ServerSettings | None = None
) -> Application:
    """
    Return the ASGI application over a store.

    Args:
        db: Where the runs are, as `podium.connect` takes it, or what connects; opened when the server starts.
        settings: None for the defaults.
    """
    return Application((lambda: open_engine(db)) if isinstance(db, str) else db, settings or ServerSettings())
