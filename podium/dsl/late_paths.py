"""The paths of what is known only when a run has failed (`podium.dsl.failure_refs`), as references write them."""

from __future__ import annotations

from typing import Final

from podium.model.expressions import references
from podium.model.values import JsonValue

#: The root of what is told of the failure, and what the paths of steps that had ended begin with.
FAILURE: Final = "workflow.failure"
LATE: Final = "workflow.failed."


def late_text(value: JsonValue) -> str | None:
    """Return a reference in a rendered value that only what undoes a run can have, None if there is none."""
    return next((f"${{{each.text}}}" for each in references(value) if is_of_failure(each.text)), None)


def is_of_failure(path: str) -> bool:
    """Return whether a path leads to what is known only when a run has failed."""
    return path == FAILURE or path.startswith((LATE, f"{FAILURE}."))
