"""
``fan_out``: one task or sub-workflow for each item of a list, all at the same time.

Compiles to FORK_JOIN_DYNAMIC with ``forkTaskInputs`` and a JOIN. Conductor names the instances ``_<task>_<i>``; the
JOIN's output maps these names to outputs (Conductor: ``ForkJoinDynamicTaskMapper.java``). Where an output is not what
the task is declared to return (``{"result": 1}`` of an int, a record with the ``subWorkflowId`` of its run), a jq step
behind the JOIN, ``<name>_values``, takes it out, so that what the types say is what arrives, on every server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast, overload

from podium.dsl.arguments import checked_arguments
from podium.dsl.blocks import closed
from podium.dsl.dynamic_forks import at_most
from podium.dsl.fan_items import Items
from podium.dsl.forks import Join, JoinChoice, join_behind, needed_join
from podium.dsl.refs import Ref, refuse
from podium.dsl.refs import Target as Aim
from podium.dsl.script_steps import jq
from podium.dsl.steps import Configurable, Step
from podium.dsl.subworkflows import SubWorkflowCall
from podium.dsl.tasks import Task
from podium.dsl.undoing import UndoRun
from podium.dsl.values import prepare, prepare_items, render
from podium.dsl.workflows import Workflow
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.typed import records
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

R = TypeVar("R")

#: What can run for each item.
Target: TypeAlias = "Task[..., R] | Workflow[..., R] | str | None"


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
        max_parallel: object = None,
        join: JoinChoice = None,
        returns: records.Hint = Any,
        shared: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(name)
        self._join = join_behind(name, join)
        self.target = target
        given = prepare_items(items, f"fan_out {name!r} goes over")
        self._chosen = _chosen(name, target, task_type, workflow, version) | at_most(f"fan_out {name!r}", max_parallel)
        known = target if isinstance(target, Task | Workflow) else None
        arranging = Items(name=name, target=known, shared=prepare(shared or {}))
        arranged, self._arranges = arranging.arranged(given)
        self.items: Authored = arranged
        self._hint = _hint_of(target, returns)
        query = _query(self._hint, runs_workflow="forkTaskWorkflow" in self._chosen)
        self._values = self._values_step(query) if query is not None and self._join is not None else None
        self._is_read = False

    @property
    def _gives(self) -> records.Hint:
        return Mapping[str, self._hint]  # type: ignore[name-defined]  # known only now

    def _values_step(self, query: str) -> Step[Any]:
        with closed():
            return jq(f"{self.reference_name}_values", query, parts=self.join.output, returns=self._gives)

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
        What each instance returns, by instance, in no order that counts; `collected` gives it as a list.

        An instance whose output is empty has no entry: one that returns None instead of a record, and an optional one
        that failed. ``.join.output`` is what the JOIN itself gives.
        """
        self._is_read = True
        step = self.join if self._values is None else self._values
        return cast("Mapping[str, R]", Ref(Aim(step, step.output_keys, self._gives)))

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the FORK_JOIN_DYNAMIC, its JOIN, and what stands before and behind them, where they need it."""
        before = () if self._arranges is None else self._arranges.compile(build)
        build.claim(self.reference_name, self.written_at)
        if isinstance(self.target, Task):
            build.use_task(self.target, self.written_at)
        elif isinstance(self.target, Workflow):
            build.use_workflow(self.target)
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.FORK_JOIN_DYNAMIC.value,
            input_parameters=render({**self._chosen, "forkTaskInputs": self.items}),
        )
        behind = () if self._join is None else self._join.compile(build)
        values = self._values.compile(build) if self._values is not None and self._is_read else ()
        return (*before, self.with_options(task), *behind, *self._undo_note(build), *values)

    def _undo_note(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return what notes that it is done, if what it calls can be undone."""
        undo = None
        if build.undoes_children and isinstance(self.target, Workflow) and self._join is not None:
            undo = UndoRun.of(self.target, self.reference_name, of_items=True)
        if undo is None:
            return ()
        return (build.note_undo(self.reference_name, undo, self.written_at, ended_by=self.join.reference_name),)


def _hint_of(target: Target[Any], returns: records.Hint) -> records.Hint:
    if isinstance(target, Task):
        return records.finished(target.returns)
    return target.return_hint if isinstance(target, Workflow) else returns


def _query(hint: records.Hint, *, runs_workflow: bool) -> str | None:
    """
    Return the jq that makes results of outputs; None where they are the same.

    Written without ``del`` and ``|=``, which the jq of Conductor does not know in full.
    """
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return None
    if records.output_keys(hint) != ("output",):
        return ".parts | with_entries({key, value: .value.result})"
    if not runs_workflow:
        return None
    if not records.is_record(hint):  # None, where the output is that of the workflow's last task
        return ".parts | with_entries({key, value: null})"
    return '.parts | with_entries({key, value: (.value | with_entries(select(.key != "subWorkflowId")))})'


def _called(target: object) -> str:
    if isinstance(target, SubWorkflowCall):
        return "a call of a workflow with a name or options of its own: give the workflow itself"
    if isinstance(target, Step):
        return f"the step {target.reference_name!r}: give the task itself, without calling it"
    if callable(target):
        return f"the function {getattr(target, '__name__', '')!r}: put @task above it"
    return f"{target!r:.60}"


def _chosen(
    name: str,
    target: Target[Any],
    task_type: str | None,
    workflow: str | None,
    version: int | None,
) -> dict[str, Authored]:
    """Return the inputs that say what runs for each item."""
    if target is not None and not isinstance(target, Task | Workflow | str | Ref):
        refuse(f"fan_out {name!r} runs a task or a workflow, not {_called(target)}")
    if isinstance(target, Task) and target.is_changed:
        refuse(
            f"fan_out {name!r}: the instances of {target.name!r} cannot have options or a reference name of their own; "
            "write @task(...) settings, or a workflow that calls the task with them, and fan out over that"
        )
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
    given: dict[str, Authored] = {
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
    /,
    *,
    task_type: None = None,
    workflow: None = None,
    version: int | None = None,
    max_parallel: int | None = None,
    join: JoinChoice = None,
    **shared: object,
) -> FanOut[R]: ...
@overload
def fan_out(
    name: str,
    target: str | None,
    items: Iterable[object],
    /,
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    max_parallel: int | None = None,
    join: JoinChoice = None,
    returns: type[R],
    **shared: object,
) -> FanOut[R]: ...
@overload
def fan_out(
    name: str,
    target: str | None,
    items: Iterable[object],
    /,
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    max_parallel: int | None = None,
    join: JoinChoice = None,
    **shared: object,
) -> FanOut[Any]: ...
@checked_arguments
def fan_out(
    name: str,
    target: Any,
    items: Iterable[object],
    /,
    *,
    task_type: str | None = None,
    workflow: str | None = None,
    version: int | None = None,
    max_parallel: int | None = None,
    join: JoinChoice = None,
    returns: Any = Any,
    **shared: object,
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
            is the first argument that is not shared, or the one called ``input``.
        task_type: The type of the task, such as ``HTTP``, where it is no worker task.
        workflow: The name of a workflow whose object is not at hand.
        version: Another version of the workflow than its own; for a name, the latest by default.
        max_parallel: At most so many at the same time, a number or a reference to one: the next begins when one has
            ended. Conductor runs all at once.
        join: Another name for the JOIN, a ``join(...)`` with options, or False for none.
        returns: What each of them returns, where there is only a name.
        shared: Arguments that all of them get; what an item says itself wins.

    Returns:
        The fan-out; ``.output`` maps each instance to what it returns.

    Raises:
        AuthoringError: R3, the items do not fit the parameters; P1, *items* or *target* is something else.

    Example:
        ``parts = fan_out("encode_all", encode, found.output.profiles, codec="av1", max_parallel=8)``
    """
    return FanOut(
        name,
        target,
        items,
        task_type=task_type,
        workflow=workflow,
        version=version,
        max_parallel=max_parallel,
        join=join,
        returns=returns,
        shared=shared,
    )


@checked_arguments
def collected(parts: Mapping[str, R]) -> list[R]:
    """
    Return the results of a fan-out in the order of its items; for the function that receives ``parts.output``.

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
