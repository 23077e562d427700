"""The list that the checks write into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from podium.dsl.checks.layout import Layout, Spot
from podium.dsl.checks.problem import Problem

Severity: TypeAlias = Literal["error", "warning"]


class Report:
    """
    Collects problems.

    Args:
        layout: The definition.
        places: Reference name to the author's ``file:line``.
        prefix: Path of the definition in the whole document; empty for the document itself.
        place: The author's place for what has no name of its own, such as an embedded definition.
    """

    def __init__(
        self,
        layout: Layout,
        places: Mapping[str, str | None],
        *,
        prefix: str = "",
        place: str | None = None,
    ) -> None:
        self.layout = layout
        self.prefix = prefix
        self.place = place
        #: It was written in Python.
        self.is_authored = bool(places)
        self._places = places
        self._found: list[tuple[int, Problem]] = []

    def place_of(self, spot: Spot) -> str | None:
        """Give the author's place of a task."""
        return self._places.get(spot.name, self.place)

    def add(
        self,
        spot: Spot | None,
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
            severity: ``error`` or ``warning``.
            hint: What to write instead.
        """
        path = ".".join(part for part in (self.prefix, spot.path if spot else "", at) if part)
        place = self.place_of(spot) if spot else self.place
        # The definition's own fields come before its tasks in what a reader sees, outputs behind them.
        order = spot.order if spot else (0 if not at.startswith("outputParameters") else len(self.layout.spots) + 1)
        problem = Problem(code=code, severity=severity, path=path, place=place, message=message, hint=hint)
        self._found.append((order, problem))

    def problems(self) -> list[Problem]:
        """Give the problems in document order."""
        return [problem for _, problem in sorted(self._found, key=lambda each: each[0])]
