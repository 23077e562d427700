"""One step in two runs: what became of it in each, and what differs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

from podium.diff.settings import Setting
from podium.model.attempts import TaskRun, chosen_case
from podium.model.durations import duration_text
from podium.model.runs import RunDifference
from podium.model.statuses import TaskStatus, TaskType
from podium.model.task_types import OF_OTHERS, SWITCHES
from podium.model.texts import clean, count_of, shorten

#: Longest reason in a line.
_REASON_MAX: Final = 120
#: Times differ if one is so many times the other, and by so many milliseconds.
_FACTOR, _LEAST_MS = 2.0, 100


class RunChange(StrEnum):
    """What differs of a step, the most telling first."""

    #: Only one of the runs came to it.
    ONLY_A = "ONLY_A"
    ONLY_B = "ONLY_B"
    #: It ended otherwise.
    OTHER_END = "OTHER_END"
    #: It was tried more or less often, took another way, or had another number of turns or branches.
    OTHER_WAY = "OTHER_WAY"
    #: It came to another output, or was given another input.
    OTHER_VALUES = "OTHER_VALUES"
    #: Only its time differs.
    OTHER_TIME = "OTHER_TIME"
    SAME = "SAME"


@frozen(kw_only=True)
class StepSide:
    """What became of a step in one run."""

    #: The newest attempt.
    newest: TaskRun
    #: How many there were.
    attempts: int

    @property
    def took(self) -> int:
        """Milliseconds from its start to its end; 0 if it has not begun or not ended."""
        known = self.newest.start_time and self.newest.end_time
        return max(0, self.newest.end_time - self.newest.start_time) if known else 0

    @property
    def waited(self) -> int:
        """Milliseconds until it began."""
        return self.newest.queue_wait_time

    @property
    def way(self) -> str:
        """Which way a switch took, how often a loop went round, how many branches a fork had; empty for all others."""
        newest = self.newest
        forked = newest.input_data.get("forkedTasks")
        if newest.task_type in SWITCHES:
            case = chosen_case(newest)
            return "no way" if case is None else f"the case {clean(case)!r}"
        if newest.task_type == TaskType.DO_WHILE:
            said = newest.output_data.get("iteration")
            return count_of(said if isinstance(said, int) else newest.iteration, "turn")
        return count_of(len(forked), "branch") if isinstance(forked, list) else ""

    @property
    def end(self) -> tuple[str, int, str]:
        """What is compared of its end: the status, how often it was tried, and which way it took."""
        return self.newest.status.value, self.attempts, self.way

    @property
    def words(self) -> str:
        """How it ended, in a line."""
        newest = self.newest
        text = newest.status.value + (f" after {self.attempts} attempts" if self.attempts > 1 else "")
        text += f": {self.way}" if self.way else ""
        reason = newest.reason_for_incompletion
        return text if newest.status.is_successful or not reason else f"{text}: {shorten(clean(reason), _REASON_MAX)}"


@frozen(kw_only=True)
class RunStep:
    """One step in both runs; a turn of a loop, or a branch of a dynamic fork, is a step of its own."""

    #: Its name in the second run, or in the first one if only that came to it; ``__2`` is the second turn of a loop.
    reference: str
    #: Its name in the definition; that of the run for a branch of a dynamic fork.
    place: str
    #: What became of it in each; None where the run did not come to it.
    a: StepSide | None = None
    b: StepSide | None = None
    #: What differs in what it was given and in what it gave; masked values are not told.
    input: tuple[Setting, ...] = ()
    output: tuple[Setting, ...] = ()
    #: What differs between the runs of a sub-workflow; None if nothing does, or they are not known.
    inner: RunDifference | None = field(default=None, repr=False)

    @property
    def change(self) -> RunChange:
        """What differs, in a word."""
        if self.a is None or self.b is None:
            return RunChange.ONLY_B if self.a is None else RunChange.ONLY_A
        if self.a.newest.status != self.b.newest.status:
            return RunChange.OTHER_END
        if self.a.end != self.b.end:
            return RunChange.OTHER_WAY
        if self.input or self.output:
            return RunChange.OTHER_VALUES
        return RunChange.OTHER_TIME if self.is_slower else RunChange.SAME

    @property
    def is_structure(self) -> bool:
        """It only puts other steps in order, so that what it gives is theirs."""
        side = self.b or self.a
        return side is not None and orders_others(side.newest)

    @property
    def is_origin(self) -> bool:
        """It ended otherwise, or gave something else, though it was given the same: what differs begins here."""
        if self.a is None or self.b is None or self.input or self.is_structure:
            return False
        if TaskStatus.CANCELED in {self.a.newest.status, self.b.newest.status}:
            return False  # somebody else has ended it
        return self.a.end != self.b.end or bool(self.output)

    @property
    def is_slower(self) -> bool:
        """One of the two took much longer to work, or to begin."""
        return bool(self.times)

    @property
    def times(self) -> tuple[str, ...]:
        """Times that differ much, in words, where both went well; those of steps that others fill are not told."""
        if self.a is None or self.b is None or self.is_structure:
            return ()
        if not (self.a.newest.status.is_successful and self.b.newest.status.is_successful):
            return ()
        pairs = (("took", self.a.took, self.b.took), ("waited", self.a.waited, self.b.waited))
        return tuple(f"{word} {duration_text(a)} -> {duration_text(b)}" for word, a, b in pairs if _differ(a, b))

    @property
    def facts(self) -> tuple[str, ...]:
        """What differs, one line each."""
        found: list[str] = []
        if self.a is not None and self.b is not None and self.a.end != self.b.end:
            found.append(f"{self.a.words} -> {self.b.words}")
        elif self.a is None or self.b is None:
            side = self.a or self.b
            found.append(side.words if side is not None else "")
        found += (f"input {each}" for each in self.input)
        found += (f"output {each}" for each in self.output)
        return (*found, *self.times)

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON data; what says nothing is left out."""
        told: dict[str, Any] = {
            "reference": self.reference,
            "change": self.change.value,
            "isOrigin": self.is_origin or None,
            "a": _side(self.a),
            "b": _side(self.b),
            "input": [each.to_dict() for each in self.input] or None,
            "output": [each.to_dict() for each in self.output] or None,
            "inner": None if self.inner is None else self.inner.to_dict(),
        }
        return {key: value for key, value in told.items() if value is not None}


def orders_others(attempt: TaskRun) -> bool:
    """Return whether an attempt is of a task that only puts others in order: a fork, a join, a loop, a switch."""
    return attempt.task_type in OF_OTHERS or attempt.task_type in SWITCHES


def _differ(a: int, b: int) -> bool:
    return abs(a - b) >= _LEAST_MS and max(a, b) >= _FACTOR * min(a, b)


def _side(side: StepSide | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "taskId": side.newest.task_id,
        "status": side.newest.status.value,
        "attempts": side.attempts,
        "tookMs": side.took,
        "waitedMs": side.waited,
        "reason": side.newest.reason_for_incompletion,
    }
