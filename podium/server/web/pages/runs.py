"""The list of runs: searched, saved in its address, and acted on many at a time, after a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from podium.client.operations import BulkResult
from podium.model.errors import InvalidRequest, PodiumError
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.server.roles import Role
from podium.server.saved_views import delete_view, save_view, views
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.completing import RUN_FIELDS, TASK_FIELDS, Completion, offers
from podium.server.web.paging import Pager, pager
from podium.server.web.run_actions import VERBS
from podium.server.web.run_search import SORTS, WHEN, RunSearch, found_by, run_search
from podium.server.web.run_verbs import Verb
from podium.server.web.table import act, part, show
from podium.server.web.visits import Fields, Visit

_PAGE = 50
#: Most runs of one bulk action, as in the API.
_BULK_MAX = 1_000
#: What can be done to many runs at once.
_BULK = ("retry", "restart", "pause", "resume", "terminate", "delete")


@frozen(kw_only=True)
class Runs:
    """What the list shows."""

    search: RunSearch
    rows: Sequence[WorkflowRun]
    pager: Pager
    #: Why nothing is shown: a query that cannot be read.
    trouble: str = ""
    statuses: Sequence[str] = tuple(RunStatus)
    spans: Mapping[str, str] = WHEN
    sorts: Mapping[str, str] = SORTS
    #: Keys and labels; none for who may not.
    bulk: Sequence[tuple[str, str]] = ()
    #: Addresses of searches by the names that people gave them.
    views: Mapping[str, str] = field(factory=dict)

    @property
    def view(self) -> str:
        """The name of the view that is shown; empty for another search."""
        here = self.search.href()
        return next((name for name, href in self.views.items() if href == here), "")

    @property
    def has_correlations(self) -> bool:
        """Whether any of them has a correlation id."""
        return any(run.correlation_id for run in self.rows)


def runs(visit: Visit) -> Answer:
    """Show the runs that the address asks for."""
    return View("runs/list.html", evolve(_runs(visit), views=views(visit.desk)))


def rows(visit: Visit) -> Answer:
    """Show the rows of the list alone, for a part that is fetched anew."""
    return View("runs/rows.html", _runs(visit))


def _runs(visit: Visit) -> Runs:
    search = run_search(visit.query)
    start = visit.query.number("start", 0)
    bulk = [(key, VERBS[key].label) for key in _BULK] if visit.user.may(Role.EDITOR) else []
    try:
        found = found_by(visit, search, _PAGE, start)
    except InvalidRequest as error:
        nothing = pager("/runs", 0, _PAGE, 0)
        return Runs(search=search, rows=(), pager=nothing, trouble=str(error), bulk=bulk)
    pages = pager("/runs", start, _PAGE, found.total, here=len(found.rows), **search.parameters)
    return Runs(search=search, rows=found.rows, pager=pages, bulk=bulk)


def name_view(visit: Visit) -> Answer:
    """Keep the search of a form under a name."""
    name, search = visit.form.text("view"), run_search(visit.form)
    save_view(visit.desk, name, search.href())
    visit.tell("put", "view", name)
    return Redirect(search.href(), f"The view {name} is kept; everybody who sees runs has it.")


def forget_view(visit: Visit) -> Answer:
    """Delete a view."""
    name = visit.form.text("view")
    delete_view(visit.desk, name)
    visit.tell("delete", "view", name)
    return Redirect("/runs", f"The view {name} is deleted.")


@frozen(kw_only=True)
class Offers:
    """What a search box offers."""

    offers: Sequence[Completion]
    #: What the ids of the offers begin with.
    prefix: str


def complete(visit: Visit) -> Answer:
    """Offer what may come next in a query."""
    is_tasks = visit.query.text("fields") == "tasks"
    found = offers(visit, visit.query.raw("query")[:2_000], TASK_FIELDS if is_tasks else RUN_FIELDS)
    return View("runs/offers.html", Offers(offers=found, prefix="tasks" if is_tasks else "query"))


# -- many at once ------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Bulk:
    """What a dry run shows: which runs it would be done to, and which not."""

    key: str
    verb: Verb
    chosen: Sequence[WorkflowRun]
    passed_over: Sequence[WorkflowRun]
    #: Status to the number of runs of those passed over.
    why: Mapping[str, int]
    #: How many the search finds, if they are more than can be done at once, or nobody knows.
    more: bool
    back: str
    by_name: Sequence[tuple[str, int]]


def ask_many(visit: Visit) -> Answer:
    """Say to which runs a verb would be done, and to which not; nothing is done."""
    form = visit.form
    verb, key = _bulk_verb(form)
    search = run_search(form)
    if form.text("which") == "all":
        found = found_by(visit, search, _BULK_MAX)
        wanted, more = list(found.rows), found.total is None or found.total > _BULK_MAX
    else:
        wanted, more = _known(visit, form.texts("id")), False
        if not wanted:
            raise InvalidRequest("no run is chosen: go back and tick some, or choose 'all that are found'")
    chosen = [run for run in wanted if run.status in verb.when]
    passed = [run for run in wanted if run.status not in verb.when]
    return View(
        "runs/bulk.html",
        Bulk(
            key=key,
            verb=verb,
            chosen=chosen,
            passed_over=passed,
            why=Counter(run.status.value for run in passed),
            more=more,
            back=search.href(),
            by_name=Counter(run.workflow_name for run in chosen).most_common(),
        ),
    )


def _known(visit: Visit, ids: Sequence[str]) -> list[WorkflowRun]:
    found = []
    for run_id in dict.fromkeys(ids[:_BULK_MAX]):
        try:
            found.append(visit.client.get(run_id, include_tasks=False))
        except PodiumError:
            continue  # it was deleted meanwhile
    return found


def _bulk_verb(form: Fields) -> tuple[Verb, str]:
    key = form.text("verb")
    if key not in _BULK:
        raise InvalidRequest(f"one of {', '.join(_BULK)} can be done to many runs, not {key[:50]!r}")
    return VERBS[key], key


@frozen(kw_only=True)
class Done:
    """What has become of a bulk action."""

    key: str
    label: str
    result: BulkResult
    back: str


def do_many(visit: Visit) -> Answer:
    """Do a verb to the runs that the dry run has shown; one that refuses stops no other."""
    form = visit.form
    verb, key = _bulk_verb(form)
    options = {"reason": form.text("reason")} if key == "terminate" and form.text("reason") else {}
    result = visit.client.bulk(key, form.texts("id")[:_BULK_MAX], **options)  # type: ignore[arg-type]  # one of _BULK
    for run_id in result.successful:
        visit.tell(key, "run", run_id=run_id)
    for run_id in result.failed:
        visit.tell(key, "run", run_id=run_id, result="REFUSED")
    back = form.text("back") if form.text("back").startswith("/runs") else "/runs"
    return View("runs/bulk_done.html", Done(key=key, label=verb.label, result=result, back=back))


PAGES = (
    show("/runs", runs, nav="Runs"),
    part("/runs/rows", rows),
    part("/runs/complete", complete),
    act("/runs/views", name_view),
    act("/runs/views/delete", forget_view),
    act("/runs/bulk", ask_many, changes=False),
    act("/runs/bulk/done", do_many),
)
