"""Who holds the slots of a limit, and who waits for one."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

#: What a limit counts: attempts at work, attempts that begin in a time, runs of a key.
LimitKind: TypeAlias = Literal["task", "rate", "runs"]


class SlotHolder(NamedTuple):
    """A run, or an attempt of one, that has a slot or waits for one."""

    run_id: str
    #: The attempt's id; None where the run itself is counted.
    task_id: str | None
    #: Epoch milliseconds: since when it has the slot; 0 for one that waits.
    since: int = 0
    #: Epoch milliseconds at which the slot is free by itself; 0 where it is freed with its holder's end.
    until: int = 0


class LimitUse(NamedTuple):
    """How a limit is used at a moment."""

    kind: LimitKind
    #: The task, or ``workflow:key`` of runs.
    name: str
    #: How many may have a slot at once; None if nobody is there to ask.
    most: int | None
    #: By slot.
    holders: tuple[SlotHolder, ...]
    #: Those who wait, the next one first; at most a hundred of each limit.
    waiting: tuple[SlotHolder, ...]
