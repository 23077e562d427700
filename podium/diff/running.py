"""
What a difference means to runs of the old definition.

A run keeps the definition that it started with, the task definitions in it included, whatever is registered later:
Podium, Orkes, and Conductor since 2.0 (``MetadataMapperService.java``; Netflix/conductor issue 751). What is looked up
later is what other definitions only name: a sub-workflow when its step begins, and, on a restart that asks for it, the
latest version of the run's own workflow (``WorkflowExecutorOps.java``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium.diff.compatibility import Finding, Severity, worst
from podium.diff.spots import Spots
from podium.diff.steps import Comparison
from podium.model.statuses import TaskType
from podium.model.texts import clean, shorten

#: Longest list of names, in characters.
_NAMES_LENGTH: Final = 120


def findings_for_runs(comparison: Comparison, callers: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """
    Return what a difference means to runs.

    Args:
        comparison: The definitions.
        callers: What it means to callers: a restart and a parent's step are callers too.
    """
    old, new = comparison.old, comparison.new
    if old.name != new.name:
        reason = f"are not touched: {clean(new.name)} is another workflow"
        return (_compatible("runs that have begun", reason), *_workers(comparison))
    return (
        *_begun(old.version, new.version),
        *_parents(old.version, new.version, callers),
        *_restarts(comparison, callers),
        *_workers(comparison),
    )


def _compatible(subject: str, reason: str) -> Finding:
    return Finding(severity=Severity.COMPATIBLE, subject=subject, reason=reason)


def _begun(old: int, new: int) -> Iterator[Finding]:
    subject = f"runs of version {old} that have begun"
    if old != new:
        yield _compatible(subject, f"are not touched: they keep their definition, and version {old} stays as it is")
        return
    reason = "keep their definition, though another one takes its version (Podium, Orkes, Conductor since 2.0)"
    yield _compatible(subject, reason)
    reason = "look the definition up again while they run, and go on with the new one; give it a new version"
    yield Finding(severity=Severity.UNKNOWN, subject="such runs on Conductor before 2.0", reason=reason)


def _parents(old: int, new: int, callers: tuple[Finding, ...]) -> Iterator[Finding]:
    """Tell of runs that call the workflow in a step to which they have not come yet."""
    severity = worst(callers)
    if old == new:
        subject = f"running parents that call version {new}"
        yield Finding(severity=severity, subject=subject, reason="get the new definition if that step begins later")
    elif new > old:
        subject = "running parents that call version 0 (the latest)"
        yield Finding(severity=severity, subject=subject, reason=f"get version {new} if that step begins later")
        reason = "keep the version that they name, or that was the latest when they began"
        yield _compatible("other running parents", reason)


def _restarts(comparison: Comparison, callers: tuple[Finding, ...]) -> Iterator[Finding]:
    old, new = comparison.old, comparison.new
    yield _compatible("retry, rerun and a plain restart", "go on with the definition that the run has")
    subject = "a restart with the latest definition"
    if new.version < old.version:
        yield _compatible(subject, f"takes the highest version, which is {old.version} at least, and not this one")
        return
    severity = worst(tuple(each for each in callers if each.subject.startswith("input ")))
    reason = "takes this one if no version is higher, with the input that the run has"
    yield Finding(severity=severity, subject=subject, reason=reason)
    added = [name for name in new.variables if name not in old.variables]
    if added:
        reason = f"keeps the run's variables, so the first values of {_names(added)} are missing"
        yield Finding(severity=Severity.UNKNOWN, subject=subject, reason=reason)


def _workers(comparison: Comparison) -> Iterator[Finding]:
    """Tell which workers runs of the old definition still need."""
    lost = [name for name in _queues(comparison.before) if name not in _queues(comparison.after)]
    if lost:
        reason = f"are needed until runs of {clean(comparison.old.name)} version {comparison.old.version} have ended"
        yield Finding(severity=Severity.UNKNOWN, subject=f"the workers for {_names(lost)}", reason=reason)


def _queues(spots: Spots) -> dict[str, None]:
    """Return the names that workers ask for, in order."""
    names = [spot.task.name for spot in spots.values() if spot.task.type == TaskType.SIMPLE]
    return dict.fromkeys(name for name in names if name)


def _names(names: list[str]) -> str:
    return shorten(", ".join(clean(name) for name in names), _NAMES_LENGTH)
