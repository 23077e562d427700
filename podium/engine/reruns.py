"""
Go on from a task that has ended, as if what came after it had never been.

What follows a task is what the definition lets follow it: later tasks of its list and of the lists around it, later
iterations of a loop. Branches beside it stay as they are. Conductor (``WorkflowExecutorOps.rerunWF``) removes whatever
began later, which loses branches beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from podium.engine import failures, ids, revival
from podium.engine.decision import Decision
from podium.engine.events import ChildRevived, ChildStays, Edit, Rerun
from podium.engine.operators.base import operator_of
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.state import RunState
from podium.model.errors import IllegalTransition, TaskNotFound
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

#: A place, and the iterations of the loops around it.
_Place = tuple[Node, tuple[int, ...]]


def rerun(decision: Decision, event: Rerun) -> None:
    """
    Go on from a task that has ended, or from the start, perhaps with other inputs.

    What followed it is deleted, and so is its own attempt: it has a new one, whose retries count on. What failed beside
    it is tried again too. The workflow's clock begins anew. A parent that has ended goes on as well, from the task that
    started this run.
    """
    run = decision.run
    if not run.status.is_terminal:
        raise IllegalTransition(f"Workflow: {event.run_id} is not in terminal state, unable to rerun.")
    revival.refuse_ending(decision)
    if event.seq is not None:
        target = _refuse_misfit(decision, event.seq, event.task_input)
        revival.refuse_told(decision, _beside(decision, target))
    _edit(decision, event.edit)
    revival.forget(decision, event.undone)
    if event.seq is None:
        revival.begin_anew(decision)
    else:
        _rerun_from(decision, event.seq, event.task_input)
    revival.revive_parent(decision, is_rerun=True, edit=event.edit, undone=event.undone)


def child_revived(decision: Decision, event: ChildRevived) -> None:
    """The ended child of an attempt goes on: so does this run, unless it did not end because of it."""
    record = next((r for r in decision.state.newest.values() if r.seq == event.seq), None)
    if record is None or record.retried or record.node.task.optional or record.sub_workflow_id != event.child_id:
        return
    if decision.run.ending is not None:
        return  # too late: what lives here is being cancelled
    if not decision.state.is_present(record):
        return  # its iteration is over: the loop has gone on without it
    is_over = decision.run.status.is_terminal
    around: list[TaskRecord] = []
    if is_over:
        stay = _beside(decision, record) if event.is_rerun else decision.state.newest.values()
        if revival.terminator_of(stay) is not None:
            return  # whatever the child gives now: this run ended before it could count
        _edit(decision, event.edit)
        revival.forget(decision, event.undone)
        if event.is_rerun:
            record, around = _forget_what_follows(decision, event.seq)
    bad = [one for one in revival.failed(decision) if one is not record]
    was_pending = record.seq in decision.state.pending
    revival.go_on_in_place(decision, record)
    if is_over:
        revival.reopen(decision, _distinct([*bad, *around]), with_children=True)
        revival.revive_parent(decision, is_rerun=event.is_rerun, edit=event.edit, undone=event.undone)
    elif not was_pending:
        decision.state.await_again(record)


def child_stays(decision: Decision, event: ChildStays) -> None:
    """The ended child of an attempt cannot go on with it: start another one."""
    record = decision.live(event.seq)
    if record is not None and record.sub_workflow_id == event.child_id:
        record.status = TaskStatus.CANCELED
        record.ended_at, record.due_at = decision.context.now, None
        record.executed = True
        failures.again(decision, record, is_anew=True)


def _rerun_from(decision: Decision, seq: int, task_input: Mapping[str, JsonValue] | None) -> None:
    target, around = _forget_what_follows(decision, seq)
    target.executed = True  # its end has been acted on, or is of no account now
    bad = [record for record in revival.failed(decision) if record is not target]
    revival.reopen(decision, _distinct([*bad, *around]))
    if _is_structure(target):
        decision.enter(target.node, target.iterations)
    else:
        inputs = None if task_input is None else operator_of(target.node).inputs_given(target, task_input)
        fresh = failures.again(decision, target, inputs=inputs, is_anew=True)
        fresh.retry_count, fresh.retried_task_id = target.retry_count, None
    decision.state.delete(target)


def _beside(decision: Decision, target: TaskRecord) -> Iterator[TaskRecord]:
    """Yield the newest attempts that a rerun from one leaves as they are."""
    cut = _Cut(target)
    return (one for one in decision.state.newest.values() if one is not target and not cut.covers(one))


def _refuse_misfit(decision: Decision, seq: int, task_input: Mapping[str, JsonValue] | None) -> TaskRecord:
    target = next((one for one in decision.context.attempts(decision.state) if one.seq == seq), None)
    if target is None:
        raise TaskNotFound(f"Task {ids.task_id(decision.run.run_id, seq)} not found")
    if task_input is not None and _is_structure(target):
        words = f"{target.task_type} {target.ref!r} takes no other input: rerun from a task inside it or before it"
        raise IllegalTransition(words)
    if target.status is TaskStatus.SKIPPED and not _has_come_to(decision.state, target.node, target.iterations):
        words = f"the run has not come to {target.ref!r}, which is skipped: rerun from a task before it"
        raise IllegalTransition(words)
    decision.context.limits.given(task_input or {}, f"the input of task {target.ref!r:.200}")
    return target


def _has_come_to(state: RunState, node: Node, iterations: tuple[int, ...]) -> bool:
    """Return whether what stands before a place has let the run come there."""
    while node.position:
        node = node.scope.nodes[node.position - 1]
        record = state.by_ref.get(node.ref_in(iterations))
        if record is None or record.status is not TaskStatus.SKIPPED:
            return record is not None and record.executed
    owner = node.scope.owner
    around = iterations[:-1] if node.scope.kind == "body" else iterations
    return owner is None or owner.ref_in(around) in state.by_ref


def _is_structure(record: TaskRecord) -> bool:
    """Return whether a task is laid out with others: the engine begins it anew as a whole."""
    traits = record.node.traits
    return traits.is_choice or traits.has_branches or traits.makes_branches or traits.is_loop or traits.is_join


def _edit(decision: Decision, edit: Edit | None) -> None:
    """Replace what a run was started with; a word for another run is passed over."""
    run = decision.run
    if edit is None or edit.run_id != run.run_id:
        return
    if edit.input is not None:
        run.input_bytes = decision.context.limits.given(edit.input, "the input of the run")
        run.input = dict(edit.input)
    if edit.correlation_id is not None:
        run.correlation_id = edit.correlation_id
        decision.state.beside().is_moved = True


def _distinct(records: Iterable[TaskRecord]) -> list[TaskRecord]:
    return list({record.seq: record for record in records}.values())


def _forget_what_follows(decision: Decision, seq: int) -> tuple[TaskRecord, list[TaskRecord]]:
    """
    Remove the attempts that follow one, and those inside it, from a run that has ended.

    Returns:
        The attempt itself, which stays, and the joins and loops around it, which wait or go on again.
    """
    state = decision.state
    attempts = decision.context.attempts(state)
    target = next(one for one in attempts if one.seq == seq)
    cut = _Cut(target)
    gone = {one.seq for one in attempts if cut.covers(one)}
    for record in attempts:
        if record.seq in gone:
            state.delete(record)
    _take_in(state, [one for one in attempts if one.seq not in gone])
    around = []
    for node, iterations in cut.around:
        there = state.by_ref.get(node.ref_in(iterations))
        if there is None:
            continue  # the run ended before it was made, so its fork makes it now
        around.append(there)
        there.output_bytes = None
        if node.traits.is_loop:
            operator_of(node).set_back(decision, there, cut.iteration_of[len(iterations)])
        else:
            there.output = {}
    for record in list(state.by_ref.values()):
        if not state.is_present(record):
            del state.by_ref[record.ref]
    return target, around


class _Cut:
    """
    What follows an attempt.

    Attributes:
        around: Joins and loops that stay, the innermost first.
        iteration_of: The iteration that a loop around the attempt is set back to, by how many loops are around that.
    """

    def __init__(self, target: TaskRecord) -> None:
        self._target = target
        #: By reference name: the iterations that a place is covered in.
        self._places: dict[str, tuple[int, ...]] = {}
        self.around: list[_Place] = []
        self.iteration_of: dict[int, int] = {}
        node, iterations = target.node, target.iterations
        self._cover(node, iterations)
        while True:
            for later in node.scope.nodes[node.position + 1 :]:
                self._cover(later, iterations)
            owner = node.scope.owner
            if owner is None:
                return
            join = owner.follower
            if node.scope.kind == "body":
                *outer, number = iterations
                iterations = tuple(outer)
                self.iteration_of[len(outer)] = number
                self.around.append((owner, iterations))
            elif node.scope.kind in {"branch", "dynamic"} and join is not None and join.traits.is_join:
                self.around.append((join, iterations))
                owner = join
            node = owner

    def _cover(self, node: Node, iterations: tuple[int, ...]) -> None:
        self._places[node.ref] = iterations

    def covers(self, record: TaskRecord) -> bool:
        """Return whether an attempt follows the one that the cut was made for, or is inside it, or newer than it."""
        if record.ref == self._target.ref and record.seq <= self._target.seq:
            return False
        for node in _with_those_around(record.node):
            iterations = self._places.get(node.ref)
            if iterations is not None and record.iterations[: len(iterations)] == iterations:
                return True
        depth = len(record.iterations)
        loops = ((around, node) for node, around in self.around if node.traits.is_loop)
        return any(
            len(around) < depth
            and record.iterations[: len(around)] == around
            and record.iterations[len(around)] > self.iteration_of[len(around)]
            and loop in _with_those_around(record.node)
            for around, loop in loops
        )


def _with_those_around(node: Node) -> Iterator[Node]:
    place: Node | None = node
    while place is not None:
        yield place
        place = place.scope.owner


def _take_in(state: RunState, attempts: Iterable[TaskRecord]) -> None:
    """Begin the state of a run anew with these attempts, by seq; nothing of it is pending yet."""
    state.newest.clear()
    state.by_ref.clear()
    state.last = None
    for record in attempts:
        state.index(record)
    state.close_all()
