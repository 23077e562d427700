"""
Messages about what becomes of attempts: ``onStateChange`` (Orkes Conductor; the open-source server only keeps it).

They are put together at the end of a decision, when all that it did to an attempt is done, and committed with that.
From then on they wait in the store until they are sent (`podium.client.outbox`): at least once, always under one id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.engine.decision import Decision
from podium.engine.records import TaskRecord
from podium.engine.rows import OutboxRow
from podium.expressions.refusals import PathRefused, PathTooCostly, PatternRefused
from podium.expressions.template import compile_template
from podium.model.definitions import StateChangeEvent
from podium.model.errors import LimitExceeded
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

_RANKS = {"onScheduled": 1, "onStart": 2}
#: What an attempt was in a state that it has left by now, such as one that began and ended in one commit.
_STATUSES = {"onScheduled": TaskStatus.SCHEDULED, "onStart": TaskStatus.IN_PROGRESS}
_ENDS = {
    TaskStatus.COMPLETED: "onSuccess",
    TaskStatus.CANCELED: "onCancelled",
    TaskStatus.COMPLETED_WITH_ERRORS: "onFailed",
    TaskStatus.FAILED: "onFailed",
    TaskStatus.FAILED_WITH_TERMINAL_ERROR: "onFailed",
    TaskStatus.TIMED_OUT: "onFailed",
}


def tell_states(decision: Decision) -> None:
    """
    Put the messages together that a decision leads to; each attempt has each state told once.

    Raises:
        Missing: A message shows the output of a loop, whose past is to be read first.
    """
    for record in list(decision.state.changed.values()):
        events = record.node.task.on_state_change
        if not events:
            continue
        for word in _states(record):
            if word in record.told.split():
                continue
            wanted = [event for words, each in events.items() if word in _split(words) for event in each]
            decision.state.beside().outbox += [_message(decision, record, word, *one) for one in enumerate(wanted)]
            record.told = f"{record.told} {word}".lstrip()


def _states(record: TaskRecord) -> Iterator[str]:
    """Yield what an attempt has come to, in order."""
    yield "onScheduled"
    status = record.status
    # A worker here is known to have begun when it reports; one that waited for nobody has not begun at its end.
    if status is TaskStatus.IN_PROGRESS or status is TaskStatus.COMPLETED or record.poll_count:
        yield "onStart"
    if status in _ENDS:
        yield _ENDS[status]


def _split(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.split(","))


def _message(decision: Decision, record: TaskRecord, word: str, number: int, event: StateChangeEvent) -> OutboxRow:
    run, context = decision.run, decision.context
    shown: dict[str, JsonValue] = {
        "event": word,
        "status": _STATUSES.get(word, record.status).value,
        "taskId": record.task_id,
        "referenceTaskName": record.ref,
        "taskDefName": record.task_def_name,
        "retryCount": record.retry_count,
        "workflowInstanceId": run.run_id,
        "workflowType": run.name,
        "workflowVersion": run.version,
        "correlationId": run.correlation_id,
    }
    try:
        own = _payload(decision, record, event)
        body = context.limits.packed({"sink": event.type, "payload": {**shown, **own}}, "the payload of a state event")
    except (PathRefused, PatternRefused, PathTooCostly, LimitExceeded) as error:
        # The run goes on, whatever is told of it.
        body = context.limits.packed({"sink": event.type, "payload": {**shown, "fault": str(error)}}, "a fault")
    # What is told in one millisecond is sent in the order of its ids.
    event_id = f"{record.task_id}:{_RANKS.get(word, 3)}:{word}" + (f":{number}" if number else "")
    return OutboxRow(event_id, context.holder, context.now, body)


def _payload(decision: Decision, record: TaskRecord, event: StateChangeEvent) -> Mapping[str, JsonValue]:
    """Fill in what the author tells; the attempt's place shows this attempt, also if there is a newer one by now."""
    template, newest = compile_template(dict(event.payload or {})), decision.state.newest
    now_there = newest.get(record.base_ref)
    newest[record.base_ref] = record
    try:
        return template.resolve(decision.document, environment=decision.context.environment, task_id=record.task_id)
    finally:
        if now_there is None:
            del newest[record.base_ref]
        else:
            newest[record.base_ref] = now_there
