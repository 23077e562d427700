"""A difference as text: one line for each step that differs, then its facts; what it means to others at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from podium.diff.changes import Changes, StepDiff
from podium.diff.compatibility import Compatibility, Finding, Severity
from podium.model.texts import clean

#: The sign of each change.
SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"ADDED": "+", "REMOVED": "-", "RENAMED": "=", "CHANGED": "!", "MOVED": "~"}
)

#: Facts stand below their step, so much further to the right.
_INDENT: Final = "    "


class TextLine(NamedTuple):
    """One line."""

    text: str
    #: What it tells, for colours: a `Change`, a `Severity`, ``TITLE``, or empty.
    tone: str = ""


def lines_of(diff: Changes, compatibility: Compatibility) -> Iterator[TextLine]:
    """Yield the lines of a difference, without line ends."""
    yield TextLine(f"{diff.title}: {diff.summary}", "TITLE")
    yield from _body(diff, "  ")
    for heading, findings in (("Runs", compatibility.runs), ("Callers", compatibility.callers)):
        if findings:
            yield TextLine(f"{heading}:", "TITLE")
            yield from _findings(findings)


def _body(diff: Changes, indent: str) -> Iterator[TextLine]:
    for setting in diff.settings:
        yield TextLine(f"{indent}* {setting}", "CHANGED")
    for step in diff.changed_steps:
        yield TextLine(f"{indent}{_headline(step)}", step.change.value)
        for fact in step.facts:
            yield TextLine(f"{indent}{_INDENT}{fact}")
        if step.inner is not None:
            yield TextLine(f"{indent}{_INDENT}{step.inner.title}: {step.inner.summary}")
            yield from _body(step.inner, f"{indent}{_INDENT}  ")


def _headline(step: StepDiff) -> str:
    name = clean(step.reference)
    if step.change == "RENAMED":
        name = f"{clean(step.old_reference)} -> {name}"
    place = step.old_place if step.change == "REMOVED" else step.new_place
    where = f" in {place}" if place else ""
    return f"{SIGNS[step.change]} {name} [{clean(step.task_type)}] {step.change.lower()}{where}"


def _findings(findings: Sequence[Finding]) -> Iterator[TextLine]:
    width = max(len(severity) for severity in Severity)
    for finding in findings:
        word = finding.severity if finding.severity is Severity.BREAKING else finding.severity.lower()
        yield TextLine(f"  {word:{width}}  {finding}", finding.severity.value)
