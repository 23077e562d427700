"""
``dynamic_fork``: branches that are tasks computed while the workflow runs.

Compiles to FORK_JOIN_DYNAMIC with ``dynamicForkTasksParam`` and a JOIN; `podium.dsl.legacy.dynamic_fork` writes the
older form. Each branch is one task (Conductor: ``ForkJoinDynamicTaskMapper.java``); several are a workflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podium.dsl.arguments import checked_arguments
from podium.dsl.forks import Join, JoinChoice, join_behind, needed_join
from podium.dsl.refs import Ref, refuse
from podium.dsl.steps import Configurable
from podium.dsl.values import prepare, render
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.typed.authored import Authored, AuthoredObject

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

#: The names of the two inputs, by default; Conductor's Python SDK uses these.
TASKS = "dynamicTasks"
INPUTS = "dynamicTasksInputs"
#: The input that says how many branches run at the same time (`podium.engine.branches`).
MAX_PARALLEL = "forkTaskMaxParallel"


def at_most(subject: str, count: object) -> dict[str, Authored]:
    """
    Return the input that says how many branches run at the same time; none where nothing is said.

    Raises:
        AuthoringError: P1, it is no number above 0, nor a reference to one.
    """
    if count is None:
        return {}
    is_number = isinstance(count, int) and not isinstance(count, bool) and count > 0
    if not is_number and not isinstance(count, Ref):
        refuse(f"{subject}: max_parallel={count!r:.40} must be a whole number of 1 or more")
    return {MAX_PARALLEL: prepare(count)}


class DynamicFork(Configurable):
    """Branches that come from data."""

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, object],
        fields: Mapping[str, str],
        *,
        join: JoinChoice = None,
    ) -> None:
        self.inputs: dict[str, Authored] = prepare(inputs)
        super().__init__(name)
        self._join = join_behind(name, join)
        #: Which input holds what, by the fields of the task.
        self.fields: dict[str, Authored] = dict(fields)

    @property
    def join(self) -> Join:
        """
        The JOIN behind it.

        Raises:
            AuthoringError: P1, it was made with ``join=False``.
        """
        return needed_join(self._join, self)

    @property
    def output(self) -> Mapping[str, Any]:
        """The outputs by the reference names that the data gives the branches."""
        return self.join.output

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the FORK_JOIN_DYNAMIC and its JOIN."""
        build.claim(self.reference_name, self.written_at)
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.FORK_JOIN_DYNAMIC.value,
            input_parameters=render(self.inputs),
            **self.fields,
        )
        behind = () if self._join is None else self._join.compile(build)
        return (self.with_options(task), *behind)


@checked_arguments
def dynamic_fork(
    name: str,
    tasks: Sequence[AuthoredObject],
    inputs: Mapping[str, object],
    /,
    *,
    tasks_name: str = TASKS,
    inputs_name: str = INPUTS,
    max_parallel: int | None = None,
    join: JoinChoice = None,
    **others: object,
) -> DynamicFork:
    """
    Run tasks that are computed while the workflow runs, all at the same time, and wait for all (FORK_JOIN_DYNAMIC).

    `podium.dsl.fan_out` is simpler where all of them are the same task.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name; the JOIN is ``<name>_join``.
        tasks: A reference to a list of tasks as canonical JSON, each with ``name``, ``taskReferenceName`` and ``type``;
            or such a list.
        inputs: A reference to a map from reference name to that task's inputs, or such a map.
        tasks_name: What the list is called among the step's inputs.
        inputs_name: What the map is called.
        max_parallel: At most so many at the same time, as for `podium.dsl.fan_out`.
        join: Another name for the JOIN, a ``join(...)`` with options, or False for none.
        others: Further inputs.

    Raises:
        AuthoringError: P1, *tasks* or *inputs* is something else.

    Example:
        ``dynamic_fork("all_checks", planned.output.tasks, planned.output.inputs)``
    """
    if not isinstance(tasks, Ref | list | tuple):
        refuse(
            f"dynamic_fork {name!r} takes a list of tasks, not {tasks!r:.60}; for one task per item use fan_out(...)"
        )
    if not isinstance(inputs, Ref | Mapping):
        refuse(f"dynamic_fork {name!r} takes a map from reference name to inputs, not {inputs!r:.60}")
    if tasks_name == inputs_name or {tasks_name, inputs_name} & set(others):
        refuse(f"dynamic_fork {name!r}: {tasks_name!r} and {inputs_name!r} must be different from each other input")
    fields = {"dynamic_fork_tasks_param": tasks_name, "dynamic_fork_tasks_input_param_name": inputs_name}
    most = at_most(f"dynamic_fork {name!r}", max_parallel)
    return DynamicFork(name, {tasks_name: tasks, inputs_name: inputs, **most, **others}, fields, join=join)
