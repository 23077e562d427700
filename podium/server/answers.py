"""What goes back to a caller."""

from __future__ import annotations

from typing import NamedTuple

from podium.model.payloads import dump
from podium.model.values import JsonValue

JSON, TEXT = b"application/json", b"text/plain;charset=utf-8"


class Answer(NamedTuple):
    """The answer to one request."""

    body: bytes = b""
    #: None for a body that is empty.
    content_type: bytes | None = None
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


#: Done, and nothing to say; and the same with the status that says so.
EMPTY, NO_CONTENT = Answer(), Answer(status=204)


def json_answer(value: JsonValue, status: int = 200) -> Answer:
    """Return JSON."""
    return Answer(dump(value), JSON, status)


def text_answer(text: str) -> Answer:
    """Return a bare text, as Conductor returns ids."""
    return Answer(text.encode("utf-8", "replace"), TEXT)
