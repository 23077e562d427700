"""
The editor of workflow definitions: JSON, with its check and its picture beside it while it is typed.

What is typed is read and never run. Python is a program, so it is shown and not edited here: it is read where its
author runs it, and ``client.register`` brings it in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve, frozen

from podium.checks import CheckReport, check
from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, Fault, InvalidRequest, RenderError
from podium.model.json_text import parse
from podium.model.positions import Positions
from podium.model.problems import Problem
from podium.model.values import JsonValue
from podium.server.errors import InvalidBody
from podium.server.roles import Role
from podium.server.validation import checked_workflow
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.pages.definitions import definition_href, python_of
from podium.server.web.pictures import PagePicture, definition_picture
from podium.server.web.sources import PlacedProblem, found_in, json_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit

#: A task without a definition: it may come with its worker, so it keeps nobody from saving.
_UNDEFINED = "T1"
_LINE = re.compile(r"line (\d+)")
#: What stands in the editor of a new workflow.
_NEW = WorkflowDef(
    name="new_workflow",
    description="What it does",
    tasks=(
        WorkflowTask(
            name="first_task", task_reference_name="first", input_parameters={"value": "${workflow.input.value}"}
        ),
    ),
    input_parameters=("value",),
    output_parameters={"result": "${first.output.result}"},
)


@frozen(kw_only=True)
class TextReview:
    """What can be told of a text."""

    definition: WorkflowDef | None
    report: CheckReport
    problems: tuple[PlacedProblem, ...]
    picture: PagePicture | None = None
    trouble: str = ""
    #: A server may not register it, whoever wants to.
    is_refused: bool = False

    @property
    def wrong_lines(self) -> str:
        """The lines with errors, for the numbers beside the text."""
        found = {each.line for each in self.problems if each.problem.severity == "error" and each.line}
        return " ".join(map(str, sorted(found)))


@frozen(kw_only=True)
class Editor:
    """What the page shows."""

    text: str
    look: TextReview
    #: The registered definition that is edited; None for a new one.
    origin: WorkflowDef | None
    #: The version that a new version would get.
    next_version: int
    python: str = ""
    trouble: str = ""


def looked_at(visit: Visit, text: str) -> TextReview:
    """Return what can be told of a text: what is wrong with it, where, and the picture of it."""
    try:
        document = parse(text)
    except ValueError as error:
        line = _LINE.search(str(error))
        fault = Problem(code="JSON", path="", message=f"this is not JSON: {error}")
        return _unread([PlacedProblem(problem=fault, line=int(line[1]) if line else 1)])
    positions = Positions(text)
    try:
        definition = from_dict(document, WorkflowDef)
    except DefinitionError as error:
        return _unread([_fault(fault, positions) for fault in error.faults])
    known = visit.client.workflows()
    others = [each for each in known if (each.name, each.version) != (definition.name, definition.version)]
    report = check(definition, tasks=visit.client.task_defs(), others=others, notes=True)
    problems = found_in(report, definition, text)
    refused = [_fault(fault, positions) for fault in _refusals(document)]
    if not report.errors:  # else the check has told the same in better words
        problems = (*refused, *problems)
        report = CheckReport([each.problem for each in problems])
    look = TextReview(definition=definition, report=report, problems=problems, is_refused=bool(refused))
    try:
        return evolve(look, picture=definition_picture(definition))
    except RenderError as error:
        return evolve(look, trouble=str(error))


def _refusals(document: JsonValue) -> Sequence[Fault]:
    try:
        checked_workflow(document)
    except DefinitionError as error:
        return error.faults
    except InvalidBody as error:
        return error.faults
    except InvalidRequest as error:
        return (Fault("", str(error)),)
    return ()


def _unread(found: list[PlacedProblem]) -> TextReview:
    report = CheckReport([each.problem for each in found])
    return TextReview(definition=None, report=report, problems=tuple(found))


def _fault(fault: Fault, positions: Positions) -> PlacedProblem:
    place = positions.find(fault.path)
    message = f"{fault.path}: {fault.message}" if fault.path else fault.message
    problem = Problem(code="READ", path=fault.path, message=message)
    return PlacedProblem(problem=problem, line=place[0] if place is not None else 1)


def shown(visit: Visit) -> Answer:
    """Show the editor with a registered definition, or with a first draft."""
    name = visit.query.raw("workflow")
    versions = {each.version: each for each in visit.client.workflows() if each.name == name}
    if name and not versions:
        raise InvalidRequest(f"no workflow is called {name!r:.200}")
    origin = versions.get(visit.query.number("version", max(versions, default=0)))
    if name and origin is None:
        raise InvalidRequest(f"workflow {name!r:.200} has no such version")
    text = json_of(origin or _NEW)
    python = python_of(origin) if origin is not None else ""
    return View("definitions/editor.html", _editor(visit, text, origin, python=python))


def _editor(visit: Visit, text: str, origin: WorkflowDef | None, *, python: str = "", trouble: str = "") -> Editor:
    look = looked_at(visit, text)
    name = look.definition.name if look.definition is not None else origin.name if origin is not None else ""
    greatest = max((each.version for each in visit.client.workflows() if each.name == name), default=0)
    return Editor(text=text, look=look, origin=origin, next_version=greatest + 1, python=python, trouble=trouble)


def looked(visit: Visit) -> Answer:
    """Tell of a text while it is typed."""
    return View("definitions/look.html", looked_at(visit, visit.form.raw("text")))


def saved(visit: Visit) -> Answer:
    """Register what was typed: as it says, or as a new version."""
    text, how = visit.form.raw("text"), visit.form.text("save", "new")
    look = looked_at(visit, text)
    origin = _origin(visit)
    if look.definition is None or look.is_refused:
        words = "It cannot be read as a definition yet." if look.definition is None else "It cannot be registered so."
        return View("definitions/editor.html", _editor(visit, text, origin, trouble=words), 400)
    if any(each.code != _UNDEFINED for each in look.report.errors) and not visit.form.is_on("anyway"):
        words = "The check finds errors. Mend them, or tick “Save with errors”."
        return View("definitions/editor.html", _editor(visit, text, origin, trouble=words), 400)
    definition = look.definition
    known = {each.version for each in visit.client.workflows() if each.name == definition.name}
    if how == "new":
        definition = evolve(definition, version=max(known, default=0) + 1)
    elif definition.version in known and not visit.form.is_on("replace"):
        words = f"Version {definition.version} is there already. Tick “Replace”, or save a new version."
        return View("definitions/editor.html", _editor(visit, text, origin, trouble=words), 409)
    visit.client.register(definition)
    visit.tell("register", "workflow", definition.name)
    said = f"{definition.name} version {definition.version} is registered."
    return Redirect(definition_href(definition.name, definition.version), said)


def _origin(visit: Visit) -> WorkflowDef | None:
    name, version = visit.form.text("workflow"), visit.form.number("version", 0)
    return next((each for each in visit.client.workflows() if (each.name, each.version) == (name, version)), None)


PAGES = (
    show("/editor", shown, least=Role.EDITOR),
    act("/editor", saved, changes=False),
    act("/editor/look", looked, changes=False),
)
