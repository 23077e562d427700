"""``export``, and how a workflow is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli import completing
from podium.cli.checks.findings import problem_lines
from podium.cli.console import say
from podium.cli.documents import bundle
from podium.cli.modules import authors_faults
from podium.cli.subjects import Subject, read_subject
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.model.problems import Problem

SUBJECT_HELP = "A workflow: FILE.py, FILE.py:NAME, MODULE:NAME, FILE.json, or - for JSON from the standard input."
SubjectText = Annotated[str, typer.Argument(metavar="SUBJECT", help=SUBJECT_HELP, autocompletion=completing.subjects)]


def export(
    subject: SubjectText,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there.")] = None,
    with_children: Annotated[
        bool, typer.Option("--with-children", help="And the workflows that it calls, in a list behind it.")
    ] = False,
    with_tasks: Annotated[
        bool, typer.Option("--with-tasks", help="And the definitions of its tasks, in a list behind it.")
    ] = False,
) -> None:
    """
    Write a workflow as canonical JSON.

    The same code gives the same bytes.
    """
    found = read_subject(subject)
    with authors_faults(f"{found.name} cannot be built"):
        content = f"{_text(found, with_children=with_children, with_tasks=with_tasks).rstrip()}\n".encode()
        written = found.workflow.family() if with_children else [found.workflow]
        notes = [note for each in written for note in each.check(others=found.others, notes=True).notes]
    for text in dict.fromkeys(note.message for note in notes if note.code == "V3"):
        say(f"note: {text}")
    if output is None:
        typer.echo(content, nl=False)
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror or error}") from error


def _text(subject: Subject, *, with_children: bool, with_tasks: bool) -> str:
    if not (with_children or with_tasks):
        return subject.workflow.to_json()
    definitions = list(subject.definitions) if with_children else [subject.definition]
    known = {each.name: each for each in (*subject.workflow.task_defs, *subject.task_defs)}
    return bundle(definitions, list(known.values()) if with_tasks else [])


def problems_of(subject: Subject) -> Sequence[Problem]:
    """Return what `podium.dsl.Workflow.check` finds; a failing function of the author is an `InvalidRequest`."""
    with authors_faults(f"{subject.name} cannot be built"):
        return subject.workflow.check(others=subject.others)


def refuse_wrong(subject: Subject, verb: str) -> None:
    """
    Say what `podium.dsl.Workflow.check` finds wrong, and end the command if it finds errors.

    Args:
        subject: The workflow.
        verb: What the command does with it, such as ``runs``.

    Raises:
        typer.Exit: It is wrong.
    """
    errors = [problem for problem in problems_of(subject) if problem.severity == "error"]
    for problem in errors:
        for line in problem_lines(subject.name, problem):
            say(line)
    if errors:
        say(f"error: {subject.name} is wrong; --no-check {verb} it all the same", colour="red")
        raise typer.Exit(2)
