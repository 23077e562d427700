"""
The gRPC server: from a message to a request of the REST API, and from its answer to a message.

It works in the event loop of the server beside it, and asks its application, so that whoever calls is known, refused
and counted alike, whichever way he comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

import grpc

from podium.model.errors import InvalidRequest
from podium.model.json_text import parse
from podium.model.payloads import dump
from podium.server.answers import Answer
from podium.server.app import Application
from podium.server.grpc_api.mapping import fill, to_json
from podium.server.grpc_api.messages import model_class, own_classes
from podium.server.grpc_api.services import PARTS, SERVICES, Rpc

_CODES: Mapping[int, grpc.StatusCode] = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
}
#: Most bytes of a message.
_MESSAGE_BYTES = 64 * 1024 * 1024


class _Method:
    """One method as a server has it."""

    def __init__(self, app: Application, rpc: Rpc, request: Any, response: Any) -> None:
        self._app = app
        self._rpc = rpc
        self._response = response
        self._verb, self._path = rpc.endpoint.split(" ")
        self._empty = _empty(request.DESCRIPTOR, rpc.body) if rpc.body else {}
        make = grpc.unary_stream_rpc_method_handler if rpc.streams else grpc.unary_unary_rpc_method_handler
        self.handler: Any = make(
            self._stream if rpc.streams else self._one,
            request_deserializer=request.FromString,
            response_serializer=response.SerializeToString,
        )

    async def _one(self, request: Any, context: Any) -> Any:
        return fill(self._response(), self._rpc.told(await self._ask(request, context)))

    async def _stream(self, request: Any, context: Any) -> AsyncIterator[Any]:
        answer = await self._ask(request, context)
        for each in answer if isinstance(answer, list) else [answer] if answer is not None else []:
            yield fill(self._response(), self._rpc.told(each))

    async def _ask(self, request: Any, context: Any) -> Any:
        """Return what the endpoint answers: JSON, a text, or None; what it refuses ends the call."""
        given = to_json(request)
        path = self._path.format_map(_Blank({name: quote(str(value), safe="") for name, value in given.items()}))
        body = None if self._rpc.body is None else given.get(self._rpc.body, self._empty) if self._rpc.body else given
        content = b"" if body is None else body.encode() if isinstance(body, str) else dump(body)
        metadata = [(str(name).encode(), str(value).encode()) for name, value in context.invocation_metadata() or ()]
        answer = await self._app.answer(
            {
                "type": "http",
                "method": self._verb,
                "path": f"/api{path}",
                "raw_path": f"/api{path}".encode(),
                "query_string": urlencode(self._query(given), doseq=True).encode(),
                "headers": metadata,
                "client": (_host(context.peer()), 0),
            },
            _receiver(content),
        )
        return await _read(answer, context)

    def _query(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters; what is false is said, since some endpoints take what is not for true."""
        said = {name: given[key] for key, name in self._rpc.query.items() if given.get(key) or given.get(key) is False}
        return {**self._rpc.unsaid, **{name: _word(value) for name, value in said.items()}}


def _empty(request: Any, name: str) -> Any:
    """Return what a field holds that is not said, as JSON."""
    field = request.fields_by_camelcase_name[name]
    if field.is_repeated:
        return []
    return {} if field.message_type is not None else ""


class _Blank(dict[str, str]):
    """Gives the empty text for a field that was not said, so that the endpoint refuses it in its own words."""

    def __missing__(self, name: str) -> str:
        return ""


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _host(peer: str) -> str:
    """Return the address of a caller, as gRPC names it: ``ipv4:127.0.0.1:5``, ``ipv6:[::1]:5``."""
    host = unquote(peer).partition(":")[2].rpartition(":")[0]
    return host.strip("[]") or peer


def _receiver(content: bytes) -> Callable[[], Any]:
    """Return what gives the body, and then waits: a caller who leaves ends the call itself."""
    left = [content]

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": left.pop(), "more_body": False}

    return receive


async def _read(answer: Answer, context: Any) -> Any:
    text = answer.body
    is_json = answer.content_type is not None and b"json" in answer.content_type
    found: Any = parse(text) if is_json and text else text.decode() or None
    if answer.status >= 400:
        words = found.get("message", "") if isinstance(found, dict) else str(found)
        code = _CODES.get(answer.status, grpc.StatusCode.INTERNAL)
        if isinstance(found, dict) and found.get("code") == "AlreadyExists":
            code = grpc.StatusCode.ALREADY_EXISTS
        await context.abort(code, words)
    return found


def _handlers(app: Application, package: str, rpcs: tuple[Rpc, ...]) -> dict[str, Any]:
    """Return what a service answers, by the names of its methods."""
    specs = {f"{rpc.name}Request": rpc.request for rpc in rpcs} | {f"{rpc.name}Response": rpc.response for rpc in rpcs}
    own = own_classes(package, {**PARTS, **{name: spec for name, spec in specs.items() if not spec.startswith("=")}})

    def class_of(name: str) -> Any:
        return own.get(name) or model_class(specs[name][1:])

    return {
        rpc.name: _Method(app, rpc, class_of(f"{rpc.name}Request"), class_of(f"{rpc.name}Response")).handler
        for rpc in rpcs
    }


def grpc_server(app: Application, address: str) -> tuple[Any, int]:
    """
    Return a gRPC server over an application, and the port where it listens once it is started.

    Args:
        app: The application; it must have been opened.
        address: ``host:port``; port 0 takes a free one.

    Raises:
        InvalidRequest: It cannot listen there.
    """
    limits = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.aio.server(options=limits)
    for package, (name, rpcs) in SERVICES.items():
        generic = grpc.method_handlers_generic_handler(f"{package}.{name}", _handlers(app, package, rpcs))
        server.add_generic_rpc_handlers((generic,))
    try:
        return server, server.add_insecure_port(address)
    except RuntimeError as error:
        raise InvalidRequest(f"gRPC cannot be served on {address}: {error}") from None
