"""The results that workflows which a client has registered declare, held against those that come in through it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from podium.dsl import Workflow
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.values import JsonValue

_ITERATIONS = re.compile(r"(?:__\d+)+$")


class DeclaredResults:
    """
    The workflows that have been registered through a client, for the declared types of their steps.

    A definition's JSON holds no types, so what is completed through a client that has never seen the workflow as Python
    is taken as it is.
    """

    def __init__(self) -> None:
        self._workflows: dict[tuple[str, int], Workflow[..., Any]] = {}

    def note(self, workflow: Workflow[..., Any]) -> None:
        """Remember a workflow, and all that it calls or embeds."""
        self._workflows |= {(each.name, each.version): each for each in workflow.family(embedded=True)}

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
        workflow = self._workflows.get((run.workflow_name, run.workflow_version))
        if workflow is None:
            return
        from podium.dsl.results import result_faults  # it costs time to import

        keys, hint = workflow.writing.gives(_ITERATIONS.sub("", reference_name))
        faults_of = result_faults(hint) if keys[:1] == ("output",) and keys[1:] in {(), ("result",)} else None
        faults = [] if faults_of is None else faults_of(output())
        if faults:
            kind = getattr(hint, "__name__", str(hint))
            raise InvalidRequest(f"the result of {reference_name!r} is declared as {kind}: {'; '.join(faults)}")
