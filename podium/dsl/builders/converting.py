"""How builders read what authors give them: lengths of time, words of a fixed choice, small records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias

import attrs

from podium.dsl.expressions import Script
from podium.dsl.names import nearest
from podium.dsl.refs import Ref, refuse
from podium.dsl.settings import milliseconds, some_seconds, whole_seconds
from podium.expressions.paths import path_fault
from podium.typed import records
from podium.typed.authored import Authored

#: Reads the value of a parameter, whose name is for messages.
Converter: TypeAlias = Callable[[Authored, str], Authored]


class InputRecord(records.CamelCase):
    """
    Base of small records that authors give to builders.

    Unlike other records they leave out what is None, and empty lists and maps.
    """

    __slots__: ClassVar[tuple[str, ...]] = ()


def is_reference(value: Authored) -> bool:
    """Return whether a value is known only while the workflow runs."""
    return isinstance(value, Ref) or (isinstance(value, str) and "${" in value)


def as_json(value: Authored) -> Authored:
    """Return a value with its `InputRecord` records as maps."""
    if isinstance(value, InputRecord):
        kind: Any = type(value)
        # Not `records.fields`, which resolves annotations: only the names are wanted.
        given = {each.name: getattr(value, each.name) for each in attrs.fields(kind)}
        return {records.wire_name(kind, name): as_json(each) for name, each in given.items() if not is_nothing(each)}
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def is_nothing(value: Authored) -> bool:
    """Return whether this is null, an empty list or an empty map; a reference is none of them."""
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)


def in_seconds(value: Authored, parameter: str) -> Authored:
    """Read a length of time, as whole seconds."""
    return whole_seconds(value, parameter)


def in_some_seconds(value: Authored, parameter: str) -> Authored:
    """Read a length of time that is longer than nothing, as whole seconds."""
    return some_seconds(value, parameter)


def in_minutes(value: Authored, parameter: str) -> Authored:
    """Read a length of time, as whole minutes, rounded up."""
    return -(-whole_seconds(value, parameter) // 60)


def in_milliseconds(value: Authored, parameter: str) -> Authored:
    """Read a length of time, as milliseconds."""
    return milliseconds(value, parameter)


def in_some_milliseconds(value: Authored, parameter: str) -> Authored:
    """Read a length of time that is longer than nothing, as milliseconds."""
    return milliseconds(value, parameter) or refuse(f"{parameter}={value!r:.40} must be longer than nothing")


def one_of(*words: str) -> Converter:
    """Read one of a few words, in upper or lower case."""

    def read(value: Authored, parameter: str) -> Authored:
        for word in words:
            if isinstance(value, str) and word.lower() == value.lower():
                return word
        near = nearest(str(value).upper(), words)
        advice = f"; did you mean {near!r}?" if near else ""
        return refuse(f"{parameter}={value!r:.40} is none of {', '.join(words)}{advice}")

    return read


def script_text(value: Authored, parameter: str) -> Authored:
    """Read a script: its text, or ``js("...")`` without inputs."""
    if isinstance(value, Script):
        if value.inputs:
            refuse(f"{parameter}= takes js(...) without inputs: this task has no place for them; read $.ref.output")
        return value.text
    if not isinstance(value, str):
        refuse(f"{parameter}={value!r:.60} is no script; write a text or js('...')")
    return value


def by_path(value: Authored, parameter: str) -> Authored:
    """Read a map whose keys are JSONPaths."""
    if not isinstance(value, Mapping) or not value:
        refuse(f"{parameter}={value!r:.60} is no map from paths to values, such as {{\"$['event']['type']\": 'paid'}}")
    for path in value:
        fault = path_fault(path) if isinstance(path, str) else "it is no text"
        if fault is not None:
            refuse(f"{parameter}: no payload has anything at the path {path!r:.200}: {fault}; write $['event']['type']")
    return value
