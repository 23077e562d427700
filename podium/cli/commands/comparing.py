"""``heat`` and ``what-if``: what became of many runs, and how one would have gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from podium.cli.commands.pictures import Theme
from podium.cli.console import out_json, say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.inputs import read_pairs
from podium.cli.options import INPUT_HELP, Db, RunId, Since, Until
from podium.cli.stores import find_run, open_existing
from podium.cli.subjects import read_subjects
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.model.definitions import WorkflowDef

Direction: TypeAlias = Annotated[
    Literal["TB", "LR"],
    typer.Option(help="Of a picture: from top to bottom, or from left to right.", case_sensitive=False),
]
Format: TypeAlias = Annotated[
    Literal["text", "json"], typer.Option("--format", help="How it is written to the standard output.")
]
_VERSION = re.compile(r"(?P<name>.+)@(?P<version>\d+)")


def heat(
    workflow: Annotated[str, typer.Argument(metavar="NAME", help="The workflow's name, or NAME@VERSION.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .svg, .png, .pdf, .dot or .mmd; .txt has an outline."
        ),
    ] = None,
    *,
    colour: Annotated[
        Literal["failures", "retries", "time", "waiting"], typer.Option("--by", help="What the colours tell.")
    ] = "failures",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="Most runs that count, the newest ones.")] = 10_000,
    direction: Direction = "TB",
    theme: Theme = "auto",
    output_format: Format = "text",
    db: Db = DEFAULT_DB,
) -> None:
    """
    Show what became of each task in many runs: how often it ran, failed, was retried, how long it took.

    Without -o an outline in text goes to the standard output.
    """
    found = _VERSION.fullmatch(workflow)
    name, version = (found["name"], int(found["version"])) if found else (workflow, None)
    with open_existing(db) as client:
        counted = client.statistics(name, version=version, started=(since, until), limit=limit)
    if output is not None:
        with stdout_kept_clean():
            counted.render(output, heat=colour, direction=direction, theme=theme)
        say(f"wrote {output}")
    elif output_format == "json":
        out_json(counted.to_records())
    else:
        typer.echo(counted.describe(heat=colour), nl=False)


def what_if(
    run_id: RunId,
    *,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STEP[=REASON]",
            help="A step that had failed, in all its attempts; STEP/INNER for one in a sub-workflow. May be repeated.",
        ),
    ] = None,
    time_out: Annotated[
        list[str] | None, typer.Option(metavar="STEP", help="A step whose worker was never heard of again.")
    ] = None,
    give: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP=VALUE", help="What a step had given: JSON, or else plain text; STEP=@FILE."),
    ] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("-i", "--input", metavar="KEY=VALUE", help=f"Of the run. {INPUT_HELP}")
    ] = None,
    definitions: Annotated[
        list[str] | None,
        typer.Option(metavar="SUBJECT", help="Where definitions are that the database has not; may be repeated."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A picture (.svg, .png, .pdf, .dot, .mmd), or .txt, .json."
        ),
    ] = None,
    output_format: Format = "text",
    direction: Direction = "TB",
    theme: Theme = "auto",
    db: Db = DEFAULT_DB,
) -> None:
    """
    Tell how a run would have gone if some of its steps had gone otherwise, and what would have been undone.

    It is simulated in virtual time with what its steps really gave; nothing is called, and nothing goes out.
    """
    mocks = _mocks(fail or [], time_out or [], give or [])
    others = _definitions(definitions or [])
    with open_existing(db) as client, stdout_kept_clean():
        run = client.get(find_run(client, run_id))
        given = {**run.input, **read_pairs(inputs)} if inputs else None
        told = run.what_if(mocks, input=given, others=others)
        text = told.describe() if output is None and output_format == "text" else ""
        data = told.to_dict() if output is None and output_format == "json" else None
        if output is not None:
            told.render(output, direction=direction, theme=theme)
    if output is not None:
        say(f"wrote {output}")
    elif data is not None:
        out_json(data)
    else:
        typer.echo(text, nl=False)


def _mocks(fail: list[str], time_out: list[str], give: list[str]) -> dict[str, Any]:
    from podium.testing import failed, timed_out

    mocks: dict[str, Any] = {}
    for each in fail:
        step, equals, reason = each.partition("=")
        mocks[step] = failed(reason) if equals else failed()
    mocks |= {step: timed_out() for step in time_out}
    mocks |= read_pairs(give)
    named = [*(each.partition("=")[0] for each in fail), *time_out, *read_pairs(give)]
    twice = next((step for step in named if named.count(step) > 1), None)
    if twice is not None:
        raise InvalidRequest(f"the step {twice} is named twice: it goes one way only")
    return mocks


def _definitions(places: list[str]) -> list[WorkflowDef]:
    return [each for place in places for subject in read_subjects(place) for each in subject.definitions]
