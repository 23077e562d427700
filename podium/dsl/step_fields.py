"""
Options of one step that fill small objects of its definition: events at changes of state, the call of a workflow.

The rest of the options is in `podium.dsl.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from podium.dsl.names import nearest
from podium.dsl.refs import refuse
from podium.dsl.values import prepare, render
from podium.model.definitions import StateChangeEvent, WorkflowTask
from podium.model.statuses import IdempotencyStrategy, TaskType
from podium.typed.authored import Authored, AuthoredObject

#: The changes of state that can be told (Conductor's Python SDK; Orkes tells them, the open-source server does not).
STATES = ("onScheduled", "onStart", "onSuccess", "onFailed", "onCancelled")

#: Options of a step that calls another workflow, and the key that holds each.
CALL_OPTIONS: Mapping[str, str] = {
    "task_to_domain": "taskToDomain",
    "priority": "priority",
    "idempotency_key": "idempotencyKey",
    "idempotency_strategy": "idempotencyStrategy",
}


def state_events(value: Authored) -> dict[str, tuple[StateChangeEvent, ...]]:
    """
    Read the option ``on_state_change``.

    Args:
        value: State to an event or several: a `StateChangeEvent`, a map with ``type`` and ``payload``, or the type
            alone.

    Raises:
        AuthoringError: P1, a state or an event is none.
    """
    if not isinstance(value, Mapping):
        refuse(f"on_state_change={value!r:.60} must map a state such as 'onFailed' to events")
    return {_state(state): tuple(_event(each) for each in _listed(events)) for state, events in value.items()}


def _listed(events: Authored) -> list[Authored]:
    return list(events) if isinstance(events, list | tuple) else [events]


def _state(state: Authored) -> str:
    if state in STATES:
        return str(state)
    near = nearest(str(state), STATES)
    advice = f"; did you mean {near!r}?" if near else ""
    return refuse(f"on_state_change has a state {state!r:.40} that is none of {', '.join(STATES)}{advice}")


def _event(event: Authored) -> StateChangeEvent:
    if isinstance(event, str):
        return StateChangeEvent(type=event)
    if isinstance(event, Mapping) and isinstance(event.get("type"), str) and set(event) <= {"type", "payload"}:
        event = StateChangeEvent(type=event["type"], payload=event.get("payload"))
    if not isinstance(event, StateChangeEvent):
        refuse(f"on_state_change holds {event!r:.60}; write {{'type': 'audit', 'payload': {{...}}}}")
    if event.payload is None:
        return event
    return attrs.evolve(event, payload=render(prepare(event.payload)))


def check_call(options: Mapping[str, Authored], subject: str) -> None:
    """
    Refuse options for calling a workflow at a step that calls none.

    Args:
        options: The step's options.
        subject: The step's type.

    Raises:
        AuthoringError: P1, there is such an option.
    """
    misplaced = [name for name in CALL_OPTIONS if name in options]
    if misplaced and subject not in {TaskType.SUB_WORKFLOW, TaskType.START_WORKFLOW}:
        refuse(f"{misplaced[0]}= is an option of steps that run a workflow, not of {subject}")


def call_fields(task: WorkflowTask, options: Mapping[str, Authored]) -> dict[str, Authored]:
    """
    Return the changed fields of a step that runs or starts a workflow.

    Raises:
        AuthoringError: P1, an option has a wrong value, or the step runs no workflow.
    """
    given = {name: _call_value(name, options[name]) for name in CALL_OPTIONS if name in options}
    if not given:
        return {}
    if task.sub_workflow_param is not None:
        return {"sub_workflow_param": attrs.evolve(task.sub_workflow_param, **given)}
    request = task.input_parameters.get("startWorkflow")
    if isinstance(request, Mapping):
        keyed = {CALL_OPTIONS[name]: value for name, value in given.items()}
        changed: AuthoredObject = {**task.input_parameters, "startWorkflow": {**request, **keyed}}
        return {"input_parameters": changed}
    return {}  # the trial at the author's line, which knows no more than the options


def _call_value(name: str, value: Authored) -> Authored:
    prepared: Authored = render(prepare(value))
    is_known_later = isinstance(prepared, str) and "${" in prepared
    if name == "task_to_domain" and not isinstance(prepared, Mapping):
        refuse(f"task_to_domain={value!r:.60} must map task names (or '*') to domains")
    if name == "priority" and not is_known_later:
        is_number = isinstance(prepared, int) and not isinstance(prepared, bool) and 0 <= prepared <= 99
        if not is_number:
            refuse(f"priority={value!r:.40} must be a whole number from 0 to 99, or a reference")
    if name == "idempotency_strategy":
        try:
            return IdempotencyStrategy(str(prepared).upper())
        except ValueError:
            refuse(f"idempotency_strategy={value!r:.40} must be one of {', '.join(IdempotencyStrategy)}")
    return prepared
