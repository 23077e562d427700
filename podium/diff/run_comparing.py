"""Two runs in, their difference out: step by step, by the names of the definition."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from podium.diff.comparing import diff_definitions
from podium.diff.run_differences import RunDiff
from podium.diff.run_steps import RunStep, StepSide, orders_others
from podium.diff.settings import Path, Setting, settings_between
from podium.diff.steps import Comparison
from podium.model.attempts import TaskRun
from podium.model.definitions import WorkflowDef
from podium.model.drawing import Runs
from podium.model.errors import InvalidRequest, NotFound
from podium.model.run_facts import RunFacts
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.values import JsonValue

_ITERATIONS: Final = re.compile(r"((?:__\d+)*)$")
#: How many runs of sub-workflows are looked into, one in the other.
_DEPTH_MAX: Final = 8


def diff_runs(a: WorkflowRun, b: WorkflowRun, *, runs: Runs | None = None) -> RunDiff:
    """
    Compare two runs of one workflow, or of two versions of it.

    Args:
        a: The one run; a difference is told as ``a -> b``.
        b: The other one.
        runs: Where the runs of their sub-workflows are; without it the clients that the runs came from are asked.

    Raises:
        InvalidRequest: One of the two is no run.

    Example:
        >>> from podium.model.statuses import RunStatus
        >>> one = WorkflowRun(status=RunStatus.COMPLETED, input={"amount": 3})
        >>> two = WorkflowRun(status=RunStatus.COMPLETED, input={"amount": 4})
        >>> diff_runs(one, two).first
        ('the input differs: amount: 3 -> 4',)
    """
    for each in (a, b):
        if not isinstance(each, WorkflowRun):
            raise InvalidRequest(f"two runs are compared, such as client.get(run_id) gives, not {type(each).__name__}")
    return _compared(a, b, runs, _DEPTH_MAX)


def _compared(a: WorkflowRun, b: WorkflowRun, runs: Runs | None, depth: int) -> RunDiff:
    old, new = a.workflow_definition, b.workflow_definition
    comparison = None if old is None or new is None or old == new else Comparison.of(old, new)
    names = {} if comparison is None else {was[0]: now[0] for now, was in comparison.matching.old_of.items()}
    masked = frozenset(name for each in (old, new) if each is not None for name in each.masked_fields)
    values = _Values(_ids(a), _ids(b), masked)
    sides_a, sides_b = dict(_sides(a, names)), dict(_sides(b, {}))
    steps = []
    for name in _in_order(list(sides_a), list(sides_b)):
        one, other = sides_a.get(name), sides_b.get(name)
        steps.append(_step(name, one, other, values, _inner((a, one), (b, other), runs, depth)))
    is_other = comparison is not None and _meaning(old) != _meaning(new)
    return RunDiff(
        a=a,
        b=b,
        input=values.between(a.input, b.input),
        output=values.between(a.output, b.output),
        steps=tuple(steps),
        definition=diff_definitions(old, new) if is_other and old is not None and new is not None else None,
    )


def _meaning(definition: WorkflowDef | None) -> object:
    return None if definition is None else (definition.name, definition.version, definition.tasks)


@frozen
class _Values:
    """What differs between payloads of two runs; each run's own ids mean the same."""

    ids_a: frozenset[str]
    ids_b: frozenset[str]
    masked: frozenset[str]

    def between(self, old: Mapping[str, JsonValue], new: Mapping[str, JsonValue]) -> tuple[Setting, ...]:
        return settings_between(dict(old), dict(new), masked=self.masked, alike=self._are_alike)

    def _are_alike(self, path: Path, old: JsonValue, new: JsonValue) -> bool:
        return isinstance(old, str) and isinstance(new, str) and old in self.ids_a and new in self.ids_b


def _ids(run: RunFacts) -> frozenset[str]:
    own = [run.workflow_id, run.parent_workflow_id, run.parent_workflow_task_id, run.correlation_id]
    of_tasks = [each for attempt in run.tasks for each in (attempt.task_id, attempt.sub_workflow_id)]
    return frozenset(each for each in (*own, *of_tasks) if each)


def _sides(run: RunFacts, names: Mapping[str, str]) -> Iterator[tuple[str, StepSide]]:
    """Yield what became of each step, by the name that it has in the second run, in the order of their beginning."""
    found: dict[str, list[TaskRun]] = {}
    for attempt in run.tasks:
        found.setdefault(attempt.reference_task_name, []).append(attempt)
    for name, attempts in found.items():
        suffix = _ITERATIONS.search(name)
        turn = suffix.group() if suffix else ""
        base = name.removesuffix(turn) if turn else name
        newest = attempts[-1]
        count = max(len(attempts), newest.retry_count + 1)
        yield f"{names.get(base, base)}{turn}", StepSide(newest=newest, attempts=count)


def _in_order(a: list[str], b: list[str]) -> Iterator[str]:
    """Yield all names: those of the second list in its order, each other one behind the one that it followed."""
    known, before = set(b), ""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for name in a:
        if name in known:
            before = name
        else:
            after[before].append(name)
    for name in ("", *b):
        yield from (name, *after[name]) if name else after[name]


def _step(name: str, a: StepSide | None, b: StepSide | None, values: _Values, inner: RunDiff | None) -> RunStep:
    side = b or a
    assert side is not None
    task = side.newest.workflow_task
    place = task.task_reference_name if task is not None else _ITERATIONS.sub("", name)
    if a is None or b is None:
        return RunStep(reference=name, place=place, a=a, b=b)
    one, other = a.newest, b.newest
    # What a fork, a switch, a loop or a join holds is told at the steps themselves.
    # One that failed has left nothing, and that is no difference of its own.
    has_both = one.status.is_successful == other.status.is_successful or bool(one.output_data and other.output_data)
    is_told = not orders_others(one) and not orders_others(other)
    return RunStep(
        reference=name,
        place=place,
        a=a,
        b=b,
        input=values.between(one.input_data, other.input_data) if is_told else (),
        output=values.between(one.output_data, other.output_data) if is_told and has_both else (),
        inner=inner,
    )


def _inner(
    a: tuple[WorkflowRun, StepSide | None], b: tuple[WorkflowRun, StepSide | None], runs: Runs | None, depth: int
) -> RunDiff | None:
    """Return what differs between the runs that a step of two runs started, where both are known."""
    if not depth:
        return None
    first, second = (_found(run, side.newest.sub_workflow_id if side else None, runs) for run, side in (a, b))
    if first is None or second is None or RunStatus.TERMINATED in {first.status, second.status}:
        return None  # one that was ended with its parent says nothing of why
    return _compared(first, second, runs, depth - 1) or None


def _found(run: WorkflowRun, run_id: str | None, runs: Runs | None) -> WorkflowRun | None:
    if run_id is None:
        return None
    try:
        if runs is not None:
            found: object = runs.get(run_id) if isinstance(runs, Mapping) else runs(run_id)
        else:
            found = None if run.source is None else run.source.other(run_id)
    except NotFound:
        return None
    return found if isinstance(found, WorkflowRun) else None
