"""
HTTP_POLL: a request that is sent again and again until its answer says what is wanted.

The open-source server's documentation describes it and Orkes runs it; its class is not open. The requests are sent as
those of HTTP tasks are; between two of them nothing is held open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from podium.engine.decision import Decision
from podium.engine.operators.worker import Worker
from podium.engine.records import TaskRecord
from podium.engine.tasks.outcome import InvalidInputError
from podium.expressions.evaluators import EvaluatorError, evaluate
from podium.expressions.javascript import ScriptError, ScriptTimeout
from podium.expressions.secrets import deliver_secrets
from podium.expressions.text import java_text
from podium.model.json_text import shown
from podium.model.statuses import TaskStatus
from podium.model.values import JsonObject, JsonValue

#: Seconds between two requests, and most requests, where the input says nothing.
_INTERVAL_S = 60
_POLLS_MAX = 1_000
#: The longest pause that a strategy comes to, in seconds.
_PAUSE_MAX_S = 24 * 3600
_STRATEGIES = ("FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF")


class _Schedule(NamedTuple):
    """When to ask again."""

    interval_s: int
    strategy: str
    polls_max: int

    def pause_s(self, polls: int) -> int:
        """Return the seconds between a request, which was the *polls*-th, and the next."""
        if self.strategy == "LINEAR_BACKOFF":
            return min(self.interval_s * polls, _PAUSE_MAX_S)
        if self.strategy == "EXPONENTIAL_BACKOFF":
            return min(self.interval_s << min(polls - 1, 32), _PAUSE_MAX_S)
        return self.interval_s


class HttpPoll(Worker):
    """
    HTTP_POLL: complete when ``terminationCondition`` holds for an answer.

    An answer that is a failure, such as a status that is not accepted, fails the attempt as that of an HTTP task does.
    """

    returns_to_queue = False
    is_judged = True
    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Let the request be sent; before the first one see that the input makes sense."""
        if record.started_at:
            record.poll_count += 1
        else:
            try:
                _condition(record.input)
                _schedule(record.input)
            except InvalidInputError as error:
                decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=str(error))
                return
        decision.offer(record)

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """An answer is there: complete, or rest until the next request."""
        condition = _condition(record.input)
        bindings = _bindings(decision, record, condition)
        try:
            verdict = evaluate("javascript", condition, bindings, scripts=decision.context.scripts)
        except ScriptTimeout as error:
            decision.end(record, TaskStatus.FAILED, record.output, str(error))
            return
        except (EvaluatorError, ScriptError) as error:
            reason = f"The terminationCondition cannot be evaluated: {error}"
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, record.output, reason)
            return
        if _is_negative(verdict):
            reason = f"The terminationCondition gave {java_text(verdict)}, which stands for a failure"
            decision.end(record, TaskStatus.FAILED, record.output, reason)
        elif _is_truthy(verdict):
            decision.end(record, TaskStatus.COMPLETED, record.output)
        else:
            self._rest(decision, record)

    @staticmethod
    def _rest(decision: Decision, record: TaskRecord) -> None:
        schedule, polls = _schedule(record.input), max(1, record.poll_count)
        if polls >= schedule.polls_max:
            reason = f"The terminationCondition did not hold in {polls} requests (maxPollCount)"
            decision.end(record, TaskStatus.FAILED, record.output, reason)
            return
        record.status = TaskStatus.SCHEDULED
        record.is_local = False
        record.deaths = 0
        record.open_queue = None
        record.callback_after_s = schedule.pause_s(polls)
        decision.sleep(record, decision.context.now + record.callback_after_s * 1000)
        decision.state.touch(record)


def _is_truthy(value: JsonValue) -> bool:
    """Return whether JavaScript takes a value for true: every list and object, too."""
    return isinstance(value, list | dict) or bool(value)


def _is_negative(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value < 0


def _request(task_input: JsonObject) -> JsonObject:
    request = task_input.get("http_request")
    return request if isinstance(request, Mapping) else task_input


def _condition(task_input: JsonObject) -> str:
    condition = _request(task_input).get("terminationCondition")
    if not isinstance(condition, str) or not condition.strip():
        raise InvalidInputError(
            "HTTP_POLL needs a 'terminationCondition', JavaScript that is true when the answer is the one that is "
            f"wanted, such as $.output.response.body.state === 'DONE'; it has {shown(condition)}"
        )
    return condition


def _schedule(task_input: JsonObject) -> _Schedule:
    request = _request(task_input)
    strategy = request.get("pollingStrategy")
    strategy = "FIXED" if strategy is None else strategy
    if strategy not in _STRATEGIES:
        raise InvalidInputError(f"pollingStrategy must be one of {', '.join(_STRATEGIES)}, not {shown(strategy)}")
    interval = _whole(request, "pollingInterval", _INTERVAL_S, "seconds")
    return _Schedule(interval, str(strategy), _whole(request, "maxPollCount", _POLLS_MAX, "requests"))


def _whole(request: JsonObject, key: str, otherwise: int, unit: str) -> int:
    value = request.get(key)
    if value is None:
        return otherwise
    try:
        number = int(float(java_text(value)))
    except (ValueError, OverflowError):
        number = 0
    if isinstance(value, bool) or number < 1:
        raise InvalidInputError(f"{key} must be a number of {unit} from 1 upwards, not {shown(value)}")
    return number


def _bindings(decision: Decision, record: TaskRecord, condition: str) -> JsonObject:
    """Return what ``$`` is: this task's ``output`` and ``input``, and every other task that the condition names."""
    bindings: dict[str, JsonValue] = {}
    for ref, other in decision.state.newest.items():
        if other is not record and re.search(rf"(?<![\w$]){re.escape(ref)}(?![\w$])", condition):
            bindings[ref] = {"output": dict(decision.output_of(other)), "status": other.status.value}
    given = deliver_secrets(record.input, decision.context.secrets, record.input_bytes)
    return {**bindings, "output": record.output, "input": given}
