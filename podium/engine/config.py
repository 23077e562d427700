"""What a kernel is made with: the ports of `podium.engine.ports`, and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from podium.engine.limits import Limits
from podium.engine.missing import ScriptCall
from podium.engine.news import Listener, nobody
from podium.engine.operators import Operators
from podium.engine.ports import Backend, Clock, IdSource, Processes, Random
from podium.engine.recent import RecentRuns
from podium.engine.traits import TaskTypes
from podium.engine.turn import Share
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.model.retention import RetentionPolicy


class ScriptRunner(Protocol):
    """The scripts of decisions, with a way to run long ones aside; see `podium.engine.scripts`."""

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return the script's value, or raise `Missing`."""

    def run_python(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return what a script in Python returns, or raise `Missing`."""

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """Return the query's results, or raise `Missing`."""

    def run(self, call: ScriptCall) -> bool:
        """Run what was missing, so that the next call gives it; False if that takes long."""

    def settled(self) -> None:
        """The decisions that used results are committed."""

    def run_aside(self, call: ScriptCall, done: Callable[[], None]) -> None:
        """Run a script elsewhere; *done* is called when its result is there."""

    def close(self) -> None:
        """Stop."""


@frozen(kw_only=True)
class EngineConfig:
    """The ports that a kernel is made with, and its settings."""

    backend: Backend
    clock: Clock
    ids: IdSource
    random: Random
    processes: Processes
    scripts: ScriptRunner
    #: The task types that it knows.
    types: TaskTypes = field(factory=Operators)
    #: Who this engine process is in the store.
    engine_id: str
    environment: Mapping[str, str] = field(factory=dict)
    secrets: Mapping[str, str] = field(factory=dict)
    #: Reads `environment` and `secrets` again, where they can change.
    renew: Callable[[], None] = lambda: None
    #: Hears that messages wait in the store, after the commit that put them there.
    post: Callable[[], None] = lambda: None
    #: Hears what is new, after each commit.
    tell: Listener = nobody
    #: Begins to delete what the store's policies let go, beside the engine; None where nobody does.
    retain: Callable[[Sequence[RetentionPolicy]], None] | None = None
    #: Most events in one commit.
    group_max: int = 512
    #: What one run may take of one commit.
    share: Share = Share()
    #: How large what enters or grows may be.
    limits: Limits = Limits()
    #: Where the runs are put that have ended, for those who wait for them.
    recent: RecentRuns = field(factory=RecentRuns)
    #: Milliseconds ahead for which timers are kept in memory.
    horizon_ms: int = 10_000
    #: Called when nothing is to do, nor in anybody's hands, with the next moment at which something is due: a clock
    #: that does not go by itself may move there. Tells whether it did.
    pass_time: Callable[[int | None], bool] | None = None
