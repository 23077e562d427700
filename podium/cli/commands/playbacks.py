"""``playback``: a run played back, its picture at each moment at which something changed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from podium.cli.commands.pictures import Iterations, Theme, iterations_in
from podium.cli.console import say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db, RunId
from podium.cli.stores import find_run, open_existing


def playback(
    run_id: RunId,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to: .svg plays by itself, .html has a slider, .txt tells it."
        ),
    ] = None,
    *,
    direction: Annotated[
        Literal["TB", "LR"], typer.Option(help="From top to bottom, or from left to right.", case_sensitive=False)
    ] = "TB",
    theme: Theme = "auto",
    count: Annotated[int | None, typer.Option(min=1, metavar="N", help="Most frames, evenly spread.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long one round of an .svg takes.")] = None,
    iteration: Iterations = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Play a run back: its picture at each moment at which something changed.

    Without -o what happened goes to the standard output, a line for each moment.
    """
    given = {"direction": direction, "theme": theme, "count": count, "iteration": iterations_in(iteration)}
    options: Any = {name: value for name, value in given.items() if value is not None}
    with open_existing(db) as client, stdout_kept_clean():
        run = client.get(find_run(client, run_id))
        text = str(run.playback(**options)) if output is None else None
        if output is not None:
            run.animate(output, **options, seconds=seconds)
    if text is not None:
        typer.echo(text, nl=False)
    else:
        say(f"wrote {output}")
