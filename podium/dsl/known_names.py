"""Which names of tasks can come in runs of some definitions, and what is said to one who names another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from podium.dsl.names import nearest
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.walk import walk

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


def known_names(definitions: Iterable[WorkflowDef], *, only_references: bool = False) -> frozenset[str] | None:
    """
    Return the names of tasks that can come; None where a run decides itself which these are.

    Args:
        definitions: The workflow, and all that it calls.
        only_references: Reference names; without it the names of worker tasks too.
    """
    tasks = [task for definition in definitions for task in tasks_of(definition)]
    if any(task.type in _OPEN or _is_computed(task) for task in tasks):
        return None
    found = {task.task_reference_name for task in tasks}
    return frozenset(found if only_references else found | {task.name for task in tasks}) - {""}


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


def _is_computed(task: WorkflowTask) -> bool:
    """Return whether it is a sub-workflow of which a run decides what it is."""
    params = task.sub_workflow_param
    return params is not None and (isinstance(params.workflow_definition, str) or "${" in (params.name or ""))
