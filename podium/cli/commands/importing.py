"""``import``: definitions in JSON become Python."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import define, field

from podium.cli.console import out, say
from podium.cli.documents import read_documents
from podium.cli.subjects import STDIN
from podium.model.errors import DefinitionError, InvalidRequest

if TYPE_CHECKING:
    from podium.decompile import Package
    from podium.model.definitions import TaskDef, WorkflowDef


@define
class ImportedEstate:
    """What was found in files and folders."""

    definitions: list[WorkflowDef] = field(factory=list)
    task_defs: list[TaskDef] = field(factory=list)


def import_definitions(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER|-...", help="JSON files, folders of them, or - for the standard input."),
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="Write a package there, a module per workflow."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there.")
    ] = False,  # typer's way of a flag
    line_length: Annotated[int, typer.Option(metavar="N", min=40, help="Columns of a line.")] = 88,
) -> None:
    """
    Write workflows in JSON as Python.

    One workflow goes to the standard output; with -o, all of them become a package: a module per workflow, and the
    worker tasks as stubs in tasks.py. Running the source builds the same definitions again.
    """
    estate = ImportedEstate()
    for source in sources:
        _read(source, estate)
    if not estate.definitions:
        raise InvalidRequest(f"there is no workflow in {', '.join(sources)}")
    from podium.decompile import to_package, to_python

    if output is None:
        if len(estate.definitions) > 1:
            raise InvalidRequest(f"there are {len(estate.definitions)} workflows; name a folder for them with -o")
        typer.echo(to_python(estate.definitions[0], line_length=line_length), nl=False)
        return
    if output.endswith(".py"):
        raise InvalidRequest(f"-o names a folder for a package, not {output}; write podium import … > {output}")
    package = to_package(estate.definitions, estate.task_defs, line_length=line_length)
    _write(package, Path(output), force=force)
    _tell(package, output)


def _read(source: str, estate: ImportedEstate) -> None:
    if source == STDIN:
        _add(source, sys.stdin.buffer.read(), estate)
    elif Path(source).is_dir():
        for path in sorted(Path(source).rglob("*.json")):
            try:
                _add(str(path), path.read_bytes(), estate)
            except (DefinitionError, OSError) as error:
                say(f"left out: {error}", colour="yellow")
    else:
        try:
            content = Path(source).read_bytes()
        except OSError as error:
            raise InvalidRequest(f"{source} cannot be read: {error.strerror or error}") from error
        _add(source, content, estate)


def _add(name: str, content: bytes, estate: ImportedEstate) -> None:
    """Read what is in one file: a workflow, a task definition, or a list of them."""
    try:
        found = read_documents(content)
        estate.task_defs += found.task_definitions()
        estate.definitions += found.definitions()
    except DefinitionError as error:
        raise DefinitionError(error.faults, subject=f"definition in {name}") from error


def _write(package: Package, folder: Path, *, force: bool) -> None:
    there = [name for name in package.files if (folder / name).exists()]
    if there and not force:
        listed = ", ".join(sorted(there)[:5]) + (", …" if len(there) > 5 else "")
        raise InvalidRequest(f"{folder} has {listed} already; --force replaces them")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in package.files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be written: {error.strerror or error}") from error


def _tell(package: Package, folder: str) -> None:
    for part in package.parts:
        notes = [f"{part.tasks} tasks"]
        if part.raw:
            notes.append(f"{part.raw} of them raw")
        if part.scripts:
            notes.append(_counted(part.scripts, "script"))
        out(f"{folder}/{part.file}: {part.name} version {part.version}, {', '.join(notes)}")
    if package.workers:
        out(f"{folder}/tasks.py: {_counted(len(package.workers), 'worker task')}, to be filled in")
    for name, keys in package.lost.items():
        say(f"task definition {name}: no setting for {', '.join(keys)}", colour="yellow")
    tasks, raw = sum(part.tasks for part in package.parts), sum(part.raw for part in package.parts)
    stayed = f"{raw} of {tasks} tasks stayed raw JSON" if raw else "no task stayed raw JSON"
    say(f"{_counted(len(package.parts), 'workflow')}; {stayed}{_twins(package)}")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _twins(package: Package) -> str:
    """Tell which name and version several definitions have."""
    known: list[tuple[str, int]] = [(part.name, part.version) for part in package.parts]
    twins: Sequence[tuple[str, int]] = sorted({each for each in known if known.count(each) > 1})
    listed = ", ".join(f"{name} version {version}" for name, version in twins)
    return f"; defined more than once: {listed}" if twins else ""
