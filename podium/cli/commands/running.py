"""``run``, ``resume`` and ``retry``: commands that work on a run until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from podium.cli.commands.definitions import SubjectText, problem_lines, problems_of
from podium.cli.console import say
from podium.cli.formats import seconds_in
from podium.cli.inputs import read_input
from podium.cli.options import DEFAULT_DB, INPUT_HELP, Concurrency, Db, RunId, Timeout, Worked, Workers
from podium.cli.stores import command, find_run, open_existing, open_store
from podium.cli.subjects import AnyTask, Subject, read_subject, read_tasks
from podium.cli.working import Effort, work_to_end
from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus, TaskType
from podium.model.walk import walk

_SYSTEM_TYPES = frozenset(TaskType) - {TaskType.SIMPLE}


def run(
    subject: SubjectText,
    inputs: Annotated[list[str] | None, typer.Option("-i", "--input", metavar="INPUT", help=INPUT_HELP)] = None,
    *,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    unchecked: Annotated[bool, typer.Option("--no-check", help="Run it even if 'podium check' finds errors.")] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Run a workflow here until it ends, and write its output as JSON.

    The @task functions of the workflow are its workers; a workflow in JSON brings none, so name them with --workers.
    Every step is kept in the database: after Ctrl-C, or a crash, 'podium resume' goes on where the run was.

    Exit code 0 if the run completed, 1 if it failed or did not end in time, 2 if the call or the workflow is wrong,
    130 after Ctrl-C.
    """
    found = read_subject(subject)
    given = read_input(found, inputs or [])
    effort = _effort([subject], workers, found.tasks, timeout=timeout, concurrency=concurrency, db=db)
    if not unchecked:
        _refuse_wrong(found)
    _warn_of_unserved(found, effort.tasks)
    with open_store(db) as client:

        def start() -> str:
            run_id = client.start(found.workflow, given)
            say(f"run {run_id} of {found.workflow.name} version {found.workflow.version}")
            return run_id

        code = work_to_end(client, effort, start)
    raise typer.Exit(code)


def resume(
    run_id: RunId,
    subject: Worked = None,
    *,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Go on with a run: one that was paused, interrupted or killed.

    With SUBJECT (or --workers) its tasks are served here until the run ends, as 'podium run' does; what was done is not
    done again. Without, a paused run is only set going again, for workers elsewhere.
    """
    effort = _effort_of(subject, workers, timeout=timeout, concurrency=concurrency, db=db)
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        status = client.get(whole_id, include_tasks=False).status
        if effort is None and status is RunStatus.RUNNING:
            again = command("resume", whole_id, "SUBJECT", db=db)
            raise InvalidRequest(f"run {whole_id} is not paused; to work on it here: {again}")
        if status is RunStatus.PAUSED or effort is None:
            client.resume(whole_id)
            say(f"run {whole_id} is RUNNING")
        if effort is not None:
            raise typer.Exit(work_to_end(client, effort, lambda: whole_id))


def retry(
    run_id: RunId,
    subject: Worked = None,
    *,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Go on from the failed tasks of an ended run.

    With SUBJECT (or --workers) its tasks are served here until the run ends; without, workers elsewhere do it.
    """
    effort = _effort_of(subject, workers, timeout=timeout, concurrency=concurrency, db=db)
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.retry(whole_id)
        say(f"run {whole_id} is RUNNING")
        if effort is not None:
            raise typer.Exit(work_to_end(client, effort, lambda: whole_id))
    say(f"to work on it here: {command('resume', whole_id, 'SUBJECT', db=db)}")


def _effort_of(
    subject: str | None,
    workers: Sequence[str] | None,
    *,
    timeout: str | None,
    concurrency: int,
    db: str,
) -> Effort | None:
    """Give what to work with; None if the user named no tasks."""
    if subject is None and not workers:
        return None
    named = [] if subject is None else [subject]
    own = () if subject is None else read_tasks(subject)
    return _effort(named, workers, own, timeout=timeout, concurrency=concurrency, db=db)


def _effort(
    named: Sequence[str],
    workers: Sequence[str] | None,
    own: Sequence[AnyTask],
    *,
    timeout: str | None,
    concurrency: int,
    db: str,
) -> Effort:
    places = workers or []
    # Of several tasks with one name the last counts, so --workers can replace what the workflow brings.
    tasks = {task.name: task for task in [*own, *(task for place in places for task in read_tasks(place))]}
    return Effort(
        tasks=tuple(tasks.values()),
        concurrency=concurrency,
        patience_s=_seconds(timeout),
        words=[*named, *(word for place in places for word in ("--workers", place))],
        db=db,
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    seconds = seconds_in(text)
    if seconds is None:
        raise InvalidRequest(f"{text!r} is no length of time; write seconds, or such as 90s or '1h 30m'")
    return seconds


def _refuse_wrong(subject: Subject) -> None:
    errors = [problem for problem in problems_of(subject) if problem.severity == "error"]
    for problem in errors:
        for line in problem_lines(subject.name, problem):
            say(line)
    if errors:
        say(f"error: {subject.name} is wrong; --no-check runs it all the same", colour="red")
        raise typer.Exit(2)


def _warn_of_unserved(subject: Subject, tasks: Sequence[AnyTask]) -> None:
    served = {task.name for task in tasks}
    needed = dict.fromkeys(
        visit.task.name if visit.task.type == TaskType.SIMPLE else visit.task.type
        for definition in subject.workflow.definitions
        for visit in walk(definition.tasks)
        if visit.task.type not in _SYSTEM_TYPES
    )
    unserved = [name for name in needed if name not in served and "${" not in name]
    if unserved:
        say(
            f"warning: nobody here works on {', '.join(unserved)}; "
            "the run waits there until somebody does (--workers MODULE)",
            colour="yellow",
        )
