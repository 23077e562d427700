"""What a ledger keeps: runs and attempts as they were committed, and the places of their definitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from podium.engine import ids
from podium.engine.rows import RunRow, TaskRow
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.walk import blocks

#: What a run that has ended is.
RUN_ENDED = frozenset(status.value for status in RunStatus if status.is_terminal)
_ENDED = frozenset(status.value for status in TaskStatus if status.is_terminal)


class Violation(BaseException):  # no handler of the engine may swallow it
    """Something happened that must never happen."""


def require(condition: object, message: str) -> None:
    """
    State what must hold.

    Raises:
        Violation: It does not.
    """
    if not condition:
        raise Violation(message)


class KnownAttempt:
    """One attempt as the ledger knows it."""

    __slots__ = (
        "author",
        "data",
        "inputs",
        "is_executed",
        "is_meddled",
        "is_retried",
        "number",
        "outputs",
        "row",
        "sub_id",
        "written_at",
    )

    def __init__(self, row: TaskRow, inputs: bytes) -> None:
        # The short keys of `podium.engine.records`: what the engine writes is read here, not what it thinks.
        data = orjson.loads(row.data)
        self.data: dict[str, Any] = data
        self.row = row
        self.inputs = inputs
        self.outputs = row.output
        self.number = int(data.get("n", 0))
        self.is_retried = bool(data.get("ret"))
        self.is_executed = bool(data.get("exe"))
        self.sub_id: str | None = data.get("sub")
        #: Somebody outside may have ended it, who knows nothing of what it waits for.
        self.is_meddled = False
        #: The process that wrote it, and when.
        self.author = ""
        self.written_at = 0

    @property
    def is_live(self) -> bool:
        """It can still change."""
        return self.row.status not in _ENDED

    @property
    def key(self) -> tuple[str, int]:
        """Its key in the store."""
        return self.row.run_id, self.row.seq

    @property
    def input(self) -> dict[str, Any]:
        """The input of the attempt."""
        return dict(orjson.loads(self.inputs))

    @property
    def output(self) -> dict[str, Any]:
        """The output of the attempt."""
        return dict(orjson.loads(self.outputs))

    def moment(self, key: str) -> int:
        """Return a moment, or a number, of its data; 0 if it has none."""
        return int(self.data.get(key, 0))

    def __str__(self) -> str:
        row = self.row
        flags = " retried" * self.is_retried + " executed" * self.is_executed
        where = f" in {row.open_queue}" if row.open_queue else ""
        due = f" due {row.due_at}" if row.due_at is not None else ""
        return f"{row.run_id[:13]}/{row.seq} {row.ref} {row.task_type} #{self.number} {row.status}{flags}{where}{due}"


class KnownRun:
    """One run as the ledger knows it."""

    def __init__(self, row: RunRow) -> None:
        self.row = row
        self.attempts: dict[int, KnownAttempt] = {}
        #: The newest attempt of each full reference name.
        self.newest: dict[str, KnownAttempt] = {}
        self.used: set[int] = set()
        self.live: set[int] = set()
        #: Its status after each commit.
        self.history = [row.status]
        #: An operator has made it, or a run below it, live again.
        self.was_reopened = False
        #: An operator has made it run again from one of its tasks.
        self.was_rerun = False
        #: An operator has let it do what had been skipped, wherever it stood.
        self.did_skipped = False
        #: An operator has passed over, hurried or rerun some of its attempts: what is told of others is not told of it.
        self.was_told = False
        #: The process that wrote it last, and when.
        self.author = ""
        self.written_at = 0
        #: Since when the process has it that has it now.
        self.held_since = 0
        #: How many failure workflows were started for it.
        self.failure_runs = 0
        #: What ``keepLastN`` has deleted.
        self.removed: dict[int, KnownAttempt] = {}
        #: Its variables when it began.
        self.first_variables: dict[str, Any] = {}

    @property
    def is_ended(self) -> bool:
        """It has a terminal status."""
        return self.row.status in RUN_ENDED

    @property
    def was_refused(self) -> bool:
        """There was no room for it, and its workflow's policy is REJECT: it has never begun."""
        return not self.used and (self.row.reason or "").endswith("which is its limit")

    def moment(self, key: str) -> int:
        """Return a moment, or a number, of its data; 0 if it has none."""
        return int(orjson.loads(self.row.data).get(key, 0))

    @property
    def is_cut(self) -> bool:
        """What an event set off is not all done yet: its turn was over."""
        return not orjson.loads(self.row.data).keys().isdisjoint({"todo", "final"})

    def fails_by(self, attempt: KnownAttempt) -> bool:
        """Return whether its end is laid to an attempt."""
        return bool(orjson.loads(self.row.data).get("ftask") == ids.task_id(self.row.run_id, attempt.row.seq))

    def newest_of(self, base_ref: str, before: int) -> KnownAttempt | None:
        """Return the newest attempt of a place with a number below *before*, in whatever iteration."""
        found = [one for seq, one in self.attempts.items() if seq < before and one.row.base_ref == base_ref]
        return max(found, key=lambda one: one.row.seq, default=None)

    def recall(self) -> None:
        """See the newest attempts among those that are left."""
        self.newest = {}
        for seq in sorted(self.attempts):
            self.newest[self.attempts[seq].row.ref] = self.attempts[seq]

    def empty(self, variables: dict[str, Any]) -> None:
        """Forget all attempts, though not their numbers: it begins anew, with these variables."""
        self.first_variables = variables
        self.was_rerun = self.did_skipped = False
        self.attempts.clear()
        self.removed.clear()
        self.newest.clear()
        self.live.clear()

    def __str__(self) -> str:
        live = ", ".join(str(self.attempts[seq]) for seq in sorted(self.live))
        row = self.row
        return f"{row.run_id[:13]} {row.name} {row.status} rev {row.revision} holder {row.holder}, live: [{live}]"


class KnownPlace:
    """Where a task stands in its definition."""

    def __init__(
        self, task: WorkflowTask, owner: KnownPlace | None, before: KnownPlace | None, kind: str, label: str | None
    ) -> None:
        self.task = task
        #: Of the case in which it stands; None elsewhere.
        self.label = label
        self.ref = task.task_reference_name
        self.owner = owner
        self.before = before
        #: ``root``, ``case``, ``default``, ``branch`` or ``body``.
        self.kind = kind
        #: Case label, or empty for the default, to its last place; for a SWITCH.
        self.lasts: dict[str, KnownPlace | None] = {}
        #: The places of a DO_WHILE's body, nested ones included.
        self.inside: list[KnownPlace] = []
        #: How many loops stand around it.
        self.depth: int = 0 if owner is None else owner.depth + (kind == "body")


class PlaceIndex:
    """A definition's places by reference name."""

    def __init__(self, definition: WorkflowDef) -> None:
        self.definition = definition
        self.places: dict[str, KnownPlace] = {}
        self.roots = self._list(definition.tasks, None, "root")

    def _list(
        self, tasks: Iterable[WorkflowTask], owner: KnownPlace | None, kind: str, label: str | None = None
    ) -> list[KnownPlace]:
        made: list[KnownPlace] = []
        for task in tasks:
            place = KnownPlace(task, owner, made[-1] if made else None, kind, label)
            self.places[place.ref] = place
            made.append(place)
            outer = owner
            while outer is not None:
                outer.inside.append(place)
                outer = outer.owner
            for block in blocks(task):
                case = block.label if block.kind == "case" else None
                inner = self._list(block.tasks, place, block.kind, case)
                place.lasts[case or ""] = inner[-1] if inner else None
        return made


class NewAttempt(NamedTuple):
    """A new attempt."""

    attempt: KnownAttempt
    #: The attempt of the same place before it, as it is by now; None for the first one, or if that was deleted.
    earlier: KnownAttempt | None


class Move(NamedTuple):
    """An attempt before and after a commit."""

    old: KnownAttempt
    new: KnownAttempt


class CommittedChange(NamedTuple):
    """What a commit did to one run, once it was found to be in order."""

    run: KnownRun
    #: The run's row before; None for a new one.
    before: RunRow | None
    layout: PlaceIndex
    births: tuple[NewAttempt, ...]
    moves: tuple[Move, ...]
    #: Attempts that ended just now, those that were born ended included.
    ended: tuple[KnownAttempt, ...]
    #: An operator made the run, or a run below it, live again; what must come is not known then.
    is_revived: bool
