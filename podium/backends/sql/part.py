"""What the duties of the SQL store share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, Self, TypeVar

from podium.backends.sql.database import StoreDatabase, Values
from podium.backends.sql.statements import Statements
from podium.engine.ports import Heard
from podium.engine.rows import HeldTask, TaskRow
from podium.model.statuses import TaskStatus

#: Most values in one list of a query; databases take 32,000 parameters and more.
_LIST_MAX = 8192


#: What commits do that nobody waits for, and those that say who is there.
OF_NO_RUN = Heard(frozenset(), frozenset(), frozenset(), is_plain=True)
OF_PROCESSES = OF_NO_RUN._replace(is_plain=False)

_LIVE_TASK = frozenset(status.value for status in TaskStatus if not status.is_terminal)

TaskT = TypeVar("TaskT", TaskRow, HeldTask)


class SqlPart:
    """A database and its texts."""

    def __init__(self, database: StoreDatabase, statements: Statements) -> None:
        self._database = database
        self._sql = statements
        self.is_shared = database.is_shared
        self.is_durable = database.is_durable

    def over(self, wrap: Callable[[StoreDatabase], StoreDatabase]) -> Self:
        """Return the same store over what stands around its database, such as one that fails on purpose."""
        return type(self)(wrap(self._database), self._sql)

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self._database.close()

    def _fetch_listed(self, sql: str, place: str, lists: list[list[str]], parameters: list[Values]) -> list[Any]:
        """Run a query that has lists in it; see `lists_of`."""
        if not lists:
            return []
        return self._database.fetch(self._with_list(sql, place, lists[0]), *parameters)

    def _with_list(self, sql: str, place: str, values: list[str]) -> str:
        """Put parameter marks in the place of a list."""
        return _with_marks(sql, place, self._database.mark, len(values))


def current(rows: Sequence[TaskT]) -> Sequence[TaskT]:
    """Return of a run's attempts, which come by seq, the newest of each place and those that are live."""
    if len(rows) == 1:
        return rows
    newest = {row.base_ref: row.seq for row in rows}
    return [row for row in rows if newest[row.base_ref] == row.seq or row.status in _LIVE_TASK]


def lists_of(values: Collection[str]) -> list[list[str]]:
    """
    Cut values into lists of one length, a power of two; the last value is repeated to fill the last list.

    So a query is needed in a few lengths only, and the database finds most of them prepared.
    """
    distinct = list(dict.fromkeys(values))
    size = min(_LIST_MAX, 1 << max(0, len(distinct) - 1).bit_length())
    lists = [distinct[at : at + size] for at in range(0, len(distinct), size)]
    if lists:
        lists[-1].extend([distinct[-1]] * (size - len(lists[-1])))
    return lists


@lru_cache(maxsize=64)
def _with_marks(sql: str, place: str, mark: str, count: int) -> str:
    """Put *count* parameter marks in the place of a list."""
    return sql.replace(place, ", ".join([mark] * count))
