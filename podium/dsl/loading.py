"""Workflows from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from podium.dsl.places import brief
from podium.dsl.workflows import Workflow
from podium.model import codec, json_text
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError, Fault, InvalidRequest
from podium.model.texts import shown
from podium.model.values import JsonObject, JsonValue


@brief
def load(source: str | bytes | Path | JsonObject | WorkflowDef) -> Workflow[..., Any]:
    """
    Read a workflow from canonical JSON.

    Args:
        source: A path; JSON text (it begins with ``{``); what ``json.loads`` gave; or a definition.

    Returns:
        A workflow with the same verbs as one written in Python. It names no workers: ``.run(workers=[...], **input)``.

    Raises:
        DefinitionError: It is no definition; all that is wrong is named.
        OSError: The file cannot be read.

    Example:
        >>> load({"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a"}]}).definition.tasks[0].type
        'SIMPLE'
    """
    if isinstance(source, WorkflowDef):
        return Workflow.from_definition(source)
    if not isinstance(source, Mapping | str | bytes | PurePath):
        raise InvalidRequest(f"a path, JSON text, a map or a WorkflowDef is expected, not {shown(source)}")
    document = _checked(source) if isinstance(source, Mapping) else _parse(source)
    return Workflow.from_definition(codec.from_dict(document, WorkflowDef), document)


def _parse(source: str | bytes | Path) -> JsonValue:
    subject = "WorkflowDef"
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        text: str | bytes = source.removeprefix("\ufeff")
    elif isinstance(source, bytes):
        text = source
    else:
        text, subject = Path(source).read_bytes(), f"definition in {source}"
    try:
        return json_text.parse(text)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this is not JSON: {error}")], subject=subject) from error


def _checked(document: JsonObject) -> JsonObject:
    try:
        json_text.check(document)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this cannot be JSON: {error}")], subject="WorkflowDef") from error
    return document
