"""The list that the checks write into."""

from __future__ import annotations

from collections.abc import Mapping

from podium.checks.context import NOTHING, CheckContext
from podium.checks.layout import TaskLayout, TaskPosition
from podium.dsl.names import nearest
from podium.dsl.writing import BY_NOBODY, Writing
from podium.model.problems import Problem, Severity

__all__ = ["ProblemCollector", "Severity"]

_GUESSES_MAX = 100


class ProblemCollector:
    """
    Collects problems.

    Args:
        layout: The definition.
        writing: What the author's Python says beside it.
        context: The workflows and task definitions around it.
        prefix: Path of the definition in the whole document; empty for the document itself.
        place: The author's place for what has no name of its own, such as an embedded definition.
    """

    def __init__(
        self,
        layout: TaskLayout,
        writing: Writing = BY_NOBODY,
        context: CheckContext = NOTHING,
        *,
        prefix: str = "",
        place: str | None = None,
    ) -> None:
        self.layout = layout
        self.writing = writing
        self.context = context
        self.prefix = prefix
        self.place = place
        #: It was written in Python.
        self.is_authored = bool(writing.places)
        self._found: list[tuple[int, Problem]] = []
        self._guesses: dict[str, str | None] = {}

    @property
    def places(self) -> Mapping[str, str | None]:
        """Reference name to the author's ``file:line``."""
        return self.writing.places

    def place_of(self, spot: TaskPosition) -> str | None:
        """Return the author's place of a task."""
        return self.places.get(spot.name, self.place)

    def nearest_step(self, name: str) -> str | None:
        """Return the reference name that *name* was probably meant to be, or ``workflow``."""
        # A guess takes long in a large definition, and hundreds of them help nobody.
        if name not in self._guesses:
            if len(self._guesses) >= _GUESSES_MAX:
                return None
            self._guesses[name] = nearest(name, ["workflow", *self.layout.by_name])
        return self._guesses[name]

    def add(
        self,
        spot: TaskPosition | None,
        code: str,
        message: str,
        *,
        at: str = "",
        severity: Severity = "error",
        hint: str | None = None,
    ) -> None:
        """
        Note a problem.

        Args:
            spot: The task; None for the definition as a whole.
            code: The rule.
            message: What is wrong.
            at: Path below the task or the definition.
            severity: How bad it is.
            hint: What to write instead.
        """
        path = ".".join(part for part in (self.prefix, spot.path if spot else "", at) if part)
        place = self.place_of(spot) if spot else self.place
        # The definition's own fields come before its tasks in what a reader sees, outputs behind them.
        order = spot.order if spot else (0 if not at.startswith("outputParameters") else len(self.layout.spots) + 1)
        problem = Problem(code=code, severity=severity, path=path, place=place, message=message, hint=hint)
        self._found.append((order, problem))

    def problems(self) -> list[Problem]:
        """Return the problems in document order."""
        return [problem for _, problem in sorted(self._found, key=lambda each: each[0])]
