"""A definition as lines, one for each step and each setting: what a comparison by line should compare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from podium.diff.settings import STAMPED, TIMES, Path, path_text
from podium.diff.spots import lane_text, own_settings
from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.texts import clean
from podium.model.values import JsonValue
from podium.model.walk import blocks

#: What is told in the line of a step or of the definition itself.
_TOLD: Final = frozenset({"type", "name", "version", "tasks"})
#: The only one that servers take.
_SCHEMA_VERSION: Final = 2
#: Characters that do something to a terminal, or reorder what follows.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def listing(definition: WorkflowDef) -> str:
    """
    Return a definition as text: its settings, then its steps with their settings, nested as they are.

    Made for ``git diff``: settings are sorted, defaults are left out and nothing is cut, so a line differs where the
    definition does, and stands below the step that it belongs to. Masked values are shown: the file has them too.

    Args:
        definition: The definition.
    """
    return "".join(f"{line}\n" for line in _definition(definition))


def _definition(definition: WorkflowDef) -> Iterator[str]:
    yield clean(f"{definition.name} version {definition.version}")
    header = {key: value for key, value in to_dict(definition).items() if key not in TIMES | _TOLD}
    if definition.schema_version == _SCHEMA_VERSION:
        del header["schemaVersion"]
    yield from _indented(_settings(header))
    yield from _steps(definition.tasks)


def _steps(tasks: Iterable[WorkflowTask]) -> Iterator[str]:
    for task in tasks:
        name = "" if task.name == task.task_reference_name else f" {task.name}"
        yield clean(f"- {task.task_reference_name} [{task.type}]{name}")
        own = own_settings(task)
        yield from _indented(_settings({key: value for key, value in own.items() if key not in _TOLD}))
        for block in blocks(task):
            if block.tasks or block.kind == "case":
                yield f"  {lane_text(block.kind, block.label)}"
                yield from _indented(_indented(_steps(block.tasks)))
        params = task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef):
            yield from _indented(_definition(params.workflow_definition))


def _settings(values: Mapping[str, JsonValue]) -> Iterator[str]:
    for path, value in _leaves((), dict(values)):
        lines = _lines(value)
        if len(lines) == 1:
            yield f"{path_text(path)}: {lines[0]}"
        else:
            yield f"{path_text(path)}:"
            yield from (f"  | {line}".rstrip() for line in lines)


def _leaves(path: Path, value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    if path[-1:] and path[-1] in TIMES and path[-2:-1] and path[-2] in STAMPED:
        return
    if isinstance(value, dict) and (value or not path):
        for key in sorted(value):
            yield from _leaves((*path, key), value[key])
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves((*path, number), item)
    else:
        yield path, value


def _lines(value: JsonValue) -> list[str]:
    """Return a value as lines: a text of several lines as these, a text that looks like another value in quotes."""
    if not isinstance(value, str):
        return [json.dumps(value, ensure_ascii=False, sort_keys=True)]
    if _looks_like_another(value):
        return [json.dumps(value, ensure_ascii=False)]
    return [_CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", line) for line in value.split("\n")]


def _looks_like_another(text: str) -> bool:
    if text != text.strip() and "\n" not in text:
        return True
    try:
        json.loads(text)
    except ValueError:
        return not text
    return True


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
