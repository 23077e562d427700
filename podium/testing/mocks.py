"""
What stands in for tasks in a test: results, failures, time-outs and delays, by reference name.

The shape is that of Conductor's test request (``WorkflowTestRequest.java``): ``taskRefToMockOutput`` has a list for
each reference, one element for each attempt or iteration, and ``subWorkflowTestRequest`` has the same for what a
sub-workflow does. Python authors write results and exceptions as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from attrs import field, frozen

from podium.dsl import Task
from podium.dsl.arguments import checked_verb
from podium.model.errors import InvalidRequest, TerminalTaskError
from podium.model.statuses import REPORTABLE, TaskStatus
from podium.model.texts import shown
from podium.model.values import JsonObject, JsonValue
from podium.testing.clock import milliseconds
from podium.workers.outputs import WrongOutputError, packer

#: What may stand for one attempt: a `Mock`, its JSON, an exception to fail with, or what the function would return.
MockLike: TypeAlias = "Mock | BaseException | type[BaseException] | JsonValue | object"

#: The keys of Conductor's ``TaskMock``; the reason is our own.
_KEYS = frozenset({"status", "output", "executionTime", "queueWaitTime", "reasonForIncompletion"})
_REQUEST_KEYS = frozenset({"taskRefToMockOutput", "subWorkflowTestRequest"})
#: The other keys of a test request; they say what is started.
_START_KEYS = frozenset(
    {
        "name",
        "version",
        "correlationId",
        "input",
        "taskToDomain",
        "workflowDef",
        "externalInputPayloadStoragePath",
        "priority",
        "createdBy",
        "idempotencyKey",
        "idempotencyStrategy",
    }
)
#: How an attempt may end: as a worker may report it, or not at all.
_STATUSES = REPORTABLE | {TaskStatus.TIMED_OUT}


@frozen
class Mock:
    """
    How one attempt of a task goes (Conductor: ``TaskMock``).

    Attributes:
        status: TIMED_OUT stands for a worker that takes the attempt and is never heard of again.
        output: The attempt's output, as it stands.
        execution_ms: Virtual milliseconds from its start to its end (``executionTime``).
        queue_ms: Virtual milliseconds until it starts (``queueWaitTime``).
        reason: Why it failed.
        is_result: The output stands for what a function returned, so it must be what that is declared to return.
    """

    status: TaskStatus = TaskStatus.COMPLETED
    output: JsonObject = field(factory=dict)
    execution_ms: int = 0
    queue_ms: int = 0
    reason: str | None = None
    is_result: bool = False

    def to_dict(self) -> dict[str, JsonValue]:
        """Return it as an element of ``taskRefToMockOutput``; what is not said is left out."""
        found: dict[str, JsonValue] = {"status": self.status.value, "output": dict(self.output)}
        found |= {"executionTime": self.execution_ms} if self.execution_ms else {}
        found |= {"queueWaitTime": self.queue_ms} if self.queue_ms else {}
        return found | ({"reasonForIncompletion": self.reason} if self.reason else {})


def completed(result: object = None, *, takes: timedelta | str | float = 0, waits: timedelta | str | float = 0) -> Mock:
    """
    Return a mock that ends well.

    Args:
        result: What the task's function would return: a map or a record is the output, anything else is ``result``.
        takes: Virtual time from its start to its end, such as ``"5m"`` or 0.5 seconds.
        waits: Virtual time in the queue before it starts.

    Example:
        >>> completed({"ok": True}, takes="2s").to_dict()
        {'status': 'COMPLETED', 'output': {'ok': True}, 'executionTime': 2000}
    """
    output = _packed(result, "the result")
    return Mock(TaskStatus.COMPLETED, output, milliseconds(takes), milliseconds(waits), is_result=True)


@checked_verb
def failed(
    reason: str | BaseException = "mocked to fail",
    *,
    terminal: bool = False,
    output: Mapping[str, object] | None = None,
    takes: timedelta | str | float = 0,
    waits: timedelta | str | float = 0,
) -> Mock:
    """
    Return a mock that fails, and is retried as the task's definition says.

    Args:
        reason: Why, or the exception that the function would raise.
        terminal: It is not retried.
        output: What the attempt leaves.
        takes: As for `completed`.
        waits: As for `completed`.

    Example:
        >>> failed("no route").to_dict()
        {'status': 'FAILED', 'output': {}, 'reasonForIncompletion': 'no route'}
    """
    if not isinstance(reason, str | BaseException):
        raise InvalidRequest(
            f"failed() takes a reason or an exception, such as failed('no route'), not {shown(reason)}"
        )
    is_terminal = terminal or isinstance(reason, TerminalTaskError)
    status = TaskStatus.FAILED_WITH_TERMINAL_ERROR if is_terminal else TaskStatus.FAILED
    text = reason if isinstance(reason, str) else _words_of(reason)
    return Mock(status, _packed(output, "the output"), milliseconds(takes), milliseconds(waits), text)


def timed_out(*, waits: timedelta | str | float = 0) -> Mock:
    """
    Return a mock of a worker that takes the attempt and is never heard of again: one of its time-outs ends it.

    Args:
        waits: Virtual time in the queue before it starts; longer than the poll time-out to let that one end it.
    """
    return Mock(TaskStatus.TIMED_OUT, queue_ms=milliseconds(waits))


def _words_of(error: BaseException | type[BaseException]) -> str:
    """Return an exception as the reason of an attempt that it ended."""
    if isinstance(error, type):
        return error.__name__
    text = str(error)
    if isinstance(error, TerminalTaskError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _packed(value: object, subject: str) -> dict[str, JsonValue]:
    try:
        return packer(Any, "mock")(value)
    except WrongOutputError as error:
        raise InvalidRequest(f"{subject}: {error}") from None


def mock_of(given: MockLike, subject: str) -> Mock:
    """
    Return a mock as authors or Conductor's request write it.

    Args:
        given: A `Mock`; its JSON; an exception, or a class of them; anything else is what the function would return.
        subject: The place, for messages.

    Raises:
        InvalidRequest: It can be read in no way, or in two.
    """
    if isinstance(given, Mock):
        return given
    if isinstance(given, BaseException) or (isinstance(given, type) and issubclass(given, BaseException)):
        is_terminal = isinstance(given, TerminalTaskError) or given is TerminalTaskError
        return failed(_words_of(given), terminal=is_terminal)
    if isinstance(given, Mapping) and given.keys() & _KEYS:
        return _from_json(given, subject)
    return Mock(output=_packed(given, subject), is_result=True)


def _from_json(given: Mapping[str, Any], subject: str) -> Mock:
    unknown = sorted(map(str, given.keys() - _KEYS))
    if unknown:
        keys = ", ".join(sorted(_KEYS))
        raise InvalidRequest(
            f"{subject}: {', '.join(unknown)} is no key of a mock ({keys}); an output that has one of these keys is "
            f"written as {{'output': {{...}}}} or completed({{...}})"
        )
    status = given.get("status") or TaskStatus.COMPLETED
    if not isinstance(status, str) or status not in _STATUSES:
        raise InvalidRequest(
            f"{subject}: {status!r} is no status of a mock, which is one of {', '.join(sorted(_STATUSES))}; an output "
            f"with a key 'status' is written as {{'output': {{'status': ...}}}} or completed({{'status': ...}})"
        )
    output = given.get("output") or {}
    if not isinstance(output, Mapping):
        raise InvalidRequest(f"{subject}: output is a map, not {shown(output)}; for one value write completed(value)")
    times = [given.get(key) or 0 for key in ("executionTime", "queueWaitTime")]
    if any(isinstance(time, bool) or not isinstance(time, int | float) or time < 0 for time in times):
        raise InvalidRequest(f"{subject}: executionTime and queueWaitTime are milliseconds, not {shown(times)}")
    reason = given.get("reasonForIncompletion")
    return Mock(TaskStatus(status), _packed(output, subject), round(times[0]), round(times[1]), reason)


class MockSupply:
    """
    The mocks of one reference, in the order of its attempts and iterations.

    Args:
        given: A list, used up from its beginning; anything else holds for every attempt.
        subject: The place, for messages.

    Attributes:
        worker: A function that does the work instead, or None.
        used: How many were taken.
    """

    def __init__(self, given: Any, subject: str) -> None:
        self.worker: Task[..., Any] | Callable[..., Any] | None = None
        self.used: int = 0
        self._listed: tuple[Mock, ...] | None = None
        self._always: Mock | None = None
        is_exception = isinstance(given, type) and issubclass(given, BaseException)
        if isinstance(given, Task) or (callable(given) and not is_exception):
            self.worker = given
        elif isinstance(given, Sequence) and not isinstance(given, str | bytes):
            self._listed = tuple(mock_of(one, f"{subject}[{i}]") for i, one in enumerate(given))
        else:
            self._always = mock_of(given, subject)

    def take(self) -> Mock | None:
        """Return the mock of the next attempt; None if a list is used up."""
        self.used += 1
        if self._listed is None:
            return self._always
        return self._listed[self.used - 1] if self.used <= len(self._listed) else None

    @property
    def size(self) -> int | None:
        """How many there are; None for one that holds for every attempt."""
        return None if self._listed is None else len(self._listed)


class MockScope:
    """
    The mocks of one run: those that were given for it, and behind them those of the run that called it.

    Args:
        given: By reference name; a value with ``taskRefToMockOutput`` is for the tasks inside a sub-workflow. Or the
            whole as a test request.
        subject: The place, for messages.
        outer: The mocks of the caller.

    Raises:
        InvalidRequest: Something cannot be read; the message names the place.
    """

    def __init__(self, given: Mapping[str, Any] | None, subject: str = "mocks", outer: MockScope | None = None) -> None:
        self._outer = outer
        self._supplies: dict[str, MockSupply] = {}
        self._inner: dict[str, MockScope] = {}
        given = {} if given is None else given
        if not isinstance(given, Mapping):
            raise InvalidRequest(f"{subject} maps reference names to what their tasks give, and is not {shown(given)}")
        if is_request(given):
            self._read_request(given, subject)
        else:
            for ref, one in given.items():
                self._read(str(ref), one, f"{subject}[{ref!r}]")

    def _read_request(self, given: Mapping[str, Any], subject: str) -> None:
        outputs = given.get("taskRefToMockOutput") or {}
        if not isinstance(outputs, Mapping):
            raise InvalidRequest(
                f"{subject}['taskRefToMockOutput'] maps reference names to lists, not {shown(outputs)}"
            )
        for ref, one in outputs.items():
            place = f"{subject}['taskRefToMockOutput'][{ref!r}]"
            if not isinstance(one, Sequence) or isinstance(one, str):
                raise InvalidRequest(f"{place} is a list, one element for each attempt, not {shown(one)}")
            self._supplies[ref] = MockSupply(one, place)
        inner = given.get("subWorkflowTestRequest") or {}
        if not isinstance(inner, Mapping):
            raise InvalidRequest(
                f"{subject}['subWorkflowTestRequest'] maps reference names to requests, not {shown(inner)}"
            )
        for ref, one in inner.items():
            self._inner[ref] = MockScope(one, f"{subject}['subWorkflowTestRequest'][{ref!r}]", self)

    def _read(self, ref: str, one: Any, subject: str) -> None:
        if isinstance(one, Mapping) and is_request(one):
            self._inner[ref] = MockScope(one, subject, self)
        else:
            self._supplies[ref] = MockSupply(one, subject)

    def find(self, *names: str) -> MockSupply | None:
        """Return the mocks of the first of some names that has any, here or in the callers' scopes."""
        for name in names:
            if name in self._supplies:
                return self._supplies[name]
        return None if self._outer is None else self._outer.find(*names)

    def inside(self, *refs: str) -> MockScope:
        """Return the scope of the run that a task calls; this one, if nothing was said of it."""
        return next((self._inner[ref] for ref in refs if ref in self._inner), self)

    def set(self, ref: str, given: object) -> None:
        """Let mocks stand for a reference from now on, instead of those that it had."""
        self._read(ref, given, f"mocks[{ref!r}]")

    def names(self) -> Iterator[tuple[str, MockSupply | None]]:
        """Yield every name that something was given for, with its mocks; None for a sub-workflow's own."""
        yield from self._supplies.items()
        for ref, inner in self._inner.items():
            yield ref, None
            yield from inner.names()


def is_request(given: Mapping[str, Any]) -> bool:
    """Return whether a map is a test request of Conductor, and no map of references."""
    return bool(given.keys() & _REQUEST_KEYS) and given.keys() <= _REQUEST_KEYS | _START_KEYS
