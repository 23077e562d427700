"""Which way an input takes through a workflow, told before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from podium.model.attempts import TaskRun, chosen_case
from podium.model.definitions import WorkflowTask
from podium.model.expressions import references
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskType
from podium.model.task_types import SWITCHES, task_kind
from podium.model.texts import clean, shorten
from podium.model.walk import blocks
from podium.testing.needed import Simulated
from podium.testing.stepper import Stepper
from podium.testing.ways import firsts

#: How often a task that nothing answers is taken to end well: enough to see that a loop goes on.
_ASSUMED_MAX = 2
_EXPRESSION_MAX = 60


@frozen
class PathStep:
    """
    One task on the way.

    Attributes:
        ref: Its reference name.
        task_type: Its type, as runs show it.
        case: What a switch chose; None for other tasks.
        depends_on: The tasks without a mock that decide about it, or about how it ends; empty where the way is certain.
        text: In words.
    """

    ref: str
    task_type: str
    case: str | None
    depends_on: tuple[str, ...]
    text: str


@frozen(repr=False)
class PathExplanation:
    """
    The way of an input; its text says all of it.

    Attributes:
        status: How the run ends, as far as that is known.
        steps: The tasks, in the order in which they begin.
        output: What the run gives, as far as that is known.
        assumed: The tasks that were taken to end well with an empty output, because no mock says otherwise.
        text: In words, a line for each step.
    """

    status: RunStatus
    steps: tuple[PathStep, ...]
    output: Mapping[str, Any]
    assumed: frozenset[str]
    text: str

    @property
    def path(self) -> tuple[str, ...]:
        """The reference names, in their order."""
        return tuple(step.ref for step in self.steps)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def explain_path(
    workflow: Simulated,
    input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
    mocks: Mapping[str, Any] | None = None,
    **options: Any,
) -> PathExplanation:
    """
    Say which way an input takes through a workflow, and why; no function of it is called.

    A task without a mock is taken to end well with an empty output. Where that decides about the way, the step says
    so, and names the other ways.

    Args:
        workflow: A workflow, a definition, or what `podium.load` reads.
        input: The run's input.
        mocks: As `simulate` takes them.
        options: As `Stepper` takes them.

    Example:
        >>> from podium import switch, task, workflow
        >>> @task
        ... def quote(name: str) -> float: ...
        >>> @workflow
        ... def order(speed: str) -> None:
        ...     with switch("route", speed) as route:
        ...         with route.case("EXPRESS"):
        ...             quote("fast").as_("fast")
        ...         with route.otherwise():
        ...             quote("slow").as_("slow")
        >>> print(explain_path(order, {"speed": "EXPRESS"}))
        order COMPLETED by this way:
          1  route  takes the case 'EXPRESS': ${workflow.input.speed} is 'EXPRESS'
          2  fast   (no mock: taken to end well)
    """
    assuming = {"only_mocks": True, "assumed_max": _ASSUMED_MAX, "is_observed": False, **options}
    with Stepper(workflow, input, mocks, **assuming) as stepper:
        run = stepper.resume()
        assumed = stepper.assumed
    unsure = _unsure(run, assumed)
    steps = tuple(_step(attempt, unsure, assumed) for attempt in firsts(run))
    width = max((len(step.ref) for step in steps), default=0)
    lines = [f"{number:>3}  {step.ref:<{width}}  {step.text}".rstrip() for number, step in enumerate(steps, 1)]
    end = "" if run.status.is_successful or not run.reason else f" ({shorten(clean(run.reason), 200)})"
    head = f"{run.workflow_name} {run.status}{end} by this way:"
    return PathExplanation(run.status, steps, run.output, assumed, "\n".join([head, *lines]))


def _step(attempt: TaskRun, unsure: Mapping[str, tuple[str, ...]], assumed: frozenset[str]) -> PathStep:
    place = attempt.workflow_task
    ref = place.task_reference_name if place is not None else attempt.reference_task_name
    depends_on = unsure.get(ref, ())
    case = chosen_case(attempt) if attempt.task_type in SWITCHES else None
    words = []
    if place is not None and case is not None:
        words.append(_chosen(place, case, attempt))
    elif attempt.task_type == TaskType.DO_WHILE:
        words.append(_turns(attempt))
    if ref in assumed:
        words.append("(no mock: taken to end well)")
    elif attempt.reason_for_incompletion and not attempt.status.is_successful:
        words.append(f"is {attempt.status}: {shorten(clean(attempt.reason_for_incompletion), 100)}")
    if depends_on and ref not in assumed and (case is not None or attempt.task_type == TaskType.DO_WHILE):
        words.append(f"(not certain: it depends on {_listed(depends_on)}{_other_ways(place, case)})")
    return PathStep(attempt.reference_task_name, attempt.task_type, case, depends_on, " ".join(words))


def _turns(loop: TaskRun) -> str:
    turns = loop.output_data.get("iteration") or 0
    return f"ends after {turns} turn{'' if turns == 1 else 's'}" if loop.status.is_terminal else "goes on"


def _chosen(place: WorkflowTask, case: str, attempt: TaskRun) -> str:
    taken = f"takes the case {case!r}" if case in place.decision_cases else "takes the default"
    key = place.expression or place.case_value_param or ""
    if key in place.input_parameters:
        return f"{taken}: {_text(place.input_parameters[key])} is {attempt.input_data.get(key)!r}"
    script = place.expression or place.case_expression or ""
    return f"{taken}: {shorten(clean(script), _EXPRESSION_MAX)} gives {case!r}"


def _other_ways(place: WorkflowTask | None, case: str | None) -> str:
    if place is None or case is None:
        return ""
    others = [repr(label) for label in place.decision_cases if label != case]
    others += ["the default"] if case in place.decision_cases else []
    return f"; other ways: {', '.join(others)}" if others else ""


def _unsure(run: WorkflowRun, assumed: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the tasks that were assumed behind each task that reads them, directly or by way of others."""
    behind: dict[str, tuple[str, ...]] = {ref: (ref,) for ref in sorted(assumed)}
    for attempt in run.tasks:
        place = attempt.workflow_task
        if place is None or place.task_reference_name in behind:
            continue
        found = [one for root in _reads(place) for one in behind.get(root, ())]
        if found:
            behind[place.task_reference_name] = tuple(dict.fromkeys(found))
            if attempt.task_type == TaskType.SET_VARIABLE:
                behind["workflow.variables"] = behind[place.task_reference_name]
    return behind


def _reads(place: WorkflowTask) -> list[str]:
    """Return the tasks that one reads; a loop reads what its condition says, or what is in it."""
    found = list(references(dict(place.input_parameters)))
    roots = ["workflow.variables" if one.text.startswith("workflow.variables") else one.root or "" for one in found]
    if place.type == TaskType.DO_WHILE:
        roots += [task.task_reference_name for block in blocks(place) for task in block.tasks]
    if task_kind(place.type).shape == "join":
        roots += list(place.join_on)
    return roots


def _text(value: object) -> str:
    return shorten(clean(value if isinstance(value, str) else repr(value)), _EXPRESSION_MAX)


def _listed(refs: tuple[str, ...]) -> str:
    return ", ".join(repr(ref) for ref in refs)
