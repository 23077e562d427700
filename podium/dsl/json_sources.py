"""Definitions of workflows, read from wherever they stand as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

from podium.model import codec, json_text
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError, Fault, InvalidRequest
from podium.model.texts import shown
from podium.model.values import JsonObject, JsonValue


def read_definition(source: str | bytes | Path | JsonObject | WorkflowDef) -> tuple[WorkflowDef, JsonObject | None]:
    """
    Read a definition, and return it with the document that it was read from, if it was one.

    Args:
        source: A path; JSON text (it begins with ``{``); what ``json.loads`` gave; or a definition.

    Raises:
        DefinitionError: It is no definition; all that is wrong is named.
        InvalidRequest: *source* is nothing of these.
        OSError: The file cannot be read.
    """
    if isinstance(source, WorkflowDef):
        return source, None
    if not isinstance(source, Mapping | str | bytes | PurePath):
        raise InvalidRequest(f"a path, JSON text, a map or a WorkflowDef is expected, not {shown(source)}")
    document = _checked(source) if isinstance(source, Mapping) else _parse(source)
    definition = codec.from_dict(document, WorkflowDef)  # which refuses what is no object
    return definition, document if isinstance(document, Mapping) else None


def _parse(source: str | bytes | Path) -> JsonValue:
    subject = "WorkflowDef"
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        text: str | bytes = source.removeprefix("\ufeff")
    elif isinstance(source, bytes):
        text = source
    else:
        text, subject = _content(source), f"definition in {source}"
    try:
        return json_text.parse(text)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this is not JSON: {error}")], subject=subject) from error


def _content(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        words = "there is no such file (a workflow is given as itself, as JSON or as a file's path, not by its name)"
        raise FileNotFoundError(error.errno, words, str(path)) from None
    except ValueError as error:
        raise InvalidRequest(f"{shown(path)} is no path of a file: {error}") from None


def _checked(document: JsonObject) -> JsonObject:
    try:
        json_text.check(document)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this cannot be JSON: {error}")], subject="WorkflowDef") from error
    return document
