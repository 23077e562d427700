"""
The messages that wait for a run: they come as events, and PULL_WORKFLOW_MESSAGES tasks take them.

The store keeps each as a row of its own; the run knows the numbers of the first and the last, so most decisions need
not read any. Conductor: ``WorkflowMessageQueueDAO.java``, ``WorkflowMessageQueueResource.java``.
"""

from __future__ import annotations

from podium.engine.decision import Decision
from podium.engine.events import InboxMessage
from podium.engine.rows import MessageRow
from podium.model.errors import IllegalTransition, InboxFull
from podium.model.statuses import RunStatus, TaskStatus, TaskType

#: Messages that are read at once: of many that came too early for anybody the first fresh one is found quickly.
_PART = 100
#: Ids that a run remembers, to know a message that is repeated.
_RECEIPTS = 64


def receive(decision: Decision, event: InboxMessage) -> None:
    """
    Keep a message, and let the first task look that waits for one.

    Raises:
        IllegalTransition: The run is not RUNNING.
        InboxFull: As many wait as the limits allow.
    """
    run, state, now = decision.run, decision.state, decision.context.now
    if run.status is not RunStatus.RUNNING or run.ending is not None:
        raise IllegalTransition(f"Workflow {run.run_id} is not in RUNNING state (current: {run.status})")
    if event.message_id in run.receipts:
        return  # the commit with it, of which nobody knew, went through
    most = decision.context.limits.waiting_messages
    if run.received - run.taken >= most:
        raise InboxFull(f"{most} messages wait for run {run.run_id}, which is the limit; try again when it took some")
    run.received += 1
    run.receipts = [*run.receipts, event.message_id][-_RECEIPTS:]
    state.beside().new_messages.append(MessageRow(run.run_id, run.received, now, event.message_id, event.body))
    state.touched = True
    pullers = (one for one in state.pending.values() if one.task_type == TaskType.PULL_WORKFLOW_MESSAGES)
    waiting = next((one for one in pullers if one.status is TaskStatus.IN_PROGRESS), None)
    if waiting is not None:
        decision.agenda.turn(waiting, "look")


def close(decision: Decision) -> None:
    """Let go of what nobody has taken: the run has ended."""
    run, state = decision.run, decision.state
    if run.received > run.taken:
        run.taken = run.received
        run.receipts = ()
        besides = state.beside()
        besides.is_inbox_emptied = True
        besides.new_messages.clear()


def take(decision: Decision, most: int) -> list[MessageRow]:
    """
    Take the oldest messages out, at most *most*, and no more than fit into one output; those that are too old are lost.

    Raises:
        Missing: They have not been read; nothing was taken.
    """
    run, limits = decision.run, decision.context.limits
    oldest = decision.context.now - limits.message_life_s * 1000
    chosen: list[MessageRow] = []
    last, size = run.taken, 0
    while last < run.received:
        rows = decision.context.messages(decision.state, last, _PART)
        if not rows:  # another process has taken them: this decision's commit will be refused
            last = run.received
        for row in rows:
            if row.created_at > oldest:
                size += len(row.body)
                if len(chosen) == most or (chosen and size > limits.message_bytes):
                    return _taken(decision, last, chosen)
                chosen.append(row)
            last = row.number
    return _taken(decision, last, chosen)


def _taken(decision: Decision, last: int, chosen: list[MessageRow]) -> list[MessageRow]:
    run, state = decision.run, decision.state
    if last > run.taken:
        besides = state.beside()
        unsaved = {row.number for row in besides.new_messages}
        besides.taken_messages += [number for number in range(run.taken + 1, last + 1) if number not in unsaved]
        besides.new_messages = [row for row in besides.new_messages if row.number > last]
        run.taken = last
        state.touched = True
    return chosen
