"""``export`` and ``check``: what needs no run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.console import out, say
from podium.cli.modules import authors_faults
from podium.cli.subjects import STDIN, Subject, read_subject, read_subjects
from podium.model.errors import AuthoringError, DefinitionError, InvalidRequest

if TYPE_CHECKING:
    from podium.dsl import Problem

SUBJECT_HELP = "A workflow: FILE.py, FILE.py:NAME, MODULE:NAME, FILE.json, or - for JSON from the standard input."
SubjectText = Annotated[str, typer.Argument(metavar="SUBJECT", help=SUBJECT_HELP)]


def export(
    subject: SubjectText,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """
    Write a workflow as canonical JSON.

    The same code gives the same bytes.
    """
    found = read_subject(subject)
    with authors_faults(f"{found.name} cannot be built"):
        content = f"{found.workflow.to_json().rstrip()}\n".encode()
    if output is None:
        typer.echo(content, nl=False)
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror or error}") from error


def check(
    subjects: Annotated[
        list[str],
        typer.Argument(metavar="SUBJECT...", help=f"{SUBJECT_HELP} Of FILE.py all its workflows are checked."),
    ],
) -> None:
    """
    Look for mistakes in workflows, without running them.

    Each problem is one line, PLACE: CODE MESSAGE, with what to write instead below it. Exit code 2 if there is an
    error, 0 if there are only warnings or nothing at all.
    """
    is_wrong, warnings = False, 0
    for text in subjects:
        try:
            found = _problems(text)
        except InvalidRequest as error:
            say(f"error: {error}", colour="red")
            is_wrong = True
            continue
        for name, problem in found:
            for line in problem_lines(name, problem):
                out(line)
            is_wrong |= problem.severity == "error"
            warnings += problem.severity == "warning"
    if is_wrong:
        raise typer.Exit(2)
    say(f"{warnings} warning{'s' * (warnings != 1)}, no error" if warnings else "no problems")


def _problems(text: str) -> Sequence[tuple[str, Problem]]:
    try:
        return [(subject.name, problem) for subject in read_subjects(text) for problem in problems_of(subject)]
    except DefinitionError as error:
        name = "stdin" if text == STDIN else text
        return [(name, problem) for problem in _as_problems(error)]


def _as_problems(error: DefinitionError) -> Sequence[Problem]:
    from podium.dsl import Problem

    if isinstance(error, AuthoringError):
        return [Problem(code=error.code, path="", place=error.place, message=error.faults[0].message)]
    return [Problem(code="JSON", path=fault.path, message=fault.message) for fault in error.faults]


def problems_of(subject: Subject) -> Sequence[Problem]:
    """Give what `podium.dsl.Workflow.check` finds; a failing function of the author is an `InvalidRequest`."""
    with authors_faults(f"{subject.name} cannot be built"):
        return subject.workflow.check()


def problem_lines(name: str, problem: Problem) -> list[str]:
    """
    Give a problem as the lines to show.

    Args:
        name: What stands for the place where the problem has none.
        problem: The problem.

    Example:
        >>> from podium.dsl import Problem
        >>> problem = Problem(code="R1", path="tasks[0]", message="there is no task 'a'", hint="write ${b.output}")
        >>> problem_lines("order.json", problem)
        ["order.json tasks[0]: R1 there is no task 'a'", '    write ${b.output}']
    """
    place = " ".join(part for part in (problem.place or name, problem.path) if part)
    code = problem.code if problem.severity == "error" else f"{problem.code} {problem.severity}:"
    lines = [f"{place}: {code} {problem.message}"]
    return [*lines, f"    {problem.hint}"] if problem.hint else lines
