"""Starting a run by a form that is made of the workflow's input schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from podium.model.definitions import WorkflowDef
from podium.model.errors import AlreadyExists, DefinitionError, InvalidRequest
from podium.model.json_text import write
from podium.model.values import JsonObject
from podium.model.walk import walk
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.forms import Form, SentForm, draw, input_schema_of, read, redraw
from podium.server.web.pages.definitions import meant
from podium.server.web.table import act, show
from podium.server.web.visits import Fields, Visit
from podium.server.web.writing import segment

#: The strategies of idempotency, as they are said.
_STRATEGIES = (
    ("FAIL", "refuse the second start"),
    ("RETURN_EXISTING", "give the first run"),
    ("FAIL_ON_RUNNING", "refuse while the first run lives"),
)


@frozen(kw_only=True)
class StartPage:
    """What the page shows."""

    definition: WorkflowDef
    versions: tuple[int, ...]
    form: Form
    options: Form
    #: Whether fields are of a schema that the definition has, or of what it asks for.
    has_schema: bool
    trouble: str = ""

    @property
    def preview(self) -> str:
        """The input as JSON, as far as it can be read."""
        return write(self.form.value)


def options_schema(definition: WorkflowDef) -> JsonObject:
    """Return the schema of what else a start says."""
    domains: JsonObject = {
        "title": "Domains",
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": f"Which workers do a task: the task's name ({_tasks_of(definition)}), or *, and their domain.",
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "correlation_id": {"title": "Correlation id", "type": "string", "description": "Your own id of it."},
            "priority": {
                "title": "Priority",
                "type": "integer",
                "minimum": 0,
                "maximum": 99,
                "description": "Larger goes first.",
            },
            "idempotency_key": {
                "title": "Idempotency key",
                "type": "string",
                "description": "A second start of the workflow with this key makes no second run.",
            },
            "idempotency_strategy": {
                "title": "A second start",
                "oneOf": [{"const": key, "title": title} for key, title in _STRATEGIES],
            },
            "task_to_domain": domains,
        },
    }


def _tasks_of(definition: WorkflowDef) -> str:
    names = list(dict.fromkeys(visit.task.name for visit in walk(definition.tasks) if visit.task.type == "SIMPLE"))
    return ", ".join([*names[:6], *(["…"] if len(names) > 6 else [])]) or "there is none"


def sent_of(form: Fields) -> SentForm:
    """Return what a browser sent, as the forms read it."""
    return SentForm((name, value) for name, values in form.values.items() for value in values)


def shown(visit: Visit) -> Answer:
    """Show the form, empty or with the input of an earlier run."""
    definition, versions = meant(visit)
    run_id = visit.query.text("run")
    value = dict(visit.client.get(run_id, include_tasks=False).input) if run_id else None
    schema = input_schema_of(definition, visit.client.schemas())
    return _page(definition, versions, draw(schema, value), draw(options_schema(definition), {}, name="options"))


def _page(
    definition: WorkflowDef, versions: Mapping[int, WorkflowDef], form: Form, options: Form, trouble: str = ""
) -> View:
    it = StartPage(
        definition=definition,
        versions=tuple(sorted(versions)),
        form=form,
        options=options,
        has_schema=definition.input_schema is not None,
        trouble=trouble,
    )
    status = 200 if not trouble and form.is_right and options.is_right else 400
    return View("definitions/start.html", it, status)


def started(visit: Visit) -> Answer:
    """Start a run, or draw the form anew."""
    definition, versions = meant(visit)
    schema: Any = input_schema_of(definition, visit.client.schemas())
    sent, button = sent_of(visit.form), visit.form.text("act")
    more = options_schema(definition)
    if button != "start":
        return _page(definition, versions, redraw(schema, sent, button), redraw(more, sent, button, name="options"))
    form = read(schema, sent, is_enforced=definition.enforce_schema)
    options = read(more, sent, name="options")
    if not (form.is_right and options.is_right):
        return _page(definition, versions, form, options)
    try:
        run_id = visit.client.start(definition.name, form.value, version=definition.version, **_options(options))
    except (InvalidRequest, AlreadyExists, DefinitionError) as error:
        return _page(definition, versions, form, options, str(error))
    visit.tell("start", "run", definition.name, run_id=run_id)
    return Redirect(f"/runs/{segment(run_id)}", "The run has begun.")


def _options(options: Form) -> dict[str, Any]:
    found: dict[str, Any] = dict(options.value)
    if not found.get("task_to_domain"):
        found.pop("task_to_domain", None)
    return found


def previewed(visit: Visit) -> Answer:
    """Show the input as JSON while it is typed, and what is wrong with it."""
    definition, _ = meant(visit)
    form = read(
        input_schema_of(definition, visit.client.schemas()),
        sent_of(visit.form),
        is_enforced=definition.enforce_schema,
    )
    faults = [f"{field.label or field.key}: {error}" if field else error for field, error in form.all_errors()]
    return View("definitions/preview.html", Preview(write(form.value), tuple(faults)))


@frozen
class Preview:
    """The input as it would be sent."""

    text: str
    faults: tuple[str, ...]


PAGES = (
    show("/definitions/{workflow:path}/start", shown, least=Role.EDITOR),
    act("/definitions/{workflow:path}/start", started, changes=False),
    act("/definitions/{workflow:path}/start/preview", previewed, changes=False),
)
