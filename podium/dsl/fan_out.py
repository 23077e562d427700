"""
``fan_out``: one task or sub-workflow for each item of a list, all at the same time.

Compiles to FORK_JOIN_DYNAMIC with ``forkTaskInputs`` and a JOIN. Conductor names the instances ``_<task>_<i>``; the
output maps these names to outputs (Conductor: ``ForkJoinDynamicTaskMapper.java``).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast, overload

from podium.dsl import records
from podium.dsl.fork import Join, JoinChoice, join_behind, needed_join
from podium.dsl.refs import Ref, refuse, target_of
from podium.dsl.steps import Configurable
from podium.dsl.tasks import Task
from podium.dsl.values import prepare, render
from podium.dsl.workflows import Workflow
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.dsl.building import Build

R = TypeVar("R")

#: What can run for each item.
Target: TypeAlias = "Task[..., R] | Workflow[..., R] | str | None"

#: The parameter under which an item that is no record arrives.
_SCALAR = "input"


class FanOut(Configurable, Generic[R]):
    """One instance of a task or workflow per item."""

    def __init__(
        self,
        name: str,
        target: Target[R],
        items: Iterable[object],
        *,
        task_type: str | None = None,
        workflow: str | None = None,
        version: int | None = None,
        join: JoinChoice = None,
    ) -> None:
        super().__init__(name)
        self._join = join_behind(name, join)
        self.target = target
        self.items: JsonValue = prepare(items)
        self._chosen = _chosen(name, target, task_type, workflow, version)
        if not isinstance(self.items, Ref | list):
            refuse(f"fan_out {name!r} goes over a list, not {items!r:.60}")
        if isinstance(self.items, Ref) and isinstance(target, Task | Workflow):
            self._check_items(records.item_type(target_of(self.items).hint), target.signature)

    def _check_items(self, item: records.Hint, signature: inspect.Signature) -> None:
        if item is Any or isinstance(item, TypeVar) or records.core(item) in {dict, Mapping, object}:
            return
        if getattr(records.core(item), "__origin__", None) in {dict, Mapping}:
            return
        given = records.fields(item)
        names = set(given) if given is not None else {_SCALAR}
        parameters = signature.parameters.values()
        required = [
            each.name for each in parameters if each.default is each.empty and each.kind is not each.VAR_KEYWORD
        ]
        missing = [name for name in required if name not in names]
        if not missing:
            return
        advice = (
            f"the items' fields are {', '.join(given)}"
            if given is not None
            else f"an item that is no record arrives under the parameter {_SCALAR!r}"
        )
        refuse(f"fan_out {self.reference_name!r}: {self.target!r} needs {', '.join(missing)}; {advice}", code="R3")

    @property
    def join(self) -> Join:
        """
        The JOIN behind it.

        Raises:
            AuthoringError: P1, it was made with ``join=False``.
        """
        return needed_join(self._join, self)

    @property
    def output(self) -> Mapping[str, R]:
        """
        The outputs by instance, in no order that counts; `collected` gives them as a list.

        The output of an instance that returns no record is ``{"result": value}``.
        """
        return cast("Mapping[str, R]", self.join.output)

    def compile(self, build: Build) -> tuple[WorkflowTask, ...]:
        """Give the FORK_JOIN_DYNAMIC and its JOIN."""
        build.claim(self.reference_name, self.place)
        if isinstance(self.target, Task):
            build.use_task(self.target, self.place)
        elif isinstance(self.target, Workflow):
            build.use_workflow(self.target)
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.FORK_JOIN_DYNAMIC.value,
            input_parameters=render({**self._chosen, "forkTaskInputs": self.items}),
        )
        behind = () if self._join is None else self._join.compile(build)
        return (self.with_options(task), *behind)


def _chosen(
    name: str,
    target: Target[Any],
    task_type: str | None,
    workflow: str | None,
    version: int | None,
) -> dict[str, JsonValue]:
    """Give the inputs that say what runs for each item."""
    if target is not None and not isinstance(target, Task | Workflow | str | Ref):
        refuse(f"fan_out {name!r} runs a task or a workflow, not {target!r:.60}")
    if isinstance(target, Workflow):
        if workflow is not None:
            refuse(f"fan_out {name!r} has a workflow and a workflow=; give one of them")
        workflow, version = target.name, target.version if version is None else version
    if target is None and task_type is None and workflow is None:
        refuse(f"fan_out {name!r} runs nothing; give a task, a workflow, task_type= or workflow=")
    if workflow is not None and task_type is not None:
        refuse(f"fan_out {name!r} runs workflow {workflow!r:.40}; task_type= is for tasks")
    if version is not None and workflow is None:
        refuse(f"fan_out {name!r} has a version= without a workflow")
    given: dict[str, JsonValue] = {
        "forkTaskName": target.name if isinstance(target, Task | Workflow) else target,
        "forkTaskType": task_type,
        "forkTaskWorkflow": workflow,
        # A text: Conductor's mapper casts it, and breaks on a number.
        "forkTaskWorkflowVersion": None if version is None else str(version),
    }
    return {key: value for key, value in given.items() if value is not None}


@overload
def fan_out(
    name: str,
    target: Task[..., R] | Workflow[..., R],
    items: Iterable[object],
    *,
    version: int | None = None,
    join: JoinChoice = None,
) -> FanOut[R]: ...
@overload
def fan_out(
    name: str,
    target: str | None,
    items: Iterable[object],
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    join: JoinChoice = None,
    returns: type[R],
) -> FanOut[R]: ...
@overload
def fan_out(
    name: str,
    target: str | None,
    items: Iterable[object],
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    join: JoinChoice = None,
) -> FanOut[Any]: ...
def fan_out(
    name: str,
    target: Any,
    items: Iterable[object],
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    join: JoinChoice = None,
    returns: Any = None,  # noqa: ARG001  # for type checkers: the outputs stand under names that are not known yet
) -> Any:
    """
    Run a task or a workflow for each item of a list, all at the same time, and wait for all (FORK_JOIN_DYNAMIC).

    Several steps per item, or another fan-out per item, are a workflow of their own. `podium.dsl.dynamic_fork` takes
    different tasks.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name; the JOIN is ``<name>_join``.
        target: What runs for each item: a task, a workflow, or the name of a worker task. None where *task_type* or
            *workflow* says it; the instances are then called after the fan-out.
        items: A reference to a list, or a list. An item that is a record or a map gives the inputs by name; any other
            arrives under the parameter ``input``.
        task_type: The type of the task, such as ``HTTP``, where it is no worker task.
        workflow: The name of a workflow whose object is not at hand.
        version: Another version of the workflow than its own; for a name, the latest by default.
        join: Another name for the JOIN, a ``join(...)`` with options, or False for none.
        returns: What each of them returns, where there is only a name.

    Raises:
        AuthoringError: R3, the items do not fit the parameters; P1, *items* or *target* is something else.

    Example:
        ``parts = fan_out("encode_all", encode, found.output.profiles)``
    """
    return FanOut(name, target, items, task_type=task_type, workflow=workflow, version=version, join=join)


def collected(parts: Mapping[str, R]) -> list[R]:
    """
    Give the results of a fan-out in the order of its items; for the function that receives ``parts.output``.

    Args:
        parts: Instance name, ``_<task>_<i>``, to result.

    Example:
        >>> collected({"_encode_10": "c", "_encode_0": "a", "_encode_2": "b"})
        ['a', 'b', 'c']
    """
    return [parts[name] for name in sorted(parts, key=_index)]


def _index(name: str) -> int:
    tail = name.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 0
