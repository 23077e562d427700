"""Human tasks with Orkes' forms: who is asked, with which form, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from podium.dsl.builders.converting import InputRecord, as_json, in_minutes, is_nothing, is_reference, one_of
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step
from podium.model.statuses import TaskType
from podium.typed.authored import Authored, AuthoredObject

__all__ = ["Assignee", "Assignment", "Trigger", "ask", "external_group", "external_user", "group", "on", "user"]

#: The input that holds what is said here (Conductor's Python SDK and Orkes).
_INPUT = "__humanTaskDefinition"
_STRATEGIES = one_of("LEAVE_OPEN", "TERMINATE")
_EVENTS = one_of("PENDING", "ASSIGNED", "IN_PROGRESS", "COMPLETED", "TIMED_OUT", "ASSIGNEE_CHANGED")


@attrs.frozen(kw_only=True)
class Assignee(InputRecord):
    """Whom a task is given to."""

    user: str
    #: ``CONDUCTOR_USER``, ``CONDUCTOR_GROUP``, ``EXTERNAL_USER`` or ``EXTERNAL_GROUP``.
    user_type: str


@attrs.frozen(kw_only=True)
class Assignment(InputRecord):
    """Whom a task is given to, and how long."""

    assignee: Assignee
    #: Then the next one is asked; 0 for ever.
    sla_minutes: int = 0


@attrs.frozen(kw_only=True)
class Trigger(InputRecord):
    """A workflow to start when something happens to the task."""

    trigger_type: str
    start_workflow_request: AuthoredObject


def user(name: str, *, within: Duration = 0) -> Assignment:
    """
    Ask a user of the server.

    Args:
        name: The user's e-mail address.
        within: How long until the next one is asked, in whole minutes; 0 for ever.
    """
    return _assignment("CONDUCTOR_USER", name, within)


def group(name: str, *, within: Duration = 0) -> Assignment:
    """Ask a group of the server; *within* as for `user`."""
    return _assignment("CONDUCTOR_GROUP", name, within)


def external_user(name: str, *, within: Duration = 0) -> Assignment:
    """Ask a user of another system; *within* as for `user`."""
    return _assignment("EXTERNAL_USER", name, within)


def external_group(name: str, *, within: Duration = 0) -> Assignment:
    """Ask a group of another system; *within* as for `user`."""
    return _assignment("EXTERNAL_GROUP", name, within)


def _assignment(kind: str, name: str, within: Duration) -> Assignment:
    minutes: Authored = within if is_reference(within) else in_minutes(within, "within")
    return Assignment(assignee=Assignee(user=name, user_type=kind), sla_minutes=minutes)


def on(
    event: str,
    workflow: str,
    version: int | None = None,
    *,
    inputs: Mapping[str, object] | None = None,
    correlation_id: str | None = None,
) -> Trigger:
    """
    Start a workflow when something happens to the task.

    Args:
        event: ``PENDING``, ``ASSIGNED``, ``IN_PROGRESS``, ``COMPLETED``, ``TIMED_OUT`` or ``ASSIGNEE_CHANGED``.
        workflow: The workflow's name.
        version: Its version; the latest by default.
        inputs: Its inputs.
        correlation_id: The other run's correlation id.
    """
    given = {"name": workflow, "version": version, "input": inputs, "correlationId": correlation_id}
    request = {key: value for key, value in given.items() if value is not None}
    return Trigger(trigger_type=_EVENTS(event, "event"), start_workflow_request=request)


def ask(
    name: str,
    /,
    *,
    display_name: str | None = None,
    form: str | None = None,
    form_version: int | None = None,
    assignments: Sequence[Assignment | AuthoredObject] = (),
    when_nobody: str = "LEAVE_OPEN",
    auto_claim: bool | None = None,
    triggers: Sequence[Trigger | AuthoredObject] = (),
    returns: type[T] = ANYTHING,
    **inputs: object,
) -> Step[T]:
    """
    Ask people with a form (HUMAN); `podium.dsl.human` asks without one.

    Run by: Podium, Conductor, Orkes; forms and assignments by Orkes only, the others carry them along.

    Args:
        name: The reference name.
        display_name: What people see.
        form: The form's name at the server.
        form_version: Its version.
        assignments: Whom to ask, one after the other: `user`, `group`, `external_user`, `external_group`.
        when_nobody: When nobody is left to ask: ``LEAVE_OPEN`` for everybody, or ``TERMINATE``.
        auto_claim: The first one has it at once, without claiming it.
        triggers: Workflows to start meanwhile: `on`.
        returns: What the answer holds.
        inputs: The fields of the form that are filled in.

    Returns:
        The step; ``.output`` is the answer.
    """
    if form is None and form_version is not None:
        refuse(f"people.ask {name!r} has a form_version= without a form=")
    template = {"name": form, "version": form_version}
    definition = {
        "assignmentCompletionStrategy": when_nobody
        if is_reference(when_nobody)
        else _STRATEGIES(when_nobody, "when_nobody"),
        "displayName": display_name,
        "userFormTemplate": {key: value for key, value in template.items() if value is not None},
        "assignments": as_json(assignments),
        "autoClaim": auto_claim,
        "taskTriggers": as_json(triggers),
    }
    given = {key: value for key, value in definition.items() if not is_nothing(value)}
    return Step(name, type=TaskType.HUMAN.value, inputs={_INPUT: given, **inputs}, returns=returns)
