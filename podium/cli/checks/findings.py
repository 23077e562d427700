"""Problems as ``podium check`` shows them: with the file that has them, and the line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from podium.model.positions import Position
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.cli.checks.sources import CheckSource
    from podium.model.problems import Problem


@frozen(kw_only=True, eq=False)
class LocatedProblem:
    """One problem, and where it came from."""

    source: CheckSource
    problem: Problem

    @property
    def file(self) -> str | None:
        """The file to look into; None for the standard input."""
        if self.problem.place is not None:
            return self.problem.place.rpartition(":")[0]
        return self.source.file

    @property
    def position(self) -> Position | None:
        """Line and column in that file, from 1; a line of Python has no column."""
        _, _, line = (self.problem.place or "").rpartition(":")
        if line.isdigit():
            return int(line), 1
        return self.source.position(self.problem.path)

    def as_json(self) -> dict[str, JsonValue]:
        """Return everything that is known of it."""
        position = self.position
        return {
            "code": self.problem.code,
            "severity": self.problem.severity,
            "subject": self.source.name,
            "file": self.file,
            "line": None if position is None else position[0],
            "path": self.problem.path,
            "message": self.problem.message,
            "hint": self.problem.hint,
        }


def headline(findings: Iterable[LocatedProblem]) -> str:
    """Return the numbers of problems in words."""
    severities = [each.problem.severity for each in findings]
    counts = [(severities.count(word), word) for word in ("error", "warning", "note")]
    said = ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count)
    return f"{said}, no error" if said and "error" not in severities else said or "no problems"


def problem_lines(name: str, problem: Problem) -> Sequence[str]:
    """
    Return a problem as the lines to show.

    Args:
        name: What stands for the place where the problem has none.
        problem: The problem.

    Example:
        >>> from podium.model.problems import Problem
        >>> problem = Problem(code="R1", path="tasks[0]", message="there is no task 'a'", hint="write ${b.output}")
        >>> problem_lines("order.json", problem)
        ["order.json tasks[0]: R1 there is no task 'a'", '    write ${b.output}']
    """
    place = " ".join(part for part in (problem.place or name, problem.path) if part)
    code = problem.code if problem.severity == "error" else f"{problem.code} {problem.severity}:"
    lines = [f"{place}: {code} {problem.message}"]
    return [*lines, f"    {problem.hint}"] if problem.hint else lines
