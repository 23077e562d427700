"""The check of a workflow as its author has it: with its places, its types, and the comments that ignore problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import evolve

from podium.checks.called import calls_of
from podium.checks.context import CheckContext, family_of
from podium.checks.document import check_document
from podium.checks.ignores import Ignores
from podium.checks.ruling import check_within
from podium.dsl.writing import Writing
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import AuthoringError, DefinitionError
from podium.model.problems import CheckReport, Problem
from podium.model.task_types import task_kind
from podium.model.values import JsonObject
from podium.model.walk import walk

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow

#: Rules that see more when more is given to the check.
_OF_OTHERS = frozenset({"R2", "R3", "L5", "I1"})


def check_workflow(
    workflow: Workflow[..., Any],
    context: CheckContext,
    *,
    document: JsonObject | None = None,
    notes: bool = False,
) -> CheckReport:
    """
    Look for mistakes in a workflow.

    Args:
        workflow: The workflow.
        context: What is around it; its own tasks are known in any case.
        document: The JSON that it was read from.
        notes: Give notes too.

    Returns:
        The problems in document order. A mistake that keeps the definition from being made is the only one.
    """
    try:
        definition, writing = workflow.definition, workflow.writing
        own_tasks = workflow.task_defs
    except AuthoringError as error:
        return CheckReport([problem_of(error)])
    if context.tasks is not None:
        tasks = {**{each.name: each for each in own_tasks}, **context.tasks}
        context = evolve(context, tasks=tasks)
    found = CheckReport([*_namesakes(workflow), *check_within(context, definition, writing, notes=notes)])
    if document is not None:
        return CheckReport([*check_document(document), *found])
    return CheckReport(_heeded(definition, writing, context, found))


def _namesakes(workflow: Workflow[..., Any]) -> Iterator[Problem]:
    """Find workflows that share name and version: only one of them could be registered, and run for both."""
    known: dict[tuple[str, int], Workflow[..., Any]] = {}
    for each in family_of(workflow):
        first = known.setdefault((each.name, each.version), each)
        if first is not each and first.definition != each.definition:
            places = " and ".join(str(one.place) for one in (first, each) if one.place)
            message = f"two workflows are called {each.name!r} version {each.version}" + (
                f": {places}" if places else ""
            )
            hint = "only one of them would run; give one another name, or another version"
            yield Problem(code="N1", path="", place=workflow.place, message=message, hint=hint)


def problem_of(error: AuthoringError) -> Problem:
    """Return a mistake that was raised as a problem."""
    return Problem(code=error.code, path="", place=error.place, message=error.faults[0].message)


def problems_of(error: DefinitionError) -> list[Problem]:
    """Return everything that keeps a definition from being read."""
    if isinstance(error, AuthoringError):
        return [problem_of(error)]
    return [Problem(code="JSON", path=fault.path, message=fault.message) for fault in error.faults]


def check_one(
    workflow: Workflow[..., Any], *, tasks: Iterable[TaskDef] | None, others: Iterable[Any], notes: bool
) -> CheckReport:
    """Return the problems of one workflow that is checked alone, among all that it calls and *others*."""
    around = CheckContext.of([workflow, *others], tasks)
    return check_workflow(workflow, around, document=workflow.document, notes=notes)


def _heeded(definition: WorkflowDef, writing: Writing, context: CheckContext, found: CheckReport) -> list[Problem]:
    ignores = Ignores(writing.place, writing.places.values(), is_function=writing.is_function)
    kept = ignores.without_ignored(found)
    unsure = frozenset({"T1"}) if context.tasks is None else frozenset()
    if _calls_outside(definition, context):
        unsure |= _OF_OTHERS
    return [*kept, *ignores.without_ignored(ignores.unused(unsure=unsure))]


def _calls_outside(definition: WorkflowDef, context: CheckContext) -> bool:
    """Return whether a definition calls, or may call, what is not at hand."""
    failure = definition.failure_workflow
    if failure and context.find(failure, definition.failure_workflow_version) is None:
        return True
    calling = (visit.task for visit in walk(definition.tasks) if task_kind(visit.task.type).calls)
    return any(not list(calls_of(task, context)) for task in calling)
