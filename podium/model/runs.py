"""
What an engine made of a definition: runs, as users have them in their hands.

The facts stand in `podium.model.run_facts`, the attempts of tasks in `podium.model.attempts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, cast
from typing import TypeVar as _TypeVar

from attrs import evolve, field, frozen

from podium.model.attempts import TaskLog, TaskResult, TaskRun, as_datetime
from podium.model.compensation import Undoing
from podium.model.definitions import WorkflowDef
from podium.model.drawing import Drawable
from podium.model.errors import InvalidRequest, NoResult
from podium.model.later import later
from podium.model.records import attempt_records
from podium.model.run_facts import RunFacts, RunSummary
from podium.model.statuses import RunStatus
from podium.model.values import JsonObject, JsonValue
from podium.model.verbs import SuppliedVerbs

if TYPE_CHECKING:
    from os import PathLike
    from typing import Self, Unpack

    from typing_extensions import TypeVar

    from podium.model import moments
    from podium.model.drawing import AnimateOptions, PlaybackOptions, RenderOptions, Runs, TimelineOptions
else:
    moments = later("podium.model.moments")

if TYPE_CHECKING:
    ResultT = TypeVar("ResultT", default=Any)
else:  # at run time nobody asks for the default, which Python knows from 3.13 on
    ResultT = _TypeVar("ResultT")

__all__ = [
    "LOCAL",
    "Frame",
    "RunSource",
    "RunSummary",
    "TaskLog",
    "TaskResult",
    "TaskRun",
    "WorkflowRun",
    "as_datetime",
]

#: Marks a field that stays in this process: `podium.model.codec` neither writes nor reads it.
LOCAL: Final = {"local": True}


class RunSource:
    """
    Gives a run anew, from the client that it came from.

    It stays where it is: a copy of a run shares it, and a run that is sent to another process arrives without it.

    Args:
        fetch: Gives the run as it stands.
        get: Gives another run of the same client by its id.
        explain: Says why the run stands where it stands.
        workflows: Gives the registered definitions of the same client.
    """

    __slots__ = ("_explain", "_fetch", "_get", "_workflows")

    def __init__(
        self,
        fetch: Callable[[], WorkflowRun],
        get: Callable[[str], WorkflowRun] | None = None,
        explain: Callable[[], RunExplanation] | None = None,
        workflows: Callable[[], Sequence[WorkflowDef]] = tuple,
    ) -> None:
        self._workflows = workflows
        self._fetch = fetch
        self._get = get
        self._explain = explain

    def __call__(self) -> WorkflowRun:
        """Return the run as it stands; errors as the client has them."""
        return self._fetch()

    def other(self, run_id: str) -> WorkflowRun | None:
        """Return another run from the same client; None if it can give none."""
        return None if self._get is None else self._get(run_id)

    def explain(self) -> RunExplanation | None:
        """Return why the run stands where it stands; None if the client cannot say."""
        return None if self._explain is None else self._explain()

    def workflows(self) -> Sequence[WorkflowDef]:
        """Return the registered definitions of the same client; none if it can give none."""
        return self._workflows()

    def __copy__(self) -> RunSource:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> RunSource:
        return self

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _nowhere, ()


def _nowhere() -> None:
    """Stand for a source that was left behind in another process."""


@frozen(kw_only=True, repr=False)
class WorkflowRun(RunFacts, Drawable, Generic[ResultT]):
    """
    One execution of a definition (``Workflow`` on the wire).

    Type checkers know the type of its `result` where it comes from a workflow's object: ``WorkflowRun[str]``.
    """

    #: Gives the run anew, if it came from a client; no part of its value, and not in its JSON.
    source: RunSource | None = field(default=None, eq=False, repr=False, metadata=LOCAL)
    #: What became of the steps that can be undone, if the run failed and came from a client.
    undoing: Undoing = field(default=Undoing(), eq=False, repr=False, metadata=LOCAL)
    #: Reads its output as what the workflow's function declares to return, if that is known here.
    reading: Callable[[JsonObject], ResultT] | None = field(default=None, eq=False, repr=False, metadata=LOCAL)

    def __repr__(self) -> str:
        name = f"{self.workflow_name} version {self.workflow_version} " if self.workflow_definition else ""
        undone = f", undone: {', '.join(self.undone)}" if self.undone else ""
        return f"<WorkflowRun {name}{self.status} {self.workflow_id}, {len(self.tasks)} tasks{undone}>"

    @property
    def result(self) -> ResultT:
        """
        What the workflow has returned, as its function declares it: a record is made of the output's fields.

        Of a run that was found by its id nobody knows the type: it is the single output ``result`` as JSON, else the
        whole output.

        Raises:
            NoResult: The run has not completed, or its output does not fit.
        """
        if self.status is not RunStatus.COMPLETED:
            why = f": {self.reason}" if self.reason else ""
            raise NoResult(f"run {self.workflow_id} is {self.status}{why}; it has no result, only what .output holds")
        if self.reading is not None:
            return self.reading(self.output)
        single: Any = self.output["result"] if self.output.keys() == {"result"} else self.output
        return cast("ResultT", single)

    @property
    def undone(self) -> tuple[str, ...]:
        """
        The steps that were undone because the run failed, in that order, see ``step.undo``.

        Only a run that came from a client knows them: what undoes it is a run of its own.
        """
        return self.undoing.undone

    @property
    def not_undone(self) -> tuple[str, ...]:
        """The steps that can be undone and were done, and are still: what undoes them failed, or is not there yet."""
        return self.undoing.left

    def at(self, moment: moments.Moment) -> WorkflowRun:
        """
        Return the run as it was at a moment, told from its own records; from its last change on, the run itself.

        Args:
            moment: An aware datetime; a timedelta or a number of seconds from the run's start; or epoch milliseconds.

        Raises:
            InvalidRequest: The datetime has no time zone, or *moment* is nothing of these.

        Example:
            >>> from podium import RunStatus
            >>> WorkflowRun(status=RunStatus.COMPLETED, create_time=1_000, end_time=3_000).at(1.0).status
            <RunStatus.RUNNING: 'RUNNING'>
        """
        return self._at_ms(moments.moment_ms(self, moment))

    def frames(self, count: int | None = None) -> tuple[Frame, ...]:
        """
        Return the run at each moment at which something changed, in their order.

        Args:
            count: Most frames to give, evenly through the changes, the first and the last among them; None for all.

        Raises:
            InvalidRequest: *count* is less than 1.
        """
        return tuple(Frame(at_ms=time, run=self._at_ms(time)) for time in moments.frame_times(self, count))

    def _at_ms(self, at: int) -> WorkflowRun:
        past = moments.run_at_ms(self, at)
        return self if past is self else evolve(past, source=None)  # where it came from, it stands otherwise by now

    def refresh(self) -> WorkflowRun:
        """
        Return the run as it stands now, from where it came.

        Raises:
            InvalidRequest: It came from no client, such as a run that was read from JSON.
            PodiumError: As the client's ``get`` has it, such as `RunNotFound`.
        """
        if self.source is None:
            raise InvalidRequest(f"run {self.workflow_id} does not know where it came from; use client.get(run_id)")
        return self.source()

    def explain(self) -> RunExplanation:
        """
        Say what the run waits for and why, or why it has ended, as it stands now: what ``client.explain`` says.

        Returns:
            A `podium.model.explanations.Explanation`: ``print`` it.

        Raises:
            InvalidRequest: It came from no client, such as a run that was read from JSON.
        """
        said = None if self.source is None else self.source.explain()
        if said is None:
            raise InvalidRequest(f"run {self.workflow_id} does not know where it came from; use client.explain(run_id)")
        return said

    def live(self, *, interval: float = 0.25) -> LiveRun:
        """
        Show the run while it goes on.

        As the last line of a notebook's cell it is a picture that changes in place until the run has ended; its last
        state stays in the saved notebook. ``run.live().wait()`` shows it and waits for the end, also on a terminal.

        Args:
            interval: Seconds between two looks at the run, at least 0.25.

        Returns:
            A `podium.render.live.Live`.

        Raises:
            InvalidRequest: The run has not ended, and it came from no client, so that it will never change.
        """
        return _VERBS().live(self, interval=interval)

    def to_records(self) -> list[dict[str, JsonValue]]:
        """
        Return the run as a table, one flat dictionary for each attempt, such as ``pandas.DataFrame`` takes.

        `podium.model.records.attempt_records` tells the columns.
        """
        return attempt_records(self)

    def playback(self, **options: Unpack[PlaybackOptions]) -> RunPlayback:
        """
        Return the pictures of the run at the moments at which something changed.

        A notebook shows it with a slider.

        Args:
            options: As `podium.render.playback` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return _VERBS().playback(self, **options)

    def animate(self, path: str | PathLike[str], **options: Unpack[AnimateOptions]) -> str:
        """
        Write the playback of the run into a file: ``.svg`` plays by itself, ``.html`` has a slider, ``.txt`` tells it.

        Args:
            path: Where to write.
            options: As `podium.render.animate` takes them.

        Returns:
            The path.

        Raises:
            RenderError: The suffix is another, an option is wrong, or the file cannot be written.
        """
        return _VERBS().animate(self, path, **options)

    def diff(self, other: WorkflowRun, *, runs: Runs | None = None) -> RunDifference:
        """
        Return what differs between this run, A, and another one, B: ways, values, ends and times.

        Args:
            other: A run of the same workflow, or of another version of it.
            runs: Where the runs of their sub-workflows are; without it the clients that they came from are asked.

        Returns:
            A `podium.diff.RunDiff`: ``print`` it, ``render`` it, or let a notebook show it.

        Raises:
            InvalidRequest: *other* is no run.
        """
        return _VERBS().run_diff(self, other, runs=runs)

    def what_if(
        self,
        mocks: Mapping[str, object] | None = None,
        *,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        others: Iterable[Any] = (),
    ) -> RunCounterfactual:
        """
        Return how this run would have gone if some of its steps had gone otherwise: ``podium.testing.what_if``.

        Args:
            mocks: Step to how it goes instead: ``{"charge": failed("no route")}``, as `podium.testing.simulate` takes
                them. All other steps go as they went.
            input: The run's input instead of its own.
            others: Definitions that it needs, such as of what undoes it, where its client does not have them.

        Raises:
            InvalidRequest: There is no such step, or a mock or the input cannot be right.
        """
        return _VERBS().what_if(self, mocks, input=input, others=others)

    def timeline(self, **options: Unpack[TimelineOptions]) -> RunTimeline:
        """
        Return when each task waited, worked and ended, as a `podium.render.timelines.Timeline`.

        Args:
            options: As `podium.render.timeline` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return _VERBS().timeline(self, **options)


@frozen(kw_only=True)
class Frame:
    """A run at one moment."""

    #: Epoch milliseconds.
    at_ms: int
    run: WorkflowRun

    @property
    def at(self) -> datetime | None:
        """The moment, as an aware UTC datetime."""
        return as_datetime(self.at_ms)

    @property
    def seconds(self) -> float:
        """Seconds since the run's start."""
        return (self.at_ms - self.run.create_time) / 1000


class RunTimeline(Protocol):
    """When each task of a run waited and worked: a `podium.render.timelines.Timeline`."""

    def svg(
        self, *, theme: str | None = None, width: int | None = None, legend: bool = True, id_prefix: str = ""
    ) -> str:
        """Return it as SVG."""

    def describe(self, *, width: int = 100) -> str:
        """Return it as text, a line for each row."""

    def render(self, path: str | PathLike[str], *, theme: str | None = None, width: int | None = None) -> str:
        """Write it into a file, ``.svg`` or ``.txt``, and return the path."""

    def to_records(self) -> Sequence[JsonObject]:
        """Return each row as a mapping, for data frames."""


class RunDifference(Protocol):
    """What differs between two runs: a `podium.diff.RunDiff`."""

    @property
    def first(self) -> tuple[str, ...]:
        """Where they begin to differ, in words, the likeliest cause first."""

    @property
    def summary(self) -> str:
        """Count what differs."""

    def __bool__(self) -> bool:
        """Return whether ways, ends or values differ."""

    def describe(self) -> str:
        """Return the difference as text."""

    def to_dict(self) -> JsonObject:
        """Return it as plain JSON data."""

    def render(self, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """Write it into a file, and return the path."""


class RunCounterfactual(Protocol):
    """How a run would have gone: a `podium.testing.WhatIf`."""

    @property
    def run(self) -> WorkflowRun:
        """The run as it would have ended."""

    @property
    def title(self) -> str:
        """What was changed, in words."""

    @property
    def undo(self) -> WorkflowRun | None:
        """The run that would have undone it, or None."""

    @property
    def undone(self) -> tuple[str, ...]:
        """The steps that would have been undone, in that order."""

    @property
    def assumed(self) -> frozenset[str]:
        """The steps of which nobody knows what they would have given."""

    @property
    def diff(self) -> RunDifference:
        """What differs from what happened."""

    def svg(self, **options: Unpack[RenderOptions]) -> str:
        """Return what happened and what would have, in one picture, as SVG."""

    def describe(self) -> str:
        """Return it as text."""

    def to_dict(self) -> JsonObject:
        """Return it as plain JSON data."""

    def render(self, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """Write it into a file, and return the path."""


class RunPlayback(Protocol):
    """The pictures of a run at the moments of its changes: a `podium.render.playbacks.Playback`."""

    def svg(self, *, seconds: float | None = None) -> str:
        """Return an SVG that plays by itself."""

    def html(self, *, id_prefix: str | None = None) -> str:
        """Return a piece of HTML with a slider."""

    def describe(self) -> str:
        """Return the captions of all frames, one line each."""

    def render(self, path: str | PathLike[str], *, seconds: float | None = None) -> str:
        """Write it into a file, and return the path."""


class RunExplanation(Protocol):
    """What `WorkflowRun.explain` gives."""

    @property
    def text(self) -> str:
        """All of it in words, several lines."""


class LiveRun(Protocol):
    """A run that is shown until it has ended: a `podium.render.live.Live`."""

    @property
    def run(self) -> WorkflowRun:
        """The run as it was seen last."""

    @property
    def error(self) -> Exception | None:
        """Why it could not be shown any longer, or None."""

    def start(self) -> Self:
        """Show the first frame now, and the following ones from a thread."""

    def stop(self) -> None:
        """Show no further frames; the run goes on."""

    def wait(self, timeout: float | None = None) -> WorkflowRun:
        """Show the run and wait for its end, *timeout* seconds at most."""

    def __enter__(self) -> Self:
        """Start showing the run."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing the run, which goes on."""


class RunVerbs(Protocol):
    """What is asked of the room that draws, for a run."""

    def live(self, run: WorkflowRun, *, interval: float) -> LiveRun:
        """Show the run while it goes on."""

    def playback(self, run: WorkflowRun, **options: Unpack[PlaybackOptions]) -> RunPlayback:
        """Return the run in pictures, one after the other."""

    def animate(self, run: WorkflowRun, path: str | PathLike[str], **options: Unpack[AnimateOptions]) -> str:
        """Write its playback into a file, and return the path."""

    def run_diff(self, run: WorkflowRun, other: WorkflowRun, *, runs: Runs | None) -> RunDifference:
        """Return what differs between two runs."""

    def what_if(
        self,
        run: WorkflowRun,
        mocks: Mapping[str, object] | None,
        *,
        input: Mapping[str, object] | None,  # noqa: A002  # the field's own name
        others: Iterable[Any],
    ) -> RunCounterfactual:
        """Return how a run would have gone."""

    def timeline(self, run: WorkflowRun, **options: Unpack[TimelineOptions]) -> RunTimeline:
        """Return when each task waited and worked."""


_VERBS: Final[SuppliedVerbs[RunVerbs]] = SuppliedVerbs()
