"""Task definitions and schemas: the lists, and their forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from podium.model.codec import from_dict, to_dict
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import DefinitionError, DefinitionNotFound, InvalidRequest
from podium.model.json_text import parse, write
from podium.model.values import JsonObject
from podium.model.walk import walk
from podium.server.roles import Role
from podium.server.validation import checked_task_def
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.forms import Form, draw, read, redraw
from podium.server.web.pages.starting import sent_of
from podium.server.web.sources import json_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit
from podium.server.web.writing import segment


def _seconds(title: str, about: str, **more: Any) -> JsonObject:
    return {"title": title, "description": about, "type": "number", "minimum": 0, **more}


def _whole(title: str, about: str, **more: Any) -> JsonObject:
    return {"title": title, "description": about, "type": "integer", "minimum": 0, **more}


#: What the form of a task definition asks for; what else a definition holds stays in it.
FIELDS: JsonObject = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"title": "Name", "type": "string", "description": "As workflows and workers call it.", "minLength": 1},
        "description": {"title": "Description", "type": "string", "format": "multiline"},
        "ownerEmail": {"title": "Owner", "type": "string", "format": "email"},
        "retryCount": _whole("Retries", "How often an attempt that failed is followed by another.", default=3),
        "retryLogic": {
            "title": "How the delay grows",
            "enum": ["FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF"],
            "default": "FIXED",
        },
        "retryDelaySeconds": _seconds("Delay between attempts", "Seconds.", default=60),
        "backoffScaleFactor": {
            "title": "Factor of a growing delay",
            "type": "integer",
            "minimum": 1,
            "description": "Of LINEAR_BACKOFF.",
        },
        "maxRetryDelaySeconds": _seconds("Longest delay", "Seconds; 0 for no bound."),
        "timeoutSeconds": _seconds("Timeout of an attempt", "Seconds from its start; 0 for none."),
        "responseTimeoutSeconds": {
            "title": "Longest silence of a worker",
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 3600,
            "description": "Seconds; then the attempt goes to another one.",
        },
        "totalTimeoutSeconds": _seconds("Timeout of all attempts", "Seconds, with the delays between; 0 for none."),
        "pollTimeoutSeconds": _seconds("Longest wait for a worker", "Seconds; 0 for ever."),
        "timeoutPolicy": {
            "title": "What a timeout does",
            "enum": ["TIME_OUT_WF", "RETRY", "ALERT_ONLY"],
            "default": "TIME_OUT_WF",
        },
        "concurrentExecLimit": _whole("At once", "Attempts at work at once over all runs; 0 for no bound."),
        "rateLimitPerFrequency": _whole("Rate", "Attempts that may begin in the time below; 0 for no bound."),
        "rateLimitFrequencyInSeconds": _whole("Time of the rate", "Seconds."),
        "inputTemplate": {
            "title": "Default inputs",
            "type": "object",
            "description": "Used for keys that are absent or null.",
        },
        "inputKeys": {"title": "Inputs", "type": "array", "items": {"type": "string"}},
        "outputKeys": {"title": "Outputs", "type": "array", "items": {"type": "string"}},
        "enforceSchema": {
            "title": "Check inputs and outputs against their schemas",
            "type": "boolean",
            "default": False,
        },
    },
}


@frozen(kw_only=True)
class TaskDefinitionRow:
    """A task definition of the list."""

    definition: TaskDef
    used_by: tuple[str, ...]


@frozen(kw_only=True)
class TaskDefinitionList:
    """What the list shows."""

    rows: tuple[TaskDefinitionRow, ...]
    asked: str
    known: int
    #: Names that workflows use and that nobody has defined.
    undefined: tuple[str, ...]


def listed(visit: Visit) -> Answer:
    """Show the task definitions, by name."""
    asked = visit.query.text("q")
    used: dict[str, dict[str, None]] = {}
    for workflow in visit.client.workflows():
        for place in walk(workflow.tasks):
            if place.task.type == "SIMPLE":
                used.setdefault(place.task.name, {})[workflow.name] = None
    known = visit.client.task_defs()
    rows = tuple(
        TaskDefinitionRow(definition=each, used_by=tuple(used.get(each.name, ())))
        for each in known
        if asked.lower() in f"{each.name}\n{each.description or ''}\n{each.owner_email or ''}".lower()
    )
    undefined = tuple(sorted(used.keys() - {each.name for each in known}))
    return View(
        "definitions/tasks.html", TaskDefinitionList(rows=rows, asked=asked, known=len(known), undefined=undefined)
    )


@frozen(kw_only=True)
class TaskDefinitionPage:
    """What the page of a task definition shows."""

    name: str
    definition: TaskDef | None
    form: Form
    used_by: tuple[str, ...]
    text: str = ""
    trouble: str = ""


def one(visit: Visit) -> Answer:
    """Show a task definition and the form that changes it; an empty form for a new one."""
    definition = _known(visit, visit.path["task_def"])
    return _page(visit, definition, draw(FIELDS, dict(to_dict(definition)), name="task"))


def new(visit: Visit) -> Answer:
    """Show the form of a new task definition."""
    return _page(visit, None, draw(FIELDS, {"name": visit.query.raw("name")}, name="task"))


def _known(visit: Visit, name: str) -> TaskDef:
    found = next((each for each in visit.client.task_defs() if each.name == name), None)
    if found is None:
        raise DefinitionNotFound(f"No task definition is called {name!r:.200}.")
    return found


def _page(visit: Visit, definition: TaskDef | None, form: Form, trouble: str = "") -> View:
    name = definition.name if definition is not None else ""
    used = {
        workflow.name: None
        for workflow in visit.client.workflows()
        if name and any(place.task.name == name for place in walk(workflow.tasks))
    }
    text = json_of(definition) if definition is not None else ""
    it = TaskDefinitionPage(
        name=name, definition=definition, form=form, used_by=tuple(used), text=text, trouble=trouble
    )
    return View("definitions/task.html", it, 400 if trouble or not form.is_right else 200)


def saved(visit: Visit) -> Answer:
    """Keep a task definition as the form says."""
    name = visit.path.get("task_def")
    definition = _known(visit, name) if name else None
    sent, button = sent_of(visit.form), visit.form.text("act")
    if button != "save":
        return _page(visit, definition, redraw(FIELDS, sent, button, name="task"))
    form = read(FIELDS, sent, name="task")
    if not form.is_right:
        return _page(visit, definition, form)
    try:
        made = checked_task_def(dict(form.value))
    except (DefinitionError, InvalidRequest) as error:
        return _page(visit, definition, form, str(error))
    if definition is None and any(each.name == made.name for each in visit.client.task_defs()):
        return _page(visit, definition, form, f"{made.name} is there already; change it on its page.")
    if definition is not None:
        made = evolve(made, create_time=definition.create_time, created_by=definition.created_by)
    visit.client.register(evolve(made, update_time=visit.now, create_time=made.create_time or visit.now))
    visit.tell("register", "task_definition", made.name)
    said = f"{made.name} is saved. Runs that begin from now on have it."
    return Redirect(f"/task-definitions/{segment(made.name)}", said)


def removed(visit: Visit) -> Answer:
    """Take a task definition out of the registry."""
    name = visit.path["task_def"]
    visit.client.unregister_task(name)
    visit.tell("delete", "task_definition", name)
    return Redirect("/task-definitions", f"{name} is no longer registered. Runs keep what they began with.")


# -- schemas -----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Schemas:
    """What the page of schemas shows."""

    schemas: tuple[SchemaDef, ...]
    used_by: Mapping[tuple[str, int], tuple[str, ...]]
    name: str
    version: int
    text: str
    trouble: str = ""
    #: What a form of it would look like.
    form: Form | None = None


def schemas(visit: Visit) -> Answer:
    """Show the registered schemas, and one of them as text and as a form."""
    known = visit.client.schemas()
    name = visit.query.raw("name")
    version = visit.query.number("version", max((each.version for each in known if each.name == name), default=1))
    chosen = next((each for each in known if (each.name, each.version) == (name, version)), None)
    text = write(chosen.data) if chosen is not None and chosen.data is not None else ""
    return _schemas(visit, name, version, text)


def _schemas(visit: Visit, name: str, version: int, text: str, trouble: str = "") -> View:
    used: dict[tuple[str, int], dict[str, None]] = {}
    definitions: list[WorkflowDef | TaskDef] = [*visit.client.workflows(), *visit.client.task_defs()]
    for each in definitions:
        for schema in (each.input_schema, each.output_schema):
            if schema is not None and schema.data is None:
                used.setdefault((schema.name, schema.version), {})[each.name] = None
    data = _parsed(text)
    it = Schemas(
        schemas=visit.client.schemas(),
        used_by={key: tuple(names) for key, names in used.items()},
        name=name,
        version=version,
        text=text,
        trouble=trouble,
        form=draw(data, name="sample") if isinstance(data, dict) and not trouble else None,
    )
    return View("definitions/schemas.html", it, 400 if trouble else 200)


def _parsed(text: str) -> Any:
    try:
        return parse(text) if text else None
    except ValueError:
        return None


def save_schema(visit: Visit) -> Answer:
    """Register a schema, in place of one of the same name and version."""
    name, text = visit.form.text("name"), visit.form.raw("text")
    version = visit.form.number("version", 1, least=1)
    try:
        data = parse(text)
        document: JsonObject = {"name": name, "version": version, "type": "JSON", "data": data}
        visit.client.register(from_dict(document, SchemaDef))
    except ValueError as error:
        return _schemas(visit, name, version, text, f"This is not JSON: {error}")
    except (DefinitionError, InvalidRequest) as error:
        return _schemas(visit, name, version, text, str(error))
    visit.tell("register", "schema", name)
    return Redirect("/schemas", f"The schema {name}, version {version}, is registered.")


PAGES = (
    show("/task-definitions", listed),
    show("/task-definition", new, least=Role.EDITOR),
    act("/task-definition", saved, changes=False),
    act("/task-definitions/{task_def:path}/remove", removed),
    show("/task-definitions/{task_def:path}", one),
    act("/task-definitions/{task_def:path}", saved, changes=False),
    show("/schemas", schemas),
    act("/schemas", save_schema, changes=False),
)
