"""``diff``: what differs between two versions of a workflow, or between two runs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from attrs import evolve

from podium.cli.commands.pictures import Theme, is_run
from podium.cli.console import out, out_json, say, stdout_kept_clean
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import find_run, open_existing
from podium.cli.subjects import STDIN, read_subject
from podium.model.errors import DefinitionError, InvalidRequest, WorkflowNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from podium.diff import DefinitionDiff, RunDiff
    from podium.model.definitions import WorkflowDef

#: Colours of lines, by what they tell (see `podium.diff.text`).
_COLOURS = {
    "ADDED": "green",
    "REMOVED": "red",
    "RENAMED": "magenta",
    "CHANGED": "yellow",
    "MOVED": "blue",
    "BREAKING": "red",
    "UNKNOWN": "yellow",
    "COMPATIBLE": "green",
}
#: A registered workflow, such as ``order@2`` and ``order@latest``.
_REGISTERED = re.compile(r"(?P<name>.+)@(?P<version>\d+|latest)")
_HELP = (
    "A workflow: FILE.json, FILE.py, FILE.py:NAME, MODULE:NAME, - for JSON from the standard input; or NAME@VERSION "
    "(NAME@latest), registered in the database. Or a run in the database: its id, or 'last'."
)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", show_default=False, help=_HELP)],
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", show_default=False, help="The new one, named alike.")
    ] = None,
    *,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How it is written to the standard output.")
    ] = "text",
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write it there instead: both in one picture (.svg, .png, .pdf, .dot, .mmd), or .txt, .json.",
        ),
    ] = None,
    direction: Annotated[
        Literal["TB", "LR"],
        typer.Option(help="Of a picture: from top to bottom, or from left to right.", case_sensitive=False),
    ] = "TB",
    theme: Theme = "auto",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything differs, with 0 otherwise.")
    ] = False,
    textconv: Annotated[
        bool,
        typer.Option("--textconv", help="Write the one file OLD as text for 'git diff', one line for each setting."),
    ] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Show what differs between two versions of a workflow, or between two runs, step by step.

    It says what was added, removed, renamed, changed and moved, whether runs that have begun are concerned, and whether
    callers can stay as they are. Of runs it says where they begin to differ, and in which values, ends and times.
    """
    if textconv:
        _convert(old, new)
        return
    if new is None:
        raise InvalidRequest("name two workflows, the old one and the new one")
    if old == new == STDIN:
        raise InvalidRequest("only one of the two can come from the standard input")
    found = _of_runs(old, new, db) if is_run(old) and is_run(new) else _compared(old, new, db)
    if output is not None:
        with stdout_kept_clean():
            found.render(output, direction=direction, theme=theme)
        say(f"wrote {output}")
    elif output_format == "json":
        out_json(found.to_dict())
    else:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for text, colour in _lines(found):
            out(folded(text, columns), colour=colour)
    if exit_code and found:
        raise typer.Exit(1)


def _lines(found: DefinitionDiff | RunDiff) -> Iterator[tuple[str, str | None]]:
    """Yield the lines of a difference, each with its colour."""
    from podium.diff import DefinitionDiff
    from podium.diff.text import lines_of

    if isinstance(found, DefinitionDiff):
        yield from ((line.text, _COLOURS.get(line.tone)) for line in lines_of(found, found.compatibility))
    else:
        yield from ((line, None) for line in found.describe().splitlines())


def _of_runs(a: str, b: str, db: str) -> RunDiff:
    """Compare two runs of the database; those of their sub-workflows are looked at too."""
    from podium.diff import diff_runs

    with open_existing(db) as client:
        one, other = (client.get(find_run(client, each)) for each in (a, b))
        return diff_runs(one, other, runs=client.get)


def folded(text: str, columns: int | None) -> str:
    r"""
    Break a line for a terminal, so that what follows stands below its beginning; None leaves it as it is.

    Example:
        >>> folded("  unknown     the workers for audit are needed", 36)
        '  unknown     the workers for audit\n              are needed'
    """
    if columns is None or len(text) < columns:
        return text
    hang = re.match(r" *(?:[a-zA-Z]+ {2,})?", text)
    indent = " " * (hang.end() if hang else 0)
    lines = textwrap.wrap(text, columns - 1, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def _compared(old: str, new: str, db: str) -> DefinitionDiff:
    """Compare two subjects; one of them may be the file that ``git`` names where there is none."""
    from podium.diff import Compatibility, diff_definitions
    from podium.model.definitions import WorkflowDef

    if os.devnull not in {old, new}:
        return diff_definitions(_definition(old, db), _definition(new, db))
    there = _definition(new if old == os.devnull else old, db)
    nothing = WorkflowDef(name=there.name, version=there.version, tasks=())
    found = diff_definitions(nothing, there) if old == os.devnull else diff_definitions(there, nothing)
    return evolve(found, compatibility=Compatibility())  # nobody runs or calls what is not there


def _definition(text: str, db: str) -> WorkflowDef:
    registered = _REGISTERED.fullmatch(text)
    if registered is None or Path(text).exists():
        return read_subject(text).definition
    name, version = registered["name"], registered["version"]
    with open_existing(db) as client:
        versions = {each.version: each for each in client.workflows() if each.name == name}
    if not versions:
        raise WorkflowNotFound(f"no workflow {name!r} is registered in {db}")
    wanted = max(versions) if version == "latest" else int(version)
    if wanted not in versions:
        known = ", ".join(str(each) for each in sorted(versions))
        raise WorkflowNotFound(f"version {wanted} of {name!r} is not registered; there is {known}")
    return versions[wanted]


def _convert(path: str, other: str | None) -> None:
    """Write a file for ``git diff``; what is no definition is written as it is, because git gives up otherwise."""
    from podium.diff.listing import listing
    from podium.model.codec import from_json
    from podium.model.definitions import WorkflowDef

    if other is not None:
        raise InvalidRequest("--textconv takes one file")
    try:
        content = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        text = listing(from_json(content, WorkflowDef)).encode("utf-8", "backslashreplace")
    except (DefinitionError, RecursionError):
        text = content
    typer.echo(text, nl=False)
