"""What a definition's JSON means: nulls and defaults left out, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from podium.model.codec import camel
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask

#: A key that the SDK's models write and that Conductor does not read: it repeats ``type``.
_REPEATED = {WorkflowTask: {"workflowTaskType"}}


def meaning(document: Any, kind: Any) -> Any:
    """
    Return JSON data without what says nothing.

    Args:
        document: The data.
        kind: What it is: a class of definitions, or a type hint of one of its fields.

    Returns:
        New data; equal for two documents if and only if they mean the same to Conductor.
    """
    named = _class_in(kind)
    if named is not None and isinstance(document, Mapping):
        return _object(document, named)
    if isinstance(document, list | tuple):
        item = get_args(kind)[0] if get_origin(kind) in {tuple, Sequence} else None
        return [meaning([] if each is None and item else each, item) for each in document]
    if isinstance(document, Mapping):
        value = get_args(kind)[1] if get_origin(kind) is Mapping else None
        return {key: meaning(each, value) for key, each in document.items()}
    return document.value if isinstance(document, Enum) else document


def workflow_meaning(document: Any) -> Any:
    """Return what a workflow definition means."""
    return meaning(document, WorkflowDef)


def task_meaning(document: Any) -> Any:
    """Return what a task definition means."""
    return meaning(document, TaskDef)


def _object(document: Mapping[str, Any], kind: type) -> dict[str, Any]:
    fields = _fields(kind)
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key not in fields:
            if key not in _REPEATED.get(kind, ()):
                found[key] = value
            continue
        hint, default = fields[key]
        meant = meaning(value, hint)
        if meant is not None and meant != default:
            found[key] = meant
    return found


@cache
def _fields(kind: Any) -> Mapping[str, tuple[Any, Any]]:
    """Return hint and default of each field by its wire name."""
    hints = get_type_hints(kind)
    found = {}
    for one in attrs.fields(kind):
        default = one.default.factory() if isinstance(one.default, attrs.Factory) else one.default  # type: ignore[arg-type]  # attrs calls the class a function
        found[camel(one.name)] = (hints[one.name], meaning(default, None) if default is not attrs.NOTHING else default)
    return found


def _class_in(hint: Any) -> type | None:
    arms = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return next((arm for arm in arms if isinstance(arm, type) and attrs.has(arm)), None)
