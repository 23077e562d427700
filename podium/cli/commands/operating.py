"""``pause``, ``terminate`` and ``complete``: what an operator does to a run from outside."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.console import say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.inputs import read_pairs
from podium.cli.options import INPUT_HELP, Db, RunId
from podium.cli.stores import command, find_run, open_existing


def pause(run_id: RunId, db: Db = DEFAULT_DB) -> None:
    """
    Pause a run: what is at work may end, nothing new begins.

    'podium resume ID' lets it go on.
    """
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.pause(whole_id)
    say(f"run {whole_id} is PAUSED; go on: {command('resume', whole_id, db=db)}")


def terminate(
    run_id: RunId,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; it is kept with the run.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """End a run now, its sub-workflows with it."""
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.terminate(whole_id, reason)
    say(f"run {whole_id} is TERMINATED")


def complete(
    run_id: RunId,
    reference_name: Annotated[str, typer.Argument(metavar="REF", help="The task's reference name.")],
    outputs: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="OUTPUT", help=INPUT_HELP.replace("input", "output")),
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Complete a task that waits for somebody, such as a WAIT or a HUMAN."""
    output = read_pairs(outputs or [])
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.complete_task(whole_id, reference_name, output)
    say(f"{reference_name} of run {whole_id} is COMPLETED")
