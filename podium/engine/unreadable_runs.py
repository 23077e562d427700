"""
The end of a run that the engine cannot even read: its definition or its attempts are broken in the store.

Its rows are ended as they are, so that it stops no process that opens the store, and its parent and its children hear
of it. What a run that can be read needs at its end, `podium.engine.ending` does.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from podium.engine.events import ChildEnded, Event, Terminate
from podium.engine.ports import Backend
from podium.engine.rows import RunRow, TaskRow, WriteSet
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue

_LIVE_RUN = frozenset({RunStatus.RUNNING, RunStatus.PAUSED})
_LIVE_TASK = frozenset({TaskStatus.SCHEDULED, TaskStatus.IN_PROGRESS})


class Burial(NamedTuple):
    """What is to be written, and whom to tell afterwards."""

    writes: WriteSet
    messages: list[Event]


def bury(backend: Backend, run_id: str, reason: str, now: int) -> Burial:
    """
    Say how to end a run by its rows alone; nothing to write if it does not exist.

    Args:
        backend: The store.
        run_id: The run.
        reason: Why it ends.
        now: Epoch milliseconds.
    """
    row = backend.load_runs([run_id]).get(run_id)
    if row is None:
        return Burial(WriteSet(), [])
    live = [task for task in backend.load_tasks(run_id) if task.status in _LIVE_TASK or task.due_at is not None]
    children = [child for task in live if isinstance(child := _read(task.data).get("sub"), str)]
    messages: list[Event] = [Terminate(child, reason, by_parent=True) for child in children]
    if row.parent_id and row.status in _LIVE_RUN:
        label = f"{row.name}.{row.version}/{run_id}"
        messages.append(ChildEnded(row.parent_id, row.parent_seq, run_id, label, RunStatus.FAILED, {}, reason))
    writes = WriteSet(
        runs=[_ended(row, reason, now)],
        tasks=[_cancelled(task, now) for task in live],
        # What expires is free by itself; all other slots would be held for good.
        freed_slots=[slot for slot in backend.slots() if slot.run_id == run_id and not slot.expires_at],
    )
    return Burial(writes, messages)


def _ended(row: RunRow, reason: str, now: int) -> RunRow:
    data = _read(row.data)
    # Else whoever opens the store next would try to go on with it, and break in the same way.
    for key in ("todo", "ending", "final", "slot"):
        data.pop(key, None)
    is_live = row.status in _LIVE_RUN
    return row._replace(
        revision=row.revision + 1,
        status=RunStatus.FAILED.value if is_live else row.status,
        ended_at=now if is_live else row.ended_at,
        due_at=None,
        holder=None,
        reason=reason if is_live else row.reason,
        data=orjson.dumps(data),
    )


def _cancelled(task: TaskRow, now: int) -> TaskRow:
    data = _read(task.data)
    data.pop("wake", None)
    data.pop("slot", None)
    status = TaskStatus.CANCELED.value if task.status in _LIVE_TASK else task.status
    return task._replace(
        status=status, ended_at=now, due_at=None, open_queue=None, open_rank=0, data=orjson.dumps(data)
    )


def _read(data: bytes) -> dict[str, JsonValue]:
    """Read what may be no JSON any more."""
    try:
        read: JsonValue = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
