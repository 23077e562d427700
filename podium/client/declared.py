"""The types that workflows which a client has registered declare, held against what comes in through it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from podium.dsl import Workflow
from podium.dsl.inputs import check_input, inputs_of
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.texts import some
from podium.model.values import JsonValue
from podium.typed import records

#: Inputs of a SUB_WORKFLOW itself: who gives one of them gives more than the child's input.
_OF_CALLS = frozenset({"workflowInput", "subWorkflowName", "subWorkflowDefinition"})
_ITERATIONS = re.compile(r"(?:__\d+)+$")


class DeclaredTypes:
    """
    The workflows that have been registered through a client, for the declared types of their inputs and steps.

    A definition's JSON holds no types, so what is given or completed through a client that has never seen the workflow
    as Python is taken as it is.
    """

    def __init__(self) -> None:
        self._workflows: dict[tuple[str, int], Workflow[..., Any]] = {}

    @property
    def knows_any(self) -> bool:
        """Whether any workflow was registered."""
        return bool(self._workflows)

    def note(self, workflow: Workflow[..., Any]) -> None:
        """Remember a workflow, and all that it calls or embeds."""
        self._workflows |= {(each.name, each.version): each for each in workflow.family(embedded=True)}

    def workflow(self, name: str, version: int) -> Workflow[..., Any] | None:
        """Return a workflow that was registered; None if it was not, or not as Python."""
        return self._workflows.get((name, version))

    def greatest(self, name: str) -> int:
        """Return the greatest version of a workflow that was registered; 0 if none was."""
        return max((version for known, version in self._workflows if known == name), default=0)

    def refuse_wrong_input(self, run: WorkflowRun, given: Mapping[str, JsonValue]) -> None:
        """
        Refuse an input of a run that its workflow cannot begin with.

        Raises:
            InvalidRequest: It cannot; the message tells everything that is wrong.
        """
        workflow = self.workflow(run.workflow_name, run.workflow_version)
        if workflow is not None:
            workflow.check_input(given)

    def refuse_wrong_task_input(self, run: WorkflowRun, reference_name: str, given: Mapping[str, JsonValue]) -> None:
        """
        Refuse an input of a task that its function, or the workflow that it calls, would not take.

        Args:
            run: The task's run.
            reference_name: The task, with its iterations.
            given: The input.

        Raises:
            InvalidRequest: It does not fit the function's parameters; the message tells everything that is wrong.
        """
        workflow = self.workflow(run.workflow_name, run.workflow_version)
        step = None if workflow is None else workflow.writing.steps.get(_ITERATIONS.sub("", reference_name))
        called = None if step is None else step.worker or step.called
        is_whole = step is not None and step.worker is None and not _OF_CALLS.isdisjoint(given)
        if workflow is not None and called is not None and not is_whole:
            inputs = inputs_of(called.signature, called.annotations, null_is_absent=True)
            masked = workflow.definition.masked_fields
            check_input(f"task {reference_name!r}", inputs, given, lambda: masked)

    def refuse_wrong(
        self,
        run: WorkflowRun,
        reference_name: str,
        output: Callable[[], Mapping[str, JsonValue]],
    ) -> None:
        """
        Refuse the output of a task that is not of the type that its step is declared to give.

        Args:
            run: The task's run.
            reference_name: The task, with its iterations.
            output: Gives the output that the task would end with.

        Raises:
            InvalidRequest: It is not; the message tells everything that is wrong.
        """
        workflow = self.workflow(run.workflow_name, run.workflow_version)
        if workflow is None:
            return
        from podium.dsl.results import result_faults  # it costs time to import

        keys, hint = workflow.writing.gives(_ITERATIONS.sub("", reference_name))
        faults_of = (
            result_faults(hint, from_outside=True)
            if keys[:1] == ("output",) and keys[1:] in {(), ("result",)}
            else None
        )
        faults = [] if faults_of is None else faults_of(output())
        if faults:
            kind = getattr(hint, "__name__", str(hint))
            raise InvalidRequest(f"the result of {reference_name!r} is declared as {kind}: {some(faults)}")

    def placed(self, run: WorkflowRun, reference_name: str, result: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """
        Return what stands for a step's result as its task's output, such as an HTTP step's below ``response``.

        Args:
            run: The task's run.
            reference_name: The task, with its iterations.
            result: The result, or the whole output.

        Raises:
            InvalidRequest: It is neither.
        """
        workflow = self.workflow(run.workflow_name, run.workflow_version)
        keys, hint = ((), Any) if workflow is None else workflow.writing.gives(_ITERATIONS.sub("", reference_name))
        fields = records.fields(hint)
        if keys[:1] != ("output",) or not keys[1:] or keys[1] in {"result", *result} or fields is None or not result:
            return result
        names = [records.wire_name(hint, name) for name in fields]
        if result.keys() <= set(names):
            return {keys[1]: result}
        raise InvalidRequest(f"{reference_name!r} gives {{{keys[1]!r}: {{...}}}} with {', '.join(names)} in it")
