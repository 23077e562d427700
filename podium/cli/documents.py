"""What a JSON file holds: a workflow, a task definition, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from podium.model import json_text
from podium.model.errors import DefinitionError, Fault
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from podium.model.definitions import TaskDef, WorkflowDef

#: Keys that only task definitions have.
_OWN = frozenset({"retryCount", "retryLogic", "retryDelaySeconds", "responseTimeoutSeconds", "inputKeys", "outputKeys"})


@frozen(kw_only=True)
class Documents:
    """The workflows and the task definitions of a file, each in its order."""

    workflows: Sequence[JsonObject]
    task_defs: Sequence[JsonObject]

    def definitions(self) -> list[WorkflowDef]:
        """
        Read the workflows.

        Raises:
            DefinitionError: One is no workflow.
        """
        from podium.model import codec
        from podium.model.definitions import WorkflowDef

        return [codec.from_dict(each, WorkflowDef) for each in self.workflows]

    def task_definitions(self) -> list[TaskDef]:
        """
        Read the task definitions.

        Raises:
            DefinitionError: One is no task definition.
        """
        from podium.model import codec
        from podium.model.definitions import TaskDef

        return [codec.from_dict(each, TaskDef) for each in self.task_defs]


def read_documents(content: bytes) -> Documents:
    """
    Return what is in a file.

    Raises:
        DefinitionError: It is no JSON, or holds something else than objects.
    """
    try:
        document = json_text.parse(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise DefinitionError([Fault("", f"this is not JSON: {error}")]) from error
    objects = list(_objects(document))
    return Documents(
        workflows=[each for each in objects if not is_task_def(each)],
        task_defs=[each for each in objects if is_task_def(each)],
    )


def _objects(document: JsonValue) -> Iterator[JsonObject]:
    for each in document if isinstance(document, list) else [document]:
        if not isinstance(each, dict):
            raise DefinitionError([Fault("", "an object is expected here")], subject="WorkflowDef")
        yield each


def is_task_def(document: JsonObject) -> bool:
    """Return whether this is a task definition: it has a name, and a key that only task definitions have."""
    return "tasks" not in document and "name" in document and bool(_OWN & document.keys())


def bundle(workflows: Sequence[WorkflowDef], task_defs: Sequence[TaskDef]) -> str:
    """Return a list of definitions as canonical JSON text; `read_documents` tells them apart again."""
    from podium.model import codec

    # Every other key may be missing where a task definition says nothing but its name.
    tasks = [{**codec.to_dict(each), "retryCount": each.retry_count} for each in task_defs]
    return json_text.write([*(codec.to_dict(each) for each in workflows), *tasks])
