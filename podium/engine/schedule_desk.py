"""The schedules that a group of events has to do with: what is asked of them, and the moments that have come."""

from __future__ import annotations

from typing import Protocol

from attrs import evolve

from podium.engine.events import Event, Terminate
from podium.engine.news import ScheduleTurned
from podium.engine.plan import Plan
from podium.engine.ports import IdSource, ScheduleStore
from podium.engine.requests import (
    DeleteSchedule,
    FireSchedule,
    PauseSchedule,
    ResumeSchedule,
    RunSchedule,
    SaveSchedule,
    ScheduleRequest,
    StartRequest,
)
from podium.engine.rows import ScheduleRow
from podium.engine.scheduling import QUEUE_MAX, ScheduleRecord, due_moments, run_input, schedule_record
from podium.model.errors import DefinitionError, RequestError, ScheduleNotFound
from podium.model.schedules import Firing, FiringOutcome, Overlap


class Starts(Protocol):
    """What it needs of the group."""

    def start(self, request: StartRequest) -> str:
        """Start a run and return its id."""

    def plan_of(self, name: str, version: int | None) -> Plan:
        """Return the plan of a registered workflow."""

    def is_live(self, run_id: str) -> bool:
        """Return whether a run is there and has not ended."""

    def send(self, event: Event) -> None:
        """Let an event happen in this commit."""


class ScheduleDesk:
    """
    The schedules as one group of events sees and changes them.

    Attributes:
        news: What became of moments, in order.
    """

    def __init__(self, store: ScheduleStore, ids: IdSource, now: int, starts: Starts) -> None:
        self._store = store
        self._ids = ids
        self._now = now
        self._starts = starts
        #: As they stand; None for those that are gone.
        self._known: dict[str, ScheduleRecord | None] = {}
        #: Those that the store has.
        self._stored: set[str] = set()
        self._changed: dict[str, None] = {}
        self._before: tuple[dict[str, ScheduleRecord | None], dict[str, None], int] = ({}, {}, 0)
        self.news: list[ScheduleTurned] = []

    # -- the group -----------------------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Remember how everything stands before the next request."""
        self._before = (dict(self._known), dict(self._changed), len(self.news))

    def undo(self) -> None:
        """Take back what was done since the mark."""
        known, changed, news = self._before
        self._known, self._changed = dict(known), dict(changed)
        del self.news[news:]

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._changed)

    def rows(self) -> tuple[list[ScheduleRow], list[str]]:
        """Return the schedules to write, and the names of those to remove before that."""
        records = {name: self._known[name] for name in self._changed}
        written = [record.row() for record in records.values() if record is not None]
        # One may be deleted and made anew in one group: the new one knows nothing of the revision that is stored.
        is_gone = {name for name, record in records.items() if record is None or not record.revision}
        return written, [name for name in records if name in is_gone & self._stored]

    # -- what is asked -------------------------------------------------------------------------------------------------

    def act(self, request: ScheduleRequest) -> str | None:
        """
        Do what is asked; gives the id of the run that `RunSchedule` starts.

        Raises:
            ScheduleNotFound: There is no such schedule.
            WorkflowNotFound: A schedule is to be saved whose workflow is not registered.
        """
        if isinstance(request, SaveSchedule):
            self._save(request)
        elif isinstance(request, FireSchedule):
            self._fire(request)
        elif isinstance(request, RunSchedule):
            return self._run(request)
        elif isinstance(request, DeleteSchedule):
            self._put(self._get(request.name), is_gone=True)
        elif isinstance(request, PauseSchedule):
            record = self._get(request.name)
            paused = evolve(record.schedule, paused=True, paused_reason=request.reason)
            self._put(evolve(record, schedule=paused, due_at=None))
        elif isinstance(request, ResumeSchedule):
            self._resume(self._get(request.name))
        return None

    def _save(self, request: SaveSchedule) -> None:
        schedule, known = request.schedule, self._find(request.schedule.name or "")
        if not request.is_early:
            self._starts.plan_of(schedule.workflow or "", schedule.version)
        if known is None:
            due_at = None if schedule.paused else schedule.after(self._now)
            self._put(ScheduleRecord(schedule=schedule, due_at=due_at, created_at=self._now, updated_at=self._now))
            return
        before = known.schedule
        if request.keeps_pause:
            schedule = evolve(schedule, paused=before.paused, paused_reason=before.paused_reason)
        if schedule.to_dict() == before.to_dict():
            return
        timing = ("cron", "zone", "start_ms", "end_ms", "paused")
        is_same_time = all(getattr(schedule, name) == getattr(before, name) for name in timing)
        due_at = None if schedule.paused else known.due_at if is_same_time else schedule.after(self._now)
        self._put(evolve(known, schedule=schedule, due_at=due_at))

    def _resume(self, record: ScheduleRecord) -> None:
        if record.schedule.paused:
            schedule = evolve(record.schedule, paused=False, paused_reason=None)
            # What came while it was paused was not wanted; what waited for a run before that goes on.
            self._put(self._released(evolve(record, schedule=schedule, due_at=schedule.after(self._now))))

    def _run(self, request: RunSchedule) -> str:
        record = self._get(request.name)
        if any(firing.run_id == request.run_id for firing in record.history):
            return request.run_id  # the commit of an earlier try went through after all
        self._starts.plan_of(record.schedule.workflow or "", record.schedule.version)
        self._put(self._started(record, self._now, request.run_id))
        return request.run_id

    # -- moments -------------------------------------------------------------------------------------------------------

    def _fire(self, request: FireSchedule) -> None:
        record = self._find(request.name)
        if record is None or record.due_at != request.due_at or record.due_at > self._now:
            return  # somebody else has dealt with it
        due = due_moments(record.schedule, record.due_at, self._now)
        record = evolve(record, due_at=due.next_at)
        if due.missed is not None:
            record = self._noted(record, due.missed, FiringOutcome.MISSED, reason="no engine was there")
        for moment in due.moments:
            record = self._dealt_with(record, moment)
        self._put(record)

    def _dealt_with(self, record: ScheduleRecord, moment: int) -> ScheduleRecord:
        """Start a run for a moment, or do what the policy of overlap says instead."""
        policy = record.schedule.overlap
        if policy is Overlap.ALLOW:
            return self._started(record, moment)
        record = self._looked_at(record)
        if policy is Overlap.TERMINATE:
            for run_id in record.runs:
                self._starts.send(Terminate(run_id, f"schedule {record.name} begins its next run"))
        elif record.runs or record.waiting:
            busy = f"run {record.runs[0]} has not ended" if record.runs else "others wait"
            if policy is Overlap.SKIP:
                return self._noted(record, moment, FiringOutcome.SKIPPED, reason=busy)
            if len(record.waiting) >= QUEUE_MAX:
                return self._noted(record, moment, FiringOutcome.SKIPPED, reason=f"{QUEUE_MAX} moments wait already")
            queued = evolve(record, waiting=(*record.waiting, moment))
            return self._noted(queued, moment, FiringOutcome.QUEUED, reason=busy)
        return self._started(record, moment)

    def ended(self, name: str, run_id: str) -> None:
        """A run of a schedule has ended: let the next one begin that waited for it."""
        record = self._find(name)
        if record is not None and run_id in record.runs:
            record = evolve(record, runs=tuple(one for one in record.runs if one != run_id))
            self._put(record if record.schedule.paused else self._released(record))

    def _released(self, record: ScheduleRecord) -> ScheduleRecord:
        """Let moments that wait have their runs, as long as nothing is in their way."""
        record = self._looked_at(record) if record.waiting else record
        while record.waiting and not record.runs:
            moment, *rest = record.waiting
            record = self._started(evolve(record, waiting=tuple(rest)), moment)
        return record

    def _looked_at(self, record: ScheduleRecord) -> ScheduleRecord:
        """Forget the runs that have ended, by whatever way."""
        return evolve(record, runs=tuple(run_id for run_id in record.runs if self._starts.is_live(run_id)))

    def _started(self, record: ScheduleRecord, moment: int, run_id: str | None = None) -> ScheduleRecord:
        """Start a run for a moment, or note why that cannot be."""
        schedule = record.schedule
        is_watched = schedule.overlap is not Overlap.ALLOW
        run_id = run_id or self._ids.run_id()
        request = StartRequest(
            run_id,
            run_input(schedule, moment, self._now, run_id),
            name=schedule.workflow,
            version=schedule.version,
            correlation_id=schedule.correlation_id,
            priority=schedule.priority,
            task_to_domain=schedule.task_to_domain,
            schedule=record.name if is_watched else None,
        )
        try:
            self._starts.start(request)
        except (RequestError, DefinitionError) as error:
            return self._noted(record, moment, FiringOutcome.FAILED, reason=str(error))
        if is_watched and self._starts.is_live(run_id):
            record = evolve(record, runs=(*record.runs, run_id))
        return self._noted(record, moment, FiringOutcome.STARTED, run_id)

    def _noted(
        self,
        record: ScheduleRecord,
        moment: int,
        outcome: FiringOutcome,
        run_id: str | None = None,
        reason: str | None = None,
    ) -> ScheduleRecord:
        firing = Firing(scheduled_at=moment, outcome=outcome, decided_at=self._now, run_id=run_id, reason=reason)
        self.news.append(ScheduleTurned(record.name, record.schedule.workflow or "", firing))
        return record.noted(firing)

    # -- records -------------------------------------------------------------------------------------------------------

    def _find(self, name: str) -> ScheduleRecord | None:
        if name not in self._known:
            row = self._store.schedule(name)
            if row is not None:
                self._stored.add(name)
            self._known[name] = None if row is None else schedule_record(row)
        return self._known[name]

    def _get(self, name: str) -> ScheduleRecord:
        record = self._find(name)
        if record is None:
            raise ScheduleNotFound(f"no schedule is called {name!r}")
        return record

    def _put(self, record: ScheduleRecord, *, is_gone: bool = False) -> None:
        self._known[record.name] = None if is_gone else evolve(record, updated_at=self._now)
        self._changed[record.name] = None
