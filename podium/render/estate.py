"""
Which workflow runs which: a graph of workflows, for those who look after many of them.

The calls are read from the definitions, so those that a run decides on stay unknown, and are said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
from attrs import evolve, frozen

from podium.model import codec, json_text
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, RenderError
from podium.model.statuses import TaskType
from podium.model.values import JsonValue
from podium.model.walk import walk
from podium.render import mimebundle, outline, render_file
from podium.render.catalogue import definition_of

if TYPE_CHECKING:
    from os import PathLike


#: Inline definitions inside inline definitions deeper than this are not looked at, so that none can exhaust the stack.
_DEPTH_MAX = 20


class CallKind(StrEnum):
    """How one workflow runs another."""

    SUB_WORKFLOW = "sub-workflow"
    #: One run of it for each branch of a dynamic fork.
    FAN_OUT = "fan-out"
    START_WORKFLOW = "start-workflow"
    FAILURE_WORKFLOW = "failure-workflow"


@frozen(kw_only=True)
class EstateCall:
    """One place at which a workflow runs another."""

    kind: CallKind
    #: Reference name of the task, ``outer/inner`` inside an inline definition; empty for a failure workflow.
    reference: str
    #: The version of the caller.
    caller_version: int
    #: The version that is called; None for the newest one.
    version: int | None = None
    #: No definition of that name and version is known.
    missing: bool = False


class Estate(nx.DiGraph):  # type: ignore[type-arg]  # generic for the type checker only, not at run time
    """The graph that `estate` makes: a ``networkx.DiGraph`` that can be drawn. Its sub-graphs can be drawn too."""

    def render(self, path: str | PathLike[str], **options: Any) -> str:
        """
        Draw it into a file, as `podium.render.render_file` does.

        Raises:
            RenderError: The suffix is unknown, or the picture cannot be made.
        """
        return render_file(self, path, **options)

    def describe(self, **options: Any) -> str:
        """
        Return it as an outline: each workflow, and below it those that it runs, with where and how.

        Raises:
            RenderError: An option is wrong.
        """
        return outline(self, **options)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        return mimebundle(self, include=include, exclude=exclude)


def estate(definitions: Iterable[object]) -> Estate:
    """
    Make the graph of workflows and of who runs whom.

    Workflows of all versions are one node. An inline sub-workflow belongs to the workflow that holds it, and so do its
    calls. Draw it like a workflow: ``podium.render.svg(graph)``, ``graph.render("estate.svg")``; ``focus`` and
    ``hops``, or ``between``, draw a part.

    =========  ==========================================================================================
    node       meaning
    =========  ==========================================================================================
    (key)      the workflow's name; ``caller/reference`` where only a run tells which workflow it is
    kind       workflow, missing (called, but no definition is known), unknown (a run decides)
    versions   the versions that are known, ascending
    tasks      number of tasks of the newest version, those of inline sub-workflows not counted
    owner      ``ownerEmail`` of the newest version, or None
    label      for ``unknown`` the expression that a run resolves; otherwise the name
    =========  ==========================================================================================

    =========  ==========================================================================================
    edge       meaning
    =========  ==========================================================================================
    kinds      a tuple of `CallKind` values, each once
    calls      a tuple of `EstateCall`, one for each place, versions ascending and then in definition order
    missing    one of the calls names a version that is not known
    =========  ==========================================================================================

    Args:
        definitions: `WorkflowDef`s, or workflows, which bring the definitions that they need. Of two definitions with
            the same name and version the first counts.

    Raises:
        RenderError: Something else was given.

    Example:
        >>> child = WorkflowDef(name="charge", version=2, tasks=())
        >>> shop = WorkflowDef(name="shop", tasks=(), failure_workflow="refund")
        >>> graph = estate([shop, child])
        >>> {name: data["kind"] for name, data in graph.nodes(data=True)}
        {'charge': 'workflow', 'shop': 'workflow', 'refund': 'missing'}
    """
    known = _by_name(definitions)
    graph = Estate(kind="estate")
    for name, versions in known.items():
        newest = versions[max(versions)]
        graph.add_node(
            name,
            kind="workflow",
            versions=tuple(sorted(versions)),
            tasks=sum(1 for _ in walk(newest.tasks)),
            owner=newest.owner_email,
            label=name,
        )
    for name, versions in known.items():
        for _, definition in sorted(versions.items()):
            for target, call in _calls(definition):
                _add(graph, name, target, call, known)
    return graph


def _by_name(definitions: Iterable[object]) -> dict[str, dict[int, WorkflowDef]]:
    found: dict[str, dict[int, WorkflowDef]] = {}
    for each in definitions:
        own = definition_of(each)
        if own is None:
            raise RenderError(f"an estate is made of definitions and workflows, not {type(each).__name__}")
        for definition in getattr(each, "definitions", (own,)):
            found.setdefault(definition.name, {}).setdefault(definition.version, definition)
    return dict(sorted(found.items()))


def _add(graph: Estate, caller: str, target: str, call: EstateCall, known: dict[str, dict[int, WorkflowDef]]) -> None:
    # Conductor: ``WorkflowExecutorOps`` reads a failure workflow that begins with ``$`` from the run's input.
    if not target or "${" in target or (call.kind is CallKind.FAILURE_WORKFLOW and target.startswith("$")):
        key = f"{caller}/{call.reference or 'failureWorkflow'}"
        graph.add_node(key, kind="unknown", versions=(), tasks=0, owner=None, label=target or "(no name)")
    else:
        key = target
        missing = target not in known or (bool(call.version) and call.version not in known[target])
        call = evolve(call, missing=missing)
        if key not in graph:
            graph.add_node(key, kind="missing", versions=(), tasks=0, owner=None, label=target)
    old = graph.edges[caller, key]["calls"] if graph.has_edge(caller, key) else ()
    calls = (*old, call)
    graph.add_edge(
        caller,
        key,
        kinds=tuple(dict.fromkeys(each.kind.value for each in calls)),
        calls=calls,
        missing=any(each.missing for each in calls),
    )


def _calls(definition: WorkflowDef) -> Iterator[tuple[str, EstateCall]]:
    """Yield what a definition runs: the name or expression, and the place."""
    yield from _calls_of_tasks(definition.tasks, definition.version, "", 0)
    if definition.failure_workflow:
        yield (
            definition.failure_workflow,
            EstateCall(
                kind=CallKind.FAILURE_WORKFLOW,
                reference="",
                caller_version=definition.version,
                version=definition.failure_workflow_version,
            ),
        )


def _calls_of_tasks(
    tasks: tuple[WorkflowTask, ...], caller_version: int, prefix: str, depth: int
) -> Iterator[tuple[str, EstateCall]]:
    for visit in walk(tasks):
        reference = prefix + visit.task.task_reference_name
        params = visit.task.sub_workflow_param
        inline = params.workflow_definition if params else None
        if visit.task.type == TaskType.SUB_WORKFLOW and isinstance(inline, WorkflowDef):
            if depth < _DEPTH_MAX:
                yield from _calls_of_tasks(inline.tasks, caller_version, f"{reference}/", depth + 1)
            continue
        found = _called(visit.task)
        if found is not None:
            kind, name, version = found
            yield name, EstateCall(kind=kind, reference=reference, caller_version=caller_version, version=version)


def _called(task: WorkflowTask) -> tuple[CallKind, str, int | None] | None:
    """Return how, which name and which version a task runs; None if it runs no workflow."""
    if task.type == TaskType.SUB_WORKFLOW:
        params = task.sub_workflow_param
        if params is None:
            return CallKind.SUB_WORKFLOW, "", None
        expression = params.workflow_definition if isinstance(params.workflow_definition, str) else None
        return CallKind.SUB_WORKFLOW, expression or params.name or "", params.version or None
    if task.type == TaskType.START_WORKFLOW:
        request = task.input_parameters.get("startWorkflow")
        if isinstance(request, dict):
            return CallKind.START_WORKFLOW, str(request.get("name") or ""), _version(request.get("version"))
        return CallKind.START_WORKFLOW, request if isinstance(request, str) else "", None
    if task.type == TaskType.FORK_JOIN_DYNAMIC and task.input_parameters.get("forkTaskWorkflow"):
        inputs = task.input_parameters
        return CallKind.FAN_OUT, str(inputs["forkTaskWorkflow"]), _version(inputs.get("forkTaskWorkflowVersion"))
    return None


def _version(value: JsonValue) -> int | None:
    """Read a version, which inputs hold as a number or a text; None for the newest, and for what a run decides."""
    text = str(value)
    return int(text) or None if text.isdecimal() else None


def read_folder(folder: str | PathLike[str]) -> tuple[list[WorkflowDef], dict[str, str]]:
    """
    Read the workflow definitions of all JSON files in a folder and below.

    A file holds a definition or a list of them. What is something else, such as task definitions, is passed over.

    Returns:
        The definitions in the order of the files' paths; and path to the reason for each file that was passed over.

    Raises:
        RenderError: There is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise RenderError(f"{folder} is no folder")
    found: list[WorkflowDef] = []
    passed: dict[str, str] = {}
    for path in sorted(root.rglob("*.json")):
        try:
            found += _read(path)
        except (DefinitionError, OSError, ValueError) as error:
            passed[str(path.relative_to(root))] = str(error).splitlines()[0]
    return found, passed


def _read(path: Path) -> list[WorkflowDef]:
    document = json_text.parse(path.read_bytes())
    several = document if isinstance(document, list) else [document]
    if not all(isinstance(each, dict) and "tasks" in each for each in several):
        raise ValueError("it holds no workflow definition")
    return [codec.from_dict(each, WorkflowDef) for each in several]
