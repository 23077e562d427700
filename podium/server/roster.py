"""Who asks this server for work: since when, when last, and with which program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: Most workers that are remembered; those that have not asked for longest are forgotten.
_WORKERS_MAX = 10_000
_AGENT_MAX = 200


#: Most characters of what is remembered of one.
_NAMES_MAX = 2_000


def is_memorable(*names: str) -> bool:
    """Return whether names are short enough to be remembered, however many there are of them."""
    return sum(map(len, names)) <= _NAMES_MAX


class Poller(NamedTuple):
    """A worker that has asked for the attempts of a queue."""

    worker: str
    task_type: str
    domain: str | None
    #: When it asked first and last, in epoch milliseconds, as far as this server knows.
    since: int
    last: int
    #: The program and its version, as it calls itself (``User-Agent``), such as ``podium/0.3``; empty if it does not.
    agent: str


class Roster:
    """The workers that have asked this server for work."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str | None, str], list[int]] = {}
        self._agents: dict[str, str] = {}

    def asks(self, task_type: str, domain: str | None, worker: str, now: int) -> None:
        """Note that a worker asks for the attempts of a queue."""
        key = task_type, domain, worker
        times = self._asked.get(key)
        if times is not None:
            times[1] = now
            return
        self._asked[key] = [now, now]
        if len(self._asked) > _WORKERS_MAX:
            del self._asked[min(self._asked, key=lambda each: self._asked[each][1])]

    def uses(self, worker: str, agent: str) -> None:
        """Note with which program a worker asks."""
        if agent and is_memorable(worker) and self._agents.get(worker) != agent:
            self._agents[worker] = agent[:_AGENT_MAX]
            while len(self._agents) > _WORKERS_MAX:
                del self._agents[next(iter(self._agents))]

    def __iter__(self) -> Iterator[Poller]:
        """Yield the workers with each of their queues; called by other threads than those that tell."""
        for (task_type, domain, worker), (since, last) in list(self._asked.items()):
            yield Poller(worker, task_type, domain, since, last, self._agents.get(worker, ""))
