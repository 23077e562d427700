"""A run as the ledger of a simulation has seen it, as the world of an interpretation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import orjson

from podium.model.codec import from_dict
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy, TaskType
from podium.model.walk import walk
from podium.testing.accounts import KnownAttempt, KnownRun, PlaceIndex
from podium.testing.reference.steps import UNKNOWN, ExternalResult, Undetermined

_OF_CHILD = {"COMPLETED": "COMPLETED", "FAILED": "FAILED", "TIMED_OUT": "TIMED_OUT", "TERMINATED": "CANCELED"}
#: Types whose ends an interpretation computes: what somebody outside makes of them it cannot know.
_OURS = frozenset(
    {
        "JOIN",
        "EXCLUSIVE_JOIN",
        "DO_WHILE",
        "INLINE",
        "LAMBDA",
        "JSON_JQ_TRANSFORM",
        "SET_VARIABLE",
        "EVENT",
        "START_WORKFLOW",
        "HTTP_POLL",
    },
)
_STATUSES = frozenset(status.value for status in TaskStatus)
#: How the reason of a child begins that its parent has ended.
_BY_PARENT = ("Parent workflow has been terminated", "The task of the parent workflow")
#: How the reasons of a terminated run begin that has ended by itself.
_BY_ITSELF = ("Workflow is TERMINATED by TERMINATE task", "Task '")


def was_ended(run: KnownRun) -> bool:
    """Return whether an operator, its parent, its limit or its own clock has ended a run, and not what it does."""
    reason = run.row.reason or ""
    if run.was_refused:
        return True
    if run.row.status == RunStatus.TIMED_OUT:
        return reason.startswith("Workflow timed out")
    return run.row.status == RunStatus.TERMINATED and not reason.startswith(_BY_ITSELF)


class Witnessed:
    """
    What a run's definition does not say, from its rows.

    Attributes:
        attempts: Every attempt since the run began, those that ``keepLastN`` deleted too, by full reference name.

    Args:
        run: The run.
        layout: Its definition.
        runs: All runs, by id: children say themselves how they ended.

    Raises:
        Undetermined: Somebody outside has ended what only the engine ends, or let be done what was not due.
    """

    def __init__(self, run: KnownRun, layout: PlaceIndex, runs: Mapping[str, KnownRun]) -> None:
        if run.did_skipped:
            raise Undetermined("a task that was skipped has been done before the run came to it")
        if run.was_rerun and any("keepLastN" in place.task.input_parameters for place in layout.places.values()):
            raise Undetermined("what the run has forgotten may be what it did again, or what a loop has let go")
        self.run_input: Mapping[str, Any] = orjson.loads(run.row.input)
        #: What came behind a task that was run again has set them too.
        self.variables = dict.fromkeys(run.first_variables, UNKNOWN) if run.was_rerun else run.first_variables
        self.was_retried = run.was_reopened
        self.attempts: dict[str, list[KnownAttempt]] = {}
        self._layout = layout
        self._runs = runs
        self._made: dict[str, TaskDef] = {}
        for _, attempt in sorted({**run.removed, **run.attempts}.items()):
            self.attempts.setdefault(attempt.row.ref, []).append(attempt)
            if attempt.is_meddled and attempt.row.task_type in _OURS:
                raise Undetermined(f"somebody has ended {attempt}")

    def answers(self, ref: str) -> Sequence[ExternalResult]:
        """Return how the attempts of a place have ended."""
        attempts = self.attempts.get(ref, [])
        if not attempts and self._may_be_deleted(ref):
            raise Undetermined(f"{ref} may have come and gone in one commit")
        answers = [answer for answer in map(self._answer, attempts) if answer is not None]
        if not self.was_retried:
            return answers
        if answers and self._answer(attempts[-1]) is None:
            raise Undetermined(f"the run had gone on behind {ref} when it was tried again")
        return answers[-1:]

    def skipped(self, ref: str) -> ExternalResult | None:
        """Return what an operator has put in the place of a task."""
        first = next(iter(self.attempts.get(ref, ())), None)
        is_skipped = first is not None and first.row.status == TaskStatus.SKIPPED
        return ExternalResult(TaskStatus.SKIPPED, first.output) if first is not None and is_skipped else None

    def timeouts(self, ref: str) -> Sequence[ExternalResult]:
        """Return the first attempts of a place, as far as they were timed out; of a run that was retried the last."""
        attempts = self.attempts.get(ref, [])
        answers = map(self._answer, attempts[-1:] if self.was_retried else attempts)
        return [one for one in takewhile(lambda one: one is not None and one.status == "TIMED_OUT", answers) if one]

    def _may_be_deleted(self, ref: str) -> bool:
        place = self._layout.places.get(ref.partition("__")[0])
        if place is None:  # of a dynamic fork, perhaps of one within such a loop
            return any(
                "keepLastN" in loop.task.input_parameters
                and any(one.task.type == TaskType.FORK_JOIN_DYNAMIC for one in loop.inside)
                for loop in self._layout.places.values()
            )
        while place is not None and "keepLastN" not in place.task.input_parameters:
            place = place.owner
        return place is not None

    def _answer(self, attempt: KnownAttempt) -> ExternalResult | None:
        status, reason = attempt.row.status, attempt.row.reason or ""
        child = self._runs.get(attempt.sub_id or "")
        if attempt.is_live:
            return None
        if child is not None and child.was_reopened and not (_is_word_of(attempt, child) and self._is_first(attempt)):
            raise Undetermined(f"what follows {attempt} may have come before its child lived again")
        if status == TaskStatus.CANCELED:
            is_childs = child is not None and not (child.row.reason or "").startswith(_BY_PARENT)
            return ExternalResult(status, attempt.output) if is_childs else None
        is_timed_out = status == TaskStatus.TIMED_OUT or _is_shrugged_timeout(attempt)
        by_its_clock = is_timed_out and child is not None and child.row.status == RunStatus.TERMINATED
        if child is not None and not (attempt.is_meddled or by_its_clock):
            output = {**orjson.loads(child.row.output), "subWorkflowId": attempt.sub_id}
            return ExternalResult(_OF_CHILD[child.row.status], output)
        if status == TaskStatus.COMPLETED_WITH_ERRORS:
            # What an optional task ended with is only in its reason any more.
            word = reason.partition(" ")[0]
            status = "TIMED_OUT" if _is_shrugged_timeout(attempt) else word if word in _STATUSES else "FAILED"
        is_final = status == TaskStatus.TIMED_OUT and not reason.startswith(("responseTimeout", "Sub workflow"))
        ends_run = is_final and self._policy_ends_run(attempt)
        return ExternalResult(status, attempt.output, ends_run=ends_run, tries=attempt.number + 1)

    def _is_first(self, attempt: KnownAttempt) -> bool:
        """Return whether what has begun behind an attempt has begun since it ended, so that it may follow from that."""
        attempts = (one.row for made in self.attempts.values() for one in made)
        return not any(row.seq > attempt.row.seq and row.scheduled_at < attempt.row.ended_at for row in attempts)

    def _policy_ends_run(self, attempt: KnownAttempt) -> bool:
        place = self._layout.places.get(attempt.row.base_ref)
        definition = place.task.task_definition if place is not None else self._made.get(attempt.row.base_ref)
        return definition is not None and definition.timeout_policy is TaskTimeoutPolicy.TIME_OUT_WF

    def task_def(self, fork: str, name: str) -> TaskDef | None:
        """Return the task definition that the branches of a dynamic fork have got for a name."""
        found = None
        for attempt in self.attempts.get(fork, ()):
            for made in attempt.input.get("forkedTaskDefs", ()):
                for visit in walk((from_dict(made, WorkflowTask),)):
                    definition = visit.task.task_definition
                    if definition is not None:
                        self._made[visit.task.task_reference_name] = definition
                        found = definition if visit.task.name == name and definition.name == name else found
        return found


def _is_shrugged_timeout(attempt: KnownAttempt) -> bool:
    """Return whether an optional task has timed out by a clock of its own; only its reason says so."""
    word = (attempt.row.reason or "").partition(" ")[0]
    return attempt.row.status == TaskStatus.COMPLETED_WITH_ERRORS and word in {"Task", "responseTimeout:"}


def _is_word_of(attempt: KnownAttempt, child: KnownRun) -> bool:
    """Return whether an attempt ended well with what its child says by now, so that what follows it is what should."""
    output = {**orjson.loads(child.row.output), "subWorkflowId": attempt.sub_id}
    is_good = attempt.row.status == child.row.status == TaskStatus.COMPLETED
    return is_good and attempt.output == output and not attempt.is_meddled
