"""
What is known of a run: its fields as the API shows them, and what follows from them at once.

Times are epoch milliseconds, 0 means "not yet". Conductor: ``common/run/Workflow.java``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from podium.model.attempts import TaskRun
from podium.model.definitions import WorkflowDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonObject, JsonValue

_ITERATIONS: Final = re.compile(r"(?:__\d+)+$")


@frozen(kw_only=True, repr=False)
class RunFacts:
    """
    One execution of a definition, without the verbs of `podium.model.runs.WorkflowRun`.

    What only reads runs (their past, their tables, what undid them) stands below the verbs and takes this.
    """

    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    status: RunStatus
    end_time: int = 0
    workflow_id: str = ""
    parent_workflow_id: str | None = None
    parent_workflow_task_id: str | None = None
    #: Attempts in the order they were created.
    tasks: Sequence[TaskRun] = ()
    input: JsonObject = field(factory=dict)
    output: JsonObject = field(factory=dict)
    correlation_id: str | None = None
    re_run_from_workflow_id: str | None = None
    reason_for_incompletion: str | None = None
    event: str | None = None
    task_to_domain: Mapping[str, str] = field(factory=dict)
    failed_reference_task_names: tuple[str, ...] = ()
    failed_task_names: tuple[str, ...] = ()
    workflow_definition: WorkflowDef | None = None
    external_input_payload_storage_path: str | None = None
    external_output_payload_storage_path: str | None = None
    priority: int = 0
    variables: JsonObject = field(factory=dict)
    last_retried_time: int = 0
    history: tuple[JsonValue, ...] = ()
    idempotency_key: str | None = None
    rate_limit_key: str | None = None
    rate_limited: bool = False
    extra: JsonObject = field(factory=dict)

    @property
    def reason(self) -> str | None:
        """Why the run did not complete, or None."""
        return self.reason_for_incompletion

    @property
    def workflow_name(self) -> str:
        """The definition's name; empty if the run came without its definition."""
        return self.workflow_definition.name if self.workflow_definition else ""

    @property
    def workflow_version(self) -> int:
        """The definition's version; 0 if the run came without its definition."""
        return self.workflow_definition.version if self.workflow_definition else 0

    @property
    def start_time(self) -> int:
        """When the run was created, in epoch milliseconds."""
        return self.create_time

    def task(self, reference_name: str) -> TaskRun | None:
        """
        Return the newest attempt of a task, or None.

        Args:
            reference_name: The name in the definition, or with ``__<iteration>`` for one iteration of a loop.
        """
        newest = None
        for attempt in self.tasks:
            if attempt.reference_task_name == reference_name or _is_iteration_of(attempt, reference_name):
                newest = attempt
        return newest

    @property
    def failing_task(self) -> TaskRun | None:
        """The last attempt that ended badly and was not retried, or None."""
        bad = [t for t in self.tasks if t.status.is_terminal and not t.status.is_successful and not t.retried]
        failed = [t for t in bad if t.status is not TaskStatus.CANCELED]
        return failed[-1] if failed else bad[-1] if bad else None


def _is_iteration_of(attempt: TaskRun, reference_name: str) -> bool:
    """Return whether an attempt in a loop is of the place with this name; names may hold ``__`` themselves."""
    if not attempt.iteration:
        return False
    place = attempt.workflow_task
    return (place is not None and place.task_reference_name == reference_name) or (
        _ITERATIONS.sub("", attempt.reference_task_name) == reference_name
    )


@frozen(kw_only=True)
class RunSummary:
    """One line of a list of runs."""

    workflow_id: str
    workflow_type: str
    version: int
    status: RunStatus
    correlation_id: str | None = None
    #: Epoch milliseconds.
    create_time: int = 0
    end_time: int = 0
    reason_for_incompletion: str | None = None
    parent_workflow_id: str | None = None
