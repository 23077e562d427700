"""
Event handlers: what is done when a message comes to a queue of events.

Conductor: ``EventHandler.java``. Keys of actions are written with underscores there (``start_workflow``), as those of
nothing else, so actions are kept as they are written, and `faults` says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

from attrs import field, frozen

from podium.model.errors import Fault
from podium.model.json_text import described, shown
from podium.model.values import JsonObject, JsonValue

#: What an action may be, with the fields that its body must have (one of each group).
ACTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "start_workflow": (("name",),),
        "complete_task": (("taskId", "workflowId"), ("taskId", "taskRefName")),
        "fail_task": (("taskId", "workflowId"), ("taskId", "taskRefName")),
        "terminate_workflow": (("workflowId",),),
        "update_workflow_variables": (("workflowId",), ("variables",)),
    }
)


def _actions(given: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
    return tuple(given)


@frozen(kw_only=True)
class EventHandler:
    """
    What is done with the messages of a queue.

    Example:
        >>> handler = EventHandler(
        ...     name="ship what is paid",
        ...     event="kafka:payments",
        ...     condition="$.state == 'PAID'",
        ...     actions=[
        ...         {
        ...             "action": "start_workflow",
        ...             "start_workflow": {"name": "ship", "input": {"order": "${order.id}"}},
        ...         }
        ...     ],
        ...     active=True,
        ... )
        >>> list(handler.faults())
        []
    """

    #: The fields that are written even when they hold their default; see `podium.model.codec`.
    ALWAYS_WRITTEN: ClassVar[frozenset[str]] = frozenset({"name", "event", "actions", "active"})

    name: str = ""
    #: ``kind:queue``: ``conductor:WORKFLOW:QUEUE`` for EVENT tasks, else a source's queue, such as ``kafka:orders``.
    event: str = ""
    #: An expression over the message's payload, which it sees as ``$``; None for every message.
    condition: str | None = None
    #: How the condition is evaluated; None for JavaScript.
    evaluator_type: str | None = None
    #: Conductor's objects, as they are written there: ``{"action": "start_workflow", "start_workflow": {…}}``. Their
    #: texts may hold ``${…}`` over the payload.
    actions: tuple[JsonObject, ...] = field(default=(), converter=_actions)
    #: Only active handlers do anything. It is false where it is left out, as in Conductor.
    active: bool = False
    owner_app: str | None = None
    create_time: int = 0
    update_time: int = 0
    created_by: str | None = None
    updated_by: str | None = None
    extra: JsonObject = field(factory=dict)

    @property
    def kind(self) -> str:
        """What stands before the first colon of its event."""
        return self.event.partition(":")[0]

    @property
    def queue(self) -> str:
        """What stands behind the first colon of its event."""
        return self.event.partition(":")[2]

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with it."""
        if not self.name:
            yield Fault("name", "Missing event handler name")
        if not self.event:
            yield Fault("event", "Missing event location")
        elif self.active and not (self.kind and self.queue):
            yield Fault("event", f"{shown(self.event)} is no queue of events; write kind:queue, such as 'kafka:orders'")
        if not self.actions:
            yield Fault("actions", "No actions specified. Please specify at-least one action")
        for number, action in enumerate(self.actions):
            yield from _faults_of(action, f"actions[{number}]")


def _faults_of(action: JsonValue, place: str) -> Iterator[Fault]:
    if not isinstance(action, Mapping):
        yield Fault(place, f"an action is an object, not {described(action)}")
        return
    kind = action.get("action")
    if not isinstance(kind, str) or kind not in ACTIONS:
        yield Fault(f"{place}.action", f"one of {', '.join(ACTIONS)} is expected here, not {shown(kind)}")
        return
    body = action.get(kind)
    if not isinstance(body, Mapping):
        yield Fault(f"{place}.{kind}", f"the action {kind} says here what it is done with, not {described(body)}")
        return
    for names in ACTIONS[kind]:
        if not any(body.get(name) for name in names):
            yield Fault(f"{place}.{kind}", f"it needs {' or '.join(names)}")
    for name in ("input", "output", "variables", "taskToDomain"):
        given = body.get(name) or {}
        if not isinstance(given, Mapping) and not (isinstance(given, str) and "${" in given):
            yield Fault(f"{place}.{kind}.{name}", f"an object is expected here, not {described(given)}")
