"""
Waiting: S1.

A JOIN or EXCLUSIVE_JOIN that may wait for something that never happens, and forks without the JOIN that Conductor
insists on (Conductor: ``Join.java``, ``ExclusiveJoin.java``, ``ForkJoinTaskMapper.java``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from podium.checks.layout import Relation, TaskPosition, never_passes, parting, passing_around
from podium.checks.report import ProblemCollector
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import FORKS, SWITCHES
from podium.model.walk import blocks


def check_joins(report: ProblemCollector) -> None:
    """Look at every fork and every join."""
    for spot in report.layout.spots:
        if spot.task.type in FORKS:
            _check_fork(report, spot)
        elif spot.task.type == TaskType.JOIN:
            _check_join(report, spot)
        elif spot.task.type == TaskType.EXCLUSIVE_JOIN:
            _check_exclusive_join(report, spot)


def _check_fork(report: ProblemCollector, spot: TaskPosition) -> None:
    following = spot.following
    if following is None or following.type != TaskType.JOIN:
        message = f"{spot.name!r} is not followed by a JOIN: the run fails when it comes here"
        report.add(spot, "S1", message, hint="put a JOIN directly behind it")


def _check_join(report: ProblemCollector, spot: TaskPosition) -> None:
    previous = spot.previous
    if previous is not None and previous.type == TaskType.FORK_JOIN_DYNAMIC:
        return  # its list is made while the workflow runs
    if not spot.task.join_on:
        message = f"{spot.name!r} waits for nothing"
        report.add(spot, "S1", message, at="joinOn", severity="warning", hint="name the last step of each branch")
    for index, name in enumerate(spot.task.join_on):
        _check_waits(report, spot, name, f"joinOn[{index}]")


def _check_waits(report: ProblemCollector, spot: TaskPosition, name: str, where: str) -> None:
    awaited = report.layout.by_name.get(name)
    if awaited is None:
        _unknown(report, spot, name, where)
        return
    reason = _why_never(spot, awaited)
    if reason is not None:
        report.add(spot, "S1", f"{spot.name!r} may wait for ever for {name!r}, which {reason}", at=where)
    elif awaited.task.type in SWITCHES and any(block.tasks for block in blocks(awaited.task)):
        message = f"{spot.name!r} does not wait for the cases of {name!r}, which ends as soon as its case is chosen"
        hint = f"put a NOOP behind {name!r} and name that one"
        report.add(spot, "S1", message, at=where, severity="warning", hint=hint)


def _unknown(report: ProblemCollector, spot: TaskPosition, name: str, where: str) -> None:
    near = report.nearest_step(name)
    message = f"{spot.name!r} waits for ever: no step is named {name!r}"
    hint = f"did you mean {near!r}?" if near else None
    dynamic = report.layout.has_dynamic_fork and near is None
    report.add(spot, "S1", message, at=where, severity="warning" if dynamic else "error", hint=hint)


def _why_never(join: TaskPosition, awaited: TaskPosition) -> str | None:
    """Say why *awaited* may never end before *join* does; None if it will."""
    relation, depth = parting(awaited, join)
    if relation is Relation.SAME:
        return "is itself"
    if relation is Relation.AFTER:
        return "starts only after it"
    if relation is Relation.EXCLUDED:
        return f"is in another case of {awaited.line[depth - 1].name!r}"
    if relation is Relation.AROUND:
        return None if awaited.task.type in {*FORKS, *SWITCHES} else "ends only after it"
    for outer, inner in zip(awaited.line[depth:], awaited.line[depth + 1 :], strict=False):
        block = inner.level.block
        if outer.task.type == TaskType.DO_WHILE:
            return f"is in the body of {outer.name!r}, where its name gets the number of the iteration"
        if outer.task.type in SWITCHES and block is not None:
            other = passing_around(outer.task, block)
            if other is not None:
                return f"does not run after {other} of {outer.name!r}"
    return None


def _check_exclusive_join(report: ProblemCollector, spot: TaskPosition) -> None:
    names = (*spot.task.join_on, *spot.task.default_exclusive_join_task)
    for index, name in enumerate(spot.task.join_on):
        if name not in report.layout.by_name:
            _unknown_choice(report, spot, name, f"joinOn[{index}]")
    for index, name in enumerate(spot.task.default_exclusive_join_task):
        if name not in report.layout.by_name:
            _unknown_choice(report, spot, name, f"defaultExclusiveJoinTask[{index}]")
    if report.layout.has_dynamic_fork and not all(name in report.layout.by_name for name in names):
        return
    if not any(_runs_one(task, frozenset(names)) for task in _candidates(report, spot, names)):
        message = f"{spot.name!r} may wait for ever: there is a way to it on which none of {', '.join(names)} runs"
        report.add(spot, "S1", message, at="joinOn", hint="a switch that is merged needs an otherwise")


def _candidates(report: ProblemCollector, join: TaskPosition, names: Iterable[str]) -> Iterator[WorkflowTask]:
    """Yield the tasks that may run one of *names*: before the join, or in another branch of a fork around it."""
    around = {step.level: step for step in join.line}
    beside = {id(step.task) for step in join.line[:-1] if step.task.type == TaskType.FORK_JOIN}
    for name in names:
        awaited = report.layout.by_name.get(name)
        for step in awaited.line if awaited is not None else ():
            here = around.get(step.level)
            owner = step.level.owner
            is_before = here is not None and step.index < here.index
            if is_before or (here is None and owner is not None and id(owner.task) in beside):
                yield step.task


def _unknown_choice(report: ProblemCollector, spot: TaskPosition, name: str, where: str) -> None:
    near = report.nearest_step(name)
    hint = f"did you mean {near!r}?" if near else None
    message = f"{spot.name!r} looks for {name!r}, and no step is named so"
    dynamic = report.layout.has_dynamic_fork and near is None
    report.add(spot, "S1", message, at=where, severity="warning" if dynamic else "error", hint=hint)


def _runs_one(task: WorkflowTask, names: frozenset[str]) -> bool:
    """Return whether one of *names* surely runs when *task* does, or else the run ends."""
    if task.task_reference_name in names:
        return True
    inner = blocks(task)
    if task.type in SWITCHES:
        return all(never_passes(block.tasks) or any(_runs_one(each, names) for each in block.tasks) for block in inner)
    if task.type == TaskType.DO_WHILE and task.items is not None:
        return False  # an empty list runs nothing
    return any(_runs_one(each, names) for block in inner for each in block.tasks)
