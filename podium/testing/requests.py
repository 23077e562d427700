"""Conductor's test requests (``WorkflowTestRequest``), as a server gets them: a run in virtual time, kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.runs import WorkflowRun
from podium.testing.stepper import simulate


def run_test(
    definition: WorkflowDef, request: Mapping[str, Any], others: Sequence[WorkflowDef | TaskDef]
) -> WorkflowRun:
    """
    Run a workflow with the mocks of a test request; a `podium.server.settings.Tester`.

    Args:
        definition: The workflow.
        request: The request.
        others: The definitions that it names.

    Raises:
        DefinitionError: It cannot run.
        InvalidRequest: The input or a mock cannot be right.
        RunTimeout: It goes round in circles.
    """
    mocks = {key: request.get(key) or {} for key in ("taskRefToMockOutput", "subWorkflowTestRequest")}
    return simulate(
        definition,
        request.get("input") or {},
        mocks,
        others=others,
        only_mocks=True,
        check=False,
        is_observed=False,
        correlation_id=request.get("correlationId"),
        priority=request.get("priority") or 0,
    )
