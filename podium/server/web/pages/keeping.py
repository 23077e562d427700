"""How long runs are kept, and the audit: who has changed what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import frozen

from podium.model.audit import AuditRecord
from podium.model.errors import InvalidRequest
from podium.model.retention import RetentionPolicy
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.table import act, show
from podium.server.web.visits import Fields, Visit
from podium.server.web.writing import address

_PAGE = 100
#: What is asked of the audit, and how it is called.
_LABELS = {"who": "Who", "verb": "What", "kind": "To what", "name": "Name", "run_id": "Run", "result": "Result"}


@frozen(kw_only=True)
class RetentionPage:
    """What the page of retention shows."""

    policies: tuple[RetentionPolicy, ...]
    workflows: tuple[str, ...]
    #: What would be deleted, by workflow; None if nobody has asked.
    would_delete: dict[str, int] | None = None
    trouble: str = ""
    #: What was typed before.
    typed: Fields = Fields({})


def retention(visit: Visit) -> Answer:
    """Show the policies, and on demand what they would delete."""
    would = visit.client.retention.apply(dry_run=True) if visit.query.is_on("try") and _policies(visit) else None
    return _retention(visit, would_delete=would)


def _policies(visit: Visit) -> tuple[RetentionPolicy, ...]:
    return visit.client.retention.list()


def _retention(
    visit: Visit, *, would_delete: dict[str, int] | None = None, trouble: str = "", typed: Fields | None = None
) -> View:
    names = tuple(dict.fromkeys(each.name for each in visit.client.workflows()))
    it = RetentionPage(
        policies=_policies(visit),
        workflows=names,
        would_delete=would_delete,
        trouble=trouble,
        typed=typed or Fields({}),
    )
    return View("settings/retention.html", it, 400 if trouble else 200)


def set_retention(visit: Visit) -> Answer:
    """Say how long runs stay after their end."""
    form = visit.form
    workflow, age, archive = form.text("workflow"), form.text("older_than"), form.text("archive")
    try:
        visit.client.retention.set(age or None, workflow=workflow or None, archive=archive or None)
    except InvalidRequest as error:
        return _retention(visit, trouble=str(error), typed=form)
    visit.tell("set", "retention", workflow)
    return Redirect("/settings/retention", f"Runs of {workflow or 'all workflows'} stay {age or 'for ever'}.")


def remove_retention(visit: Visit) -> Answer:
    """Remove a policy."""
    workflow = visit.form.text("workflow")
    visit.client.retention.remove(workflow or None)
    visit.tell("remove", "retention", workflow)
    return Redirect("/settings/retention", "The policy is removed; runs that it let go stay from now on.")


def apply_retention(visit: Visit) -> Answer:
    """Do now what the policies say."""
    gone = visit.client.retention.apply()
    visit.tell("apply", "retention")
    told = ", ".join(f"{count} of {name}" for name, count in gone.items()) or "none"
    return Redirect("/settings/retention", f"Runs deleted: {told}.")


@frozen(kw_only=True)
class AuditPage:
    """What the page of the audit shows."""

    records: tuple[AuditRecord, ...]
    #: What is asked for, by the field's name.
    asked: dict[str, str]
    kept: str | None
    before: str
    after: str
    labels: Mapping[str, str] = _LABELS


def audit(visit: Visit) -> Answer:
    """Show who has changed what, the newest first."""
    query = visit.query
    texts = {name: query.text(name) for name in ("who", "verb", "kind", "name", "run_id", "result")}
    spans = {name: query.text(name) for name in ("since", "until")}
    start = query.number("start", 0, most=1 << 30)
    found = visit.client.audit.list(
        **{name: text or None for name, text in texts.items()},
        since=_moment(spans["since"], "since"),
        until=_moment(spans["until"], "until"),
        limit=_PAGE + 1,
        offset=start,
    )
    asked = {**texts, **spans}
    here = "/settings/audit"
    it = AuditPage(
        records=found[:_PAGE],
        asked=asked,
        kept=visit.client.audit.kept(),
        before=address(here, **asked, start=max(start - _PAGE, 0)) if start else "",
        after=address(here, **asked, start=start + _PAGE) if len(found) > _PAGE else "",
    )
    return View("settings/audit.html", it)


def _moment(text: str, what: str) -> datetime | None:
    """Return a moment that a browser has sent; in UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"{what}: a moment such as 2026-01-31T09:30 is expected, not {text[:50]!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def keep_audit(visit: Visit) -> Answer:
    """Say how long changes are kept."""
    age = visit.form.text("older_than")
    visit.client.audit.keep(age or None)
    visit.tell("keep", "audit", age)
    return Redirect("/settings/audit", f"Changes are kept {age or 'for ever'}.")


PAGES = (
    show("/settings/retention", retention, least=Role.ADMIN),
    act("/settings/retention", set_retention, least=Role.ADMIN),
    act("/settings/retention/remove", remove_retention, least=Role.ADMIN),
    act("/settings/retention/apply", apply_retention, least=Role.ADMIN),
    show("/settings/audit", audit, least=Role.ADMIN),
    act("/settings/audit", keep_audit, least=Role.ADMIN),
)
