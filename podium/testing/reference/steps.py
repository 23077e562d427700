"""What an interpretation is made from: steps, and the answers of those who do the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from attrs import define, field

from podium.model.definitions import TaskDef, WorkflowTask


class _Unknown:
    """A value that the definition does not determine: it depends on which of two branches is faster, or is an id."""

    def __repr__(self) -> str:
        return "…"


UNKNOWN: Final = _Unknown()

#: Statuses of attempts that ended well.
GOOD = frozenset({"COMPLETED", "COMPLETED_WITH_ERRORS", "SKIPPED"})


class Undetermined(Exception):  # no error: the definition leaves open what happens
    """What runs next depends on an `UNKNOWN`, so nothing can be told of this run."""


class ExternalResult(NamedTuple):
    """How one attempt ended that somebody else makes: a worker, a person, another run, a clock."""

    status: str
    #: `UNKNOWN` if it has ids in it.
    output: Any
    #: A timeout with the policy ``TIME_OUT_WF``.
    ends_run: bool = False
    #: How many tries it stands for, with those before: each death of a process that had it in hand counts as one.
    tries: int = 0


class ReferenceWorld(Protocol):
    """What no definition says."""

    #: The run's input, templates filled in, and its variables at the start.
    run_input: Mapping[str, Any]
    variables: dict[str, Any]
    #: An operator has let the run go on after its end, so more attempts were made than a definition grants.
    was_retried: bool

    def answers(self, ref: str) -> Sequence[ExternalResult]:
        """
        Return how the attempts of a place have ended, in order; one that lives, or was cancelled, has not.

        In a run that was retried only the last one counts.
        """

    def skipped(self, ref: str) -> ExternalResult | None:
        """Return what an operator has put in the place of a task, which the run passes over then."""

    def timeouts(self, ref: str) -> Sequence[ExternalResult]:
        """Return the first attempts of a place that needs nobody, as far as they were timed out before they began."""

    def task_def(self, fork: str, name: str) -> TaskDef | None:
        """Return the registered definition of a task, as a dynamic fork (by its full reference name) has found it."""


@define(eq=False)
class ReferenceStep:
    """One place that a run comes to, in one iteration of the loops around it."""

    #: The full reference name, and that of the definition.
    ref: str
    base_ref: str
    task: WorkflowTask
    #: What its first attempt is told, as far as it is known.
    input: Any
    #: The steps that come before it, directly.
    after: tuple[ReferenceStep, ...] = ()
    #: The loops around it, outermost first.
    around: tuple[ReferenceStep, ...] = ()
    #: How its last attempt ends; None if that is not known, so nothing follows it.
    status: str | None = None
    output: Any = field(factory=dict)
    #: How many attempts it has.
    tries: int = 1
    #: ``keepLastN`` has deleted it.
    is_removed: bool = False

    @property
    def is_good(self) -> bool:
        """It has ended well."""
        return self.status in GOOD


class End(NamedTuple):
    """Something that ends the run early, if it comes to that."""

    #: Of the run.
    status: str
    #: What must have ended for it; nothing where the run refuses to go on.
    after: tuple[ReferenceStep, ...]
    #: What a TERMINATE gives; None for another end.
    output: Any = None
