"""WAIT, HUMAN, YIELD, WAIT_FOR_WEBHOOK: nothing is done, until a moment or a word from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.records import TaskRecord
from podium.expressions.paths import path_fault
from podium.expressions.text import java_text
from podium.model.durations import parse_duration_s, parse_until
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

#: The queue of the store in which attempts lie that wait for a webhook.
WEBHOOKS: Final = "~webhooks"


class WaitOperator(Operator):
    """
    WAIT: until a duration has passed, until a moment, or until somebody updates the task.

    Conductor: ``Wait.java``, ``WaitTaskMapper.java``. A duration that cannot be read fails the task; Conductor's run
    hangs. A moment without a zone is in UTC. It ends at the moment that was asked for; what follows starts when that
    was noticed, which is later, so the run tells by how much.
    """

    is_silent = True
    takes_template = False
    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Read the inputs and sleep."""
        duration, until = _asked(record)
        if duration and until:
            self._refuse(decision, record, "Both 'duration' and 'until' specified. Please provide only one input")
            return
        now = decision.context.now
        try:
            wake_at = _over_at(record, now)
        except ValueError as error:
            self._refuse(decision, record, str(error))
            return
        record.status = TaskStatus.IN_PROGRESS
        record.started_at = record.updated_at = now
        if wake_at is None:
            decision.arm(record)
            decision.state.touch(record)
        elif wake_at <= now:
            decision.agenda.later(record, "wake")
        else:
            decision.sleep(record, wake_at)

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """The moment has come."""
        decision.end(record, TaskStatus.COMPLETED)
        over_at = _over_at(record, record.started_at)
        if over_at is not None:
            record.ended_at = min(max(over_at, record.started_at), record.ended_at)

    @staticmethod
    def _refuse(decision: Decision, record: TaskRecord, reason: str) -> None:
        decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)


class Human(Operator):
    """HUMAN: until a person's answer comes as an update of the task. Conductor: ``Human.java``."""

    is_silent = True
    takes_template = False
    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Be in progress until somebody outside completes it."""
        record.status = TaskStatus.IN_PROGRESS
        record.started_at = record.updated_at = decision.context.now
        decision.arm(record)
        decision.state.touch(record)


class Yield(Human):
    """
    YIELD: until a signal comes, whose payload is the output.

    Orkes' documentation has it; an execution that is awaited up to here is answered here.
    """


class WaitForWebhook(Human):
    """
    WAIT_FOR_WEBHOOK: until a webhook is called with a payload that fits ``matches``.

    What waits lies in a queue of the store that no worker serves, so that a call finds it whatever run it is of.
    """

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Wait, unless nothing could ever fit."""
        matches = record.input.get("matches")
        if not isinstance(matches, Mapping) or not matches:
            reason = (
                "WAIT_FOR_WEBHOOK needs an input 'matches' with a value for each path in the payload, such as "
                f"{{\"$['event']['type']\": \"message\"}}, and has {java_text(matches)}"
            )
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
            return
        for path in matches:
            if (fault := path_fault(path)) is not None:
                reason = f"WAIT_FOR_WEBHOOK: no payload has anything at the path {path[:200]!r} of 'matches': {fault}"
                decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
                return
        record.open_queue = WEBHOOKS
        record.open_rank = record.scheduled_at
        super().begin(decision, record)


def _asked(record: TaskRecord) -> tuple[str, str]:
    """Return the duration and the moment that a WAIT is given; each is empty where it is not."""
    return _given(record.input.get("duration")), _given(record.input.get("until"))


def _over_at(record: TaskRecord, started_at: int) -> int | None:
    """Return the moment at which a WAIT is over, in epoch milliseconds; None where it is told so from outside."""
    duration, until = _asked(record)
    if duration:
        return started_at + parse_duration_s(duration) * 1000
    return int(parse_until(until, UTC).timestamp() * 1000) if until else None


def _given(value: JsonValue) -> str:
    return java_text(value).strip() if value is not None else ""
