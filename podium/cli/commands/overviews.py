"""``timeline`` and ``graph``: a run along time, and which workflow runs which."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from podium.cli.commands.pictures import Children, Iterations, Theme, iterations_in
from podium.cli.console import say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import now_ms
from podium.cli.options import Db, RunId
from podium.cli.stores import find_run, open_existing
from podium.cli.subjects import read_subjects
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.model.definitions import WorkflowDef
    from podium.render import RenderOptions

#: Columns of a timeline in text, where the terminal does not say.
_COLUMNS = 100


def timeline(
    run_id: RunId,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there: .svg or .txt.")
    ] = None,
    *,
    opened: Annotated[
        list[str] | None,
        typer.Option(
            "--open",
            metavar="REF",
            help="A task, or a dynamic fork, whose many members have a row each; may be repeated.",
        ),
    ] = None,
    iteration: Iterations = None,
    children: Children = False,
    theme: Theme = "auto",
    width: Annotated[int | None, typer.Option(min=600, metavar="PIXELS", help="Of an SVG; 1000 without it.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Show when each task of a run waited, worked and ended.

    Without -o it is written as text. Of more than 60 tasks, those of one place share a row.
    """
    from podium.render import timeline as timeline_of

    options: dict[str, Any] = {"opened": opened or (), "iteration": iterations_in(iteration), "theme": theme}
    if width is not None:
        options["width"] = width
    with open_existing(db) as client:
        run = client.get(find_run(client, run_id))
        now = None if run.status.is_terminal else now_ms()
        made = timeline_of(run, runs=client.get if children else None, now=now, **options)
    if output is None:
        columns = shutil.get_terminal_size((_COLUMNS, 24)).columns
        typer.echo(made.describe(width=columns), nl=False)
    else:
        made.render(output)
        say(f"wrote {output}")


def graph(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER|SUBJECT]...",
            show_default=False,
            help="Folders, whose JSON files are read, also in folders inside; FILE.json, FILE.py or MODULE. Without "
            "any, what is registered in the database.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="The picture: .svg, .png, .pdf, .dot, .mmd or .txt."),
    ] = None,
    *,
    focus: Annotated[str | None, typer.Option(metavar="NAME", help="Only what is near this workflow.")] = None,
    hops: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="So many lines away is near; 2 without it.")
    ] = None,
    direction: Annotated[
        Literal["TB", "LR"], typer.Option(help="From top to bottom, or from left to right.", case_sensitive=False)
    ] = "TB",
    theme: Theme = "auto",
    db: Db = DEFAULT_DB,
) -> None:
    """
    Draw which workflow runs which: a node for each workflow, a line for each sub-workflow.

    Workflows that are called and not defined are shown too. Without -o an outline in text goes to the standard output.
    """
    from podium.render import outline, render_file
    from podium.render.estate import estate

    if hops is not None and focus is None:
        raise InvalidRequest("--hops says how far away from --focus; give both")
    drawn = estate(_definitions(subjects) if subjects else _registered(db))
    options: RenderOptions = {"direction": direction, "theme": theme, "focus": focus}
    if hops is not None:
        options["hops"] = hops
    if output is None:
        typer.echo(outline(drawn, **options), nl=False)
        return
    with stdout_kept_clean():
        render_file(drawn, output, **options)
    say(f"wrote {output}")


def _registered(db: str) -> Sequence[WorkflowDef]:
    with open_existing(db) as client:
        return client.workflows()


def _definitions(places: Sequence[str]) -> Sequence[WorkflowDef]:
    return [each for place in places for each in _definitions_in(place)]


def _definitions_in(place: str) -> Iterator[WorkflowDef]:
    from podium.render.estate import read_folder

    if not Path(place).is_dir():
        for subject in read_subjects(place):
            yield from subject.definitions
        return
    found, passed = read_folder(place)
    for name, reason in passed.items():
        say(f"passed over {Path(place) / name}: {reason}", colour="yellow")
    if not found:
        raise InvalidRequest(f"{place} holds no workflow in JSON; for one in Python, name its file")
    yield from found
