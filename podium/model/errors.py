"""
Every error that Podium raises, in one tree.

::

    PodiumError                        the root; its message defaults to the docstring's first line
    ├── DefinitionError                the author's text is wrong; carries every problem as (path, message)
    │   └── AuthoringError             the same, at a line of the author's Python source
    ├── RequestError                   the caller asked for what cannot be done
    │   ├── NotFound                   RunNotFound, TaskNotFound, WorkflowNotFound, DefinitionNotFound,
    │   │                              ScheduleNotFound, HandlerNotFound
    │   ├── Conflict                   AlreadyExists, LimitReached,
    │   │                              IllegalTransition (RunUndone, StillRunning, NotRestartable)
    │   ├── InboxFull                  too many messages wait for a run
    │   ├── NoResult                   the run has not completed, or its output is not what is declared
    │   ├── AccessDenied               the server does not let the caller do that
    │   ├── NotOffered                 the server has no such operation
    │   └── InvalidRequest             an argument has a wrong value (PayloadRefused: it is too large or too deep)
    ├── RunTimeout                     the caller's patience ended; the run goes on (also TimeoutError)
    ├── StoreError                     StoreUnavailable (nothing happened), CommitUncertain (perhaps it did),
    │                                  StaleRun (another process was faster; nothing happened)
    ├── ServerError                    ServerUnreachable (nothing happened), AnswerLost (perhaps it did), both also
    │                                  ConnectionError; ServerFailed (it says so itself), ServerBusy (not now)
    ├── Shortage                       the machine lacks descriptors, memory or threads for now; nothing happened
    ├── EngineStopped                  the engine of this process has been closed or broke; its runs are safe
    ├── BackendError                   UnknownBackend (also LookupError), BackendNotInstalled (also ImportError)
    ├── LimitExceeded                  a value is larger or deeper than the engine takes
    ├── RenderError                    a picture could not be made
    └── InternalError                  a bug of ours; never caught except at the top

A failing *task* is data, not an exception. A worker function raises `TerminalTaskError` to say "do not retry".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from podium.model.texts import without_addresses


class PodiumError(Exception):
    """Something went wrong in Podium."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message if message is not None else (type(self).__doc__ or "").strip().splitlines()[0])


class Fault(NamedTuple):
    """One thing that is wrong with a definition."""

    #: Where: a path such as ``tasks[2].decisionCases.A[0].name``; empty for the whole document.
    path: str
    #: What is wrong, and what to write instead.
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DefinitionError(PodiumError):
    """
    A definition cannot be read.

    Attributes:
        faults: Everything that is wrong, in document order.
    """

    def __init__(self, faults: Iterable[Fault], *, subject: str = "definition") -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"the {subject} has {len(self.faults)} problem{'s' * (len(self.faults) != 1)}:\n{lines}")


class AuthoringError(DefinitionError):
    """
    Python source that builds a workflow is wrong.

    Attributes:
        code: The code of the rule, such as ``N1``.
        place: ``file:line`` of the author's code, or None if it is not known.
    """

    def __init__(self, message: str, *, code: str, place: str | None = None) -> None:
        message = without_addresses(message)
        super().__init__([Fault("", message)])
        self.code = code
        self.place = place
        self.args: tuple[object, ...] = (f"{place}: {code} {message}" if place else f"{code} {message}",)


class RequestError(PodiumError):
    """The caller asked for what cannot be done."""


class NotFound(RequestError):
    """What was asked for does not exist."""


class RunNotFound(NotFound):
    """No run has this id."""


class TaskNotFound(NotFound):
    """No task has this id or reference name."""


class ScheduleNotFound(NotFound):
    """No schedule has this name."""


class WorkflowNotFound(NotFound):
    """No workflow is registered under this name and version."""


class HandlerNotFound(NotFound):
    """No event handler has this name."""


class DefinitionNotFound(NotFound):
    """No task definition or schema is registered under this name."""


class Conflict(RequestError):
    """The request does not fit the present state."""


class AlreadyExists(Conflict):
    """It exists already."""


class IllegalTransition(Conflict):
    """The run's status does not allow this operation."""


class StillRunning(IllegalTransition):
    """The run has not ended, so there is nothing to retry."""


class NotRestartable(IllegalTransition):
    """The run is COMPLETED, and its definition says that such a run does not begin anew."""


class RunUndone(IllegalTransition):
    """
    The run's work was undone when it failed, so it can only begin anew, or go on by force.

    Attributes:
        run_id: The run that was undone.
        steps: What was undone.
        advice: What to do instead, as the message has it.
        may_force: It can be taken up all the same, with ``force=True``.
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        run_id: str = "",
        steps: Iterable[str] = (),
        advice: str = "",
        may_force: bool = False,
    ) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.steps: tuple[str, ...] = tuple(steps)
        self.advice = advice
        self.may_force = may_force


class LimitReached(Conflict):
    """As many runs of a workflow go on as its ``rateLimitConfig`` allows, and its policy is REJECT."""


class InboxFull(RequestError):
    """As many messages wait for a run as may wait; there is room when it has taken some."""


class NoResult(RequestError):
    """The run has not completed, or its output is not what its workflow declares."""


class AccessDenied(RequestError):
    """The server does not let the caller do that."""


class NotOffered(RequestError):
    """The server has no such operation."""


class InvalidRequest(RequestError):
    """An argument has a wrong value."""


class PayloadRefused(InvalidRequest):
    """What is given to a run is larger or deeper than the engine takes; nothing has happened."""


class RunTimeout(PodiumError, TimeoutError):
    """The run did not end in the given time; it goes on."""


class StoreError(PodiumError):
    """The store failed."""


class StoreUnavailable(StoreError):
    """The store cannot be reached; nothing was changed."""


class CommitUncertain(StoreError):
    """The store broke off during a commit; the change may or may not have happened."""


class StaleRun(StoreError):
    """Another process changed the run first; nothing was changed."""


class ServerError(PodiumError):
    """The server behind a client failed, or cannot be reached."""


class ServerUnreachable(ServerError, ConnectionError):
    """The server cannot be reached; nothing was changed."""


class AnswerLost(ServerError, ConnectionError):
    """The connection broke off before the server's answer came; the change may or may not have happened."""


class ServerFailed(ServerError):
    """The server says that it failed."""


class ServerBusy(ServerError):
    """The server, or what stands before it, takes nothing for now; nothing was changed."""


class Shortage(PodiumError):
    """The machine lacks file descriptors, memory, processes or threads at the moment; nothing was changed."""


class EngineStopped(PodiumError):
    """The engine of this process has stopped; its runs are in the store, and go on with the next engine."""


class BackendError(PodiumError):
    """A backend cannot be used."""


class UnknownBackend(BackendError, LookupError):
    """No backend is known for this URL."""


class BackendNotInstalled(BackendError, ImportError):
    """The backend's driver is not installed."""


class LimitExceeded(PodiumError):
    """A value is larger or deeper than the engine takes; the message names its size and the limit."""


class RenderError(PodiumError):
    """A picture could not be made."""


class InternalError(PodiumError):
    """This is a bug in Podium; please report it with the traceback."""


class TerminalTaskError(Exception):
    """
    Raised by a worker function: this task failed and must not be retried.

    It ends the attempt as FAILED_WITH_TERMINAL_ERROR. It is the worker's own word, so it stands outside `PodiumError`.
    """


class TaskCancelled(BaseException):  # no Exception, as in asyncio: no handler for the author's own errors shall take it
    """
    Raised in a worker function by ``context.check()``: nobody wants this attempt any longer.

    Its run has ended, it has timed out, or somebody else has ended it. Clean up in ``finally`` and let it pass.
    """
