"""What a decision may know beside the run and the event: values and readers, never the outside world itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from podium.engine.agenda import Agenda
from podium.engine.limits import Limits
from podium.engine.plan import Plan
from podium.engine.ports import IdSource, Scripts
from podium.engine.records import TaskRecord
from podium.engine.rows import MessageRow
from podium.engine.slots import SlotBook
from podium.engine.start_keys import StartKeys
from podium.engine.state import RunState
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.values import JsonValue


class Library(Protocol):
    """
    The plans of registered workflows.

    Each method raises `Missing` when it does not know yet; nothing is read.
    """

    def find(self, name: str, version: int | None) -> Plan:
        """
        Return the plan of a registered workflow.

        Args:
            name: The workflow.
            version: None or 0 for the greatest.

        Raises:
            WorkflowNotFound: It is not registered.
        """

    def compile(self, definition: WorkflowDef) -> Plan:
        """
        Return the plan of a definition that need not be registered.

        Raises:
            DefinitionError: It cannot run.
            WorkflowNotFound: A sub-workflow that it names without a version is not registered.
        """

    def brought(self, data: JsonValue) -> Plan:
        """
        Return the plan of a definition that a run brings along, as JSON.

        Raises:
            DefinitionError, WorkflowNotFound: As `compile`; or it is no definition.
        """

    def task_defs(self, names: Collection[str]) -> Mapping[str, TaskDef | None]:
        """Return task definitions by name; None for those that are not registered."""


_GOLDEN_SECTION = 0.618_033_988_75


class Jitter:
    """
    The jitter of the retries of one commit: they must not come back as one.

    The first is random; the next ones lie a golden section further each, which spreads any number of them evenly.
    """

    __slots__ = ("_next",)

    def __init__(self, first: float) -> None:
        self._next = first

    def __call__(self) -> float:
        """Return a number from 0 (included) to 1 (excluded)."""
        drawn = self._next
        self._next = (drawn + _GOLDEN_SECTION) % 1.0
        return drawn


class DecisionContext(NamedTuple):
    """The context of one decision."""

    #: Epoch milliseconds.
    now: int
    #: Gives a number from 0 to 1 for the jitter of each retry.
    jitter: Jitter
    ids: IdSource
    scripts: Scripts
    limits: Limits
    library: Library
    #: Values of ``${workflow.env.NAME}``.
    environment: Mapping[str, str]
    #: Values of ``${workflow.secrets.NAME}``, put in only where an attempt is handed out.
    secrets: Mapping[str, str]
    #: The attempts of the named places with a seq above the given one, the unsaved ones included, by seq; or `Missing`.
    history: Callable[[RunState, Collection[str], int], Sequence[TaskRecord]]
    #: Every attempt of the run, the unsaved ones included, by seq; or `Missing`.
    attempts: Callable[[RunState], Sequence[TaskRecord]]
    #: The messages that wait for the run with a number above the given one, at most so many, by number; or `Missing`.
    messages: Callable[[RunState, int, int], Sequence[MessageRow]]
    #: The whole run as the API shows it; or `Missing`.
    snapshot: Callable[[RunState], Mapping[str, JsonValue]]
    #: The slots of limits, or `Missing`.
    slots: SlotBook
    #: The output that is kept under a key and has not expired, None for none; or `Missing`.
    cached: Callable[[str], Mapping[str, JsonValue] | None]
    #: The idempotency keys that the group in work takes.
    start_keys: StartKeys
    #: Empty agendas, for decisions to use and to give back.
    agendas: list[Agenda]
    #: This engine process.
    holder: str
    #: Whether this process takes an attempt now: it has workers for it, and room, where others serve it too.
    takes: Callable[[TaskRecord], bool]
    #: Whether a worker of this process has an attempt in hand, or it waits there.
    has: Callable[[TaskRecord], bool]
    #: Whether any process has workers for a queue.
    is_served: Callable[[str], bool]
