"""``check``: look for mistakes in workflows, one or a whole set of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from attrs import evolve

from podium.cli.checks.findings import LocatedProblem, headline, problem_lines
from podium.cli.checks.sources import CheckSource, each_once, read_sources, read_task_defs
from podium.cli.console import out, out_json, say
from podium.cli.modules import authors_faults
from podium.model.errors import InvalidRequest
from podium.model.values import JsonValue

_CODES_HELP = "such as R1 or D; several with a comma or by repeating the option."


def check(
    subjects: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT...",
            help="Workflows: FILE.py, FILE.py:NAME, MODULE:NAME, FILE.json, a folder, or - for JSON from the standard "
            "input. Of FILE.py all its workflows are checked; of a folder, its JSON definitions and the Python files "
            "that import podium, also in folders inside.",
        ),
    ],
    form: Annotated[
        Literal["text", "json", "sarif"], typer.Option("--format", help="How to write what is found.")
    ] = "text",
    *,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="The task definitions there are, in JSON or Python, so that other names of worker tasks are errors; "
            "may be repeated.",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="CODES", show_default=False, help=f"Only these codes, {_CODES_HELP}"),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CODES", show_default=False, help=f"Without these codes, {_CODES_HELP}"),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings end with exit code 1.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show notes too, which are no mistakes.")] = False,
) -> None:
    """
    Look for mistakes in workflows, without running them.

    Workflows that are checked together see each other: what one calls is held against the other. Each problem is one
    line, PLACE: CODE MESSAGE, with what to write instead below it. Exit code 2 if there is an error, 0 if there are
    only warnings or nothing at all.
    """
    wanted = _chosen(select or [], ignore or [])
    sources, failures = _sources(subjects)
    found = [each for each in _findings(sources, tasks, notes=notes) if each.problem.code in wanted]
    _show(form, found, failures, len(sources))
    severities = {each.problem.severity for each in found}
    if failures or "error" in severities:
        raise typer.Exit(2)
    if strict and "warning" in severities:
        raise typer.Exit(1)


def _chosen(select: Iterable[str], ignore: Iterable[str]) -> Collection[str]:
    from podium.checks.codes import CODES

    selected = {code for text in select for code in _codes(text, CODES)} or set(CODES)
    return selected - {code for text in ignore for code in _codes(text, CODES)}


def _codes(text: str, known: Collection[str]) -> Iterator[str]:
    """Yield the codes that a text names; a letter names all that begin with it."""
    for word in re.findall(r"[^\s,]+", text.upper()):
        meant = [code for code in known if code == word or (len(word) == 1 and re.fullmatch(rf"{word}\d", code))]
        if not meant:
            raise InvalidRequest(f"there is no code {word!r}; the codes are {', '.join(known)}")
        yield from meant


def _sources(subjects: Iterable[str]) -> tuple[Sequence[CheckSource], Sequence[str]]:
    sources: list[CheckSource] = []
    failures: list[str] = []
    for text in subjects:
        try:
            for source in read_sources(text):
                if source.failure is None:
                    sources.append(source)
                else:
                    failures.append(source.failure)
        except InvalidRequest as error:
            failures.append(str(error))
    return each_once(sources), failures


def _findings(sources: Sequence[CheckSource], tasks: Sequence[str] | None, *, notes: bool) -> Iterator[LocatedProblem]:
    from podium.checks.authored import check_workflow
    from podium.checks.context import CheckContext

    task_defs = None if tasks is None else [each for place in tasks for each in read_task_defs(place)]
    workflows = [source.workflow for source in sources if source.workflow is not None]
    context = CheckContext.of(workflows, task_defs)
    for source in sources:
        problems = source.faults
        if source.workflow is not None:
            with authors_faults(f"{source.name} cannot be built"):
                problems = check_workflow(source.workflow, context, document=source.document, notes=notes)
        for problem in problems:
            path = f"{source.root}.{problem.path}".strip(".") if source.root else problem.path
            yield LocatedProblem(source=source, problem=evolve(problem, path=path))


def _show(form: str, found: Sequence[LocatedProblem], failures: Sequence[str], checked: int) -> None:
    for failure in failures:
        say(f"error: {failure}", colour="red")
    if form == "json":
        problems: JsonValue = [each.as_json() for each in found]
        out_json({"checked": checked, "problems": problems, "failures": list(failures)})
    elif form == "sarif":
        from podium.cli.checks.sarif import sarif
        from podium.model.version import own_version

        out_json(sarif(found, version=own_version() or "0", failures=failures, folder=Path.cwd()))
    else:
        for each in found:
            for line in problem_lines(each.source.name, each.problem):
                out(line)
    if not failures or found:
        say(headline(found))
