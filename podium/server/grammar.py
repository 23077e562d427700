"""
The search grammar of the API: that of Conductor's SQL indexes and that of its Elasticsearch indexes, in one.

``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``IN (…)``, ``NOT IN (…)``, ``BETWEEN … AND …``, ``IS NULL``,
``IS NOT NULL``, ``STARTS_WITH``; ``AND``, ``OR`` and parentheses; texts with or without quotation marks, in which ``*``
stands for any letters. What is asked of a field that nobody knows is passed over, as Conductor does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from podium.client.checked import checked_text
from podium.engine import ids
from podium.engine.searches import PAYLOADS, Compare, Condition, Either, Every, Op, Order
from podium.model.errors import InvalidRequest, TaskNotFound
from podium.model.texts import shown
from podium.server.parameters import LONG_MAX

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*")|(?P<op><=|>=|!=|<>|==|[=<>(),])|(?P<word>[^\s=<>!(),'"]+|!))"""
)
_OPERATORS: Mapping[str, Op] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
#: Most clauses and levels of one query.
_CLAUSES_MAX, _DEPTH_MAX = 500, 50


def _written(value: str) -> str:
    """Return a text as stores have it within JSON."""
    return json.dumps(value, ensure_ascii=False)


class _Field(NamedTuple):
    """What the API calls by another name, or asks in another way."""

    column: str
    is_number: bool = False
    #: 0 stands for a value that is not there yet.
    is_moment: bool = False


def _texts(**columns: str) -> dict[str, _Field]:
    return {name: _Field(column) for name, column in columns.items()}


def _moments(**columns: str) -> dict[str, _Field]:
    return {name: _Field(column, is_number=True, is_moment=True) for name, column in columns.items()}


def _there(field: _Field) -> str:
    """Return the column that is 0 as long as a field has no value."""
    return {"duration": "ended_at", "waited": "started_at"}.get(field.column, field.column)


class QueryFields(NamedTuple):
    """What can be asked of a row, by the names of the API."""

    by_name: Mapping[str, _Field]
    #: Makes a condition for a field that is no column; of a text that begins so, if it ends in ``*``.
    special: Mapping[str, Callable[[str], Condition]]
    #: Where a free text is looked for.
    texts: Sequence[str]
    payloads: Sequence[str]


def _task_key(value: str) -> Condition:
    try:
        run_id, seq = ids.locate(value)
    except TaskNotFound:
        return Either(())
    return Every((Compare("run_id", "=", run_id), Compare("seq", "=", seq)))


def _run_of_task(value: str) -> Condition:
    try:
        return Compare("run_id", "=", ids.locate(value)[0])
    except TaskNotFound:
        return Either(())


def _in_data(key: str) -> Callable[[str], Condition]:
    """Return what makes a condition for a text that stands among the packed fields of a run, whole or its beginning."""

    def made(value: str) -> Condition:
        whole = f'"{key}":{_written(value)}'
        return Compare("data", "holds", whole.removesuffix('*"'))

    return made


def _not(condition: Condition) -> Condition | None:
    """Return the opposite of a condition; None where stores have none."""
    if isinstance(condition, Compare):
        return condition._replace(op="!=") if condition.op == "=" else None
    parts = [_not(part) for part in condition.parts]
    found = tuple(part for part in parts if part is not None)
    if len(found) < len(parts):
        return None
    return Either(found) if isinstance(condition, Every) else Every(found)


#: Fields of runs.
RUNS = QueryFields(
    {
        **_texts(
            workflowId="run_id",
            workflowType="name",
            workflowName="name",
            correlationId="correlation_id",
            status="status",
            parentWorkflowId="parent_id",
            reasonForIncompletion="reason",
            input="input",
            output="output",
        ),
        **_moments(startTime="created_at", createTime="created_at", updateTime="updated_at", modifiedTime="updated_at"),
        **_moments(endTime="ended_at"),
        "version": _Field("version", is_number=True),
        "priority": _Field("priority", is_number=True),
        "executionTime": _Field("duration", is_number=True),
    },
    {
        "taskId": _run_of_task,
        "failedReferenceTaskNames": lambda value: Compare("data", "holds", f"{_written(value)}:null"),
        "createdBy": _in_data("by"),
        "event": _in_data("event"),
        "idempotencyKey": _in_data("key"),
    },
    ("run_id", "name", "status", "correlation_id", "reason"),
    ("input", "output", "variables"),
)
#: Fields of attempts.
TASKS = QueryFields(
    {
        **_texts(
            workflowId="run_id",
            workflowInstanceId="run_id",
            workflowType="run_name",
            correlationId="run_correlation_id",
            taskType="task_type",
            taskDefName="task_def_name",
            referenceTaskName="ref",
            taskReferenceName="ref",
            status="status",
            reasonForIncompletion="reason",
            input="input",
            output="output",
        ),
        **_moments(scheduledTime="scheduled_at", startTime="started_at", updateTime="updated_at", endTime="ended_at"),
        "modifiedTime": _Field("updated_at", is_number=True, is_moment=True),
        "executionTime": _Field("duration", is_number=True),
        "queueWaitTime": _Field("waited", is_number=True),
    },
    {"taskId": _task_key, "workerId": _in_data("worker"), "domain": _in_data("dom")},
    ("run_id", "run_name", "task_type", "task_def_name", "ref", "status", "reason"),
    ("input", "output"),
)


class _Token(NamedTuple):
    kind: str
    text: str
    begin: int
    end: int


class _Reader:
    """Reads one query."""

    def __init__(self, query: str, fields: QueryFields) -> None:
        self._query = query
        self._fields = fields
        self._tokens = _tokens(query)
        self._at = 0
        self._clauses = 0

    def read(self) -> Condition:
        condition = self._either(0)
        if self._at < len(self._tokens):
            raise self._wrong(f"{self._tokens[self._at].text!r} is not expected there")
        return condition

    def _either(self, depth: int) -> Condition:
        if depth > _DEPTH_MAX:
            raise self._wrong(f"more than {_DEPTH_MAX} levels of parentheses")
        parts = [self._every(depth)]
        while self._takes("OR"):
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self, depth: int) -> Condition:
        parts = [self._clause(depth)]
        while self._takes("AND"):
            parts.append(self._clause(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _clause(self, depth: int) -> Condition:
        self._clauses += 1
        if self._clauses > _CLAUSES_MAX:
            raise self._wrong(f"more than {_CLAUSES_MAX} conditions")
        if self._takes("("):
            found = self._either(depth + 1)
            self._needs(")")
            return found
        name = self._next("a field").text
        if self._takes("IS"):
            is_not = self._takes("NOT")
            self._needs("NULL")
            return self._null(name, is_null=not is_not)
        if self._takes("BETWEEN"):
            low = self._value(stops=("AND",))
            self._needs("AND")
            return Every((self._made(name, ">=", low), self._made(name, "<=", self._value())))
        if self._takes("STARTS_WITH"):
            return self._made(name, "like", f"{self._value()}*")
        is_not = self._takes("NOT")
        if self._takes("IN"):
            values = self._list()
            made = tuple(self._made(name, "!=" if is_not else "=", value) for value in values)
            return Every(made) if is_not else Either(made)
        op = self._op()
        if op == "=" and self._at < len(self._tokens) and self._tokens[self._at].text == "(":
            return Either(tuple(self._made(name, "=", value) for value in self._list()))
        return self._made(name, op, self._value())

    def _op(self) -> Op:
        given = self._next("an operator").text
        if given not in _OPERATORS:
            raise self._wrong(f"one of =, !=, <, <=, >, >=, IN, BETWEEN, IS, STARTS_WITH is expected, not {given!r}")
        return _OPERATORS[given]

    def _list(self) -> list[str]:
        if not self._takes("("):
            return [self._value()]
        found: list[str] = []
        while not self._takes(")"):
            found.append(self._value(stops=(",",)))
            self._takes(",")
        return found

    def _value(self, stops: Sequence[str] = ()) -> str:
        """Return a value: a quoted text, or all words up to the next ``AND``, ``OR``, parenthesis or *stops*."""
        first = self._next("a value")
        if first.kind == "quoted":
            return _unquoted(first.text)
        if first.text in {"(", ")", ","}:
            raise self._wrong(f"a value is expected, not {first.text!r}")
        last = first
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind != "quoted" and token.text in {"AND", "OR", "(", ")", *stops}:
                break
            last, self._at = token, self._at + 1
        return self._query[first.begin : last.end]

    def _null(self, name: str, *, is_null: bool) -> Condition:
        if name in self._fields.special:
            raise self._wrong(f"{name} cannot be asked with IS")
        field = self._fields.by_name.get(name)
        if field is None:
            return Every()
        there = _there(field)
        if field.is_moment or there != field.column:
            return Compare(there, "=" if is_null else "!=", 0)
        if field.is_number or field.column in PAYLOADS:  # which every row has
            return Either(()) if is_null else Every()
        return Compare(field.column, "null" if is_null else "not null")

    def _made(self, name: str, op: Op, value: str) -> Condition:
        """Return the condition of one clause; of an unknown field nothing is asked."""
        checked_text(value, name)
        if name in self._fields.special:
            return self._made_special(name, op, value)
        field = self._fields.by_name.get(name)
        if field is None:
            return Every()
        if field.column in PAYLOADS:
            if op != "=":
                raise self._wrong(f"{name} is looked through for a part of it, with = or IN")
            return Compare(field.column, "holds", _bare(value))
        if not field.is_number:
            is_pattern = op == "=" and "*" in value
            return Compare(field.column, "like" if is_pattern else op, value)
        if not re.fullmatch(r"-?\d{1,19}", value.strip(), re.ASCII) or op == "like":
            raise InvalidRequest(f"{name}: a whole number is expected, not {shown(value)}")
        asked = Compare(field.column, op, max(-LONG_MAX, min(int(value), LONG_MAX)))
        there = _there(field)
        is_unbounded = not (field.is_moment or field.column != there)
        return asked if is_unbounded else Every((Compare(there, ">", 0), asked))

    def _made_special(self, name: str, op: Op, value: str) -> Condition:
        if op == "like" or (op == "=" and value.find("*", 0, -1) < 0):
            return self._fields.special[name](value)
        made = _not(self._fields.special[name](value)) if op == "!=" else None
        if made is None:
            raise self._wrong(f"{name} can be asked with =, IN and STARTS_WITH only, and * at the end")
        return made

    def _takes(self, word: str) -> bool:
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind != "quoted" and token.text == word:
                self._at += 1
                return True
        return False

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise self._wrong(f"{word!r} is missing")

    def _next(self, what: str) -> _Token:
        if self._at == len(self._tokens):
            raise self._wrong(f"{what} is missing at its end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _wrong(self, why: str) -> InvalidRequest:
        return InvalidRequest(f"the query {shown(self._query)} cannot be read: {why}")


def _tokens(query: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(query.rstrip())
    while at < end:
        match = _TOKEN.match(query, at)
        if match is None or match.lastgroup is None:
            raise InvalidRequest(f"the query {shown(query)} cannot be read: a quotation mark is not closed")
        kind = match.lastgroup
        found.append(_Token(kind, match[kind], match.start(kind), match.end(kind)))
        at = match.end()
    return found


def _unquoted(text: str) -> str:
    mark, inner = text[0], text[1:-1]
    return re.sub(r"\\(.)", r"\1", inner.replace(mark * 2, mark) if mark == "'" else inner)


def _bare(value: str) -> str:
    """Return a text as it stands within JSON, without the wildcards around it."""
    return _written(value.strip("*"))[1:-1]


def condition(query: str | None, free_text: str | None, fields: QueryFields) -> Condition:
    """
    Read what is searched for.

    Args:
        query: In the grammar; None or empty for everything.
        free_text: A part of anything that stands in the row; None, empty or ``*`` for everything.
        fields: `RUNS` or `TASKS`.

    Raises:
        InvalidRequest: It cannot be read; the message says why.

    Example:
        >>> condition("workflowType = 'order' AND status IN (FAILED,TIMED_OUT)", "*", RUNS).parts[0]
        Compare(field='name', op='=', value='order')
    """
    parts = [] if not query or not query.strip() or query.strip() == "*" else [_Reader(query, fields).read()]
    wanted = (free_text or "").strip()
    if wanted.strip("*"):
        checked_text(wanted, "freeText")
        part = wanted.strip("*")
        places: list[Condition] = [Compare(name, "has", part) for name in fields.texts]
        places += [Compare(name, "holds", _bare(part)) for name in fields.payloads]
        parts.append(Either(tuple(places)))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def order(sort: str | None, fields: QueryFields, default: tuple[Order, ...]) -> tuple[Order, ...]:
    """
    Read what is sorted by: ``field:ASC`` or ``field:DESC``, several with a bar between them.

    What has no colon, and what nobody knows, is passed over, as Conductor does; nothing at all gives *default*.
    """
    found = []
    for each in (sort or "").split("|"):
        name, colon, direction = each.strip().partition(":")
        field = fields.by_name.get(name.strip())
        if colon and field is not None and field.column not in PAYLOADS:
            found.append(Order(field.column, is_descending=direction.strip().upper() == "DESC"))
    return tuple(found) or default


def unknown_fields(query: str, fields: QueryFields) -> list[str]:
    """
    Return the names in a query that stand where a field does, and that nobody knows.

    Example:
        >>> unknown_fields("state = FAILED AND status = FAILED", RUNS)
        ['state']
    """
    tokens = _tokens(query)
    found = []
    for place, token in enumerate(tokens[:-1]):
        is_first = place == 0 or tokens[place - 1].text in {"AND", "OR", "("}
        is_asked = tokens[place + 1].text in {*_OPERATORS, "IN", "NOT", "IS", "BETWEEN", "STARTS_WITH"}
        if token.kind == "word" and is_first and is_asked and token.text not in {*fields.by_name, *fields.special}:
            found.append(token.text)
    return found
