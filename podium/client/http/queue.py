"""Which request is next: hosts take turns, so that a slow one, or one that is asked for much, holds up no other."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping

from podium.model.assignments import Assignment, AttemptKey


class RequestQueue:
    """
    HTTP tasks that wait for their turn.

    Args:
        in_all: Most requests at once.
        per_host: Most of them to one host.
    """

    def __init__(self, in_all: int, per_host: int) -> None:
        self._free = in_all
        self._per_host = per_host
        self._count = 0
        self._waiting: OrderedDict[str, deque[Assignment]] = OrderedDict()
        self._asked: Counter[str] = Counter()

    def put(self, assignments: Iterable[Assignment]) -> None:
        """Take tasks in."""
        for one in assignments:
            self._waiting.setdefault(host_of(one.input), deque()).append(one)
            self._count += 1

    @property
    def room(self) -> int:
        """How many more requests have a place; negative if some wait for one."""
        return self._free - self._count

    def spare(self, most: int) -> list[Assignment]:
        """Take up to *most* tasks out, the last ones of each host in turn."""
        spared: list[Assignment] = []
        while self._waiting and len(spared) < most:
            host, waiting = self._waiting.popitem(last=False)
            spared.append(waiting.pop())
            self._count -= 1
            if waiting:
                self._waiting[host] = waiting
        return spared

    def drop(self, attempts: Collection[AttemptKey]) -> None:
        """Forget some that wait; others may be unknown here."""
        for host, waiting in list(self._waiting.items()):
            left = deque(one for one in waiting if (one.run_id, one.seq) not in attempts)
            self._count -= len(waiting) - len(left)
            if left:
                self._waiting[host] = left
            else:
                del self._waiting[host]

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._count = 0

    def take(self) -> tuple[Assignment, ConnectionPlace] | None:
        """Return the next task with a place for its request; None if there is no task, or no place for one."""
        if self._free <= 0:
            return None
        host = next((one for one in self._waiting if self._asked[one] < self._per_host), None)
        if host is None:
            return None
        waiting = self._waiting[host]
        assignment = waiting.popleft()
        self._count -= 1
        if waiting:
            self._waiting.move_to_end(host)
        else:
            del self._waiting[host]
        self._free -= 1
        self._asked[host] += 1
        return assignment, ConnectionPlace(self, host)

    def give_back(self, host: str) -> None:
        """Take a place back."""
        self._free += 1
        self._asked[host] -= 1
        if not self._asked[host]:
            del self._asked[host]


class ConnectionPlace:
    """The right to make one request."""

    def __init__(self, queue: RequestQueue, host: str) -> None:
        self._queue: RequestQueue | None = queue
        self._host = host

    def leave(self) -> None:
        """Give it to another; doing it twice is fine."""
        if self._queue is not None:
            self._queue.give_back(self._host)
            self._queue = None


def host_of(task_input: Mapping[str, object]) -> str:
    """
    Return the host that an HTTP task asks, as far as its input tells it without its secrets.

    Example:
        >>> host_of({"http_request": {"uri": "https://example.com:8080/a", "method": "GET"}})
        'example.com:8080'
    """
    request = task_input.get("http_request") or task_input
    uri = request.get("uri") if isinstance(request, Mapping) else None
    return str(uri).partition("://")[2].partition("/")[0].lower()
