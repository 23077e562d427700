"""Runs, attempts, logs and definitions in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import DefinitionRow, LogRow, PulseRow, RunRow, TaskRow, WriteSet


class MemoryRuns(MemoryPart):
    """The `podium.engine.ports.RunStore` in memory."""

    def commit(self, writes: WriteSet) -> None:
        """Write everything or nothing; see `podium.engine.ports.RunStore.commit`."""
        with self._lock:
            self._tables.write(writes)

    def load_runs(self, run_ids: Collection[str]) -> Mapping[str, RunRow]:
        """Return the runs that exist, by id."""
        with self._lock:
            return {run_id: self._tables.runs[run_id] for run_id in run_ids if run_id in self._tables.runs}

    def pulses(self, run_ids: Collection[str]) -> Mapping[str, PulseRow]:
        """Return revision and status of the runs that exist, by id."""
        with self._lock:
            found = (run for run_id in run_ids if (run := self._tables.runs.get(run_id)) is not None)
            return {run.run_id: PulseRow(run.run_id, run.revision, run.status) for run in found}

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Return every attempt of a run, by seq."""
        with self._lock:
            attempts = self._tables.attempts.get(run_id)
            return attempts.pick(attempts.seqs) if attempts else []

    def load_current_tasks(self, run_ids: Collection[str]) -> Mapping[str, Sequence[TaskRow]]:
        """Return, by run and seq, the newest attempt of each place and every live attempt."""
        with self._lock:
            found = {run_id: attempts for run_id in run_ids if (attempts := self._tables.attempts.get(run_id))}
            return {run_id: attempts.current() for run_id, attempts in found.items() if attempts.seqs}

    def load_task(self, run_id: str, seq: int) -> TaskRow | None:
        """Return one attempt, or None."""
        with self._lock:
            attempts = self._tables.attempts.get(run_id)
            return attempts.find(seq) if attempts else None

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Return the attempts of the named places with a seq above *after*, by seq."""
        with self._lock:
            attempts = self._tables.attempts.get(run_id)
            return attempts.of_places(base_refs, after) if attempts else []

    def load_logs(self, run_id: str, seq: int) -> Sequence[LogRow]:
        """Return the log lines of an attempt, oldest first."""
        with self._lock:
            attempts = self._tables.attempts.get(run_id)
            return attempts.logs(seq) if attempts else []

    def load_definition(self, digest: str) -> DefinitionRow | None:
        """Return a definition that runs keep, or None."""
        with self._lock:
            return self._tables.definitions.get(digest)

    def run_of_key(self, name: str, key: str) -> str | None:
        """Return the id of the run that was started with an idempotency key, or None."""
        with self._lock:
            return self._tables.start_keys.get((name, key))
