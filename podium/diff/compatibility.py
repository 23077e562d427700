"""What a difference means to others: to runs that have begun, and to callers."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import frozen


class Severity(StrEnum):
    """How bad it is."""

    #: Something that worked will fail, or get other data than it could expect.
    BREAKING = "BREAKING"
    #: The definitions alone do not tell; a person has to look.
    UNKNOWN = "UNKNOWN"
    #: Nobody has to do anything.
    COMPATIBLE = "COMPATIBLE"


@frozen(kw_only=True)
class Finding:
    """One thing that a difference means."""

    severity: Severity
    #: What it is about, such as ``input city``, ``output total`` or ``a restart with the latest definition``.
    subject: str
    #: What becomes of it, and why, as the rest of the sentence; masked values are left out.
    reason: str

    def __str__(self) -> str:
        return f"{self.subject} {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON data."""
        return {"severity": self.severity.value, "subject": self.subject, "reason": self.reason}


def worst(findings: tuple[Finding, ...]) -> Severity:
    """Return the worst severity of some findings; of none, COMPATIBLE."""
    found = {finding.severity for finding in findings}
    return next((severity for severity in Severity if severity in found), Severity.COMPATIBLE)


@frozen(kw_only=True)
class Compatibility:
    """What a difference means to others."""

    #: Runs of the old definition that have begun, or have ended and are begun anew.
    runs: tuple[Finding, ...] = ()
    #: Whoever starts the workflow, gives it inputs and reads its outputs: clients, parents, schedules.
    callers: tuple[Finding, ...] = ()

    @property
    def severity(self) -> Severity:
        """The worst of all."""
        return worst((*self.runs, *self.callers))

    def to_dict(self) -> dict[str, Any]:
        """Return all findings as JSON data."""
        return {
            "severity": self.severity.value,
            "runs": [finding.to_dict() for finding in self.runs],
            "callers": [finding.to_dict() for finding in self.callers],
        }
