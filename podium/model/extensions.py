"""
Verbs that higher rooms supply.

A workflow can draw and run itself, yet the rooms that draw and run stand above the model and must not be imported
from it. So the model asks here by name, and `podium/__init__.py`, which knows every room, says where each verb lives.
The target is imported at its first use, as a backend is.
"""

from __future__ import annotations

from importlib import import_module

from podium.model.errors import InternalError
from podium.model.values import JsonValue

_targets: dict[str, str] = {}


def supply(verb: str, target: str) -> None:
    """
    Say where a verb lives.

    Args:
        verb: Such as ``render.file``.
        target: ``module:function``.
    """
    _targets[verb] = target


def call(verb: str, *args: JsonValue, **kwargs: JsonValue) -> JsonValue:
    """
    Call the function that was supplied for *verb*.

    Raises:
        InternalError: Nobody supplied it.
    """
    target = _targets.get(verb)
    if target is None:
        raise InternalError(f"no room supplies the verb {verb!r}")
    module, _, function = target.partition(":")
    return getattr(import_module(module), function)(*args, **kwargs)
