"""Runs by what people search them by, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import RunFilter, RunRow, TaskRow
from podium.model.later import later

if TYPE_CHECKING:
    from podium.engine import searches
else:
    searches = later("podium.engine.searches")

_Row = TypeVar("_Row", RunRow, TaskRow)


class MemorySearch(MemoryPart):
    """The `podium.engine.ports.SearchStore` in memory."""

    def search_runs(self, search: searches.Search) -> Sequence[RunRow]:
        """Return runs that meet a condition, in the order that is asked for."""
        with self._lock:
            found = self._runs(search.where)
        return _part(found, search, _run_value, lambda run: (run.run_id,))

    def count_runs(self, where: searches.Condition) -> int:
        """Return how many runs meet a condition."""
        with self._lock:
            return len(self._runs(where))

    def search_tasks(self, search: searches.Search) -> Sequence[TaskRow]:
        """Return attempts that meet a condition, in the order that is asked for."""
        with self._lock:
            found = self._tasks(search.where)
            return _part(found, search, self._task_value, lambda task: (task.run_id, task.seq))

    def count_tasks(self, where: searches.Condition) -> int:
        """Return how many attempts meet a condition."""
        with self._lock:
            return len(self._tasks(where))

    def search_runs_by_tasks(self, search: searches.Search) -> Sequence[RunRow]:
        """Return runs that have an attempt which meets a condition of attempts."""
        with self._lock:
            found = self._runs_by_tasks(search.where)
        return _part(found, search, _run_value, lambda run: (run.run_id,))

    def count_runs_by_tasks(self, where: searches.Condition) -> int:
        """Return how many runs have an attempt which meets a condition of attempts."""
        with self._lock:
            return len(self._runs_by_tasks(where))

    def _runs(self, where: searches.Condition) -> list[RunRow]:
        return [run for run in self._tables.runs.values() if searches.holds(where, partial(_run_value, run))]

    def _tasks(self, where: searches.Condition) -> list[TaskRow]:
        rows = (task for attempts in self._tables.attempts.values() for task in attempts.pick(sorted(attempts.seqs)))
        return [task for task in rows if searches.holds(where, partial(self._task_value, task))]

    def _runs_by_tasks(self, where: searches.Condition) -> list[RunRow]:
        run_ids = dict.fromkeys(task.run_id for task in self._tasks(where))
        return [self._tables.runs[run_id] for run_id in run_ids]

    def _task_value(self, task: TaskRow, field: str) -> Any:
        if field == "duration":
            return task.ended_at - task.started_at
        if field == "waited":
            return task.started_at - task.scheduled_at
        if field in {"run_name", "run_correlation_id"}:
            return getattr(self._tables.runs[task.run_id], field.removeprefix("run_"))
        return getattr(task, field)

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        with self._lock:
            ids: Iterable[str] = (
                self._tables.runs if where.parent_id is None else self._tables.children.get(where.parent_id, ())
            )
            found = [run for run in map(self._tables.runs.__getitem__, ids) if _matches(run, where)]
        found.sort(key=lambda run: (run.created_at, run.run_id), reverse=True)
        # As SQL does it: payloads may be megabytes, and no list shows them.
        return [run._replace(input=b"", output=b"", variables=b"") for run in found[offset : offset + limit]]


def _run_value(run: RunRow, field: str) -> Any:
    return run.ended_at - run.created_at if field == "duration" else getattr(run, field)


def _part(
    found: list[_Row],
    search: searches.Search,
    value_of: Callable[[_Row, str], Any],
    key_of: Callable[[_Row], tuple[Any, ...]],
) -> Sequence[_Row]:
    """Return the part that is wanted, sorted; what is None comes first, or last if descending."""
    # Stable sorts, from the last field to the first; the key decides between equals, in the direction of the first.
    found.sort(key=key_of, reverse=bool(search.order) and search.order[0].is_descending)
    for field, is_descending in reversed(search.order):
        found.sort(key=partial(_rank, value_of, field), reverse=is_descending)
    return found[search.offset : search.offset + search.limit]


def _rank(value_of: Callable[[_Row, str], Any], field: str, row: _Row) -> tuple[bool, Any]:
    value = value_of(row, field)
    return value is not None, value


def _matches(run: RunRow, where: RunFilter) -> bool:
    same = (
        (where.name, run.name),
        (where.status, run.status),
        (where.correlation_id, run.correlation_id),
        (where.parent_id, run.parent_id),
        (where.version, run.version),
        (where.priority, run.priority),
    )
    return (
        all(wanted is None or wanted == found for wanted, found in same)
        and (where.reason is None or (run.reason is not None and where.reason in run.reason))
        and _is_within(run.created_at, where.started_from, where.started_to)
        and _is_within(run.updated_at, where.updated_from, where.updated_to)
        and _is_within(run.ended_at or None, where.ended_from, where.ended_to)
        and (where.input is None or where.input.encode() in run.input)
        and (where.output is None or where.output.encode() in run.output)
        and (where.text is None or _has_text(run, where.text))
    )


def _has_text(run: RunRow, text: str) -> bool:
    part = text.encode()
    is_in_payload = any(part in payload for payload in (run.input, run.output, run.variables))
    return is_in_payload or text in (run.reason or "") or text in (run.correlation_id or "")


def _is_within(moment: int | None, first: int | None, last: int | None) -> bool:
    """Return whether a moment is not before and not after two others, of which None is no bound."""
    if moment is None:
        return first is None and last is None
    return (first is None or first <= moment) and (last is None or moment <= last)
