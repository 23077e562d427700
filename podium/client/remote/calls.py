"""A call to a server and its answer, before and after they are bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from attrs import field, frozen

from podium.model.errors import Conflict, IllegalTransition, NotFound, RunNotFound
from podium.model.values import JsonValue

#: What a query may hold; None is left out, and a list stands for several of the same name.
QueryValue: TypeAlias = "str | int | bool | Sequence[str] | None"


@frozen
class HttpCall:
    """
    What is asked of a server.

    Attributes:
        method: Such as ``GET``.
        path: Below the address of the API, such as ``/workflow``; made by `path`.
        query: What stands behind the path.
        body: JSON; None for none.
        text: A body that is no JSON, as it stands.
        is_repeatable: To ask twice changes no more than to ask once, so it may be asked again when the answer is lost.
        waits_s: Seconds that the server may take on top of its time for an answer, because it is asked to wait.
        missing: What a 404 means.
        conflict: What a 409 means.
    """

    method: str
    path: str
    query: Mapping[str, QueryValue] = field(factory=dict, kw_only=True)
    body: JsonValue = field(default=None, kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    is_repeatable: bool = field(kw_only=True)
    waits_s: float = field(default=0.0, kw_only=True)
    missing: type[NotFound] = field(default=RunNotFound, kw_only=True)
    conflict: type[Conflict] = field(default=IllegalTransition, kw_only=True)

    @is_repeatable.default
    def _(self) -> bool:
        return self.method == "GET"


@frozen
class HttpAnswer:
    """
    What a server has answered.

    Attributes:
        status: Of HTTP.
        content: Its body.
        headers: With names in lower case.
    """

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def is_json(self) -> bool:
        """Whether the server calls it JSON."""
        return "json" in self.headers.get("content-type", "")

    @property
    def text(self) -> str:
        """Its body as a text; a text in JSON's quotes without them, since servers differ in that."""
        found = self.content.decode("utf-8", "replace").strip()
        if len(found) > 1 and found[0] == found[-1] == '"':
            value = _parsed(self.content)
            return value if isinstance(value, str) else found
        return found

    @property
    def json(self) -> JsonValue:
        """Its body as JSON; None for no body."""
        return _parsed(self.content) if self.content.strip() else None

    @property
    def error(self) -> Mapping[str, JsonValue]:
        """The object that tells of an error; empty where there is none."""
        found = _parsed(self.content)
        return found if isinstance(found, dict) else {}


@frozen
class NoAnswer:
    """
    Why there is no answer.

    Attributes:
        why: In words.
        was_sent: The server may have had the request.
        is_hopeless: The same would happen again, such as with a certificate that is not trusted.
    """

    why: str
    was_sent: bool
    is_hopeless: bool = False


def path(*parts: str | int) -> str:
    """
    Return a path of parts, each quoted.

    Example:
        >>> path("workflow", "a b/c", "pause")
        '/workflow/a%20b%2Fc/pause'
    """
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def _parsed(content: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(content)  # which keeps integers of any size, other than orjson
    except ValueError:
        return None
    return value
