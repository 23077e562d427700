"""What is asked of simulated engines, and whether the answers are true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from podium.engine.events import Pause, Released, Rerun, ResetCallbacks, Resume, Retry, Terminate
from podium.engine.replies import Reply
from podium.engine.requests import RestartRequest, ScheduleRequest, StartRequest
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.errors import (
    CommitUncertain,
    Conflict,
    IllegalTransition,
    InternalError,
    PodiumError,
    RequestError,
    StoreUnavailable,
)
from podium.model.statuses import RunStatus
from podium.testing.accounts import require
from podium.testing.ledger import Ledger
from podium.testing.processes import EngineProcess

if TYPE_CHECKING:
    from podium.engine.batch import Request

#: What operators ask of a run.
_OPERATIONS = (Pause, Resume, Terminate, Retry, Rerun, RestartRequest)


class PendingRequest(NamedTuple):
    """A request whose answer is awaited."""

    request: Request
    reply: Reply
    engine: EngineProcess
    #: How many statuses the run had had when it was asked for.
    since: int = 0
    #: What a worker elsewhere gets if the answer is yes.
    assignment: Assignment | None = None
    #: When it was asked for.
    asked_at: int = 0


class Questions:
    """
    The clients of a simulated world.

    What was acknowledged must be in the store; what was refused must have been refusable when it was asked, or since.

    Attributes:
        asks: What has not been answered.
        held: What workers elsewhere have in hand.

    Args:
        ledger: The truth.
        note: Writes a line of the trace.
        now: Gives the time.
    """

    def __init__(self, ledger: Ledger, note: Callable[[str], None], now: Callable[[], int]) -> None:
        self._ledger = ledger
        self._now = now
        self._note = note
        self.asks: list[PendingRequest] = []
        self.held: list[Assignment] = []
        #: Runs of which several things were asked at once: which of them came last is not known.
        self._contested: set[str] = set()

    def forget(self, engine: EngineProcess) -> None:
        """Expect no answer of a dead process."""
        self.asks = [ask for ask in self.asks if ask.engine is not engine]

    def ask(self, engine: EngineProcess, request: Request, assignment: Assignment | None = None) -> None:
        """
        Ask an engine process for something.

        Args:
            engine: The process.
            request: What is asked for.
            assignment: What a worker elsewhere has in hand when a `TaskStarted` was acknowledged.
        """
        run_id = request.run_id
        if isinstance(request, Retry | Rerun | RestartRequest):
            self._ledger.may_reopen.add(run_id)
        if isinstance(request, ResetCallbacks) and run_id in self._ledger.runs:
            self._ledger.runs[run_id].was_told = True
        if isinstance(request, Terminate):
            self._ledger.may_terminate.add(run_id)
        if isinstance(request, _OPERATIONS) and any(isinstance(ask.request, _OPERATIONS) for ask in self.asks):
            # What is asked of a parent or a child counts too, and those of all pending questions are not looked up.
            self._contested |= {run_id, *(ask.request.run_id for ask in self.asks)}
        detail = f"/{request.seq} {request.status}" if isinstance(request, Report) else ""
        self._note(f"ask {engine.name} {type(request).__name__} {self._ledger.name(run_id)}{detail}")
        run = self._ledger.runs.get(run_id)
        since = len(run.history) - 1 if run is not None else 0
        self.asks.append(PendingRequest(request, engine.kernel.ask(request), engine, since, assignment, self._now()))

    def hear(self) -> None:
        """
        Take the answers that are there.

        Raises:
            Violation: One of them is not true.
        """
        waiting = []
        for ask in self.asks:
            try:
                value = ask.reply.wait(0.0)
            except InternalError as error:
                require("did not answer" in str(error), f"{ask.request} was answered with {error!r}")
                waiting.append(ask)
            except PodiumError as error:
                self._refused(ask, error)
            else:
                self._granted(ask, value)
        self.asks = waiting

    def _with_parents(self, run_id: str) -> Iterator[str]:
        """Yield a run and those above it."""
        run = self._ledger.runs.get(run_id)
        while run is not None:
            yield run.row.run_id
            run = self._ledger.runs.get(run.row.parent_id or "")

    def _granted(self, ask: PendingRequest, value: str | None) -> None:
        """What was acknowledged is in the store."""
        request = ask.request
        if isinstance(request, StartRequest):
            require(value in self._ledger.runs, f"the start of {value} was acknowledged and is lost")
            self._ledger.starts.check_granted(request, str(value))
            return
        if isinstance(request, ScheduleRequest):
            return  # the ledger looks at what is committed of it
        run = self._ledger.runs[request.run_id]
        since = set(run.history[ask.since :])
        if isinstance(request, Report) and request.is_heartbeat:
            attempt = run.attempts.get(request.seq)
            is_heard = attempt is None or not attempt.is_live or attempt.row.updated_at >= ask.asked_at
            require(is_heard, f"{attempt}: a sign of life was acknowledged and is lost")
        elif isinstance(request, Report) and request.status.is_terminal:
            attempt = run.attempts.get(request.seq)
            # Its run, or one of those below it, may live again by the same commit, and the attempt with it.
            lives_again = any(request.run_id in self._with_parents(each) for each in self._ledger.may_reopen)
            is_kept = attempt is None or not attempt.is_live or lives_again
            require(is_kept, f"{attempt}: its result was acknowledged and is lost")
        elif isinstance(request, TaskStarted) and ask.assignment is not None:
            self.held.append(ask.assignment)
        elif isinstance(request, Pause):
            # A parent's end, or a timeout, may have ended it in the same commit.
            seen = RunStatus.PAUSED in since or run.is_ended or request.run_id in self._contested
            require(seen, f"the pause of {run} was acknowledged and is lost")
        elif isinstance(request, Resume | Retry | Rerun | RestartRequest):
            # A run that lives again may have ended in the same commit.
            require(len(run.history) - 1 > ask.since, f"{request} was acknowledged and is lost: {run}")
        elif isinstance(request, Terminate):
            seen = RunStatus.TERMINATED in since or request.run_id in self._contested
            require(seen, f"the end of {run} was acknowledged and is lost")

    def _refused(self, ask: PendingRequest, error: PodiumError) -> None:
        """What was refused could be refused when it was asked, or since."""
        request = ask.request
        self._note(f"no {type(request).__name__} {self._ledger.name(request.run_id)}: {type(error).__name__}")
        if isinstance(request, TaskStarted) and ask.assignment is not None:
            self._not_taken(ask.engine, ask.assignment)
        if isinstance(error, CommitUncertain):
            return
        if isinstance(error, StoreUnavailable):
            nothing = not isinstance(request, StartRequest) or request.run_id not in self._ledger.runs
            require(nothing, f"{request} was answered with {error!r}, and happened")
            return
        require(isinstance(error, RequestError), f"{request} was answered with {error!r}")
        if isinstance(request, StartRequest) and isinstance(error, Conflict):
            may_be = self._ledger.starts.may_refuse(request, error, ask.asked_at)
            require(may_be, f"{request} was refused: {error!r}")
            return
        # Its slot may have gone to another meanwhile; the worker has not begun before it hears that it may.
        has_no_slot = isinstance(request, TaskStarted) and isinstance(error, IllegalTransition)
        is_owed = isinstance(request, Report | StartRequest | TaskStarted) and not has_no_slot
        require(not is_owed, f"{request} was refused: {error!r}")
        if isinstance(error, IllegalTransition) and not isinstance(request, StartRequest):
            self._check_refusal(ask, error)

    @staticmethod
    def _not_taken(engine: EngineProcess, assignment: Assignment) -> None:
        if engine.gate is not None:
            engine.gate.waiting.append(assignment)
        else:
            engine.kernel.submit(Released(assignment.run_id, assignment.seq))

    def _check_refusal(self, ask: PendingRequest, error: PodiumError) -> None:
        if ask.request.run_id in self._contested:
            return
        run = self._ledger.runs[ask.request.run_id]
        since = {RunStatus(status) for status in run.history[ask.since :]}
        fits: Callable[[RunStatus], bool]
        if isinstance(ask.request, Pause):
            fits = _is_live
        elif isinstance(ask.request, Resume):
            fits = _is_paused
        elif isinstance(ask.request, RestartRequest):
            fits = _is_ended
        else:
            return
        require(not all(map(fits, since)), f"{ask.request} was refused ({error}), and {run} was {since}")


def _is_live(status: RunStatus) -> bool:
    return not status.is_terminal


def _is_ended(status: RunStatus) -> bool:
    return status.is_terminal


def _is_paused(status: RunStatus) -> bool:
    return status is RunStatus.PAUSED
