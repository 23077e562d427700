"""The OpenAPI document, made of the same rows that requests are read by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podium.model.version import own_version
from podium.server.answers import Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.routing import BARE, NOTHING, Route, Shape, get, ref
from podium.server.shapes import components

#: What an error of each status means.
_REFUSALS: Mapping[int, str] = {
    400: "The request is not well-formed, or breaks a rule",
    401: "Nobody is known by these credentials",
    403: "The caller may not do this",
    404: "It does not exist",
    405: "It is not asked for like that",
    408: "It took too long",
    409: "It does not fit the present state",
    413: "The body is too large",
    415: "The body is packed",
    421: "It is asked for under a name that is not this server's",
    429: "There are too many already",
    501: "This server does not do it",
    500: "The state does not allow it, in Conductor's words an internal error",
    503: "The store or the machine cannot do it for now; try again",
}


def document_routes(routes: Sequence[Route]) -> Sequence[Route]:
    """Return the rows that give the document of some rows, theirs included."""
    paths = ("/openapi.json", "/api-docs")
    made: list[Answer] = []

    async def document(desk: Desk, call: Call) -> Answer:
        """The OpenAPI document of this server."""
        return made[0]

    rows = [get(path, document, answers={200: {"type": "object"}}, is_root=True, is_open=True) for path in paths]
    made.append(json_answer(openapi([*routes, *rows])))
    return rows


def openapi(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of some rows."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.full_path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Podium", "version": own_version() or "0", "description": "Conductor's API, by Podium."},
        "paths": paths,
        "components": {"schemas": components()},
    }


def _operation(route: Route) -> dict[str, Any]:
    summary = (route.handler.__doc__ or "").strip().splitlines()
    found: dict[str, Any] = {
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}{_suffix(route)}",
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "summary": summary[0] if summary else "",
        "responses": {str(status): _response(shape) for status, shape in route.answers.items()},
    }
    for status in refusals_of(route):
        found["responses"].setdefault(
            str(status),
            {
                "description": _REFUSALS[status],
                "content": {"application/json": {"schema": ref("ErrorResponse")}},
            },
        )
    parameters = [_path_parameter(route, name) for name in route.names]
    parameters += [
        {
            "name": each.name,
            "in": "query",
            "required": each.is_required,
            "schema": each.schema(),
            **({"description": each.text} if each.text else {}),
        }
        for each in route.query.parameters
    ]
    if parameters:
        found["parameters"] = parameters
    if route.body is not None:
        found["requestBody"] = {"required": route.body.is_required, "content": _content(route.body.shape)}
    return found


def _suffix(route: Route) -> str:
    """Return what tells rows apart that share a handler."""
    words = [segment.strip("{}") for segment in route.full_path.strip("/").split("/")]
    return "_".join(["", route.method.lower(), *words])


def _path_parameter(route: Route, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if name in route.choices:
        schema = {"type": "string", "enum": list(route.choices[name])}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def refusals_of(route: Route) -> list[int]:
    """Return the statuses of the errors that a row may answer."""
    statuses = {400, 404, 413, 429, 503, *route.refusals.values()}
    if not route.is_open:
        statuses |= {401, 403, 421}
    if route.body is not None:
        statuses.add(415)
    if route.method != "GET":
        statuses.add(409)
    return sorted(statuses)


def _content(shape: Shape) -> dict[str, Any]:
    if shape is BARE:
        return {"text/plain": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": dict(shape)}}


def _response(shape: Shape) -> dict[str, Any]:
    if shape is NOTHING:
        return {"description": "Done; there is no body"}
    return {"description": "The answer", "content": _content(shape)}
