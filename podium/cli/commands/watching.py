"""``watch``: look at a run while others work on it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.console import COLOURS, out, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import first_line, now_ms, patience_in, span
from podium.cli.options import Db, RunId, Timeout, Verbose
from podium.cli.progress import PlainProgress, ProgressStyle, Watching, follow
from podium.cli.reports import failure_lines, undone_lines
from podium.cli.stores import command, find_run, left_alone, open_existing
from podium.model.errors import RunTimeout

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

#: Seconds between two looks for somebody who works on the run.
_ENGINE_LOOK_S = 2.0


def watch(
    run_id: RunId,
    *,
    timeout: Timeout = None,
    children: Annotated[
        bool, typer.Option("--children", help="On a terminal: show the runs of sub-workflows inside.")
    ] = False,
    verbose: Verbose = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Look at a run until it ends: a tree that changes in place on a terminal, a line for each change elsewhere.

    It only looks; the run is worked on by others, or by nobody, which is said.

    Exit code 0 if the run completed, 1 if it failed or did not end in time, 130 after Ctrl-C, which the run survives.
    """
    patience_s = patience_in(timeout)
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        out(f"run {whole_id}")

        def completing(run_id: str, reference_name: str) -> str:
            return command("complete", run_id, reference_name, db=db)

        manner = ProgressStyle(is_verbose=verbose, completing=completing)
        try:
            shown = _screen(client, manner, children=children)
            with shown:
                again = command("resume", whole_id, "SUBJECT", db=db)
                run = follow(client, whole_id, shown, patience_s, pause=_pause(client, whole_id, shown, again))
        except RunTimeout as error:
            say(f"error: run {whole_id} has not ended within {patience_s:g} s", colour="red")
            raise typer.Exit(1) from error
        told = list(failure_lines(client, run))
    for line in [*told, *undone_lines(run)]:
        out(line)
    reason = "" if told else first_line(run.reason_for_incompletion)
    took = span(run.create_time, run.end_time, now_ms())
    out(f"{run.status} in {took}" + (f": {reason}" if reason else ""), colour=COLOURS.get(run.status))
    raise typer.Exit(0 if run.status.is_successful else 1)


def _screen(client: ShowingClient, manner: ProgressStyle, *, children: bool) -> Watching:
    if not sys.stdout.isatty():
        return PlainProgress(manner, write=out)
    from podium.cli.trees import LiveTree

    return LiveTree(manner, client.get if children else None)


def _pause(client: ShowingClient, run_id: str, shown: Watching, again: str) -> Callable[[float], None]:
    """Return what waits between two looks, and warns while nobody works on the run."""
    look_at, warning = time.monotonic(), ""

    def pause(seconds: float) -> None:
        nonlocal look_at, warning
        if time.monotonic() >= look_at:
            look_at = time.monotonic() + _ENGINE_LOOK_S
            is_left = bool(left_alone(client, [client.get(run_id, include_tasks=False)]))
            if is_left is not bool(warning):
                warning = f"nobody works on the run; go on from another terminal: {again}" if is_left else ""
                shown.warn(warning)
        time.sleep(seconds)

    return pause
