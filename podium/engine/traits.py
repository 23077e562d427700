"""
What the engine must know of a task type, apart from its behaviour.

Each operator (`podium.engine.operators`) is the traits of its type. A plan gives them to every place, so whoever asks
for one (the clocks, the state, the output of loops) needs neither a list of type names nor the operators themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from podium.model.definitions import WorkflowTask
from podium.model.values import JsonValue


class Traits:
    """The traits of one task type; the defaults are those of a system task that is done at once."""

    # -- shape -------------------------------------------------------------------------------------------------------

    #: It holds cases, one of which is chosen; a retry by an operator chooses anew.
    is_choice = False
    #: It holds branches that run side by side.
    has_branches = False
    #: It makes its branches at run time, from data.
    makes_branches = False
    #: It holds a body that is repeated: its output is put together from the iterations.
    is_loop = False
    #: It waits for attempts that its input names.
    is_join = False
    #: It ends the run.
    ends_run = False
    #: Its workflow's version is fixed when the run starts.
    calls_workflow = False

    @property
    def is_structure(self) -> bool:
        """It says how other tasks go on, and does nothing itself."""
        has_parts = self.is_choice or self.has_branches or self.makes_branches or self.is_loop
        return has_parts or self.is_join or self.is_passive or self.ends_run

    # -- life of an attempt ------------------------------------------------------------------------------------------

    #: It only waits for other attempts of the run, so a run in which nothing else lives cannot go on.
    is_passive = False
    #: It looks for itself, in this very round, when one of the attempts ends that it waits for.
    looks_early = False
    #: Its silence is its nature: no response timeout.
    is_silent = False
    #: ``retryCount`` counts (Conductor: not where ``TaskType.isBuiltIn``).
    is_retried = True
    #: The engine itself is at work on it: a report that it goes on changes nothing.
    is_kept = False
    #: An attempt that is reported to go on is offered to workers again.
    returns_to_queue = False
    #: The operator decides what becomes of an attempt that is reported to go on (`look`).
    is_judged = False
    #: ``WorkflowTask.startDelay`` counts.
    can_delay = False
    #: It begins when the run is at rest (Conductor begins it by a queue).
    is_queued = False

    # -- data --------------------------------------------------------------------------------------------------------

    #: The first attempt takes ``TaskDef.inputTemplate`` (Conductor: its mapper passes the task definition on).
    takes_template = True
    #: A DYNAMIC task reaches it by its name.
    can_be_named = False

    def extras(self, task: WorkflowTask) -> Mapping[str, JsonValue]:
        """Return what else of a task holds expressions, beside its input parameters."""
        return {}

    def shown_type(self, task: WorkflowTask) -> str:
        """Return the type that the attempts of a task show."""
        return str(task.type)

    def also_awaited(self, task: WorkflowTask) -> Sequence[str]:
        """Return the reference names that a join of this type waits for beside those of its input."""
        return ()

    def of_attempt(self, task_type: str) -> Traits:
        """Return the traits of an attempt, by the type that it shows: that of a DYNAMIC is known at run time only."""
        return self


class TaskTypes(Protocol):
    """The task types of an engine."""

    def of(self, task_type: str) -> Traits:
        """Return the traits of a type; a type that nobody knows is a worker's."""
