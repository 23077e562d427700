"""Settings that differ: of a step, or of the workflow itself, down to the single value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

from attrs import frozen

from podium.model.texts import clean, shorten
from podium.model.values import JsonObject, JsonValue

#: Stands for a value that may not be shown.
HIDDEN: Final = "(hidden)"
#: Longest text of one value, in characters.
_VALUE_LENGTH: Final = 60
#: How much of what two long texts share is shown before they part, in characters.
_SHARED_LENGTH: Final = 15
#: Keys that stand in a path as they are; others are quoted.
_PLAIN_KEY: Final = re.compile(r"[^\s.\[\]'\"]+")

#: When a definition was registered, which is not what it says.
TIMES: Final = frozenset({"createTime", "updateTime"})
#: Objects inside a definition that servers stamp with times of their own.
STAMPED: Final = frozenset({"taskDefinition", "inputSchema", "outputSchema"})

#: Where a value stands: keys of objects and positions in lists, outermost first.
Path: TypeAlias = tuple[str | int, ...]
#: Says whether two values at a path mean the same though they are not equal.
Alike: TypeAlias = Callable[[Path, JsonValue, JsonValue], bool]


class NotSet(Enum):
    """The one value of a setting that is not there; null is another."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return self.name


MISSING: Final = NotSet.MISSING
#: A value of a setting, or that it is not there.
Side: TypeAlias = "JsonValue | NotSet"


@frozen(kw_only=True)
class Setting:
    """One setting that differs."""

    #: As in the JSON, such as ``inputParameters.amount``.
    path: str
    #: JSON data, or `MISSING`; `HIDDEN` for a field that one of the two definitions masks.
    old: Side = MISSING
    new: Side = MISSING

    def __str__(self) -> str:
        if self.old is MISSING:
            return f"{self.path}: {value_text(self.new)} (new)"
        if self.new is MISSING:
            return f"{self.path}: {value_text(self.old)} (gone)"
        return f"{self.path}: {change_text(self.old, self.new)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the setting as JSON data, without the side that has none."""
        sides = {"old": self.old, "new": self.new}
        told: dict[str, JsonValue] = {side: value for side, value in sides.items() if value is not MISSING}
        return {"path": self.path, **told}


def settings_between(
    old: JsonObject, new: JsonObject, *, masked: frozenset[str] = frozenset(), alike: Alike | None = None
) -> tuple[Setting, ...]:
    """
    Return what differs between two JSON objects.

    Lists that hold objects are compared item by item if they are of one length, all others as a whole. ``1``, ``1.0``
    and ``true`` differ, as they do on the wire.

    Args:
        old: What was.
        new: What is.
        masked: Names of fields whose values are not told, at any depth.
        alike: Says of two values that are not equal whether they mean the same.

    Returns:
        In the order of *new*; what is gone comes last.
    """
    found = [
        Setting(path=path_text(path), old=_shown(path, before, masked), new=_shown(path, after, masked))
        for path, before, after in _between((), old, new)
        if alike is None or before is MISSING or after is MISSING or not alike(path, before, after)
    ]
    return tuple(sorted(found, key=lambda setting: setting.new is MISSING))


def _between(path: Path, old: Side, new: Side) -> Iterator[tuple[Path, Side, Side]]:
    if path[-1:] and path[-1] in TIMES and path[:-1] and path[-2] in STAMPED:
        return
    if isinstance(old, dict) and isinstance(new, dict) and ((old and new) or not path):
        for key in dict.fromkeys([*new, *old]):
            yield from _between((*path, key), old.get(key, MISSING), new.get(key, MISSING))
    elif isinstance(old, list) and isinstance(new, list) and _are_deep(old, new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _between((*path, number), before, after)
    elif isinstance(old, dict) and old and new is MISSING:
        for key, value in old.items():
            yield from _between((*path, key), value, MISSING)
    elif isinstance(new, dict) and new and old is MISSING:
        for key, value in new.items():
            yield from _between((*path, key), MISSING, value)
    elif not are_same(old, new):
        yield path, old, new


def _are_deep(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> bool:
    return len(old) == len(new) and any(isinstance(item, dict) for item in [*old, *new])


def are_same(old: Side, new: Side) -> bool:
    """
    Return whether two JSON values are the same on the wire, whatever the order of keys.

    Example:
        >>> are_same({"a": 1, "b": 2}, {"b": 2, "a": 1}), are_same([1], [True])
        (True, False)
    """
    if type(old) is not type(new):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(are_same(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(are_same(*pair) for pair in zip(old, new, strict=True))
    return bool(old == new)


def _shown(path: Path, value: Side, masked: frozenset[str]) -> Side:
    if value is MISSING or not masked:
        return value
    return HIDDEN if masked.intersection(path) else without_masked(value, masked)


def without_masked(value: JsonValue, masked: frozenset[str]) -> JsonValue:
    """Return a JSON value with `HIDDEN` in the place of the fields that are masked."""
    if isinstance(value, dict):
        return {key: HIDDEN if key in masked else without_masked(inner, masked) for key, inner in value.items()}
    return [without_masked(item, masked) for item in value] if isinstance(value, list) else value


# -- texts -------------------------------------------------------------------------------------------------------------


def path_text(path: Path) -> str:
    """
    Write a path.

    Example:
        >>> path_text(("inputParameters", "rows", 0, "my.key"))
        "inputParameters.rows[0]['my.key']"
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"['{clean(part)}']"
    return text


def value_text(value: Side) -> str:
    """
    Return a value as a short text in one line.

    Example:
        >>> value_text(["a", 1, None]), value_text("")
        ('[a, 1, null]', '""')
    """
    return shorten(_whole_text(value), _VALUE_LENGTH)


def change_text(old: JsonValue, new: JsonValue) -> str:
    """
    Return two values that differ as a short text in one line; what long ones share is left out.

    Example:
        >>> change_text(2, 5), change_text("1", 1)
        ('2 -> 5', '"1" -> 1')
    """
    if isinstance(old, str) != isinstance(new, str):
        before, after = (json.dumps(each, ensure_ascii=False) for each in (old, new))
    else:
        before, after = _whole_text(old), _whole_text(new)
    before, after = clean(before), clean(after)
    if before == after:
        return f"{shorten(before, _VALUE_LENGTH)} (only blanks differ)" if old != HIDDEN else f"{before} -> {after}"
    if max(len(before), len(after)) > _VALUE_LENGTH:
        start = _shared_length(before, after) - _SHARED_LENGTH
        if start > _SHARED_LENGTH:
            before, after = f"…{before[start:]}", f"…{after[start:]}"
    return f"{shorten(before, _VALUE_LENGTH)} -> {shorten(after, _VALUE_LENGTH)}"


def _shared_length(one: str, other: str) -> int:
    """Count the characters at the beginning that two texts share."""
    for position, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return position
    return min(len(one), len(other))


def _whole_text(value: Side) -> str:
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, list):
        return f"[{', '.join(_whole_text(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
