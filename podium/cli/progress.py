"""Shows a run while it goes on: a table that changes on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from podium.cli.console import COLOURS, printable, say
from podium.cli.formats import first_line, length, now_ms, span
from podium.model.errors import RunTimeout
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

if TYPE_CHECKING:
    from rich.console import RenderableType

    from podium.client import EmbeddedClient

#: Seconds between two looks at a run, at least.
_LOOK_S = 0.25
#: A look at a run of many tasks takes a while; looking must not take more than one part in this many.
_LOOK_SHARE = 20
#: Most tasks that the live table shows.
_ROWS_MAX = 12


class Progress(AbstractContextManager["Progress"], Protocol):
    """Something that shows how a run goes; it is shown as long as the context is open."""

    def show(self, run: WorkflowRun) -> None:
        """Show the run as it is now."""


def progress(since_ms: int = 0) -> Progress:
    """
    Give what fits the standard error: progress goes there, so that the output can be piped.

    Args:
        since_ms: What ended before, in epoch milliseconds, is no news.
    """
    return LiveProgress() if sys.stderr.isatty() else PlainProgress(since_ms)


def follow(client: EmbeddedClient, run_id: str, shown: Progress, timeout_s: float | None = None) -> WorkflowRun:
    """
    Wait for a run's end and show it meanwhile.

    Args:
        client: Where it runs.
        run_id: The run.
        shown: Where to show it.
        timeout_s: Seconds to wait; None for as long as it takes.

    Returns:
        The run as it ended.

    Raises:
        RunNotFound: No run has this id.
        RunTimeout: It has not ended in time; it goes on.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        began = time.monotonic()
        run = client.get(run_id)
        shown.show(run)
        if run.status.is_terminal:
            return run
        now = time.monotonic()
        patience = max(_LOOK_S, (now - began) * _LOOK_SHARE)
        if deadline is not None:
            if now >= deadline:
                raise RunTimeout(f"run {run_id} has not ended within {timeout_s:g} s; it goes on in the store")
            patience = min(patience, deadline - now)
        try:
            client.wait(run_id, patience)
        except RunTimeout:
            continue  # time for another look


class PlainProgress:
    """
    One line for each attempt that has begun or ended since the last look.

    Args:
        since_ms: What ended before, in epoch milliseconds, is passed over.
    """

    def __init__(self, since_ms: int = 0) -> None:
        self._since_ms = since_ms
        self._seen: dict[str, TaskStatus] = {}
        self._status = RunStatus.RUNNING

    def show(self, run: WorkflowRun) -> None:
        """Write what is new."""
        now = now_ms()
        for attempt in run.tasks:
            if self._seen.get(attempt.task_id) is not attempt.status:
                self._seen[attempt.task_id] = attempt.status
                is_old = 0 < attempt.end_time < self._since_ms
                if attempt.status is not TaskStatus.SCHEDULED and not is_old:
                    say(f"  {_attempt_text(attempt)}: {attempt.status}{_ending(attempt, now)}")
        if RunStatus.PAUSED in {run.status, self._status} and run.status is not self._status:
            say(f"  the run is {run.status}")
        self._status = run.status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


def _attempt_text(attempt: TaskRun) -> str:
    again = f" (attempt {attempt.retry_count + 1})" if attempt.retry_count else ""
    return f"{attempt.reference_task_name}{again}"


def _ending(attempt: TaskRun, now: int) -> str:
    took = f" in {span(attempt.start_time, attempt.end_time, now)}" if attempt.status.is_terminal else ""
    reason = first_line(attempt.reason_for_incompletion)
    return f"{took}: {reason}" if reason else took


class LiveProgress:
    """A table of the tasks at work and of those that ended last; it is redrawn at each look."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)

    def show(self, run: WorkflowRun) -> None:
        """Redraw the table."""
        rows = max(3, min(_ROWS_MAX, self._console.height - 6))
        self._live.update(_table(run, rows), refresh=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()


def _table(run: WorkflowRun, rows: int) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    now = now_ms()
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for attempt in at_work_and_newest(run.tasks, rows):
        colour = COLOURS.get(attempt.status, "")
        cells = [
            Text(printable(f"  {_attempt_text(attempt)}")),
            Text(attempt.status, style=colour),
            Text(span(attempt.start_time, attempt.end_time, now)),
            Text(printable(first_line(attempt.reason_for_incompletion))),
        ]
        table.add_row(*cells)
    return Group(Text(_headline(run, now), style="bold", no_wrap=True, overflow="ellipsis"), table)


def _headline(run: WorkflowRun, now: int) -> str:
    newest = [attempt for attempt in run.tasks if not attempt.retried]
    ended = sum(attempt.status.is_terminal for attempt in newest)
    took = length((run.end_time or now) - run.create_time)
    more = "" if run.status.is_terminal else " so far"  # forks and loops make tasks as they go
    return f"{run.workflow_name}  {run.status}  {took}  {ended} of {len(newest)} tasks{more}"


def at_work_and_newest(attempts: tuple[TaskRun, ...], limit: int) -> list[TaskRun]:
    """
    Choose which attempts to show: those at work before those that wait, then those that ended last.

    Returns:
        At most *limit* attempts, in the order of the run.
    """
    current = [attempt for attempt in attempts if not attempt.retried]
    order = {TaskStatus.IN_PROGRESS: 0, TaskStatus.SCHEDULED: 1}
    ranked = sorted(current, key=lambda attempt: (order.get(attempt.status, 2), -attempt.end_time, attempt.seq))
    return sorted(ranked[:limit], key=lambda attempt: attempt.seq)
