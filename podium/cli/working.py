"""Work on a run until it ends: serve its tasks, show how it goes, tell how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import typer
from attrs import frozen

from podium.cli.console import ConsoleLogHandler, log_said, say, stdout_kept_clean
from podium.cli.formats import now_ms
from podium.cli.logs import logged
from podium.cli.options import LogForm
from podium.cli.progress import ProgressStyle, follow, progress
from podium.cli.reports import report_end, way_on
from podium.cli.stores import command
from podium.cli.subjects import AnyTask
from podium.model.errors import RunTimeout, ServerError, StoreError
from podium.model.runs import WorkflowRun

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

#: The exit code after Ctrl-C, as shells have it: 128 and the number of the signal.
INTERRUPTED = 130


@frozen(kw_only=True)
class RunSettings:
    """How the user wants a run to be worked on."""

    #: What is served here.
    tasks: Sequence[AnyTask] = ()
    #: Most of them at once.
    concurrency: int
    #: Seconds to wait for the end; None for as long as it takes.
    patience_s: float | None
    #: What a later command is given to bring the same tasks.
    words: Sequence[str] = ()
    db: str
    #: Show every step.
    is_verbose: bool = False
    #: How what happens is logged; None to say only what the user should know.
    log: LogForm | None = None

    @property
    def is_kept(self) -> bool:
        """The runs outlive this process."""
        return not self.db.startswith("memory:")

    def hint(self, verb: str, run_id: str) -> str | None:
        """Return a command line that goes on with a run; None if nothing is left of it after this process."""
        return command(verb, run_id, *self.words, db=self.db) if self.is_kept else None

    def manner(self, since_ms: int) -> ProgressStyle:
        """Say how a run is shown; what ended before *since_ms* is no news."""
        completing = self.completing if self.is_kept else None
        return ProgressStyle(is_verbose=self.is_verbose, since_ms=since_ms, completing=completing)

    def completing(self, run_id: str, reference_name: str) -> str:
        """Return the command that completes a task."""
        return command("complete", run_id, reference_name, db=self.db)


def work_to_end(client: ShowingClient, effort: RunSettings, begin: Callable[[], str]) -> int:
    """
    Begin or take up a run, work on it until it ends, and report.

    If it fails and that starts a failure workflow, such as the one that undoes what was done, that is seen to its end
    too.

    Args:
        client: Where it runs.
        effort: What to work with.
        begin: Gives the run's id; called when the workers are ready.

    Returns:
        The exit code: 0 if the run completed.

    Raises:
        typer.Exit: It did not end in time, the store failed, or the user interrupted; what to do next has been said.
    """
    from podium.client.compensation import failure_runs

    deadline = None if effort.patience_s is None else time.monotonic() + effort.patience_s
    since_ms = now_ms()
    with _logging(effort) as log, _serving(client, effort):
        run_id = begin()
        log.follow(run_id)
        run = _watch(client, run_id, effort, deadline, since_ms)
        waiting = list(failure_runs(run, client.get))
        while waiting:
            failure_id = waiting.pop(0)
            log.follow(failure_id)
            say(f"failure workflow: run {failure_id} of {client.get(failure_id, include_tasks=False).workflow_name}")
            waiting += failure_runs(_watch(client, failure_id, effort, deadline, since_ms), client.get)
    run = client.get(run_id)  # which says what was undone
    again = effort.hint(way_on(run), run_id)
    return report_end(client, run, again=again, picture=_picture(effort, run_id))


@contextmanager
def _logging(effort: RunSettings) -> Iterator[ConsoleLogHandler]:
    """Log as the user wants; gives what is to be told of the runs that are shown otherwise."""
    if effort.log is None:
        with log_said() as said:
            yield said
        return
    with logged(effort.log):
        yield ConsoleLogHandler()  # nothing reaches it: all is logged


def _picture(effort: RunSettings, run_id: str) -> str | None:
    return command("render", run_id, "-o", "run.svg", db=effort.db) if effort.is_kept else None


@contextmanager
def _serving(client: ShowingClient, effort: RunSettings) -> Iterator[None]:
    """Serve the tasks; what they print does not get into the output."""
    with stdout_kept_clean():
        serving = client.workers(effort.tasks, concurrency=effort.concurrency) if effort.tasks else nullcontext()
        with serving:
            yield


def _watch(
    client: ShowingClient,
    run_id: str,
    effort: RunSettings,
    deadline: float | None,
    since_ms: int,
) -> WorkflowRun:
    """Wait for the end; where it is not reached, say how to go on."""
    again = effort.hint("resume", run_id)
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    try:
        with progress(effort.manner(since_ms)) as shown:
            return follow(client, run_id, shown, left, completing=effort.completing)
    except RunTimeout as error:
        goes_on = "; it is kept" if again else ""
        say(f"error: run {run_id} has not ended within {effort.patience_s:g} s{goes_on}", colour="red")
        if str(error):
            say(f"  {error}")
        _say_how_to_go_on(again)
        raise typer.Exit(1) from error
    except (StoreError, ServerError) as error:
        say(f"error: {error}", colour="red")
        _say_how_to_go_on(again)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        say("interrupted; what is at work may end, Ctrl-C again stops it")
        _say_how_to_go_on(again)
        raise typer.Exit(INTERRUPTED) from error


def _say_how_to_go_on(again: str | None) -> None:
    if again:
        say(f"go on: {again}")
