"""``render``: workflows and runs as pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from podium.cli.commands.definitions import SUBJECT_HELP
from podium.cli.console import say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import moment, seconds_in
from podium.cli.options import Db
from podium.cli.stores import find_run, looks_like_run, open_existing
from podium.cli.subjects import read_subject, read_subjects
from podium.model.compensation import failure_run_id
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.cli.subjects import AnyWorkflow
    from podium.client.showing import ShowingClient
    from podium.model.definitions import WorkflowDef
    from podium.model.runs import WorkflowRun
    from podium.render import RenderOptions

#: What can be drawn.
Drawable: TypeAlias = "AnyWorkflow | WorkflowRun"

#: Instead of the names of all loops, forks and sub-workflows.
ALL = "all"

Theme: TypeAlias = Annotated[
    Literal["auto", "light", "dark"], typer.Option(help="The colours; with auto an SVG goes with its page.")
]
Iterations: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--iteration",
        metavar="LOOP=N",
        help="Of a run: which iteration of a loop is shown; the newest without it. May be repeated.",
    ),
]
Children: TypeAlias = Annotated[bool, typer.Option("--children", help="Of a run: show the runs of its sub-workflows.")]
At: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Of a run: as it was then. A time since its start, such as 90s or '1h 30m', or a point of time, such as "
        "'2026-01-31 14:30:05'.",
    ),
]


def render(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT|ID", help=f"{SUBJECT_HELP} Or a run in the database.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The picture; its suffix says how to draw: .svg, .png, .pdf, .dot, .mmd or .txt.",
        ),
    ] = None,
    *,
    direction: Annotated[
        Literal["TB", "LR"], typer.Option(help="From top to bottom, or from left to right.", case_sensitive=False)
    ] = "TB",
    theme: Theme = "auto",
    legend: Annotated[
        bool | None, typer.Option("--legend/--no-legend", help="Explain the colours of a run.", show_default=False)
    ] = None,
    expand: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Levels of sub-workflows that are shown open.")
    ] = None,
    definitions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SUBJECT",
            help="Where the definitions of sub-workflows and failure workflows are that are only named; may be "
            "repeated. A workflow in Python brings its own, those of a run are in the database.",
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Draw what undoes the workflow beside it.")] = False,
    focus: Annotated[str | None, typer.Option(metavar="REF", help="Only what is near this task.")] = None,
    hops: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="So many lines away is near; 2 without it.")
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="REF REF", help="Only what lies on a way from the first task to the second one."),
    ] = None,
    collapse: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REF",
            help="A loop, fork, sub-workflow or switch that is drawn as one node; may be repeated. 'all' for every "
            "loop, fork and sub-workflow.",
        ),
    ] = None,
    no_collapse: Annotated[
        bool, typer.Option("--no-collapse", help="Draw every node, also of a large workflow.")
    ] = False,
    iteration: Iterations = None,
    children: Children = False,
    at: At = None,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Draw a workflow, or a run with the states of its tasks.

    Without -o an outline in text goes to the standard output.
    """
    from podium.render import outline, render_file

    if hops is not None and focus is None:
        raise InvalidRequest("--hops says how far away from --focus; give both")
    given = {
        "direction": direction,
        "theme": theme,
        "legend": legend,
        "expand": expand,
        "undo": undo or None,
        "focus": focus,
        "hops": hops,
        "between": between,
        "collapse": _collapse(collapse, no_collapse=no_collapse),
        "iteration": iterations_in(iteration),
    }
    chosen = _drawn(subject, db, given, definitions or [], children=children, at=at)
    with chosen as (picture, options), stdout_kept_clean():
        drawn = outline(picture, **options) if output is None else render_file(picture, output, **options)
    if output is None:
        typer.echo(drawn, nl=False)
    else:
        say(f"wrote {output}")


@contextmanager
def _drawn(
    subject: str,
    db: str,
    given: Mapping[str, Any],
    definitions: Sequence[str],
    *,
    children: bool,
    at: str | None,
) -> Iterator[tuple[Drawable, RenderOptions]]:
    """Return what is drawn and how; the store is open as long as the context is, for runs of sub-workflows."""
    options: Any = {name: value for name, value in given.items() if value is not None}
    needs_definitions = bool(options.get("expand") or options.get("undo"))
    if definitions:
        options["definitions"] = _definitions(definitions)
    if is_run(subject):
        with open_existing(db) as client:
            run, runs = _run_then(client, find_run(client, subject), at)
            undone_by = failure_run_id(run) if options.get("undo") else None
            if children:
                options["runs"] = runs
            elif undone_by is not None:
                options["runs"] = {undone_by: runs(undone_by)}
            if needs_definitions and not definitions:
                options["definitions"] = client.workflows()
            yield run, options
        return
    for name, is_given in (("--iteration", "iteration" in options), ("--children", children), ("--at", at is not None)):
        if is_given:
            raise InvalidRequest(f"{name} is for runs, and {subject} is a workflow")
    found = read_subject(subject)
    _ = found.definition  # errors of the author's code are told here, and are none of the picture's
    if needs_definitions:
        _ = found.definitions
    yield found.workflow, options


def is_run(text: str) -> bool:
    """Return whether a user means a run; a file of that name comes first."""
    return looks_like_run(text) and not Path(text).exists()


def _definitions(places: Sequence[str]) -> Sequence[WorkflowDef]:
    return [each for place in places for subject in read_subjects(place) for each in subject.definitions]


def _run_then(client: ShowingClient, run_id: str, at: str | None) -> tuple[WorkflowRun, Callable[[str], WorkflowRun]]:
    """Return a run and what gives the runs of its sub-workflows, all as they were at a moment."""
    run = client.get(run_id)
    if at is None:
        return run, client.get
    at_ms = moment_in(at, run.create_time)
    return run.at(at_ms), lambda child_id: client.get(child_id).at(at_ms)


def moment_in(text: str, start_ms: int) -> int:
    """
    Read a moment of a run.

    Args:
        text: A length of time since the run's start, such as ``90``, ``1.5`` (seconds) or ``1h 30m``; or a point of
            time in ISO 8601, in the local zone if it names none.
        start_ms: The run's start in epoch milliseconds.

    Returns:
        Epoch milliseconds.

    Raises:
        InvalidRequest: It is neither, or it lies before the start.

    Example:
        >>> moment_in("1m 30s", 1_700_000_000_000), moment_in("2023-11-14T22:13:21Z", 1_700_000_000_000)
        (1700000090000, 1700000001000)
    """
    since = seconds_in(text)
    if since is not None:
        return start_ms + round(since * 1000)
    try:
        at = round(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        advice = "write seconds since its start, 90s or '1h 30m', or a time such as '2026-01-31 14:30:05'"
        raise InvalidRequest(f"{text!r} is no moment of a run; {advice}") from None
    if at < start_ms:
        raise InvalidRequest(f"at {text} the run had not begun; it started {moment(start_ms)}")
    return at


def _collapse(names: Sequence[str] | None, *, no_collapse: bool) -> bool | list[str] | None:
    if names and no_collapse:
        raise InvalidRequest("--collapse and --no-collapse contradict each other; give one of them")
    if no_collapse:
        return False
    if names and ALL in names:
        return True
    return list(names) if names else None


def iterations_in(entries: Sequence[str] | None) -> dict[str, int] | None:
    """
    Read the choices of iterations; None if there are none.

    Raises:
        InvalidRequest: One is not LOOP=N.

    Example:
        >>> iterations_in(["poll=2", "days=1"])
        {'poll': 2, 'days': 1}
    """
    found = {}
    for entry in entries or ():
        loop, _, number = entry.rpartition("=")
        if not loop or not number.isdecimal():
            raise InvalidRequest(f"{entry!r} is no iteration of a loop; write LOOP=N, such as poll=2")
        found[loop] = int(number)
    return found or None
