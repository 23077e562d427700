"""
What the tests of backends share: a store to test, rows to write, and a look at all that a store says.

A test names only the columns of a row that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import (
    CachedRow,
    DefinitionRow,
    EntryRow,
    LogRow,
    MessageRow,
    OutboxRow,
    RunFilter,
    RunRow,
    ScheduleRow,
    SchemaRow,
    SlotRow,
    StartKeyRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)

#: Opens the one store of a test; called again it opens the same store again, if the backend is durable.
OpenStore = Callable[[], Backend]

_RUN = RunRow(
    run_id="run-1",
    revision=1,
    name="order",
    version=1,
    digest="digest-1",
    status="RUNNING",
    priority=0,
    correlation_id=None,
    parent_id=None,
    parent_seq=0,
    created_at=1_000,
    updated_at=1_000,
    ended_at=0,
    due_at=None,
    holder=None,
    reason=None,
    data=b"{}",
    input=b'{"in":1}',
    output=b"{}",
    variables=b"{}",
)

_TASK = TaskRow(
    run_id="run-1",
    seq=1,
    ref="reserve",
    base_ref="reserve",
    iteration=0,
    task_type="reserve",
    task_def_name="reserve",
    status="SCHEDULED",
    scheduled_at=1_000,
    started_at=0,
    ended_at=0,
    updated_at=1_000,
    due_at=None,
    open_queue=None,
    open_rank=0,
    reason=None,
    data=b"{}",
    input=b'{"in":1}',
    output=b"{}",
)


def a_run(run_id: str = "run-1", **columns: Any) -> RunRow:
    """Return a run that is RUNNING at revision 1, but for the columns that are named."""
    return _RUN._replace(run_id=run_id, **columns)


def a_task(run_id: str = "run-1", seq: int = 1, ref: str = "reserve", **columns: Any) -> TaskRow:
    """Return an attempt that is SCHEDULED; its ``base_ref`` is *ref* unless it is named."""
    return _TASK._replace(**{"run_id": run_id, "seq": seq, "ref": ref, "base_ref": ref, **columns})


def a_log(run_id: str = "run-1", seq: int = 1, created_at: int = 1_000, text: str = "line") -> LogRow:
    """Return a log line."""
    return LogRow(run_id, seq, created_at, text)


def a_start(*tasks: TaskRow, run: RunRow = _RUN) -> WriteSet:
    """Return the write set that makes a run with these attempts."""
    return WriteSet(new_runs=[run], new_tasks=list(tasks))


#: A number that only a 64-bit column holds.
BIG = 2**62
#: Every kind of part that a commit can have, none of which may stay when the commit fails.
EVERYTHING: dict[str, Any] = {
    "definitions": [DefinitionRow("digest-2", b"{}")],
    "new_runs": [a_run("run-2")],
    "runs": [a_run(revision=2, status="PAUSED", due_at=5, holder="e1")],
    "new_tasks": [a_task(seq=2, ref="charge", due_at=6, open_queue="q")],
    "tasks": [a_task(seq=1, status="COMPLETED")],
    "start_keys": [StartKeyRow("order", "key-2", "run-2")],
    "slots": [SlotRow("#task:charge", 1, "run-1", 2, 5, 0)],
    "logs": [a_log(text="second")],
    "workflows": [WorkflowRow("order", 2, 1, 1, b"{}")],
    "task_defs": [TaskDefRow("charge", b"{}")],
    "schemas": [SchemaRow("order", 2, b"{}")],
    "entries": [EntryRow("event_handler", "told", 1, b"{}")],
    "cached": [CachedRow("key-2", BIG, b"{}")],
    "outbox": [OutboxRow("event-2", "e1", 1, b"{}")],
    "schedules": [ScheduleRow("nightly", 1, "order", 5, 1, b"{}", b"{}")],
    "emptied_inboxes": ["run-9"],
    "taken_messages": [("run-9", 1)],
    "new_messages": [MessageRow("run-1", 1, 1_000, "message-1", b"{}")],
}


class StoreFixtures:
    """What the parts of the contract share."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        """Say how to open the store of a test; to be given by the class that runs the contract."""
        raise NotImplementedError("give a fixture open_store that returns a function without parameters")

    @pytest.fixture
    def store(self, open_store: OpenStore) -> Iterator[Backend]:
        """An open, empty store."""
        backend = open_store()
        yield backend
        backend.close()


def everything_seen(store: Backend) -> dict[str, object]:
    """Return what all questions answer, to compare before and after."""
    runs = ["run-1", "run-2", "run-9"]
    return {
        "runs": store.load_runs(runs),
        "tasks": [store.load_tasks(run) for run in runs],
        "current": store.load_current_tasks(runs),
        "logs": store.load_logs("run-1", 1),
        "definitions": [store.load_definition(digest) for digest in ("digest-1", "digest-2")],
        "due": store.due(BIG, 10),
        "open": store.claim({"q": 10}, 10, "e1"),
        "held": [store.held_runs(holder, 10) for holder in (None, "e1")],
        "slots": store.slots(),
        "schedules": [store.schedules(), store.next_schedule_at()],
        "keys": [store.run_of_key("order", key) for key in ("key-1", "key-2")],
        "messages": [store.load_messages(run, 0, 10) for run in runs],
        "list": store.list_runs(RunFilter(), 10, 0),
        "workflows": store.workflows(),
        "task_defs": store.task_defs(),
        "schemas": store.schemas(),
        "entries": store.entries("event_handler"),
        "registry": store.registry_version(),
        "cached": store.cached("key-2", 1),
        "unsent": store.unsent(10),
        "engines": store.engines(),
    }
