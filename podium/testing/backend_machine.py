"""
Compares a backend with the memory store on random write sets, by Hypothesis.

A package that supplies a backend runs it so, beside `podium.testing.backend_suite`::

    class MyMachine(BackendMachine):
        def open_store(self):
            return open_backend("mine://…")

    TestMyMachine = MyMachine.TestCase
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from podium.backends.memory import MemoryBackend
from podium.engine.ports import Backend
from podium.engine.rows import (
    CachedRow,
    DefinitionRow,
    EngineRow,
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
from podium.model.errors import InternalError, StaleRun
from podium.model.statuses import RunStatus
from podium.testing.backend_fixtures import a_run, a_task

# Few values, so that rows meet; numbers on both sides of where a store may start to treat a run as a long one.
_IDS = ("run-1", "run-2", "run-3")
_SEQS = (1, 2, 3, 63, 64, 65, 66, 1_000)
_PLACES = ("a", "b", "c")
_QUEUES = ("p", "q", "#task")
_HOLDERS = (None, "e1", "#runs")
_TIMES = (None, 1, 2, 3)
_ids = st.sampled_from(_IDS)
_seqs = st.sampled_from(_SEQS)
_bytes = st.binary(max_size=3)
_runs = st.builds(
    a_run,
    _ids,
    name=st.sampled_from(("order", "refund")),
    status=st.sampled_from(("RUNNING", "PAUSED", "COMPLETED")),
    correlation_id=st.sampled_from((None, "c")),
    parent_id=st.sampled_from((None, *_IDS)),
    priority=st.integers(0, 1),
    reason=st.sampled_from((None, "", "ab", "B")),
    created_at=st.integers(1, 3),
    updated_at=st.integers(1, 3),
    ended_at=st.integers(1, 2),
    due_at=st.sampled_from(_TIMES),
    holder=st.sampled_from(_HOLDERS),
    input=_bytes,
).map(lambda run: run if RunStatus(run.status).is_terminal else run._replace(ended_at=0))
_tasks = st.builds(
    a_task,
    _ids,
    _seqs,
    st.sampled_from(_PLACES),
    status=st.sampled_from(("SCHEDULED", "IN_PROGRESS", "COMPLETED", "FAILED")),
    due_at=st.sampled_from(_TIMES),
    open_queue=st.sampled_from((None, *_QUEUES)),
    open_rank=st.integers(0, 3),
    input=_bytes,
)
_slots = st.builds(
    SlotRow,
    st.sampled_from(("#x", "#y")),
    st.integers(1, 2),
    _ids,
    st.sampled_from((0, 1)),
    st.integers(1, 4),
    st.sampled_from((0, 2, 3)),
)
_FILTERS = (
    RunFilter(),
    RunFilter(name="order", status="RUNNING"),
    RunFilter(correlation_id="c"),
    RunFilter(parent_id="run-1"),
    RunFilter(priority=1, reason="b"),
    RunFilter(started_from=2, updated_to=2),
    RunFilter(ended_from=1, ended_to=1),
    RunFilter(text="b", input="a"),
)


def _some(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=4)


class BackendMachine(RuleBasedStateMachine):
    """Does the same to a backend and to the memory store, and expects the same answers."""

    def __init__(self) -> None:
        super().__init__()
        self.store = self.open_store()
        self.memory = MemoryBackend()

    def open_store(self) -> Backend:
        """Open the store that is tested, empty at first; a durable one is opened again after it was closed."""
        raise NotImplementedError

    @rule(
        runs=_some(_runs), tasks=_some(_tasks), logs=_some(st.builds(LogRow, _ids, _seqs, st.integers(1, 3), st.text()))
    )
    def write_rows(self, runs: list[RunRow], tasks: list[TaskRow], logs: list[LogRow]) -> None:
        """Write rows as a careful engine does: new if they are new, changed if they exist, at the right revision."""
        known = dict(self.memory.load_runs(_IDS))
        there = {task[:2] for run_id in _IDS for task in self.memory.load_tasks(run_id)}
        parts: dict[str, Any] = {"new_runs": [], "runs": [], "new_tasks": [], "tasks": []}
        for run in runs:
            stored = known.get(run.run_id)
            known[run.run_id] = _like(stored, run)._replace(revision=stored.revision + 1 if stored else 1)
            parts["runs" if stored else "new_runs"].append(known[run.run_id])
        for task in tasks:
            parts["tasks" if task[:2] in there else "new_tasks"].append(task)
            there.add(task[:2])
        assert self._commit(WriteSet(logs=logs, **parts)) is None

    @rule(
        new_runs=_some(_runs),
        runs=_some(_runs),
        revision=st.integers(1, 4),
        new_tasks=_some(_tasks),
        tasks=_some(_tasks),
    )
    def write_carelessly(self, revision: int, **parts: Any) -> None:
        """Write rows that may or may not fit."""
        known = {**{run.run_id: run for run in parts["new_runs"][::-1]}, **self.memory.load_runs(_IDS)}
        parts["runs"] = [_like(known.get(run.run_id), run)._replace(revision=revision) for run in parts["runs"]]
        self._commit(WriteSet(**parts))

    @rule(
        deleted_tasks=_some(st.tuples(_ids, _seqs)),
        emptied_runs=_some(_ids),
        new_tasks=_some(_tasks),
    )
    def take_away(self, **parts: Any) -> None:
        """Delete attempts, empty runs, and write others in the same commit."""
        self._commit(WriteSet(**parts))

    @rule(run_ids=_some(_ids))
    def delete(self, run_ids: list[str]) -> None:
        """Delete runs, as far as they may go."""
        assert self.memory.deletable_runs(run_ids) == self.store.deletable_runs(run_ids)
        assert self.memory.delete_runs(run_ids) == self.store.delete_runs(run_ids)

    @rule(
        definitions=_some(st.builds(DefinitionRow, st.sampled_from(("d1", "d2")), _bytes)),
        start_keys=_some(
            st.builds(StartKeyRow, st.sampled_from(("order", "refund")), st.sampled_from("kl"), _ids, st.none() | _ids)
        ),
        workflows=_some(
            st.builds(WorkflowRow, st.text(max_size=2), st.integers(1, 12), st.just(1), st.just(2), _bytes)
        ),
        task_defs=_some(st.builds(TaskDefRow, st.text(max_size=2), _bytes)),
        schemas=_some(st.builds(SchemaRow, st.text(max_size=2), st.integers(1, 12), _bytes)),
        entries=_some(st.builds(EntryRow, st.sampled_from("kl"), st.text(max_size=2), st.just(1), _bytes)),
        deleted_entries=_some(st.tuples(st.sampled_from("kl"), st.text(max_size=2))),
        cached=_some(st.builds(CachedRow, st.sampled_from("kl"), st.integers(1, 4), _bytes)),
        emptied_inboxes=_some(_ids),
        taken_messages=_some(st.tuples(_ids, _seqs)),
        new_messages=_some(st.builds(MessageRow, _ids, _seqs, st.integers(1, 3), st.just("m"), _bytes)),
        outbox=_some(st.builds(OutboxRow, st.sampled_from("kl"), st.just("e1"), st.integers(1, 3), _bytes)),
    )
    def register(self, **parts: Any) -> None:
        """Write what does not belong to a run's state; the registry's number must change if it is written to."""
        before = self.store.registry_version()
        error = self._commit(WriteSet(**parts))
        written = error is None and WriteSet(**parts).is_of_registry()
        assert written == (self.store.registry_version() != before)

    @rule(slots=_some(_slots), freed_slots=_some(_slots))
    def limit(self, **parts: Any) -> None:
        """Take slots and free others."""
        self._commit(WriteSet(**parts))

    @rule(
        schedules=_some(
            st.builds(
                ScheduleRow,
                st.sampled_from(("b", "a", "é")),
                st.integers(1, 4),
                st.just("order"),
                st.sampled_from(_TIMES),
                st.just(1),
                _bytes,
                _bytes,
            )
        ),
        deleted_schedules=_some(st.sampled_from(("a", "b", "none"))),
    )
    def schedule(self, **parts: Any) -> None:
        """Write schedules that may or may not be at the right revision, and take others away."""
        self._commit(WriteSet(**parts))

    @rule(engine_id=st.sampled_from(("e1", "e2")), at=st.integers(1, 3), leaves=st.booleans())
    def beat(self, engine_id: str, at: int, *, leaves: bool) -> None:
        """Announce an engine, or say good-bye."""
        for backend in (self.store, self.memory):
            if leaves:
                backend.forget_engine(engine_id)
            else:
                backend.heartbeat(EngineRow(engine_id, "host", at))

    @rule(now=st.integers(1, 4), event_ids=_some(st.sampled_from("kl")))
    def clear_up(self, now: int, event_ids: list[str]) -> None:
        """Remove what has expired, and what was sent."""
        assert self.memory.forget_expired(now) == self.store.forget_expired(now)
        for backend in (self.store, self.memory):
            backend.forget_sent(event_ids)

    @precondition(lambda self: self.store.is_durable)
    @rule()
    def reopen(self) -> None:
        """Close the store and open it again."""
        self.store.close()
        self.store = self.open_store()

    def _commit(self, writes: WriteSet) -> type[Exception] | None:
        """Commit to both; give the class of the error that both raise."""
        errors = [_error_of(backend, writes) for backend in (self.store, self.memory)]
        assert errors[0] == errors[1]
        return errors[0]

    @invariant()
    def answers_are_the_same(self) -> None:
        """Every question has the same answer in both, in the same order."""
        assert _answers(self.memory) == _answers(self.store)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


def _like(stored: RunRow | None, run: RunRow) -> RunRow:
    """Return a run with what it is found by as it is stored."""
    columns = ("name", "priority", "correlation_id", "parent_id", "parent_seq", "created_at")
    return run._replace(**{column: getattr(stored, column) for column in columns}) if stored else run


def _error_of(backend: Backend, writes: WriteSet) -> type[Exception] | None:
    try:
        backend.commit(writes)
    except (StaleRun, InternalError) as error:
        return type(error)
    return None


def _answers(backend: Backend) -> dict[str, object]:
    workflows = backend.workflows()
    return {
        "runs": backend.load_runs(_IDS),
        "tasks": [backend.load_tasks(run_id) for run_id in _IDS],
        "task": [backend.load_task(run_id, seq) for run_id in _IDS for seq in _SEQS],
        "current": [backend.load_current_tasks([run_id]) for run_id in _IDS],
        # Attempts without a run, which no engine writes, may be found one by one only.
        "current together": backend.load_current_tasks(backend.load_runs(_IDS)),
        "bodies": [
            backend.load_bodies(run_id, places, after)
            for run_id in _IDS
            for places, after in ((["a"], 0), (["b", "c", "none"], 0), (["a", "b"], 2))
        ],
        "logs": [backend.load_logs(run_id, seq) for run_id in _IDS for seq in _SEQS],
        "definitions": [backend.load_definition(digest) for digest in ("d1", "d2", "d3")],
        "due": [backend.due(until, limit) for until in range(4) for limit in (1, 3, 100)],
        "open": [
            backend.claim(rooms, limit, "e1")
            for rooms in ({"p": 100}, dict.fromkeys(_QUEUES, 2), dict.fromkeys(_QUEUES, 100))
            for limit in (1, 3, 100)
        ],
        "held": [backend.held_runs(holder, limit) for holder in _HOLDERS for limit in (1, 100)],
        "slots": [backend.slots(name) for name in (None, "#x", "#none")],
        "schedules": [backend.schedules(), backend.schedule("é"), backend.schedule("none"), backend.next_schedule_at()],
        "due schedules": [backend.due_schedules(until, limit) for until in range(4) for limit in (1, 9)],
        "awaited": [backend.awaited_limit(), backend.awaited_limit("#rate")],
        "keys": [backend.run_of_key(name, key) for name in ("order", "refund") for key in "kl"],
        "lists": [backend.list_runs(where, limit, at) for where in _FILTERS for limit in (1, 9) for at in (0, 1)],
        "ended": [backend.ended_runs(2, name, None, limit) for name in (None, "order") for limit in (1, 9)],
        "workflows": workflows,
        "newest": [backend.workflow(row.name, None) for row in workflows],
        "each": [backend.workflow(row.name, row.version) for row in workflows],
        "task_defs": backend.task_defs(),
        "schemas": [backend.schemas(), *(backend.schema(row.name, None) for row in backend.schemas())],
        "entries": [[backend.entries(kind), backend.entry(kind, "")] for kind in "klm"],
        "cached": [backend.cached(key, now) for key in "kl" for now in range(5)],
        "messages": [
            backend.load_messages(run_id, after, limit) for run_id in _IDS for after in (0, 2) for limit in (1, 9)
        ],
        "unsent": [backend.unsent(limit) for limit in (1, 9)],
        "engines": backend.engines(),
    }
