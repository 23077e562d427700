"""Whether a run is what the interpreter tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskStatus, TaskType
from podium.testing.accounts import KnownAttempt, KnownRun, PlaceIndex
from podium.testing.reference.filling import agrees
from podium.testing.reference.interpreter import interpret
from podium.testing.reference.steps import GOOD, UNKNOWN, ReferenceStep, Undetermined
from podium.testing.reference.story import Story
from podium.testing.reference.witnessed import Witnessed, was_ended


def disagreements(run: KnownRun, layout: PlaceIndex, runs: Mapping[str, KnownRun]) -> list[str] | None:
    """
    Compare a run that has ended with the story of its definition.

    Where something has ended the run early, a step that races with that may be there or not; but what is there has all
    that comes before it, and is what the story says.

    Args:
        run: The run.
        layout: Its definition.
        runs: All runs, by id.

    Returns:
        What is otherwise than the interpreter tells, in words; None where the definition leaves it open.
    """
    try:
        world = Witnessed(run, layout, runs)
        story = interpret(layout.definition, world)
    except Undetermined:
        return None
    comparison = _Comparison(run, layout.definition, story, world)
    return [f"{run.row.name} {run.row.run_id[:13]}: {words}" for words in comparison.all()]


class _Comparison:
    def __init__(self, run: KnownRun, definition: WorkflowDef, story: Story, world: Witnessed) -> None:
        self._run = run
        self._definition = definition
        self._story = story
        self._attempts = world.attempts
        self._was_retried = world.was_retried
        #: What has ended the run early, of what may.
        self._ends = [end for end in story.ends if all(map(self._has_happened, end.after))]
        self._was_ended = was_ended(run)
        self._is_cut = bool(self._ends) or self._was_ended

    def _last(self, step: ReferenceStep) -> KnownAttempt | None:
        found = self._attempts.get(step.ref)
        return found[-1] if found else None

    def _has_happened(self, step: ReferenceStep) -> bool:
        last = self._last(step)
        return last is not None and last.row.status == step.status and not self._is_tried_less(step, last)

    def _is_tried_less(self, step: ReferenceStep, last: KnownAttempt) -> bool:
        return last.number + 1 < step.tries and not self._was_retried

    def all(self) -> Iterator[str]:
        """Yield what is otherwise."""
        for ref, attempts in self._attempts.items():
            if ref not in self._story.steps and attempts[0].row.status != TaskStatus.SKIPPED:
                yield f"{ref} has run, and should not have"
        for step in self._story.steps.values():
            attempt = self._last(step)
            if attempt is not None:
                yield from self._of_step(step, attempt)
            elif not (self._is_cut or step.is_removed):
                yield f"{step.ref} should have run"
        yield from self._status()
        yield from self._output()

    # -- steps -------------------------------------------------------------------------------------------------------

    def _of_step(self, step: ReferenceStep, last: KnownAttempt) -> Iterator[str]:
        if step.status == TaskStatus.SKIPPED:
            return  # made before the run came to it
        first = self._attempts[step.ref][0]
        yield from self._order(step, first)
        is_there = last.row.seq in self._run.attempts
        if is_there == step.is_removed and not self._is_cut:
            yield f"{step.ref} should {'not ' if step.is_removed else ''}be kept"
        for key, value in step.input.items() if not self._was_retried else ():
            if not agrees(value, first.input.get(key)):
                yield f"{step.ref} was told {key} = {first.input.get(key)!r}, not {value!r}"
        status = last.row.status
        if status != step.status:
            if not self._may_be(step, last):
                yield f"{step.ref} is {status}, not {step.status}"
            return
        if self._is_tried_less(step, last) and self._is_cut and not last.is_executed:
            return  # the run ended before what follows its failure
        tries = last.number + 1
        if tries != step.tries and not self._was_retried:
            yield f"{step.ref} was tried {tries} times, not {step.tries}"
        if last.row.task_type != "DO_WHILE" and not agrees(step.output, last.output):
            yield f"{step.ref} gave {last.output}, not {step.output}"

    def _order(self, step: ReferenceStep, first: KnownAttempt) -> Iterator[str]:
        for earlier in (*step.after, *step.around):
            before = self._attempts.get(earlier.ref)
            if earlier.is_removed or earlier.status == TaskStatus.SKIPPED:
                continue  # perhaps in the commit that made it, or whenever an operator wanted to
            if not before or before[0].row.seq > first.row.seq:
                yield f"{step.ref} has run before {earlier.ref}"
            elif earlier in step.after and before[-1].row.status not in GOOD and not earlier.task.permissive:
                yield f"{step.ref} has run after {before[-1]}"

    def _may_be(self, step: ReferenceStep, last: KnownAttempt) -> bool:
        """Whether the end of the run explains another status."""
        if not self._is_cut:
            return step.status is None and last.row.status == TaskStatus.CANCELED  # nothing else was left to do
        shrugged = step.status == TaskStatus.COMPLETED_WITH_ERRORS and not last.is_executed
        return last.row.status == TaskStatus.CANCELED or shrugged or step.status is None

    # -- the run -----------------------------------------------------------------------------------------------------

    def _status(self) -> Iterator[str]:
        status = self._run.row.status
        fails = [step for step in self._story.permissive if self._has_happened(step)]
        if self._was_ended:
            return
        if self._ends:
            may_be = {end.status for end in self._ends} | ({"FAILED"} if fails else set())
        elif fails or not self._story.is_through or not all(step.status for step in self._story.steps.values()):
            may_be = {"FAILED"}
        else:
            may_be = {"COMPLETED"}
        if status not in may_be:
            yield f"is {status}, not {' or '.join(sorted(may_be))} ({self._run.row.reason})"

    def _output(self) -> Iterator[str]:
        given = _own(orjson.loads(self._run.row.output))
        if self._run.was_refused:
            return
        told = [end.output for end in self._ends if end.output is not None]
        is_told = told and len(told) == len(self._ends) and not self._was_ended
        expected = told if is_told else [*told, self._of_the_end()]
        if not any(agrees(_own(value), given) for value in expected):
            yield f"gave {given}, not {expected[-1]}"
        variables = orjson.loads(self._run.row.variables)
        if not self._is_cut and not agrees(self._story.memory.variables, variables):
            yield f"has the variables {variables}, not {self._story.memory.variables}"

    def _of_the_end(self) -> Any:
        """Return what the run gives that no TERMINATE has ended."""
        rows = [attempt for _, attempt in sorted(self._run.attempts.items())]
        if not self._is_cut:
            last = self._story.steps.get(rows[-1].row.ref) if rows else None
            return self._story.output(self._definition, last)
        # Its output shows how far it has come, and that is read from the rows.
        memory = self._story.memory
        memory.variables = orjson.loads(self._run.row.variables)
        memory.newest = {attempt.row.base_ref: _as_it_is(attempt) for attempt in rows}
        return self._story.output(self._definition, _as_it_is(rows[-1]) if rows else None)


def _own(output: Any) -> Any:
    """Leave out of an output the word about a failure workflow."""
    return (
        {k: v for k, v in output.items() if k != "conductor.failure_workflow"} if isinstance(output, dict) else output
    )


def _as_it_is(attempt: KnownAttempt) -> ReferenceStep:
    row = attempt.row
    output = UNKNOWN if row.task_type == TaskType.DO_WHILE else attempt.output
    return ReferenceStep(
        row.ref,
        row.base_ref,
        WorkflowTask(task_reference_name=row.base_ref),
        attempt.input,
        status=row.status,
        output=output,
    )
