"""One thing that is wrong, or doubtful, with a definition."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

#: ``error``: it is refused, fails or waits for ever. ``warning``: it may be meant so. ``note``: good to know, and given
#: only when asked for.
Severity: TypeAlias = Literal["error", "warning", "note"]


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong, or doubtful, with a definition."""

    #: The rule's code, such as ``R1``; see `podium.dsl.checks.codes`.
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
