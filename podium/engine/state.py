"""
A run in memory: its record, the newest attempt of each place, and what is still to happen.

It holds live work, not history: of a loop, the newest iteration. Everything here can be rebuilt from the store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from podium.engine.agenda import Agenda
from podium.engine.plan import Node, Plan, compile_task, inside
from podium.engine.records import RunRecord, TaskRecord, run_record, task_record
from podium.engine.rows import CachedRow, MessageRow, OutboxRow, RunRow, TaskRow
from podium.model.codec import from_dict
from podium.model.definitions import WorkflowTask
from podium.model.errors import InternalError
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue, list_in


class ExtraWrites:
    """
    What few commits write of a run, beside its record and its attempts.

    Attributes:
        is_moved: What the run is found by has changed.
        is_emptied: All stored attempts are to be deleted first.
        deleted: Stored attempts to delete.
        let_go: Attempts that are gone and had a slot when this commit began, or got one in it.
        is_inbox_emptied: All stored messages are to be deleted first.
        new_messages: Messages to write, by number.
        taken_messages: Numbers of stored messages to delete.
        outbox: Messages to commit and send.
        kept_outputs: Outputs to keep for others.
    """

    __slots__ = (
        "deleted",
        "is_emptied",
        "is_inbox_emptied",
        "is_moved",
        "kept_outputs",
        "let_go",
        "new_messages",
        "outbox",
        "taken_messages",
    )

    def __init__(self) -> None:
        self.is_moved = False
        self.is_emptied = False
        self.deleted: list[int] = []
        self.let_go: list[TaskRecord] = []
        self.is_inbox_emptied = False
        self.new_messages: list[MessageRow] = []
        self.taken_messages: list[int] = []
        self.outbox: list[OutboxRow] = []
        self.kept_outputs: list[CachedRow] = []


class RunState:
    """
    A run that the engine works on. There may be many, so it holds no more objects than it must.

    Attributes:
        run: The run's record.
        plan: What it runs.
        newest: The newest attempt of each place, by reference name in the definition: what expressions see.
        by_ref: The newest attempt by full reference name; of loops, those of the present iterations.
        pending: Attempts that live or whose end has not been acted on, by seq.
        active: How many of those can bring the run on by themselves: all but joins and loops.
        inside: How many pending attempts each loop instance has, by the loop's full reference name.
        waiting: Joins that wait for an attempt, by the awaited full reference name.
        agenda: What is still to be done; None between decisions unless a turn was too short or a script is slow.
        is_unfinished: The last turn was too short for all that there is to do; known after each decision.
        awaits_script: The agenda goes on when a script has ended.
        preparations: What operators prepare over several turns, by full reference name; never stored.
        begun: How many branches of a dynamic fork have begun, by its full reference name, where not all begin at once;
            counted anew where it is not known.
        dynamic: Places that dynamic forks made at run time, by reference name.
        last: The newest attempt of all.
        changed: Attempts to write at the next commit, by seq.
        touched: There is something to write at the next commit; decisions say so when they are closed.
        besides: What else is; None for nothing, see `beside`.
        size: About how many bytes of payloads were written for it.
    """

    __slots__ = (
        "active",
        "agenda",
        "awaits_script",
        "begun",
        "besides",
        "by_ref",
        "changed",
        "dynamic",
        "inside",
        "is_unfinished",
        "last",
        "newest",
        "pending",
        "plan",
        "preparations",
        "run",
        "size",
        "touched",
        "waiting",
    )

    def __init__(self, run: RunRecord, plan: Plan) -> None:
        self.run = run
        self.plan = plan
        self.newest: dict[str, TaskRecord] = {}
        self.by_ref: dict[str, TaskRecord] = {}
        self.pending: dict[int, TaskRecord] = {}
        self.active = 0
        self.inside: dict[str, int] = {}
        self.waiting: dict[str, list[TaskRecord]] = {}
        self.agenda: Agenda | None = None
        self.is_unfinished = False
        self.awaits_script = False
        self.preparations: dict[str, object] = {}
        self.begun: dict[str, int] = {}
        self.dynamic: dict[str, Node] = {}
        self.last: TaskRecord | None = None
        self.changed: dict[int, TaskRecord] = {}
        self.touched = False
        self.besides: ExtraWrites | None = None
        self.size = 0

    def node(self, base_ref: str) -> Node:
        """Return the place with this reference name."""
        node = self.plan.nodes.get(base_ref) or self.dynamic.get(base_ref)
        if node is None:
            raise InternalError(f"run {self.run.run_id} has an attempt of {base_ref!r}, which its definition lacks")
        return node

    def add(self, record: TaskRecord) -> None:
        """Take in a new attempt."""
        record.is_new = True
        self.changed[record.seq] = record
        self.index(record)

    def index(self, record: TaskRecord) -> None:
        """Take in an attempt that the store may have already."""
        node = record.node
        self.newest[node.ref] = record
        self.by_ref[record.ref] = record
        # A revival takes older attempts in again; the last one is the one that was made last.
        if self.last is None or record.seq > self.last.seq:
            self.last = record
        if not (record.executed or record.retried):
            self.pending[record.seq] = record
            # Joins and loops only wait for others: a run in which nothing else is left is complete, or stuck.
            self.active += not node.traits.is_passive
            if node.loop is not None:
                loop = node.loop.ref_in(record.iterations[:-1])
                self.inside[loop] = self.inside.get(loop, 0) + 1

    def consume(self, record: TaskRecord) -> str | None:
        """
        Note that an attempt's end has been acted on.

        Returns:
            The full reference name of the loop whose iteration this completes, or None.
        """
        if self.pending.pop(record.seq, None) is None:
            return None
        node = record.node
        self.active -= not node.traits.is_passive
        if node.loop is None:
            return None
        loop = node.loop.ref_in(record.iterations[:-1])
        # To count spares a look at the whole body of a loop after each of its tasks.
        self.inside[loop] -= 1
        if self.inside[loop]:
            return None
        del self.inside[loop]
        return loop

    def touch(self, record: TaskRecord) -> None:
        """Note that an attempt is to be written."""
        self.changed[record.seq] = record

    def delete(self, record: TaskRecord) -> None:
        """Forget an attempt, here and with the next commit in the store."""
        self.touched = True
        if record.is_new:  # else its end is written first, should it have come in this very commit
            self.changed.pop(record.seq, None)
            if record.slot:
                self.beside().let_go.append(record)
        else:
            self.beside().deleted.append(record.seq)
        for names, name in ((self.newest, record.base_ref), (self.by_ref, record.ref)):
            # Another attempt may bear its name by now.
            known = names.get(name)
            if known is not None and known.seq == record.seq:
                del names[name]
        # A rerun deletes the task that it begins with, and may fail before that is made again.
        if self.last is not None and self.last.seq == record.seq:
            left = (*self.newest.values(), *self.by_ref.values())
            self.last = max(left, key=lambda one: one.seq, default=None)

    def await_refs(self, join: TaskRecord, refs: Iterable[str]) -> int:
        """
        Make a join wait for attempts.

        Returns:
            How many of them have not ended; the join looks again when one of those does.
        """
        join.awaited = 0
        for ref in refs:
            found = self.by_ref.get(ref)
            # What was not scheduled may still come; what has ended may be tried again until that was acted on.
            if found is None or found.is_pending:
                self.waiting.setdefault(ref, []).append(join)
                join.awaited += 1
        return join.awaited

    def is_present(self, record: TaskRecord) -> bool:
        """Return whether an attempt belongs to the present iteration of each loop around it."""
        loop, iterations = record.node.loop, record.iterations
        while loop is not None:
            *outer, number = iterations
            around = self.by_ref.get(loop.ref_in(outer))
            if around is None or around.output.get("iteration") != number:
                return False
            loop, iterations = loop.loop, tuple(outer)
        return True

    def await_again(self, record: TaskRecord) -> None:
        """Let the joins that wait also for this attempt know that it lives again."""
        for join in self.pending.values():
            if join.node.traits.is_join and not join.status.is_terminal and record.ref in awaited_refs(join):
                self.waiting.setdefault(record.ref, []).append(join)
                join.awaited += 1

    def forget_iteration(self, loop: Node, iterations: Sequence[int]) -> None:
        """Drop the names of a finished iteration of a loop; `newest` keeps what expressions may still read."""
        for ref in loop.body_refs:
            self._forget(ref, iterations)

    def _forget(self, ref: str, iterations: Sequence[int]) -> None:
        node, record = self.node(ref), self.newest.get(ref)
        self.waiting.pop(node.ref_in(iterations), None)  # also where the branch never came to it
        if record is None:
            return
        if record.iterations[: len(iterations)] == tuple(iterations):
            self.by_ref.pop(record.ref, None)
            self.waiting.pop(record.ref, None)
        for forked in list_in(record.input, "forkedTasks") if node.traits.makes_branches else ():
            for place in inside(self.node(str(forked)).scope):
                self._forget(place.ref, iterations)

    def add_dynamic(self, fork: Node, definitions: Iterable[JsonValue]) -> None:
        """Take in the places that a dynamic fork made, nested ones too; *definitions* as its record keeps them."""
        for number, definition in enumerate(definitions):
            node = compile_task(from_dict(definition, WorkflowTask), fork, number, self.plan.types)
            self.dynamic |= {place.ref: place for place in inside(node.scope)}

    @property
    def unbegun(self) -> frozenset[int]:
        """The attempts that have still to begin: nobody may be offered one of them."""
        return self.agenda.unbegun if self.agenda is not None else frozenset()

    def close_all(self) -> None:
        """Forget what was pending; the attempts themselves stay."""
        self.pending.clear()
        self.inside.clear()
        self.waiting.clear()
        self.active = 0

    def empty(self) -> None:
        """Forget every attempt; those in the store are deleted with the next commit."""
        self.close_all()
        self.newest.clear()
        self.by_ref.clear()
        self.dynamic.clear()
        self.begun.clear()
        if self.agenda is not None:
            self.agenda.clear()
        self.last = None
        before, self.besides = self.beside(), None
        besides = self.beside()
        besides.let_go = [*before.let_go, *(record for record in self.changed.values() if record.slot)]
        besides.is_emptied, besides.is_moved = True, before.is_moved
        self.changed.clear()

    def beside(self) -> ExtraWrites:
        """Return `besides`, which is made if there is none: something will be written."""
        if self.besides is None:
            self.besides = ExtraWrites()
        return self.besides

    def saved(self) -> None:
        """Note that everything has been committed."""
        self.changed.clear()
        self.touched = False
        self.besides = None


def restore(
    row: RunRow,
    tasks: Sequence[TaskRow],
    plan: Plan,
    earlier: Callable[[Collection[str]], Sequence[TaskRow]] | None = None,
) -> RunState:
    """
    Rebuild a run's state from the store.

    Args:
        row: The run.
        tasks: What `RunStore.load_current_tasks` gives for it.
        plan: The plan of the run's digest.
        earlier: Gives every attempt of some places; not needed when *tasks* are all attempts of the run.
    """
    state = RunState(run_record(row), plan)
    state.size = len(row.input) + len(row.variables) + sum(len(task.input) + len(task.output) for task in tasks)
    for task in tasks:
        if task.base_ref not in plan.nodes and task.base_ref not in state.dynamic and earlier is not None:
            _restore_dynamic(state, earlier, task)
        record = task_record(task, state.node(task.base_ref))
        state.index(record)
        if record.node.traits.makes_branches:
            state.add_dynamic(record.node, list_in(record.input, "forkedTaskDefs"))
    if state.run.agenda:
        _restore_agenda(state)
    is_running = state.run.status is RunStatus.RUNNING
    state.is_unfinished = state.run.ending is not None or (is_running and bool(state.agenda))
    for record in state.newest.values():
        if not state.is_present(record):
            state.by_ref.pop(record.ref, None)
    unbegun = state.unbegun
    for record in list(state.pending.values()):
        if record.status is TaskStatus.IN_PROGRESS and record.node.traits.is_join and record.seq not in unbegun:
            state.await_refs(record, awaited_refs(record))
    return state


def joined_refs(join: TaskRecord) -> list[str]:
    """Return the full reference names of what a join names: its input has them as written."""
    return [f"{ref}{join.suffix}" for ref in list_in(join.input, "joinOn")]


def awaited_refs(join: TaskRecord) -> list[str]:
    """Return the full reference names that a join waits for."""
    return [*joined_refs(join), *join.node.traits.also_awaited(join.node.task)]


def _restore_agenda(state: RunState) -> None:
    known = {record.seq: record for record in (*state.newest.values(), *state.pending.values())}

    def attempt(seq: int) -> TaskRecord:
        if seq not in known:
            raise InternalError(f"run {state.run.run_id} still has to do something for its attempt {seq}, but has none")
        return known[seq]

    def place(ref: str) -> Node | None:
        return state.plan.nodes.get(ref) or state.dynamic.get(ref)

    def branch(ref: str, iterations: tuple[int, ...], number: int) -> Node | None:
        fork = place(ref)
        if fork is None:
            return None
        if fork.traits.has_branches:
            return fork.branches[number].first
        record = state.by_ref.get(fork.ref_in(iterations))
        return None if record is None else state.dynamic[str(list_in(record.input, "forkedTasks")[number])]

    state.agenda = Agenda()
    state.agenda.restore(state.run.agenda, place, branch, attempt)


def _restore_dynamic(
    state: RunState,
    earlier: Callable[[Collection[str]], Sequence[TaskRow]],
    orphan: TaskRow,
) -> None:
    """Find the places that a dynamic fork made in an earlier iteration of a loop, and not in its newest."""
    seen: set[str] = set()
    while orphan.base_ref not in state.dynamic:
        known = (*state.plan.nodes.values(), *state.dynamic.values())
        forks = {node.ref for node in known if node.traits.makes_branches} - seen
        if not forks:
            return  # `RunState.node` says what is wrong
        seen |= forks
        for row in earlier(sorted(forks)):
            if row.seq < orphan.seq:
                node = state.node(row.base_ref)
                state.add_dynamic(node, list_in(task_record(row, node).input, "forkedTaskDefs"))
