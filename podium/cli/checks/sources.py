"""The workflows that ``podium check`` is to look at, and the task definitions beside them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import define

from podium.cli.documents import is_task_def
from podium.cli.subjects import STDIN, is_json, read_subjects, read_tasks
from podium.model import json_text
from podium.model.errors import DefinitionError, Fault, InvalidRequest
from podium.model.positions import Position, Positions
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from podium.dsl import Workflow
    from podium.model.definitions import TaskDef, WorkflowDef
    from podium.model.problems import Problem

#: A Python file in a folder is imported if it says that it uses us.
_USES_US = re.compile(r"^\s*(?:from|import)\s+podium\b", re.MULTILINE)
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


@define(kw_only=True, eq=False, slots=False)
class CheckSource:
    """One workflow to look at, or one document that cannot be read."""

    #: As the user would name it.
    name: str
    #: The file it is in; None for the standard input.
    file: str | None
    #: None if it cannot be read.
    workflow: Workflow[..., Any] | None = None
    #: What it was read from, if it was read from JSON.
    document: JsonObject | None = None
    #: Path of the definition in its file, which may hold several.
    root: str = ""
    #: What keeps it from being read.
    faults: Sequence[Problem] = ()
    #: Why it could not be looked at at all.
    failure: str | None = None
    #: The text of its file; None for Python.
    text: str | None = None

    def position(self, path: str) -> Position | None:
        """Return the line and column of a path, where its file is JSON."""
        return None if self._positions is None else self._positions.find(path)

    @property
    def origin(self) -> tuple[str | None, str]:
        """Where it is written, and its name or path there: modules that import a workflow have it from elsewhere."""
        if self.text is None and self.workflow is not None:
            return self.workflow.place, self.workflow.name
        return self.file, self.root or self.name

    @property
    def is_at_home(self) -> bool:
        """Return whether the file is the one in which the workflow is written."""
        home = (self.origin[0] or "").rpartition(":")[0]
        return bool(home) and self.file is not None and Path(home) == Path(self.file).absolute()

    @cached_property
    def definition(self) -> WorkflowDef | None:
        """What it builds; None if it cannot be built."""
        try:
            return None if self.workflow is None else self.workflow.definition
        except DefinitionError:
            return None

    @cached_property
    def _positions(self) -> Positions | None:
        return None if self.text is None else Positions(self.text)


def read_sources(text: str) -> Iterator[CheckSource]:
    """
    Find the workflows that a user named.

    Args:
        text: As `podium.cli.subjects.read_subjects` takes it, or a folder; a JSON file may hold a list of definitions.

    Raises:
        InvalidRequest: There is no such file, module or workflow.
    """
    if Path(text).is_dir():
        found = False
        for source in _in_folder(Path(text)):
            found = True
            yield source
        if not found:  # a wrong folder in a script would pass for ever
            raise InvalidRequest(f"there is no workflow in {text}")
    elif is_json(text):
        yield from _in_json(text, _read(text))
    else:
        yield from _in_python(text)


def each_once(sources: Iterable[CheckSource]) -> list[CheckSource]:
    """
    Leave out what is there already: workflows that a module has imported, and files that were named twice.

    Returns:
        In the order of their first appearance; a workflow that is met where it is written counts as met there.
    """
    kept: list[CheckSource] = []
    places: dict[tuple[str | None, str], list[int]] = {}
    for source in sources:
        met = places.setdefault(source.origin, [])
        # One place can make several workflows: a function that is called twice.
        same = [index for index in met if kept[index].definition == source.definition]
        if not same:
            met.append(len(kept))
            kept.append(source)
        elif source.is_at_home:
            kept[same[0]] = source
    return kept


def _in_python(text: str) -> Iterator[CheckSource]:
    from podium.checks.authored import problems_of

    file = text.rpartition(":")[0] or text
    file = file if file.endswith(".py") else text
    try:
        subjects = read_subjects(text)
    except DefinitionError as error:
        yield CheckSource(name=text, file=file if file.endswith(".py") else None, faults=problems_of(error))
        return
    for subject in subjects:
        source = CheckSource(name=subject.name, file=file if file.endswith(".py") else None, workflow=subject.workflow)
        try:
            _ = subject.definitions  # the author's functions run here
        except DefinitionError:  # the check says the same, with the place
            pass
        except InvalidRequest as error:
            source.failure = str(error)
        yield source


def _in_folder(folder: Path) -> Iterator[CheckSource]:
    for path in sorted(_files(folder)):
        if path.suffix == ".json":
            content = path.read_bytes()
            if _may_be_definition(content):
                yield from _in_json(str(path), content)
        elif _USES_US.search(path.read_text(encoding="utf-8", errors="replace")):
            try:
                yield from _in_python(str(path))
            except InvalidRequest as error:
                if "has no workflow" not in str(error):
                    yield CheckSource(name=str(path), file=str(path), failure=str(error))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and not Path(place, name, "pyvenv.cfg").exists()
        ]
        yield from (Path(place, name) for name in names if name.endswith((".json", ".py")))


def _may_be_definition(content: bytes) -> bool:
    """Return whether a JSON file of a folder is to be looked at; others are somebody else's."""
    try:
        document = json_text.parse(content)
    except ValueError:
        return b'"tasks"' in content
    each = document[0] if isinstance(document, list) and document else document
    return isinstance(each, dict) and "tasks" in each and "name" in each


def _read(text: str) -> bytes:
    if text == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(text).read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{text} cannot be read: {error.strerror or error}") from error


def _in_json(name: str, content: bytes) -> Iterator[CheckSource]:
    from podium.checks.authored import problems_of

    file = None if name == STDIN else name
    name = "stdin" if name == STDIN else name
    text = content.decode("utf-8-sig", errors="replace")
    try:
        document = json_text.parse(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        fault = DefinitionError([Fault("", f"this is not JSON: {error}")])
        yield CheckSource(name=name, file=file, faults=problems_of(fault), text=text)
        return
    if not isinstance(document, list):
        yield _source(name, file, document, "", text)
    for index, each in enumerate(document if isinstance(document, list) else ()):
        if isinstance(each, dict) and is_task_def(each):
            continue
        yield _source(name, file, each, f"[{index}]", text)


def _source(name: str, file: str | None, document: JsonValue, root: str, text: str) -> CheckSource:
    from podium.checks.authored import problems_of
    from podium.dsl import load

    try:
        if not isinstance(document, dict):
            _refuse()
        workflow = load(document)
    except DefinitionError as error:
        return CheckSource(name=name, file=file, root=root, faults=problems_of(error), text=text)
    return CheckSource(name=name, file=file, workflow=workflow, document=document, root=root, text=text)


def _refuse() -> NoReturn:
    raise DefinitionError([Fault("", "an object is expected here")])


def read_task_defs(place: str) -> Sequence[TaskDef]:
    """
    Return the task definitions of a file: JSON of one or of a list of them, or Python with tasks.

    Raises:
        InvalidRequest: There is no such file or module, or it is no JSON.
        DefinitionError: The JSON is no task definition.
    """
    from podium.model import codec
    from podium.model.definitions import TaskDef

    if not is_json(place):
        return [task.task_def for task in read_tasks(place)]
    try:
        document = json_text.parse(_read(place))
    except ValueError as error:
        raise InvalidRequest(f"{place} is not JSON: {error}") from error
    try:
        return [codec.from_dict(each, TaskDef) for each in (document if isinstance(document, list) else [document])]
    except DefinitionError as error:
        raise DefinitionError(error.faults, subject=f"task definitions in {place}") from error
