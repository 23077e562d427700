"""
Large payloads of an SQLite file, each in a row of its own.

SQLite writes a row as a whole with each change of it: an attempt with an input of 9 MB would have these written again
with each change of its status. Apart from their rows they are written once; the row has `MARK` in their place, and each
SELECT puts them back (`podium.backends.sql.tables`). Small ones stay in their rows, as do those of older files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from podium.backends.sql.database import Values
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.backends.sql.statements import CHANGING_RUN, CHANGING_TASK
from podium.engine.rows import TASK_END, RunRow, TaskRow

#: What stands in a row for a payload that is apart: a single byte, and a payload of a single byte is apart itself.
MARK = b"\x00"

#: Bytes from which on a payload is apart. An attempt that is written three times takes less of the processor from 6 KiB
#: on, a seventh less at 16; what is written once takes little more.
APART_MIN = 16 * 1024

#: Puts a payload apart; one that is there already is read to be compared, and not written.
PUT = (
    "INSERT INTO payloads (run_id, seq, name, body) VALUES (?, ?, ?, ?) ON CONFLICT (run_id, seq, name)"
    " DO UPDATE SET body = excluded.body WHERE payloads.body != excluded.body"
)


class _Places(NamedTuple):
    """Where a statement has what, among its parameters."""

    #: Payloads, with the columns' names.
    payloads: tuple[tuple[int, str], ...]
    run_id: int
    #: None for a run's own payloads.
    seq: int | None


def _places(values: Sequence[str], run_id: int, seq: int | None) -> _Places:
    payloads = (name for name in ("input", "output", "variables") if name in values)
    return _Places(tuple((values.index(name), name) for name in payloads), run_id, seq)


#: The statements that write payloads.
_STATEMENTS = {
    STATEMENTS.insert_run: _places(RunRow._fields, 0, None),
    STATEMENTS.update_run: _places(CHANGING_RUN, len(CHANGING_RUN), None),
    STATEMENTS.insert_task: _places(TaskRow._fields, 0, 1),
    STATEMENTS.update_task: _places(CHANGING_TASK, len(CHANGING_TASK), len(CHANGING_TASK) + 1),
    STATEMENTS.end_task: _places(TASK_END, len(TASK_END), len(TASK_END) + 1),
}


def set_apart(sql: str, parameters: Sequence[Values]) -> tuple[Sequence[Values], list[Values]]:
    """
    Return the parameters of a statement with a mark for each large payload, and rows of parameters of `PUT`.

    Args:
        sql: Any of `STATEMENTS`.
        parameters: Its rows of parameters; returned as they are if nothing in them is large.
    """
    places = _STATEMENTS.get(sql)
    if places is None:
        return parameters, []
    small: list[Values] = []
    large: list[Values] = []
    for row in parameters:
        left = row
        for at, name in places.payloads:
            if not 1 < len(row[at]) < APART_MIN:
                large.append((row[places.run_id], 0 if places.seq is None else row[places.seq], name, row[at]))
                left = (*left[:at], MARK, *left[at + 1 :])
        small.append(left)
    return (small, large) if large else (parameters, large)
