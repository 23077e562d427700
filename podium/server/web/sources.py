"""Texts of definitions as pages show them: with numbers of lines, and what a check has found at each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef
from podium.model.json_text import write
from podium.model.positions import Positions
from podium.model.problems import Problem
from podium.model.walk import walk
from podium.render.naming import escape_id

#: Most lines that a page shows; the file has them all.
_LINES_MAX = 4_000


@frozen(kw_only=True)
class PlacedProblem:
    """A problem, with where it is in the picture and in the text."""

    problem: Problem
    #: The task's reference name; empty for the definition as a whole.
    reference: str = ""
    #: The id of its node in the picture.
    node: str = ""
    #: The line in the text, from 1; 0 where it is not known.
    line: int = 0


@frozen(kw_only=True)
class SourceLine:
    """One line of a text."""

    number: int
    text: str
    problems: Sequence[Problem] = ()


@frozen(kw_only=True)
class SourceText:
    """A text, line by line."""

    lines: tuple[SourceLine, ...]
    #: How many lines are not shown.
    left_out: int = 0


def json_of(definition: object) -> str:
    """Return a definition, or another object of the model, as JSON text."""
    return write(to_dict(definition))


def found_in(report: Iterable[Problem], definition: WorkflowDef, text: str) -> tuple[PlacedProblem, ...]:
    """Return what a check has found in a definition, with its places in the picture and in its JSON."""
    problems = list(report)
    if not problems:
        return ()
    positions = Positions(text)
    tasks = {visit.path: visit.task.task_reference_name for visit in walk(definition.tasks)}
    return tuple(_found(problem, tasks, positions) for problem in problems)


def _found(problem: Problem, tasks: Mapping[str, str], positions: Positions) -> PlacedProblem:
    place = positions.find(problem.path)
    reference = next((tasks[path] for path in _outwards(problem.path) if path in tasks), "")
    node = f"n_{escape_id(reference)}" if reference else ""
    return PlacedProblem(problem=problem, reference=reference, node=node, line=place[0] if place is not None else 0)


def _outwards(path: str) -> Iterable[str]:
    """Yield a path and all that begin it, the longest first."""
    for end in range(len(path), 0, -1):
        if end == len(path) or path[end] in ".[":
            yield path[:end]


def source_of(text: str, found: Iterable[PlacedProblem]) -> SourceText:
    """Return a text line by line, with the problems of each."""
    at: dict[int, list[Problem]] = {}
    for each in found:
        at.setdefault(each.line, []).append(each.problem)
    lines = text.split("\n")
    shown = tuple(
        SourceLine(number=number, text=line, problems=at.get(number, ()))
        for number, line in enumerate(lines[:_LINES_MAX], 1)
    )
    return SourceText(lines=shown, left_out=max(len(lines) - _LINES_MAX, 0))
