"""The audit of `podium.client.audit` on an engine in this process, and what writes it."""

from __future__ import annotations

import getpass
import logging
import socket
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from types import MappingProxyType
from typing import Any, NamedTuple

from podium.client.audit import Audit, audit_filter
from podium.client.driving import blocking
from podium.client.engine import EmbeddedEngine
from podium.dsl.arguments import checked_verbs
from podium.engine.ids import task_id
from podium.engine.ports import Backend, Clock
from podium.engine.requests import Register
from podium.engine.rows import AuditRow
from podium.model.audit import OK, AuditRecord
from podium.model.errors import StoreError
from podium.model.payloads import dump, parse
from podium.model.retention import age_s, age_text
from podium.model.texts import storable
from podium.model.values import JsonValue

_log = logging.getLogger("podium.audit")

#: The entry that says how long changes are kept.
_KIND, _NAME = "audit_retention", "*"
#: Most characters of a name.
_NAME_MAX = 255
#: Most changes of one commit, and most that wait while the store cannot be reached.
_BATCH, _WAITING_MAX = 500, 100_000
#: Seconds after which the store is tried again, and between two looks for what is too old.
_AGAIN_S, _SWEEP_S = 1.0, 3_600.0


class ReportedChange(NamedTuple):
    """A change, as whoever makes it tells of it."""

    verb: str
    kind: str
    name: str = ""
    run_id: str | None = None
    result: str = OK
    details: Mapping[str, JsonValue] = MappingProxyType({})


def here() -> tuple[str, str]:
    """Return who works at this machine, and its name: who and from where, where there is no request."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"  # a container whose user has no name
    return f"os:{name}", socket.gethostname()


class AuditRows:
    """
    Makes rows whose ids are in the order in which they were made.

    Args:
        engine: Gives the time and ids.
    """

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._clock = engine.clock
        self._base = engine.ids.run_id()
        self._numbers = count(1)

    def row(self, told: ReportedChange, who: str, address: str) -> AuditRow:
        """Return the row of a change."""
        return AuditRow(
            audit_id=task_id(self._base, next(self._numbers) & 0xFFFFFFFF),
            at=self._clock.now(),
            who=_short(who),
            address=_short(address),
            verb=told.verb,
            kind=told.kind,
            name=_short(told.name),
            run_id=None if told.run_id is None else _short(told.run_id),
            result=told.result,
            body=dump(dict(told.details)),
        )


def tell_here(engine: EmbeddedEngine, told: ReportedChange) -> None:
    """Write a change that somebody makes at this machine, such as by the command line; blocks for a moment."""
    engine.backend.keep_audit([AuditRows(engine).row(told, *here())])


def _short(text: str) -> str:
    return storable(text[:_NAME_MAX])


class AuditWriter:
    """
    Writes changes behind them, many with one commit, on a thread of its own; and lets old ones go.

    While the store cannot be reached they wait, and are said in the log when too many do or the process ends: none is
    lost without a word.

    Args:
        backend: The store.
        clock: The engine's.
    """

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        self._lock = threading.Condition()
        self._waiting: list[AuditRow] = []
        #: Those who wait, each with how many changes must have gone before.
        self._answers: list[tuple[int, Future[None]]] = []
        #: How many changes were told of, and how many of those wait no more: they are written, or said in the log.
        self._told = self._gone = 0
        self._is_closing = False
        self._is_failing = False
        #: How many changes are written, and how many could be said in the log only.
        self.written: int = 0
        self.unwritten: int = 0
        self._thread = threading.Thread(target=self._main, name="podium-audit", daemon=True)
        self._thread.start()

    def write(self, rows: Sequence[AuditRow]) -> Future[None]:
        """Write rows; the answer comes when they are durable, or when the store was tried and could not be reached."""
        answer: Future[None] = Future()
        with self._lock:
            self._waiting += rows
            self._told += len(rows)
            if self._is_closing:
                self._say(self._taken(len(self._waiting)), "the server has ended")
            elif len(self._waiting) > _WAITING_MAX:
                self._say(self._taken(len(self._waiting) - _WAITING_MAX), "too many wait for the store")
            if self._is_failing or self._is_closing:
                answer.set_result(None)
            else:
                self._answers.append((self._told, answer))
            self._lock.notify()
        return answer

    def close(self) -> None:
        """Write what waits, and stop; closing twice is fine."""
        with self._lock:
            self._is_closing = True
            self._lock.notify()
        self._thread.join()

    # -- on the thread -------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        sweep_at = monotonic()
        while True:
            if monotonic() >= sweep_at:
                sweep_at = monotonic() + _SWEEP_S
                self._sweep()
            with self._lock:
                if not self._waiting and not self._is_closing:
                    self._lock.wait(_SWEEP_S)
                rows = self._taken(_BATCH)
            is_written = self._write(rows)
            self._answer()
            if self._is_closing and not (is_written and self._waiting):
                with self._lock:
                    self._say(self._taken(len(self._waiting)), "the store cannot be reached")
                return
            if not is_written:
                with self._lock:
                    self._lock.wait_for(lambda: self._is_closing, _AGAIN_S)

    def _taken(self, most: int) -> list[AuditRow]:
        rows, self._waiting = self._waiting[:most], self._waiting[most:]
        self._gone += len(rows)
        return rows

    def _answer(self) -> None:
        """Answer those whose changes have gone; while the store cannot be reached, everybody."""
        with self._lock:
            done = [answer for number, answer in self._answers if self._is_failing or number <= self._gone]
            self._answers = [] if self._is_failing else [each for each in self._answers if each[0] > self._gone]
        for answer in done:
            answer.set_result(None)

    def _write(self, rows: list[AuditRow]) -> bool:
        """Write rows; where the store cannot be reached they wait again, before those that came since."""
        if not rows:
            return True
        try:
            self._backend.keep_audit(rows)
        except StoreError as error:
            if not self._is_failing:
                _log.error("the audit cannot be written now, and is when the store is back: %s", error)
            with self._lock:
                self._waiting[:0] = rows
                self._gone -= len(rows)
            self._is_failing = True
            return False
        except Exception as error:  # noqa: BLE001  # without its thread every later change would wait for ever
            self._say(rows, repr(error))
            return True
        self._is_failing = False
        self.written += len(rows)
        return True

    def _say(self, rows: Sequence[AuditRow], why: str) -> None:
        self.unwritten += len(rows)
        for row in rows:
            _log.error("a change that is in the log only, as %s: %s", why, dump(record_of(row).to_dict()).decode())

    def _sweep(self) -> None:
        try:
            older_than = kept(self._backend)
            if older_than is not None:
                self._backend.forget_audit(self._clock.now() - int(age_s(older_than) * 1_000))
        except Exception as error:  # noqa: BLE001  # as in `_write`
            _log.warning("old changes stay for now, and go at a later turn: %r", error)


def kept(backend: Backend) -> str | None:
    """Return how long the changes of a store are kept; None for ever."""
    entry = backend.entry(_KIND, _NAME)
    return None if entry is None else str(parse(entry.body))


def record_of(row: AuditRow) -> AuditRecord:
    """Return a row as it is shown."""
    details: Any = parse(row.body)
    return AuditRecord(row.audit_id, datetime.fromtimestamp(row.at / 1000, UTC), *row[2:9], details)


@checked_verbs
class EmbeddedAudit(Audit):
    """The `Audit` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        who: str | None = None,
        address: str | None = None,
        verb: str | None = None,
        kind: str | None = None,
        name: str | None = None,
        run_id: str | None = None,
        result: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[AuditRecord, ...]:
        words = {"who": who, "address": address, "verb": verb, "kind": kind, "name": name}
        where = audit_filter(since, until, limit, offset, run_id=run_id, result=result, **words)
        return tuple(record_of(row) for row in self._engine.backend.audit(where, limit, offset))

    @blocking
    async def keep(self, older_than: timedelta | str | None) -> None:
        kernel = await self._engine.started()
        if older_than is None:
            await kernel.register(Register(gone_entries=[(_KIND, _NAME)]))
            return
        age_s(older_than)  # it is refused here, not at the next sweep
        await kernel.register(Register(entries=[(_KIND, _NAME, dump(age_text(older_than)))]))

    def kept(self) -> str | None:
        return kept(self._engine.backend)

    def prune(self, *, older_than: timedelta | str) -> int:
        until = self._engine.clock.now() - int(age_s(older_than) * 1_000)
        return self._engine.backend.forget_audit(until)
