"""What a run says about each task of its definition: the newest attempt, and which task of a run belongs where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskType
from podium.model.task_types import OF_OTHERS
from podium.model.walk import walk
from podium.render.iterations import check_iterations, only_iterations

#: Most branches of a dynamic fork, and most tasks that only the run knows, that are drawn one by one.
DRAWN_MAX: Final = 12

#: Types that only put other tasks in order, and carry their reasons.
STRUCTURES: Final = OF_OTHERS

_ITERATION = re.compile(r"__\d+$")


@frozen(kw_only=True)
class Mark:
    """What a run says about one reference name."""

    #: The newest attempt of the newest iteration.
    newest: TaskRun
    #: Attempts of that iteration.
    attempts: int
    #: Case values that a switch chose, over all iterations that are shown.
    chosen: frozenset[str] = frozenset()
    #: The newest attempt of each iteration, in the order of creation; one outside loops.
    iterations: tuple[TaskRun, ...] = ()
    #: All attempts of all iterations, in the order of creation.
    tries: tuple[TaskRun, ...] = ()


@frozen(kw_only=True)
class AttemptsByName:
    """A run's attempts, found by reference name."""

    #: By the name in the run, with ``__<iteration>`` inside loops, in the order of creation.
    exact: Mapping[str, Mark] = field(factory=dict)
    #: By the name in the definition.
    base: Mapping[str, Mark] = field(factory=dict)
    #: Names in the run of the branches of each dynamic fork's newest attempt, by the fork's name in the definition.
    forked: Mapping[str, tuple[str, ...]] = field(factory=dict)
    #: Names in the run that belong to no task of the definition and to no dynamic fork.
    unknown: tuple[str, ...] = ()

    def of(self, reference: str) -> Mark | None:
        """Return the mark of a task of the definition, or of a branch by its name in the run; None if it never ran."""
        return self.base.get(reference) or self.exact.get(reference)

    def branches(self, fork: str) -> tuple[Mark, ...]:
        """Return the branches of a dynamic fork that exist, in their order."""
        return tuple(mark for name in self.forked.get(fork, ()) if (mark := self.exact.get(name)))


def base_name(name: str, known: Iterable[str]) -> str | None:
    """
    Return the name in the definition of a name in a run, or None if it has none.

    Inside loops a run appends ``__<iteration>``, once for each loop around the task (Conductor: ``TaskUtils``).

    Example:
        >>> base_name("charge__2__1", {"charge"})
        'charge'
    """
    while name not in known:
        shorter = _ITERATION.sub("", name)
        if shorter == name:
            return None
        name = shorter
    return name


def attempts_of(
    run: WorkflowRun, definition: WorkflowDef, iteration: Mapping[str, int] | None = None, *, check: bool = True
) -> AttemptsByName:
    """
    Sort the attempts of a run by the tasks of its definition.

    Args:
        run: The run.
        definition: Its definition.
        iteration: Loop to the iteration that counts in its body, instead of the newest.
        check: Refuse iterations that the run does not have, instead of leaving the loop's body empty.

    Raises:
        RenderError: There is no such loop, or it has no such iteration.
    """
    visits = list(walk(definition.tasks))
    known = frozenset(visit.task.task_reference_name for visit in visits)
    exact: dict[str, list[TaskRun]] = {}
    for attempt in run.tasks:
        exact.setdefault(attempt.reference_task_name, []).append(attempt)
    every: dict[str, list[TaskRun]] = {}
    strangers: list[str] = []
    for attempt in run.tasks:
        name = base_name(attempt.reference_task_name, known)
        if name is None:
            strangers.append(attempt.reference_task_name)
        else:
            every.setdefault(name, []).append(attempt)
    if iteration and check:
        check_iterations(every, visits, iteration)
    base = only_iterations(every, visits, iteration) if iteration else every
    forks = {name: _forked(attempts) for name, attempts in base.items() if _forked(attempts)}
    everybody = {branch for attempts in every.values() for attempt in attempts for branch in _branches(attempt, exact)}
    return AttemptsByName(
        exact={name: _mark(attempts) for name, attempts in exact.items()},
        base={name: _mark(attempts, every[name]) for name, attempts in base.items()},
        forked={name: tuple(_branches(attempt, exact)) for name, attempt in forks.items() if attempt},
        unknown=tuple(dict.fromkeys(name for name in strangers if name not in everybody)),
    )


def _mark(attempts: list[TaskRun], every: list[TaskRun] | None = None) -> Mark:
    newest = attempts[-1]
    same = [attempt for attempt in attempts if attempt.reference_task_name == newest.reference_task_name]
    chosen = frozenset(value for attempt in attempts for value in _chosen(attempt))
    tries = tuple(every or attempts)
    each = {attempt.reference_task_name: attempt for attempt in tries}
    return Mark(
        newest=newest,
        attempts=max(len(same), newest.retry_count + 1),
        chosen=chosen,
        iterations=tuple(each.values()),
        tries=tries,
    )


def _chosen(attempt: TaskRun) -> tuple[str, ...]:
    """Return the value that a switch compared (Conductor: ``SwitchTaskMapper``, ``DecisionTaskMapper``)."""
    for value in (attempt.output_data.get("selectedCase"), attempt.input_data.get("case")):
        if isinstance(value, str):
            return (value,)
    for key in ("evaluationResult", "caseOutput"):
        values = attempt.output_data.get(key)
        if isinstance(values, list) and values:
            return (str(values[0]),)
    return ()


def _forked(attempts: list[TaskRun]) -> TaskRun | None:
    newest = attempts[-1]
    return newest if isinstance(newest.input_data.get("forkedTasks"), list) else None


def _branches(fork: TaskRun, exact: Mapping[str, list[TaskRun]]) -> list[str]:
    """Return the names in the run of a dynamic fork's branches; the record may leave the loop's suffix out."""
    names = fork.input_data.get("forkedTasks")
    if fork.task_type not in {"FORK", TaskType.FORK_JOIN_DYNAMIC} or not isinstance(names, list):
        return []
    suffixed = [f"{name}__{fork.iteration}" for name in names]
    return [long if long in exact else str(name) for name, long in zip(names, suffixed, strict=True)]


def as_leaf(attempt: TaskRun) -> WorkflowTask:
    """Make the task of the definition that an attempt would have had, for those that only the run knows."""
    task = attempt.workflow_task or WorkflowTask(
        name=attempt.task_def_name or attempt.task_type, task_reference_name=attempt.reference_task_name
    )
    written = task.type if attempt.workflow_task else attempt.task_type
    simple = written == attempt.task_def_name and not attempt.workflow_task
    return evolve(
        task,
        task_reference_name=attempt.reference_task_name,
        type=TaskType.SIMPLE.value if simple else written,
        name=attempt.task_def_name or task.name,
    )


def stand_in(run: WorkflowRun) -> WorkflowDef:
    """Make a definition for a run that came without one: its tasks one after the other, loops once."""
    first: dict[str, TaskRun] = {}
    for attempt in run.tasks:
        first.setdefault(_ITERATION.sub("", attempt.reference_task_name), attempt)
    tasks = tuple(
        evolve(
            as_leaf(attempt),
            task_reference_name=name,
            decision_cases={},
            default_case=(),
            fork_tasks=(),
            loop_over=(),
            join_on=(),
        )
        for name, attempt in first.items()
    )
    return WorkflowDef(name="a run without its definition", version=0, tasks=tasks)
