"""Workflows from JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from podium.dsl.json_sources import read_definition
from podium.dsl.places import brief
from podium.dsl.workflows import Workflow
from podium.model.definitions import WorkflowDef
from podium.model.values import JsonObject


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
    return Workflow.from_definition(*read_definition(source))
