"""Fields of the objects that requests carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.client.checked import checked_text
from podium.model.errors import InvalidRequest
from podium.model.texts import shown
from podium.server.parameters import INT_MAX


def version_of(body: Mapping[str, Any]) -> int | None:
    """
    Return the version that a body names; None for the greatest.

    Raises:
        InvalidRequest: It is no whole number.
    """
    version = body.get("version")
    if version is None:
        return None
    if type(version) is not int or not 0 <= version <= INT_MAX:
        raise InvalidRequest(f"version: a whole number is expected, not {shown(version)}")
    return version


def whole_number(text: str, name: str) -> int:
    """
    Read a whole number from 0 upwards in a path.

    Raises:
        InvalidRequest: It is none.
    """
    if not (text.isdecimal() and text.isascii() and len(text) < 11 and int(text) <= INT_MAX):
        raise InvalidRequest(f"{name}: a whole number is expected, not {shown(text)}")
    return int(text)


def optional_text(body: Mapping[str, Any], key: str) -> str | None:
    """
    Return the text that a body has under a key, or None.

    Raises:
        InvalidRequest: It is no text, or none that a store can keep.
    """
    return checked_text(body.get(key), key)


def optional_object(body: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """
    Return the object that a body has under a key, or None.

    Raises:
        InvalidRequest: It is no object.
    """
    found = body.get(key)
    if found is not None and not isinstance(found, dict):
        raise InvalidRequest(f"{key}: an object is expected, not {shown(found)}")
    return found
