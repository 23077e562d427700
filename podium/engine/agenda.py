"""
What a decision has still to do, in the order in which Conductor does it: in rounds.

A round begins with what has ended. Each of those attempts is acted on, by seq, and what follows it is laid out: the
heads of all branches, through SWITCHes and forks, with their JOINs. Nothing of that is seen by expressions before all
of it is laid out. Then come the turns: inline tasks are done, loops and exclusive joins look. What ends in a turn, and
what a loop lays out in its turn, belongs to the next round. When a round has no turns the run is at rest, and comes
what Conductor keeps queues for, one by one, each with its rounds: JOINs, sub-workflows, WAITs that are over.

When a run's turn in a commit is over first, or a script needs longer than the kernel can wait, the agenda stays on the
run and is committed with it as data: so the largest fork and the longest loop are cut into commits that each hold all
invariants, and whoever takes the run over finds what is left.

Conductor: ``WorkflowExecutorOps.decide``, ``DeciderService.decide``, ``AsyncSystemTaskExecutor.execute``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from heapq import heapify, heappop, heappush, merge
from itertools import count
from typing import Any, TypeAlias

from podium.engine.plan import Node
from podium.engine.records import TaskRecord

#: The attempt that an entry stands behind, 1 for those that it has laid out, the entry's own attempt: so a turn that
#: was laid out stands right behind the attempt that led to it, before those that have waited longer.
_Key: TypeAlias = tuple[int, int, int]
#: The step of an attempt's first turn, and those with which attempts begin, or go on in a run that had ended.
_START = "start"
_BEGINNINGS = frozenset({_START, "begin", "resume"})
#: The kinds of lists that run side by side with others.
_BRANCHES = frozenset({"branch", "dynamic"})
#: A turn: its place in the order, the attempt, and the method of the attempt's operator that takes it.
Turn: TypeAlias = tuple[_Key, int, TaskRecord, str]
#: A step that waits until the run is at rest.
Later: TypeAlias = tuple[int, int, TaskRecord, str]


class Phase(StrEnum):
    """The parts of a round."""

    #: What has ended is acted on.
    ACTING = "acting"
    #: What is laid out is made.
    MAKING = "making"
    #: The attempts take their turns.
    TURNS = "turns"


class Agenda:
    """
    The work in hand of one run; empty between decisions, unless a turn was too short or a script is slow.

    Attributes:
        phase: The part of the round that is reached.
        seen_below: The attempts with a lower seq were there when the last turns were taken; 0 at rest.
        stack: Places that were asked for, the next one last.
        asked: Places to lay out, in order, each with the iterations of the loops around it.
        laid_out: New attempts that nobody sees before all of their round are laid out, by full reference name.
        terminators: The TERMINATE tasks that this round has acted on.
        acted: Attempts whose end this round has acted on; what follows them is laid out and not yet made.
        replaced: Attempts that this round has replaced by new ones, which are laid out and not yet made.
    """

    __slots__ = (
        "_count",
        "_ended",
        "_keys",
        "_later",
        "_next",
        "_now",
        "_source",
        "_starts",
        "_turns",
        "acted",
        "asked",
        "laid_out",
        "phase",
        "replaced",
        "seen_below",
        "stack",
        "terminators",
    )

    def __init__(self) -> None:
        self._ended: list[tuple[int, int, TaskRecord]] = []
        self._turns: list[Turn] = []
        #: Attempts that have their first turn in this round, in order: most turns are that, so no heap sorts them.
        self._starts: deque[TaskRecord] = deque()
        self._next: list[Turn] = []
        self._later: list[Later] = []
        self._keys: dict[int, _Key] = {}
        self._count = count()
        #: The turn that is being taken; None while attempts are acted on.
        self._now: _Key | None = None
        self._source = 0
        self.phase = Phase.ACTING
        self.seen_below = 0
        self.stack: list[tuple[Node, tuple[int, ...]]] = []
        self.asked: list[tuple[Node, tuple[int, ...]]] = []
        self.laid_out: dict[str, TaskRecord] = {}
        self.terminators: list[TaskRecord] = []
        self.acted: list[TaskRecord] = []
        self.replaced: list[TaskRecord] = []

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(
            self._ended
            or self._turns
            or self._starts
            or self.laid_out
            or self.asked
            or self.stack
            or self._next
            or self._later
            or self.terminators
            or self.acted
            or self.replaced
        )

    # -- ended attempts ----------------------------------------------------------------------------------------------

    def ended(self, record: TaskRecord) -> None:
        """Put an attempt that has ended on the agenda."""
        heappush(self._ended, (record.seq, next(self._count), record))

    def pop_ended(self) -> TaskRecord | None:
        """Return the first of the attempts that have ended, or None."""
        if not self._ended:
            self._source = 0
            return None
        self._source, _, record = heappop(self._ended)
        return record

    # -- turns -------------------------------------------------------------------------------------------------------

    def lay_out(self, record: TaskRecord) -> None:
        """Take a new attempt in. In this round its first turn is right behind the attempt that led to it."""
        self.laid_out[record.ref] = record
        if self._now is None:
            self._keys[record.seq] = (self._source, 1, record.seq)

    def start(self, record: TaskRecord) -> None:
        """Let a new attempt have its first turn; if another turn laid it out, in the next round."""
        starts, keys = self._starts, self._keys
        key = keys.get(record.seq)
        if self._now is None and key is not None and (not starts or keys[starts[-1].seq] < key):
            starts.append(record)
        else:
            self._put(record, _START, is_first=True)

    def turn(self, record: TaskRecord, step: str) -> None:
        """Let an attempt have a turn: in this round if its place in the order is still to come, else in the next."""
        self._put(record, step, is_first=False)

    def _put(self, record: TaskRecord, step: str, *, is_first: bool) -> None:
        key = self._keys.get(record.seq, (record.seq, 0, 0))
        is_past = self._now is not None and (is_first or key <= self._now)
        heappush(self._next if is_past else self._turns, (key, next(self._count), record, step))

    def next_turn(self) -> Turn | None:
        """Return the next turn of this round, or None after the last: the round is over. A dead attempt has none."""
        starts, turns, keys = self._starts, self._turns, self._keys
        while starts or turns:
            if starts and not (turns and turns[0][0] < keys[starts[0].seq]):
                record = starts.popleft()
                turn: Turn = (keys[record.seq], next(self._count), record, _START)
            else:
                turn = heappop(turns)
                record = turn[2]
            self._now = turn[0]
            if not (record.status.is_terminal or record.executed or record.retried):  # as `is_live`, for each step
                return turn
        self._now = None
        keys.clear()
        self._turns, self._next = self._next, turns
        heapify(self._turns)
        return None

    def take_again(self, turn: Turn) -> None:
        """Put a turn back that was broken off."""
        heappush(self._turns, turn)

    @property
    def is_at_rest(self) -> bool:
        """Return whether no attempt has ended or has a turn."""
        return not (self._turns or self._starts or self._ended)

    # -- what waits until the run is at rest -------------------------------------------------------------------------

    def later(self, record: TaskRecord, step: str) -> None:
        """Take a step when no round is left to go."""
        heappush(self._later, (record.seq, next(self._count), record, step))

    def pop_later(self) -> Later | None:
        """Return the first of the steps that waited, or None."""
        while self._later:
            later = heappop(self._later)
            if is_live(later[2]):
                return later
        return None

    def wait_again(self, later: Later) -> None:
        """Put a step back that was broken off."""
        heappush(self._later, later)

    def clear(self) -> None:
        """Forget everything: the run has ended."""
        for entries in (self._ended, self._turns, self._next, self._later):
            entries.clear()
        for records in (self.terminators, self.acted, self.replaced, self._starts):
            records.clear()
        self.asked.clear()
        self.stack.clear()
        self.laid_out.clear()
        self.rest()

    def rest(self) -> None:
        """End the round: nothing is left to do."""
        self._keys.clear()
        self._now = None
        self._source = 0
        self.phase = Phase.ACTING
        self.seen_below = 0

    # -- as data -----------------------------------------------------------------------------------------------------

    def packed(self) -> dict[str, Any]:
        """
        Return it as the store keeps it; not while attempts are replaced.

        What is laid out and not yet made is asked for again: an attempt gets its inputs when its place is reached, and
        until it is made nothing has changed that it could see. What follows one another is said once (`_spans`,
        `_places`): an agenda of a thousand branches is written with each of the commits that they take.
        """
        laid_out = [(record.node, record.iterations) for record in reversed(self.laid_out.values())]
        return {
            "phase": self.phase.value,
            "seen": self.seen_below,
            "ended": [record.seq for *_, record in sorted(self._ended)],
            "asked": _places([*self.stack, *reversed(self.asked), *laid_out]),
            "turns": _spans(self._in_order()),
            "next": _spans((record.seq, step) for _, _, record, step in sorted(self._next)),
            "later": _spans((record.seq, step) for _, _, record, step in sorted(self._later)),
            "told": [record.seq for record in self.terminators],
            "acted": [record.seq for record in self.acted],
        }

    def _in_order(self) -> Iterable[tuple[int, str]]:
        """Return the turns of this round as attempts and steps, in their order."""
        if not self._turns:
            return ((record.seq, _START) for record in self._starts)
        starts = [(self._keys[record.seq], record.seq, _START) for record in self._starts]
        turns = [(key, record.seq, step) for key, _, record, step in sorted(self._turns)]
        return ((seq, step) for _, seq, step in merge(turns, starts))

    @property
    def unbegun(self) -> frozenset[int]:
        """The attempts that have still to begin: nobody may be offered one of them."""
        entries = (*self._turns, *self._next, *self._later)
        begins = [entry[2].seq for entry in entries if entry[3] in _BEGINNINGS]
        return frozenset((*begins, *(record.seq for record in self._starts)))

    def restore(
        self,
        data: Mapping[str, Any],
        node: Callable[[str], Node | None],
        branch: Callable[[str, tuple[int, ...], int], Node | None],
        attempt: Callable[[int], TaskRecord],
    ) -> None:
        """
        Take it up from what `packed` gave.

        Args:
            data: What the store kept.
            node: Gives a place by its reference name; None for one that a dynamic fork makes which is asked for too.
            branch: Gives the first place of a fork's branch, by the fork's name and iterations and the branch's number;
                None likewise.
            attempt: Gives an attempt by its number.
        """
        self.phase = Phase(data["phase"])
        self.seen_below = data["seen"]
        for ref, steps, *span in data["asked"]:
            iterations = tuple(steps)
            numbers = range(span[0], span[1] - 1, -1) if span else ()
            places = [branch(ref, iterations, number) for number in numbers] if span else [node(ref)]
            self.stack += ((place, iterations) for place in places if place is not None)
        self.terminators = [attempt(seq) for seq in data["told"]]
        self.acted = [attempt(seq) for seq in data["acted"]]
        for seq in data["ended"]:
            self.ended(attempt(seq))
        # Those of this round keep their order, before all that the round brings yet.
        turns = list(_each(data["turns"]))
        self._turns = [
            ((number, 0, 0), next(self._count), attempt(seq), step)
            for number, (seq, step) in enumerate(turns, -len(turns))
        ]
        self._next = [((seq, 0, 0), next(self._count), attempt(seq), step) for seq, step in _each(data["next"])]
        self._later = [(seq, next(self._count), attempt(seq), step) for seq, step in _each(data["later"])]
        heapify(self._next)


def _spans(turns: Iterable[tuple[int, str]]) -> list[list[Any]]:
    """
    Return turns as ``[seq, step]``, and those of attempts that follow one another as ``[first, step, last]``.

    Example:
        >>> _spans([(2, "start"), (3, "start"), (4, "start"), (9, "look")])
        [[2, 'start', 4], [9, 'look']]
    """
    spans: list[list[Any]] = []
    last, step_before = -1, ""
    for seq, step in turns:
        if seq == last + 1 and step == step_before:
            spans[-1][2:] = (seq,)
        else:
            spans.append([seq, step])
            step_before = step
        last = seq
    return spans


def _each(spans: Iterable[list[Any]]) -> Iterator[tuple[int, str]]:
    """Yield the turns that `_spans` has put together."""
    for first, step, *last in spans:
        yield from ((seq, step) for seq in range(first, last[0] + 1 if last else first + 1))


def _places(asked: Iterable[tuple[Node, tuple[int, ...]]]) -> list[list[Any]]:
    """
    Return places as ``[ref, iterations]``, and the heads of branches that follow one another as numbers of their fork.

    The last place comes first, as on a stack, so such a row of branches is ``[fork, iterations, last, first]``.
    """
    places: list[list[Any]] = []
    fork, around, below = None, None, -1
    for node, iterations in asked:
        scope = node.scope
        if node.position or scope.owner is None or scope.kind not in _BRANCHES:
            places.append([node.ref, iterations])
            fork = None
        elif scope.owner is fork and scope.number == below and iterations == around:
            places[-1][3] = below
            below -= 1
        else:
            fork, around, below = scope.owner, iterations, scope.number - 1
            places.append([fork.ref, iterations, scope.number, scope.number])
    return places


def is_live(record: TaskRecord) -> bool:
    """Return whether an attempt can still do something."""
    return not (record.status.is_terminal or record.executed or record.retried)
