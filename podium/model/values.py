"""The words for JSON values, and readers for what stands in objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    #: Anything that JSON can hold. What users take apart by hand (``to_dict``) says ``Any``, as ``json.loads`` does.
    JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
else:
    # Converters and schemas read hints at run time, where a type that holds itself would have no end.
    JsonValue = Any

#: A JSON object. Treat it as read-only unless you made it.
JsonObject: TypeAlias = Mapping[str, JsonValue]


def list_in(data: JsonObject, key: str) -> Sequence[JsonValue]:
    """
    Return the list that an object has under a key; an empty one where there is none.

    Example:
        >>> list_in({"joinOn": ["a"]}, "joinOn"), list_in({"joinOn": "a"}, "joinOn")
        (['a'], ())
    """
    found = data.get(key)
    return found if isinstance(found, list | tuple) else ()


def object_in(data: JsonObject, key: str) -> JsonObject:
    """
    Return the object that another one has under a key; an empty one where there is none.

    Example:
        >>> object_in({"input": {"a": 1}}, "input"), object_in({"input": None}, "input")
        ({'a': 1}, {})
    """
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}
