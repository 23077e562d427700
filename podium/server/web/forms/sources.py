"""Where a form has its contents from: a JSON value, or what a browser sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from attrs import frozen

from podium.model.json_text import write
from podium.model.values import JsonValue
from podium.server.web.forms.fields import ABSENT, Given

#: Stands before the number of a row, where a key would stand: no key is written so (``~`` is written ``~0``).
ROW = "~2"


def below(name: str, key: str) -> str:
    """Return the name of a field within another one."""
    return f"{name}/{key.replace('~', '~0').replace('/', '~1')}"


class FieldSource(Protocol):
    """What is known of one place of a form."""

    @property
    def name(self) -> str:
        """The field's name."""

    @property
    def value(self) -> Given:
        """The JSON value, where it comes from one."""

    @property
    def is_known(self) -> bool:
        """Whether anything is said of the place; if not it gets its schema's default."""

    @property
    def is_given(self) -> bool | None:
        """Whether something nested is there; None where nothing is said of it."""

    @property
    def is_raw(self) -> bool:
        """Whether it is typed as JSON, whatever its schema."""

    def text(self, spelt: Callable[[JsonValue], str]) -> str:
        """Return what stands in it."""

    def many(self, options: Sequence[JsonValue]) -> frozenset[int]:
        """Return the positions of the options that are chosen."""

    def child(self, key: str) -> FieldSource:
        """Return the place of a key."""

    def item(self, number: int) -> FieldSource:
        """Return the place of a list's item."""

    def count(self) -> int | None:
        """Return how many items a list has; None where nothing is said of it."""

    def rows(self, known: Collection[str]) -> Sequence[tuple[str, FieldSource]]:
        """Return the keys of an object beside the known ones, with their places."""

    def rest(self, known: Collection[str]) -> str:
        """Return JSON of what an object holds beside the known keys; empty if that is nothing."""

    def arm(self, fits: Sequence[Callable[[JsonValue], bool]]) -> int | None:
        """Return the position of the chosen one of several forms: the first that fits, or the one that was chosen."""


@frozen
class ValueField:
    """A place of a JSON value."""

    name: str
    value: Given = ABSENT
    is_raw: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not ABSENT

    @property
    def is_given(self) -> bool | None:
        """Whether there is a value that is not null."""
        return None if self.value is ABSENT else self.value is not None

    def text(self, spelt: Callable[[JsonValue], str]) -> str:
        """Return the value as it is spelt."""
        return "" if self.value is ABSENT else spelt(self.value)

    def many(self, options: Sequence[JsonValue]) -> frozenset[int]:
        """Return where the items stand among the options."""
        found = self.value if isinstance(self.value, list) else []
        return frozenset(at for at in (position(options, each) for each in found) if at is not None)

    def child(self, key: str) -> ValueField:
        """Return the place of a key."""
        found: Given = self.value.get(key, ABSENT) if isinstance(self.value, dict) else ABSENT
        return ValueField(below(self.name, key), found)

    def item(self, number: int) -> ValueField:
        """Return the place of an item."""
        found = self.value if isinstance(self.value, list) else []
        return ValueField(f"{self.name}/{number}", found[number] if number < len(found) else ABSENT)

    def count(self) -> int | None:
        """Return the number of items."""
        return len(self.value) if isinstance(self.value, list) else None

    def rows(self, known: Collection[str]) -> Sequence[tuple[str, ValueField]]:
        """Return the other keys."""
        others = self._others(known).items()
        return [(key, ValueField(f"{self.name}/{ROW}{number}", each)) for number, (key, each) in enumerate(others)]

    def rest(self, known: Collection[str]) -> str:
        """Return the other keys and values as JSON."""
        others = self._others(known)
        return write(others) if others else ""

    def _others(self, known: Collection[str]) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            return {}
        return {key: each for key, each in self.value.items() if key not in known}

    def arm(self, fits: Sequence[Callable[[JsonValue], bool]]) -> int | None:
        """Return the first that fits the value."""
        if self.value is ABSENT:
            return None
        value = self.value
        return next((number for number, fit in enumerate(fits) if fit(value)), None)


class SentForm:
    """
    What a browser sent.

    Args:
        pairs: Names and values, in the order sent. What is no text (a file) is passed over.
    """

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        self.values: dict[str, list[str]] = {}
        for name, value in pairs:
            if isinstance(value, str):
                self.values.setdefault(name, []).append(value)
        #: How many items each list shows by its items' names, and what else is shown to be there by what is in it.
        self.counts: dict[str, int] = {}
        for name in self.values:
            path = name.partition(":")[2] if name.partition(":")[0] in MARKS else name
            while "/" in path:
                path, _, last = path.rpartition("/")
                number = number_in(last.removeprefix(ROW))
                at = f"{path}/{ROW}" if last.startswith(ROW) else path
                self.counts[at] = max(self.counts.get(at, 0), number + 1)
                self.counts.setdefault(path, 0)

    def last(self, name: str) -> str | None:
        """Return the last value of a name; browsers send line ends of their own."""
        found = self.values.get(name)
        return found[-1].replace("\r\n", "\n") if found else None


#: What stands before a name to say something of the field.
MARKS = frozenset({"given", "raw", "count", "rows", "key", "rest", "choice"})


@frozen
class SentField:
    """A place of what a browser sent."""

    name: str
    sent: SentForm

    @property
    def value(self) -> Given:
        """Nothing: there are texts only."""
        return ABSENT

    @property
    def is_known(self) -> bool:
        """Whether the place was drawn in the form that was sent."""
        return self.name in self.sent.values or self.is_given is not None or self._mark("choice") is not None

    @property
    def is_given(self) -> bool | None:
        """What the form said when it was drawn, or a button since; what holds something is there."""
        mark = self._mark("given")
        if mark is not None:
            return mark == "1"
        return True if self.name in self.sent.counts else None

    @property
    def is_raw(self) -> bool:
        """What the form said when it was drawn."""
        return self._mark("raw") == "1"

    def _mark(self, mark: str) -> str | None:
        return self.sent.last(f"{mark}:{self.name}")

    def text(self, spelt: Callable[[JsonValue], str]) -> str:
        """Return the text."""
        return self.sent.last(self.name) or ""

    def many(self, options: Sequence[JsonValue]) -> frozenset[int]:
        """Return the numbers that were sent."""
        return frozenset(int(each) for each in self.sent.values.get(self.name, ()) if is_position(each, len(options)))

    def child(self, key: str) -> SentField:
        """Return the place of a key."""
        return SentField(below(self.name, key), self.sent)

    def item(self, number: int) -> SentField:
        """Return the place of an item."""
        return SentField(f"{self.name}/{number}", self.sent)

    def count(self) -> int | None:
        """Return how many items were drawn."""
        mark = self._mark("count")
        return self.sent.counts.get(self.name) if mark is None else number_in(mark)

    def rows(self, known: Collection[str]) -> Sequence[tuple[str, SentField]]:
        """Return as many rows as were drawn, with the keys that were typed."""
        mark = self._mark("rows")
        count = self.sent.counts.get(f"{self.name}/{ROW}", 0) if mark is None else number_in(mark)
        places = [SentField(f"{self.name}/{ROW}{each}", self.sent) for each in range(count)]
        return [(self.sent.last(f"key:{place.name}") or "", place) for place in places]

    def rest(self, known: Collection[str]) -> str:
        """Return the JSON that was typed."""
        return self._mark("rest") or ""

    def arm(self, fits: Sequence[Callable[[JsonValue], bool]]) -> int | None:
        """Return what was chosen."""
        mark = self._mark("choice")
        return int(mark) if mark is not None and is_position(mark, len(fits)) else None


#: Most rows that a form is believed to have had.
ROWS_MAX = 500


def number_in(mark: str) -> int:
    """Return a number of rows that a form says."""
    return min(int(mark), ROWS_MAX) if mark.isascii() and mark.isdecimal() and len(mark) < 9 else 0


def is_position(text: str, count: int) -> bool:
    """Return whether a text is one of so many positions."""
    return text.isascii() and text.isdecimal() and len(text) < 9 and int(text) < count


def position(options: Sequence[JsonValue], value: JsonValue) -> int | None:
    """Return where a value stands among others; true is not 1, as in JSON."""
    return next((at for at, each in enumerate(options) if _is_same(each, value)), None)


def _is_same(one: Any, other: Any) -> bool:
    return (type(one) is bool) is (type(other) is bool) and one == other
