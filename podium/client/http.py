"""Sends the requests of HTTP tasks, on threads of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from podium.engine.consumers import Assignment
from podium.engine.events import Report
from podium.engine.expressions.secrets import deliver_secrets
from podium.engine.kernel import Kernel
from podium.engine.ports import Clock, HttpRequest, HttpResponse, HttpSender
from podium.engine.tasks.http import perform
from podium.model.errors import EngineStopped
from podium.model.statuses import TaskStatus, TaskType

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx


class HttpxSender:
    """Sends requests with httpx; one client, made at the first request."""

    def __init__(self) -> None:
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request; see `podium.engine.ports.HttpSender`."""
        import httpx

        with self._lock:
            if self._client is None:
                self._client = httpx.Client(follow_redirects=True)
        timeout = httpx.Timeout(request.read_timeout_s, connect=request.connect_timeout_s)
        try:
            response = self._client.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.content,
                timeout=timeout,
            )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, ValueError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        return HttpResponse(
            status_code=response.status_code,
            reason_phrase=response.reason_phrase,
            headers=list(response.headers.multi_items()),
            content=response.content,
            encoding=response.encoding or "utf-8",
        )

    def close(self) -> None:
        """Close connections; closing twice is fine."""
        if self._client is not None:
            self._client.close()


class HttpRunner:
    """The consumer of HTTP tasks: sends their requests, at most *threads* at once."""

    queues: frozenset[str] = frozenset({TaskType.HTTP.value})

    def __init__(
        self,
        kernel: Kernel,
        sender: HttpSender,
        clock: Clock,
        secrets: Mapping[str, str],
        *,
        threads: int = 16,
    ) -> None:
        self._kernel = kernel
        self._sender = sender
        self._clock = clock
        self._secrets = secrets
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._is_closing = False

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take HTTP tasks; see `podium.engine.consumers.Consumer`."""
        with self._lock:
            if self._is_closing:
                return  # whoever takes the runs over sends these
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="podium-http")
            for assignment in assignments:
                self._pool.submit(self._work, assignment)

    def withdraw(self) -> Sequence[Assignment]:
        """Give nothing back: it serves as long as the engine runs; see `podium.engine.consumers.Consumer`."""
        return ()

    def close(self) -> None:
        """Begin nothing more, and wait for the answers under way; the engine, still running, takes them."""
        with self._lock:
            self._is_closing = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, assignment: Assignment) -> None:
        started = self._clock.now()
        try:
            outcome = perform(deliver_secrets(assignment.input, self._secrets), self._sender)
            status, output, reason = outcome
        except Exception as error:  # noqa: BLE001  # a bug here must end the task, or the run would wait for ever
            status, output, reason = TaskStatus.FAILED, {}, f"Failed to invoke HTTP task due to: {error!r}"
        try:
            self._kernel.submit(
                Report(
                    assignment.run_id,
                    assignment.seq,
                    status,
                    output,
                    reason,
                    worker_id="podium-http",
                    started_at=started,
                ),
            )
        except EngineStopped:
            return  # the engine has stopped; the attempt is repeated when the run is taken up
