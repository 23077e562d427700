"""The rows of the memory store, and how a commit writes them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection

from podium.backends.memory.attempts import DueHeap, Key, RunAttempts
from podium.engine.rows import (
    AuditRow,
    CachedRow,
    DefinitionRow,
    EngineRow,
    EntryRow,
    HandOverRow,
    MessageRow,
    OutboxRow,
    RunRow,
    ScheduleRow,
    SchemaRow,
    SlotRow,
    TaskDefRow,
    TaskRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import InternalError, StaleRun
from podium.model.statuses import RunStatus

#: What an attempt that is not there has: no moment, no queue and no rank.
_NOWHERE = (None, None, 0)

_LIVE_RUN = frozenset(status.value for status in RunStatus if not status.is_terminal)


class Tables:
    """Rows by their keys, and sets of keys by what is asked for; whoever uses them holds the store's lock."""

    def __init__(self) -> None:
        self.runs: dict[str, RunRow] = {}
        self.attempts: defaultdict[str, RunAttempts] = defaultdict(RunAttempts)
        self.held: defaultdict[str | None, set[str]] = defaultdict(set)
        self.children: defaultdict[str, set[str]] = defaultdict(set)
        #: What lies open, by queue: rank, run and number, in this order.
        self.open: defaultdict[str, list[tuple[int, str, int]]] = defaultdict(list)
        self.timers = DueHeap()
        self.definitions: dict[str, DefinitionRow] = {}
        self.start_keys: dict[tuple[str, str], str] = {}
        self.slots: dict[tuple[str, int], SlotRow] = {}
        self.workflows: dict[tuple[str, int], WorkflowRow] = {}
        self.newest_version: dict[str, int] = {}
        self.task_defs: dict[str, TaskDefRow] = {}
        self.schemas: dict[tuple[str, int], SchemaRow] = {}
        self.entries: dict[tuple[str, str], EntryRow] = {}
        self.registry_version = 0
        self.cached: dict[str, CachedRow] = {}
        self.messages: defaultdict[str, dict[int, MessageRow]] = defaultdict(dict)
        self.outbox: dict[str, OutboxRow] = {}
        self.audit: dict[str, AuditRow] = {}
        self.schedules: dict[str, ScheduleRow] = {}
        self.engines: dict[str, EngineRow] = {}

    def write(self, writes: WriteSet) -> None:
        """Write everything or nothing: all that can be wrong is looked for before the first change."""
        self._refuse_stale(writes)
        self._refuse_contradictions(writes)
        self._write_runs(writes)
        self._write_tasks(writes)
        if not writes.is_of_runs():
            self._write_registry(writes)
            self._write_beside(writes)

    def _refuse_stale(self, writes: WriteSet) -> None:
        """Check runs and start keys in the order in which they would be written, so that nothing has to be undone."""
        revisions: dict[str, int] = {}
        for run in writes.new_runs:
            if run.run_id in self.runs or run.run_id in revisions:
                raise StaleRun(f"the run {run.run_id} exists already")
            revisions[run.run_id] = run.revision
        # A run may be new and changed in one write set: each revision is compared with the one before it.
        changed: list[RunRow | HandOverRow] = [*writes.runs, *writes.handed_over]
        for row in changed:
            run_id, revision = row.run_id, row.revision
            known = self.runs.get(run_id)
            if revisions.get(run_id, known.revision if known else None) != revision - 1:
                raise StaleRun(f"the run {run_id} is not at revision {revision - 1}")
            revisions[run_id] = revision
        taken: set[tuple[str, str]] = set()
        for name, key, _, replaces in writes.start_keys:
            if self.start_keys.get((name, key)) != replaces or (name, key) in taken:
                raise StaleRun(f"the start key {key!r} of {name} is taken")
            taken.add((name, key))
        if writes.slots:
            self._refuse_taken_slots(writes)
        if writes.schedules:
            self._refuse_stale_schedules(writes)

    def _refuse_taken_slots(self, writes: WriteSet) -> None:
        freed = {slot[:4] for slot in writes.freed_slots}
        taken: set[tuple[str, int]] = set()
        for slot in writes.slots:
            known = self.slots.get(slot[:2])
            # As in SQL, where the delete of an expired or freed slot comes before the insert that takes it.
            is_free = known is None or known[:4] in freed or 0 < known.expires_at <= slot.taken_at
            if not is_free or slot[:2] in taken:
                raise StaleRun(f"slot {slot.number} of {slot.name} is taken")
            taken.add(slot[:2])

    def _refuse_stale_schedules(self, writes: WriteSet) -> None:
        revisions = dict.fromkeys(writes.deleted_schedules, 0)
        # New ones first: a schedule that is deleted and made anew may change in the same commit.
        for row in sorted(writes.schedules, key=lambda row: row.revision > 1):
            known = self.schedules.get(row.name)
            if revisions.get(row.name, known.revision if known else 0) != row.revision - 1:
                raise StaleRun(f"the schedule {row.name} is not at revision {row.revision - 1}")
            revisions[row.name] = row.revision

    def _refuse_contradictions(self, writes: WriteSet) -> None:
        """Check that new attempts are new and changed ones exist."""
        emptied = set(writes.emptied_runs)
        # Bound once, since every step passes here.
        known = self.attempts.get
        born: set[Key] = set()
        for task in writes.new_tasks:
            run_id, seq = key = task[:2]
            attempts = known(run_id)
            if key in born or (attempts is not None and seq in attempts.rows and run_id not in emptied):
                raise InternalError(f"attempt {seq} of run {run_id} exists already")
            born.add(key)
        for task in writes.tasks:
            run_id, seq = key = task[:2]
            attempts = known(run_id)
            if (attempts is None or seq not in attempts.rows or run_id in emptied) and key not in born:
                raise InternalError(f"attempt {seq} of run {run_id} does not exist")

    def _write_runs(self, writes: WriteSet) -> None:
        for definition in writes.definitions:
            self.definitions.setdefault(definition.digest, definition)
        for run in writes.new_runs:
            self._put_run(None, run)
        for run in writes.runs:
            self._put_run(self.runs[run.run_id], run)
        for run_id, revision, holder in writes.handed_over:
            held = self.runs[run_id]
            self._put_run(held, held._replace(revision=revision, holder=holder))
        for run_id in writes.emptied_runs:
            self._empty(run_id)
        for name, key, run_id, _ in writes.start_keys:
            self.start_keys[name, key] = run_id
        for slot in writes.freed_slots:
            known = self.slots.get(slot[:2])
            # Who frees a slot that has passed on to somebody else must not take it from him.
            if known is not None and known[:4] == slot[:4]:
                del self.slots[slot[:2]]
        for slot in writes.slots:
            self.slots[slot[:2]] = slot

    def _put_run(self, old: RunRow | None, new: RunRow) -> None:
        run_id = new.run_id
        self.runs[run_id] = new
        if old is not None and old.holder != new.holder:
            self.held[old.holder].discard(run_id)
        if new.status in _LIVE_RUN:
            self.held[new.holder].add(run_id)
        else:
            self.held[new.holder].discard(run_id)
        if new.parent_id is not None:  # which stays
            self.children[new.parent_id].add(run_id)
        if new.due_at != (None if old is None else old.due_at):
            self.timers.set((run_id, 0), new.due_at)

    def _write_tasks(self, writes: WriteSet) -> None:
        for task in writes.new_tasks:
            self.attempts[task.run_id].add(task)
            if task.due_at is not None or task.open_queue is not None:
                self._index_task(*_NOWHERE, task)
        for task in writes.tasks:
            due_at, open_queue, open_rank = self.attempts[task.run_id].change(task)
            if task.due_at != due_at or task.open_queue != open_queue or open_queue is not None:
                self._index_task(due_at, open_queue, open_rank, task)
        for key in writes.deleted_tasks:
            self._delete(key)
        for line in writes.logs:
            self.attempts[line.run_id].log(line)

    def _index_task(self, due_at: int | None, open_queue: str | None, open_rank: int, new: TaskRow) -> None:
        """Keep what `due` and `open_tasks` look at in step with an attempt; the first three are what it had before."""
        if new.due_at != due_at:
            self.timers.set((new.run_id, new.seq), new.due_at)
        before = None if open_queue is None else (open_queue, open_rank)
        after = None if new.open_queue is None else (new.open_queue, new.open_rank)
        if before == after:
            return
        if before is not None:
            queue, rank = before
            line = self.open[queue]
            # The line is sorted, so the entry is found without a walk; a queue may hold a hundred thousand.
            del line[bisect_left(line, (rank, new.run_id, new.seq))]
        if after is not None:
            queue, rank = after
            insort(self.open[queue], (rank, new.run_id, new.seq))

    def _delete(self, key: Key) -> None:
        """Remove an attempt and its logs, if it exists."""
        attempts = self.attempts.get(key[0])
        old = attempts.remove(key[1]) if attempts is not None else None
        if old is not None:
            self._index_task(old.due_at, old.open_queue, old.open_rank, old._replace(due_at=None, open_queue=None))

    def _empty(self, run_id: str) -> None:
        """Remove all attempts and logs of a run."""
        attempts = self.attempts.get(run_id)
        if attempts is not None:
            for seq in list(attempts.seqs):
                self._delete((run_id, seq))
            del self.attempts[run_id]

    def delete_runs(self, run_ids: Collection[str]) -> None:
        """Remove runs with all that is theirs; none of them is live."""
        for run_id in run_ids:
            self._empty(run_id)
            run = self.runs.pop(run_id)
            if run.parent_id is not None:
                self.children[run.parent_id].discard(run_id)
            self.children.pop(run_id, None)
            self.timers.set((run_id, 0), None)
            self.messages.pop(run_id, None)
        # A walk over all keys: deletions are rare, and an index by run would cost every start.
        for key in [key for key, run_id in self.start_keys.items() if run_id in run_ids]:
            del self.start_keys[key]

    def _write_registry(self, writes: WriteSet) -> None:
        for key in writes.deleted_workflows:
            if self.workflows.pop((key[0], key[1]), None) is not None:
                self._find_newest(key[0])
        for name in writes.deleted_task_defs:
            self.task_defs.pop(name, None)
        for key in writes.deleted_schemas:
            self.schemas.pop((key[0], key[1]), None)
        for workflow in writes.workflows:
            self.workflows[workflow.name, workflow.version] = workflow
            self.newest_version[workflow.name] = max(workflow.version, self.newest_version.get(workflow.name, 0))
        for task_def in writes.task_defs:
            self.task_defs[task_def.name] = task_def
        for entry_key in writes.deleted_entries:
            self.entries.pop((entry_key[0], entry_key[1]), None)
        for schema in writes.schemas:
            self.schemas[schema.name, schema.version] = schema
        for entry in writes.entries:
            self.entries[entry.kind, entry.name] = entry
        if writes.is_of_registry():
            self.registry_version += 1

    def _find_newest(self, name: str) -> None:
        versions = [version for known, version in self.workflows if known == name]
        if versions:
            self.newest_version[name] = max(versions)
        else:
            self.newest_version.pop(name, None)

    def _write_beside(self, writes: WriteSet) -> None:
        for row in writes.cached:
            self.cached[row.key] = row
        for name in writes.deleted_schedules:
            self.schedules.pop(name, None)
        for schedule in sorted(writes.schedules, key=lambda row: row.revision > 1):
            self.schedules[schedule.name] = schedule
        for event in writes.outbox:
            # Committed under the same id before: it goes out once.
            self.outbox.setdefault(event.event_id, event)
        for run_id in writes.emptied_inboxes:
            self.messages.pop(run_id, None)
        for run_id, number in writes.taken_messages:
            if run_id in self.messages:
                self.messages[run_id].pop(number, None)
        for message in writes.new_messages:
            self.messages[message.run_id][message.number] = message
