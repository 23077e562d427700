"""What ``${...}`` paths are looked up in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from podium.model.values import JsonObject, JsonValue


class Document(Protocol):
    """
    The roots that a path may start at, and their fields.

    In a run the roots are ``workflow`` and the reference names of its tasks; in an event handler they are the keys of
    the payload. Values are handed out as they are and must not be changed by anybody.

    Attributes:
        walked: How many values the paths of one template have looked at.
    """

    walked: int

    def field(self, root: str, name: str) -> JsonValue:
        """
        Return one field of one root, such as ``("workflow", "input")`` or ``("charge", "output")``.

        This is on the hot path: nearly every reference is answered by one call.

        Returns:
            The field's value; None if the root or the field is unknown.
        """

    def member(self, root: str, name: str, key: str) -> JsonValue:
        """
        Return one member of a field, as ``field(root, name)[key]``.

        A document whose field is costly to put together may answer without doing so.

        Returns:
            The member's value; None if the field is no object, or lacks it.
        """

    def whole(self, root: str) -> JsonValue:
        """
        Return all of one root.

        Returns:
            An object of all its fields (in a payload: whatever value stands there); None if the root is unknown.
        """

    def roots(self) -> Iterable[str]:
        """Name all roots; a general JSONPath that starts with no fixed name looks through all of them."""


class MappingDocument:
    """A document over one JSON object, such as an event's payload."""

    __slots__ = ("_values", "walked")

    def __init__(self, values: JsonObject) -> None:
        self.walked = 0
        self._values = values

    def field(self, root: str, name: str) -> JsonValue:
        """Return the value at ``values[root][name]``, or None."""
        whole = self._values.get(root)
        return whole.get(name) if isinstance(whole, Mapping) else None

    def member(self, root: str, name: str, key: str) -> JsonValue:
        """Return the value at ``values[root][name][key]``, or None."""
        value = self.field(root, name)
        return value.get(key) if isinstance(value, Mapping) else None

    def whole(self, root: str) -> JsonValue:
        """Return the value at ``values[root]``, or None."""
        return self._values.get(root)

    def roots(self) -> Iterable[str]:
        """Name the keys of the object."""
        return self._values.keys()
