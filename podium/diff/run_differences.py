"""A difference between two runs with everything that it can be shown as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import field, frozen

from podium.diff.differences import DefinitionDiff
from podium.diff.drawn import DiffDrawing, DrawableDifference
from podium.diff.run_steps import RunChange, RunStep, StepSide
from podium.diff.settings import Setting
from podium.model.durations import duration_text
from podium.model.runs import WorkflowRun
from podium.model.task_types import SWITCHES
from podium.model.texts import clean, shorten
from podium.model.verbs import SuppliedVerbs
from podium.model.walk import blocks, walk

if TYPE_CHECKING:
    from typing import Unpack

    from podium.model.drawing import RenderOptions

#: Most values and names in one line, and most lines of first differences.
_LISTED, _FIRST = 3, 12


@frozen(kw_only=True)
class RunDiff(DrawableDifference):
    """
    What differs between two runs, A and B: their ways, their values, their times; told as ``A -> B``.

    It is true if their ways, ends or values differ. Printed, it is text; a notebook shows both in one picture.
    """

    a: WorkflowRun = field(repr=False)
    b: WorkflowRun = field(repr=False)
    #: What headings call them; by their ids if it is empty.
    name_a: str = ""
    name_b: str = ""
    #: What differs in the runs' own input and output; masked values are not told.
    input: tuple[Setting, ...] = ()
    output: tuple[Setting, ...] = ()
    #: Every step that one of them came to: those of B in their order, each of A alone after the one that it followed.
    steps: tuple[RunStep, ...] = ()
    #: What differs between their definitions; None if that is one.
    definition: DefinitionDiff | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing differs but times."""
        same = (RunChange.SAME, RunChange.OTHER_TIME)
        return not (self.input or self.output or self.a.status != self.b.status) and all(
            step.change in same for step in self.steps
        )

    def __bool__(self) -> bool:
        return not self.is_empty

    @property
    def changed_steps(self) -> Iterator[RunStep]:
        """The steps that differ, in order."""
        return (step for step in self.steps if step.change is not RunChange.SAME)

    def of(self, change: RunChange) -> tuple[RunStep, ...]:
        """Return the steps that differ in this way."""
        return tuple(step for step in self.steps if step.change is change)

    @property
    def title(self) -> str:
        """Both runs: ``run 1 of order version 1 FAILED -> run 2 of order version 1 COMPLETED``."""
        return " -> ".join(_headline(run, name) for run, name in ((self.a, self.name_a), (self.b, self.name_b)))

    @property
    def summary(self) -> str:
        """Count what differs: ``1 step ended otherwise, 2 only in A``."""
        words = {
            RunChange.OTHER_END: "ended otherwise",
            RunChange.OTHER_WAY: "went another way",
            RunChange.OTHER_VALUES: "with other values",
            RunChange.ONLY_A: "only in A",
            RunChange.ONLY_B: "only in B",
            RunChange.OTHER_TIME: "took another time",
        }
        told = [f"{len(self.of(change))} {text}" for change, text in words.items() if self.of(change)]
        return ", ".join(told) or ("other input or output" if self else "no difference")

    @property
    def first(self) -> tuple[str, ...]:
        """
        Where they begin to differ, in words, the likeliest cause first.

        First what they were given and what they are made of; then, in the order of the run, steps that came to
        something else from the same input, and places where the ways part; at last what took much longer.
        """
        found = [*self._beginnings(), *islice(self._middles(), _FIRST)]
        if self.a.status != self.b.status and not found:
            found.append(f"A is {self.a.status}, and B {self.b.status}")
        if not found and self.output:
            found.append(f"the output differs: {_listed(self.output)}")
        slower = sorted(self.steps, key=lambda step: -_apart(step))[:_LISTED]
        found += (f"'{clean(step.reference)}' {', '.join(step.times)}" for step in slower if step.times)
        return tuple(found[:_FIRST])

    def _beginnings(self) -> Iterator[str]:
        if self.input:
            yield f"the input differs: {_listed(self.input)}"
        if self.definition is not None and self.definition:
            yield f"the definitions differ: {self.definition.title}: {self.definition.summary}"

    def _middles(self) -> Iterator[str]:
        for step in self.steps:
            name = f"'{clean(step.reference)}'"
            if step.inner is not None:
                inner = step.inner.first
                yield f"inside {name}: {inner[0]}" if inner else f"inside {name}: {step.inner.summary}"
            elif step.is_origin and step.a is not None and step.b is not None:
                yield f"{name} {_otherwise(step.a, step.b, step.output)}, with the same input"
            elif step.is_structure and step.a is not None and step.b is not None and step.a.way != step.b.way:
                yield f"{name} came to {step.a.way} -> {step.b.way}{self._alone(step)}"

    def _alone(self, switch: RunStep) -> str:
        """Name the steps of a switch's cases that only one of the runs came to."""
        sides = (side for side in (switch.a, switch.b) if side is not None)
        cases = [block for side in sides if side.newest.workflow_task for block in blocks(side.newest.workflow_task)]
        inside = {visit.task.task_reference_name for block in cases for visit in walk(block.tasks)}
        told = []
        for letter, change in (("A", RunChange.ONLY_A), ("B", RunChange.ONLY_B)):
            names = [f"'{clean(one.reference)}'" for one in self.of(change) if one.place in inside]
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            if names and switch.b is not None and switch.b.newest.task_type in SWITCHES:
                told.append(f"only {letter} came to {', '.join(names[:_LISTED])}{more}")
        return f"; {', '.join(told)}" if told else ""

    # -- forms -------------------------------------------------------------------------------------------------------

    def describe(self) -> str:
        """Return the difference as lines of text: both runs, where they begin to differ, and all that differs."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"A: {_headline(self.a, self.name_a)}{_ended(self.a)}"
        yield f"B: {_headline(self.b, self.name_b)}{_ended(self.b)}"
        if self.first:
            yield "Where they begin to differ:"
            yield from (f"  {number}. {text}" for number, text in enumerate(self.first, 1))
        if not self and not any(step.times for step in self.steps):
            yield "Nothing differs."
            return
        yield f"All that differs: {self.summary}"
        yield from (f"  * input {each}" for each in self.input)
        for step in self.changed_steps:
            yield f"  {_SIGNS[step.change]} {clean(step.reference)}{' <- begins here' if step.is_origin else ''}"
            yield from (f"      {fact}" for fact in step.facts)
            if step.inner is not None:
                yield from (f"      {line}" for line in step.inner.describe().splitlines())
        yield from (f"  * output {each}" for each in self.output)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain JSON data."""
        return {
            "a": _identity(self.a),
            "b": _identity(self.b),
            "isEmpty": self.is_empty,
            "summary": self.summary,
            "first": list(self.first),
            "input": [each.to_dict() for each in self.input],
            "output": [each.to_dict() for each in self.output],
            "steps": [step.to_dict() for step in self.changed_steps],
            "definition": None if self.definition is None else self.definition.to_dict(),
        }

    def to_json(self) -> str:
        """Return the difference as JSON text, indented by two spaces, without a final line end."""
        return json.dumps(self.to_dict(), indent=2)

    def picture(self, **options: Unpack[RenderOptions]) -> DiffDrawing:
        """
        Return both runs in one picture, as a `podium.render.diff_pictures.DiffPicture`.

        Args:
            options: See `RenderOptions`.

        Raises:
            RenderError: An option is wrong.
        """
        return _VERBS().run_diff_picture(self, **options)


class RunDiffVerbs(Protocol):
    """What is asked of the room that draws, for a difference between runs."""

    def run_diff_picture(self, diff: RunDiff, **options: Unpack[RenderOptions]) -> DiffDrawing:
        """Return both runs in one picture."""


_VERBS: Final[SuppliedVerbs[RunDiffVerbs]] = SuppliedVerbs()

_SIGNS: Final = {
    RunChange.ONLY_A: "-",
    RunChange.ONLY_B: "+",
    RunChange.OTHER_END: "!",
    RunChange.OTHER_WAY: ">",
    RunChange.OTHER_VALUES: "=",
    RunChange.OTHER_TIME: "~",
}


def _headline(run: WorkflowRun, name: str) -> str:
    which = f" of {run.workflow_name} version {run.workflow_version}" if run.workflow_definition else ""
    return clean(f"{name or f'run {run.workflow_id}{which}'} {run.status}")


def _ended(run: WorkflowRun) -> str:
    took = f" in {duration_text(run.end_time - run.create_time)}" if run.end_time >= run.create_time > 0 else ""
    reason = f": {shorten(run.reason, 200)}" if run.reason else ""
    return f"{took}{reason}"


def _identity(run: WorkflowRun) -> dict[str, Any]:
    about = {"workflowId": run.workflow_id, "name": run.workflow_name, "version": run.workflow_version}
    return {**about, "status": run.status.value, "reason": run.reason}


def _listed(values: tuple[Setting, ...]) -> str:
    more = f", and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return ", ".join(str(each) for each in values[:_LISTED]) + more


def _otherwise(a: StepSide, b: StepSide, output: tuple[Setting, ...]) -> str:
    if a.end != b.end:
        return f"is {a.words} -> {b.words}"
    return f"came to another output ({_listed(output)})"


def _apart(step: RunStep) -> int:
    if step.a is None or step.b is None:
        return 0
    return max(abs(step.a.took - step.b.took), abs(step.a.waited - step.b.waited))
