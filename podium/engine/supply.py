"""
What decisions have needed so far, fetched between them.

It stands between the decisions, which read nothing, and the store, the registry and the script processes. What it has
fetched it keeps as long as one group of events is in work, so a group that is decided again needs no second read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from podium.engine.config import ScriptRunner
from podium.engine.library import DefinitionLibrary
from podium.engine.missing import (
    Bodies,
    CachedOutput,
    Messages,
    Missing,
    Need,
    Registered,
    ScriptCall,
    Slots,
    StartKey,
    WholeRun,
)
from podium.engine.ports import Backend
from podium.engine.records import TaskRecord, task_record
from podium.engine.rows import MessageRow, SlotRow, TaskRow
from podium.engine.start_keys import KeyHolder
from podium.engine.state import RunState
from podium.engine.views import view_of
from podium.model.codec import to_dict
from podium.model.errors import InternalError
from podium.model.payloads import parse
from podium.model.statuses import RunStatus
from podium.model.values import JsonValue


class Supply:
    """The answers to what decisions have asked. Belongs to the kernel's thread."""

    def __init__(self, backend: Backend, library: DefinitionLibrary, scripts: ScriptRunner) -> None:
        self._backend = backend
        self._library = library
        self._scripts = scripts
        self._rows: dict[Bodies | WholeRun, Sequence[TaskRow]] = {}
        self._slots: dict[str, Sequence[SlotRow]] = {}
        self._keys: dict[StartKey, KeyHolder | None] = {}
        self._outputs: dict[str, Mapping[str, JsonValue] | None] = {}
        self._messages: dict[Messages, Sequence[MessageRow]] = {}

    # -- between decisions -------------------------------------------------------------------------------------------

    def fetch(self, need: Need) -> bool:
        """
        Fetch what a decision lacks.

        Returns:
            False for a script that needs longer than the kernel's thread can wait: it must be run aside.

        Raises:
            StoreUnavailable: It cannot be read now.
        """
        if isinstance(need, ScriptCall):
            return self._scripts.run(need)
        if isinstance(need, Registered):
            self._library.fetch(need)
        elif isinstance(need, Messages):
            self._messages[need] = self._backend.load_messages(need.run_id, need.after, need.limit)
        elif isinstance(need, Bodies):
            self._rows[need] = self._backend.load_bodies(need.run_id, need.base_refs, need.after)
        elif isinstance(need, Slots):
            self._slots[need.name] = self._backend.slots(need.name)
        elif isinstance(need, CachedOutput):
            row = self._backend.cached(need.key, need.now)
            self._outputs[need.key] = None if row is None else parse(row.body)
        elif isinstance(need, StartKey):
            self._keys[need] = self._holder_of(need)
        else:
            self._rows[need] = self._backend.load_tasks(need.run_id)
        return True

    def _holder_of(self, need: StartKey) -> KeyHolder | None:
        run_id = self._backend.run_of_key(need.name, need.key)
        row = None if run_id is None else self._backend.load_runs([run_id]).get(run_id)
        if row is None:
            return None
        return KeyHolder(row.run_id, RunStatus(row.status).is_terminal, row.parent_id, row.parent_seq)

    def fetch_now(self, need: Need) -> None:
        """
        Fetch what cannot take long.

        Raises:
            StoreUnavailable: It cannot be read now.
            InternalError: It is a script that takes long; none runs outside the steps of an agenda.
        """
        if not self.fetch(need):
            raise InternalError(f"a script ran outside a step: {need!r:.200}")

    def forget(self) -> None:
        """Let go of everything: another group begins."""
        self._rows.clear()
        self._slots.clear()
        self._keys.clear()
        self._outputs.clear()
        self._messages.clear()

    # -- what decisions call -----------------------------------------------------------------------------------------

    def history(self, state: RunState, base_refs: Collection[str], after: int) -> Sequence[TaskRecord]:
        """Return what the store has, overlaid with what this group has changed; see `DecisionContext.history`."""
        wanted = frozenset(base_refs)
        found = self._stored(state, Bodies(state.run.run_id, state.run.revision, wanted, after))
        found |= {seq: record for seq, record in state.changed.items() if seq > after and record.base_ref in wanted}
        for seq in () if state.besides is None else state.besides.deleted:
            found.pop(seq, None)
        return [found[seq] for seq in sorted(found)]

    def snapshot(self, state: RunState) -> Mapping[str, JsonValue]:
        """Return the whole run as the API shows it, this group's changes included; see `DecisionContext.snapshot`."""
        shown: Mapping[str, JsonValue] = to_dict(
            view_of(state.run, self.attempts(state), state.plan, is_masked=False)  # for a run that masks the same
        )
        return shown

    def attempts(self, state: RunState) -> Sequence[TaskRecord]:
        """Return all attempts of a run, this group's changes included; see `DecisionContext.attempts`."""
        found = self._stored(state, WholeRun(state.run.run_id, state.run.revision))
        found |= state.changed
        for seq in () if state.besides is None else state.besides.deleted:
            found.pop(seq, None)
        return [found[seq] for seq in sorted(found)]

    def slots(self, name: str) -> Sequence[SlotRow]:
        """Return the slots of a limit that the store has; see `podium.engine.slots.SlotBook`."""
        rows = self._slots.get(name)
        if rows is None:
            raise Missing(Slots(name))
        return rows

    def cached(self, key: str, now: int) -> Mapping[str, JsonValue] | None:
        """Return the output that is kept under a key and has not expired, or None."""
        if key not in self._outputs:
            raise Missing(CachedOutput(key, now))
        return self._outputs[key]

    def key_holder(self, name: str, key: str) -> KeyHolder | None:
        """Return the run that has an idempotency key in the store, or None."""
        need = StartKey(name, key)
        if need not in self._keys:
            raise Missing(need)
        return self._keys[need]

    def messages(self, state: RunState, after: int, limit: int) -> Sequence[MessageRow]:
        """Return messages that wait for a run, by number; see `DecisionContext.messages`."""
        new = () if state.besides is None else state.besides.new_messages
        unsaved = [row for row in new if row.number > after]
        if state.run.received - after == len(unsaved):
            return unsaved[:limit]
        need = Messages(state.run.run_id, state.run.revision, after, limit)
        rows = self._messages.get(need)
        if rows is None:
            raise Missing(need)
        return [*rows, *unsaved][:limit]

    def _stored(self, state: RunState, need: Bodies | WholeRun) -> dict[int, TaskRecord]:
        if not state.run.revision or (state.besides is not None and state.besides.is_emptied):
            return {}
        rows = self._rows.get(need)
        if rows is None:
            raise Missing(need)
        return {row.seq: task_record(row, state.node(row.base_ref)) for row in rows}
