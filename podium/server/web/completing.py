"""
What a search box offers while a query is typed: fields, operators, values, and words that join conditions.

The grammar is the API's, `podium.server.grammar`; here is only what may come next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from podium.model.statuses import RunStatus, TaskStatus

if TYPE_CHECKING:
    from podium.server.web.visits import Visit

#: Most offers at once.
_OFFERS_MAX = 20
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|<=|>=|!=|<>|[=<>(),]|[^\s=<>!(),'"]+""")
_OPERATORS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">=", "IN", "BETWEEN", "STARTS_WITH", "IS", "NOT"})
_JOINS = frozenset({"AND", "OR", "("})
_HOUR = 3_600_000


class Completion(NamedTuple):
    """What may come next: it replaces the query from *begin* to the cursor."""

    text: str
    about: str
    begin: int


class QueryField(NamedTuple):
    """A field, as it is offered."""

    about: str
    #: ``text``, ``number``, ``time`` or ``part``, which is looked for within a payload.
    kind: str
    values: Callable[[Visit], Sequence[tuple[str, str]]] | None = None


def _workflows(visit: Visit) -> list[tuple[str, str]]:
    versions: dict[str, int] = {}
    for each in visit.client.workflows():
        versions[each.name] = max(versions.get(each.name, 0), each.version)
    return [(name, f"version {version}") for name, version in sorted(versions.items())]


def _versions(visit: Visit) -> list[tuple[str, str]]:
    return [(str(version), "") for version in sorted({each.version for each in visit.client.workflows()})]


def _tasks(visit: Visit) -> list[tuple[str, str]]:
    return [(each.name, "") for each in visit.client.task_defs()]


def _workers(visit: Visit) -> list[tuple[str, str]]:
    found = {worker: queue[0] for queue, (worker, _) in list(visit.desk.polls.items())}
    return [(worker, f"asked for {queue}") for worker, queue in sorted(found.items())]


def _correlations(visit: Visit) -> list[tuple[str, str]]:
    newest = visit.client.search(limit=200)
    return [(each, "") for each in dict.fromkeys(run.correlation_id for run in newest) if each]


def _run_statuses(_: Visit) -> list[tuple[str, str]]:
    return [(each.value, "") for each in RunStatus]


def _task_statuses(_: Visit) -> list[tuple[str, str]]:
    return [(each.value, "") for each in TaskStatus]


def _moments(visit: Visit) -> list[tuple[str, str]]:
    spans = (("an hour ago", 1), ("6 hours ago", 6), ("a day ago", 24), ("a week ago", 168), ("30 days ago", 720))
    return [(str(visit.now - hours * _HOUR), words) for words, hours in spans]


_SPANS = [("1000", "a second"), ("60000", "a minute"), ("3600000", "an hour")]
#: Of runs and of attempts, most asked for first.
RUN_FIELDS: Mapping[str, QueryField] = {
    "status": QueryField("how the run stands", "text", _run_statuses),
    "workflowType": QueryField("name of the workflow", "text", _workflows),
    "version": QueryField("of the workflow", "number", _versions),
    "startTime": QueryField("when it was started", "time", _moments),
    "endTime": QueryField("when it ended", "time", _moments),
    "updateTime": QueryField("when it changed last", "time", _moments),
    "correlationId": QueryField("as given at its start", "text", _correlations),
    "input": QueryField("a part of its input", "part"),
    "output": QueryField("a part of its output", "part"),
    "reasonForIncompletion": QueryField("why it did not end well", "text"),
    "failedReferenceTaskNames": QueryField("a task that failed", "text"),
    "executionTime": QueryField("milliseconds from start to end", "number", lambda _: _SPANS),
    "priority": QueryField("as given at its start", "number"),
    "parentWorkflowId": QueryField("the run that it is part of", "text"),
    "workflowId": QueryField("its id", "text"),
    "createdBy": QueryField("who started it", "text"),
    "idempotencyKey": QueryField("as given at its start", "text"),
}
TASK_FIELDS: Mapping[str, QueryField] = {
    "taskDefName": QueryField("name of the task", "text", _tasks),
    "status": QueryField("how the attempt stands", "text", _task_statuses),
    "workerId": QueryField("who has, or had, it", "text", _workers),
    "taskReferenceName": QueryField("name in the workflow", "text"),
    "taskType": QueryField("type of the task", "text", _tasks),
    "reasonForIncompletion": QueryField("why it failed", "text"),
    "input": QueryField("a part of its input", "part"),
    "output": QueryField("a part of its output", "part"),
    "domain": QueryField("of its workers", "text"),
    "queueWaitTime": QueryField("milliseconds until it began", "number", lambda _: _SPANS),
    "executionTime": QueryField("milliseconds from start to end", "number", lambda _: _SPANS),
    "startTime": QueryField("when it began", "time", _moments),
}


def offers(visit: Visit, query: str, fields: Mapping[str, QueryField]) -> list[Completion]:
    """
    Return what may come next.

    Args:
        visit: Who asks; values are those of his server.
        query: What is typed, up to the cursor.
        fields: `RUN_FIELDS` or `TASK_FIELDS`.
    """
    tokens = [(match.group(), match.start()) for match in _TOKEN.finditer(query)]
    typed, begin = "", len(query)
    if tokens and not query[-1:].isspace() and tokens[-1][0] not in {"(", ")", ","}:
        typed, begin = tokens.pop()
    words = [word for word, _ in tokens]
    if typed in {"=", "!=", "<", ">", "<=", ">=", "<>"}:
        words, typed, begin = [*words, typed], "", len(query)
    found = _next(visit, words, fields)
    wanted = typed.strip("'\"").lower()
    fitting = [(text, about) for text, about in found if wanted in text.lower() or wanted in about.lower()]
    fitting.sort(key=lambda each: not each[0].lower().startswith(wanted))  # stable: the best first
    return [Completion(text, about, begin) for text, about in fitting if text != typed][:_OFFERS_MAX]


def _next(visit: Visit, words: Sequence[str], fields: Mapping[str, QueryField]) -> Iterator[tuple[str, str]]:
    last = words[-1] if words else "AND"
    before = words[-2] if len(words) > 1 else ""
    if last in _JOINS and not (last == "(" and before in {"IN", "="}) and not (last == "AND" and _is_between(words)):
        yield from ((name, field.about) for name, field in fields.items())
    elif last in fields and before in {"", *_JOINS}:
        yield from _operators(fields[last])
    elif last == "IS":
        yield from (("NULL", "is not there"), ("NOT NULL", "is there"))
    elif last in _OPERATORS or last in {"(", ","} or (last == "AND" and _is_between(words)):
        yield from _values(visit, _field_of(words, fields))
    elif words:
        yield from (("AND", "both hold"), ("OR", "one of them holds"))


def _is_between(words: Sequence[str]) -> bool:
    """Return whether the last AND is that of a BETWEEN."""
    return len(words) >= 3 and words[-3] == "BETWEEN"


def _operators(field: QueryField) -> Iterator[tuple[str, str]]:
    if field.kind == "part":
        yield "=", "holds this text"
        return
    yield "=", "is" if field.kind != "text" else "is; * stands for any letters"
    yield "!=", "is not"
    if field.kind == "text":
        yield "IN (", "is one of"
        yield "STARTS_WITH", "begins with"
    else:
        yield from ((">", "more than"), ("<", "less than"), ("BETWEEN", "from … to …"))
    yield "IS NULL", "is not there"
    yield "IS NOT NULL", "is there"


def _field_of(words: Sequence[str], fields: Mapping[str, QueryField]) -> QueryField | None:
    """Return the field whose value is being typed: the last one that stands where a field may."""
    for place in range(len(words) - 1, -1, -1):
        if words[place] in fields and (place == 0 or words[place - 1] in _JOINS):
            return fields[words[place]]
    return None


def _values(visit: Visit, field: QueryField | None) -> Iterator[tuple[str, str]]:
    if field is None or field.values is None:
        return
    for value, about in field.values(visit):
        yield (value if re.fullmatch(r"[\w.:-]+", value) else f"'{value}'"), about
