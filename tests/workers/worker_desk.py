"""A kernel's stand-in for pools that are tested alone: it takes what they report and can wait for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from podium.engine.consumers import Assignment
from podium.engine.events import Report, TaskStarted
from podium.engine.ids import task_id
from podium.engine.replies import Reply
from podium.model.definitions import TaskDef
from podium.model.errors import EngineStopped, StoreUnavailable

#: Seconds after which a test gives up waiting for what ought to come at once.
PATIENCE_S = 10.0

RUN = "01890a5d-ac96-774b-bcce-b302099a8057"


class _Node(NamedTuple):
    task_def: TaskDef


class FrontDesk:
    """Client and kernel in one: keeps batches in order."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.given_back: Sequence[Assignment] = ()
        self.is_down = False
        #: How often the store is not to be reached.
        self.away = 0
        self._changed = threading.Condition()

    @property
    def kernel(self) -> FrontDesk:
        return self

    def submit_all(self, requests: Sequence[Any]) -> None:
        if self.is_down:
            raise EngineStopped("the engine has been stopped")
        with self._changed:
            self.batches.append(list(requests))
            self._changed.notify_all()

    def ask(self, request: Any) -> Reply:
        """Answer at once what a pool waits for; while the store is away, that it is away."""
        reply = Reply()
        if self.away:
            self.away -= 1
            reply.reject(StoreUnavailable())
            return reply
        self.submit_all([request])
        reply.resolve(None)
        return reply

    def attach(self, consumer: Any) -> None:
        """The pool is offered work by the test itself."""

    def detach(self, consumer: Any) -> None:
        self.given_back = consumer.withdraw()

    def words(self, kind: type = Report) -> list[Any]:
        return [one for batch in list(self.batches) for one in batch if isinstance(one, kind)]

    def results(self) -> list[Report]:
        return [one for one in self.words() if not one.is_heartbeat]

    def wait(self, count: int = 1) -> list[Report]:
        """Wait until so many results have come."""
        return self._wait(self.results, count)

    def wait_taken(self) -> TaskStarted:
        """Wait until an attempt is shown as in progress."""
        return self._wait(lambda: self.words(TaskStarted), 1)[0]

    def wait_heartbeats(self, count: int) -> list[Report]:
        return self._wait(lambda: [one for one in self.words() if one.is_heartbeat], count)

    def _wait(self, found: Any, count: int) -> list[Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, PATIENCE_S), f"only {self.batches} came"
            return found()


def assignment(
    queue: str,
    given: Mapping[str, Any] | None = None,
    *,
    seq: int = 1,
    priority: int = 0,
    retry_count: int = 0,
    output: Mapping[str, Any] | None = None,
    response_timeout_s: int = 3600,
    deaths: int = 0,
) -> Assignment:
    """Make an attempt as the engine hands it out."""
    node: Any = _Node(TaskDef(name=queue, response_timeout_seconds=response_timeout_s))
    return Assignment(
        RUN, seq, task_id(RUN, seq), queue, f"{queue}_ref", retry_count, given or {}, output or {}, "order", "c-1",
        priority, node, deaths,
    )  # fmt: skip
