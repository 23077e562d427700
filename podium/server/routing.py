"""
The table of what a server answers, and the way from a path to its row.

A row says everything of an endpoint once: handler, parameters, body, answers. Requests are read by it, and the OpenAPI
document is made of it (`podium.server.openapi`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from podium.server.answers import Answer
from podium.server.parameters import Parameter, Query

#: A JSON Schema.
Shape: TypeAlias = "Mapping[str, Any]"
#: What does the work of a route: it is given a `podium.server.desk.Desk` and a `podium.server.calls.Call`.
Handler: TypeAlias = "Callable[[Any, Any], Awaitable[Answer]]"


def ref(name: str) -> Shape:
    """Return the shape of an object of the model, by its name on the wire."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Shape) -> Shape:
    """Return the shape of a list."""
    return {"type": "array", "items": items}


def by_name(values: Shape) -> Shape:
    """Return the shape of an object whose keys are names."""
    return {"type": "object", "additionalProperties": values}


#: Shapes of plain values; `NOTHING` is an empty answer, and `BARE` a text that is no JSON.
NUMBER, WORD, TRUTH = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
OBJECT: Shape = {"type": "object", "additionalProperties": True}
NOTHING: Shape = {}
BARE: Shape = {"type": "string", "x-bare": True}


@frozen(kw_only=True)
class Body:
    """What a request carries."""

    #: Its JSON; `BARE` for a text of any kind.
    shape: Shape
    #: Without it the request is refused; otherwise handlers see None.
    is_required: bool = True


@frozen(kw_only=True)
class Route:
    """
    One endpoint.

    Example:
        >>> async def version(desk: object, call: object) -> Answer: ...
        >>> Route(method="GET", path="/version", handler=version, answers={200: BARE}).names
        ()
    """

    method: str
    #: Below ``/api`` unless `is_root`; names in braces are segments that handlers find in ``call.path``.
    path: str
    #: Its docstring's first line is the summary in the document.
    handler: Handler
    query: Query = field(default=Query(()))
    body: Body | None = None
    #: What it answers by status, beside errors.
    answers: Mapping[int, Shape] = field(factory=lambda: {200: NOTHING})
    #: The statuses of errors that are other ones here than in `podium.server.errors`.
    refusals: Mapping[type[Exception], int] = field(factory=dict)
    #: The values that segments may have, by name; others are refused.
    choices: Mapping[str, Sequence[str]] = field(factory=dict)
    #: Outside of ``/api``.
    is_root: bool = False
    #: It does no harm and shows nothing: also who has not said who he is may have it.
    is_open: bool = False
    names: tuple[str, ...] = field(init=False)

    @names.default
    def _names(self) -> tuple[str, ...]:
        return tuple(each[1:-1] for each in _segments(self.full_path) if each.startswith("{"))

    @property
    def full_path(self) -> str:
        """The path from the server's root."""
        return self.path if self.is_root else f"/api{self.path}"


def get(path: str, handler: Handler, *query: Parameter, **more: Any) -> Route:
    """Return a row for GET."""
    return Route(method="GET", path=path, handler=handler, query=Query(query), **more)


def post(path: str, handler: Handler, *query: Parameter, **more: Any) -> Route:
    """Return a row for POST."""
    return Route(method="POST", path=path, handler=handler, query=Query(query), **more)


def put(path: str, handler: Handler, *query: Parameter, **more: Any) -> Route:
    """Return a row for PUT."""
    return Route(method="PUT", path=path, handler=handler, query=Query(query), **more)


def delete(path: str, handler: Handler, *query: Parameter, **more: Any) -> Route:
    """Return a row for DELETE."""
    return Route(method="DELETE", path=path, handler=handler, query=Query(query), **more)


class _Place:
    """A segment of a path: what may follow, and the routes that end here."""

    __slots__ = ("any", "literals", "routes")

    def __init__(self) -> None:
        self.literals: dict[str, _Place] = {}
        self.any: _Place | None = None
        self.routes: dict[str, Route] = {}


class Router:
    """
    Finds the row of a path: a literal segment comes before a named one, wherever the rows stand.

    Raises:
        ValueError: Two rows are the same.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Place()
        for route in routes:
            place = self._root
            for segment in _segments(route.full_path):
                if segment.startswith("{"):
                    place.any = place.any or _Place()
                    place = place.any
                else:
                    place = place.literals.setdefault(segment, _Place())
            if route.method in place.routes:
                raise ValueError(f"two routes for {route.method} {route.full_path}")
            place.routes[route.method] = route

    def find(self, method: str, segments: Sequence[str]) -> tuple[Route, list[str]] | None:
        """Return the row for a method and a path, and the values of its named segments; None if there is none."""
        for place, values in _ways(self._root, segments, 0):
            route = place.routes.get(method)
            if route is not None:
                return route, values
        return None

    def methods(self, segments: Sequence[str]) -> list[str]:
        """Return the methods that a path takes."""
        return sorted({method for place, _ in _ways(self._root, segments, 0) for method in place.routes})


def _ways(place: _Place, segments: Sequence[str], at: int) -> Iterator[tuple[_Place, list[str]]]:
    if at == len(segments):
        yield place, []
        return
    literal = place.literals.get(segments[at])
    if literal is not None:
        yield from _ways(literal, segments, at + 1)
    if place.any is not None and segments[at]:
        for end, values in _ways(place.any, segments, at + 1):
            yield end, [segments[at], *values]


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")
