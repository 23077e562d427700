"""What a simulated run is made of: its definition and all that this calls, its input, and mocks that it can need."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from podium.dsl import Workflow, load
from podium.dsl.names import nearest
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskType
from podium.model.texts import shown, storable
from podium.model.walk import walk
from podium.testing.mocks import Scope, is_request

#: A workflow, a definition, or what `podium.load` reads.
Simulated: TypeAlias = "Workflow[..., Any] | WorkflowDef | Mapping[str, Any] | str"

_ITERATIONS = re.compile(r"(?:__\d+)+$")
#: What these run is known only at run time.
_OPEN = frozenset({TaskType.FORK_JOIN_DYNAMIC, TaskType.DYNAMIC, TaskType.START_WORKFLOW})


def tasks_of(definition: WorkflowDef) -> Iterator[WorkflowTask]:
    """Yield every task of a definition, those of embedded sub-workflows included."""
    for visit in walk(definition.tasks):
        yield visit.task
        params = visit.task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef):
            yield from tasks_of(params.workflow_definition)


def known_names(definitions: Iterable[WorkflowDef]) -> frozenset[str] | None:
    """Return the reference names and task names that can come; None where a run decides itself which these are."""
    tasks = [task for definition in definitions for task in tasks_of(definition)]
    if any(task.type in _OPEN or _is_computed(task) for task in tasks):
        return None
    return frozenset(name for task in tasks for name in (task.task_reference_name, task.name)) - {""}


def refuse_unknown(names: Iterable[str], known: frozenset[str] | None, subject: str) -> None:
    """
    Refuse names of tasks that can never come.

    Args:
        names: What somebody has named.
        known: As `known_names` gives it.
        subject: Where it was named, such as ``mocks``.

    Raises:
        InvalidRequest: There are such; the message says what may be meant.
    """
    if known is None:
        return
    for name in names:
        if not isinstance(name, str):
            raise InvalidRequest(
                f"{subject}: the name of a task is expected, a text such as 'charge', not {shown(name)}"
            )
        if name not in known and _ITERATIONS.sub("", name) not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(sorted(known))}"
            raise InvalidRequest(f"{subject}: the workflow has no task {name!r}{hint}")


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


def _is_computed(task: WorkflowTask) -> bool:
    """Return whether it is a sub-workflow of which a run decides what it is."""
    params = task.sub_workflow_param
    return params is not None and (isinstance(params.workflow_definition, str) or "${" in (params.name or ""))


def stand_ins(scope: Scope, definitions: Iterable[WorkflowDef]) -> list[WorkflowDef]:
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
        InvalidRequest: It is a function without ``@workflow``.
        DefinitionError: It is no definition.
    """
    if isinstance(workflow, Workflow):
        return workflow
    if callable(workflow):
        raise InvalidRequest(f"{workflow!r} is no workflow; put @workflow above it")
    return load(workflow)


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
