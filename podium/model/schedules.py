"""
Schedules: when runs of a workflow are started by themselves.

In JSON they have the keys of Conductor's ``WorkflowSchedule``, and beside them those of what only Podium knows: the
policies of catching up and of overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from podium.model.cron import Cron, cron, zone_of
from podium.model.durations import seconds
from podium.model.errors import InvalidRequest
from podium.model.texts import is_unicode, shown
from podium.model.values import JsonObject, JsonValue

#: Most moments that are told at once: about a second's work.
_MOMENTS_MAX = 10_000
#: Most characters of a schedule's name.
_NAME_MAX = 255

_Choice = TypeVar("_Choice", bound=StrEnum)


class CatchUp(StrEnum):
    """What becomes of moments at which no engine was there."""

    #: They are passed over.
    NONE = "none"
    #: One run makes up for all of them.
    LAST = "last"
    #: Each gets its run.
    ALL = "all"


class Overlap(StrEnum):
    """What happens at a moment at which an earlier run of the schedule has not ended."""

    #: Another run starts beside it.
    ALLOW = "allow"
    #: The moment is passed over.
    SKIP = "skip"
    #: The run starts when the earlier ones have ended.
    QUEUE = "queue"
    #: The earlier one is terminated, and the run starts.
    TERMINATE = "terminate"


class FiringOutcome(StrEnum):
    """What became of a moment."""

    STARTED = "started"
    #: An earlier run had not ended; see `Overlap`.
    SKIPPED = "skipped"
    QUEUED = "queued"
    #: No engine was there, and it was not made up for; the first of several.
    MISSED = "missed"
    #: No run could be started; the reason says why.
    FAILED = "failed"

    @property
    def is_bad(self) -> bool:
        """Return whether a run should have started, and none did."""
        return self in {FiringOutcome.FAILED, FiringOutcome.MISSED}


def _choice(kind: type[_Choice], given: object, subject: str) -> _Choice:
    try:
        return kind(str(given).lower())
    except ValueError:
        raise InvalidRequest(f"{subject}: one of {', '.join(kind)} is expected, not {shown(given)}") from None


def _catch_up(given: CatchUp | str) -> CatchUp:
    return _choice(CatchUp, given, "catch_up")


def _overlap(given: Overlap | str) -> Overlap:
    return _choice(Overlap, given, "overlap")


def _lines(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Sequence) and given and all(isinstance(line, str) for line in given):
        return tuple(given)
    raise InvalidRequest(f"cron: an expression such as '0 0 1 * *' is expected, or several, not {shown(given)}")


def _name_of(given: object) -> str | None:
    if given is None or isinstance(given, str):
        return given or None
    name = getattr(given, "name", None)
    if isinstance(name, str) and hasattr(given, "version"):  # tasks and paths have names too
        return name
    raise InvalidRequest(f"workflow: a workflow or its name is expected, not {shown(given)}")


def _length(given: str | float | timedelta | None) -> int | None:
    try:
        return None if given is None else seconds(given)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"catch_up_within: {error}") from None


@frozen
class Schedule:
    """
    When runs of a workflow are started by themselves.

    Example:
        >>> monthly = Schedule("0 6 1 * *", zone="Europe/Berlin", workflow="billing", overlap="skip")
        >>> [at.isoformat() for at in monthly.next(2, after=datetime(2026, 3, 15, tzinfo=UTC))]
        ['2026-04-01T06:00:00+02:00', '2026-05-01T06:00:00+02:00']
    """

    #: One cron expression or several; see `podium.model.cron.Cron`.
    cron: tuple[str, ...] = field(converter=_lines)
    #: Its own name; the workflow's, if none is given.
    name: str | None = field(default=None, kw_only=True)
    #: The workflow that is started: its name, or the workflow itself.
    workflow: str | None = field(default=None, kw_only=True, converter=_name_of)
    #: Of the workflow; None for the greatest that is registered when a run starts.
    version: int | None = field(default=None, kw_only=True)
    #: The time zone of the expressions, a name of the time zone database.
    zone: str = field(default="UTC", kw_only=True)
    #: The input of each run.
    input: Mapping[str, Any] = field(factory=dict, kw_only=True)
    #: The first and the last moment that count; without a zone they are of the schedule's.
    start: datetime | None = field(default=None, kw_only=True)
    end: datetime | None = field(default=None, kw_only=True)
    catch_up: CatchUp = field(default=CatchUp.LAST, kw_only=True, converter=_catch_up)
    #: Seconds back for which missed moments are made up for; None for any length. Texts such as ``"2 days"`` are read.
    catch_up_within: int | None = field(default=None, kw_only=True, converter=_length)
    #: Most missed moments that `CatchUp.ALL` makes up for: the newest.
    catch_up_most: int = field(default=100, kw_only=True)
    overlap: Overlap = field(default=Overlap.ALLOW, kw_only=True, converter=_overlap)
    #: Nothing is started while it is.
    paused: bool = field(default=False, kw_only=True)
    #: Why it is paused.
    paused_reason: str | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    correlation_id: str | None = field(default=None, kw_only=True)
    #: 0 to 99; larger first.
    priority: int = field(default=0, kw_only=True)
    #: Worker domains by task type.
    task_to_domain: Mapping[str, str] = field(factory=dict, kw_only=True)
    #: Keys of the JSON that this class does not know; they are kept.
    extra: Mapping[str, JsonValue] = field(factory=dict, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what can never start a run."""
        if self.name is not None and (not isinstance(self.name, str) or not 0 < len(self.name.strip()) <= _NAME_MAX):
            raise InvalidRequest(f"name: a text of at most {_NAME_MAX} characters is expected, not {shown(self.name)}")
        for bound in (self.start, self.end):
            if bound is not None and not isinstance(bound, datetime):
                raise InvalidRequest(f"start and end: a datetime is expected, not {shown(bound)}")
        if isinstance(self.priority, bool) or not isinstance(self.priority, int) or not 0 <= self.priority <= 99:
            raise InvalidRequest(f"priority: {self.priority} should be between 0 and 99")
        if type(self.catch_up_most) is not int or self.catch_up_most < 1:
            raise InvalidRequest(f"catch_up_most: a whole number from 1 upwards is expected, not {self.catch_up_most}")
        if self.version is not None and (type(self.version) is not int or self.version < 0):
            raise InvalidRequest(f"version: a whole number is expected, not {shown(self.version)}")
        if not isinstance(self.paused, bool):
            raise InvalidRequest(f"paused: True or False is expected, not {shown(self.paused)}")
        if not isinstance(self.input, Mapping):
            raise InvalidRequest(f"input: a JSON object is expected, not {shown(self.input)}")
        self._refuse_other_types()
        if not isinstance(self.zone, str):
            raise InvalidRequest(f"zone: the name of a time zone is expected, such as 'UTC', not {shown(self.zone)}")
        zone_of(self.zone)
        self._crons()
        first, last = self.start_ms, self.end_ms
        if first is not None and last is not None and last < first:
            raise InvalidRequest(f"the schedule would end ({self.end}) before it starts ({self.start})")

    def _refuse_other_types(self) -> None:
        for name in ("name", "workflow", "paused_reason", "description", "correlation_id"):
            given = getattr(self, name)
            if given is not None and (not isinstance(given, str) or not is_unicode(given) or "\0" in given):
                raise InvalidRequest(f"{name}: a text without U+0000 is expected, not {shown(given)}")
        domains = self.task_to_domain
        if not isinstance(domains, Mapping) or not all(
            isinstance(one, str) for pair in domains.items() for one in pair
        ):
            raise InvalidRequest(f"task_to_domain: a map of task names (or '*') to domains, not {shown(domains)}")
        if not isinstance(self.extra, Mapping):
            raise InvalidRequest(f"extra: a map of JSON keys is expected, not {shown(self.extra)}")

    def _crons(self) -> list[Cron]:
        return [cron(line, self.zone) for line in self.cron]

    @property
    def start_ms(self) -> int | None:
        """The first moment that counts, in epoch milliseconds."""
        return self._ms(self.start)

    @property
    def end_ms(self) -> int | None:
        """The last moment that counts, in epoch milliseconds."""
        return self._ms(self.end)

    def _ms(self, bound: datetime | None) -> int | None:
        if bound is None:
            return None
        aware = bound if bound.tzinfo is not None else bound.replace(tzinfo=zone_of(self.zone))
        return round(aware.timestamp() * 1000)

    def after(self, moment_ms: int) -> int | None:
        """Return the first moment after another one, within the bounds; both in epoch milliseconds. None for never."""
        first, last = self.start_ms, self.end_ms
        from_ms = moment_ms if first is None else max(moment_ms, first - 1)
        found = min((at for one in self._crons() if (at := one.after(from_ms)) is not None), default=None)
        return None if found is None or (last is not None and found > last) else found

    def until(self, moment_ms: int) -> int | None:
        """Return the last moment that is not after another one, within the bounds; None if there is none."""
        first, last = self.start_ms, self.end_ms
        to_ms = moment_ms if last is None else min(moment_ms, last)
        found = max((at for one in self._crons() if (at := one.until(to_ms)) is not None), default=None)
        return None if found is None or (first is not None and found < first) else found

    def next(self, count: int = 5, *, after: datetime | None = None) -> list[datetime]:
        """
        Return the next moments, in the schedule's zone; fewer where it ends before.

        Args:
            count: How many.
            after: From when on; None for now.

        Raises:
            InvalidRequest: The count is none, or so large that nobody wants to wait for it.
        """
        if type(count) is not int or not 0 <= count <= _MOMENTS_MAX:
            raise InvalidRequest(f"count: a whole number from 0 to {_MOMENTS_MAX:,} is expected, not {shown(count)}")
        moments: list[datetime] = []
        found: int | None = round((after or datetime.now(UTC)).timestamp() * 1000)
        while len(moments) < count and found is not None and (found := self.after(found)) is not None:
            moments.append(datetime.fromtimestamp(found / 1000, zone_of(self.zone)))
        return moments

    def named(self, workflow: str | None = None) -> Schedule:
        """
        Return it with both names: of the workflow, where it has none, and its own.

        Raises:
            InvalidRequest: There is no workflow.
        """
        started = self.workflow or workflow
        if started is None:
            raise InvalidRequest("a schedule needs a workflow: Schedule('0 0 1 * *', workflow='billing')")
        return evolve(self, workflow=started, name=self.name or started)

    # -- JSON ----------------------------------------------------------------------------------------------------------

    def to_dict(self) -> JsonObject:
        """Return it as JSON, in the words of Conductor's ``WorkflowSchedule``; what is not said is left out."""
        request = {
            "name": self.workflow,
            "version": self.version,
            "input": dict(self.input),
            "correlationId": self.correlation_id,
            "priority": self.priority,
            "taskToDomain": dict(self.task_to_domain),
        }
        one_line = len(self.cron) == 1
        found: dict[str, Any] = {
            "name": self.name,
            "cronExpression": self.cron[0] if one_line else None,
            "cronSchedules": None if one_line else [{"cronExpression": one, "zoneId": self.zone} for one in self.cron],
            "zoneId": self.zone,
            "runCatchupScheduleInstances": self.catch_up is CatchUp.ALL,
            "paused": self.paused,
            "pausedReason": self.paused_reason,
            "description": self.description,
            "scheduleStartTime": self.start_ms,
            "scheduleEndTime": self.end_ms,
            "startWorkflowRequest": {key: value for key, value in request.items() if value},
            "catchUp": self.catch_up.value,
            "catchUpWithinSeconds": self.catch_up_within,
            "catchUpMost": self.catch_up_most,
            "overlap": self.overlap.value,
        }
        return {**self.extra, **{key: value for key, value in found.items() if value is not None}}

    @classmethod
    def from_dict(cls, data: JsonObject) -> Schedule:
        """
        Read it from JSON; Conductor's ``WorkflowSchedule`` is read too.

        Raises:
            InvalidRequest: Something in it is wrong, or there is no expression.
        """
        left = dict(data)
        zone = left.pop("zoneId", None) or "UTC"
        request = left.pop("startWorkflowRequest", None) or {}
        catches_up = left.pop("runCatchupScheduleInstances", False)
        policy = _catch_up(str(left.pop("catchUp", None) or (CatchUp.ALL if catches_up else CatchUp.NONE)))
        if not isinstance(zone, str) or not isinstance(request, Mapping):
            raise InvalidRequest("zoneId is a text and startWorkflowRequest an object in a schedule's JSON")
        known: dict[str, Any] = {name: value for key, name in _KEYS if (value := left.pop(key, None)) is not None}
        for key, name in (("scheduleStartTime", "start"), ("scheduleEndTime", "end")):
            moment = left.pop(key, None)
            if moment is not None:
                known[name] = _moment(_number(moment, key), key)
        for key, name in _REQUEST_KEYS:
            if request.get(key) is not None:
                known[name] = request[key]
        lines = _expressions(left.pop("cronExpression", None), left.pop("cronSchedules", None), zone)
        return cls(lines, zone=zone, catch_up=policy, extra=left, **known)


#: Keys of the JSON and the fields that hold them.
_KEYS = (
    ("name", "name"),
    ("paused", "paused"),
    ("pausedReason", "paused_reason"),
    ("description", "description"),
    ("catchUpWithinSeconds", "catch_up_within"),
    ("catchUpMost", "catch_up_most"),
    ("overlap", "overlap"),
)
_REQUEST_KEYS = (
    ("name", "workflow"),
    ("version", "version"),
    ("input", "input"),
    ("correlationId", "correlation_id"),
    ("priority", "priority"),
    ("taskToDomain", "task_to_domain"),
)


def _number(value: JsonValue, key: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InvalidRequest(f"{key}: epoch milliseconds are expected, not {shown(value)}")


def _moment(epoch_ms: int, key: str) -> datetime:
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise InvalidRequest(f"{key}: {shown(epoch_ms)} is no moment in epoch milliseconds") from None


def _expressions(single: JsonValue, several: JsonValue, zone: str) -> list[str]:
    """Return the expressions of a JSON, each with its zone if that is not the schedule's."""
    if not several:
        return [str(single)] if single else []
    if not isinstance(several, list) or not all(isinstance(one, dict) for one in several):
        raise InvalidRequest("cronSchedules: a list of {cronExpression, zoneId} is expected")
    lines = []
    for one in several:
        own = one.get("zoneId") or zone
        line = str(one.get("cronExpression") or "")
        lines.append(line if own == zone or "TZ=" in line else f"CRON_TZ={own} {line}")
    return lines


@frozen(kw_only=True)
class Firing:
    """What became of one moment of a schedule."""

    #: The moment that the expression names, in epoch milliseconds.
    scheduled_at: int
    outcome: FiringOutcome
    #: When that was decided, in epoch milliseconds.
    decided_at: int
    #: The run that was started.
    run_id: str | None = None
    #: Why it was passed over or failed.
    reason: str | None = None


@frozen(kw_only=True)
class ScheduleInfo:
    """A schedule as it stands in a store."""

    schedule: Schedule
    #: The next moment, in epoch milliseconds; None while it is paused, and when there is none any more.
    next_at: int | None
    created_at: int
    updated_at: int
    #: How many runs it has started.
    started: int
    #: Runs that had not ended when it looked last, where the policy of overlap asks for them.
    running: tuple[str, ...]
    #: Moments whose runs wait until earlier ones have ended.
    queued: tuple[int, ...]
    #: The last moments, the newest first.
    history: tuple[Firing, ...]

    @property
    def name(self) -> str:
        """The schedule's name."""
        return self.schedule.name or ""

    @property
    def next_run(self) -> datetime | None:
        """The next moment, in the schedule's zone."""
        zone = zone_of(self.schedule.zone)
        return None if self.next_at is None else datetime.fromtimestamp(self.next_at / 1000, zone)

    def to_dict(self) -> JsonObject:
        """Return it as JSON: the schedule in Conductor's words, and how it stands."""
        return {
            **self.schedule.to_dict(),
            "nextRunTime": self.next_at,
            "createTime": self.created_at,
            "updatedTime": self.updated_at,
            "startedRuns": self.started,
            "running": list(self.running),
            "queued": list(self.queued),
            "history": [firing_to_dict(one) for one in self.history],
        }


def firing_to_dict(firing: Firing) -> JsonObject:
    """Return what became of a moment as JSON; what is not known is left out."""
    found = {
        "scheduledTime": firing.scheduled_at,
        "executionTime": firing.decided_at,
        "state": firing.outcome.value,
        "workflowId": firing.run_id,
        "reason": firing.reason,
    }
    return {key: value for key, value in found.items() if value is not None}


def firing_from_dict(data: Mapping[str, Any]) -> Firing:
    """Read what became of a moment, as `firing_to_dict` wrote it."""
    return Firing(
        scheduled_at=data["scheduledTime"],
        outcome=FiringOutcome(data["state"]),
        decided_at=data["executionTime"],
        run_id=data.get("workflowId"),
        reason=data.get("reason"),
    )
