"""One request, as handlers see it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from podium.client.checked import checked_text
from podium.model.errors import InvalidRequest
from podium.model.json_text import parse
from podium.model.texts import shown
from podium.server.routing import Route

#: Waits until a caller has gone.
Leaving: TypeAlias = "Callable[[], Awaitable[object]]"

#: What may be a whole number beyond 64 bits, which the quick reader would take as a fraction.
_LONG_NUMBER = re.compile(rb"\d{19}")


class Call:
    """
    A request that has found its row.

    Attributes:
        route: The row.
        path: The named segments.
        query: The parameters, with their defaults.
        content: The body as it came.
        headers: By lower-case name; the last one of several.
        leaving: Waits until the caller has gone; None where nobody can tell.
        who: Who calls, as the audit has it: ``name`` and ``key`` beside the id.
        outcomes: For the audit, the runs that were started or changed, which the path does not name: by id None, or the
            name of the error.
    """

    __slots__ = ("_json", "content", "headers", "leaving", "outcomes", "path", "query", "route", "who")

    def __init__(
        self,
        route: Route,
        values: Sequence[str],
        headers: Mapping[str, str],
        *,
        leaving: Leaving | None = None,
    ) -> None:
        self.route = route
        self.leaving = leaving
        self.path: dict[str, str] = dict(zip(route.names, values, strict=True))
        self.query: dict[str, Any] = {}
        self.content = b""
        self.headers = headers
        self.who: dict[str, Any] = {}
        self.outcomes: dict[str, str | None] = {}
        self._json: Any = None
        for name, value in self.path.items():
            checked_text(value, name)

    def read(self, query: str, content: bytes) -> None:
        """
        Take what the request carries; whoever asks may have the route.

        Raises:
            InvalidRequest: A segment or a parameter cannot be what it is.
        """
        for name, choices in self.route.choices.items():
            if self.path[name] not in choices:
                raise InvalidRequest(f"{name}: one of {', '.join(choices)} is expected, not {shown(self.path[name])}")
        self.query = self.route.query.read(query)
        self.content = content

    def json(self) -> Any:
        """
        Return the body as JSON; None for an empty one.

        Raises:
            InvalidRequest: It is no JSON, or missing.
        """
        body = self.route.body
        if not self.content.strip():
            if body is not None and body.is_required:
                raise InvalidRequest("Required request body is missing")
            return None
        self._json = read_json(self.content)
        return self._json

    @property
    def known_json(self) -> Any:
        """The body as it was read; None where it was not."""
        return self._json

    def object(self) -> dict[str, Any]:
        """
        Return the body as a JSON object; an empty one for no body.

        Raises:
            InvalidRequest: It is something else.
        """
        found = self.json()
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise InvalidRequest(f"the body must be a JSON object, not {shown(found)}")
        return found

    def items(self) -> list[Any]:
        """
        Return the body as a JSON list; an empty one for no body.

        Raises:
            InvalidRequest: It is something else.
        """
        found = self.json()
        if found is None:
            return []
        if not isinstance(found, list):
            raise InvalidRequest(f"the body must be a JSON list, not {shown(found)}")
        return found

    def names(self) -> list[str]:
        """
        Return the body as a list of texts.

        Raises:
            InvalidRequest: It is something else.
        """
        found = self.items()
        for each in found:
            if not isinstance(each, str):
                raise InvalidRequest(f"the body must be a list of texts; {shown(each)} is none")
        return found

    def text(self) -> str:
        """Return the body as it came, whatever its content type says."""
        return self.content.decode("utf-8", "replace")


def read_json(content: bytes) -> Any:
    """
    Read JSON.

    Raises:
        InvalidRequest: It is none; the text says where it breaks.
    """
    try:
        if _LONG_NUMBER.search(content):
            return _read_slowly(content)
        return orjson.loads(content)
    except ValueError as error:
        raise InvalidRequest(f"JSON parse error: {error}") from None


def _read_slowly(content: bytes) -> Any:
    """Read JSON with whole numbers of any length, as strictly as the quick reader."""
    value = parse(content)
    if b"\\u" in content:
        json.dumps(value, ensure_ascii=False).encode()  # a half of a surrogate pair is a ValueError
    return value
