"""
Recordings: what they say, and how their values are made comparable.

A recording is a file of JSON lines, plain or gzip. A line is ``{"case": …, "answers": [answer, …]}``; one answer may
stand alone as ``"answer"``, and a ``"title"`` beside it. See the README of a recording for the keys of a case.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from podium.model.codec import from_dict, to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError
from podium.model.values import JsonValue

#: What one run, or all runs of a case, came to; values as JSON.
Answer = Mapping[str, Any]


@frozen
class Case:
    """One line of a recording."""

    title: str
    #: What to register, to start and to answer.
    case: Mapping[str, Any]
    #: What the official server gave; any of them is right.
    answers: tuple[Answer, ...]


def read(path: Path) -> Iterator[Case]:
    """
    Yield the cases of a recording, in order.

    Raises:
        OSError: It cannot be read.
        ValueError: A line is no case; the text names the line.
    """
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                data = json.loads(line)
                answers = data["answers"] if "answers" in data else [data["answer"]]
                case = data["case"]
                title = data.get("title") or f"{case['profile']} {case['seed']}"
                yield Case(f"{path.name}:{number} {title}", case, tuple(map(comparable, answers)))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}:{number} is no case of a recording: {error!r}") from error


def comparable(answer: Answer) -> Answer:
    """Return an answer in which definitions have one spelling."""
    return {key: _walk(value) for key, value in answer.items()}


def _walk(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return {key: _SPELT.get(key, _walk)(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(inner) for inner in value]
    return value


def _workflow(value: JsonValue) -> JsonValue:
    if not isinstance(value, Mapping):
        return _walk(value)
    try:
        return _pruned(to_dict(from_dict(_bare(value), WorkflowDef)))
    except DefinitionError:
        return _walk(value)


def _tasks(value: JsonValue) -> JsonValue:
    bare = _bare(value)
    if not isinstance(bare, list):
        return _walk(value)
    try:
        return [_pruned(to_dict(from_dict(one, WorkflowTask))) for one in bare]
    except DefinitionError:
        return _walk(value)


def _bare(value: JsonValue) -> JsonValue:
    """Return a definition without the task definitions that a server attaches."""
    if isinstance(value, Mapping):
        return {key: _bare(inner) for key, inner in value.items() if key != "taskDefinition"}
    return [_bare(inner) for inner in value] if isinstance(value, list | tuple) else value


def _pruned(value: JsonValue) -> JsonValue:
    """Leave out what recordings leave out of definitions: nulls, empties, zeros and the first version."""
    if isinstance(value, Mapping):
        kept = {key: _pruned(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner and not (key == "version" and inner == 1)}
    return [_pruned(inner) for inner in value] if isinstance(value, list | tuple) else value


_SPELT: Mapping[str, Callable[[JsonValue], JsonValue]] = {
    "subWorkflowDefinition": _workflow,
    "forkedTaskDefs": _tasks,
}
