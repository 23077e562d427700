"""
What is known only when a run has failed, for what undoes it: ``at_failure(step.output)`` and ``failed_run()``.

Both give references under a root that no step can have. What undoes a run is a run of its own, whose input holds the
failed one; so `UndoneRun` writes these references anew for it. Outputs of steps are looked up by a jq step,
``failed_run``, because ``${...}`` cannot search a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import frozen

from podium.dsl.arguments import checked_arguments
from podium.dsl.late_paths import FAILURE, LATE, is_of_failure
from podium.dsl.refs import Named, Ref, Target, refuse, target_of
from podium.model.compensation import FAILED_RUN, UNDONE, undo_name
from podium.model.definitions import WorkflowTask
from podium.model.expressions import Literal, Part, parse, references
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

T = TypeVar("T")

_IN_RUN = "workflow.input.failedWorkflow"
_FOUND = f"{FAILED_RUN}.output.result"
#: Where the input of a failure workflow has what `failed_run` gives (Conductor: ``WorkflowExecutorOps.java``).
_FACTS: Mapping[str, str] = {
    "reason": "workflow.input.reason",
    "status": "workflow.input.failureStatus",
    "workflowId": "workflow.input.workflowId",
    "output": f"{_IN_RUN}.output",
    "step": f"{_FOUND}.failed",
}
_ROOT = re.compile(r"(?P<root>[^.\[]+)(?P<rest>.*)", re.DOTALL)
_OF_TASK = (
    "{name: .referenceTaskName, status, taskId, reason: .reasonForIncompletion, input: .inputData, output: .outputData}"
)


@frozen(kw_only=True)
class FailedStep:
    """The step that made a run fail; each of its values is null where no step did, such as after the run's timeout."""

    #: Its reference name.
    name: str
    #: Such as ``FAILED``.
    status: str
    reason: str | None
    input: Mapping[str, Any]
    #: What it has given all the same.
    output: Mapping[str, Any]


@frozen(kw_only=True)
class FailedRun:
    """A run that has failed."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"workflow_id": "workflowId"}

    workflow_id: str
    #: ``FAILED``, ``TIMED_OUT`` or ``TERMINATED``.
    status: str
    reason: str | None
    #: The run's output, as far as it was there.
    output: Mapping[str, Any]
    #: The step that made it fail.
    step: FailedStep


@frozen(eq=False)
class _Later:
    """The root of a value as it is when the run has failed."""

    root: str | Named

    def settled_name(self) -> str:
        """Return the reference name, which may not change from now on."""
        return LATE + (self.root if isinstance(self.root, str) else self.root.settled_name())


def failed_run() -> FailedRun:
    """
    Refer to the failed run: why it failed, what it has given, and which step made it fail; for ``.undo(...)`` only.

    Example:
        ``room.undo(cancel, room.output, why=failed_run().reason)``
    """
    return cast("FailedRun", Ref(Target(FAILURE, (), FailedRun)))


@checked_arguments
def at_failure(value: T) -> T:
    """
    Refer to a value as it is when the run has failed, instead of when the step to be undone was done.

    For the inputs of ``.undo(...)`` only. The output of a step that was not reached is null.

    Args:
        value: A reference, such as the output of a later step, or a text with some in it.

    Raises:
        AuthoringError: P1, it is neither.

    Example:
        ``room.undo(cancel, room.output, paid=at_failure(paid.output.id))``
    """
    if isinstance(value, Ref):
        target = target_of(value)
        return cast("T", Ref(Target(_Later(target.root), target.keys, target.hint)))
    if isinstance(value, str) and any(references(value)):
        return cast("T", _mapped(value, lambda path: f"${{{LATE}{path}}}"))
    return refuse(f"at_failure() takes a value of the run, such as step.output.id, not {value!r:.60}")


def is_late(value: JsonValue) -> bool:
    """Return whether nothing but what is known when the run has failed stands in a rendered text."""
    found = [is_of_failure(each.text) for each in references(value)] if isinstance(value, str) else []
    return bool(found) and all(found)


def noted(value: JsonValue) -> JsonValue:
    """
    Return of a rendered value what can be noted before the run fails; the rest is null.

    Raises:
        ValueError: A text is known half now and half later.
    """
    if isinstance(value, Mapping):
        return {key: noted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [noted(item) for item in value]
    if is_late(value):
        return None
    if isinstance(value, str) and any(is_of_failure(each.text) for each in references(value)):
        raise ValueError(
            f"{value!r:.80} mixes values of the step that was done with those of the failed run; "
            "give them as two inputs, or write at_failure(...) around the whole text"
        )
    return value


class UndoneRun:
    """The failed run as its undo workflow sees it, which is written meanwhile."""

    def __init__(self) -> None:
        self._steps: dict[str, None] = {}
        self._reads_failing = False
        #: Reference name to the jq that lists what is to be undone, the newest first.
        self._runs: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def given(self, value: JsonValue, noted_at: str) -> JsonValue:
        """
        Return a rendered value as the undo workflow can have it.

        Args:
            value: The value.
            noted_at: The path to what was noted of it before.
        """
        if not any(is_of_failure(each.text) for each in references(value)):
            return f"${{{noted_at}}}"
        if isinstance(value, Mapping):
            return {key: self.given(item, noted_at + member(key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.given(item, f"{noted_at}[{index}]") for index, item in enumerate(value)]
        return self.late(value)

    def late(self, value: JsonValue) -> JsonValue:
        """Return a rendered value with every reference as the undo workflow can have it."""
        if isinstance(value, Mapping):
            return {key: self.late(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.late(item) for item in value]
        if value == f"${{{FAILURE}}}":
            self._reads_failing = True
            return {name: f"${{{path}}}" for name, path in _FACTS.items()}
        return _mapped(value, lambda path: f"${{{self._path(path)}}}") if isinstance(value, str) else value

    def _path(self, path: str) -> str:
        if path.startswith(f"{FAILURE}."):
            match = _ROOT.fullmatch(path.removeprefix(f"{FAILURE}."))
            name, rest = (match["root"], match["rest"]) if match else ("", "")
            self._reads_failing |= name == "step"
            return _FACTS.get(name, path) + rest
        path = path.removeprefix(LATE)
        match = _ROOT.fullmatch(path)
        if path.startswith(("workflow.secrets.", "workflow.env.")) or match is None:
            return path
        if match["root"] == "workflow":
            return _IN_RUN + match["rest"]
        self._steps[match["root"]] = None
        return f"{_FOUND}.steps{member(match['root'])}{match['rest']}"

    def notes_of(self, step: str) -> str:
        """Return the path to what a step in a loop has noted of its iterations, as far as they are to be undone."""
        name = json.dumps(undo_name(step))
        of_step = f".workflowTask.taskReferenceName == {json.dumps(f'{step}_done')}"
        is_done = f'.inputData[{name}].done == "COMPLETED"'
        self._notes[step] = _list(f"{of_step} and {is_done} and {_is_later(step)}", f".inputData[{name}].inputs")
        return f"{_FOUND}.notes{member(step)}"

    def runs_of(self, step: str, *, of_items: bool = False) -> str:
        """
        Return the path to the runs that a call has started, as far as they are to be undone.

        One that failed has undone itself, which its output says. One that was at work when this run failed has no
        failure workflow: it was terminated, and what it had done until then is undone as if it had failed.

        Args:
            step: The call.
            of_items: It is a fan-out, and the runs are those of its items.
        """
        quoted = json.dumps(step)
        of_step = f".workflowTask.taskReferenceName == {quoted}"
        made = ""
        if of_items:
            names = f"[$run.tasks[] | select({of_step}) | .inputData.forkedTasks[]? | {{key: ., value: true}}]"
            made = f"({names} | from_entries) as $made | "
            of_step = "$made[.workflowTask.taskReferenceName]"
        # A run that this one had only joined, by an idempotency key, goes on if this one ends.
        is_own = '(.status == "COMPLETED" or .workflowTask.subWorkflowParam.idempotencyStrategy != "RETURN_EXISTING")'
        has_run = ".subWorkflowId != null and (.retried | not)"
        is_left = '(.outputData["conductor.failure_workflow"] | not)'
        condition = f"{of_step} and {has_run} and {is_own} and {is_left} and {_is_later(step)}"
        self._runs[step] = made + _list(condition, '{done: "COMPLETED", id: .subWorkflowId}')
        return f"{_FOUND}.runs{member(step)}"

    def task(self) -> WorkflowTask | None:
        """Return the step that looks up what the others read, None if they read nothing."""
        parts = [
            f"{name}: {{{', '.join(f'{json.dumps(step)}: ({query})' for step, query in lists.items())}}}"
            for name, lists in (("runs", self._runs), ("notes", self._notes))
            if lists
        ]
        if not (parts or self._steps or self._reads_failing):
            return None
        undone = {"undone": f"${{{_IN_RUN}.variables.{UNDONE}}}"} if parts else {}
        if self._steps:
            found = (
                f"{json.dumps(name)}: {_last(f'.workflowTask.taskReferenceName == {json.dumps(name)}')}"
                for name in self._steps
            )
            parts.append(f"steps: {{{', '.join(found)}}}")
        if self._reads_failing:
            parts.append(f"failed: {_last('.taskId == $run.id')}")
        return WorkflowTask(
            name=FAILED_RUN,
            task_reference_name=FAILED_RUN,
            type=TaskType.JSON_JQ_TRANSFORM.value,
            input_parameters={
                "tasks": f"${{{_IN_RUN}.tasks}}",
                "id": "${workflow.input.failureTaskId}",
                **undone,
                "queryExpression": f". as $run | {{{', '.join(parts)}}}",
            },
        )


def _last(condition: str) -> str:
    """Return the jq that gives the newest task for which a condition holds."""
    return f"([$run.tasks[] | select({condition})] | .[-1] | {_OF_TASK})"


def _list(condition: str, what: str) -> str:
    """Return the jq that gives something of all tasks for which a condition holds, the newest first."""
    return f"[$run.tasks[] | select({condition}) | {what}] | reverse"


def _is_later(step: str) -> str:
    """Return the jq that tells whether a task has ended since the run was taken up, when the step had been undone."""
    return f".endTime > ($run.undone[{json.dumps(step)}] // 0)"


def member(key: str) -> str:
    """Return the step of a path that leads to a key."""
    if key.isidentifier():
        return f".{key}"
    quoted = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"


def _mapped(text: str, change: Callable[[str], str]) -> str:
    """Return a text with each outermost reference changed."""
    return "".join(_changed(part, change) for part in parse(text))


def _changed(part: Part, change: Callable[[str], str]) -> str:
    if isinstance(part, Literal):
        return part.text
    return change("".join(_changed(inner, change) for inner in part.parts) if part.is_nested else part.text)
