"""The search that a list of runs shows, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus
from podium.server.grammar import RUNS, TASKS, unknown_fields
from podium.server.searches import RunQuery
from podium.server.web.writing import address

if TYPE_CHECKING:
    from podium.server.web.visits import Fields, Visit

_HOUR = 3_600_000
#: Spans of time up to now: key, words, hours.
SPANS: Mapping[str, tuple[str, int]] = {
    "1h": ("last hour", 1),
    "24h": ("last 24 hours", 24),
    "7d": ("last 7 days", 168),
    "30d": ("last 30 days", 720),
}
_ENDED = "ended-"
#: What may be chosen of when a run was: key, words.
WHEN: Mapping[str, str] = {
    **{key: f"started in the {words}" for key, (words, _) in SPANS.items()},
    **{f"{_ENDED}{key}": f"ended in the {words}" for key, (words, _) in SPANS.items()},
}
SORTS: Mapping[str, str] = {
    "": "newest first",
    "startTime:ASC": "oldest first",
    "updateTime:DESC": "changed last first",
    "endTime:DESC": "ended last first",
    "executionTime:DESC": "longest first",
}


def ended_lately(span: str, **asked: Any) -> str:
    """
    Return the address of the runs that ended in a span, those that ended last first.

    Args:
        span: A key of `SPANS`.
        asked: What else is searched for, as the address says it.

    Example:
        >>> ended_lately("1h", status="FAILED")
        '/runs?status=FAILED&span=ended-1h&sort=endTime%3ADESC'
    """
    return address("/runs", **asked, span=_ENDED + span, sort="endTime:DESC")


@frozen(kw_only=True)
class RunSearch:
    """
    What is searched for.

    Attributes:
        query: In the grammar of the API, of runs.
        tasks: In the same grammar, of attempts: runs that have one like that.
        text: A part of anything that stands in the run.
        statuses: One of them.
        span: A key of `WHEN`, or empty.
        top: Only runs that are no sub-workflows.
        sort: A key of `SORTS`.
    """

    query: str = ""
    tasks: str = ""
    text: str = ""
    statuses: Sequence[str] = ()
    span: str = ""
    top: bool = False
    sort: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """As an address says it."""
        return {
            "query": self.query,
            "tasks": self.tasks,
            "text": self.text,
            "status": tuple(self.statuses),
            "span": self.span,
            "top": "1" if self.top else "",
            "sort": self.sort,
        }

    def href(self, **changed: Any) -> str:
        """Return the address of the same search with something changed."""
        return address("/runs", **{**self.parameters, **changed})

    @property
    def unknown(self) -> list[str]:
        """What is asked of fields that nobody knows, and so passed over."""
        try:
            return [*unknown_fields(self.query, RUNS), *unknown_fields(self.tasks, TASKS)]
        except InvalidRequest:
            return []  # the list says why it cannot be read

    def asked(self, now: int, limit: int, offset: int) -> RunQuery:
        """Return what the store is asked."""
        by_end, since = self.span.startswith(_ENDED), 0
        if self.span:
            since = now - SPANS[self.span.removeprefix(_ENDED)][1] * _HOUR
        return RunQuery(
            query=self.query,
            tasks=self.tasks,
            text=self.text,
            statuses=tuple(self.statuses),
            started_from=0 if by_end else since,
            ended_from=since if by_end else 0,
            is_top=self.top,
            sort=self.sort,
            limit=limit,
            offset=offset,
        )


def run_search(fields: Fields) -> RunSearch:
    """
    Return the search that an address, or a form, says.

    Raises:
        InvalidRequest: It has a status, a span or an order that there is not.
    """
    statuses = tuple(each for each in fields.texts("status") if each)
    for each in statuses:
        if each not in set(RunStatus):
            raise InvalidRequest(f"status is one of {', '.join(RunStatus)}, not {each[:50]!r}")
    span, sort = fields.text("span"), fields.text("sort")
    if span and span not in WHEN:
        raise InvalidRequest(f"span is one of {', '.join(WHEN)}, not {span[:50]!r}")
    if sort not in SORTS:
        raise InvalidRequest(f"sort is one of {', '.join(filter(None, SORTS))}, not {sort[:50]!r}")
    return RunSearch(
        query=fields.text("query"),
        tasks=fields.text("tasks"),
        text=fields.text("text"),
        statuses=statuses,
        span=span,
        top=fields.is_on("top"),
        sort=sort,
    )


def found_by(visit: Visit, search: RunSearch, limit: int, offset: int = 0) -> Any:
    """Return a page of the runs that a search finds."""
    return visit.desk.finder.listed(search.asked(visit.now, limit, offset))
