"""What is done to a run from its page: a dialog that says what it would do, and the deed."""

from __future__ import annotations

from attrs import frozen

from podium.model.errors import PodiumError
from podium.model.runs import WorkflowRun
from podium.server.errors import status_of
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.run_actions import verb_of
from podium.server.web.run_verbs import Verb, VerbPlan
from podium.server.web.table import act, show
from podium.server.web.visits import Fields, Visit
from podium.server.web.writing import segment


@frozen(kw_only=True)
class Dialog:
    """What a dialog shows."""

    run: WorkflowRun
    key: str
    verb: Verb
    plan: VerbPlan
    #: Why it was not done.
    trouble: str = ""
    #: What was typed before.
    typed: Fields = Fields({})
    #: It stands in a page of its own, not in another one.
    is_page: bool = False


def ask(visit: Visit) -> Answer:
    """Say what a verb would do to a run."""
    return _asked(visit, visit.query)


def _asked(visit: Visit, chosen: Fields, trouble: str = "", status: int = 200) -> View:
    key = visit.path["verb"]
    verb = verb_of(key)
    run = visit.client.get(visit.path["run_id"])
    is_page = not visit.is_swap
    dialog = Dialog(
        run=run, key=key, verb=verb, plan=verb.plan(visit, run, chosen), trouble=trouble, typed=chosen, is_page=is_page
    )
    return View("runs/ask_page.html" if is_page else "runs/ask.html", dialog, status)


def do(visit: Visit) -> Answer:
    """Do it; what cannot be done is told in the dialog, with all that was typed."""
    key, run_id = visit.path["verb"], visit.path["run_id"]
    verb = verb_of(key)
    try:
        said = verb.do(visit, run_id, visit.form)
    except PodiumError as error:
        status = status_of(error, {})
        if status in {403, 404} or status >= 500:
            raise
        visit.tell(key, "run", run_id=run_id, result=type(error).__name__)
        return _asked(visit, visit.form, str(error), status)
    visit.tell(key, "run", run_id=run_id)
    return Redirect("/runs" if key == "delete" else f"/runs/{segment(run_id)}", said)


PAGES = (
    show("/runs/{run_id}/do/{verb}", ask, least=Role.EDITOR),
    act("/runs/{run_id}/do/{verb}", do),
)
