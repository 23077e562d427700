"""
``fan_out``: one task or sub-workflow for each item of a list, all at the same time.

Compiles to FORK_JOIN_DYNAMIC with ``forkTaskInputs`` and a JOIN. Conductor names the instances ``_<task>_<i>``; the
output maps these names to outputs (Conductor: ``ForkJoinDynamicTaskMapper.java``).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

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

#: The parameter under which an item that is no record arrives.
_SCALAR = "input"


class FanOut(Configurable, Generic[R]):
    """One instance of a task or workflow per item."""

    def __init__(
        self,
        name: str,
        target: Task[..., R] | Workflow[..., R],
        items: Iterable[object],
        *,
        join: JoinChoice = None,
    ) -> None:
        super().__init__(name)
        self._join = join_behind(name, join)
        self.target = target
        self.items: JsonValue = prepare(items)
        if not isinstance(self.items, Ref | list):
            refuse(f"fan_out {name!r} goes over a list, not {items!r:.60}")
        if not isinstance(target, Task | Workflow):
            refuse(f"fan_out {name!r} runs a task or a workflow, not {target!r:.60}")
        if isinstance(self.items, Ref):
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
        inputs: dict[str, JsonValue] = {"forkTaskName": self.target.name}
        if isinstance(self.target, Task):
            build.use_task(self.target, self.place)
        else:
            build.use_workflow(self.target)
            # A text: Conductor's mapper casts it, and breaks on a number.
            inputs |= {"forkTaskWorkflow": self.target.name, "forkTaskWorkflowVersion": str(self.target.version)}
        inputs["forkTaskInputs"] = self.items
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.FORK_JOIN_DYNAMIC.value,
            input_parameters=render(inputs),
        )
        behind = () if self._join is None else self._join.compile(build)
        return (self.with_options(task), *behind)


def fan_out(
    name: str,
    target: Task[..., R] | Workflow[..., R],
    items: Iterable[object],
    *,
    join: JoinChoice = None,
) -> FanOut[R]:
    """
    Run a task or a workflow for each item of a list, all at the same time, and wait for all.

    Several steps per item, or another fan-out per item, are a workflow of their own.

    Args:
        name: The reference name; the JOIN is ``<name>_join``.
        target: What runs for each item.
        items: A reference to a list, or a list. An item that is a record or a map gives the inputs by name; any other
            arrives under the parameter ``input``.
        join: Another name for the JOIN, a ``join(...)`` with options, or False for none.

    Raises:
        AuthoringError: R3, the items do not fit the parameters; P1, *items* or *target* is something else.

    Example:
        ``parts = fan_out("encode_all", encode, found.output.profiles)``
    """
    return FanOut(name, target, items, join=join)


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
