"""Event handlers: the list, the form of one, on and off, and a test event."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from podium.model.codec import from_dict, to_dict
from podium.model.errors import AlreadyExists, DefinitionError, InvalidRequest
from podium.model.handlers import EventHandler
from podium.model.json_text import parse
from podium.model.values import JsonObject
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.forms import Form, draw, read, redraw
from podium.server.web.pages.starting import sent_of
from podium.server.web.sources import json_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit
from podium.server.web.writing import segment


def _action(key: str, title: str, required: list[str], **properties: Any) -> JsonObject:
    """Return the schema of one kind of action."""
    body: JsonObject = {"title": title, "type": "object", "properties": properties, "required": required}
    return {
        "title": title,
        "type": "object",
        "properties": {"action": {"const": key}, key: body, "expandInlineJSON": {"type": "boolean"}},
        "required": ["action", key],
    }


def _text(title: str, about: str = "") -> JsonObject:
    return {"title": title, "type": "string", **({"description": about} if about else {})}


_RUN, _REF, _TASK = _text("Run", "Such as ${runId}, of the message."), _text("Task's reference name"), _text("Task id")
_OUTPUT: JsonObject = {"title": "Output", "type": "object"}
#: What the form of a handler asks for; what else a handler holds stays in it.
FIELDS: JsonObject = {
    "type": "object",
    "required": ["name", "event", "actions"],
    "properties": {
        "name": {"title": "Name", "type": "string", "minLength": 1},
        "event": _text("Event", "conductor:WORKFLOW:QUEUE for EVENT tasks, or a source's queue, such as kafka:orders."),
        "condition": {
            "title": "Only if",
            "type": "string",
            "description": "An expression over the message $, such as $.state == 'PAID'; empty for every message.",
        },
        "evaluatorType": {"title": "Language of the condition", "enum": ["javascript", "graaljs", "python"]},
        "active": {"title": "Active", "type": "boolean", "default": True},
        "actions": {
            "title": "What is done",
            "type": "array",
            "minItems": 1,
            "items": {
                "title": "Action",
                "oneOf": [
                    _action(
                        "start_workflow",
                        "Start a workflow",
                        ["name"],
                        name=_text("Workflow"),
                        version={"title": "Version", "type": "integer", "minimum": 0},
                        correlationId=_text("Correlation id"),
                        input={"title": "Input", "type": "object", "description": "Texts may hold ${…} of it."},
                    ),
                    _action(
                        "complete_task",
                        "Complete a task",
                        [],
                        workflowId=_RUN,
                        taskRefName=_REF,
                        taskId=_TASK,
                        output=_OUTPUT,
                    ),
                    _action(
                        "fail_task", "Fail a task", [], workflowId=_RUN, taskRefName=_REF, taskId=_TASK, output=_OUTPUT
                    ),
                    _action(
                        "terminate_workflow",
                        "Terminate a run",
                        ["workflowId"],
                        workflowId=_RUN,
                        terminationReason=_text("Reason"),
                    ),
                    _action(
                        "update_workflow_variables",
                        "Set variables of a run",
                        ["workflowId", "variables"],
                        workflowId=_RUN,
                        variables={"title": "Variables", "type": "object"},
                    ),
                ],
            },
        },
    },
}


@frozen(kw_only=True)
class HandlerList:
    """What the list shows."""

    handlers: tuple[EventHandler, ...]
    event: str
    payload: str
    trouble: str = ""


def listed(visit: Visit) -> Answer:
    """Show the handlers, by name."""
    return _list(visit, visit.query.text("event"), "{}")


def _list(visit: Visit, event: str, payload: str, trouble: str = "") -> View:
    it = HandlerList(handlers=visit.client.event_handlers.list(), event=event, payload=payload, trouble=trouble)
    return View("events/list.html", it, 400 if trouble else 200)


@frozen(kw_only=True)
class HandlerPage:
    """What the page of a handler shows."""

    handler: EventHandler | None
    form: Form
    text: str
    trouble: str = ""


def one(visit: Visit) -> Answer:
    """Show a handler, and the form that changes it."""
    handler = visit.client.event_handlers.get(visit.path["handler"])
    return _page(handler, draw(FIELDS, dict(to_dict(handler)), name="handler"))


def new(_: Visit) -> Answer:
    """Show the form of a new handler."""
    return _page(None, draw(FIELDS, name="handler"))


def _page(handler: EventHandler | None, form: Form, trouble: str = "") -> View:
    text = json_of(handler) if handler is not None else ""
    it = HandlerPage(handler=handler, form=form, text=text, trouble=trouble)
    return View("events/one.html", it, 400 if trouble or not form.is_right else 200)


def saved(visit: Visit) -> Answer:
    """Keep a handler as the form says."""
    name = visit.path.get("handler")
    known = visit.client.event_handlers.get(name) if name else None
    sent, button = sent_of(visit.form), visit.form.text("act")
    if button != "save":
        return _page(known, redraw(FIELDS, sent, button, name="handler"))
    # What an action needs the handler itself says, in the words of the API.
    form = read(FIELDS, sent, name="handler", is_enforced=False)
    if not form.is_right:
        return _page(known, form)
    try:
        handler = from_dict(dict(form.value), EventHandler)
        if known is not None:
            handler = evolve(handler, name=known.name)
        visit.client.event_handlers.add(handler, replace=known is not None)
    except (DefinitionError, InvalidRequest, AlreadyExists) as error:
        return _page(known, form, str(error))
    visit.tell("save", "event_handler", handler.name)
    return Redirect(f"/events/{segment(handler.name)}", f"{handler.name} is saved.")


def turned(visit: Visit) -> Answer:
    """Let a handler be active, or not."""
    handler = visit.client.event_handlers.get(visit.path["handler"])
    visit.client.event_handlers.add(evolve(handler, active=not handler.active))
    visit.tell("turn", "event_handler", handler.name)
    return Redirect("/events", f"{handler.name} is {'off' if handler.active else 'on'}.")


def removed(visit: Visit) -> Answer:
    """Take a handler out."""
    name = visit.path["handler"]
    visit.client.event_handlers.delete(name)
    visit.tell("delete", "event_handler", name)
    return Redirect("/events", f"{name} is deleted.")


def published(visit: Visit) -> Answer:
    """Hand a message to the handlers of an event, as a source would."""
    event, text = visit.form.text("event"), visit.form.raw("payload")
    try:
        payload = parse(text)
    except ValueError as error:
        return _list(visit, event, text, f"The message is not JSON: {error}")
    if not isinstance(payload, dict):
        return _list(visit, event, text, "The message is a JSON object: { … }")
    hearing = visit.client.event_handlers.list(event, active=True)
    message_id = visit.client.event_handlers.publish(event, payload)
    visit.tell("publish", "event", event)
    told = f"{len(hearing)} handler{'s' * (len(hearing) != 1)} dealt with message {message_id}."
    if not hearing:
        return Redirect("/events", f"No active handler listens to {event}.", is_bad=True)
    return Redirect("/events", told)


PAGES = (
    show("/events", listed, nav="Events"),
    show("/event", new, least=Role.EDITOR),
    act("/event", saved, changes=False),
    act("/events/publish", published, changes=False),
    act("/events/{handler:path}/turn", turned),
    act("/events/{handler:path}/delete", removed),
    show("/events/{handler:path}", one),
    act("/events/{handler:path}", saved, changes=False),
)
