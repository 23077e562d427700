"""Runs by what people search them by, in a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.backends.sql.part import SqlPart
from podium.engine.rows import RunFilter, RunRow, TaskRow
from podium.engine.searches import OPS, RUN_FIELDS, TASK_FIELDS, Condition, Either, Every, Order, Search
from podium.model.statuses import RunStatus, TaskStatus

#: Fields that may be NULL, so that databases do not agree on where they come.
_NULLABLE = frozenset({"correlation_id", "parent_id", "reason", "run_correlation_id"})
#: What may be written into a query as it is.
_STATUSES = frozenset({*RunStatus, *TaskStatus})


class SqlSearch(SqlPart):
    """The `podium.engine.ports.SearchStore` over a database."""

    def search_runs(self, search: Search) -> Sequence[RunRow]:
        """Return runs that meet a condition, in the order that is asked for."""
        return [RunRow._make(row) for row in self._search(self._sql.search_runs, self._run_fields, search)]

    def count_runs(self, where: Condition) -> int:
        """Return how many runs meet a condition."""
        return self._count(self._sql.count_runs, self._run_fields, where)

    def search_tasks(self, search: Search) -> Sequence[TaskRow]:
        """Return attempts that meet a condition, in the order that is asked for."""
        fields = self._task_fields
        return [
            TaskRow._make(row) for row in self._search(self._sql.search_tasks, fields, search, keys=("run_id", "seq"))
        ]

    def count_tasks(self, where: Condition) -> int:
        """Return how many attempts meet a condition."""
        return self._count(self._sql.count_tasks, self._task_fields, where)

    def search_runs_by_tasks(self, search: Search) -> Sequence[RunRow]:
        """Return runs that have an attempt which meets a condition of attempts."""
        rows = self._search(self._sql.search_runs_by_tasks, self._task_fields, search, order_fields=self._run_fields)
        return [RunRow._make(row) for row in rows]

    def count_runs_by_tasks(self, where: Condition) -> int:
        """Return how many runs have an attempt which meets a condition of attempts."""
        return self._count(self._sql.count_runs_by_tasks, self._task_fields, where)

    @property
    def _run_fields(self) -> Mapping[str, str]:
        return dict(zip(RUN_FIELDS, self._sql.run_fields, strict=True))

    @property
    def _task_fields(self) -> Mapping[str, str]:
        return dict(zip(TASK_FIELDS, self._sql.task_fields, strict=True))

    def _search(
        self,
        text: str,
        fields: Mapping[str, str],
        search: Search,
        *,
        order_fields: Mapping[str, str] | None = None,
        keys: Sequence[str] = ("run_id",),
    ) -> Sequence[Any]:
        values: list[Any] = []
        tests = self._written(search.where, fields, values)
        order = ", ".join(self._order(search.order, order_fields or fields, keys))
        text = text.replace("{where}", tests).replace("{order}", order).replace("{offset}", str(int(search.offset)))
        return self._database.search(text, (*values, search.limit))

    def _count(self, text: str, fields: Mapping[str, str], where: Condition) -> int:
        values: list[Any] = []
        tests = self._written(where, fields, values)
        return int(self._database.search(text.replace("{where}", tests), tuple(values))[0][0])

    def _written(self, condition: Condition, fields: Mapping[str, str], values: list[Any]) -> str:
        """Return the SQL of a condition, and add the values of its parameters."""
        if isinstance(condition, Every | Either):
            word = " AND " if isinstance(condition, Every) else " OR "
            parts = [self._written(part, fields, values) for part in condition.parts]
            return f"({word.join(parts)})" if parts else ("1 = 1" if isinstance(condition, Every) else "1 = 0")
        test = self._sql.tests[OPS.index(condition.op)]
        if condition.field == "status" and condition.op == "=" and condition.value in _STATUSES:
            # An index that holds only rows of some statuses is used where one of them stands word for word.
            test = test.replace(self._database.mark, f"'{condition.value}'")
        elif condition.op not in {"null", "not null"}:
            values.append(self._pattern(condition.value) if condition.op == "like" else condition.value)
        return test.replace("{field}", fields[condition.field])

    def _pattern(self, wanted: str | int | None) -> str:
        """Return a text with ``*`` in it as the database writes patterns."""
        special, escape = self._sql.like_special, self._sql.like_escape
        parts = [
            "".join(escape.format(letter) if letter in special else letter for letter in part)
            for part in str(wanted).split("*")
        ]
        return self._sql.like_any.join(parts)

    def _order(self, order: Sequence[Order], fields: Mapping[str, str], keys: Sequence[str]) -> Iterator[str]:
        for each in order:
            direction = " DESC" if each.is_descending else ""
            if each.field in _NULLABLE:
                yield f"{self._sql.nulls_first.replace('{field}', fields[each.field])}{direction}"
            yield f"{fields[each.field]}{direction}"
        is_descending = bool(order) and order[0].is_descending
        for key in keys:
            yield f"{fields[key]}{' DESC' if is_descending else ''}"

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        asked = [
            (test, value) for test, value in zip(self._sql.run_conditions, where, strict=True) if value is not None
        ]
        tests = " AND ".join(test for test, _ in asked) or "1 = 1"
        text = self._sql.list_runs.replace("{where}", tests).replace("{offset}", str(int(offset)))
        mark = self._database.mark
        values = [value for test, value in asked for _ in range(test.count(mark))]
        rows = self._database.search(text, (*values, limit))
        return [RunRow._make(row) for row in rows]
