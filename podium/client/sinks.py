"""The consumer of EVENT tasks whose sinks are outside the engine: each kind of sink has a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from queue import SimpleQueue

from podium.client.task_progress import ProgressReporter
from podium.engine.kernel import Kernel
from podium.engine.ports import Clock
from podium.expressions.secrets import deliver_secrets, redact
from podium.model.assignments import Assignment, AttemptKey, Report
from podium.model.errors import EngineStopped
from podium.model.messages import EventMessage, EventSink
from podium.model.statuses import TaskStatus, TaskType

_log = logging.getLogger("podium.client")

#: The entry point group through which a package supplies sinks; an entry's name is the kind, its value an `EventSink`.
GROUP = "podium.sinks"

#: Who sends the messages, as attempts show it.
_WORKER = "podium-events"

#: How many messages are taken at once.
_ROOM = 1_000


class SinkRunner:
    """
    Hands messages to sinks, those of one kind in order.

    Args:
        kernel: Takes the reports.
        clock: The engine's.
        secrets: Put into the messages.
        lasting: Watches over them while they are sent.
        sinks: By kind; others are looked up among the entry points of `GROUP`.
    """

    queues: frozenset[str] = frozenset({TaskType.EVENT.value})
    is_patient: bool = True

    def __init__(
        self,
        kernel: Kernel,
        clock: Clock,
        secrets: Mapping[str, str],
        lasting: ProgressReporter,
        sinks: Mapping[str, EventSink],
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._secrets = secrets
        self._lasting = lasting
        self._sinks = dict(sinks)
        self._waiting: dict[str, SimpleQueue[Assignment | None]] = {}
        self._is_closing = False

    def room(self, queue: str) -> int:
        """Return how many messages are taken at once; they wait here, and are sent in order."""
        return _ROOM

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return nothing: whoever got a message first sends it."""
        return ()

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take EVENT tasks; see `podium.model.assignments.Consumer`."""
        for assignment in assignments:
            kind = str(assignment.output.get("event_produced")).partition(":")[0]
            if kind not in self._waiting:
                waiting: SimpleQueue[Assignment | None] = SimpleQueue()
                threading.Thread(target=self._serve, args=(kind, waiting), name=f"podium-{kind}", daemon=True).start()
                self._waiting[kind] = waiting
            self._waiting[kind].put(assignment)

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Do nothing: a message that was committed is sent."""

    def withdraw(self) -> Sequence[Assignment]:
        """Return nothing back: it serves as long as the engine runs; see `podium.model.assignments.Consumer`."""
        return ()

    def close(self) -> None:
        """Begin nothing more; what is not sent is sent when the runs are taken up."""
        self._is_closing = True
        for waiting in list(self._waiting.values()):
            waiting.put(None)

    # -- on the threads ----------------------------------------------------------------------------------------------

    def _serve(self, kind: str, waiting: SimpleQueue[Assignment | None]) -> None:
        while (assignment := waiting.get()) is not None and not self._is_closing:
            started = self._clock.now()
            with self._lasting.watching(assignment, started, _WORKER):
                reason = self._fault(kind, assignment)
            is_async = bool(assignment.input.get("asyncComplete"))
            status = TaskStatus.IN_PROGRESS if is_async else TaskStatus.COMPLETED
            if reason is not None:
                status = TaskStatus.FAILED
            word = Report(
                assignment.run_id,
                assignment.seq,
                status,
                assignment.output,
                reason,
                worker_id=_WORKER,
                started_at=started,
            )
            try:
                self._kernel.submit(word)
            except EngineStopped:
                return  # the engine has stopped; the message is sent again when the run is taken up

    def _fault(self, kind: str, assignment: Assignment) -> str | None:
        """Send a message; return why it cannot be sent."""
        name = str(assignment.output.get("event_produced"))
        queue = name.partition(":")[2]
        if not queue:
            return f"Unable to find queue name for task {assignment.task_id}"
        try:
            sink = find_sink(kind, self._sinks)
            if sink is None:
                return f"Error loading queue:{name}, error: Unknown queue type {kind}"
            payload = deliver_secrets(dict(assignment.output), self._secrets)
            sink(EventMessage(assignment.task_id, queue, payload))
        except Exception as error:  # noqa: BLE001  # it is not ours, and may fail in any way; the task says so
            words = redact(repr(error), dict(assignment.input), self._secrets)
            _log.warning("the sink %r could not take the message %s: %s", kind, assignment.task_id, words)
            return str(error) or repr(error)
        return None


def find_sink(kind: str, known: Mapping[str, EventSink]) -> EventSink | None:
    """Return the sink of a kind: one that is known, else one that an installed package supplies; None if none does."""
    if kind in known:
        return known[kind]
    from importlib.metadata import entry_points  # slow, and most engines have no such sinks

    for entry in entry_points(group=GROUP, name=kind):
        sink: EventSink = entry.load()
        return sink
    return None
