"""Assertions on runs; a failure shows the way that the run took, and where it parted from what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Any, NoReturn, Self

from podium.dsl.known_names import known_names, refuse_unknown
from podium.dsl.names import nearest
from podium.model.attempts import TaskRun
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.task_types import OF_OTHERS, SWITCHES
from podium.model.texts import shown
from podium.model.values import JsonValue
from podium.testing.needed import checked_run
from podium.testing.ways import choice_of, firsts, names_of, way_of

#: Most differences that are told.
_DIFFERENCES_MAX = 10
_STRUCTURES = OF_OTHERS | SWITCHES
_ABSENT: Any = object()


def expect(run: WorkflowRun) -> Expectation:
    """
    Return what holds a run against what was expected of it.

    Example:
        >>> from podium import task, workflow
        >>> from podium.testing import simulate
        >>> @task
        ... def charge(amount: int) -> str: ...
        >>> @workflow
        ... def order(amount: int) -> str:
        ...     return charge(amount).output
        >>> run = simulate(order, {"amount": 3}, {"charge": "paid"})
        >>> expect(run).completed().path("charge").input("charge", {"amount": 3}).output({"result": "paid"})
        <Expectation of order COMPLETED>
    """
    return Expectation(run)


class Expectation:
    """
    A run, held against what is expected of it; every method raises ``AssertionError`` where it is not so.

    Args:
        run: The run, with its tasks.
    """

    def __init__(self, run: WorkflowRun) -> None:
        self._run = checked_run(run, "expect")

    def __repr__(self) -> str:
        return f"<Expectation of {self._run.workflow_name} {self._run.status}>"

    # -- how it ended --------------------------------------------------------------------------------------------------

    def completed(self) -> Self:
        """Expect that the run is COMPLETED."""
        return self.status(RunStatus.COMPLETED)

    def failed(self, reason: str = "") -> Self:
        """Expect that the run is FAILED, with a text in its reason."""
        self.status(RunStatus.FAILED)
        if reason not in (self._run.reason or ""):
            self._refuse(f"the run failed with another reason than {reason!r}: {self._run.reason!r}")
        return self

    def status(self, status: RunStatus | str) -> Self:
        """Expect that the run has a status."""
        _refuse_unknown_status(status, RunStatus, "status")
        if self._run.status != status:
            self._refuse(f"the run is {self._run.status}, not {status}")
        return self

    # -- its way -------------------------------------------------------------------------------------------------------

    def path(self, *references: str) -> Self:
        """
        Expect that the run went exactly this way: its tasks in the order in which they began.

        Args:
            references: A task that is retried counts once. One iteration of a loop is ``name__2``, or just the name.
                Switches, forks, joins and loops count only if they are named themselves.
        """
        self._named(references, "path")
        named = set(references)
        came = [each for each in firsts(self._run) if each.task_type not in _STRUCTURES or names_of(each) & named]
        for number, attempt in enumerate(came):
            if number >= len(references) or references[number] not in names_of(attempt):
                wanted = repr(references[number]) if number < len(references) else "nothing more"
                self._parted(number, attempt, f"expected: {wanted}")
        if len(came) < len(references):
            missing = references[len(came)]
            self._refuse(f"the run did not come to {missing!r}{self._hint(missing)}")
        return self

    def order(self, *references: str) -> Self:
        """Expect that tasks began in this order, whatever came between them."""
        self._named(references, "order")
        begun = [self._attempt(reference) for reference in references]
        for before, after in pairwise(begun):
            if (before.scheduled_time, before.seq) > (after.scheduled_time, after.seq):
                self._refuse(f"{after.reference_task_name!r} began before {before.reference_task_name!r}")
        return self

    def ran(self, *references: str) -> Self:
        """Expect that the run came to tasks."""
        self._named(references, "ran")
        for reference in references:
            self._attempt(reference)
        return self

    def not_ran(self, *references: str) -> Self:
        """
        Expect that the run did not come to tasks.

        Raises:
            InvalidRequest: The workflow has no such task, so that it could never come to it.
        """
        self._named(references, "not_ran")
        definition = self._run.workflow_definition
        came = {name for attempt in self._run.tasks for name in names_of(attempt)}
        known = known_names((definition,)) if definition is not None else None
        refuse_unknown((name for name in references if name not in came), known, "not_ran")
        for number, attempt in enumerate(firsts(self._run)):
            if names_of(attempt) & set(references):
                self._parted(number, attempt, "expected: not to run")
        return self

    def attempts(self, reference: str, count: int) -> Self:
        """Expect that a task was tried so many times, over all its iterations."""
        self._attempt(reference)
        found = sum(reference in names_of(attempt) for attempt in self._run.tasks)
        if found != count:
            self._refuse(f"{reference!r} was tried {found} time{'s' * (found != 1)}, not {count}")
        return self

    def task(self, reference: str, status: TaskStatus | str) -> Self:
        """Expect that the newest attempt of a task has a status."""
        _refuse_unknown_status(status, TaskStatus, "task")
        attempt = self._attempt(reference)
        if attempt.status != status:
            reason = f": {attempt.reason_for_incompletion}" if attempt.reason_for_incompletion else ""
            self._refuse(f"{reference!r} is {attempt.status}, not {status}{reason}")
        return self

    # -- values --------------------------------------------------------------------------------------------------------

    def input(self, reference: str, expected: Mapping[str, object], *, exactly: bool = False) -> Self:
        """
        Expect values in the input of a task's newest attempt.

        Args:
            reference: The task.
            expected: What is expected; keys that are not given may be there.
            exactly: No other keys may be there.
        """
        return self._values(f"the input of {reference!r}", expected, self._attempt(reference).input_data, exactly)

    def output(
        self,
        reference: str | Mapping[str, object],
        expected: Mapping[str, object] | None = None,
        *,
        exactly: bool = False,
    ) -> Self:
        """
        Expect values in the output of the run, ``output({...})``, or of a task's newest attempt, ``output("a", {})``.

        Args:
            reference: The task; left out for the run.
            expected: As for `input`.
            exactly: As for `input`.
        """
        if isinstance(reference, str):
            if expected is None:
                raise InvalidRequest(
                    f"output: say what is expected: output({reference!r}, {{...}}), or ran({reference!r})"
                )
            given = self._attempt(reference).output_data
            return self._values(f"the output of {reference!r}", expected, given, exactly)
        return self._values("the run's output", reference, self._run.output, exactly)

    def variables(self, expected: Mapping[str, object], *, exactly: bool = False) -> Self:
        """Expect values in the run's variables; as `input`."""
        return self._values("the run's variables", expected, self._run.variables, exactly)

    def _values(
        self, subject: str, expected: Mapping[str, object], given: Mapping[str, JsonValue], exactly: bool
    ) -> Self:
        found = list(_differences(expected, given, "", exactly=exactly))
        if found:
            more = [f"and {len(found) - _DIFFERENCES_MAX} more"] if len(found) > _DIFFERENCES_MAX else []
            lines = "\n".join(f"    {line}" for line in [*found[:_DIFFERENCES_MAX], *more])
            self._refuse(f"{subject} {'are' if subject.endswith('s') else 'is'} not as expected:\n{lines}")
        return self

    # -- what is said --------------------------------------------------------------------------------------------------

    def _named(self, references: tuple[object, ...], verb: str) -> None:
        for each in references:
            if not isinstance(each, str):
                raise InvalidRequest(
                    f"{verb} takes names of tasks, such as {verb}('charge', 'thank'), not {shown(each)}"
                )

    def _attempt(self, reference: str) -> TaskRun:
        found = self._run.task(reference)
        if found is None:
            self._refuse(f"the run did not come to {reference!r}{self._hint(reference)}")
        return found

    def _hint(self, reference: str) -> str:
        known = {name for attempt in self._run.tasks for name in names_of(attempt)}
        near = None if reference in known else nearest(reference, known)
        return f" (it did come to {near!r})" if near else ""

    def _parted(self, number: int, attempt: TaskRun, words: str) -> NoReturn:
        before = [each for each in self._run.tasks if each.task_type in SWITCHES and each.seq < attempt.seq]
        chose = f"\n  {before[-1].reference_task_name!r} {choice_of(before[-1])}" if before else ""
        self._refuse(
            f"the run parted from what was expected at step {number + 1}, {attempt.reference_task_name!r}{chose}",
            {attempt.seq: words},
        )

    def _refuse(self, message: str, marks: Mapping[int, str] | None = None) -> NoReturn:
        raise AssertionError(f"{message}\nThe run went this way:\n{way_of(self._run, marks)}{_why(self._run)}")


def _refuse_unknown_status(status: object, kind: type[StrEnum], verb: str) -> None:
    if status not in list(kind):
        raise InvalidRequest(f"{verb} takes one of {', '.join(kind)}, not {shown(status)}")


def _why(run: WorkflowRun) -> str:
    """Say why a run does not stand better, if it came from something that knows."""
    if run.status is RunStatus.COMPLETED:
        return ""
    told = None if run.source is None else run.source.explain()
    if told is not None:
        return f"\n  {told.text}".replace("\n", "\n  ")
    return f"\n  because: {run.reason}" if run.reason else ""


def _differences(expected: object, given: object, path: str, *, exactly: bool) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        for key, value in expected.items():
            yield from _differences(
                value, given.get(key, _ABSENT), f"{path}.{key}" if path else str(key), exactly=exactly
            )
        for key in given.keys() - expected.keys() if exactly else ():
            yield f"{f'{path}.{key}' if path else key}: {shown(given[key])} was not expected"
    elif given is _ABSENT:
        yield f"{path}: {shown(expected)} is missing"
    elif not _is_same(expected, given):
        yield f"{path}: {shown(given)}, not {shown(expected)}"


def _is_same(expected: object, given: object) -> bool:
    """Return whether two values are the same JSON: True is not 1."""
    if isinstance(expected, bool) is not isinstance(given, bool):
        return False
    if isinstance(expected, list | tuple) and isinstance(given, list | tuple):
        return len(expected) == len(given) and all(map(_is_same, expected, given))
    return expected == given
