"""Where the steps of a definition stand, and what of a task is its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from attrs import evolve, field, frozen

from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.texts import clean
from podium.model.values import JsonValue
from podium.model.walk import blocks, without_blocks

#: A step: its reference name, and how many before it have the same one (in definitions that `check` complains about).
Key: TypeAlias = tuple[str, int]


@frozen
class Lane:
    """One list of steps: the top of the workflow, a case, a branch or a loop's body."""

    #: The structure that holds the list; None at the top.
    parent: Key | None = None
    #: As `podium.model.walk.TaskList.kind`; empty at the top.
    kind: str = ""
    #: The case's label or the branch's number.
    label: str = ""

    @property
    def words(self) -> str:
        """The list in words, such as ``case EXPRESS of shipping``; empty for the top."""
        return "" if self.parent is None else clean(f"{lane_text(self.kind, self.label)} of {self.parent[0]}")


def lane_text(kind: str, label: str) -> str:
    """Return a list inside a structure in words, such as ``case EXPRESS``; *kind* and *label* as in a `Lane`."""
    others = {"default": "otherwise", "branch": "a branch", "body": "the body"}
    return others.get(kind) or f"case {case_text(label)}"


def case_text(label: str) -> str:
    """Return a case's label as it is shown."""
    return clean(label) or "(empty)"


@frozen(kw_only=True)
class StepPosition:
    """Where a step stands."""

    key: Key
    task: WorkflowTask
    lane: Lane
    #: Position in the lane.
    index: int
    #: The task's own settings; computed once.
    own: dict[str, JsonValue] = field(init=False, eq=False, repr=False)

    @own.default
    def _own(self) -> dict[str, JsonValue]:
        return own_settings(self.task)


#: Every step of a definition, depth first.
Spots: TypeAlias = Mapping[Key, StepPosition]


def own_settings(task: WorkflowTask) -> dict[str, JsonValue]:
    """
    Return a task as JSON without its name, without the steps in it, and without a definition that it carries.

    Lists of steps that its type does not read are settings like any other.
    """
    params = task.sub_workflow_param
    if params is not None and isinstance(params.workflow_definition, WorkflowDef):
        task = evolve(task, sub_workflow_param=evolve(params, workflow_definition=None))
    own = to_dict(without_blocks(task))
    own.pop("taskReferenceName", None)
    return own


def spots_of(definition: WorkflowDef) -> Spots:
    """Return every step of a definition, depth first, a structure before what is in it."""
    found: dict[Key, StepPosition] = {}
    count: Counter[str] = Counter()

    def collect(tasks: tuple[WorkflowTask, ...], lane: Lane) -> None:
        for index, task in enumerate(tasks):
            name = task.task_reference_name
            key = (name, count[name])
            count[name] += 1
            found[key] = StepPosition(key=key, task=task, lane=lane, index=index)
            for inner in blocks(task):
                collect(inner.tasks, Lane(key, inner.kind, inner.label))

    collect(definition.tasks, Lane())
    return found
