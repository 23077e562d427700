"""One task of a run: its attempts, what each was given and gave, its log; completing what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from podium.model.attempts import TaskLog, TaskRun
from podium.model.errors import PodiumError
from podium.model.payloads import dump
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus
from podium.server.errors import Refusal, status_of
from podium.server.web.answers import Answer, Download, Redirect, View
from podium.server.web.folding import FoldedValue, folded
from podium.server.web.run_parts import standing_of, task_path
from podium.server.web.run_verbs import json_field
from podium.server.web.table import act, part, show
from podium.server.web.visits import Fields, Visit

#: Most lines of a log that a page shows, the newest; most attempts in the list.
_LINES_MAX, _TRIES_MAX = 500, 200


@frozen(kw_only=True)
class OneTask:
    """What the page of a task shows."""

    run: WorkflowRun
    ref: str
    #: All attempts of the task, the newest first; iterations of a loop have names of their own.
    tries: Sequence[TaskRun]
    more_tries: int
    #: The one that is shown, and by which number it was asked for; 0 for the newest.
    attempt: TaskRun
    wanted: int
    given: FoldedValue
    gave: FoldedValue
    lines: Sequence[TaskLog]
    more_lines: int
    path: str
    #: What it waits for, or what it lacked.
    standing: Sequence[str]
    #: It can be completed or failed here.
    is_open: bool
    trouble: str = ""
    typed: Fields = Fields({})


def one_task(visit: Visit) -> Answer:
    """Show a task of a run."""
    return View("runs/task.html", _task(visit))


def panel(visit: Visit) -> Answer:
    """Show a task beside the graph."""
    return View("runs/panel.html", _task(visit))


def _task(visit: Visit, trouble: str = "") -> OneTask:
    run, ref = visit.run(visit.path["run_id"]), visit.path["ref"]
    tries = _tries(run, ref)
    wanted = visit.query.number("seq", 0)
    attempt = next((each for each in tries if each.seq == wanted), tries[0])
    path = task_path(run.workflow_id, attempt.reference_task_name)
    lines = visit.client.logs(attempt.task_id)
    file = f"{path}/files/{attempt.seq}"
    return OneTask(
        run=run,
        ref=ref,
        tries=tries[:_TRIES_MAX],
        more_tries=max(0, len(tries) - _TRIES_MAX),
        attempt=attempt,
        wanted=wanted,
        given=folded(dict(attempt.input_data), "Input", f"{file}/input.json"),
        gave=folded(dict(attempt.output_data), "Output", f"{file}/output.json"),
        lines=lines[-_LINES_MAX:],
        more_lines=max(0, len(lines) - _LINES_MAX),
        path=path,
        standing=standing_of(visit, run, attempt),
        is_open=not attempt.status.is_terminal and not run.status.is_terminal,
        trouble=trouble,
        typed=visit.form,
    )


def _tries(run: WorkflowRun, ref: str) -> list[TaskRun]:
    """Return the attempts of a task, the newest first; by its name, or by that of its place in the definition."""
    found = [each for each in run.tasks if each.reference_task_name == ref]
    if not found:
        found = [each for each in run.tasks if each.workflow_task and each.workflow_task.task_reference_name == ref]
    if not found:
        raise Refusal(404, f"the run {run.workflow_id} has not come to a task {ref}")
    return found[::-1]


def settle(visit: Visit) -> Answer:
    """Complete or fail a task that waits, or say how far it is."""
    run_id, ref, form = visit.path["run_id"], visit.path["ref"], visit.form
    try:
        output, status = json_field(form, "output"), _STATUSES.get(form.text("status"))
        if status is None:
            raise Refusal(400, f"status is one of {', '.join(_STATUSES)}")
        visit.client.update_task_by_name(run_id, ref, status, output, reason=form.text("reason") or None)
    except PodiumError as error:
        code = status_of(error, {})
        if code in {403, 404} or code >= 500:
            raise
        visit.tell("report", "run", ref, run_id=run_id, result=type(error).__name__)
        return View("runs/task.html", _task(visit, str(error)), code)
    visit.tell("report", "run", ref, run_id=run_id)
    return Redirect(task_path(run_id, ref), _said(ref, status))


def _said(ref: str, status: TaskStatus) -> str:
    return {TaskStatus.COMPLETED: f"{ref} is completed.", TaskStatus.IN_PROGRESS: f"{ref} has its output."}.get(
        status, f"{ref} has failed."
    )


_STATUSES = {
    each.value: each
    for each in (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR, TaskStatus.IN_PROGRESS)
}


def file(visit: Visit) -> Answer:
    """Return what an attempt was given or gave as a file."""
    run = visit.run(visit.path["run_id"])
    attempt = next((each for each in run.tasks if str(each.seq) == visit.path["seq"]), None)
    what = visit.path["what"]
    if attempt is None or what not in {"input", "output"}:
        raise Refusal(404, "there is no such file")
    value = attempt.input_data if what == "input" else attempt.output_data
    return Download(dump(dict(value)), f"{attempt.reference_task_name}-{attempt.seq}-{what}.json")


PAGES = (
    show("/runs/{run_id}/tasks/{ref}", one_task),
    part("/runs/{run_id}/tasks/{ref}/panel", panel),
    part("/runs/{run_id}/tasks/{ref}/files/{seq}/{what}.json", file),
    act("/runs/{run_id}/tasks/{ref}", settle),
)
