"""Inputs and outputs given on the command line: ``key=value``, ``key=@file``, ``@file``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from podium.cli.subjects import Subject
from podium.model import json_text
from podium.model.errors import AuthoringError, InvalidRequest
from podium.model.values import JsonValue


def read_pairs(entries: Sequence[str], hints: Mapping[str, Any] | None = None) -> dict[str, JsonValue]:
    """
    Put inputs together; the last one of a name counts.

    Args:
        entries: ``key=value``, ``key=@file`` or ``@file`` each. A value is JSON if it can be read as such, otherwise
            text. ``@-`` is the standard input.
        hints: Declared types by name: what is declared as text stays text, so ``zip=01234`` and ``id=1`` need no
            quotes.

    Raises:
        InvalidRequest: An entry has neither form, a file cannot be read, or ``@file`` holds no JSON object.

    Example:
        >>> read_pairs(["id=1", "speed=EXPRESS", "items=[1, 2]", "zip=1"], {"zip": str})
        {'id': 1, 'speed': 'EXPRESS', 'items': [1, 2], 'zip': '1'}
    """
    found: dict[str, JsonValue] = {}
    for entry in map(_decoded, entries):
        key, equals, value = entry.partition("=")
        if entry.startswith("@"):
            found |= _object_in(entry[1:])
        elif key and equals:
            text = _read(value[1:]) if value.startswith("@") else value
            found[key] = _value(text, (hints or {}).get(key, Any))
        else:
            raise InvalidRequest(f"{entry!r} is no input; write KEY=VALUE, KEY=@FILE or @FILE")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"an input holds half a character (a lone surrogate): {error.object!r:.60}") from error
    return found


def _decoded(word: str) -> str:
    """Read a word as UTF-8 where the locale knew no better; Python keeps such bytes as lone surrogates."""
    try:
        return os.fsencode(word).decode()
    except UnicodeError as error:
        raise InvalidRequest(f"{word!r} is no text in UTF-8") from error


def _object_in(file: str) -> dict[str, JsonValue]:
    try:
        value = json_text.parse(_read(file))
    except ValueError as error:
        raise InvalidRequest(f"{file} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidRequest(f"{file} should hold a JSON object, with the inputs by name")
    return value


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is no text in UTF-8") from error


def _value(text: str, hint: Any) -> JsonValue:
    try:
        value = json_text.parse(text)
    except ValueError:
        return text
    kinds = set(get_args(hint)) if get_origin(hint) in {Union, UnionType} else {hint}
    if str not in kinds or not kinds <= {str, NoneType} or isinstance(value, str):
        return value
    return None if value is None and NoneType in kinds else text


def read_input(subject: Subject, entries: Sequence[str]) -> dict[str, JsonValue]:
    """
    Return the input of a run: what the user gave, and the defaults of the workflow's parameters.

    Raises:
        InvalidRequest: An entry is wrong, or a workflow that is written as a function misses an input, knows
            none of this name, or declares another type.
        DefinitionError: The workflow is wrong.
    """
    from podium.dsl.names import nearest

    definition = subject.definition
    if not subject.is_python:
        return read_pairs(entries)  # the engine applies inputTemplate as Conductor does
    workflow = subject.workflow
    given = read_pairs(entries, workflow.annotations)
    try:
        _ = workflow.fn
    except AuthoringError:  # it is written as a value, which declares names but no more
        return {**definition.input_template, **given}
    parameters = workflow.signature.parameters
    unknown = [name for name in given if name not in parameters]
    if unknown:
        guess = nearest(unknown[0], parameters)
        advice = f"did you mean {guess}?" if guess else f"its inputs are: {', '.join(parameters) or 'none'}"
        raise InvalidRequest(f"{subject.name} has no input {unknown[0]!r}; {advice}")
    missing = [name for name, each in parameters.items() if each.default is each.empty and name not in given]
    if missing:
        example = " ".join(f"-i {name}=…" for name in missing)
        raise InvalidRequest(f"{subject.name} needs {', '.join(missing)}; write {example}")
    workflow.check_input(given)
    return {**definition.input_template, **given}
