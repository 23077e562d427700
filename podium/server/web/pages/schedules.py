"""Schedules: the list, the calendar of their next runs, one with its history, and the form that makes or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from attrs import evolve, frozen

from podium.model.definitions import WorkflowDef
from podium.model.errors import InvalidRequest, PodiumError, WorkflowNotFound
from podium.model.schedules import CatchUp, Overlap, Schedule, ScheduleInfo
from podium.model.values import JsonObject
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.calendar import Calendar, calendar_of
from podium.server.web.forms import Form, draw, input_schema_of, read, redraw
from podium.server.web.pages.starting import sent_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit
from podium.server.web.writing import segment

_OVERLAPS: Mapping[Overlap, str] = {
    Overlap.ALLOW: "start beside it",
    Overlap.SKIP: "pass the moment over",
    Overlap.QUEUE: "wait until it has ended",
    Overlap.TERMINATE: "terminate it, and start",
}
_CATCH_UPS: Mapping[CatchUp, str] = {
    CatchUp.NONE: "pass them over",
    CatchUp.LAST: "one run for all of them",
    CatchUp.ALL: "a run for each",
}
#: How many of the next moments are told.
_NEXT = 8


def fields() -> JsonObject:
    """Return the schema of a schedule's form."""
    zones: Any = sorted(available_timezones()) or ["UTC"]
    return {
        "type": "object",
        "required": ["name", "cron"],
        "additionalProperties": False,
        "properties": {
            "name": {"title": "Name", "type": "string", "maxLength": 255},
            "cron": {
                "title": "When",
                "type": "array",
                "items": {"type": "string", "title": "Cron expression", "examples": ["0 6 * * MON-FRI"]},
                "minItems": 1,
                "description": "Minute, hour, day, month, weekday, such as 0 6 * * MON-FRI; seconds may stand before.",
            },
            "zone": {"title": "Time zone", "type": "string", "examples": zones, "default": "UTC"},
            "overlap": {
                "title": "If the run before has not ended",
                "oneOf": [{"const": key.value, "title": title} for key, title in _OVERLAPS.items()],
                "default": Overlap.ALLOW.value,
            },
            "catch_up": {
                "title": "Moments at which no engine was there",
                "oneOf": [{"const": key.value, "title": title} for key, title in _CATCH_UPS.items()],
                "default": CatchUp.LAST.value,
            },
            "catch_up_within": {
                "title": "Make up for the last … seconds only",
                "type": "integer",
                "minimum": 1,
            },
            "catch_up_most": {"title": "Make up for at most", "type": "integer", "minimum": 1, "default": 100},
            "start": {"title": "From", "type": "string", "format": "date-time"},
            "end": {"title": "Until", "type": "string", "format": "date-time"},
            "version": {
                "title": "Version",
                "type": "integer",
                "minimum": 0,
                "description": "Of the workflow; empty for the greatest when a run starts.",
            },
            "correlation_id": {"title": "Correlation id", "type": "string"},
            "priority": {"title": "Priority", "type": "integer", "minimum": 0, "maximum": 99, "default": 0},
            "description": {"title": "Description", "type": "string", "format": "multiline"},
            "task_to_domain": {
                "title": "Domains",
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
        },
    }


def _value_of(schedule: Schedule) -> JsonObject:
    """Return what the form shows of a schedule."""
    found: dict[str, Any] = {
        "name": schedule.name,
        "cron": list(schedule.cron),
        "zone": schedule.zone,
        "overlap": schedule.overlap.value,
        "catch_up": schedule.catch_up.value,
        "catch_up_within": schedule.catch_up_within,
        "catch_up_most": schedule.catch_up_most,
        "start": schedule.start.isoformat() if schedule.start else None,
        "end": schedule.end.isoformat() if schedule.end else None,
        "version": schedule.version,
        "correlation_id": schedule.correlation_id,
        "priority": schedule.priority,
        "description": schedule.description,
        "task_to_domain": dict(schedule.task_to_domain) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


# -- the list ----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class ScheduleList:
    """What the list shows."""

    schedules: tuple[ScheduleInfo, ...]
    workflows: tuple[str, ...]
    calendar: Calendar
    zones: tuple[str, ...]


def listed(visit: Visit) -> Answer:
    """Show the schedules, and when they start what."""
    zone = visit.query.text("zone", "UTC")
    schedules = visit.client.schedules.list()
    it = ScheduleList(
        schedules=schedules,
        workflows=_names(visit),
        calendar=calendar_of(schedules, visit.now, zone),
        zones=tuple(sorted({"UTC", zone, *(info.schedule.zone for info in schedules)})),
    )
    return View("schedules/list.html", it)


def _names(visit: Visit) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in visit.client.workflows()))


# -- one ---------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class SchedulePage:
    """What the page of a schedule shows."""

    info: ScheduleInfo | None
    workflow: str
    form: Form
    input: Form
    next: tuple[datetime, ...] = ()
    explanation: str = ""
    trouble: str = ""


def one(visit: Visit) -> Answer:
    """Show a schedule."""
    info = visit.client.schedules.get(visit.path["schedule"])
    schedule = info.schedule
    form = draw(fields(), _value_of(schedule), name="schedule")
    given = draw(_input_schema(visit, schedule.workflow or ""), dict(schedule.input))
    return _page(visit, info, schedule.workflow or "", form, given)


def new(visit: Visit) -> Answer:
    """Show the form of a new schedule of a workflow."""
    names = _names(visit)
    workflow = visit.query.raw("workflow", names[0] if names else "")
    if workflow not in names:
        raise WorkflowNotFound(f"no workflow is called {workflow!r:.200}" if workflow else "there is no workflow yet")
    form = draw(fields(), {"name": workflow, "cron": ["0 6 * * *"]}, name="schedule")
    return _page(visit, None, workflow, form, draw(_input_schema(visit, workflow)))


def _input_schema(visit: Visit, workflow: str) -> JsonObject:
    found = [each for each in visit.client.workflows() if each.name == workflow]
    definition = max(found, key=lambda each: each.version) if found else WorkflowDef(name=workflow, tasks=())
    return input_schema_of(definition, visit.client.schemas())


def _page(
    visit: Visit, info: ScheduleInfo | None, workflow: str, form: Form, given: Form, *, trouble: str = ""
) -> View:
    it = SchedulePage(
        info=info,
        workflow=workflow,
        form=form,
        input=given,
        next=visit.client.schedules.next(info.schedule, _NEXT) if info is not None else (),
        explanation=str(visit.client.explain(info.name)) if info is not None else "",
        trouble=trouble,
    )
    status = 400 if trouble or not (form.is_right and given.is_right) else 200
    return View("schedules/one.html", it, status)


@frozen(kw_only=True)
class Next:
    """The next moments of what is typed."""

    moments: tuple[datetime, ...] = ()
    trouble: str = ""


def previewed(visit: Visit) -> Answer:
    """Tell the next moments while a schedule is typed."""
    form = read(fields(), sent_of(visit.form), name="schedule", is_enforced=False)
    value = {**form.value, "name": "preview"}
    try:
        schedule = _made(value, "preview", {}, None)
        return View("schedules/next.html", Next(moments=visit.client.schedules.next(schedule, _NEXT)))
    except PodiumError as error:
        return View("schedules/next.html", Next(trouble=str(error)))


def saved(visit: Visit) -> Answer:
    """Keep a schedule as the forms say."""
    name = visit.path.get("schedule")
    info = visit.client.schedules.get(name) if name else None
    workflow = (info.schedule.workflow if info is not None else None) or visit.form.text("workflow")
    schema = _input_schema(visit, workflow)
    sent, button = sent_of(visit.form), visit.form.text("act")
    if button != "save":
        forms = redraw(fields(), sent, button, name="schedule"), redraw(schema, sent, button)
        return _page(visit, info, workflow, *forms)
    form = read(fields(), sent, name="schedule")
    # Moments add values of their own, and texts may hold expressions: the engine judges the whole when a run starts.
    given = read(schema, sent)
    if not (form.is_right and given.is_right):
        return _page(visit, info, workflow, form, given)
    try:
        schedule = _made(form.value, workflow, given.value, info)
        if info is None and any(each.name == schedule.name for each in visit.client.schedules.list()):
            return _page(visit, info, workflow, form, given, trouble=f"a schedule is called {schedule.name} already")
        visit.client.schedules.add(schedule)
        visit.tell("save", "schedule", schedule.name or "")
    except (InvalidRequest, WorkflowNotFound) as error:
        return _page(visit, info, workflow, form, given, trouble=str(error))
    return Redirect(f"/schedules/{segment(schedule.name or '')}", f"The schedule {schedule.name} is saved.")


def _made(value: JsonObject, workflow: str, given: JsonObject, info: ScheduleInfo | None) -> Schedule:
    """Return the schedule that the forms say; one that is there keeps its name, and stays paused."""
    told: dict[str, Any] = {key: each for key, each in value.items() if each not in ("", {})}
    for bound in ("start", "end"):
        if bound in told:
            told[bound] = datetime.fromisoformat(told[bound])
    lines = told.pop("cron", None) or []
    if info is None:
        return Schedule(lines, workflow=workflow, input=given, **told)
    told["name"] = info.name
    before = info.schedule
    made = Schedule(lines, workflow=workflow, input=given, **told)
    return evolve(made, paused=before.paused, paused_reason=before.paused_reason, extra=before.extra)


# -- what is done ------------------------------------------------------------------------------------------------------


def paused(visit: Visit) -> Answer:
    """Start nothing any more."""
    name = visit.path["schedule"]
    visit.client.schedules.pause(name, visit.form.text("reason") or None)
    visit.tell("pause", "schedule", name)
    return _done(name, f"{name} is paused; it starts nothing.")


def resumed(visit: Visit) -> Answer:
    """Resume a schedule that is paused."""
    name = visit.path["schedule"]
    visit.client.schedules.resume(name)
    visit.tell("resume", "schedule", name)
    return _done(name, f"{name} goes on.")


def run_now(visit: Visit) -> Answer:
    """Start a run beside the schedule's moments."""
    run_id = visit.client.schedules.run(visit.path["schedule"])
    visit.tell("run", "schedule", visit.path["schedule"], run_id=run_id)
    return Redirect(f"/runs/{segment(run_id)}", "The run has begun.")


def deleted(visit: Visit) -> Answer:
    """Take a schedule away."""
    name = visit.path["schedule"]
    visit.client.schedules.delete(name)
    visit.tell("delete", "schedule", name)
    return Redirect("/schedules", f"The schedule {name} is deleted; its runs stay.")


def _done(name: str, said: str) -> Redirect:
    return Redirect(f"/schedules/{segment(name)}", said)


PAGES = (
    show("/schedules", listed, nav="Schedules"),
    show("/schedule", new, least=Role.EDITOR),
    act("/schedule", saved, changes=False),
    act("/schedule/next", previewed, changes=False),
    act("/schedules/{schedule:path}/pause", paused),
    act("/schedules/{schedule:path}/resume", resumed),
    act("/schedules/{schedule:path}/run", run_now),
    act("/schedules/{schedule:path}/delete", deleted),
    show("/schedules/{schedule:path}", one),
    act("/schedules/{schedule:path}", saved, changes=False),
)
