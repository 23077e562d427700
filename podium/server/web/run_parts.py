"""What a page of one run is made of: its header, its views, and the table of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from podium.client.explaining import Explainer
from podium.model.attempts import TaskRun
from podium.model.runs import WorkflowRun
from podium.model.waits import Wait
from podium.server.insight.explained import explained
from podium.server.web.writing import address, segment

if TYPE_CHECKING:
    from podium.server.web.visits import Visit

#: A run of more attempts is shown at once without them; they come with a second request.
LARGE = 1_000
#: What a run says of itself beside its reason: the run of its failure workflow.
_FAILURE_RUN = "conductor.failure_workflow"
#: Most lines of waits that are alike, and of all that a run waits for.
_ALIKE_MAX, _WAITS_MAX = 3, 20
#: Most children that the header names.
_CHILDREN_MAX = 50


@frozen(kw_only=True)
class RunView:
    """
    One way to look at a run: a tab of its page.

    Attributes:
        key: Names it in the address: ``?view=tasks``.
        title: What the tab is called.
        template: Shows it; ``it`` is what `make` gives.
        make: Gives what is shown, of a visit and the run with its attempts.
        is_live: It is loaded anew when the run changes.
    """

    key: str
    title: str
    template: str
    make: Callable[[Visit, WorkflowRun], Any]
    is_live: bool = True


@frozen
class ExplanationLine:
    """One line of an explanation, and the task that it is about."""

    text: str
    href: str = ""


@frozen
class ChildRun:
    """A run that a task began."""

    run_id: str
    ref: str
    status: str


@frozen(kw_only=True)
class RunHeader:
    """What the header of a run's page shows."""

    run: WorkflowRun
    #: Every attempt is known; a large run shows its header first.
    is_whole: bool
    tasks: int
    #: Status to the number of attempts, in the order of statuses.
    counts: Sequence[tuple[str, int]] = ()
    failing: TaskRun | None = None
    tries: int = 0
    #: Why it stands where it stands, in words; what it waits for.
    lines: Sequence[ExplanationLine] = ()
    children: Sequence[ChildRun] = ()
    more_children: int = 0
    failure_run: str = ""


def head_of(visit: Visit, run: WorkflowRun) -> RunHeader:
    """Return the header of a run that has its attempts."""
    failing = None if run.status.is_successful else run.failing_task
    children = [each for each in run.tasks if each.sub_workflow_id]
    counts = Counter(each.status.value for each in run.tasks)
    failure_run = run.output.get(_FAILURE_RUN)
    return RunHeader(
        run=run,
        is_whole=True,
        tasks=len(run.tasks),
        counts=sorted(counts.items()),
        failing=failing if run.status.is_terminal else None,
        tries=sum(each.reference_task_name == failing.reference_task_name for each in run.tasks) if failing else 0,
        lines=_lines(visit, run, failing),
        children=[ChildRun(each.sub_workflow_id or "", each.reference_task_name, each.status) for each in children][
            :_CHILDREN_MAX
        ],
        more_children=max(0, len(children) - _CHILDREN_MAX),
        failure_run=failure_run if isinstance(failure_run, str) else "",
    )


def first_head(run: WorkflowRun, tasks: int) -> RunHeader:
    """Return the header of a large run, whose attempts come later."""
    return RunHeader(run=evolve(run, tasks=()), is_whole=False, tasks=tasks)


def _lines(visit: Visit, run: WorkflowRun, failing: TaskRun | None) -> list[ExplanationLine]:
    told = explained(visit.desk.client.engine, run)
    if told.waits:
        return _waiting(told.waits, address(f"/runs/{segment(run.workflow_id)}", view="tasks"))
    lines = told.text.splitlines()[1:]
    if failing is not None and run.status.is_terminal:
        # The header says first which task failed, and why.
        known = ("  because: ", f"  {failing.reference_task_name!r} is ")
        lines = [line for line in lines if not line.startswith(known)]
    return [ExplanationLine(line.strip()) for line in lines]


def _waiting(waits: Sequence[Wait], all_tasks: str) -> list[ExplanationLine]:
    """Return a line for each wait; of many that are alike the first ones, and how many more there are."""
    alike: dict[str, list[Wait]] = {}
    for wait in waits:
        alike.setdefault(_words(wait).replace(repr(wait.ref), "", 1), []).append(wait)
    lines: list[ExplanationLine] = []
    for group in alike.values():
        shown = group if len(group) <= _ALIKE_MAX + 1 else group[:_ALIKE_MAX]
        lines += [ExplanationLine(_words(one), task_path(one.run_id, one.ref) if one.ref else "") for one in shown]
        if len(group) > len(shown):
            lines.append(ExplanationLine(f"{len(group) - len(shown):,} more like {shown[-1].ref!r}", all_tasks))
    if len(lines) > _WAITS_MAX + 1:
        lines[_WAITS_MAX:] = [ExplanationLine("and for more, see all its tasks", all_tasks)]
    return lines


def _words(wait: Wait) -> str:
    """Return what is waited for; what a program would call is said on the page by a button."""
    return wait.text.split(": client.")[0].removesuffix(": see its page")


def standing_of(visit: Visit, run: WorkflowRun, attempt: TaskRun) -> list[str]:
    """Say what an attempt waits for, or what one that failed lacked; nothing of all others."""
    engine = visit.desk.client.engine
    if attempt.status.is_terminal:
        return [] if attempt.status.is_successful else Explainer(engine).lacks(attempt)
    own = (run.workflow_id, attempt.reference_task_name)
    return [_words(wait) for wait in explained(engine, run).waits if (wait.run_id, wait.ref) == own]


def task_path(run_id: str, ref: str) -> str:
    """Return the path of the page of a task in a run."""
    return f"/runs/{segment(run_id)}/tasks/{segment(ref)}"
