"""Human tasks: who is asked what, the form of an answer, and claiming, completing and failing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import Conflict, InvalidRequest, NotFound, TaskNotFound
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus
from podium.model.values import JsonObject, JsonValue
from podium.model.walk import walk
from podium.server.errors import Refusal
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.folding import FoldedValue, folded
from podium.server.web.forms import Form, answer_schema_of, draw, read, redraw, schema_data
from podium.server.web.pages.starting import sent_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit
from podium.server.web.writing import address, segment

#: The input in which Orkes' definitions say who is asked, and with which form.
_ASKED = "__humanTaskDefinition"
#: Tasks on a page, and most that are looked at for who has claimed them.
_PAGE, _CLAIMED_MAX = 50, 2_000
_ITERATION = re.compile(r"__\d+$")
#: Longest text that is shown as a fact; what is longer, and what has an inside, folds.
_FACT_MAX = 300


@frozen(kw_only=True)
class WaitingTask:
    """A human task that waits."""

    task: TaskRun
    title: str
    #: Whom it was given to.
    given_to: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The first text that it shows."""
        shown = (value for key, value in self.task.input_data.items() if key != _ASKED)
        return next((value[:_FACT_MAX] for value in shown if isinstance(value, str) and value.strip()), "")

    @property
    def claimed_by(self) -> str:
        """Who has claimed it."""
        return self.task.worker_id or ""

    def is_of(self, names: Collection[str]) -> bool:
        """Return whether somebody who is called so has claimed it; or was given it, and nobody else has."""
        return self.claimed_by in names if self.claimed_by else any(each in names for each in self.given_to)

    @property
    def href(self) -> str:
        """The address of its page."""
        return f"/tasks/{segment(self.task.task_id)}"


@frozen(kw_only=True)
class HumanList:
    """What the list shows."""

    tasks: tuple[WaitingTask, ...]
    total: int
    asked: str
    whose: str
    me: str
    before: str
    after: str
    first: int


def listed(visit: Visit) -> Answer:
    """Show the human tasks that wait, the oldest first."""
    asked, whose = visit.query.text("q"), visit.query.text("whose")
    start = visit.query.number("start", 0)
    query = {
        "query": "taskType = HUMAN AND status IN (IN_PROGRESS, SCHEDULED)",
        "freeText": asked or "*",
        "sort": "scheduledTime:ASC",
        # Who has claimed a task stands in no column: all are looked at for it.
        "size": _CLAIMED_MAX if whose else _PAGE,
        "start": 0 if whose else start,
    }
    found = visit.desk.finder.tasks(query)
    tasks = tuple(_asked(task) for task in found.rows)
    if whose:
        me = {visit.user.name, visit.user.id.removeprefix("user:")}
        tasks = tuple(each for each in tasks if (each.is_of(me) if whose == "mine" else not each.claimed_by))
        found = found._replace(total=len(tasks))
        tasks = tasks[start : start + _PAGE]
    here = "/tasks"
    inbox = HumanList(
        tasks=tasks,
        total=found.total,
        asked=asked,
        whose=whose,
        me=visit.user.name,
        before=address(here, q=asked, whose=whose, start=max(start - _PAGE, 0)) if start else "",
        after=address(here, q=asked, whose=whose, start=start + _PAGE) if start + _PAGE < found.total else "",
        first=start + 1,
    )
    return View("humans/list.html", inbox)


def _asked(task: TaskRun) -> WaitingTask:
    given = _definition_of(task)
    assignments = given.get("assignments")
    names = []
    for each in assignments if isinstance(assignments, Sequence) and not isinstance(assignments, str) else ():
        assignee = each.get("assignee") if isinstance(each, Mapping) else None
        if isinstance(assignee, Mapping) and assignee.get("user"):
            names.append(str(assignee["user"]))
    title = given.get("displayName")
    return WaitingTask(task=task, title=str(title) if title else task.reference_task_name, given_to=tuple(names))


def _definition_of(task: TaskRun) -> Mapping[str, Any]:
    found = task.input_data.get(_ASKED)
    return found if isinstance(found, Mapping) else {}


# -- one ---------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class HumanTaskPage:
    """What the page of a task shows."""

    asked: WaitingTask
    run: WorkflowRun
    #: What is shown to who answers: short values, and those that fold.
    facts: tuple[tuple[str, str], ...]
    folds: tuple[tuple[str, FoldedValue], ...]
    form: Form
    about: str
    me: str
    is_open: bool
    trouble: str = ""
    reason: str = ""


def one(visit: Visit) -> Answer:
    """Show a task, and the form of its answer."""
    task, run = _meant(visit)
    schema, values = _schema(visit, task, run)
    return _page(visit, task, run, draw(schema, {**values, **task.output_data}, name="answer"))


def _meant(visit: Visit) -> tuple[TaskRun, WorkflowRun]:
    task = visit.client.task(visit.path["task_id"])
    if task.task_type != "HUMAN" or task.workflow_instance_id is None:
        raise TaskNotFound("This task is no human task.")
    return task, visit.client.get(task.workflow_instance_id, include_tasks=False)


def _page(visit: Visit, task: TaskRun, run: WorkflowRun, form: Form, *, trouble: str = "", reason: str = "") -> View:
    shown = {key: value for key, value in task.input_data.items() if key != _ASKED}
    step = _step(run.workflow_definition, task)
    is_short = {key: _is_short(value) for key, value in shown.items()}
    it = HumanTaskPage(
        asked=_asked(task),
        run=run,
        facts=tuple((key, _told(value)) for key, value in shown.items() if is_short[key]),
        folds=tuple((key, folded(value, key)) for key, value in shown.items() if not is_short[key]),
        form=form,
        about=(step.description if step is not None else None) or "",
        me=visit.user.name,
        is_open=not task.status.is_terminal,
        trouble=trouble,
        reason=reason,
    )
    return View("humans/one.html", it, 400 if trouble or not form.is_right else 200)


def _is_short(value: JsonValue) -> bool:
    return not isinstance(value, Mapping | list | tuple) and len(_told(value)) <= _FACT_MAX


def _told(value: JsonValue) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _step(definition: WorkflowDef | None, task: TaskRun) -> WorkflowTask | None:
    """Return the step of the definition."""
    if definition is None:
        return None
    name = _ITERATION.sub("", task.reference_task_name)
    steps = (visit.task for visit in walk(definition.tasks))
    return next((each for each in steps if each.task_reference_name == name), None)


def _schema(visit: Visit, task: TaskRun, run: WorkflowRun) -> tuple[JsonObject, JsonObject]:
    """
    Return the schema of an answer, and the values that it begins with.

    It is that of the task's definition, else that of the form which the step names, if a schema of its name is
    registered; else it has the fields that the workflow asks of the answer.
    """
    schemas = visit.client.schemas()
    step = _step(run.workflow_definition, task)
    for definition in _task_defs(visit, step):
        found = schema_data(definition.output_schema, schemas)
        if found is not None:
            return found, {}
    form = _definition_of(task).get("userFormTemplate")
    named = _form_schema(form, schemas) if isinstance(form, Mapping) else None
    if named is not None:
        properties = named.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        return named, {key: value for key, value in task.input_data.items() if key in known}
    reference = _ITERATION.sub("", task.reference_task_name)
    return answer_schema_of(run.workflow_definition, reference), {}


def _task_defs(visit: Visit, step: WorkflowTask | None) -> Iterator[TaskDef]:
    if step is None:
        return
    if step.task_definition is not None:
        yield step.task_definition
    yield from (each for each in visit.client.task_defs() if each.name == step.name)


def _form_schema(form: Mapping[str, Any], schemas: Sequence[SchemaDef]) -> JsonObject | None:
    named = [each for each in schemas if each.name == form.get("name") and each.data is not None]
    wanted = [each for each in named if form.get("version") in {None, 0, each.version}]
    return max(wanted, key=lambda each: each.version).data if wanted else None


# -- what is done ------------------------------------------------------------------------------------------------------


def answered(visit: Visit) -> Answer:
    """Complete a task with what was typed, fail it, or draw the form anew."""
    task, run = _meant(visit)
    schema, _ = _schema(visit, task, run)
    sent, button = sent_of(visit.form), visit.form.text("act")
    if button not in {"complete", "fail", "save"}:
        return _page(visit, task, run, redraw(schema, sent, button, name="answer"))
    form = read(schema, sent, name="answer", is_enforced=button == "complete")
    reason = visit.form.text("reason")
    if button == "fail" and not reason:
        return _page(visit, task, run, form, trouble="Say why it fails.")
    if button == "complete" and not form.is_right:
        return _page(visit, task, run, form, reason=reason)
    run_id, name = run.workflow_id, task.reference_task_name
    try:
        if button == "fail":
            visit.client.fail_task(run_id, name, reason, terminal=visit.form.is_on("terminal"))
            visit.tell("fail", "run", name, run_id=run_id)
            return Redirect("/tasks", f"{name} has failed.")
        if button == "save":
            visit.client.update_task_by_name(run_id, name, TaskStatus.IN_PROGRESS, form.value)
            visit.tell("update", "run", name, run_id=run_id)
            return Redirect(_asked(task).href, "What you have typed is saved.")
        visit.client.complete_task(run_id, name, form.value)
        visit.tell("complete", "run", name, run_id=run_id)
    except (InvalidRequest, Conflict, NotFound) as error:
        return _page(visit, task, run, form, trouble=str(error), reason=reason)
    return Redirect("/tasks", f"{name} is completed; the run goes on.")


def claimed(visit: Visit) -> Answer:
    """Claim a task for who asks, or give it back."""
    task, run = _meant(visit)
    me = visit.user.name or visit.form.text("who")
    if not me:
        raise InvalidRequest("say who claims it")
    here = _asked(task)
    if here.claimed_by not in {"", me} and not visit.form.is_on("anyway"):
        return Redirect(here.href, f"{here.claimed_by} has claimed it already.", is_bad=True)
    if task.status.is_terminal:
        raise Refusal(409, "it has ended")
    name = task.reference_task_name
    visit.client.update_task_by_name(run.workflow_id, name, TaskStatus.IN_PROGRESS, worker_id=me)
    visit.tell("claim", "run", name, run_id=run.workflow_id)
    return Redirect(here.href, f"{me} has claimed it.")


PAGES = (
    show("/tasks", listed, nav="Human tasks"),
    show("/tasks/{task_id}", one),
    act("/tasks/{task_id}", answered, changes=False),
    act("/tasks/{task_id}/claim", claimed, changes=False),
)
