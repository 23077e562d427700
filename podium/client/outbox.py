"""Sends the messages that wait in the store to sinks, and forgets what was sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from podium.engine.heartbeats import is_alive
from podium.engine.ports import Backend, Clock, Processes
from podium.engine.rows import OutboxRow
from podium.expressions.secrets import deliver_secrets
from podium.model.errors import StoreError
from podium.model.later import later
from podium.model.messages import INTERNAL, EventMessage, EventSink
from podium.model.payloads import parse
from podium.model.values import JsonObject

if TYPE_CHECKING:
    from podium.client import sinks
else:
    sinks = later("podium.client.sinks")

_log = logging.getLogger("podium.client")

#: Messages that are read at once at least; more, while none of those that were read can be sent.
_BATCH, _BATCH_MAX = 200, 12_800
#: Seconds until the next try after one that failed, at first and at last; and between looks for what others left.
_PAUSE_S, _PAUSE_MAX_S, _LOOK_S = 0.2, 30.0, 30.0
#: Milliseconds after which a message that nobody takes is given up.
_LIFE_MS = 24 * 3_600_000


class Outbox:
    """
    Sends messages of one process, those of one kind of sink in order, and those of processes that are gone.

    Args:
        backend: The store.
        holder: This engine process.
        clock: The engine's.
        processes: Tells which others live.
        secrets: Put into the messages.
        sinks: By kind; others are looked up among the entry points of `podium.client.sinks.GROUP`.
    """

    def __init__(
        self,
        backend: Backend,
        holder: str,
        clock: Clock,
        processes: Processes,
        *,
        secrets: Mapping[str, str],
        sinks: Mapping[str, EventSink],
    ) -> None:
        self._backend = backend
        self._holder = holder
        self._clock = clock
        self._processes = processes
        self._secrets = secrets
        self._sinks = dict(sinks)
        self._called = threading.Event()
        self._is_closing = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._warned: set[str] = set()

    def start(self) -> None:
        """Look for what was left, on a thread of its own."""
        try:
            is_needed = bool(self._backend.unsent(1))
        except StoreError:
            is_needed = True  # the thread looks again; the engine has begun, whatever becomes of messages
        if is_needed:
            self.ring()

    def ring(self) -> None:
        """Hear that there are messages; from any thread."""
        self._called.set()
        with self._lock:
            if self._thread is None and not self._is_closing:
                self._thread = threading.Thread(target=self._main, name="podium-outbox", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Send nothing more; what waits is sent by others, or when the store is opened again."""
        with self._lock:
            self._is_closing = True
        self._called.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2.0)

    # -- on the thread -----------------------------------------------------------------------------------------------

    def _main(self) -> None:
        pause, limit = _PAUSE_S, _BATCH
        while not self._is_closing:
            self._called.clear()
            try:
                rows = self._backend.unsent(limit)
                done = self._send_all(self._ours(rows))
                if done:
                    self._backend.forget_sent(done)
            except StoreError:
                rows, done = (), []
            is_stuck = bool(rows) and not done
            limit = min(_BATCH_MAX, 2 * limit) if is_stuck and len(rows) == limit else _BATCH
            if done and len(rows) == limit:
                continue
            pause = min(_PAUSE_MAX_S, 2 * pause) if is_stuck else _PAUSE_S
            self._called.wait(pause if rows and len(done) < len(rows) else _LOOK_S)

    def _ours(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """Return those that this process committed, or one that is gone."""
        if all(row.holder == self._holder for row in rows):
            return list(rows)
        now = self._clock.now()
        alive = {one.engine_id for one in self._backend.engines() if is_alive(one, self._processes, now)}
        return [row for row in rows if row.holder == self._holder or row.holder not in alive]

    def _send_all(self, rows: Sequence[OutboxRow]) -> list[str]:
        """Send messages; gives the ids of those that are done with."""
        done: list[str] = []
        broken: set[str] = set()
        for row in rows:
            if self._is_closing:
                break
            body = parse(row.body)
            kind, _, queue = str(body.get("sink")).partition(":")
            # One that cannot be sent now holds up those behind it, so that they stay in order.
            if kind not in broken and self._send(kind, queue, row, body.get("payload") or {}):
                done.append(row.event_id)
            elif self._clock.now() - row.created_at > _LIFE_MS:
                _log.warning("the message %s to the sink %r is given up: nobody took it for a day", row.event_id, kind)
                done.append(row.event_id)
            else:
                broken.add(kind)
        return done

    def _send(self, kind: str, queue: str, row: OutboxRow, payload: JsonObject) -> bool:
        try:
            sink = sinks.find_sink(kind, self._sinks)
            if sink is None:
                self._warn(kind, "there is no such sink: name it in podium.connect(url, sinks={...})")
                return False
            # What stays inside names secrets as long as it can.
            told = payload if kind == INTERNAL else deliver_secrets(payload, self._secrets)
            sink(EventMessage(row.event_id, queue, told))
        except Exception as error:  # noqa: BLE001  # it is not ours, and may fail in any way; it is tried again
            self._warn(kind, str(error) or repr(error))
            return False
        self._warned.discard(kind)
        return True

    def _warn(self, kind: str, why: str) -> None:
        """Say once that a kind of sink takes nothing, until it does again."""
        if kind not in self._warned:
            self._warned.add(kind)
            _log.warning("messages to the sink %r wait: %s", kind, why)
