"""Which cases and tasks of workflows a set of tests has come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NamedTuple, Self

from podium.dsl import Workflow
from podium.model.attempts import chosen_case
from podium.model.definitions import WorkflowDef
from podium.model.errors import InvalidRequest, PodiumError
from podium.model.runs import WorkflowRun
from podium.model.task_types import SWITCHES
from podium.model.texts import shown
from podium.model.walk import blocks, walk
from podium.testing.observing import observing

_ITERATIONS = re.compile(r"(?:__\d+)+$")
#: What the way of a switch is called that is taken when no case fits.
DEFAULT = "default"
_DEPTH_MAX = 20


class CoveredBranch(NamedTuple):
    """One way of a switch, or (with an empty label) a task."""

    ref: str
    #: The case, or `DEFAULT`.
    label: str

    def __str__(self) -> str:
        return f"{self.ref}: {self.label}" if self.label else self.ref


class WorkflowCoverage:
    """
    What was come to of one workflow.

    Attributes:
        name: The workflow's.
        version: Of the workflow.
        cases: Every case of its switches, and whether a run took it; the default too, where nothing stands there.
        tasks: Every task, and whether a run came to it.
        runs: How many runs were looked at.
    """

    def __init__(self, definition: WorkflowDef) -> None:
        self.name: str = definition.name
        self.version: int = definition.version
        self.runs: int = 0
        self.cases: dict[CoveredBranch, bool] = {}
        self.tasks: dict[CoveredBranch, bool] = {}
        for visit in walk(definition.tasks):
            self.tasks[CoveredBranch(visit.task.task_reference_name, "")] = False
            if visit.task.type in SWITCHES:
                labels = [block.label for block in blocks(visit.task) if block.kind == "case"]
                self.cases |= {
                    CoveredBranch(visit.task.task_reference_name, label): False for label in [*labels, DEFAULT]
                }

    def add(self, run: WorkflowRun) -> None:
        """Take note of what a run came to."""
        self.runs += 1
        for attempt in run.tasks:
            place = attempt.workflow_task
            ref = place.task_reference_name if place is not None else _ITERATIONS.sub("", attempt.reference_task_name)
            if CoveredBranch(ref, "") in self.tasks:
                self.tasks[CoveredBranch(ref, "")] = True
            case = chosen_case(attempt) if attempt.task_type in SWITCHES else None
            if case is not None:
                way = CoveredBranch(ref, case)
                self.cases[way if way in self.cases else CoveredBranch(ref, DEFAULT)] = True

    @property
    def missing(self) -> tuple[CoveredBranch, ...]:
        """What no run came to: cases, then the tasks that no case of these explains."""
        cases = [way for way, is_taken in self.cases.items() if not is_taken]
        return (*cases, *(way for way, is_taken in self.tasks.items() if not is_taken))


class Coverage(AbstractContextManager["Coverage"]):
    """
    Which cases of switches, and which tasks, a set of runs has come to.

    As a context it looks on at every run that is simulated, or waited for on a client of `podium.testing.connect`.

    Args:
        workflows: Workflows that are to be covered, those too that no run is of.

    Example:
        >>> from podium import noop, switch, workflow
        >>> from podium.testing import simulate
        >>> @workflow
        ... def order(speed: str) -> None:
        ...     with switch("route", speed) as route:
        ...         with route.case("EXPRESS"):
        ...             noop("hurry")
        >>> with Coverage() as coverage:
        ...     run = simulate(order, {"speed": "EXPRESS"})
        >>> print(coverage.report())
        workflow         runs  cases  tasks  missing
        order version 1     1    1/2    2/2  route: default
    """

    def __init__(self, *workflows: Workflow[..., Any] | WorkflowDef) -> None:
        self._of: dict[tuple[str, int], WorkflowCoverage] = {}
        self._looking: AbstractContextManager[None] | None = None
        self._seen: set[str] = set()
        for each in workflows:
            if not isinstance(each, Workflow | WorkflowDef):
                raise InvalidRequest(f"Coverage takes workflows and their definitions, not {shown(each)}")
            for definition in each.definitions if isinstance(each, Workflow) else (each,):
                self._covered(definition)

    def _covered(self, definition: WorkflowDef) -> WorkflowCoverage:
        key = (definition.name, definition.version)
        if key not in self._of:
            self._of[key] = WorkflowCoverage(definition)
        return self._of[key]

    def add(self, run: WorkflowRun, get: Callable[[str], WorkflowRun] | None = None, depth: int = 0) -> None:
        """
        Count a run, and the runs that it called.

        Args:
            run: The run, with its tasks and its definition.
            get: Gives the runs that it called; the run's own client if it is not given.
            depth: How many runs called each other to come to this one.
        """
        if run.workflow_definition is None:
            return
        self._covered(run.workflow_definition).add(run)
        for attempt in run.tasks if depth < _DEPTH_MAX else ():
            child = _child(run, attempt.sub_workflow_id, get) if attempt.sub_workflow_id else None
            if child is not None:
                self.add(child, get, depth + 1)

    @property
    def workflows(self) -> tuple[WorkflowCoverage, ...]:
        """What was come to of each workflow, by name and version."""
        return tuple(self._of[key] for key in sorted(self._of))

    @property
    def missing(self) -> tuple[str, ...]:
        """What no run came to, such as ``order: route: EXPRESS``."""
        return tuple(f"{each.name}: {way}" for each in self.workflows for way in each.missing)

    @property
    def percent(self) -> float:
        """How much of all cases and tasks the runs came to, from 0 to 100; 100 if there are none."""
        found = [is_taken for each in self.workflows for is_taken in (*each.cases.values(), *each.tasks.values())]
        return 100 * sum(found) / len(found) if found else 100.0

    def report(self) -> str:
        """Return a table, a line for each workflow; empty if there are none."""
        rows = [("workflow", "runs", "cases", "tasks", "missing"), *(_row(each) for each in self.workflows)]
        if len(rows) == 1:
            return ""
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = []
        for name, *numbers, missing in rows:
            columns = [f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True)]
            lines.append("  ".join([f"{name:<{widths[0]}}", *columns, missing]).rstrip())
        return "\n".join(lines)

    def __enter__(self) -> Self:
        self._looking = observing(self.add)
        self._looking.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._looking is not None:
            self._looking.__exit__(kind, error, traceback)


def _child(run: WorkflowRun, run_id: str, get: Callable[[str], WorkflowRun] | None) -> WorkflowRun | None:
    try:
        if get is not None:
            return get(run_id)
        return None if run.source is None else run.source.other(run_id)
    except PodiumError:
        return None  # it was deleted, or its store is closed: the run that called it counts all the same


def _row(each: WorkflowCoverage) -> tuple[str, ...]:
    counts = [f"{sum(found.values())}/{len(found)}" if found else "-" for found in (each.cases, each.tasks)]
    return (f"{each.name} version {each.version}", str(each.runs), *counts, ", ".join(_told(each)))


def _told(each: WorkflowCoverage) -> Iterator[str]:
    yield from map(str, each.missing)
