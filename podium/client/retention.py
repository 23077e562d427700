"""Deleting runs that have ended: one by its id, or all of an age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from podium.client.engine import EmbeddedEngine
from podium.engine.ports import RetentionStore
from podium.engine.rows import EndedRow
from podium.model.durations import seconds
from podium.model.errors import IllegalTransition, InvalidRequest

#: How many runs, with all below them, one commit deletes: others wait no longer than for any other commit.
_BATCH = 200


class Retention:
    """Deletes from an engine's store, beside its kernel: what has ended is nobody's work any more."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    def delete(self, run_id: str) -> None:
        """Delete a run; see `podium.Client.delete`."""
        if not self._engine.backend.delete_runs([run_id]):
            raise IllegalTransition(self._hindrance(run_id))

    def _hindrance(self, run_id: str) -> str:
        run = self._engine.reader.run(run_id, with_tasks=False)
        if not run.status.is_terminal:
            return f"the run {run_id} is {run.status}; only a run that has ended is deleted: terminate it first"
        if run.parent_workflow_id is not None:
            return f"the run {run_id} is a sub-workflow, and goes with the run {run.parent_workflow_id}: delete that"
        return f"the run {run_id} has a sub-workflow that has not ended; only a whole family is deleted"

    def prune(self, older_than: timedelta | str, workflow: str | None, *, dry_run: bool) -> dict[str, int]:
        """Delete all runs of an age; see `podium.Client.prune`."""
        try:
            age_ms = seconds(older_than) * 1_000
        except ValueError as error:
            raise InvalidRequest(f"older_than: {error}") from None
        backend = self._engine.backend
        found: Counter[str] = Counter()
        for part in _parts(backend, self._engine.clock.now() - age_ms, workflow):
            found.update((backend.deletable_runs if dry_run else backend.delete_runs)(part).values())
        return dict(sorted(found.items()))


def _parts(store: RetentionStore, until: int, name: str | None) -> Iterator[list[str]]:
    """Yield the ids of runs that ended until then, part by part."""
    after: EndedRow | None = None
    while rows := store.ended_runs(until, name, after, _BATCH):
        yield [row.run_id for row in rows]
        after = rows[-1]
