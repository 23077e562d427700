"""``logs``, ``skip`` and ``fail``, and what ``show`` tells of one step of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from podium.cli import completing
from podium.cli.console import COLOURS, out, out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import moment, now_ms, span
from podium.cli.inputs import read_pairs
from podium.cli.options import INPUT_HELP, AsJson, Db, RunId
from podium.cli.stores import find_run, open_existing
from podium.model.errors import TaskNotFound
from podium.model.runs import TaskLog, TaskRun, WorkflowRun
from podium.model.values import JsonObject

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

Ref: TypeAlias = Annotated[
    str, typer.Argument(metavar="STEP", help="The step's reference name.", autocompletion=completing.steps)
]

#: What a loop adds to the names of the steps in it.
_ITERATION = re.compile(r"(__\d+)+$")


def attempts_of(client: ShowingClient, run: WorkflowRun, step: str) -> Sequence[TaskRun]:
    """
    Return the attempts of a step, oldest first; of all iterations, if it is in a loop and none is named.

    One that the run itself has not is looked for in its sub-workflows, those first that began first.

    Raises:
        TaskNotFound: The run has not come to such a step.
    """
    runs = [run]
    for each in runs:  # which grows meanwhile
        found = [attempt for attempt in each.tasks if attempt.reference_task_name == step]
        found = found or [one for one in each.tasks if _ITERATION.sub("", one.reference_task_name) == step]
        if found:
            return found
        runs += [client.get(attempt.sub_workflow_id) for attempt in each.tasks if attempt.sub_workflow_id]
    known = ", ".join(dict.fromkeys(attempt.reference_task_name for attempt in run.tasks)) or "none yet"
    raise TaskNotFound(f"run {run.workflow_id} has not come to a step {step!r}; its steps are: {known}")


def logs(
    run_id: RunId,
    step: Ref,
    attempt: Annotated[
        int | None, typer.Option(min=1, help="Only of this attempt of it, from 1; of all without it.")
    ] = None,
    as_json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """Write what a step of a run has logged, oldest first: a line each, with its time."""
    with open_existing(db) as client:
        run = client.get(find_run(client, run_id))
        chosen = [one for one in attempts_of(client, run, step) if attempt is None or one.retry_count + 1 == attempt]
        if not chosen:
            raise TaskNotFound(f"{step} of run {run.workflow_id} has no attempt {attempt}")
        found = [entry for one in chosen for entry in client.logs(one.task_id)]
    if as_json:
        out_json([_entry(entry) for entry in found])
        return
    for entry in found:
        for line in entry.log.splitlines():
            out(f"{moment(entry.created_time)} {line}")
    if not found:
        say(f"{step} has logged nothing")


def _entry(entry: TaskLog) -> JsonObject:
    """Return a line in the words of Conductor's ``TaskExecLog``."""
    return {"log": entry.log, "createdTime": entry.created_time, "taskId": entry.task_id}


def show_step(client: ShowingClient, run: WorkflowRun, step: str, *, as_json: bool) -> None:
    """Show each attempt of a step: how it went, its input and output, and what it logged."""
    found = attempts_of(client, run, step)
    if as_json:
        from podium.model.codec import to_dict

        out_json([{**to_dict(one), "logs": [_entry(entry) for entry in client.logs(one.task_id)]} for one in found])
        return
    now = now_ms()
    for number, one in enumerate(found):
        if number:
            out()
        _show_attempt(client, one, now)


def _show_attempt(client: ShowingClient, one: TaskRun, now: int) -> None:
    title = f"{one.reference_task_name} ({one.task_type}) attempt {one.retry_count + 1}: {one.status}"
    out(title, colour=COLOURS.get(one.status))
    out(f"  id {one.task_id}")
    if one.start_time:
        took = "took" if one.end_time else "for"
        out(f"  started {moment(one.start_time)}, {took} {span(one.start_time, one.end_time, now)}")
    if one.worker_id:
        out(f"  worker {one.worker_id}")
    for line in (one.reason_for_incompletion or "").splitlines():
        out(f"  reason: {line}")
    for name, payload in (("input", one.input_data), ("output", one.output_data)):
        out(f"  {name}:")
        for line in json.dumps(dict(payload), indent=2, ensure_ascii=False).splitlines():
            out(f"    {line}")
    lines = [line for entry in client.logs(one.task_id) for line in entry.log.splitlines()]
    if lines:
        out("  log:")
    for line in lines:
        out(f"    {line}")


def skip(
    run_id: RunId,
    step: Ref,
    inputs: Annotated[list[str] | None, typer.Option("-i", "--input", metavar="INPUT", help=INPUT_HELP)] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="OUTPUT", help=INPUT_HELP.replace("input", "output")),
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Pass over a step that a run has not come to: it will be SKIPPED, and what follows it follows."""
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.skip_task(whole_id, step, input=read_pairs(inputs or []), output=read_pairs(outputs or []))
    say(f"{step} of run {whole_id} will be SKIPPED")


def fail(
    run_id: RunId,
    step: Ref,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; it is kept with the attempt.")] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="OUTPUT", help=INPUT_HELP.replace("input", "output")),
    ] = None,
    *,
    terminal: Annotated[bool, typer.Option("--terminal", help="It is not tried again.")] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """End the live attempt of a step as FAILED, as its worker would; it is tried again as its definition says."""
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.fail_task(whole_id, step, reason, output=read_pairs(outputs or []), terminal=terminal)
    say(f"{step} of run {whole_id} is FAILED")
