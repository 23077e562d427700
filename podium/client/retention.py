"""Deleting runs that have ended: one by its id, or all of an age, perhaps into an archive."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial

from attrs import frozen

from podium.client.archive import Archive, whole_run
from podium.engine.ports import Backend, RetentionStore
from podium.engine.reader import Reader
from podium.engine.rows import EndedRow
from podium.model.errors import IllegalTransition, RunNotFound
from podium.model.retention import age_s
from podium.model.runs import WorkflowRun

#: How many runs, with all below them, one commit deletes: others wait no longer than for any other commit.
_BATCH = 200


@frozen
class Retention:
    """
    Deletes from a store, beside its engines: what has ended is nobody's work any more.

    Attributes:
        backend: The store.
        reader: What reads it.
        now: The time, in epoch milliseconds.
    """

    backend: Backend
    reader: Reader
    now: int

    def delete(self, run_id: str) -> None:
        """Delete a run; see `podium.Client.delete`."""
        if not self.backend.delete_runs([run_id]):
            raise IllegalTransition(hindrance(self.reader.run(run_id, with_tasks=False)))

    def prune(
        self,
        older_than: timedelta | str,
        workflow: str | None,
        *,
        dry_run: bool = False,
        archive: str | os.PathLike[str] | None = None,
        spared: Collection[str] = (),
    ) -> dict[str, int]:
        """
        Delete all runs of an age; see `podium.Client.prune`.

        Args:
            older_than: As there.
            workflow: As there.
            dry_run: As there.
            archive: As there.
            spared: Workflows whose runs stay, where those of any go.
        """
        found: Counter[str] = Counter()
        for part in self.parts(older_than, workflow, dry_run=dry_run, archive=archive, spared=spared):
            found.update(part.values())
        return dict(sorted(found.items()))

    def parts(
        self,
        older_than: timedelta | str,
        workflow: str | None,
        *,
        dry_run: bool = False,
        archive: str | os.PathLike[str] | None = None,
        spared: Collection[str] = (),
    ) -> Iterator[Mapping[str, str]]:
        """Do what `prune` does, one commit after the other; yield the runs of each, and their workflows' names."""
        until = self.now - int(age_s(older_than) * 1_000)
        with ExitStack() as stack:
            remove: Callable[[Collection[str]], Mapping[str, str]] = self.backend.delete_runs
            if dry_run:
                remove = self.backend.deletable_runs
            elif archive is not None:
                remove = partial(self._archived, stack.enter_context(closing(Archive(archive))))
            for part in _parts(self.backend, until, workflow):
                yield remove(self._unspared(part, spared))

    def _unspared(self, run_ids: list[str], spared: Collection[str]) -> list[str]:
        if not spared:
            return run_ids
        names = self.backend.deletable_runs(run_ids)
        return [run_id for run_id in run_ids if names.get(run_id) not in spared]

    def _archived(self, file: Archive, run_ids: Collection[str]) -> Mapping[str, str]:
        """Write runs and those below them into an archive, then delete those that are still as they were written."""
        going = self.backend.deletable_runs(run_ids)
        revisions = {pulse.run_id: pulse.revision for pulse in self.backend.pulses(going).values()}
        runs = []
        for run_id in going:
            try:
                runs.append(whole_run(self.reader, run_id))
            except RunNotFound:
                revisions.pop(run_id, None)  # another process has deleted it since
        if not runs:
            return {}
        file.add(runs)
        return self.backend.delete_runs(run_ids, revisions)


def hindrance(run: WorkflowRun) -> str:
    """Return why a run is not deleted."""
    run_id = run.workflow_id
    if not run.status.is_terminal:
        return f"the run {run_id} is {run.status}; only a run that has ended is deleted: terminate it first"
    if run.parent_workflow_id is not None:
        return f"the run {run_id} is a sub-workflow, and goes with the run {run.parent_workflow_id}: delete that"
    return f"the run {run_id} has a sub-workflow that has not ended; only a whole family is deleted"


def _parts(store: RetentionStore, until: int, name: str | None) -> Iterator[list[str]]:
    """Yield the ids of runs that ended until then, part by part."""
    after: EndedRow | None = None
    while rows := store.ended_runs(until, name, after, _BATCH):
        yield [row.run_id for row in rows]
        after = rows[-1]
