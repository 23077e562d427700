"""
What moves a live run to another place: a jump to a later task, and another version of its workflow.

Orkes has both (``POST /workflow/{id}/jump/{ref}``, ``POST /workflow/{id}/upgrade``); what is passed over is SKIPPED.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from podium.engine import ending
from podium.engine.deadlines import arm_run
from podium.engine.decision import Decision
from podium.engine.events import Jump, Upgrade
from podium.engine.operators.base import operator_of, tell_joins
from podium.engine.plan import Node, Plan
from podium.engine.records import TaskRecord
from podium.engine.state import awaited_refs
from podium.model.errors import IllegalTransition, LimitExceeded
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue


def jump(decision: Decision, event: Jump) -> None:
    """
    Go on at a later task of the workflow's own list, at once.

    What lives is SKIPPED, and its sub-workflows end; so is what the run has not come to before that task.
    """
    _refuse_busy(decision, "jump")
    state, ref = decision.state, event.ref
    node = state.plan.nodes.get(ref)
    if node is None:
        raise IllegalTransition(f"the workflow {decision.run.name} has no task {ref!r}")
    # A structure cannot be entered in its middle: there would be an iteration without a number.
    if node.scope.owner is not None:
        words = f"{ref!r} is within {node.scope.owner.ref!r}: only tasks of the workflow's own list can be jumped to"
        raise IllegalTransition(words)
    # What follows the place has begun; to do it again is a rerun, which forgets that first.
    if ref in state.newest:
        raise IllegalTransition(f"the run has come to {ref!r} already: terminate it, and rerun it from that task")
    traits = node.traits
    if event.input and (traits.is_choice or traits.has_branches or traits.makes_branches or traits.is_loop):
        raise IllegalTransition(f"{node.task.type} {ref!r} takes no other input")
    decision.context.limits.given(event.input, f"the input of task {ref!r:.200}")
    for record in list(state.pending.values()):
        _leave(decision, record, f"the run jumps to {ref!r}")
    state.close_all()
    for each in node.scope.nodes[: node.position]:
        if each.ref not in state.newest:
            pass_over(decision, each, ())
    if event.input:
        # Entered at once and not by the agenda: the input must be laid over before the attempt begins.
        operator_of(node).enter(decision, node, ())
        _overlay(decision, decision.agenda.laid_out[ref], event.input)
    else:
        decision.enter(node, ())


def upgrade(decision: Decision, event: Upgrade) -> None:
    """
    Go on by another version of the workflow, from where the run is.

    All places that the run has come to must be there still; places before those at which it is, and to which it has not
    come, are SKIPPED, with the outputs that are given. What comes later is what the new version says.
    """
    run, state, plan = decision.run, decision.state, event.plan
    if run.status is not RunStatus.PAUSED:
        _refuse_busy(decision, "upgrade")
    if state.dynamic:
        raise IllegalTransition("a run with a dynamic fork keeps its version: the places of its branches are its own")
    attempts = decision.context.attempts(state)
    # All of them before anything is changed: a refusal leaves the run as it was.
    for record in attempts:
        _refuse_other_place(record, plan)
    if event.input is not None:
        run.input_bytes = decision.context.limits.given(event.input, "the input of the run")
        run.input = dict(event.input)
    state.plan = plan
    run.version, run.digest = plan.definition.version, plan.digest
    _take_in(decision, attempts, plan)
    for record in list(state.pending.values()):
        for node, iterations in _before(record):
            if node.ref_in(iterations) not in state.by_ref:
                pass_over(decision, node, iterations, output=event.outputs.get(node.ref))
        if not record.status.is_terminal:
            decision.arm(record)
    arm_run(run, plan)
    state.touched = True


def pass_over(
    decision: Decision,
    node: Node,
    iterations: tuple[int, ...],
    *,
    inputs: Mapping[str, JsonValue] | None = None,
    output: Mapping[str, JsonValue] | None = None,
) -> None:
    """Make an attempt of a place that is SKIPPED."""
    record = _skipped(decision, node, iterations, dict(inputs or {}), dict(output or {}))
    record.executed = True
    decision.state.add(record)
    tell_joins(decision, record)


def come_to(decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
    """
    Lay out a place of a loop that an operator has skipped before the run came to it.

    So it is one of the attempts of its iteration, whose end the loop hears of.
    """
    inputs, output = decision.run.skips[node.ref_in(iterations)]
    decision.agenda.lay_out(_skipped(decision, node, iterations, dict(inputs), dict(output)))


def _skipped(
    decision: Decision,
    node: Node,
    iterations: tuple[int, ...],
    inputs: dict[str, JsonValue],
    output: dict[str, JsonValue],
) -> TaskRecord:
    now = decision.context.now
    return TaskRecord(
        run_id=decision.run.run_id,
        seq=decision.next_seq(),
        node=node,
        ref=node.ref_in(iterations),
        iterations=iterations,
        task_type=node.task.name,
        task_def_name=node.task.name,
        status=TaskStatus.SKIPPED,
        input=inputs,
        output=output,
        scheduled_at=now,
        ended_at=now,
        updated_at=now,
    )


def _refuse_busy(decision: Decision, verb: str) -> None:
    run, state = decision.run, decision.state
    if run.status is not RunStatus.RUNNING or run.ending is not None:
        raise IllegalTransition(f"run {run.run_id} is {run.status}; only a RUNNING run can {verb}")
    if state.is_unfinished or state.awaits_script or decision.agenda:
        raise IllegalTransition(f"run {run.run_id} has much to do just now; ask again soon")


def _leave(decision: Decision, record: TaskRecord, why: str) -> None:
    """Let an attempt that lives be SKIPPED; one that has ended stays, and nothing follows it."""
    record.executed = True
    if not record.status.is_terminal:
        ending.end_child(decision, record, f"the task was passed over: {why}")
        record.status, record.reason = TaskStatus.SKIPPED, why
        record.ended_at = decision.context.now
        record.due_at, record.open_queue, record.wake_at = None, None, 0
    decision.state.touch(record)


def _overlay(decision: Decision, record: TaskRecord, inputs: Mapping[str, JsonValue]) -> None:
    limits = decision.context.limits
    record.input = {**record.input, **inputs}
    try:
        record.input_bytes = limits.packed(record.input, "the input of task", limits.payload_bytes, of=record.ref)
    except LimitExceeded as error:
        record.input, record.input_bytes = {}, None
        record.status, record.reason = TaskStatus.FAILED_WITH_TERMINAL_ERROR, str(error)
        record.ended_at, record.wake_at = decision.context.now, 0


def _refuse_other_place(record: TaskRecord, plan: Plan) -> None:
    """Raise unless a version has the place of an attempt, with the same type and within the same structures."""
    there = plan.nodes.get(record.base_ref)
    name = f"version {plan.definition.version} of {plan.definition.name}"
    if there is None:
        raise IllegalTransition(f"{name} has no task {record.base_ref!r}, to which the run has come")
    if there.task.type != record.node.task.type or _around(there) != _around(record.node):
        words = f"{name} has {record.base_ref!r} as another type, or in another place, than the run has come to"
        raise IllegalTransition(words)


def _around(node: Node) -> list[str]:
    """Return the reference names of the structures around a place, the innermost first."""
    found = []
    owner = node.scope.owner
    while owner is not None:
        found.append(owner.ref)
        owner = owner.scope.owner
    return found


def _take_in(decision: Decision, attempts: Iterable[TaskRecord], plan: Plan) -> None:
    """Let attempts belong to the places of another plan; what waits for what is found anew."""
    state = decision.state
    state.newest.clear()
    state.by_ref.clear()
    state.last = None
    state.close_all()
    for record in attempts:
        record.node = plan.nodes[record.base_ref]
        state.index(record)
    for record in list(state.by_ref.values()):
        if not state.is_present(record):
            # `index` takes every attempt in; expressions do not see those of finished iterations.
            del state.by_ref[record.ref]
    for record in list(state.pending.values()):
        if record.status is TaskStatus.IN_PROGRESS and record.node.traits.is_join:
            state.await_refs(record, awaited_refs(record))


def _before(record: TaskRecord) -> Iterator[tuple[Node, tuple[int, ...]]]:
    """Yield the places before an attempt, in its list and in those around it, with the iterations of their loops."""
    node, iterations = record.node, record.iterations
    while True:
        for each in node.scope.nodes[: node.position]:
            yield each, iterations
        owner = node.scope.owner
        if owner is None:
            return
        if node.scope.kind == "body":
            iterations = iterations[:-1]
        node = owner
