"""
A store in the memory of this process: fast, private, gone with the process.

It keeps every run that it was given, so it suits tests, notebooks and short programs.
"""

from __future__ import annotations

import heapq
from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from podium.engine.rows import (
    DefinitionRow,
    DueRow,
    EngineRow,
    LogRow,
    RunFilter,
    RunRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import BackendError, InternalError, StaleRun, StoreUnavailable
from podium.model.statuses import RunStatus, TaskStatus

if TYPE_CHECKING:
    from podium.engine.ports import Backend, Listening

_LIVE_RUN = frozenset(status.value for status in RunStatus if not status.is_terminal)
_LIVE_TASK = frozenset(status.value for status in TaskStatus if not status.is_terminal)

#: An attempt's place: run id and number; number 0 is the run itself.
_Key = tuple[str, int]


def open_backend(url: str) -> MemoryBackend:
    """
    Open a new, empty store.

    Args:
        url: ``memory://`` and nothing else.

    Raises:
        BackendError: The URL says more than that.
    """
    if url not in {"memory:", "memory://"}:
        raise BackendError(f"a memory store has no name or options: write memory:// and not {url!r}")
    return MemoryBackend()


class MemoryBackend:
    """A `podium.engine.ports.Backend` over dictionaries."""

    is_shared = False
    is_durable = False

    def __init__(self) -> None:
        # Replaced by one that refuses when the store is closed, so that use after close is noticed here as on SQL.
        self._lock: Lock | _Closed = Lock()
        self._runs: dict[str, RunRow] = {}
        self._attempts: defaultdict[str, _Attempts] = defaultdict(_Attempts)
        self._held: defaultdict[str | None, set[str]] = defaultdict(set)
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        self._open: defaultdict[str, set[_Key]] = defaultdict(set)
        self._timers = _Timers()
        self._definitions: dict[str, DefinitionRow] = {}
        self._start_keys: dict[tuple[str, str], str] = {}
        self._workflows: dict[tuple[str, int], WorkflowRow] = {}
        self._newest_version: dict[str, int] = {}
        self._task_defs: dict[str, TaskDefRow] = {}
        self._registry_version = 0
        self._engines: dict[str, EngineRow] = {}

    # -- writing -------------------------------------------------------------------------------------------------------

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing; see `podium.engine.ports.Backend.commit`."""
        with self._lock:
            self._refuse_stale(writes)
            self._refuse_contradictions(writes)
            self._write_runs(writes)
            self._write_tasks(writes)
            self._write_registry(writes)

    def _refuse_stale(self, writes: WriteSet) -> None:
        """Check runs and start keys in the order in which they would be written, so that nothing has to be undone."""
        revisions: dict[str, int] = {}
        for run in writes.new_runs:
            if run.run_id in self._runs or run.run_id in revisions:
                raise StaleRun(f"the run {run.run_id} exists already")
            revisions[run.run_id] = run.revision
        for run in writes.runs:
            known = self._runs.get(run.run_id)
            stored = revisions.get(run.run_id, known.revision if known else None)
            if stored != run.revision - 1:
                raise StaleRun(f"the run {run.run_id} is not at revision {run.revision - 1}")
            revisions[run.run_id] = run.revision
        taken: set[tuple[str, str]] = set()
        for name, key, _ in writes.start_keys:
            if (name, key) in self._start_keys or (name, key) in taken:
                raise StaleRun(f"the start key {key!r} of {name} is taken")
            taken.add((name, key))

    def _refuse_contradictions(self, writes: WriteSet) -> None:
        """Check that new attempts are new and changed ones exist."""
        emptied = set(writes.emptied_runs)
        born: set[_Key] = set()
        for task in writes.new_tasks:
            key = task[:2]
            if key in born or (task.run_id not in emptied and self._has(key)):
                raise InternalError(f"attempt {task.seq} of run {task.run_id} exists already")
            born.add(key)
        for task in writes.tasks:
            key = task[:2]
            if key not in born and (task.run_id in emptied or not self._has(key)):
                raise InternalError(f"attempt {task.seq} of run {task.run_id} does not exist")

    def _has(self, key: _Key) -> bool:
        attempts = self._attempts.get(key[0])
        return attempts is not None and key[1] in attempts.rows

    def _write_runs(self, writes: WriteSet) -> None:
        for definition in writes.definitions:
            self._definitions.setdefault(definition.digest, definition)
        for run in writes.new_runs:
            self._put_run(None, run)
        for run in writes.runs:
            self._put_run(self._runs[run.run_id], run)
        for run_id in writes.emptied_runs:
            self._empty(run_id)
        for name, key, run_id in writes.start_keys:
            self._start_keys[name, key] = run_id

    def _put_run(self, old: RunRow | None, new: RunRow) -> None:
        run_id = new.run_id
        self._runs[run_id] = new
        if old is not None and old.holder != new.holder:
            self._held[old.holder].discard(run_id)
        if new.status in _LIVE_RUN:
            self._held[new.holder].add(run_id)
        else:
            self._held[new.holder].discard(run_id)
        if old is not None and old.parent_id is not None:
            self._children[old.parent_id].discard(run_id)
        if new.parent_id is not None:
            self._children[new.parent_id].add(run_id)
        self._timers.set((run_id, 0), new.due_at)

    def _write_tasks(self, writes: WriteSet) -> None:
        for task in writes.new_tasks:
            self._attempts[task.run_id].add(task)
            self._index_task(None, task)
        for task in writes.tasks:
            attempts = self._attempts[task.run_id]
            old = attempts.rows[task.seq]
            kept = task._replace(ref=old.ref, base_ref=old.base_ref, iteration=old.iteration, input=old.input)
            attempts.put(kept)
            self._index_task(old, kept)
        for key in writes.deleted_tasks:
            self._delete(key)
        for line in writes.logs:
            insort(self._attempts[line.run_id].logs[line.seq], line, key=_log_order)

    def _index_task(self, old: TaskRow | None, new: TaskRow) -> None:
        """Keep what `due` and `open_tasks` look at in step with an attempt."""
        if old is None or old.due_at != new.due_at:
            self._timers.set((new.run_id, new.seq), new.due_at)
        before = None if old is None else old.open_queue
        if before != new.open_queue:
            if before is not None:
                self._open[before].discard((new.run_id, new.seq))
            if new.open_queue is not None:
                self._open[new.open_queue].add((new.run_id, new.seq))

    def _delete(self, key: _Key) -> None:
        """Remove an attempt and its logs, if it exists."""
        attempts = self._attempts.get(key[0])
        old = attempts.remove(key[1]) if attempts is not None else None
        if old is not None:
            self._index_task(old, old._replace(due_at=None, open_queue=None))

    def _empty(self, run_id: str) -> None:
        """Remove all attempts and logs of a run."""
        attempts = self._attempts.get(run_id)
        if attempts is not None:
            for seq in list(attempts.rows):
                self._delete((run_id, seq))
            del self._attempts[run_id]

    def _write_registry(self, writes: WriteSet) -> None:
        for workflow in writes.workflows:
            self._workflows[workflow.name, workflow.version] = workflow
            self._newest_version[workflow.name] = max(workflow.version, self._newest_version.get(workflow.name, 0))
        for task_def in writes.task_defs:
            self._task_defs[task_def.name] = task_def
        if writes.workflows or writes.task_defs:
            self._registry_version += 1

    # -- reading runs --------------------------------------------------------------------------------------------------

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""
        with self._lock:
            return {run_id: self._runs[run_id] for run_id in run_ids if run_id in self._runs}

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""
        with self._lock:
            attempts = self._attempts.get(run_id)
            return attempts.pick(attempts.rows) if attempts else []

    def load_current_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return, by seq, the newest attempt of each place and every live attempt."""
        with self._lock:
            attempts = self._attempts.get(run_id)
            if not attempts:
                return []
            return attempts.pick({*attempts.live, *(seqs[-1] for seqs in attempts.by_ref.values())})

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""
        with self._lock:
            attempts = self._attempts.get(run_id)
            return attempts.rows.get(seq) if attempts else None

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq."""
        with self._lock:
            attempts = self._attempts.get(run_id)
            if not attempts:
                return []
            places = (attempts.by_ref.get(ref, []) for ref in set(base_refs))
            return attempts.pick(seq for seqs in places for seq in seqs[bisect(seqs, after) :])

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first."""
        with self._lock:
            attempts = self._attempts.get(run_id)
            return list(attempts.logs.get(seq, ())) if attempts else []

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""
        with self._lock:
            return self._definitions.get(digest)

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        with self._lock:
            return [
                DueRow(due_at, run_id, seq, self._runs[run_id].holder if run_id in self._runs else None)
                for due_at, (run_id, seq) in self._timers.first(until, limit)
            ]

    def open_tasks(self, queues: Collection[str], limit: int) -> Sequence[TaskRow]:
        """Return attempts that any engine may take from these queues, by run_id and seq."""
        with self._lock:
            keys = (key for queue in set(queues) for key in self._open.get(queue, ()))
            return [self._attempts[run_id].rows[seq] for run_id, seq in heapq.nsmallest(limit, keys)]

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        with self._lock:
            return heapq.nsmallest(limit, self._held.get(holder, ()))

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""
        with self._lock:
            return self._start_keys.get((name, key))

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        with self._lock:
            ids: Iterable[str] = self._runs if where.parent_id is None else self._children.get(where.parent_id, ())
            found = [run for run in map(self._runs.__getitem__, ids) if _matches(run, where)]
        found.sort(key=lambda run: (run.created_at, run.run_id), reverse=True)
        return [run._replace(input=b"", output=b"", variables=b"") for run in found[offset : offset + limit]]

    # -- reading the registry ------------------------------------------------------------------------------------------

    def workflow(self, name: str, version: int | None) -> WorkflowRow | None:
        """Return a registered workflow; without a version the greatest one."""
        with self._lock:
            wanted = self._newest_version.get(name) if version is None else version
            return None if wanted is None else self._workflows.get((name, wanted))

    def workflows(self) -> Sequence[WorkflowRow]:
        """Return every registered workflow, by name and version."""
        with self._lock:
            return [self._workflows[key] for key in sorted(self._workflows)]

    def task_def(self, name: str) -> TaskDefRow | None:
        """Return a registered task definition."""
        with self._lock:
            return self._task_defs.get(name)

    def task_defs(self) -> Sequence[TaskDefRow]:
        """Return every registered task definition, by name."""
        with self._lock:
            return [self._task_defs[name] for name in sorted(self._task_defs)]

    def registry_version(self) -> int:
        """Return a number that changes whenever a workflow or a task definition is written."""
        with self._lock:
            return self._registry_version

    # -- engines -------------------------------------------------------------------------------------------------------

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row."""
        with self._lock:
            self._engines[engine.engine_id] = engine

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that is not forgotten, by id."""
        with self._lock:
            return [self._engines[engine_id] for engine_id in sorted(self._engines)]

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""
        with self._lock:
            self._engines.pop(engine_id, None)

    def listen(self) -> Listening | None:
        """Return nothing: there are no other processes."""
        return None

    def close(self) -> None:
        """Refuse everything from now on; closing twice is fine."""
        self._lock = _Closed()


class _Closed:
    """The lock of a closed store: nobody gets in."""

    def __enter__(self) -> NoReturn:
        raise StoreUnavailable("this store was closed")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nobody was let in, so nobody leaves."""


class _Attempts:
    """The attempts of one run, and their logs."""

    __slots__ = ("by_ref", "live", "logs", "rows")

    def __init__(self) -> None:
        self.rows: dict[int, TaskRow] = {}
        #: Per place the numbers of its attempts, ascending: what loops and `load_current_tasks` ask for.
        self.by_ref: dict[str, list[int]] = {}
        self.live: set[int] = set()
        self.logs: defaultdict[int, list[LogRow]] = defaultdict(list)

    def add(self, task: TaskRow) -> None:
        insort(self.by_ref.setdefault(task.base_ref, []), task.seq)
        self.put(task)

    def put(self, task: TaskRow) -> None:
        self.rows[task.seq] = task
        if task.status in _LIVE_TASK:
            self.live.add(task.seq)
        else:
            self.live.discard(task.seq)

    def remove(self, seq: int) -> TaskRow | None:
        self.logs.pop(seq, None)
        old = self.rows.pop(seq, None)
        if old is not None:
            self.live.discard(seq)
            seqs = self.by_ref[old.base_ref]
            seqs.remove(seq)
            if not seqs:
                del self.by_ref[old.base_ref]
        return old

    def pick(self, seqs: Iterable[int]) -> list[TaskRow]:
        """Return these attempts, by number."""
        return [self.rows[seq] for seq in sorted(seqs)]


class _Timers:
    """
    When what is due, as a heap whose outdated entries are dropped when they are met.

    Most timers (timeouts) are taken back before they fire; to leave them in the heap for a while is cheaper than to
    search them, and the heap is built anew when most of it is outdated.
    """

    __slots__ = ("_heap", "_times")

    def __init__(self) -> None:
        self._times: dict[_Key, int] = {}
        self._heap: list[tuple[int, _Key]] = []

    def set(self, key: _Key, due_at: int | None) -> None:
        """Say when *key* is due; None for never."""
        if due_at is None:
            self._times.pop(key, None)
        elif self._times.get(key) != due_at:
            self._times[key] = due_at
            heapq.heappush(self._heap, (due_at, key))
        if len(self._heap) > 64 + 2 * len(self._times):
            self._heap = [(at, timer) for timer, at in self._times.items()]
            heapq.heapify(self._heap)

    def first(self, until: int, limit: int) -> list[tuple[int, _Key]]:
        """Return the first *limit* timers that are due at or before *until*, by time and key."""
        found: list[tuple[int, _Key]] = []
        while self._heap and len(found) < limit and self._heap[0][0] <= until:
            entry = heapq.heappop(self._heap)
            # An entry can be there twice: set, taken back, and set to the same time again.
            if self._times.get(entry[1]) == entry[0] and (not found or found[-1] != entry):
                found.append(entry)
        for entry in found:
            heapq.heappush(self._heap, entry)
        return found


def _log_order(line: LogRow) -> int:
    return line.created_at


def _matches(run: RunRow, where: RunFilter) -> bool:
    return (
        (where.name is None or run.name == where.name)
        and (where.status is None or run.status == where.status)
        and (where.correlation_id is None or run.correlation_id == where.correlation_id)
        and (where.parent_id is None or run.parent_id == where.parent_id)
    )


if TYPE_CHECKING:
    _conforms: type[Backend] = MemoryBackend
