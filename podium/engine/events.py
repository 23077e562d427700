"""
What can happen to a run. Each event names the run it is for; one decision answers one event.

Times are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from podium.engine.plan import Plan
from podium.model.assignments import Report, TaskStarted
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue


class Start(NamedTuple):
    """A new run begins."""

    run_id: str
    plan: Plan
    input: Mapping[str, JsonValue]
    correlation_id: str | None = None
    priority: int = 0
    task_to_domain: Mapping[str, str] = {}
    parent_id: str | None = None
    parent_seq: int = 0
    #: How many runs called each other to come to this one.
    depth: int = 0
    created_by: str | None = None
    idempotency_key: str | None = None
    event: str | None = None
    #: Why the run can only be recorded as FAILED.
    fault: str | None = None
    #: Its input is what its schema says.
    is_checked: bool = False
    #: Names of fields that the run masks because whoever started it does.
    masks: Sequence[str] = ()
    #: The schedule that wants to hear of the run's end.
    schedule: str | None = None
    #: The trace that it is part of, as `podium.model.tracing` has it.
    trace: str | None = None


class ReportByName(NamedTuple):
    """Somebody outside ends the live attempt of a place; the output is merged into the attempt's."""

    run_id: str
    ref: str
    status: TaskStatus
    output: Mapping[str, JsonValue] = {}
    worker_id: str | None = None
    reason: str | None = None
    callback_after_s: float = 0
    #: (time, text) of each line logged.
    logs: Sequence[tuple[int, str]] = ()


class Released(NamedTuple):
    """A worker of this process gives back an attempt that it has not begun."""

    run_id: str
    seq: int


class Claim(NamedTuple):
    """This process serves an attempt that lay open, or that a process that is gone had."""

    run_id: str
    seq: int
    #: The queue in which it was found; another process may have been faster.
    queue: str
    #: A process had it and has died.
    has_died: bool = False


class Grant(NamedTuple):
    """There is room in a limit that a run (seq 0) or an attempt waits for; another process may have been faster."""

    run_id: str
    seq: int
    #: The limit's name.
    limit: str


class Due(NamedTuple):
    """The moment has come that a run (seq 0) or an attempt asked to be woken at."""

    run_id: str
    seq: int
    due_at: int


class ChildEnded(NamedTuple):
    """The sub-workflow of an attempt has ended."""

    run_id: str
    seq: int
    child_id: str
    #: ``name.version/id``, as reasons quote it.
    child_label: str
    status: RunStatus
    output: Mapping[str, JsonValue]
    reason: str | None
    #: Names of fields that it masks, so that whoever gets its output masks them too.
    masks: Sequence[str] = ()


class Follow(NamedTuple):
    """Another run's attempt waits for the end of this one, as if it had started it."""

    run_id: str
    follower_id: str
    follower_seq: int


#: The steps that were undone, by the run that had done them.
Undone: TypeAlias = Mapping[str, frozenset[str]]


class Edit(NamedTuple):
    """What a run was started with is replaced; None keeps it."""

    run_id: str
    input: Mapping[str, JsonValue] | None = None
    correlation_id: str | None = None


class ChildRevived(NamedTuple):
    """The ended sub-workflow of an attempt goes on: it was retried, restarted or rerun."""

    run_id: str
    seq: int
    child_id: str
    #: What followed the attempt is not valid any more.
    is_rerun: bool = False
    edit: Edit | None = None
    #: As in `Retry`.
    undone: Undone | None = None


class InboxMessage(NamedTuple):
    """A message for the tasks of a run that pull such."""

    run_id: str
    message_id: str
    #: The payload as JSON, within the limits.
    body: bytes


class ChildStays(NamedTuple):
    """The ended sub-workflow of an attempt cannot go on: another one must be started."""

    run_id: str
    seq: int
    child_id: str


class Pause(NamedTuple):
    """Schedule nothing new."""

    run_id: str


class Resume(NamedTuple):
    """Go on after a pause."""

    run_id: str


class Terminate(NamedTuple):
    """End the run now."""

    run_id: str
    reason: str | None = None
    #: The end comes from the parent, so the parent needs no word of it.
    by_parent: bool = False
    #: Start the failure workflow, as if the run had failed.
    is_loud: bool = False


class Retry(NamedTuple):
    """
    Go on from the failed attempts of an ended run.

    What was undone in it, or in a run above it, is noted no more as done: it would be undone again.
    """

    run_id: str
    undone: Undone | None = None
    #: The parent goes on, and would have this run go on for the attempt that started it.
    by_parent: bool = False


class Restart(NamedTuple):
    """Begin an ended run anew under its id, with its input."""

    run_id: str
    #: The newest definition; None keeps the run's own.
    plan: Plan | None = None
    #: As in `Retry`.
    undone: Undone | None = None


class Rerun(NamedTuple):
    """Go on in an ended run from one of its attempts, or from its start."""

    run_id: str
    #: None for the start.
    seq: int | None = None
    #: The input of the attempt's task; None for what its parameters give.
    task_input: Mapping[str, JsonValue] | None = None
    #: Of this run, or of one above it.
    edit: Edit | None = None
    #: As in `Retry`.
    undone: Undone | None = None


class SetVariables(NamedTuple):
    """Somebody outside sets variables of a run."""

    run_id: str
    variables: Mapping[str, JsonValue]
    #: Lists that are there already are added to, and not replaced.
    append_lists: bool = False


class Skip(NamedTuple):
    """Pass over a task that the run has not come to."""

    run_id: str
    ref: str
    input: Mapping[str, JsonValue] = {}
    output: Mapping[str, JsonValue] = {}


class Jump(NamedTuple):
    """Go on at a later task, whatever is under way."""

    run_id: str
    ref: str
    #: Laid over what its parameters give.
    input: Mapping[str, JsonValue] = {}


class Upgrade(NamedTuple):
    """Go on by another version of the workflow."""

    run_id: str
    plan: Plan
    #: In place of the input that the run has; None for that.
    input: Mapping[str, JsonValue] | None = None
    #: Of tasks that are passed over, by reference name.
    outputs: Mapping[str, Mapping[str, JsonValue]] = {}


class ResetCallbacks(NamedTuple):
    """Hand out at once what workers, or delays, have put to rest."""

    run_id: str


class TakeOver(NamedTuple):
    """This process takes over a run whose holder is gone."""

    run_id: str
    #: The holder, which may be another one by now; None for a run that nobody holds.
    holder: str | None = None
    #: The holder has died; otherwise it stopped in good order.
    has_died: bool = False


class OfferAgain(NamedTuple):
    """A commit of this process was uncertain: what it may have made ready was not given out."""

    run_id: str


class Continue(NamedTuple):
    """The run's agenda goes on: others had their turn, or the script that it waited for has ended."""

    run_id: str


class Fail(NamedTuple):
    """The engine could not act on something that happened to the run."""

    run_id: str
    reason: str
    #: End it without what else belongs to an end, the output and the failure workflow: one of those may be the cause.
    is_bare: bool = False


Event: TypeAlias = (
    Start
    | Report
    | ReportByName
    | TaskStarted
    | Released
    | Claim
    | Grant
    | Due
    | ChildEnded
    | Follow
    | ChildRevived
    | ChildStays
    | InboxMessage
    | Pause
    | Resume
    | Terminate
    | Retry
    | Restart
    | Rerun
    | SetVariables
    | Skip
    | Jump
    | Upgrade
    | ResetCallbacks
    | TakeOver
    | OfferAgain
    | Continue
    | Fail
)
