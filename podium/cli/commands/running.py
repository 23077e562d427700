"""``run``, ``resume``, ``retry`` and ``restart``: commands that work on a run until it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import evolve

from podium.cli import completing
from podium.cli.commands.definitions import SubjectText, refuse_wrong
from podium.cli.console import say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import patience_in
from podium.cli.inputs import read_input, read_pairs
from podium.cli.options import INPUT_HELP, Concurrency, Db, Log, RunId, Timeout, Verbose, Worked, Workers
from podium.cli.stores import command, find_run, open_existing, open_store
from podium.cli.subjects import AnyTask, Subject, read_subject, read_tasks, read_workflows
from podium.cli.working import RunSettings, work_to_end
from podium.model.definitions import WorkflowDef
from podium.model.errors import InvalidRequest, RunUndone
from podium.model.statuses import RunStatus, TaskType
from podium.model.task_types import SYSTEM_TYPES
from podium.model.walk import walk

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient
    from podium.model.definitions import TaskDef
    from podium.model.runs import WorkflowRun


def run(
    subject: SubjectText,
    inputs: Annotated[list[str] | None, typer.Option("-i", "--input", metavar="INPUT", help=INPUT_HELP)] = None,
    *,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    verbose: Verbose = False,
    log: Log = None,
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
    how = RunSettings(patience_s=patience_in(timeout), concurrency=concurrency, is_verbose=verbose, log=log, db=db)
    effort = _with_tasks(how, [subject], workers, found.tasks)
    if not unchecked:
        refuse_wrong(found, "runs")
    beside = _beside(found, effort, workers or ())
    effort = _warned(effort, [*found.definitions, *(each for each in beside if isinstance(each, WorkflowDef))])
    with open_store(db) as client:

        def start() -> str:
            if beside:
                client.register(*beside)
            run_id = client.start(found.workflow, given, check=False)  # that has been done
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
    verbose: Verbose = False,
    log: Log = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Go on with a run: one that was paused, interrupted or killed.

    With SUBJECT (or --workers) its tasks are served here until the run ends, as 'podium run' does; what was done is not
    done again. Without, a paused run is only set going again, for workers elsewhere.
    """
    how = RunSettings(patience_s=patience_in(timeout), concurrency=concurrency, is_verbose=verbose, log=log, db=db)
    effort = _effort_of(how, subject, workers)
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        found = client.get(whole_id, include_tasks=False)
        status = found.status
        if effort is None and status is RunStatus.RUNNING:
            again = command("resume", whole_id, "SUBJECT", db=db)
            raise InvalidRequest(f"run {whole_id} is not paused; to work on it here: {again}")
        if status is RunStatus.PAUSED or effort is None:
            client.resume(whole_id)
            say(f"run {whole_id} is RUNNING")
        if effort is not None:
            if not status.is_terminal:
                effort = _warned(effort, _definitions_of(found))
            raise typer.Exit(work_to_end(client, effort, lambda: whole_id))


def retry(
    run_id: RunId,
    subject: Worked = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Also if steps of it were undone when it failed.")] = False,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    verbose: Verbose = False,
    log: Log = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Go on from the failed tasks of an ended run.

    With SUBJECT (or --workers) its tasks are served here until the run ends; without, workers elsewhere do it.
    A run whose work was undone when it failed is refused: 'podium restart' begins anew, --force goes on without it.
    """
    how = RunSettings(patience_s=patience_in(timeout), concurrency=concurrency, is_verbose=verbose, log=log, db=db)
    _take_up(
        run_id, _effort_of(how, subject, workers), db, lambda client, whole_id: client.retry(whole_id, force=force)
    )


def restart(
    run_id: RunId,
    subject: Worked = None,
    *,
    latest: Annotated[bool, typer.Option("--latest", help="With the newest registered definition.")] = False,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    verbose: Verbose = False,
    log: Log = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Begin an ended run anew, under its id and with its input.

    With SUBJECT (or --workers) its tasks are served here until the run ends; without, workers elsewhere do it.
    """
    how = RunSettings(patience_s=patience_in(timeout), concurrency=concurrency, is_verbose=verbose, log=log, db=db)
    effort = _effort_of(how, subject, workers)
    _take_up(run_id, effort, db, lambda client, whole_id: client.restart(whole_id, use_latest=latest))


def rerun(
    run_id: RunId,
    subject: Worked = None,
    *,
    from_task: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STEP",
            help="Go on from this step (name or task id), also of a sub-workflow; from the start without it.",
            autocompletion=completing.steps,
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", metavar="INPUT", help=f"{INPUT_HELP} Of that step; of the run without --from."),
    ] = None,
    run_inputs: Annotated[
        list[str] | None,
        typer.Option("--workflow-input", metavar="INPUT", help="The input of the run from now on, in the same form."),
    ] = None,
    correlation_id: Annotated[str | None, typer.Option(help="The run's correlation id from now on.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Although steps were undone when it failed.")] = False,
    timeout: Timeout = None,
    concurrency: Concurrency = 8,
    workers: Workers = None,
    verbose: Verbose = False,
    log: Log = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Go on in an ended run from one of its steps, as if what came after that had never been.

    With SUBJECT (or --workers) its tasks are served here until the run ends; without, workers elsewhere do it.
    """
    if from_task is None and inputs and run_inputs:
        raise InvalidRequest("without --from, -i is the input of the run: leave --workflow-input out, or name the step")
    given = read_pairs(inputs) if inputs else None
    of_run = read_pairs(run_inputs) if run_inputs else None
    how = RunSettings(patience_s=patience_in(timeout), concurrency=concurrency, is_verbose=verbose, log=log, db=db)

    def take(client: ShowingClient, whole_id: str) -> None:
        client.rerun(
            whole_id,
            from_task=from_task,
            task_input=given if from_task is not None else None,
            workflow_input=of_run if from_task is not None else given or of_run,
            correlation_id=correlation_id,
            force=force,
        )

    _take_up(run_id, _effort_of(how, subject, workers), db, take)


def _take_up(run_id: str, effort: RunSettings | None, db: str, take: Callable[[ShowingClient, str], None]) -> None:
    """Take up an ended run, and work on it if the user has named tasks."""
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        try:
            take(client, whole_id)
        except RunUndone as error:
            anew = command("restart", error.run_id, *(effort.words if effort is not None else ("SUBJECT",)), db=db)
            also = "; --force takes up what is left" if error.may_force else ""
            raise InvalidRequest(str(error).replace(error.advice, f"begin anew: {anew}{also}")) from error
        say(f"run {whole_id} is RUNNING")
        if effort is not None:
            effort = _warned(effort, _definitions_of(client.get(whole_id, include_tasks=False)))
            raise typer.Exit(work_to_end(client, effort, lambda: whole_id))
    say(f"to work on it here: {command('resume', whole_id, 'SUBJECT', db=db)}")


def _effort_of(how: RunSettings, subject: str | None, workers: Sequence[str] | None) -> RunSettings | None:
    """Add what the user named to work with; None if the user named no tasks."""
    if subject is None and not workers:
        return None
    named = [] if subject is None else [subject]
    return _with_tasks(how, named, workers, () if subject is None else read_tasks(subject))


def _with_tasks(
    how: RunSettings, named: Sequence[str], workers: Sequence[str] | None, own: Sequence[AnyTask]
) -> RunSettings:
    places = workers or []
    # Of several tasks with one name the last counts, so --workers can replace what the workflow brings.
    tasks = {task.name: task for task in [*own, *(task for place in places for task in read_tasks(place))]}
    words = [*named, *(word for place in places for word in ("--workers", place))]
    return evolve(how, tasks=tuple(tasks.values()), words=words)


def _beside(subject: Subject, effort: RunSettings, places: Sequence[str]) -> list[WorkflowDef | TaskDef]:
    """Return what a workflow needs in the registry and does not bring: what stands beside it, or in --workers."""
    found = _called_elsewhere(subject, places) if places else []
    if subject.is_python:
        from podium.client.run_workers import task_defs_of

        return [*found, *task_defs_of(subject.workflow, effort.tasks)]
    known = {each.name: each for each in (*(task.task_def for task in effort.tasks), *subject.task_defs)}
    return [*subject.others, *found, *known.values()]


def _called_elsewhere(subject: Subject, places: Sequence[str]) -> Sequence[WorkflowDef]:
    """Return those of the workflows in --workers that a workflow calls, at any depth, and does not bring."""
    import networkx as nx

    from podium.render.estate import estate

    own = subject.definitions
    offered = [each for place in places for workflow in read_workflows(place) for each in workflow.definitions]
    called = nx.descendants(estate([*own, *offered]), own[0].name) - {each.name for each in own}
    return list({(each.name, each.version): each for each in offered if each.name in called}.values())


def _warned(effort: RunSettings, definitions: Iterable[WorkflowDef]) -> RunSettings:
    """Name the tasks that nobody here works on; the commands that go on will say where to name their file."""
    served = {task.name for task in effort.tasks}
    needed = dict.fromkeys(
        visit.task.name if visit.task.type == TaskType.SIMPLE else visit.task.type
        for definition in definitions
        for visit in walk(definition.tasks)
        if visit.task.type not in SYSTEM_TYPES
    )
    unserved = [name for name in needed if name not in served and "${" not in name]
    if unserved:
        from podium.client import plugins  # with all of the client, which help and completion do without

        installed = plugins.names()
        unserved = [name for name in unserved if name not in installed]
    if not unserved:
        return effort
    say(
        f"warning: nobody here works on {', '.join(unserved)}; "
        "the run waits there until somebody does (--workers FILE)",
        colour="yellow",
    )
    return evolve(effort, words=[*effort.words, "--workers", "FILE"])


def _definitions_of(run: WorkflowRun) -> Sequence[WorkflowDef]:
    return () if run.workflow_definition is None else (run.workflow_definition,)
