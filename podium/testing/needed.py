"""What a simulated run is made of: its definition and all that this calls, its input, and mocks that it can need."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from podium.dsl import Workflow, load
from podium.dsl.known_names import tasks_of
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskType
from podium.model.texts import shown, storable
from podium.testing.mocks import MockScope, is_request

#: A workflow, a definition, or what `podium.load` reads.
Simulated: TypeAlias = "Workflow[..., Any] | WorkflowDef | Mapping[str, Any] | str"


def checked_run(given: object, subject: str) -> WorkflowRun:
    """
    Return a run, or raise what says where runs come from.

    Raises:
        InvalidRequest: It is none.
    """
    if isinstance(given, WorkflowRun):
        return given
    raise InvalidRequest(
        f"{subject} takes a run, such as simulate(...) or client.get(run_id) gives, not {shown(given)}"
    )


def stand_ins(scope: MockScope, definitions: Iterable[WorkflowDef]) -> list[WorkflowDef]:
    """Return stand-ins for workflows that are called, not known, and mocked: they wait until their end is told."""
    known = {definition.name for definition in definitions}
    found: dict[tuple[str, int], WorkflowDef] = {}
    for definition in definitions:
        for task in tasks_of(definition):
            params = task.sub_workflow_param
            name = params.name if params is not None else None
            if params is None or not name or name in known or params.workflow_definition is not None:
                continue
            if scope.find(task.task_reference_name, task.name) is not None:
                waiting = WorkflowTask(name="wait", task_reference_name="mocked", type=TaskType.WAIT)
                version = params.version or 1
                found[name, version] = WorkflowDef(name=name, version=version, tasks=(waiting,))
    return list(found.values())


def authored_of(workflow: Simulated) -> Workflow[..., Any]:
    """
    Return what is simulated as a workflow.

    Raises:
        InvalidRequest: It is a function without ``@workflow``, or a name.
        DefinitionError: It is no definition.
    """
    if isinstance(workflow, Workflow):
        return workflow
    if callable(workflow):
        raise InvalidRequest(f"{workflow!r} is no workflow; put @workflow above it")
    try:
        return load(workflow)
    except OSError as error:
        raise InvalidRequest(f"{shown(workflow)}: {error.strerror}") from None


def input_of(given: Mapping[str, object] | None, mocks: Mapping[str, Any] | None) -> Mapping[str, object] | None:
    """Return the input, or that of a test request."""
    if given is None and isinstance(mocks, Mapping) and is_request(mocks):
        return mocks.get("input")
    return given


def secrets_here() -> Mapping[str, str]:
    """Return the secrets of this process's environment, by name."""
    return _by_prefix("CONDUCTOR_SECRET_")


def environment_here() -> Mapping[str, str]:
    """Return what this process's environment has for ``${workflow.env.…}``, by name."""
    return _by_prefix("CONDUCTOR_ENV_")


def _by_prefix(prefix: str) -> Mapping[str, str]:
    return {name.removeprefix(prefix): storable(value) for name, value in os.environ.items() if name.startswith(prefix)}


def definitions_of(given: Iterable[Workflow[..., Any] | WorkflowDef | TaskDef]) -> list[WorkflowDef]:
    """
    Return all workflow definitions that come with something.

    Raises:
        InvalidRequest: Something in it is neither a workflow nor a definition.
    """
    found: list[WorkflowDef] = []
    for one in given:
        if not isinstance(one, Workflow | WorkflowDef | TaskDef):
            raise InvalidRequest(f"others= takes workflows and definitions of tasks, not {shown(one)}")
        found += one.definitions if isinstance(one, Workflow) else [one] if isinstance(one, WorkflowDef) else []
    return found
