"""What ``${...}`` paths are looked up in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from podium.model.payloads import dump
from podium.model.values import JsonObject, JsonValue


class Findings:
    """How much the references of one template have found; the same object counts each time, and is measured once."""

    __slots__ = ("_sizes", "_total")

    def __init__(self) -> None:
        self._total = 0
        self._sizes: dict[int, int] = {}

    def add(self, found: JsonValue) -> int:
        """Count a value, which lives on; gives how many bytes all come to as JSON."""
        if isinstance(found, str):
            self._total += len(found)
        elif isinstance(found, dict | list):
            size = self._sizes.get(id(found))
            if size is None:
                size = self._sizes[id(found)] = len(dump(found))
            self._total += size
        return self._total


class Document(Protocol):
    """
    The roots that a path may start at, and their fields.

    In a run the roots are ``workflow`` and the reference names of its tasks; in an event handler they are the keys of
    the payload. Values are handed out as they are and must not be changed by anybody.

    Attributes:
        walked: How many values the paths of one template have looked at.
        findings: What the references of one template have found, where there are many of them.
    """

    walked: int
    findings: Findings | None

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

    __slots__ = ("_values", "findings", "walked")

    def __init__(self, values: JsonObject) -> None:
        self.walked = 0
        self.findings: Findings | None = None
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
