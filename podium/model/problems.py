"""What a check finds: problems, and a list of them that can show itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, Protocol, TypeAlias

from attrs import frozen

from podium.model.verbs import SuppliedVerbs

#: ``error``: it is refused, fails or waits for ever. ``warning``: it may be meant so. ``note``: good to know, and given
#: only when asked for.
Severity: TypeAlias = Literal["error", "warning", "note"]


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong, or doubtful, with a definition."""

    #: The rule's code, such as ``R1``; see `podium.checks.codes`.
    code: str
    #: How bad it is.
    severity: Severity = "error"
    #: Path in the JSON, such as ``tasks[2].inputParameters.sku``; empty for the whole definition.
    path: str
    #: ``file:line`` of the author's code, or None for a definition that was read from JSON.
    place: str | None = None
    #: What is wrong.
    message: str
    #: What to write instead, if that is known.
    hint: str | None = None

    def __str__(self) -> str:
        where = " ".join(part for part in (self.place, self.path) if part)
        text = f"{self.code} {self.severity}: {self.message}" + (f"; {self.hint}" if self.hint else "")
        return f"{where}: {text}" if where else text


class CheckReport(list[Problem]):
    """
    The problems that a check found, in document order: a list like any other, with a text and a table of its own.

    Example:
        >>> CheckReport()
        no problems
        >>> CheckReport([Problem(code="R1", path="tasks[0]", message="there is no task 'a'")])
        1 error
          tasks[0]: R1 error: there is no task 'a'
    """

    @property
    def errors(self) -> Sequence[Problem]:
        """What is refused, fails or waits for ever."""
        return self._with("error")

    @property
    def warnings(self) -> Sequence[Problem]:
        """What may be meant so."""
        return self._with("warning")

    @property
    def notes(self) -> Sequence[Problem]:
        """What is good to know; there are none unless they were asked for."""
        return self._with("note")

    @property
    def headline(self) -> str:
        """The numbers in words."""
        counts = [(len(self.errors), "error"), (len(self.warnings), "warning"), (len(self.notes), "note")]
        return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n) or "no problems"

    def _with(self, severity: Severity) -> Sequence[Problem]:
        return [problem for problem in self if problem.severity == severity]

    def __repr__(self) -> str:
        return "\n".join([self.headline, *(f"  {problem}" for problem in self)])

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        return _VERBS().problems(self, include, exclude)


class ReportVerbs(Protocol):
    """What is asked of the room that draws, for a report."""

    def problems(
        self, report: CheckReport, include: Iterable[str] | None, exclude: Iterable[str] | None
    ) -> dict[str, str]:
        """Return what a notebook shows of it."""


_VERBS: Final[SuppliedVerbs[ReportVerbs]] = SuppliedVerbs()
