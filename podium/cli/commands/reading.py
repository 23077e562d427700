"""``list``, ``show`` and ``explain``: looks at the store that start no engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli import completing
from podium.cli.commands.steps import show_step
from podium.cli.console import COLOURS, INTERRUPTED, out, out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import attempt_number, first_line, moment, now_ms, span
from podium.cli.inputs import read_pairs
from podium.cli.options import AsJson, Db, RunId, Since, Until
from podium.cli.reports import failure_lines, null_lines, undone_lines
from podium.cli.stores import command, find_run, left_alone, newest_runs, open_existing
from podium.cli.tables import print_table
from podium.model.errors import NotOffered
from podium.model.runs import RunSummary, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.values import JsonObject

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

#: Characters of an input or output in `show`; all of it is in ``--json``.
_DATA_MAX = 400


def list_runs(
    name: Annotated[
        str | None, typer.Option(help="Only runs of this workflow.", autocompletion=completing.workflows)
    ] = None,
    status: Annotated[RunStatus | None, typer.Option(help="Only runs with this status.", case_sensitive=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most runs to show.")] = 20,
    *,
    inputs: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", metavar="KEY=VALUE", help="Only runs whose input has this; may be repeated."),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="KEY=VALUE", help="Only runs whose output has this; may be repeated."),
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Only runs with this text in input, output, variables or reason.")
    ] = None,
    since: Since = None,
    until: Until = None,
    correlation_id: Annotated[str | None, typer.Option(help="Only runs with this correlation id.")] = None,
    with_children: Annotated[bool, typer.Option("--all", help="Sub-workflows too.")] = False,
    as_json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    List runs, newest first.

    Sub-workflows are only listed with --all, or if --name asks for them.
    """
    with open_existing(db) as client:
        is_whole = with_children or name is not None
        runs = newest_runs(
            client,
            limit=limit,
            name=name,
            status=status,
            with_children=is_whole,
            correlation_id=correlation_id,
            started=(since, until),
            input=read_pairs(inputs or []),
            output=read_pairs(outputs or []),
            text=text,
        )
        interrupted = {run.workflow_id for run in left_alone(client, runs)}
    if as_json:
        out_json([_summary(run) for run in runs])
    elif runs:
        now = now_ms()
        print_table(
            ["ID", "WORKFLOW", "VERSION", "STATUS", "STARTED", "DURATION", "REASON"],
            [_run_row(run, now, is_interrupted=run.workflow_id in interrupted) for run in runs],
        )
    else:
        say("no runs")


def _summary(run: RunSummary) -> JsonObject:
    """Return a line of the list in the words of Conductor's ``WorkflowSummary``; times are epoch milliseconds."""
    return {
        "workflowId": run.workflow_id,
        "workflowType": run.workflow_type,
        "version": run.version,
        "status": run.status.value,
        "startTime": run.create_time,
        "endTime": run.end_time,
        "correlationId": run.correlation_id,
        "reasonForIncompletion": run.reason_for_incompletion,
        "parentWorkflowId": run.parent_workflow_id,
    }


def _run_row(run: RunSummary, now: int, *, is_interrupted: bool) -> list[str]:
    return [
        run.workflow_id,
        run.workflow_type,
        str(run.version),
        INTERRUPTED if is_interrupted else run.status,
        moment(run.create_time),
        span(run.create_time, run.end_time, now),
        first_line(run.reason_for_incompletion),
    ]


def show(
    run_id: RunId,
    step: Annotated[
        str | None,
        typer.Argument(
            metavar="STEP",
            show_default=False,
            help="Only this step: each attempt with input, output and log.",
            autocompletion=completing.steps,
        ),
    ] = None,
    as_json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Show a run and its tasks, or one step of it with its attempts.

    If it failed, the failing task comes first, with its reason and what it logged. If it should go on, and its process
    is gone, the command that goes on is told.
    """
    with open_existing(db) as client:
        run = client.get(find_run(client, run_id))
        if step is not None:
            show_step(client, run, step, as_json=as_json)
            return
        if as_json:
            from podium.model.codec import to_dict

            out_json(to_dict(run))
            return
        is_interrupted = bool(left_alone(client, [run]))
        _show(client, run, INTERRUPTED if is_interrupted else run.status)
    if is_interrupted:
        say(f"nobody works on it; go on: {command('resume', run.workflow_id, 'SUBJECT', db=db)}", colour="yellow")
    say(f"picture: {command('render', run.workflow_id, '-o', 'run.svg', db=db)}")


def explain(run_id: RunId, as_json: AsJson = False, db: Db = DEFAULT_DB) -> None:
    """
    Say what a run, or the schedule of a name, waits for and why, or why a run has ended.

    A timer, a retry, a worker that nobody has, somebody's decision, a limit and who holds it, a pause, a failed branch:
    in the run, and in its sub-workflows.
    """
    with open_existing(db) as client:
        wanted = run_id if _is_schedule(client, run_id) else find_run(client, run_id)
        found = client.explanation(wanted, lambda run, ref: command("complete", run, ref, db=db))
    if not as_json:
        out(found.text)
        return
    waits = [
        {"cause": wait.cause, "workflowId": wait.run_id, "taskReferenceName": wait.ref, "text": wait.text}
        for wait in found.waits
    ]
    out_json({"workflowId": found.run_id, "status": found.status, "text": found.text, "waits": waits})


def _is_schedule(client: ShowingClient, name: str) -> bool:
    try:
        return name in {info.name for info in client.schedules.list()}
    except NotOffered:
        return False  # a Conductor may do without


def _show(client: ShowingClient, run: WorkflowRun, status: str) -> None:
    now = now_ms()
    took = span(run.create_time, run.end_time, now)
    out(f"{run.workflow_name} version {run.workflow_version}: {status}", colour=COLOURS.get(status))
    failing = list(failure_lines(client, run))
    for line in [*(failing or _reason(run)), *undone_lines(run)]:
        out(line)
    for line in _facts(run):
        out(f"  {line}")
    out(f"  started {moment(run.create_time)}, {'took' if run.end_time else 'for'} {took}")
    out()
    if run.tasks:
        headers = ["REF", "TYPE", "STATUS", "ATTEMPT", "STARTED", "DURATION", "REASON"]
        print_table(headers, [_task_row(attempt, now) for attempt in run.tasks])
    else:
        out("no tasks yet")


def _reason(run: WorkflowRun) -> Iterator[str]:
    """Yield the run's own reason, for a run that no task is to blame for."""
    if run.reason_for_incompletion:
        yield f"reason: {run.reason_for_incompletion}"


def _facts(run: WorkflowRun) -> Iterator[str]:
    yield f"id {run.workflow_id}"
    if run.correlation_id:
        yield f"correlation id {run.correlation_id}"
    if run.parent_workflow_id:
        yield f"sub-workflow of {run.parent_workflow_id}"
    yield f"input {_short(run.input)}"
    if run.output:
        yield f"output {_short(run.output)}"
        yield from null_lines(run)


def _short(value: JsonObject) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _DATA_MAX else f"{text[:_DATA_MAX]}… (all of it: --json)"


def _task_row(attempt: TaskRun, now: int) -> list[str]:
    return [
        attempt.reference_task_name,
        attempt.task_type,
        attempt.status,
        attempt_number(attempt),
        moment(attempt.start_time),
        span(attempt.start_time, attempt.end_time, now),
        first_line(attempt.reason_for_incompletion),
    ]
