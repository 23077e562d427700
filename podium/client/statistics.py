"""What many runs of a store come to."""

from __future__ import annotations

from podium.client.checked import checked_filter, checked_limit
from podium.client.engine import EmbeddedEngine
from podium.client.views import StoreViews
from podium.engine.rows import RunFilter
from podium.model.definitions import WorkflowDef
from podium.model.errors import WorkflowNotFound
from podium.model.statistics import RunStatistics, places_of, statistics_from

#: Most attempts that are counted: a store takes about a second for so many.
_ATTEMPTS_MAX = 200_000


class Statistics:
    """
    Counts the runs of a store.

    Args:
        views: What a client sees of the store.
        engine: Has the store.
    """

    def __init__(self, views: StoreViews, engine: EmbeddedEngine) -> None:
        self._views = views
        self._backend = engine.backend

    def counted(
        self, name: str | None, version: int | None, started: tuple[int | None, int | None], limit: int
    ) -> RunStatistics:
        """Return what `podium.Client.statistics` promises; *started* in epoch milliseconds."""
        where = checked_filter(RunFilter(name=name, version=version, started_from=started[0], started_to=started[1]))
        most = checked_limit(limit)
        definition = None if name is None else self._definition(where)
        if definition is not None:
            where = where._replace(version=definition.version)
        places = frozenset[str]() if definition is None else places_of(definition)
        runs = self._backend.run_statistics(where, most)
        attempts = self._backend.task_statistics(where, places, most, _ATTEMPTS_MAX)
        return statistics_from(
            (*runs, *attempts),
            definition=definition,
            started_from=where.started_from,
            started_to=where.started_to,
            is_partial=sum(one.number for one in runs) >= most or sum(one.number for one in attempts) >= _ATTEMPTS_MAX,
        )

    def _definition(self, where: RunFilter) -> WorkflowDef:
        """Return the definition of the newest run that counts; without one the registered one."""
        newest = self._views.runs(where, 1, 0) or self._views.runs(
            RunFilter(name=where.name, version=where.version), 1, 0
        )
        if newest:
            found = self._views.run(newest[0].workflow_id, with_tasks=False).workflow_definition
            if found is not None:
                return found
        versions = {one.version: one for one in self._views.workflows() if one.name == where.name}
        if not versions or (where.version or max(versions)) not in versions:
            which = f"version {where.version} of " if where.version is not None and versions else ""
            raise WorkflowNotFound(f"there is no run of {which}workflow {where.name!r}, and it is not registered")
        return versions[where.version or max(versions)]
