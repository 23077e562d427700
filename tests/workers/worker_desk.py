"""A transport for pools that are tested alone: it takes what they report and can wait for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from podium.client.system import SystemClock
from podium.engine.ids import task_id
from podium.expressions.secrets import deliver_secrets
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.definitions import TaskDef
from podium.model.errors import EngineStopped, StoreUnavailable

#: Seconds after which a test gives up waiting for what ought to come at once.
PATIENCE_S = 10.0

RUN = "01890a5d-ac96-774b-bcce-b302099a8057"


class FrontDesk:
    """Keeps batches in order, in the place of an engine."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self.secrets = secrets or {}
        self.batches: list[list[Any]] = []
        self.given_back: Sequence[Assignment] = ()
        self.is_down = False
        #: How often the store is not to be reached.
        self.away = 0
        self._changed = threading.Condition()

    now = staticmethod(SystemClock().now)

    def reveal(self, value: Any) -> Any:
        return deliver_secrets(value, self.secrets)

    def report(self, requests: Sequence[Any]) -> None:
        if self.is_down:
            raise EngineStopped("the engine has been stopped")
        with self._changed:
            self.batches.append(list(requests))
            self._changed.notify_all()

    def confirm(self, word: TaskStarted) -> None:
        """Take what a pool waits for; while the store is away, say so."""
        if self.away:
            self.away -= 1
            raise StoreUnavailable
        self.report([word])

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
    task_def = TaskDef(name=queue, response_timeout_seconds=response_timeout_s)
    return Assignment(
        RUN, seq, task_id(RUN, seq), queue, f"{queue}_ref", retry_count, given or {}, output or {}, "order", "c-1",
        priority, task_def, deaths,
    )  # fmt: skip
