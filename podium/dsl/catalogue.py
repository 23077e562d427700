"""
How builders are called: which parameter is which input.

The types and their builders are those of `podium.model.task_types`. It is not loaded with `podium.dsl`, and it loads a
builder's module only when it is asked for that builder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from podium.dsl.builders import converting
from podium.dsl.builders.declaring import Declaration, declaration_of
from podium.model.task_types import TASK_KINDS, Spelling

_SPELLINGS = [spelling for kind in TASK_KINDS.values() for spelling in kind.spellings]
_UNITS = {
    converting.in_seconds: "s",
    converting.in_some_seconds: "s",
    converting.in_milliseconds: "ms",
    converting.in_some_milliseconds: "ms",
    converting.in_minutes: "min",
}


@cache
def builder_named(name: str) -> Callable[..., Any]:
    """
    Return a builder by its name among those of `podium.dsl`.

    Raises:
        AttributeError: There is none.

    Example:
        >>> builder_named("ai.chat").__name__
        'chat'
    """
    room, _, function = name.rpartition(".")
    dsl = import_module("podium.dsl")
    made: Callable[..., Any] = getattr(getattr(dsl, room) if room else dsl, function)
    return made


@cache
def spellings_of(name: str) -> tuple[Spelling, ...]:
    """
    Return how a builder is called, the usual way first; nothing for builders of structures, which take steps.

    Args:
        name: As in `podium.model.task_types.TaskKind.builders`.

    Example:
        >>> spellings_of("mcp.call_tool")[0].parameters["tool"]
        'method'
    """
    declared = declaration_of(builder_named(name))
    if declared is None:
        return tuple(each for each in _SPELLINGS if each.builder == name)
    return (_spelling_of(name, declared),)


def _spelling_of(name: str, declared: Declaration) -> Spelling:
    parameters = declared.parameters
    by_position = [each.name for each in declared.signature.parameters.values() if each.kind is each.POSITIONAL_ONLY]
    given = {name: each.default for name, each in declared.signature.parameters.items() if name in parameters}
    return Spelling(
        builder=name,
        parameters={name: each.key for name, each in parameters.items()},
        positional=tuple(by_position[1:]),
        units={name: _UNITS[each.converter] for name, each in parameters.items() if each.converter in _UNITS},
        defaults={name: value for name, value in given.items() if value not in {None, declared.signature.empty}},
        always=declared.always,
        inside=declared.inside,
        takes_more=declared.takes_more,
        takes_extra=declared.takes_extra,
    )
