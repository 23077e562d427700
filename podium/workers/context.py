"""What a running task function can know and say: its `TaskContext`."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, ClassVar

from podium.dsl import running
from podium.model.errors import RequestError, TaskCancelled
from podium.model.payloads import dump, parse
from podium.model.spans import current_trace
from podium.model.tracing import trace_headers
from podium.model.values import JsonValue
from podium.workers.attempts import Attempt


class TaskContext:
    """
    The attempt that runs, for its function.

    A function gets it through a parameter annotated ``TaskContext`` (no input of the task), or from `current`.

    Example:
        >>> def resize(context: TaskContext, path: str) -> str:
        ...     context.log(f"attempt {context.attempt}")
        ...     return path
    """

    #: Marks the class for type checkers, see `podium.dsl.tasks.ContextLike`.
    podium_context: ClassVar[bool] = True

    __slots__ = ("_inner", "_logger")

    def __init__(self, attempt: Attempt) -> None:
        self._inner = attempt
        self._logger: TaskLogger | None = None

    @property
    def task_id(self) -> str:
        """The attempt's id, new for each attempt: no key for work that must happen once, see `reference_name`."""
        return self._inner.assignment.task_id

    @property
    def run_id(self) -> str:
        """The run's id; with `reference_name` the same for all attempts of one step."""
        return self._inner.assignment.run_id

    @property
    def workflow_id(self) -> str:
        """The run's id, as Conductor calls it."""
        return self._inner.assignment.run_id

    @property
    def workflow_name(self) -> str:
        """The workflow's name."""
        return self._inner.assignment.workflow_name

    @property
    def correlation_id(self) -> str | None:
        """The id that the run's starter gave."""
        return self._inner.assignment.correlation_id

    @property
    def trace_headers(self) -> dict[str, str]:
        """
        The headers (``traceparent``, ``tracestate``) that make what is asked for a part of the run's trace.

        Empty for no trace. Where this program records spans, they name the span that is current.
        """
        return trace_headers(current_trace() or self._inner.assignment.trace)

    @property
    def task_name(self) -> str:
        """The task's name."""
        return self._inner.assignment.queue

    @property
    def reference_name(self) -> str:
        """The step's name, with ``__<iteration>`` inside loops."""
        return self._inner.assignment.ref

    @property
    def attempt(self) -> int:
        """1 for the first attempt, 2 for the first retry."""
        return self._inner.assignment.retry_count + 1

    @property
    def retry_count(self) -> int:
        """How many attempts were made before, as Conductor counts."""
        return self._inner.assignment.retry_count

    @property
    def previous_output(self) -> dict[str, JsonValue]:
        """What this attempt returned with `InProgress` when it was last called; empty at the first call."""
        copy: dict[str, JsonValue] = parse(dump(self._inner.assignment.output))
        return copy

    @property
    def logger(self) -> logging.LoggerAdapter[logging.Logger]:
        """
        A logger for this attempt.

        Lines from INFO upwards stand in the task's logs too, whatever the logging of this process is set to. Secrets of
        the attempt's input and masked fields of its run are left out of both.
        """
        if self._logger is None:
            self._logger = TaskLogger(self._inner)
        return self._logger

    @property
    def cancelled(self) -> bool:
        """
        Whether nobody wants this attempt any longer: its result would be passed over, so the function had better end.

        The run has ended, the attempt has timed out, or somebody else has ended it; or the workers are leaving and do
        not wait any longer (the attempt is offered to others then). An async function is cancelled as well, as asyncio
        does it: what it awaits raises ``CancelledError``.

        Example:
            >>> def crawl(context: TaskContext, pages: list[str]) -> int:
            ...     for number, page in enumerate(pages):
            ...         if context.cancelled:
            ...             return number
            ...     return len(pages)
        """
        return self._inner.is_cancelled

    def check(self) -> None:
        """
        End the function here if the attempt is `cancelled`.

        Raises:
            TaskCancelled: It is; let it pass, so that ``finally`` blocks clean up. It is no ``Exception``.
        """
        if self._inner.is_cancelled:
            raise TaskCancelled(f"attempt {self.attempt} of {self.reference_name!r} is not wanted any more")

    def log(self, text: str) -> None:
        """Add a line to the task's logs; the engine gets it when the function has ended."""
        self._inner.log(text)

    def heartbeat(self) -> None:
        """
        Say now that the function is alive, so that its response timeout starts anew.

        The pool does so by itself while the function runs; a function needs this only to say it earlier.
        """
        self._inner.reporter.beat(self._inner)

    def __repr__(self) -> str:
        return f"<TaskContext of {self.reference_name!r} in run {self.run_id}, attempt {self.attempt}>"


def current() -> TaskContext:
    """
    Return the context of the task function that is running, also from within ``asyncio.to_thread``.

    Raises:
        RequestError: No task function is running here.
    """
    attempt = running.running()
    if not isinstance(attempt, Attempt):
        raise RequestError("no task is running here: current() works inside a task function, and in what it calls")
    return TaskContext(attempt)


class TaskLogger(logging.LoggerAdapter[logging.Logger]):
    """Writes to the logger ``podium.task.<name>`` and to the attempt's own logs."""

    def __init__(self, attempt: Attempt) -> None:
        assignment = attempt.assignment
        super().__init__(
            logging.getLogger(f"podium.task.{assignment.queue}"),
            {"run_id": assignment.run_id, "task_id": assignment.task_id},
        )
        self._attempt = attempt
        self._hides = attempt.hides()

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the run's and the attempt's id to what the author says of the line."""
        return msg, {**kwargs, "extra": {**(self.extra or {}), **kwargs.get("extra", {})}}

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a line; see `logging.Logger.log`."""
        if level >= logging.INFO or self.isEnabledFor(level):
            text = _formatted(msg, args)
            if kwargs.get("exc_info"):
                text = f"{text}\n{_raised(kwargs['exc_info'])}"
            self._attempt.log(f"{logging.getLevelName(level)} {text}")
            if self._hides is not None:
                msg, args = "%s", (self._hides(text),)
                extra = {key: _shown(value, self._hides) for key, value in (kwargs.get("extra") or {}).items()}
                kwargs = {**kwargs, "exc_info": None, "extra": extra}
        # One frame up, so that the line is said to come from the author's code.
        super().log(level, msg, *args, **{**kwargs, "stacklevel": kwargs.get("stacklevel", 1) + 1})


def _raised(exc_info: Any) -> str:
    """Return the traceback that ``exc_info=`` of a line means: an exception, a triple, or True for the present one."""
    if isinstance(exc_info, BaseException):
        return "".join(traceback.format_exception(exc_info))
    if isinstance(exc_info, tuple):
        return "".join(traceback.format_exception(*exc_info))
    return traceback.format_exc()


def _shown(value: Any, hides: Callable[[str], str]) -> Any:
    """Return a field that an author adds to a line, as a text without what is hidden if it holds any of that."""
    text = str(value)
    shown = hides(text)
    return value if shown == text else shown


def _formatted(msg: object, args: tuple[object, ...]) -> str:
    record = logging.LogRecord("", 0, "", 0, msg, args, None)
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a wrong format spoils a line, not the task; logging says where it is
        return str(msg)
