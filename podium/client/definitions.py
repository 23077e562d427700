"""What users call to set a store up: its definitions, and the small things beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from podium.dsl import Task, Workflow
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef

if TYPE_CHECKING:
    from podium.client.audit import Audit
    from podium.client.event_handlers import EventHandlers
    from podium.client.policies import RetentionPolicies
    from podium.client.schedules import Schedules
    from podium.client.secrets import Secrets, Variables
    from podium.model.schedules import Schedule

#: What can be registered.
Definition: TypeAlias = "Schedule | Workflow[..., Any] | Task[..., Any] | WorkflowDef | TaskDef | SchemaDef"


class Definitions(Protocol):
    """What a `podium.Client` does with definitions, and with what else people set up in a store."""

    def register(self, *definitions: Definition) -> None:
        """
        Put definitions into the store, replacing those of the same name and version.

        Args:
            definitions: Workflows (with the sub-workflows, task definitions and schedules that they name), tasks,
                `WorkflowDef`s, `TaskDef`s, `SchemaDef`s, which definitions may name instead of holding them, or
                `Schedule`s; a schedule that is paused stays so.

        Raises:
            InvalidRequest: Something else was given.
            DefinitionError: A workflow is not well-formed, or a schema of type JSON is no JSON Schema.
        """

    def workflows(self) -> tuple[WorkflowDef, ...]:
        """Return every registered workflow, by name and version."""

    def task_defs(self) -> tuple[TaskDef, ...]:
        """Return every registered task definition, by name."""

    def schemas(self) -> tuple[SchemaDef, ...]:
        """Return every registered schema, by name and version."""

    def unregister_workflow(self, name: str, version: int) -> None:
        """
        Take a workflow out of the registry; its runs keep it and go on.

        Raises:
            WorkflowNotFound: It is not registered.
        """

    def unregister_task(self, name: str) -> None:
        """
        Take a task definition out of the registry; runs keep what they began with.

        Raises:
            DefinitionNotFound: It is not registered.
        """

    @property
    def secrets(self) -> Secrets:
        """The secrets of the store, without their values."""

    @property
    def environment(self) -> Variables:
        """The variables of the store, which expressions see as ``${workflow.env.NAME}``."""

    @property
    def event_handlers(self) -> EventHandlers:
        """The event handlers of the store, and what is done with them."""

    @property
    def audit(self) -> Audit:
        """Who has changed what in the store by a server."""

    @property
    def retention(self) -> RetentionPolicies:
        """How long the runs of the store stay after their end."""

    @property
    def schedules(self) -> Schedules:
        """The schedules of the store, and what is done with them."""
