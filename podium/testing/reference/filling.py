"""``${…}`` filled in, by the rules that authors know: a whole text keeps its value's type, a missing value is null."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from podium.expressions.text import java_text
from podium.testing.reference.steps import UNKNOWN, Undetermined

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_PART = re.compile(r"\[(\d+)\]|\['([^']*)'\]|([^.\[\]]+)")


def filled(template: Any, look_up: Callable[[list[str | int]], Any]) -> Any:
    """
    Return a template with every reference in it filled in.

    Args:
        template: JSON.
        look_up: Gives what a path leads to; None if there is nothing.

    Example:
        >>> filled({"a": "${t.output.n}", "b": "n=${t.output.n}"}, lambda path: 3)
        {'a': 3, 'b': 'n=3'}
    """
    if isinstance(template, dict):
        return {key: filled(value, look_up) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled(value, look_up) for value in template]
    if not isinstance(template, str):
        return template
    whole = _REFERENCE.fullmatch(template)
    if whole is not None:
        return look_up(path_of(whole[1]))
    texts = []
    end = 0
    for found in _REFERENCE.finditer(template):
        value = look_up(path_of(found[1]))
        if is_unknown(value):
            return UNKNOWN
        texts += [template[end : found.start()], java_text(value)]
        end = found.end()
    return "".join([*texts, template[end:]])


def path_of(reference: str) -> list[str | int]:
    """
    Return the parts of a reference.

    Example:
        >>> path_of("t.output.items[0]['a b']")
        ['t', 'output', 'items', 0, 'a b']
    """
    return [int(m[1]) if m[1] is not None else m[2] if m[2] is not None else m[3] for m in _PART.finditer(reference)]


def member(value: Any, path: list[str | int]) -> Any:
    """Return what a path leads to within a value; None if there is nothing."""
    for part in path:
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def is_unknown(value: Any) -> bool:
    """Return whether a value is unknown, or holds one that is."""
    if isinstance(value, dict):
        return any(map(is_unknown, value.values()))
    return any(map(is_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def agrees(expected: Any, actual: Any) -> bool:
    """Return whether a value is what is expected; what is unknown may be anything."""
    if expected is UNKNOWN:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(agrees(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(agrees, expected, actual))
    return bool(expected == actual) and isinstance(expected, bool) == isinstance(actual, bool)


def certain(value: Any) -> Any:
    """
    Return a value on which the flow depends.

    Raises:
        Undetermined: It is not known.
    """
    if is_unknown(value):
        raise Undetermined(repr(value))
    return value


def known(value: Any) -> Any:
    """Return a value with null in the place of what is not known."""
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value]
    return None if value is UNKNOWN else value
