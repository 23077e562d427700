"""
The kernel's standing duties, one small object each: an interval, a batch size, one thing to do.

They run on the kernel's thread between groups. None of them is needed for a run that this process started and works on;
they see to what other processes left behind, and to what lies further ahead than memory should hold.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from podium.engine.adoption import adopt_resting
from podium.engine.events import Claim, Due, Grant, TakeOver
from podium.engine.heartbeats import HEARTBEAT_MS, Silence
from podium.engine.rows import EngineRow
from podium.model.assignments import AttemptKey
from podium.model.errors import PodiumError, StoreError
from podium.model.shortages import is_shortage

if TYPE_CHECKING:
    from podium.engine.batch import Request
    from podium.engine.config import EngineConfig

_log = logging.getLogger("podium.engine")

#: Milliseconds until the next look, where nothing can happen that is not heard of.
FAR_MS = 3_600_000

#: Milliseconds until a duty is tried again that the store, or the machine, had no answer for.
RETRY_MS = 200


class ServiceHost(Protocol):
    """What a service may do: the kernel, seen from a service."""

    @property
    def queues(self) -> frozenset[str]:
        """The queues that consumers of this process serve."""

    def rooms(self) -> Sequence[Mapping[str, int]]:
        """Return the room of each consumer that has any, by queue; its queues share it."""

    def turned_away(self) -> Collection[str]:
        """Return the queues of attempts that were left open here for want of room since this was last asked."""

    @property
    def in_hand(self) -> frozenset[AttemptKey]:
        """The attempts that consumers of this process have in hand."""

    def revision_here(self, run_id: str) -> int | None:
        """Return the revision of a run that this process has in memory; None if it has none."""

    def can_read(self, digest: str) -> bool:
        """Return whether the definition is fine that runs keep under a digest."""

    def take_away(self, attempts: Collection[AttemptKey]) -> None:
        """Tell the consumers that attempts are not wanted any more."""

    def rebalance(self) -> None:
        """Offer to others what waits with one consumer while they may have room."""

    def meet(self, queues: frozenset[str]) -> None:
        """Take note of the queues that other processes serve."""

    def tell_followers(self) -> None:
        """Let those look who follow runs: another process may have brought them on."""

    def remind(self, due_at: int, run_id: str, seq: int) -> None:
        """Look at a run or an attempt at a moment."""

    def enqueue(self, request: Request) -> None:
        """Take an event in."""


class Service:
    """A duty: `duty` is called when the interval is over, and again soon if the store could not be reached."""

    #: Milliseconds between two turns.
    interval_ms = 1_000
    #: The next moment at which something happens by it; None for a duty that only looks whether something has happened.
    due_at: int | None = None
    #: It is asked before each group of events whether it is time, for more than time makes it so.
    is_watchful = False

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        self._host = host
        self._ports = ports
        self.next_at = 0

    def run_if_due(self, now: int) -> None:
        """Do the duty if it is time."""
        if now < self.next_at:
            return
        self.next_at = now + self.interval_ms
        try:
            self.duty(now)
        except StoreError:
            self.next_at = now + min(self.interval_ms, RETRY_MS)
        except Exception as error:  # noqa: BLE001  # runs in hand must go on whatever breaks what looks after others'
            if is_shortage(error):
                self.next_at = now + min(self.interval_ms, RETRY_MS)
            else:
                _log.exception("%s could not do its duty", type(self).__name__)

    def duty(self, now: int) -> None:
        """Do the duty once."""
        raise NotImplementedError

    def stop(self) -> None:
        """Release what the duty holds; called once, when the process stops."""


class DueService(Service):
    """
    Fetches from the store what becomes due before its next turn, and what others should have looked at and did not.

    Conductor's sweeper looks at every run in turn; this asks the store for the few that are due.
    """

    interval_ms = 5_000
    batch = 5_000
    #: Milliseconds after which a moment that another process should have kept is taken over.
    grace_ms = 2_000
    #: Least milliseconds until the next look when a full batch was found: there is more behind it.
    soon_ms = 500

    def duty(self, now: int) -> None:
        """Remember the near future."""
        me = self._ports.engine_id
        rows = self._ports.backend.due(now + self._ports.horizon_ms, self.batch)
        if len(rows) == self.batch:
            self.next_at = min(self.next_at, max(rows[-1].due_at, now + self.soon_ms))
        for row in rows:
            if row.holder == me or row.holder is None:
                self._host.remind(row.due_at, row.run_id, row.seq)
            elif row.due_at <= now - self.grace_ms:
                self._host.enqueue(Due(row.run_id, row.seq, row.due_at))


class OpenWorkService(Service):
    """
    Takes attempts that lie open in the store for queues that this process serves: as many as it has room for.

    What is left is for who has room, here or elsewhere. It looks when another process has committed something, when a
    consumer comes, and when one has room again while there was more than was taken.
    """

    #: For what nobody has heard of.
    interval_ms = 1_000
    #: Most attempts that one consumer gets at once.
    batch = 500

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        super().__init__(host, ports)
        #: The queues to look at; None for all. And those in which there was more than was taken.
        self._asked: set[str] | None = None
        self._more: set[str] = set()
        self._looked_at = -1
        #: When all queues are looked at, whatever was heard.
        self._all_at = 0

    def look(self, queues: Collection[str] | None = None) -> None:
        """Look at some queues, or at all, at the next turn."""
        if queues is None:
            self._asked = None
        elif self._asked is not None:
            self._asked.update(queues)
        self.next_at = 0

    def run_if_due(self, now: int) -> None:
        """Look if it is time, or if there is more and room for it; not twice in a millisecond."""
        self._more.update(self._host.turned_away())
        if now >= self._all_at:
            self._asked = None
        if self._more and now > self._looked_at and any(not self._more.isdisjoint(room) for room in self._host.rooms()):
            self.look(self._more)
        super().run_if_due(now)
        self.is_watchful = bool(self._more)

    def duty(self, now: int) -> None:
        """Claim open attempts."""
        asked = self._asked
        self._looked_at = now
        self._host.rebalance()
        self._more.difference_update(self._more if asked is None else asked)
        for room in self._host.rooms():
            rooms = room if asked is None else {queue: count for queue, count in room.items() if queue in asked}
            if not rooms:
                continue
            limit = min(self.batch, max(rooms.values()))
            rows = self._ports.backend.claim(rooms, limit, self._ports.engine_id)
            for row in rows:
                self._host.enqueue(Claim(row.run_id, row.seq, row.queue))
            if len(rows) == limit:
                self._more.update(rooms)
        if asked is None:
            self._all_at = now + self.interval_ms
        self._asked = set()  # only now: a look that failed is made again
        if not self._ports.backend.is_shared and not self._more:
            self.next_at = now + FAR_MS  # only this process makes work


class LimitService(Service):
    """
    Lets those in who wait for a slot of a limit, when one is free or has expired.

    It looks when a slot was freed here, when another process has committed something, and when one expires that
    somebody waits for.

    Args:
        capacities: How many slots each limit has, by name, as decisions have met it.
    """

    #: For what nobody has heard of.
    interval_ms = 1_000
    #: Most of one limit that are let in at once.
    batch = 100

    def __init__(self, host: ServiceHost, ports: EngineConfig, capacities: Mapping[str, int]) -> None:
        super().__init__(host, ports)
        self._capacities = capacities

    def look(self) -> None:
        """Look at the next turn."""
        self.next_at = 0

    def duty(self, now: int) -> None:
        """Let in as many as there is room for."""
        backend = self._ports.backend
        moments: list[int] = []
        name = backend.awaited_limit()
        while name is not None:
            moments += self._let_in(name, now)
            name = backend.awaited_limit(name)
        self.due_at = min(moments, default=None)
        if self.due_at is not None:
            self.next_at = min(self.next_at, self.due_at)
        elif not backend.is_shared:
            self.next_at = now + FAR_MS  # only this process frees slots

    def _let_in(self, name: str, now: int) -> list[int]:
        """Let in as many as a limit has room for; if it has none, give the moments at which its slots expire."""
        backend = self._ports.backend
        held = [slot for slot in backend.slots(name) if not 0 < slot.expires_at <= now]
        # One more than there are, where nobody has asked yet: whoever comes first says how many there may be.
        room = min(self._capacities.get(name, len(held) + 1) - len(held), self.batch)
        if room > 0:
            for row in backend.claim({name: room}, room, self._ports.engine_id):
                self._host.enqueue(Grant(row.run_id, row.seq, name))
            for run_id in backend.held_runs(name, room):
                self._host.enqueue(Grant(run_id, 0, name))
            return []
        return [slot.expires_at for slot in held if slot.expires_at]


class RescueService(Service):
    """
    Says that this process lives, and takes over from those that do not.

    `podium.engine.heartbeats` tells which do.

    Attributes:
        has_company: Other processes lived when it looked last, or it has not looked yet.
    """

    interval_ms = 1_000
    batch = 1_000
    #: Milliseconds until the next look when a full batch was found, in all of which something is to be decided.
    soon_ms = 100
    #: Milliseconds between two heartbeats; `HEARTBEAT_MS` while processes of other machines are there.
    heartbeat_ms = 10_000

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        super().__init__(host, ports)
        self.has_company = True
        self._silence = Silence()
        self._heartbeat_at = 0
        self._announced: frozenset[str] = frozenset()

    def look_within(self, moment: int) -> None:
        """Look at the others, and say what is served here, not later than at a moment."""
        self.next_at = min(self.next_at, moment)

    def announce(self, now: int) -> None:
        """
        Give a sign of life, if the last one is old.

        Nothing may be committed before the first one: others could not find what an unknown process leaves behind.

        Raises:
            StoreUnavailable: There was none.
        """
        if now >= self._heartbeat_at:
            ports = self._ports
            queues = self._host.queues
            row = EngineRow(ports.engine_id, ports.processes.identity(), now, json.dumps(sorted(queues)))
            ports.backend.heartbeat(row)
            self._announced = queues
            self._heartbeat_at = now + self.heartbeat_ms

    def duty(self, now: int) -> None:
        """Give a sign of life; look for the dead and for runs that nobody holds."""
        ports = self._ports
        if ports.backend.is_shared and self._host.queues != self._announced:
            self._heartbeat_at = 0
        self.announce(now)
        self._adopt(None, now)
        if not ports.backend.is_shared and not ports.backend.is_durable:
            return
        served: set[str] = set()
        has_company = has_strangers = False
        engines = ports.backend.engines()
        self._silence.look(engines, now)
        for engine in engines:
            if engine.engine_id == ports.engine_id:
                continue
            has_strangers |= ports.processes.is_alive(engine.identity) is None
            if self._silence.is_alive(engine, ports.processes, now):
                has_company = True
                served.update(json.loads(engine.queues or "[]"))
            else:
                self._inherit(engine, now)
        self.has_company = has_company
        ports.backend.meet(has_company=has_company)
        self.heartbeat_ms = HEARTBEAT_MS if has_strangers else type(self).heartbeat_ms
        self._heartbeat_at = min(self._heartbeat_at, now + self.heartbeat_ms)
        self._host.meet(frozenset(served))
        if has_company:
            self._host.tell_followers()  # of what concerns nobody else other processes need not tell

    def _inherit(self, engine: EngineRow, now: int) -> None:
        backend = self._ports.backend
        has_died = bool(engine.heartbeat_at)
        has_runs = self._adopt(engine.engine_id, now, has_died=has_died)
        claimed = backend.claim({f"@{engine.engine_id}": self.batch}, self.batch, self._ports.engine_id)
        for row in claimed:
            self._host.enqueue(Claim(row.run_id, row.seq, row.queue, has_died))
        if len(claimed) == self.batch:
            self.next_at = now + self.soon_ms
        if not has_runs and not claimed:
            backend.forget_engine(engine.engine_id)

    def _adopt(self, holder: str | None, now: int, *, has_died: bool = False) -> bool:
        """Take some of a holder's runs over; False if there are none."""
        ports = self._ports
        run_ids = ports.backend.held_runs(holder, self.batch)
        if not run_ids:
            return False
        adoption = adopt_resting(ports.backend, run_ids, holder, ports.engine_id, self._host.can_read)
        for due_at, run_id, seq in adoption.moments:
            if due_at <= now:
                self._host.enqueue(Due(run_id, seq, due_at))
            else:
                self._host.remind(due_at, run_id, seq)
        for run_id in adoption.active:
            self._host.enqueue(TakeOver(run_id, holder, has_died))
        if len(run_ids) == self.batch:
            # At once where all rested; else when those that do not have had their time, with whatever else happens.
            self.next_at = now + self.soon_ms * len(adoption.active) // self.batch
        return True

    def stop(self) -> None:
        """Say good-bye: what this process holds may be taken over at once."""
        try:
            self._ports.backend.heartbeat(EngineRow(self._ports.engine_id, self._ports.processes.identity(), 0))
        except PodiumError as error:
            _log.warning("no good-bye could be said (%s); silence says the same, later", error)
